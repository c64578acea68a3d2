// Copyright The kubectl-dapr-prod Authors.
// SPDX-License-Identifier: Apache-2.0

package plan

import (
	"maps"
	"slices"

	"github.com/dapr-prod/kubectl-dapr-prod/pkg/snapshot"
)

// revised is a snapshot in which the apps have what is written for them. Their Pods
// are gone: they are made anew from the template.
func revised(s *snapshot.Snapshot, edits map[int]*edit) *snapshot.Snapshot {
	next := *s
	next.Apps = slices.Clone(s.Apps)
	for i, e := range edits {
		app := &next.Apps[i]
		template := *app.Template
		template.Annotations = maps.Clone(template.Annotations)
		if template.Annotations == nil {
			template.Annotations = snapshot.Annotations{}
		}
		maps.Copy(template.Annotations, e.annotations)
		app.Template = &template
		app.Pods, app.Denials = nil, nil
	}
	return &next
}
