// Copyright The kubectl-dapr-prod Authors.
// SPDX-License-Identifier: Apache-2.0

package catalogue

import (
	"maps"
	"slices"

	"github.com/dapr/dapr/pkg/injector/annotations"

	"github.com/dapr-prod/kubectl-dapr-prod/pkg/dapr"
	"github.com/dapr-prod/kubectl-dapr-prod/pkg/guideline"
	"github.com/dapr-prod/kubectl-dapr-prod/pkg/secret"
)

var daprAnnotations = &guideline.Guideline{
	ID:       "dapr-annotations",
	Title:    "Dapr's annotations are where Dapr looks, and valid",
	Severity: guideline.Error,
	Origin:   guideline.Page,
	Section:  "Setting soft memory limits on Dapr sidecar",
	Docs:     arguments,
	Why: "Dapr reads annotations from the Pod alone: on the Deployment itself they do nothing. Without a valid app ID its injector refuses the Pods, " +
		"and a name that it does not know it passes over without a word.",
	Judged: "Annotations on the object instead of its Pod template, the app ID (there, a DNS label of at most 58 characters, used by one workload of the namespace), " +
		"values that Dapr reads otherwise than they were meant, empty values (which from 1.15 on are values, where that differs from the default), names that no release or only a newer one knows.",
	Fix:      "correct the annotation on the Pod template",
	Traps:    "Dapr reads annotations of the Pod template only; on the object itself they do nothing. Two workloads may share an app ID on purpose, as a canary does.",
	Reads:    readsSidecars(),
	Mend:     moveToTemplate,
	MendsToo: []string{"sidecar-injected"},
	App:      judgeDaprAnnotations,
}

func judgeDaprAnnotations(app *guideline.App) []guideline.Result {
	set, field := annotated(app)
	results := slices.Concat(
		misplacedAnnotations(app, set),
		judgeEnabled(app, set, field),
		judgeAppID(app, set, field),
		judgeAnnotationValues(app, set, field),
		judgeAnnotationNames(app, set, field),
	)
	switch {
	case len(results) > 0:
		return results
	case app.Template != nil:
		return []guideline.Result{guideline.Pass("the annotations are on the Pod template and valid")}
	case len(app.Pods) > 0:
		return []guideline.Result{guideline.Pass("the annotations of the Pods are valid; the %s that makes them was not read", app.Object.Kind)}
	default:
		return []guideline.Result{guideline.Unknown("the Pod template was not read")}
	}
}

// misplacedAnnotations finds annotations on the object that belong to its template.
func misplacedAnnotations(app *guideline.App, set map[string]string) []guideline.Result {
	lost := lostAnnotations(app, set)
	if len(lost) == 0 {
		return nil
	}
	severity := guideline.Warning
	if slices.Contains(lost, annotations.KeyEnabled) {
		severity = guideline.Error
	}
	return []guideline.Result{
		guideline.Fail("set on the %s itself, where Dapr does not look: %s", app.Object.Kind, some(lost)).
			As(severity).At("metadata.annotations["+lost[0]+"]").
			Do("move the annotation to %s.metadata.annotations, which starts injection", app.Template.Path),
	}
}

// lostAnnotations are those of the object that its template does not have.
func lostAnnotations(app *guideline.App, set map[string]string) []string {
	if app.Template == nil {
		return nil
	}
	var lost []string
	for _, key := range slices.Sorted(maps.Keys(app.Annotations)) {
		_, there := set[key]
		// The operator reads that one from elsewhere, for the Service it makes.
		if !there && dapr.KnowsAnnotation(key) && key != annotations.KeySidecarSvcAnnotations {
			lost = append(lost, key)
		}
	}
	return lost
}

// judgeEnabled finds values of dapr.io/enabled that mean yes to a person and no
// to Dapr. Those that an older injector takes are sidecar-injected's.
func judgeEnabled(app *guideline.App, set map[string]string, field func(string) string) []guideline.Result {
	value, found := set[annotations.KeyEnabled]
	_, onObject := app.Annotations[annotations.KeyEnabled]
	switch {
	case found && !dapr.Truthy(value) && !dapr.Falsy(value):
		return []guideline.Result{guideline.Fail("%s %s is neither true nor false: Dapr takes it for false", annotations.KeyEnabled, secret.Shown(value)).
			At(field(annotations.KeyEnabled)).Do(`write "true"`)}
	case !found && !onObject && len(set) > 0 && !app.Sidecar.Running():
		return []guideline.Result{guideline.Fail("annotations of Dapr's, but no %s: no sidecar is injected", annotations.KeyEnabled).
			As(guideline.Info).At(field(annotations.KeyEnabled))}
	}
	return nil
}
