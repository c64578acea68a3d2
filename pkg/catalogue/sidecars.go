// Copyright The kubectl-dapr-prod Authors.
// SPDX-License-Identifier: Apache-2.0

package catalogue

import (
	"fmt"
	"slices"
	"strings"

	"github.com/dapr/dapr/pkg/injector/annotations"
	corev1 "k8s.io/api/core/v1"

	"github.com/dapr-prod/kubectl-dapr-prod/pkg/dapr"
	"github.com/dapr-prod/kubectl-dapr-prod/pkg/guideline"
	"github.com/dapr-prod/kubectl-dapr-prod/pkg/sidecar"
	"github.com/dapr-prod/kubectl-dapr-prod/pkg/snapshot"
)

// container is one that is judged: a sidecar that the next Pod gets, or that runs,
// or a container of the control plane.
type container struct {
	*corev1.Container
	// podResources are set for the Pod as a whole, and hold for it where it
	// has none of its own.
	podResources *corev1.ResourceRequirements
}

// sidecars judges what the next Pod gets and what runs now, and says which of
// the two falls short. Both matter: the template is what will be, the Pods are
// what is.
func sidecars(app *guideline.App, judge func(container) guideline.Result) []guideline.Result {
	return daprds(app, func(d daprd) guideline.Result { return judge(d.container) })
}

// daprds is sidecars for who looks at the Pod around the container too.
func daprds(app *guideline.App, judge func(daprd) guideline.Result) []guideline.Result {
	s := app.Sidecar
	if !s.Running() {
		return []guideline.Result{guideline.Skip("%s", withoutSidecar(app))}
	}
	var next *guideline.Result
	if s.Simulated != nil {
		r := judge(simulated(app)).In(dapr.SidecarContainer)
		next = &r
	}
	var now []guideline.Result
	for _, o := range s.Observed {
		r := judge(observed(o)).In(dapr.SidecarContainer)
		covered := next != nil && next.Outcome == r.Outcome && next.Field == r.Field && next.Message == r.Message
		if r.Outcome != guideline.Failed && r.Outcome != guideline.Unjudged || covered {
			continue
		}
		r.Message = fmt.Sprintf("%s (%d of %d running Pods)", r.Message, len(o.Pods), len(app.Pods))
		if r.Outcome == guideline.Failed && next != nil && next.Outcome == guideline.Passed {
			r = r.Do("%s: their sidecar is older than the template", restart(app.Object))
			if app.Install != nil && app.Install.Version.NewerThanTables() {
				r = r.As(guideline.Info) // what the newer injector gives is not known
			}
		}
		now = append(now, r)
	}
	switch {
	case next == nil && len(now) == 0:
		return []guideline.Result{judge(observed(s.Observed[0])).In(dapr.SidecarContainer)}
	case next == nil || next.Outcome != guideline.Failed && len(now) > 0:
		return now
	default:
		return append([]guideline.Result{*next}, now...)
	}
}

// underLimitRanges judges sidecars whose resources the namespace's LimitRanges may
// fill in. Where those were not read and the template alone does not pass, Pods
// that run show what they did; without Pods there is no verdict, but for manifests,
// where what they lack is taken as missing.
func underLimitRanges(app *guideline.App, judge func(*guideline.App, container) guideline.Result) []guideline.Result {
	judgeThese := func(app *guideline.App) []guideline.Result {
		return sidecars(app, func(d container) guideline.Result { return judge(app, d) })
	}
	gap, c := app.Gap(snapshot.LimitRanges), app.Sidecar.Simulated
	switch {
	case gap == nil || c == nil || judge(app, container{c, app.Template.Spec.Resources}).Outcome == guideline.Passed:
		return judgeThese(app)
	case len(app.Sidecar.Observed) > 0:
		observed := *app
		observed.Sidecar = app.Sidecar.ObservedOnly()
		return judgeThese(&observed)
	case gap.Reason == snapshot.NotInInput:
		return judgeThese(app)
	default:
		return []guideline.Result{guideline.Hidden(gap)}
	}
}

// withoutSidecar says why an app has no sidecar to judge.
func withoutSidecar(app *guideline.App) string {
	switch app.Sidecar.Simulation.State {
	case sidecar.Denied:
		return "no sidecar: " + app.Sidecar.Simulation.Refuser + " refuses the Pods"
	case sidecar.Excluded:
		return "no sidecar: the injector's webhook leaves these Pods out"
	case sidecar.Unread:
		return "no sidecar in the Pods that run"
	default:
		if asksForSidecar(app) {
			return `no sidecar: dapr.io/enabled is not "true"`
		}
		return "no sidecar: dapr.io/enabled does not ask for one"
	}
}

// annotated returns the annotations that the injector looks at, and the field
// of each: the template's or, for an owner of unknown kind, those of a Pod.
func annotated(app *guideline.App) (set map[string]string, field func(key string) string) {
	if app.Template != nil {
		return app.Template.Annotations, app.Template.AnnotationPath
	}
	if len(app.Pods) > 0 {
		set = app.Pods[0].Annotations
	}
	return set, func(key string) string { return "metadata.annotations[" + key + "]" }
}

// annotationField is the place where a sidecar's setting belongs.
func annotationField(app *guideline.App, key string) string {
	_, field := annotated(app)
	return field(key)
}

// asksForSidecar tells whether the annotations that count ask for a sidecar, in
// the way of any release.
func asksForSidecar(app *guideline.App) bool {
	set, _ := annotated(app)
	return dapr.Truthy(set[annotations.KeyEnabled])
}

// target names an object as kubectl takes it.
func target(o snapshot.Object) string {
	return fmt.Sprintf("-n %s %s/%s", o.Namespace, strings.ToLower(o.Kind), o.Name)
}

// restart says how the Pods of a workload are made anew.
func restart(o snapshot.Object) string {
	switch o.Kind {
	case "Deployment", "StatefulSet", "DaemonSet":
		return "restart the Pods with kubectl rollout restart " + target(o)
	case "CronJob", "Job":
		return "the next run makes new Pods"
	default:
		return "delete the Pods and make them anew"
	}
}

// limit and request are the quantities that hold for a container, its own or else
// its Pod's. For Kubernetes zero is none, for a limit and for a request.
func (d container) limit(name corev1.ResourceName) (q resourceQuantity, set bool) {
	if q = d.Resources.Limits[name]; q.IsZero() {
		q = podList(d.podResources).Limits[name]
	}
	return q, !q.IsZero()
}

func (d container) request(name corev1.ResourceName) (q resourceQuantity, set bool) {
	if q = requested(d.Resources, name); q.IsZero() {
		q = requested(podList(d.podResources), name)
	}
	return q, !q.IsZero()
}

// requested is a request. A limit without one is also the request, which the server
// writes into the Pod and not into its template.
func requested(r corev1.ResourceRequirements, name corev1.ResourceName) resourceQuantity {
	if q, set := r.Requests[name]; set {
		return q
	}
	return r.Limits[name]
}

func podList(r *corev1.ResourceRequirements) corev1.ResourceRequirements {
	if r == nil {
		return corev1.ResourceRequirements{}
	}
	return *r
}

// readsSidecars are the reads of every guideline that judges daprd containers.
func readsSidecars(more ...snapshot.Read) []snapshot.Read {
	return slices.Concat(snapshot.Apps(), snapshot.Injector(), more)
}
