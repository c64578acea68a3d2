// Copyright The kubectl-dapr-prod Authors.
// SPDX-License-Identifier: Apache-2.0

package catalogue

import (
	"github.com/dapr/dapr/pkg/injector/annotations"

	"github.com/dapr-prod/kubectl-dapr-prod/pkg/dapr"
	"github.com/dapr-prod/kubectl-dapr-prod/pkg/guideline"
	"github.com/dapr-prod/kubectl-dapr-prod/pkg/snapshot"
)

var appToken = &guideline.Guideline{
	ID:       "app-token",
	Title:    "daprd shows the app a token with every call",
	Severity: guideline.Warning,
	Origin:   guideline.Page,
	Section:  "Security",
	Hardens:  true,
	Docs:     "https://docs.dapr.io/operations/security/app-api-token/",
	Why:      "Without a token the app cannot tell a call of its sidecar's from one of whoever reaches its port, and what Dapr checks on the way is not checked.",
	Judged: dapr.AppTokenEnv + " of each daprd that calls its app (--app-port), which " + annotations.KeyAppTokenSecret + " fills, and that the Secret has a key token which is not empty. " +
		"Before 1.16.2 events, bindings and jobs came to gRPC apps without the token, before 1.13.3 it went to other apps' sidecars.",
	Fix: "make a Secret with a long random value under the key token, another than that of " + annotations.KeyAPITokenSecret + ", set " + annotations.KeyAppTokenSecret +
		" to its name, and let the app compare the header dapr-api-token with it: the injector gives it to daprd alone",
	Traps: "Whether the app checks the token cannot be seen. An app without dapr.io/app-port is not called by Dapr: workers that stream events or run workflows need no token.",
	Reads: readsSidecars(snapshot.Read{Resource: snapshot.Secrets, Place: snapshot.InApps}),
	App: func(app *guideline.App) []guideline.Result {
		return sidecars(app, func(d container) guideline.Result {
			return judgeAppToken(app, d).At(annotationField(app, annotations.KeyAppTokenSecret))
		})
	},
	Mend: appTokenRemedy.mend,
}

func judgeAppToken(app *guideline.App, d container) guideline.Result {
	if port := dapr.Flag(d.Container, "app-port", ""); port == "" || port == "0" {
		return guideline.Skip("daprd never calls the app: it has no %s", annotations.KeyAppPort)
	}
	given := appTokenOf.in(d.Container)
	if r, judged := judgeGiven(app, appTokenOf, given, d.EnvFrom); judged {
		return r
	}
	release := releaseOf(app, d)
	switch protocol := dapr.Flag(d.Container, "app-protocol", "http"); {
	case !release.AtLeast(1, 13, 3):
		return guideline.Fail("daprd %s shows the app's token to the sidecars of the apps that it calls", release).From(guideline.DaprDocs).
			Do("upgrade Dapr to 1.13.3 or newer, then make a new token")
	case (protocol == "grpc" || protocol == "grpcs") && !release.AtLeast(1, 16, 2):
		return guideline.Fail("daprd %s brings events, bindings and jobs to gRPC apps without the token: an app that checks it refuses them", release).From(guideline.DaprDocs).
			Do("upgrade Dapr to 1.16.2 or newer")
	default:
		return guideline.Pass("daprd shows the app the token in Secret %s; whether the app checks it cannot be seen", given.ref().Name)
	}
}

// releaseOf is the release of a daprd: its image's or, where that does not tell, its
// injector's. In a rehearsal it is the one rehearsed, unless the template holds to an
// image: to make the Pods anew is part of the upgrade.
func releaseOf(app *guideline.App, d container) dapr.Version {
	if app.Install != nil && app.Install.Rehearsed.Known() && !ownImage(app) {
		return app.Install.Version
	}
	if v := dapr.VersionOfImage(d.Image); v.Known() {
		return v
	}
	return app.Injector.Version
}
