// Copyright The kubectl-dapr-prod Authors.
// SPDX-License-Identifier: Apache-2.0

package fix

import (
	"context"
	"fmt"
	"slices"
	"strings"

	corev1 "k8s.io/api/core/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/apis/meta/v1/unstructured"
	"k8s.io/pod-security-admission/api"

	"github.com/dapr-prod/kubectl-dapr-prod/pkg/apply"
	"github.com/dapr-prod/kubectl-dapr-prod/pkg/field"
	"github.com/dapr-prod/kubectl-dapr-prod/pkg/guideline"
	"github.com/dapr-prod/kubectl-dapr-prod/pkg/journal"
	"github.com/dapr-prod/kubectl-dapr-prod/pkg/plan"
	"github.com/dapr-prod/kubectl-dapr-prod/pkg/podsecurity"
	"github.com/dapr-prod/kubectl-dapr-prod/pkg/sidecar"
	"github.com/dapr-prod/kubectl-dapr-prod/pkg/snapshot"
)

// Enforcement is a namespace that is to enforce a profile of Pod Security.
type Enforcement struct {
	Namespace string
	Level     api.Level
	// Was is the value of the label that does so; nil without.
	Was *string
	// Tried is how many Pods were looked at: those that are there, and one of each template.
	Tried int
	// Refused are those that the profile forbids, or that could not be tried, and why.
	Refused []string
	// Owner is whom the namespace belongs to, who would set it back; nil for nobody. Its
	// Pods are not looked at then.
	Owner *apply.Owner

	live *unstructured.Unstructured
}

// Done tells whether the namespace does so already, or enforces a stricter profile: that
// is never lowered.
func (e *Enforcement) Done() bool { return e.Was != nil && api.CompareLevels(e.Now(), e.Level) >= 0 }

// Now is the profile that the namespace enforces so far, as the server reads its label.
func (e *Enforcement) Now() api.Level { return podsecurity.Enforced(e.live.GetLabels()).Level }

// profile is the one that is to be enforced, in the version that the namespace's labels
// ask for, and else the server's newest. An older one may forbid what newer ones allow.
func (e *Enforcement) profile() api.LevelVersion {
	return api.LevelVersion{Level: e.Level, Version: podsecurity.Enforced(e.live.GetLabels()).Version}
}

// Enforceable works out whether every Pod of a namespace would be let in by a profile:
// those that are there, and the next one of each template, as the server would store it.
// apps are those of the namespace.
func (r *Runner) Enforceable(ctx context.Context, namespace string, level api.Level, apps []*guideline.App) (*Enforcement, error) {
	live, err := r.Client.Get(ctx, namespaceOf(namespace))
	if err != nil {
		return nil, err
	}
	e := &Enforcement{Namespace: namespace, Level: level, live: live}
	if was, set := live.GetLabels()[api.EnforceLevelLabel]; set {
		e.Was = &was
	}
	if !r.Write.IncludeManaged {
		e.Owner = apply.OwnerOf(live)
	}
	if e.Done() || e.Owner != nil {
		return e, nil
	}
	pods, err := r.Core.CoreV1().Pods(namespace).List(ctx, metav1.ListOptions{})
	if err != nil {
		return nil, err
	}
	for i := range pods.Items {
		if p := &pods.Items[i]; p.Status.Phase != corev1.PodSucceeded && p.Status.Phase != corev1.PodFailed && p.DeletionTimestamp == nil {
			e.hold("Pod "+p.Name, p)
		}
	}
	templates, err := r.templates(ctx, namespace, apps)
	if err != nil {
		return nil, err
	}
	for _, t := range templates {
		if err := r.tryTemplate(ctx, e, t); err != nil {
			return nil, err
		}
	}
	slices.Sort(e.Refused)
	return e, nil
}

// hold judges one Pod.
func (e *Enforcement) hold(who string, pod *corev1.Pod) {
	e.Tried++
	if bad := podsecurity.Violations(e.profile(), &pod.ObjectMeta, &pod.Spec); len(bad) > 0 {
		e.Refused = append(e.Refused, fmt.Sprintf("%s: %s", who, strings.Join(bad, "; ")))
	}
}

// tryTemplate judges what the server would make of a Pod of a template.
func (r *Runner) tryTemplate(ctx context.Context, e *Enforcement, t template) error {
	who := t.kind + " " + t.name
	pod := &corev1.Pod{ObjectMeta: metav1.ObjectMeta{
		GenerateName: t.name + "-", Namespace: e.Namespace, Labels: t.Labels, Annotations: t.Annotations,
	}, Spec: t.Spec}
	if app := t.app; app != nil && app.Sidecar.Simulation.State == sidecar.Injected {
		var err error
		if pod, err = app.Injector.Inject(pod, roots(app)); err != nil {
			e.Refused = append(e.Refused, fmt.Sprintf("%s: no Pod comes of its template: %s", who, err))
			return nil
		}
		if pod.GenerateName == "" {
			pod.Name, pod.GenerateName = "", t.name+"-"
		}
	}
	tried, err := r.Core.CoreV1().Pods(e.Namespace).Create(ctx, pod, metav1.CreateOptions{DryRun: []string{metav1.DryRunAll}})
	switch {
	case err == nil:
		e.hold("the next Pod of "+who, tried)
	case ctx.Err() != nil || !answered(err):
		return err
	default:
		e.Refused = append(e.Refused, fmt.Sprintf("a Pod of %s could not be tried: %s", who, statusOf(err)))
	}
	return nil
}

// Enforce has a namespace enforce the profile, if it is as it was looked at, and keeps
// that in a journal. It returns who set the label before.
func (r *Runner) Enforce(ctx context.Context, e *Enforcement, j *journal.Journal) ([]apply.Conflict, error) {
	label := plan.Field{Path: field.Path{"labels", api.EnforceLevelLabel}, Value: string(e.Level), Plain: true}
	if e.Was != nil {
		label.Was = *e.Was
	}
	object := namespaceOf(e.Namespace)
	result, err := r.Client.Write(ctx, j, e.live, plan.Change{
		App: object, UID: e.live.GetUID(), Object: object, Path: "metadata", Fields: []plan.Field{label},
	}, r.Write)
	return result.TakenOver, err
}

func namespaceOf(name string) snapshot.Object {
	return snapshot.Object{APIVersion: "v1", Kind: namespaceKind, Name: name}
}
