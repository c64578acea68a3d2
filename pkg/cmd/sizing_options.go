// Copyright The kubectl-dapr-prod Authors.
// SPDX-License-Identifier: Apache-2.0

package cmd

import (
	"context"
	"errors"
	"fmt"
	"io"
	"slices"
	"time"

	"k8s.io/cli-runtime/pkg/genericiooptions"

	"github.com/dapr-prod/kubectl-dapr-prod/pkg/advice"
	"github.com/dapr-prod/kubectl-dapr-prod/pkg/collect"
	"github.com/dapr-prod/kubectl-dapr-prod/pkg/measure"
	"github.com/dapr-prod/kubectl-dapr-prod/pkg/report"
	"github.com/dapr-prod/kubectl-dapr-prod/pkg/snapshot"
)

// sizingPrinter writes recommendations.
type sizingPrinter func(io.Writer, *report.Sizing, report.Options) error

// sizingOutputs are the values of -o beside the table.
var sizingOutputs = formats[sizingPrinter]{
	{"table", report.SizingTable},
	{"wide", report.SizingWide},
	{"json", func(w io.Writer, s *report.Sizing, _ report.Options) error { return report.SizingJSON(w, s) }},
	{"yaml", func(w io.Writer, s *report.Sizing, _ report.Options) error { return report.SizingYAML(w, s) }},
	{"html", func(w io.Writer, s *report.Sizing, _ report.Options) error { return report.SizingHTML(w, s) }},
}

// SizingOptions is what sizing needs to run.
type SizingOptions struct {
	Reader  collect.Live
	Measure measure.Options
	// MinChange is the share that a number has to be off to be worth a change.
	MinChange float64
	// Objects are the apps that were named; none means all.
	Objects []named
	Print   sizingPrinter
	Layout  report.Options
	// Wide is a table that has the reasons already.
	Wide bool
	// Where says in words where apps were looked for.
	Where string
	// Planned tells that the numbers are planned with, for which a watch that was ended
	// early is too little.
	Planned bool
	// Terminal tells that somebody reads standard error.
	Terminal bool

	genericiooptions.IOStreams
}

// ToOptions turns what was typed into what is needed. changed tells which flags were given.
func (f *SizingFlags) ToOptions(ctx context.Context, changed func(string) bool, args []string) (*SizingOptions, error) {
	o := &SizingOptions{MinChange: f.MinChange.share(), IOStreams: f.IOStreams}
	var err error
	if o.Print, err = sizingOutputs.of(f.Output, asDiff); err != nil {
		return nil, err
	}
	if err := f.possible(changed, args); err != nil {
		return nil, err
	}
	if o.Measure.Prometheus, err = f.Prometheus.dial(changed); err != nil {
		return nil, err
	}
	if err := f.connect(o); err != nil {
		return nil, err
	}
	if o.Objects, err = resolveObjects(ctx, o.Reader.Config, args); err != nil {
		return nil, err
	}
	o.Measure.Source = f.source(changed)
	o.Measure.Labels = f.Prometheus.Labels
	o.Measure.History, o.Measure.Sample = time.Duration(f.History), f.Sample
	o.Measure.Beside = f.Output != "" && f.Output != "table"
	o.Wide = f.Output == "wide"
	o.Layout.Width, o.Layout.Color = terminal(f.Out)
	o.Terminal = isTerminal(f.ErrOut)
	o.Where = where(o.Reader)
	return o, nil
}

// source is where usage is read. What only one of the sources can use means that one.
func (f *SizingFlags) source(changed func(string) bool) measure.Source {
	switch {
	case changed("source") && f.Source != string(measure.Auto):
		return measure.Source(f.Source)
	case changed("prometheus-url"):
		return measure.Prometheus
	case changed("sample"):
		return measure.Metrics
	}
	return measure.Auto
}

// leastHistory holds some readings.
const leastHistory = time.Hour

// possible refuses what does not go together.
func (f *SizingFlags) possible(changed func(string) bool, args []string) error {
	switch {
	case !slices.Contains(measure.Sources(), f.Source):
		return oneOf("--source", f.Source, measure.Sources())
	case time.Duration(f.History) < leastHistory:
		return fmt.Errorf("--history takes no %s: at least an hour is read", &f.History)
	case changed("sample") && f.Sample <= 0:
		return fmt.Errorf("--sample takes no %s: leave it out for one reading", f.Sample)
	case f.ChunkSize < 0:
		return errors.New("--chunk-size takes no negative number: 0 asks for lists in one piece")
	case len(args) > 0 && f.AllNamespaces:
		return fmt.Errorf("%s names one object, and -A asks for all namespaces: say with -n where it is", args[0])
	}
	source := f.source(changed)
	for _, name := range append([]string{"history"}, prometheusFlags...) {
		switch {
		case !changed(name) || source == measure.Prometheus || source == measure.Auto:
		case f.Source == string(measure.Auto):
			return fmt.Errorf("--%s is of Prometheus, and --sample of metrics.k8s.io: give one of them", name)
		default:
			return fmt.Errorf("--%s is of Prometheus: --source=%s does not read it", name, source)
		}
	}
	if changed("sample") && f.Source == string(measure.Auto) && source != measure.Metrics {
		return errors.New("--prometheus-url is of Prometheus, and --sample of metrics.k8s.io: give one of them")
	}
	if changed("sample") && source != measure.Metrics {
		return fmt.Errorf("--sample is of metrics.k8s.io: --source=%s does not read it", source)
	}
	return nil
}

// connect finds the cluster.
func (f *SizingFlags) connect(o *SizingOptions) error {
	selector, err := selectorOf(f.Selector)
	if err != nil {
		return err
	}
	now, err := takenAt()
	if err != nil {
		return err
	}
	check := CheckFlags{Config: f.Config, IOStreams: f.IOStreams, AllNamespaces: f.AllNamespaces, ChunkSize: f.ChunkSize}
	live, err := check.live(selector, now, sizingReads())
	if err != nil {
		return err
	}
	o.Reader = live.(collect.Live)
	o.Measure.Config, o.Measure.Namespace, o.Measure.Now = o.Reader.Config, o.Reader.Namespace, now
	return nil
}

// sizingReads are what the sidecars have, and what the cluster allows.
func sizingReads() []snapshot.Read {
	return slices.Concat(snapshot.Apps(), snapshot.Injector(), advice.Reads())
}
