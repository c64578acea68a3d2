// Copyright The kubectl-dapr-prod Authors.
// SPDX-License-Identifier: Apache-2.0

package report

import (
	"fmt"
	"strconv"

	"github.com/dapr-prod/kubectl-dapr-prod/pkg/sizing"
)

// servicesGrid is sizingGrid for the services of a control plane: what the guidelines
// start with stands beside what was measured, and there is no GOMEMLIMIT.
func servicesGrid(s *Sizing) *grid {
	g := &grid{header: []string{
		"NAMESPACE", "OBJECT", "PODS", "CPU", "USED P50/P95/MAX", "START", "THEN",
		"MEMORY", "USED P50/P95/MAX", "START", "THEN", "CONFIDENCE", "CHANGE",
	}, hang: "  "}
	for i := range s.Rows {
		r := &s.Rows[i]
		now, then, use := r.Workload.Current, r.Resources, r.Use
		g.add(row{cells: []string{
			filled(r.Workload.Object.Namespace), escape(reference(r.Workload.Object)), strconv.Itoa(int(r.Workload.Pods)),
			settingPair(now, sizing.CPURequest), used(use.CPU, sizing.CPU.String), r.startOf(sizing.CPURequest), settingPair(then, sizing.CPURequest),
			settingPair(now, sizing.MemoryRequest), used(use.Memory, sizing.Memory.Rounded), r.startOf(sizing.MemoryRequest), settingPair(then, sizing.MemoryRequest),
			r.Confidence.String(), r.change(s.MinChange),
		}})
	}
	return g
}

// servicesStack is a service on a line of its own, then its CPU and its memory.
func servicesStack(s *Sizing, o Options) *grid {
	g := &grid{header: []string{"", "NOW", "P50/P95/MAX", "START", "THEN"}}
	for i := range s.Rows {
		r := &s.Rows[i]
		now, then, use := r.Workload.Current, r.Resources, r.Use
		title := fmt.Sprintf("%s, %s, confidence %s: %s", escape(place(r.Workload.Object)),
			number(int(r.Workload.Pods), "Pod", "Pods"), r.Confidence, r.change(s.MinChange))
		g.add(row{before: hang("", title, o.Width), cells: []string{
			"  CPU", settingPair(now, sizing.CPURequest), used(use.CPU, sizing.CPU.String), r.startOf(sizing.CPURequest), settingPair(then, sizing.CPURequest),
		}})
		g.add(row{cells: []string{
			"  memory", settingPair(now, sizing.MemoryRequest), used(use.Memory, sizing.Memory.Rounded), r.startOf(sizing.MemoryRequest), settingPair(then, sizing.MemoryRequest),
		}})
	}
	return g
}

// startOf is what a service starts with, and whether that is this tool's own number.
func (r *SizingRow) startOf(request sizing.Setting) string {
	if r.Ours {
		return settingPair(r.Start, request) + " (ours)"
	}
	return settingPair(r.Start, request)
}
