// Copyright The kubectl-dapr-prod Authors.
// SPDX-License-Identifier: Apache-2.0

package catalogue

import (
	"maps"
	"slices"
	"strings"

	"github.com/dapr/dapr/pkg/injector/annotations"
	corev1 "k8s.io/api/core/v1"

	"github.com/dapr-prod/kubectl-dapr-prod/pkg/guideline"
	"github.com/dapr-prod/kubectl-dapr-prod/pkg/snapshot"
)

// shortest is how many bytes a token has at least that nobody guesses.
const shortest = 16

var tokenSecrets = &guideline.Guideline{
	ID:       "token-secrets",
	Title:    "the Secrets of tokens are there and hold tokens worth the name",
	Severity: guideline.Error,
	Origin:   guideline.Page,
	Section:  "Security",
	Hardens:  true,
	Docs:     "https://docs.dapr.io/operations/security/api-token/",
	Why: "Without its Secret, or without the key token in it, daprd does not start (CreateContainerConfigError). An empty token is no token, a short one is guessed, " +
		"and one that ends in a new line fits into no header.",
	Judged: "The Secrets that " + annotations.KeyAPITokenSecret + " and " + annotations.KeyAppTokenSecret + " name, in the app's namespace, for new Pods and for those that run: " +
		"that they are there, that they have the key token, how long its value is and whether it ends in a new line, and that the two are not one. Values are not read.",
	Fix: "make the Secret in the app's namespace with openssl rand -hex 32 | tr -d '\\n' | kubectl create secret generic NAME --from-file=token=/dev/stdin, which shows the token to nobody",
	Traps: "A key Token or TOKEN is another key. A Secret that an operator makes, such as External Secrets', may be still to come. " +
		"In manifests a Secret that is not among them may be in the cluster.",
	Reads: readsSidecars(snapshot.Read{Resource: snapshot.Secrets, Place: snapshot.InApps}),
	App: func(app *guideline.App) []guideline.Result {
		if !app.Sidecar.Running() {
			return []guideline.Result{guideline.Skip("%s", withoutSidecar(app))}
		}
		api, apps := refsOf(app, apiTokenOf), refsOf(app, appTokenOf)
		var results []guideline.Result
		for _, ref := range api {
			results = append(results, judgeTokenSecret(app, ref, apiTokenOf)...)
			if slices.Contains(apps, ref) {
				results = append(results, guideline.Fail("both tokens are the same entry of Secret %s: who learns the one has the other", ref.Name).
					As(guideline.Info).From(guideline.Ours).At(annotationField(app, appTokenOf.annotation)).Do("make a Secret of its own for each"))
			}
		}
		for _, ref := range apps {
			if !slices.Contains(api, ref) {
				results = append(results, judgeTokenSecret(app, ref, appTokenOf)...)
			}
		}
		if len(results) == 0 {
			return []guideline.Result{guideline.Skip("no token comes from a Secret")}
		}
		return results
	},
	Mend: mendTokenSecrets,
}

// refsOf are the entries of Secrets that new Pods and those that run have a token
// from, each once.
func refsOf(app *guideline.App, t token) []corev1.SecretKeySelector {
	var all []corev1.SecretKeySelector
	add := func(c *corev1.Container) {
		if ref := t.in(c).ref(); ref != nil {
			all = append(all, corev1.SecretKeySelector{LocalObjectReference: ref.LocalObjectReference, Key: ref.Key})
		}
	}
	if app.Sidecar.Simulated != nil {
		add(app.Sidecar.Simulated)
	}
	for _, o := range app.Sidecar.Observed {
		add(&o.Container)
	}
	slices.SortFunc(all, func(a, b corev1.SecretKeySelector) int { return strings.Compare(a.Name+" "+a.Key, b.Name+" "+b.Key) })
	return slices.Compact(all)
}

// nextOnly is the app without the Pods that run.
func nextOnly(app *guideline.App) *guideline.App {
	next := *app
	next.Sidecar.Observed = nil
	return &next
}

func judgeTokenSecret(app *guideline.App, ref corev1.SecretKeySelector, t token) []guideline.Result {
	field := annotationField(app, t.annotation)
	entry, r, found := secretEntry(app, &ref)
	if !found {
		if older := app.Sidecar.Simulated != nil && !slices.Contains(refsOf(nextOnly(app), t), ref); older && r.Outcome == guideline.Failed {
			r = r.Do("%s: their sidecar is older than the template, which does not name it", restart(app.Object))
		}
		return []guideline.Result{r.At(field)}
	}
	renew := "store a long random value without a new line, as openssl rand -hex 32 makes it, then " + restart(app.Object)
	var results []guideline.Result
	switch {
	case entry.Length == 0:
		results = append(results, guideline.Fail("the token in Secret %s is empty, which is the same as none", ref.Name))
	case entry.Length < shortest:
		results = append(results, guideline.Fail("the token in Secret %s has a length of %d: below %d bytes it can be guessed", ref.Name, entry.Length, shortest).As(guideline.Warning).From(guideline.Ours))
	}
	if entry.EndsInNewline {
		results = append(results, guideline.Fail("the token in Secret %s ends in a new line, which no header can hold: no call has the right token", ref.Name).As(guideline.Warning).From(guideline.Ours))
	}
	for i := range results {
		results[i] = results[i].At(field).Do("%s", renew)
	}
	if len(results) == 0 {
		return []guideline.Result{guideline.Pass("Secret %s has a token of at least %d bytes", ref.Name, shortest).At(field)}
	}
	return results
}

// otherCase names a key of a Secret that differs in case alone.
func otherCase(s *snapshot.Secret, key string) string {
	for _, name := range slices.Sorted(maps.Keys(s.Keys)) {
		if strings.EqualFold(name, key) {
			return ", but " + name
		}
	}
	return ""
}
