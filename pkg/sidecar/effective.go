// Copyright The kubectl-dapr-prod Authors.
// SPDX-License-Identifier: Apache-2.0

package sidecar

import (
	"fmt"
	"slices"
	"strings"

	"github.com/dapr/dapr/pkg/injector/annotations"
	corev1 "k8s.io/api/core/v1"

	"github.com/dapr-prod/kubectl-dapr-prod/pkg/dapr"
	"github.com/dapr-prod/kubectl-dapr-prod/pkg/quantity"
	"github.com/dapr-prod/kubectl-dapr-prod/pkg/secret"
	"github.com/dapr-prod/kubectl-dapr-prod/pkg/snapshot"
)

// Effective is the sidecar of an app: the one that the next Pod will get, and
// the ones that Pods run with now.
type Effective struct {
	// Simulation is what the injector makes of the template.
	Simulation Simulation
	// Simulated is what the API server then makes of the container; nil without one.
	Simulated *corev1.Container
	// Observed are the daprd containers of the running Pods, equal ones together,
	// the most frequent first.
	Observed []Observed
	// Without are the running Pods that have no daprd container.
	Without []string
	// Problems says in words what is odd: settings that the injector drops, and
	// where running Pods differ from what the template would give now.
	Problems []string
}

// Observed is one daprd container and the Pods that run it.
type Observed struct {
	*snapshot.Sidecar
	Pods []string
}

// Running tells whether the app has, or will have, a sidecar.
func (e Effective) Running() bool { return e.Simulated != nil || len(e.Observed) > 0 }

// Of works out the effective sidecar of an app under an injector.
func Of(app *snapshot.App, in Injector, webhook *snapshot.Webhook, s *snapshot.Snapshot) Effective {
	e := Effective{Simulation: Simulation{State: Unread}}
	e.Observed, e.Without = observe(app.Pods)
	if app.Template == nil {
		return e
	}
	e.Simulation = in.Simulate(app.Object, app.Template)
	switch e.Simulation.State {
	case Off:
		e.Simulation.Reason = notAsked(app)
	case Injected:
		if reason := excluded(app, webhook, s); reason != "" {
			e.Simulation = Simulation{State: Excluded, Reason: reason}
		}
	}
	if c := e.Simulation.Container; c != nil {
		e.Simulated = Admitted(c, s.LimitRangesOf(app.Object.Namespace))
		if bad := BadQuantities(app.Template.Annotations); len(bad) > 0 {
			e.Problems = append(e.Problems, fmt.Sprintf("all four resource settings are dropped: %s %s is not a quantity",
				strings.TrimPrefix(bad[0], dapr.AnnotationPrefix), secret.Shown(app.Template.Annotations[bad[0]])))
		}
	}
	switch {
	case e.Simulation.State == Denied:
		e.Problems = append(e.Problems, e.Simulation.Refuser+" refuses the Pods: "+e.Simulation.Reason)
	case e.Simulation.Reason != "":
		e.Problems = append(e.Problems, e.Simulation.Reason)
	}
	for _, o := range e.Observed {
		if e.Simulated == nil {
			break
		}
		if ns := DaprNamespaceOf(&o.Container); ns != "" && ns != in.Namespace {
			e.Problems = append(e.Problems, fmt.Sprintf("%d of %d Pods belong to the control plane in %s, new ones to that in %s", len(o.Pods), len(app.Pods), ns, in.Namespace))
			continue
		}
		if fields := Differences(e.Simulated, e.Simulation.Native, o.Sidecar); len(fields) > 0 {
			e.Problems = append(e.Problems, fmt.Sprintf("%d of %d Pods differ from what the template gives now: %s",
				len(o.Pods), len(app.Pods), strings.Join(fields, ", ")))
		}
	}
	return e
}

// notAsked says why an app whose author wanted a sidecar gets none.
func notAsked(app *snapshot.App) string {
	value := app.Template.Annotations[annotations.KeyEnabled]
	switch {
	case dapr.Truthy(value):
		return fmt.Sprintf(`%s is %q: from Dapr 1.17.3 on only "true" injects a sidecar`, annotations.KeyEnabled, value)
	case value == "" && dapr.Truthy(app.Annotations[annotations.KeyEnabled]):
		return fmt.Sprintf("no sidecar: %s is set on the %s itself, not on its Pod template", annotations.KeyEnabled, app.Object.Kind)
	default:
		return ""
	}
}

// ObservedOnly is e without the simulation, for an app whose injector could not
// be read: there the Pods that run give the verdict.
func (e Effective) ObservedOnly() Effective {
	e.Simulation = Simulation{State: Unread}
	e.Simulated = nil
	e.Problems = nil
	return e
}

func observe(pods []snapshot.Pod) (observed []Observed, without []string) {
	index := map[*snapshot.Sidecar]int{}
	for _, p := range pods {
		if p.Sidecar == nil {
			without = append(without, p.Name)
			continue
		}
		i, seen := index[p.Sidecar]
		if !seen {
			i = len(observed)
			index[p.Sidecar] = i
			observed = append(observed, Observed{Sidecar: p.Sidecar})
		}
		observed[i].Pods = append(observed[i].Pods, p.Name)
	}
	slices.SortStableFunc(observed, func(a, b Observed) int { return len(b.Pods) - len(a.Pods) })
	return observed, without
}

// excluded says which selector of the webhook leaves the app's Pods out.
func excluded(app *snapshot.App, webhook *snapshot.Webhook, s *snapshot.Snapshot) string {
	if webhook == nil {
		return ""
	}
	if !webhook.ObjectSelector.Matches(app.Template.Labels) {
		return fmt.Sprintf("the injector's webhook only takes Pods with labels %q", webhook.ObjectSelector)
	}
	namespace, read := s.Namespaces[app.Object.Namespace]
	if read && !webhook.NamespaceSelector.Matches(namespace.Labels) {
		return fmt.Sprintf("the injector's webhook only takes namespaces with labels %q", webhook.NamespaceSelector)
	}
	return ""
}

// ResourceAnnotations are the four annotations that set the sidecar's resources.
func ResourceAnnotations() []string {
	return []string{annotations.KeyCPURequest, annotations.KeyCPULimit, annotations.KeyMemoryRequest, annotations.KeyMemoryLimit}
}

// BadQuantities are the resource annotations that are set to what is no quantity.
// One of them makes the injector drop all four
// (pkg/injector/patcher/sidecar_container.go, getResourceRequirements).
func BadQuantities(set map[string]string) []string {
	return slices.DeleteFunc(ResourceAnnotations(), func(key string) bool {
		// The parser of Kubernetes itself: " 100m" and "1000MB" are wrong, "1e3" and "0.25" are right.
		_, err := quantity.Parse(set[key])
		return set[key] == "" || err == nil
	})
}
