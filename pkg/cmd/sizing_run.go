// Copyright The kubectl-dapr-prod Authors.
// SPDX-License-Identifier: Apache-2.0

package cmd

import (
	"context"
	"errors"
	"fmt"
	"io"
	"slices"
	"strconv"
	"strings"
	"time"

	"k8s.io/cli-runtime/pkg/printers"

	"github.com/dapr-prod/kubectl-dapr-prod/pkg/advice"
	"github.com/dapr-prod/kubectl-dapr-prod/pkg/evaluate"
	"github.com/dapr-prod/kubectl-dapr-prod/pkg/guideline"
	"github.com/dapr-prod/kubectl-dapr-prod/pkg/measure"
	"github.com/dapr-prod/kubectl-dapr-prod/pkg/report"
	"github.com/dapr-prod/kubectl-dapr-prod/pkg/snapshot"
	"github.com/dapr-prod/kubectl-dapr-prod/pkg/usage"
)

// sized is what sizing found out before anything is shown.
type sized struct {
	// Before is the cluster as it is, judged by no guideline.
	Before *evaluate.Evaluation
	// Apps are those that were asked about and have a sidecar.
	Apps []*guideline.App
	// Measured is nil where there is no app.
	Measured *measure.Measured
	// Rows are the recommendations, one an app.
	Rows []report.SizingRow
}

// Run reads, measures, recommends and prints.
func (o *SizingOptions) Run(ctx context.Context) error {
	s, err := o.prepare(ctx)
	if err != nil {
		return err
	}
	o.Layout.Next = o.next(s)
	if err := o.Print(o.Out, o.report(s), o.Layout); err != nil {
		return fmt.Errorf("cannot write the recommendations: %w", err)
	}
	return nil
}

// next is what to do after reading the table.
func (o *SizingOptions) next(s *sized) string {
	if s.Measured == nil {
		return ""
	}
	var lines []string
	if !o.Wide {
		lines = append(lines, "Add -o wide for the reasons.")
	}
	if s.Measured.Source == measure.Metrics && o.Measure.Sample == 0 {
		lines = append(lines, "Add --sample 10m to watch for longer; only a history makes confidence more than low.")
	}
	return strings.Join(lines, "\n")
}

// prepare reads the cluster, measures and recommends.
func (o *SizingOptions) prepare(ctx context.Context) (*sized, error) {
	snap, err := o.Reader.Read(ctx)
	if err != nil {
		return nil, err
	}
	e := evaluate.Run(snap, nil, evaluate.Options{Scopes: []guideline.Scope{guideline.Apps}, Known: guidelineNames()})
	if err := appsSeen(o.ErrOut, e, o.Objects, o.Reader.Namespace, o.Where); err != nil {
		return nil, err
	}
	s := &sized{Before: e, Apps: o.wanted(e)}
	if len(s.Apps) == 0 {
		return s, nil
	}
	var workloads []measure.Workload
	for _, app := range s.Apps {
		workloads = append(workloads, measure.OfApp(app.App))
	}
	if s.Measured, err = o.measure(ctx, workloads); err != nil {
		return nil, err
	}
	s.Rows = recommend(s)
	return s, nil
}

// wanted are the apps that were asked about, but for those that get no sidecar, of
// which it is said.
func (o *SizingOptions) wanted(e *evaluate.Evaluation) []*guideline.App {
	var apps []*guideline.App
	var without []string
	for _, app := range e.Apps {
		if !o.asked(app.Object) {
			continue
		}
		if !app.Sidecar.Running() {
			without = append(without, app.Object.String())
			continue
		}
		apps = append(apps, app)
	}
	if len(without) > 0 {
		fmt.Fprintln(o.ErrOut, printers.EscapeTerminal(fmt.Sprintf("Left out, since the next Pod gets no sidecar (%s check --show=apps says why): %s.",
			displayName, firstOf(without))))
	}
	return apps
}

// measure finds out what workloads used, and tells of its progress on a terminal.
// Where the user ends a watch, what is there counts, and ctx has ended.
func (o *SizingOptions) measure(ctx context.Context, workloads []measure.Workload) (*measure.Measured, error) {
	options := o.Measure
	options.Progress = func(usage.Progress) {}
	if o.Terminal {
		options.Progress = tellProgress(o.ErrOut, o.Planned)
	}
	m, err := options.Measure(ctx, workloads)
	if o.Terminal && options.Sample > 0 {
		fmt.Fprintln(o.ErrOut)
	}
	var clusters *usage.ClustersError
	if errors.As(err, &clusters) {
		return nil, fmt.Errorf("%w, as in --prometheus-label cluster=%s", err, clusters.Clusters[0])
	}
	return m, err
}

// tellProgress writes how far a watch is, on one line of a terminal, and what a Ctrl-C does.
func tellProgress(w io.Writer, planned bool) func(usage.Progress) {
	end := "Ctrl-C uses what is there."
	if planned {
		end = "Ctrl-C ends it, and nothing is planned."
	}
	return func(p usage.Progress) {
		fmt.Fprintf(w, "\r\x1b[KWatching: %s of %s, %s, %s. %s",
			p.Elapsed.Round(time.Second), p.Of, count(p.Pods, "Pod"), count(p.Samples, "reading"), end)
	}
}

// recommend says what the sidecars should get.
func recommend(s *sized) []report.SizingRow {
	adviser := advice.New(s.Before.Snapshot)
	var rows []report.SizingRow
	for _, app := range s.Apps {
		used := s.Measured.Of(app.Object)
		r := adviser.Recommend(app, used.Own)
		notes := adviser.Notes(app, &r, used.Beside)
		if used.Heap > 0 {
			notes = append(notes, fmt.Sprintf("Go's heap had up to %s of the memory in use: that is what GOMEMLIMIT can keep small", used.Heap.Rounded()))
		}
		rows = append(rows, report.SizingRow{Recommendation: r, Notes: notes})
	}
	return rows
}

// report is what is shown.
func (o *SizingOptions) report(s *sized) *report.Sizing {
	r := &report.Sizing{Scope: o.scope(), MinChange: o.MinChange, Rows: s.Rows, Source: "Nothing was measured: there is no app."}
	if s.Measured != nil {
		r.Source = s.Measured.Words
		r.Warnings = slices.Concat(s.Measured.Warnings, o.strangers(s.Measured), hiddenBounds(s.Before.Snapshot, advice.Reads()))
	}
	return r
}

// strangers says how many Pods were measured that are of no app that there is. Where
// only some apps were asked about, there are others.
func (o *SizingOptions) strangers(m *measure.Measured) []string {
	if m.Strangers == 0 || len(o.Objects) > 0 || !o.Reader.Selector.Empty() {
		return nil
	}
	return []string{"Usage of Pods that are of none of these apps, as far as their names tell, did not count: there were " + strconv.Itoa(m.Strangers)}
}

// hiddenBounds says what of the cluster's bounds could not be looked at.
func hiddenBounds(s *snapshot.Snapshot, reads []snapshot.Read) []string {
	var all []string
	for _, read := range reads {
		for _, gap := range s.Gaps {
			if gap.Resource == read.Resource && gap.Place == read.Place {
				all = append(all, fmt.Sprintf("%s: the numbers do not take them into account", gap))
			}
		}
	}
	return all
}

// scope is what the totals are of, in words.
func (o *SizingOptions) scope() string {
	if o.Reader.Namespace == "" {
		return "the cluster"
	}
	return "namespace " + o.Reader.Namespace
}
