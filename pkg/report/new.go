// Copyright The kubectl-dapr-prod Authors.
// SPDX-License-Identifier: Apache-2.0

package report

import (
	"cmp"
	"fmt"
	"slices"

	"github.com/dapr/dapr/pkg/injector/annotations"

	"github.com/dapr-prod/kubectl-dapr-prod/pkg/dapr"
	"github.com/dapr-prod/kubectl-dapr-prod/pkg/evaluate"
	"github.com/dapr-prod/kubectl-dapr-prod/pkg/guideline"
	"github.com/dapr-prod/kubectl-dapr-prod/pkg/sidecar"
	"github.com/dapr-prod/kubectl-dapr-prod/pkg/snapshot"
)

// New makes the report of an evaluation. No secret value gets into it.
func New(e *evaluate.Evaluation, tool Tool) *Report {
	tool.GuidelinesEdition = cmp.Or(string(e.Edition), tool.GuidelinesEdition)
	tool.DataStale = stale(tool.DataDate, e.Snapshot.TakenAt)
	r := &Report{
		APIVersion: APIVersion,
		Kind:       Kind,
		Tool:       tool,
		TakenAt:    e.Snapshot.TakenAt.UTC(),
		Cluster:    newCluster(e.Snapshot),
		Apps:       make([]App, 0, len(e.Apps)),
		Results:    make([]Result, 0, len(e.Judgements)),
	}
	for _, app := range e.Apps {
		r.Apps = append(r.Apps, newApp(app))
	}
	for _, j := range e.Judgements {
		r.Results = append(r.Results, newResult(j))
		r.Summary.count(j.Outcome, j.Severity)
	}
	return r
}

func newCluster(s *snapshot.Snapshot) Cluster {
	c := Cluster{Context: s.Context, KubernetesVersion: s.KubernetesVersion, ControlPlanes: []ControlPlane{}}
	for _, cp := range s.ControlPlanes {
		kept := ControlPlane{Namespace: cp.Namespace, Version: cp.Version.String(), Assumed: cp.Assumed}
		if cp.Assumed && len(cp.Workloads) == 0 {
			kept.Namespace = "" // nothing was read that would tell
		}
		switch {
		case cp.Version.NewerThanTables():
			kept.JudgedAs = dapr.NewestVersion().String()
		case cp.Version.OlderThanTables():
			kept.JudgedAs = dapr.OldestVersion().String()
		}
		if cp.Rehearsed.Known() {
			kept.Rehearsal = &Rehearsal{From: cp.Rehearsed.String()}
		}
		if cp.Release != nil {
			kept.Release = &Release{Name: cp.Release.Name, ChartVersion: cp.Release.ChartVersion, Revision: cp.Release.Revision}
		}
		c.ControlPlanes = append(c.ControlPlanes, kept)
	}
	for _, g := range s.Gaps {
		// What serves two places is said once.
		if text := g.String(); g.Reason != snapshot.NotInInput && !slices.Contains(c.Gaps, text) {
			c.Gaps = append(c.Gaps, text)
		}
	}
	return c
}

func newApp(a *guideline.App) App {
	kept := App{
		Namespace: a.Object.Namespace,
		Kind:      a.Object.Kind,
		Name:      a.Object.Name,
		AppID:     appID(a),
		Replicas:  a.Replicas,
		Pods:      len(a.Pods),
		Sidecar: Sidecar{
			State:    string(a.Sidecar.Simulation.State),
			Native:   a.Sidecar.Simulation.Native,
			Observed: []Observed{},
			Problems: append([]string{}, a.Sidecar.Problems...),
		},
	}
	if c := a.Sidecar.Simulated; c != nil {
		kept.Sidecar.Simulated = Redacted(c)
	}
	for _, o := range a.Sidecar.Observed {
		kept.Sidecar.Observed = append(kept.Sidecar.Observed, Observed{
			Pods:      o.Pods,
			Native:    o.Native,
			Container: *Redacted(&o.Container),
		})
	}
	switch sim := a.Sidecar.Simulation; {
	case sim.Running():
		kept.Sidecar.Without = a.Sidecar.Without
	case len(a.Sidecar.Observed) > 0:
		kept.Sidecar.Without = a.Sidecar.Without
		if sim.State != sidecar.Unread {
			kept.Sidecar.Problems = append(kept.Sidecar.Problems, fmt.Sprintf("%d of %d Pods run daprd though the template gets none now",
				len(a.Pods)-len(a.Sidecar.Without), len(a.Pods)))
		}
	}
	return kept
}

// appID is the template's, else what a running sidecar was told.
func appID(a *guideline.App) string {
	if a.Template != nil && a.Template.Annotations[annotations.KeyAppID] != "" {
		return a.Template.Annotations[annotations.KeyAppID]
	}
	if len(a.Sidecar.Observed) == 1 {
		return dapr.Flag(&a.Sidecar.Observed[0].Container, "app-id", "")
	}
	return ""
}

func newResult(j evaluate.Judgement) Result {
	kept := Result{
		Guideline: j.Guideline.ID,
		Origin:    j.Origin,
		Severity:  j.Severity,
		Outcome:   j.Outcome,
		Object:    j.Object,
		Container: j.Container,
		Field:     j.Field,
		Message:   j.Message,
		Reason:    j.Reason,
		Remedy:    j.Remedy,
		Docs:      j.Guideline.Docs,
	}
	if j.Outcome == guideline.Passed {
		kept.Remedy = "" // what there is to do in time is for those who ask
	}
	if j.Source != nil && j.Source.File != "" {
		kept.Source = &Source{File: j.Source.File, Line: j.Source.LineOf(j.Field)}
	}
	return kept
}

// count adds one outcome.
func (s *Summary) count(o guideline.Outcome, severity guideline.Severity) {
	switch o {
	case guideline.Passed:
		s.Pass++
	case guideline.Skipped:
		s.Skip++
	case guideline.Unjudged:
		s.Unknown++
	case guideline.Ignored:
		s.Ignored++
	case guideline.Failed:
		s.Fail++
		switch severity {
		case guideline.Error:
			s.BySeverity.Error++
		case guideline.Warning:
			s.BySeverity.Warning++
		default:
			s.BySeverity.Info++
		}
	}
}
