// Copyright The kubectl-dapr-prod Authors.
// SPDX-License-Identifier: Apache-2.0

package report

import (
	"encoding/json"
	"io"
	"slices"

	corev1 "k8s.io/api/core/v1"
)

// JSON writes the report as JSON and nothing else. Fails below the severity
// asked for are left out; the summary counts them.
func JSON(w io.Writer, r *Report, o Options) error {
	encoder := json.NewEncoder(w)
	encoder.SetIndent("", "  ")
	// Messages are not for a web page: "<" stays readable.
	encoder.SetEscapeHTML(false)
	return encoder.Encode(document(r, o))
}

// document is the report as machines get it: fails below the severity asked for
// left out, no list null, and no value of the environment that might be secret,
// whoever made the report. r stays as it is.
func document(r *Report, o Options) *Report {
	d := *r
	d.Cluster.ControlPlanes = list(r.Cluster.ControlPlanes)
	d.Results = list(slices.DeleteFunc(slices.Clone(r.Results), func(result Result) bool { return below(result, o) }))
	d.Apps = list(slices.Clone(r.Apps))
	for i := range d.Apps {
		s := &d.Apps[i].Sidecar
		s.Problems = list(s.Problems)
		s.Simulated = Redacted(s.Simulated)
		s.Observed = list(slices.Clone(s.Observed))
		for j := range s.Observed {
			observed := &s.Observed[j]
			observed.Pods = list(observed.Pods)
			observed.Container = redacted(observed.Container)
		}
	}
	return &d
}

func redacted(c corev1.Container) corev1.Container { return *Redacted(&c) }

// list is s, or an empty list that prints as one.
func list[T any](s []T) []T {
	if s == nil {
		return []T{}
	}
	return s
}
