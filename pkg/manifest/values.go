// Copyright The kubectl-dapr-prod Authors.
// SPDX-License-Identifier: Apache-2.0

package manifest

import (
	"encoding/json"
	"errors"
)

// errValues is said of values of a chart where manifests are wanted.
var errValues = errors.New("values of a Helm chart, and not a Kubernetes object: render it (helm template … | kubectl dapr-prod check -f -), or see with kubectl dapr-prod fix -f what the values lack")

// isValues tells whether a document that is no object is values of a chart.
func (d *Document) isValues(are func(map[string]any) bool) bool {
	if are == nil || d.APIVersion != "" || d.Kind != "" || len(d.Spot.Items) > 0 {
		return false
	}
	var tree map[string]any
	return json.Unmarshal(d.raw, &tree) == nil && are(tree)
}

// passOverValues passes over values of a chart where somebody wants to know where they
// are; elsewhere they are a mistake.
func (s *stream) passOverValues() error {
	if s.Texts == nil {
		return errValues
	}
	s.values = true
	if !s.Texts.full {
		s.Texts.all[len(s.Texts.all)-1].Values = true
	}
	return nil
}
