// Copyright The kubectl-dapr-prod Authors.
// SPDX-License-Identifier: Apache-2.0

package catalogue

import (
	"slices"
	"strings"

	"github.com/dapr/dapr/pkg/injector/annotations"

	"github.com/dapr-prod/kubectl-dapr-prod/pkg/dapr"
	"github.com/dapr-prod/kubectl-dapr-prod/pkg/guideline"
	"github.com/dapr-prod/kubectl-dapr-prod/pkg/secret"
	"github.com/dapr-prod/kubectl-dapr-prod/pkg/sidecar"
)

// judgeEnvSecrets judges dapr.io/env, which is plain text in the Pod and in
// whatever makes it. A template tells of all Pods; without one, each Pod of itself.
func judgeEnvSecrets(app *guideline.App) []guideline.Result {
	var results []guideline.Result
	values, set := envValues(app), false
	for _, value := range values {
		set = set || strings.TrimSpace(value) != ""
		for _, element := range dapr.SplitEnv(value) {
			r, found := judgeVariable(app, element)
			known := func(s guideline.Result) bool { return s.Message == r.Message }
			if found && !slices.ContainsFunc(results, known) {
				results = append(results, r)
			}
		}
	}
	switch {
	case len(results) > 0:
		return results
	case len(values) == 0:
		return []guideline.Result{guideline.Unknown("the Pod template was not read").From(guideline.Ours)}
	case !set:
		return []guideline.Result{guideline.Skip("no %s", annotations.KeyEnv).From(guideline.Ours)}
	default:
		return []guideline.Result{guideline.Pass("no secret in %s", annotations.KeyEnv).From(guideline.Ours)}
	}
}

func envValues(app *guideline.App) []string {
	if app.Template != nil {
		return []string{app.Template.Annotations[annotations.KeyEnv]}
	}
	var values []string
	for _, p := range app.Pods {
		if value := p.Annotations[annotations.KeyEnv]; !slices.Contains(values, value) {
			values = append(values, value)
		}
	}
	return values
}

// judgeVariable judges one element as the injector cuts it. One without "=" is
// dropped, and stands in the annotation all the same.
func judgeVariable(app *guideline.App, element string) (r guideline.Result, found bool) {
	name, value, ok := strings.Cut(element, "=")
	if !ok {
		name, value = "", element
	}
	content, shown := secret.ContentOf(value), sidecar.ShownEnv(name)
	severity := guideline.Warning
	switch {
	case content == secret.Carries, shown == sidecar.Mask && secret.CarriesSecret(element):
		r = guideline.Fail("variable %s in %s carries a password or a key in plain text", shown, annotations.KeyEnv)
	case secret.Env(name) && (content == secret.Opaque || content == secret.Clean):
		r = guideline.Fail("variable %s in %s stands in plain text, and sounds like a secret", shown, annotations.KeyEnv)
	case secret.Env(name) && content == secret.Placeholder:
		severity = guideline.Info
		r = guideline.Fail("variable %s in %s is a placeholder, which Dapr takes as it is written", shown, annotations.KeyEnv).
			Do("see that something fills it in before it is applied, or use %s", annotations.KeyEnvFromSecret)
	case secret.Env(name) && content == secret.WellKnown:
		severity = guideline.Info
		r = guideline.Fail("variable %s in %s is the key of an emulator, which everybody knows", shown, annotations.KeyEnv).Do("use no emulator in production")
	default:
		return r, false
	}
	if severity == guideline.Warning {
		r = r.Do("put the value into a Secret, name it in %s as %s=SECRET:KEY, take it out of %s, and rotate the secret%s",
			annotations.KeyEnvFromSecret, envNameOr(shown), annotations.KeyEnv, beforeEnvFromSecret(app))
	}
	return r.As(severity).From(guideline.Ours).At(annotationField(app, annotations.KeyEnv)), true
}

func envNameOr(shown string) string {
	if shown == sidecar.Mask {
		return "NAME"
	}
	return shown
}

// beforeEnvFromSecret: the annotation came with 1.15, and older injectors pass it over.
func beforeEnvFromSecret(app *guideline.App) string {
	if app.Injector.Version.Known() && app.Injector.Version.AtLeast(1, 15, 0) {
		return ""
	}
	return ": " + annotations.KeyEnvFromSecret + " works from Dapr 1.15 on"
}
