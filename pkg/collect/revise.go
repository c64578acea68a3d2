// Copyright The kubectl-dapr-prod Authors.
// SPDX-License-Identifier: Apache-2.0

package collect

import (
	"fmt"
	"slices"
	"strings"

	corev1 "k8s.io/api/core/v1"
	"k8s.io/apimachinery/pkg/apis/meta/v1/unstructured"
	"k8s.io/apimachinery/pkg/runtime"

	"github.com/dapr-prod/kubectl-dapr-prod/pkg/snapshot"
)

// Revision is what became of one app since the snapshot was taken, or would become
// of it.
type Revision struct {
	App snapshot.Object
	// Workload is the object that holds the app's template.
	Workload *unstructured.Unstructured
	// Pods replace the app's; nil leaves them.
	Pods []corev1.Pod
}

// Revised is a snapshot in which some apps are as the server says now, or would
// say after a change. All else is as it was read.
func Revised(s *snapshot.Snapshot, revisions []Revision) (*snapshot.Snapshot, error) {
	next := *s
	next.Apps = slices.Clone(s.Apps)
	for _, r := range revisions {
		i := slices.IndexFunc(next.Apps, func(a snapshot.App) bool { return a.Object == r.App })
		if i < 0 || next.Apps[i].Template == nil {
			return nil, fmt.Errorf("%s is no app that was read", r.App)
		}
		if err := revise(&next.Apps[i], r); err != nil {
			return nil, fmt.Errorf("%s: %w", r.App, err)
		}
	}
	return &next, nil
}

func revise(app *snapshot.App, r Revision) error {
	t, err := TemplateOf(r.Workload, app.Template.Path)
	if err != nil {
		return err
	}
	revised := *app.Template
	revised.Annotations, revised.Scrape, revised.Labels = ownKeys(t.Annotations), scrapeKeys(t.Annotations), t.Labels
	revised.Spec = &t.Spec
	app.Template = &revised
	if r.Pods == nil {
		return nil
	}
	f := newFacts()
	for i := range r.Pods {
		f.addPod(&r.Pods[i], snapshot.Source{})
	}
	app.Pods, app.Denials = nil, nil
	for _, p := range f.pods {
		app.Pods = append(app.Pods, p.Pod)
	}
	return nil
}

// TemplateOf is the Pod template that stands at a path in an object, such as
// "spec.template".
func TemplateOf(u *unstructured.Unstructured, path string) (*corev1.PodTemplateSpec, error) {
	found, there, err := unstructured.NestedFieldNoCopy(u.Object, strings.Split(path, ".")...)
	fields, ok := found.(map[string]any)
	if err != nil || !there || !ok {
		return nil, fmt.Errorf("no Pod template at %s", path)
	}
	if err := refuseAbsurd(fields, false); err != nil {
		return nil, err
	}
	t := &corev1.PodTemplateSpec{}
	if err := runtime.DefaultUnstructuredConverter.FromUnstructured(fields, t); err != nil {
		return nil, fmt.Errorf("cannot read the Pod template: %w", err)
	}
	return t, nil
}
