// Copyright The kubectl-dapr-prod Authors.
// SPDX-License-Identifier: Apache-2.0

package fix

import (
	"context"
	"encoding/json"
	"fmt"
	"slices"
	"strings"

	corev1 "k8s.io/api/core/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/types"
	"k8s.io/pod-security-admission/api"

	"github.com/dapr-prod/kubectl-dapr-prod/pkg/apply"
	"github.com/dapr-prod/kubectl-dapr-prod/pkg/guideline"
	"github.com/dapr-prod/kubectl-dapr-prod/pkg/podsecurity"
	"github.com/dapr-prod/kubectl-dapr-prod/pkg/sidecar"
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

	uid      types.UID
	revision string
}

// Done tells whether the namespace does so already.
func (e *Enforcement) Done() bool { return e.Was != nil && *e.Was == string(e.Level) }

// profile is the one that is to be enforced, in the server's newest version.
func (e *Enforcement) profile() api.LevelVersion {
	return api.LevelVersion{Level: e.Level, Version: api.LatestVersion()}
}

// Enforceable works out whether every Pod of a namespace would be let in by a profile:
// those that are there, and the next one of each template, as the server would store it.
// apps are those of the namespace.
func (r *Runner) Enforceable(ctx context.Context, namespace string, level api.Level, apps []*guideline.App) (*Enforcement, error) {
	ns, err := r.Core.CoreV1().Namespaces().Get(ctx, namespace, metav1.GetOptions{})
	if err != nil {
		return nil, err
	}
	e := &Enforcement{Namespace: namespace, Level: level, uid: ns.UID, revision: ns.ResourceVersion}
	if was, set := ns.Labels[api.EnforceLevelLabel]; set {
		e.Was = &was
	}
	if e.Done() {
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

// Enforce has a namespace enforce the profile, if it is as it was looked at.
func (r *Runner) Enforce(ctx context.Context, e *Enforcement) error {
	patch, err := json.Marshal(map[string]any{"metadata": map[string]any{
		"uid": e.uid, "resourceVersion": e.revision, "labels": map[string]string{api.EnforceLevelLabel: string(e.Level)},
	}})
	if err != nil {
		return err
	}
	_, err = r.Core.CoreV1().Namespaces().Patch(ctx, e.Namespace, types.MergePatchType, patch, metav1.PatchOptions{FieldManager: apply.Manager})
	return err
}

// WayBack is the command that takes it back.
func (e *Enforcement) WayBack() string {
	if e.Was != nil {
		return fmt.Sprintf("kubectl label namespace %s --overwrite %s=%s", e.Namespace, api.EnforceLevelLabel, *e.Was)
	}
	return fmt.Sprintf("kubectl label namespace %s %s-", e.Namespace, api.EnforceLevelLabel)
}
