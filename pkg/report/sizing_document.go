// Copyright The kubectl-dapr-prod Authors.
// SPDX-License-Identifier: Apache-2.0

package report

import (
	"encoding/json"
	"io"

	"sigs.k8s.io/yaml"

	"github.com/dapr-prod/kubectl-dapr-prod/pkg/sizing"
	"github.com/dapr-prod/kubectl-dapr-prod/pkg/snapshot"
)

// sizingDocument is a Sizing as machines get it. Amounts are quantities of Kubernetes.
type sizingDocument struct {
	APIVersion string           `json:"apiVersion"`
	Kind       string           `json:"kind"`
	Source     string           `json:"source"`
	Warnings   []string         `json:"warnings"`
	Workloads  []sizingWorkload `json:"workloads"`
	Total      sizingTotal      `json:"total"`
}

type sizingWorkload struct {
	Object  snapshot.Object `json:"object"`
	Pods    int32           `json:"pods"`
	Current sizingResources `json:"current"`
	// Start is what a service of the control plane starts with, by Origin.
	Start *sizingResources `json:"start,omitempty"`
	// Usage is missing where nothing was measured.
	Usage *sizingUsage `json:"usage,omitempty"`
	// Recommended is missing where Withheld says why.
	Recommended *sizingResources  `json:"recommended,omitempty"`
	Withheld    string            `json:"withheld,omitempty"`
	Confidence  sizing.Confidence `json:"confidence"`
	Origin      string            `json:"origin"`
	// Change tells whether it is worth one; Added is what it adds to all requests.
	Change  bool         `json:"change"`
	Added   sizingAmount `json:"added"`
	Reasons []string     `json:"reasons"`
	Notes   []string     `json:"notes"`
}

type sizingResources struct {
	CPURequest    sizing.CPU    `json:"cpuRequest,omitzero"`
	CPULimit      sizing.CPU    `json:"cpuLimit,omitzero"`
	MemoryRequest sizing.Memory `json:"memoryRequest,omitzero"`
	MemoryLimit   sizing.Memory `json:"memoryLimit,omitzero"`
	GoMemoryLimit string        `json:"goMemoryLimit,omitempty"`
}

type sizingAmount struct {
	CPU    sizing.CPU    `json:"cpu"`
	Memory sizing.Memory `json:"memory"`
}

type sizingUsage struct {
	// Pods is how many were seen, those that are gone among them.
	Pods   int                          `json:"pods"`
	CPU    sizingFigures[sizing.CPU]    `json:"cpu"`
	Memory sizingFigures[sizing.Memory] `json:"memory"`
}

type sizingFigures[T ~int64] struct {
	P50      T   `json:"p50"`
	P95      T   `json:"p95"`
	Max      T   `json:"max"`
	Readings int `json:"readings"`
}

type sizingTotal struct {
	Workloads      int          `json:"workloads"`
	Pods           int          `json:"pods"`
	WithoutRequest int          `json:"podsWithoutRequest"`
	Now            sizingAmount `json:"now"`
	Then           sizingAmount `json:"then"`
}

// SizingJSON writes the recommendations as JSON and nothing else.
func SizingJSON(w io.Writer, s *Sizing) error {
	encoder := json.NewEncoder(w)
	encoder.SetIndent("", "  ")
	encoder.SetEscapeHTML(false)
	return encoder.Encode(s.document())
}

// SizingYAML writes what SizingJSON writes, as YAML.
func SizingYAML(w io.Writer, s *Sizing) error {
	text, err := yaml.Marshal(s.document())
	if err != nil {
		return err
	}
	_, err = w.Write(text)
	return err
}

func (s *Sizing) document() sizingDocument {
	t := s.totals()
	d := sizingDocument{
		APIVersion: APIVersion, Kind: "Sizing", Source: s.Source,
		Warnings: list(s.Warnings), Workloads: []sizingWorkload{},
		Total: sizingTotal{
			Workloads: t.Workloads, Pods: t.Pods, WithoutRequest: t.WithoutRequest,
			Now: sizingAmount{t.CPUNow, t.MemoryNow}, Then: sizingAmount{t.CPUThen, t.MemoryThen},
		},
	}
	for i := range s.Rows {
		d.Workloads = append(d.Workloads, s.Rows[i].document(s.MinChange))
	}
	return d
}

func (r *SizingRow) document(least float64) sizingWorkload {
	cpu, memory := r.Delta()
	d := sizingWorkload{
		Object: r.Workload.Object, Pods: r.Workload.Pods, Current: resourcesDocument(r.Workload.Current),
		Withheld: r.Withheld, Confidence: r.Confidence, Origin: "guidelines",
		Change: r.Changes(least), Added: sizingAmount{cpu, memory},
		Reasons: list(r.Reasons), Notes: list(r.Notes),
	}
	if r.Ours {
		d.Origin = "ours"
	}
	if r.Start != (sizing.Resources{}) {
		start := resourcesDocument(r.Start)
		d.Start = &start
	}
	if r.Withheld == "" {
		recommended := resourcesDocument(r.Resources)
		d.Recommended = &recommended
	}
	if u := r.Use; u.CPU.Readings+u.Memory.Readings > 0 {
		d.Usage = &sizingUsage{Pods: u.Pods, CPU: sizingFigures[sizing.CPU](u.CPU), Memory: sizingFigures[sizing.Memory](u.Memory)}
	}
	return d
}

func resourcesDocument(r sizing.Resources) sizingResources {
	return sizingResources{r.CPURequest, r.CPULimit, r.MemoryRequest, r.MemoryLimit, r.GoMemoryLimit()}
}
