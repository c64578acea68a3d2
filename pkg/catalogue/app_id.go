// Copyright The kubectl-dapr-prod Authors.
// SPDX-License-Identifier: Apache-2.0

package catalogue

import (
	"fmt"

	"github.com/dapr/dapr/pkg/injector/annotations"
	"github.com/dapr/dapr/pkg/validation"

	"github.com/dapr-prod/kubectl-dapr-prod/pkg/dapr"
	"github.com/dapr-prod/kubectl-dapr-prod/pkg/guideline"
	"github.com/dapr-prod/kubectl-dapr-prod/pkg/sidecar"
)

// judgeAppID holds the app ID against what the injector demands of it
// (pkg/injector/patcher/sidecar_patcher.go, GetPatch).
func judgeAppID(app *guideline.App, set map[string]string, field func(string) string) []guideline.Result {
	if !dapr.Truthy(set[annotations.KeyEnabled]) || app.Template == nil {
		return nil
	}
	at := field(annotations.KeyAppID)
	id := set[annotations.KeyAppID]
	if id == "" {
		switch {
		case app.Object.Kind == "Pod" && !app.Template.GeneratedName:
			return nil // its own name serves
		case app.Object.Kind == "StatefulSet":
			return []guideline.Result{guideline.Fail("%s is missing: each Pod becomes an app of its own, %s-0, %s-1 and so on", annotations.KeyAppID, app.Object.Name, app.Object.Name).
				As(guideline.Warning).At(at).Do("set dapr.io/app-id on the Pod template")}
		default:
			return []guideline.Result{refused(app, annotations.KeyAppID+" is missing").
				At(at).Do("set dapr.io/app-id on the Pod template")}
		}
	}
	if err := validation.ValidateKubernetesAppID(id); err != nil {
		return []guideline.Result{refused(app, fmt.Sprintf("app ID %q is not valid", id)).
			At(at).Do("use at most 58 lower-case letters, digits and hyphens, with a letter or digit at both ends")}
	}
	if len(app.SameID) > 1 {
		return []guideline.Result{guideline.Fail("app ID %q is also that of %s: Dapr takes them for one app", id, others(app)).
			As(guideline.Warning).At(at).Do("give each workload an app ID of its own, unless they are one app on purpose, such as a canary")}
	}
	return nil
}

// refused is a fault over which the injector refuses the Pods, unless it does not
// come to that: it leaves them alone as they are.
func refused(app *guideline.App, fault string) guideline.Result {
	if app.Sidecar.Simulation.State == sidecar.Denied {
		return guideline.Fail("%s: Dapr's injector refuses the Pods, so that none is made", fault)
	}
	return guideline.Fail("%s: as soon as these Pods are to get a sidecar, Dapr's injector refuses them", fault).As(guideline.Warning)
}

// others lists the first few workloads that share the app's ID.
func others(app *guideline.App) string {
	var names []string
	for _, o := range app.SameID {
		if o != app.Object && len(names) < most {
			names = append(names, o.Kind+" "+o.Name)
		}
	}
	return listed(names, len(app.SameID)-1)
}
