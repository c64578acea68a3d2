// Copyright The kubectl-dapr-prod Authors.
// SPDX-License-Identifier: Apache-2.0

package catalogue

import (
	"cmp"
	"fmt"

	"github.com/dapr-prod/kubectl-dapr-prod/pkg/guideline"
)

// secretReaderValues take the chart's RoleBinding away, for those who ask: apps may
// live by it.
func secretReaderValues(install *guideline.Install) guideline.Values {
	v := guideline.Set(guideline.Value{Path: "dapr_rbac.secretReader.enabled", Value: false, Over: defaultOn})
	if install.New {
		return v
	}
	found := false
	for _, r := range judgeSecretReaders(&guideline.Platform{Snapshot: install.Snapshot, Edition: install.Edition}) {
		if r.Outcome != guideline.Failed {
			continue
		}
		found = true
		for _, app := range install.Apps {
			if app.Object.Namespace == r.Object.Namespace && runsAsDefault(app) {
				v = v.Risking(fmt.Sprintf("%s runs as the ServiceAccount that this takes the right from: where it reads Kubernetes Secrets through Dapr, it needs a Role of its own first", app.Object))
			}
		}
	}
	switch {
	case !found:
		return guideline.Values{}
	case len(install.Snapshot.ControlPlanes) > 1:
		return guideline.Values{Person: "there is more than one control plane, and which of them made it was not seen: set dapr_rbac.secretReader.enabled=false where it came from"}
	default:
		return v.Only("apps of that namespace that read Kubernetes Secrets through Dapr lose the right to, and so does what runs there without Dapr as that ServiceAccount")
	}
}

// runsAsDefault tells whether an app's Pods run as the ServiceAccount of those that name none.
func runsAsDefault(app *guideline.App) bool {
	if app.Template == nil || app.Template.Spec == nil {
		return false
	}
	return cmp.Or(app.Template.Spec.ServiceAccountName, defaultAccount) == defaultAccount
}
