// Copyright The kubectl-dapr-prod Authors.
// SPDX-License-Identifier: Apache-2.0

package plan

import (
	"fmt"
	"maps"
	"slices"

	corev1 "k8s.io/api/core/v1"
	"k8s.io/apimachinery/pkg/apis/meta/v1/unstructured"
	"k8s.io/apimachinery/pkg/runtime"

	"github.com/dapr-prod/kubectl-dapr-prod/pkg/snapshot"
)

// revised is a snapshot in which the apps have what is written for them, and what is
// made is there. The Pods of those apps are gone, but for what they used: they are made
// anew from the template.
func revised(s *snapshot.Snapshot, edits map[int]*edit, creations []Creation) *snapshot.Snapshot {
	next := *s
	next.Apps = slices.Clone(s.Apps)
	var secrets []snapshot.Secret
	for i, e := range edits {
		app := &next.Apps[i]
		template := *app.Template
		template.Annotations = maps.Clone(template.Annotations)
		if template.Annotations == nil {
			template.Annotations = snapshot.Annotations{}
		}
		maps.Copy(template.Annotations, e.annotations)
		template.Spec = edited(template.Spec, e.fields)
		app.Template = &template
		for _, secret := range secretsOf(e.secrets, app.Object.Namespace) {
			secrets = append(secrets, secret.known())
		}
		app.Used = app.HighestUse()
		app.Pods, app.Denials = nil, nil
	}
	for _, c := range creations {
		next.ResourceQuotas = append(slices.Clip(next.ResourceQuotas), snapshot.NewResourceQuota(c.quota, snapshot.Source{}))
	}
	if len(secrets) > 0 {
		return withSecrets(&next, secrets)
	}
	return &next
}

// Made is a snapshot in which the objects of creations are, as the server would store
// them.
func Made(s *snapshot.Snapshot, stored []*unstructured.Unstructured) (*snapshot.Snapshot, error) {
	next := *s
	for _, u := range stored {
		q := &corev1.ResourceQuota{}
		if err := runtime.DefaultUnstructuredConverter.FromUnstructured(u.Object, q); err != nil {
			return nil, fmt.Errorf("cannot read the %s %s: %w", u.GetKind(), u.GetName(), err)
		}
		next.ResourceQuotas = append(slices.Clip(next.ResourceQuotas), snapshot.NewResourceQuota(q, snapshot.Source{}))
	}
	return &next, nil
}
