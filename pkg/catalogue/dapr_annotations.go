// Copyright The kubectl-dapr-prod Authors.
// SPDX-License-Identifier: Apache-2.0

package catalogue

import (
	"fmt"
	"maps"
	"slices"
	"strings"

	"github.com/dapr/dapr/pkg/injector/annotations"
	"github.com/dapr/dapr/pkg/validation"

	"github.com/dapr-prod/kubectl-dapr-prod/pkg/dapr"
	"github.com/dapr-prod/kubectl-dapr-prod/pkg/guideline"
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
	Fix:   "correct the annotation on the Pod template",
	Reads: readsSidecars(),
	App: func(app *guideline.App) []guideline.Result {
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
	},
}

// misplacedAnnotations finds annotations on the object that belong to its template.
func misplacedAnnotations(app *guideline.App, set map[string]string) []guideline.Result {
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

// judgeEnabled finds values of dapr.io/enabled that mean yes to a person and no
// to Dapr. Those that an older injector takes are sidecar-injected's.
func judgeEnabled(app *guideline.App, set map[string]string, field func(string) string) []guideline.Result {
	value, found := set[annotations.KeyEnabled]
	_, onObject := app.Annotations[annotations.KeyEnabled]
	switch {
	case found && !dapr.Truthy(value) && !dapr.Falsy(value):
		return []guideline.Result{guideline.Fail("%s %q is neither true nor false: Dapr takes it for false", annotations.KeyEnabled, value).
			At(field(annotations.KeyEnabled)).Do(`write "true"`)}
	case !found && !onObject && len(set) > 0 && !app.Sidecar.Running():
		return []guideline.Result{guideline.Fail("annotations of Dapr's, but no %s: no sidecar is injected", annotations.KeyEnabled).
			As(guideline.Info).At(field(annotations.KeyEnabled))}
	}
	return nil
}

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
			return []guideline.Result{guideline.Fail("%s is missing: Dapr's injector refuses the Pods, so that none is made", annotations.KeyAppID).
				At(at).Do("set dapr.io/app-id on the Pod template")}
		}
	}
	if err := validation.ValidateKubernetesAppID(id); err != nil {
		return []guideline.Result{guideline.Fail("app ID %q is not valid: Dapr's injector refuses the Pods", id).
			At(at).Do("use at most 58 lower-case letters, digits and hyphens, with a letter or digit at both ends")}
	}
	if len(app.SameID) > 1 {
		return []guideline.Result{guideline.Fail("app ID %q is also that of %s: Dapr takes them for one app", id, others(app)).
			As(guideline.Warning).At(at).Do("give each workload an app ID of its own, unless they are one app on purpose, such as a canary")}
	}
	return nil
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

// judgeAnnotationValues finds values that Dapr reads otherwise than they were meant.
func judgeAnnotationValues(app *guideline.App, set map[string]string, field func(string) string) []guideline.Result {
	if !dapr.Truthy(set[annotations.KeyEnabled]) {
		return nil
	}
	var results []guideline.Result
	for _, key := range slices.Sorted(maps.Keys(set)) {
		value := set[key]
		if value == "" {
			if r, odd := emptyAnnotation(app, key); odd {
				results = append(results, r.At(field(key)))
			}
			continue
		}
		if key == annotations.KeyEnabled {
			continue
		}
		if problem := dapr.AnnotationProblem(key, value); problem != "" {
			// What stands there by mistake may be secret, so it is not printed.
			r := guideline.Fail("the value of %s %s", key, problem).As(guideline.Warning)
			if dapr.EndsDaprd(key, value) {
				r = r.As(guideline.Error)
			}
			results = append(results, r.At(field(key)))
		}
	}
	return results
}

// emptyAnnotation says what an empty value does. Before 1.15 it did nothing.
func emptyAnnotation(app *guideline.App, key string) (guideline.Result, bool) {
	if !app.Injector.Version.AtLeast(1, 15, 0) || !dapr.EmptyMatters(key) {
		return guideline.Result{}, false
	}
	switch key {
	case annotations.KeyAppID, annotations.KeyPlacementHostAddresses, annotations.KeySchedulerHostAddresses:
		return guideline.Result{}, false // judged elsewhere, or meant so
	case annotations.KeyLogLevel, annotations.KeyBlockShutdownDuration:
		return guideline.Fail("%s is empty, which daprd cannot read: it ends at start", key), true
	case annotations.KeySidecarImage:
		return guideline.Fail("%s is empty: the server refuses the Pods, whose sidecar has no image", key), true
	default:
		return guideline.Fail("%s is empty, which from Dapr 1.15 on is a value and not the default", key).As(guideline.Warning), true
	}
}

// judgeAnnotationNames finds names that the release does not know.
func judgeAnnotationNames(app *guideline.App, set map[string]string, field func(string) string) []guideline.Result {
	var results []guideline.Result
	var unknown []string
	for _, key := range slices.Sorted(maps.Keys(set)) {
		switch {
		case !dapr.IsAnnotation(key):
		case !dapr.KnowsAnnotation(key):
			unknown = append(unknown, key)
		default:
			if since, reads := dapr.AnnotationSince(key, app.Injector.Version); !reads {
				results = append(results, guideline.Fail("%s is read from Dapr %s on; this is %s, which passes over it", key, since, app.Injector.Version).
					As(guideline.Warning).At(field(key)).Do("upgrade Dapr, or do without"))
			}
		}
	}
	if len(unknown) == 0 {
		return results
	}
	at := field(unknown[0])
	for i, key := range unknown[:min(most, len(unknown))] {
		if near := dapr.NearestAnnotation(key); near != "" {
			unknown[i] = fmt.Sprintf("%s (did you mean %s?)", key, near)
		}
	}
	return append(results, guideline.Fail("unknown to Dapr: %s", some(unknown)).As(guideline.Info).At(at))
}

// most is how many words some lists.
const most = 5

// some lists the first few words.
func some(words []string) string {
	return listed(words[:min(most, len(words))], len(words))
}

// listed lists words, and says how many there are beside them.
func listed(words []string, all int) string {
	text := strings.Join(words, ", ")
	if all > len(words) {
		text += fmt.Sprintf(" and %d more", all-len(words))
	}
	return text
}
