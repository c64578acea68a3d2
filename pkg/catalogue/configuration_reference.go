// Copyright The kubectl-dapr-prod Authors.
// SPDX-License-Identifier: Apache-2.0

package catalogue

import (
	"fmt"

	"github.com/dapr/dapr/pkg/injector/annotations"

	"github.com/dapr-prod/kubectl-dapr-prod/pkg/guideline"
	"github.com/dapr-prod/kubectl-dapr-prod/pkg/sidecar"
)

var configurationReference = &guideline.Guideline{
	ID:       "configuration-reference",
	Title:    "the Configuration that a sidecar loads exists",
	Severity: guideline.Error,
	Origin:   guideline.DaprDocs,
	Section:  notOnThePage,
	Docs:     configurations,
	Why:      "daprd asks for the Configuration that dapr.io/config names when it starts, and ends where there is none: the Pod never gets ready.",
	Judged: "--config of each daprd, as dapr.io/config gives it, against the Configurations in the app's own namespace. " +
		"Pods that run have found theirs when they started; if it is gone, they will not start again.",
	Fix:   "create the Configuration in the app's namespace, or let dapr.io/config name one that is there",
	Traps: "A Configuration of that name in another namespace, the control plane's among them, does not serve.",
	Reads: readsConfigurations(),
	App:   judgeReference,
}

func judgeReference(app *guideline.App) []guideline.Result {
	return daprds(app, func(d daprd) guideline.Result {
		c := configurationOf(app, d.Container)
		switch {
		case c.name == "":
			return guideline.Skip("no dapr.io/config: daprd loads no Configuration")
		case c.hidden != nil:
			return *c.hidden
		case c.Configuration != nil:
			return guideline.Pass("Configuration %s exists", c.name)
		default:
			r := guideline.Fail("Configuration %s does not exist in namespace %s: daprd ends at start%s", c.name, app.Object.Namespace, elsewhere(app, c.name))
			if app.Sidecar.Simulation.State != sidecar.Manual {
				r = r.At(annotationField(app, annotations.KeyConfig))
			}
			return r
		}
	})
}

// elsewhere tells of a Configuration of that name where daprd does not look.
func elsewhere(app *guideline.App, name string) string {
	for i := range app.Snapshot.Configurations {
		if o := app.Snapshot.Configurations[i].Object; o.Name == name {
			return fmt.Sprintf("; there is one in namespace %s, where it does not look", o.Namespace)
		}
	}
	return ""
}
