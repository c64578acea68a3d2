// Copyright The kubectl-dapr-prod Authors.
// SPDX-License-Identifier: Apache-2.0

package catalogue

import (
	"fmt"
	"slices"
	"strings"

	"github.com/dapr/dapr/pkg/injector/annotations"

	"github.com/dapr-prod/kubectl-dapr-prod/pkg/dapr"
	"github.com/dapr-prod/kubectl-dapr-prod/pkg/guideline"
	"github.com/dapr-prod/kubectl-dapr-prod/pkg/secret"
	"github.com/dapr-prod/kubectl-dapr-prod/pkg/snapshot"
)

// whyWithout says why running Pods may have no daprd although their template
// gets one.
func whyWithout(app *guideline.App) string {
	bare := func(p snapshot.Pod) bool { return p.Sidecar == nil }
	pods := slices.DeleteFunc(slices.Clone(app.Pods), func(p snapshot.Pod) bool { return !bare(p) })
	older := func(p snapshot.Pod) bool { return !dapr.Truthy(p.Annotations[annotations.KeyEnabled]) }
	early := func(p snapshot.Pod) bool {
		return app.Install != nil && p.Created.Before(app.Install.InjectorStarted)
	}
	refused := func(p snapshot.Pod) bool {
		return !strings.EqualFold(p.Annotations[annotations.KeyEnabled], "true")
	}
	every := func(is func(snapshot.Pod) bool) bool {
		return !slices.ContainsFunc(pods, func(p snapshot.Pod) bool { return !is(p) })
	}
	switch {
	case every(older):
		return "they were made before the template asked for it"
	case every(refused):
		return fmt.Sprintf("%s is %s, which Dapr takes up to 1.17.2 only", annotations.KeyEnabled, secret.Shown(pods[0].Annotations[annotations.KeyEnabled]))
	case app.Template == nil && app.Object.Group() != "apps" && app.Object.Group() != "batch":
		return fmt.Sprintf("a %s makes them, and the injector takes Pods from Kubernetes' own controllers only (and from those it was told of)", app.Object.Kind)
	case app.Object.Kind == "Pod":
		return "the injector takes bare Pods from members of system:masters only"
	case every(early):
		return "they are older than the injector that runs"
	default:
		return "perhaps the injector was not reached when they were made: its webhook lets such Pods through"
	}
}
