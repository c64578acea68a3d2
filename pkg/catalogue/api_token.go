// Copyright The kubectl-dapr-prod Authors.
// SPDX-License-Identifier: Apache-2.0

package catalogue

import (
	"github.com/dapr/dapr/pkg/injector/annotations"
	corev1 "k8s.io/api/core/v1"

	"github.com/dapr-prod/kubectl-dapr-prod/pkg/dapr"
	"github.com/dapr-prod/kubectl-dapr-prod/pkg/guideline"
	"github.com/dapr-prod/kubectl-dapr-prod/pkg/snapshot"
)

var apiToken = &guideline.Guideline{
	ID:       "api-token",
	Title:    "daprd asks for a token, and the app has it",
	Severity: guideline.Warning,
	Origin:   guideline.Page,
	Section:  "Security",
	Hardens:  true,
	Docs:     "https://docs.dapr.io/operations/security/api-token/",
	Why: "Without a token whoever reaches the ports of daprd may use Dapr in the app's name: its state, its secrets, its calls. " +
		"With one, an app that does not send it is refused every call.",
	Judged: dapr.APITokenEnv + " of each daprd, which " + annotations.KeyAPITokenSecret + " fills; that the Secret has a key token which is not empty; " +
		"and whether a container of the app is given the same Secret, as " + dapr.APITokenEnv + " or in another way. An app without a port needs the token too.",
	Fix: "this breaks apps that send no token, so do all of it in one change of the Pod template: make a Secret with a long random value under the key token, set " + annotations.KeyAPITokenSecret +
		" to its name, and give every app container that calls Dapr the variable " + dapr.APITokenEnv + " by secretKeyRef of it, for the injector gives it to daprd alone and calls without it are refused (401); " +
		"an app that uses no SDK of Dapr's has to send the header dapr-api-token itself",
	Traps: "Whether the app sends the token cannot be seen, nor what it reads from files or from agents such as Vault's. An empty token is none. Running Pods keep the value that they started with.",
	Reads: readsSidecars(snapshot.Read{Resource: snapshot.Secrets, Place: snapshot.InApps}),
	App: func(app *guideline.App) []guideline.Result {
		return sidecars(app, func(d container) guideline.Result {
			return judgeAPIToken(app, d).At(annotationField(app, annotations.KeyAPITokenSecret))
		})
	},
	Mend: apiTokenRemedy.mend,
}

func judgeAPIToken(app *guideline.App, d container) guideline.Result {
	given := apiTokenOf.in(d.Container)
	r, judged := judgeGiven(app, apiTokenOf, given, d.EnvFrom)
	if judged && (r.Outcome != guideline.Unjudged || given.ref() == nil) {
		return r
	}
	// Whatever a Secret holds that was not read, an app without it falls short.
	if shared := judgeShared(app, given.ref()); !judged || shared.Outcome == guideline.Failed {
		return shared
	}
	return r
}

// judgeShared judges what the app has of the token that daprd asks for.
func judgeShared(app *guideline.App, ref *corev1.SecretKeySelector) guideline.Result {
	share := "give the app's containers that call Dapr the variable " + dapr.APITokenEnv + " by secretKeyRef of Secret " + ref.Name + ", key " + ref.Key
	switch how := tokenOfApp(app, ref); how {
	case sameSecret:
		return guideline.Pass("daprd asks for the token in Secret %s, which the app has", ref.Name)
	case otherSecret:
		return guideline.Fail("daprd asks for the token in Secret %s, and the app has that of another entry: it is refused unless both are equal", ref.Name).Do("%s", share)
	case writtenThere:
		return guideline.Fail("the app's %s stands in the Pod template for all to read, and may be another than that in Secret %s", dapr.APITokenEnv, ref.Name).Do("%s, and make a new token", share)
	case perhaps:
		return guideline.Unknown("daprd asks for the token in Secret %s; whether the app has it was not seen", ref.Name)
	default:
		return guideline.Fail("daprd asks for the token in Secret %s, and no container of the app is given it: it may be refused", ref.Name).Do("%s", share)
	}
}

// judgeGiven judges what daprd has of a token; where it is an entry of a Secret that
// holds something, there is more to see.
func judgeGiven(app *guideline.App, t token, g given, envFrom []corev1.EnvFromSource) (r guideline.Result, judged bool) {
	switch {
	case g.none() && len(envFrom) > 0:
		return guideline.Unknown("daprd takes variables from a ConfigMap or a Secret, and whether %s is among them was not read", t.env), true
	case g.none():
		return guideline.Fail("%s", t.without), true
	case g.written():
		return guideline.Fail("daprd's token stands in the Pod template for all to read").Do("take it out of dapr.io/env, and let the annotation name a Secret with a new one"), true
	case g.ref() == nil:
		return guideline.Unknown("daprd has its token neither from a Secret nor from the Pod template"), true
	}
	entry, r, found := secretEntry(app, g.ref())
	switch {
	case !found:
		return r, true
	case entry.Length == 0:
		return guideline.Fail("the token in Secret %s is empty, which is the same as none", g.ref().Name).
			Do("store a long random value under the key %s, then %s", g.ref().Key, restart(app.Object)), true
	default:
		return r, false
	}
}
