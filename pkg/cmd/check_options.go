// Copyright The kubectl-dapr-prod Authors.
// SPDX-License-Identifier: Apache-2.0

package cmd

import (
	"context"
	"errors"
	"fmt"
	"os"
	"slices"
	"strconv"
	"time"

	"k8s.io/apimachinery/pkg/labels"
	"k8s.io/cli-runtime/pkg/genericiooptions"
	"k8s.io/client-go/tools/clientcmd"

	"github.com/dapr-prod/kubectl-dapr-prod/pkg/catalogue"
	"github.com/dapr-prod/kubectl-dapr-prod/pkg/collect"
	"github.com/dapr-prod/kubectl-dapr-prod/pkg/dapr"
	"github.com/dapr-prod/kubectl-dapr-prod/pkg/evaluate"
	"github.com/dapr-prod/kubectl-dapr-prod/pkg/guideline"
	"github.com/dapr-prod/kubectl-dapr-prod/pkg/overlay"
	"github.com/dapr-prod/kubectl-dapr-prod/pkg/report"
	"github.com/dapr-prod/kubectl-dapr-prod/pkg/snapshot"
)

// never is the value of --fail-on that lets everything pass.
const never = "never"

// noServer is where kubectl looks for a server when nothing names one.
const noServer = "http://localhost:8080"

// reader fills a snapshot: collect.Live or collect.Manifests.
type reader interface {
	Read(ctx context.Context) (*snapshot.Snapshot, error)
}

// CheckOptions is what a check needs to run.
type CheckOptions struct {
	Reader     reader
	Guidelines []*guideline.Guideline
	Scopes     []guideline.Scope
	Edition    guideline.Edition
	Outputs    []output
	Layout     report.Options
	// Where says in words where apps were looked for, and where else they may be.
	Where string
	// FailOn is the least severity that makes the check fail; 0 lets all pass.
	FailOn          guideline.Severity
	RequireComplete bool

	genericiooptions.IOStreams
}

// ToOptions turns what was typed into what is needed. changed tells which flags
// were given.
func (f *CheckFlags) ToOptions(changed func(string) bool) (*CheckOptions, error) {
	o := &CheckOptions{RequireComplete: f.RequireComplete, IOStreams: f.IOStreams}
	var errs [6]error
	o.Scopes, errs[0] = parseScope(f.Scope)
	o.Outputs, errs[1] = outputsOf(f.Output)
	o.Layout, errs[2] = f.layout(changed, o.Outputs)
	o.FailOn, errs[3] = f.failOn()
	if o.Edition, errs[5] = guideline.ParseEdition(f.Edition); errs[5] != nil {
		errs[5] = oneOf("--guidelines-edition", f.Edition, guideline.Editions())
	}
	if errs[0] == nil {
		o.Guidelines, errs[4] = selectGuidelines(f.Guidelines, f.SkipGuidelines, o.Scopes)
	}
	if err := errors.Join(errs[:]...); err != nil {
		return nil, err
	}
	var err error
	if o.Reader, err = f.reader(readsOf(o.Guidelines, o.Scopes), changed); err != nil {
		return nil, err
	}
	o.Where = where(o.Reader)
	return o, nil
}

func (f *CheckFlags) failOn() (guideline.Severity, error) {
	if f.FailOn == never {
		return 0, nil
	}
	s, err := guideline.ParseSeverity(f.FailOn)
	if err != nil {
		return 0, oneOf("--fail-on", f.FailOn, append(guideline.Severities(), never))
	}
	return s, nil
}

// layout is how the report is laid out, on a terminal or in a pipe.
func (f *CheckFlags) layout(changed func(string) bool, outputs []output) (report.Options, error) {
	l := report.Options{Show: report.Show(f.Show), Namespaced: !f.AllNamespaces && len(f.Filenames) == 0 && f.Kustomize == "", Guidelines: catalogue.All()}
	var err error
	if l.Severity, err = guideline.ParseSeverity(f.Severity); err != nil {
		return l, oneOf("--severity", f.Severity, guideline.Severities())
	}
	if !slices.Contains(showNames(), f.Show) {
		return l, oneOf("--show", f.Show, showNames())
	}
	if changed("show") && len(outputs) > 0 && !slices.ContainsFunc(outputs, output.laid) {
		return l, fmt.Errorf("--show is for the table and -o wide: -o %s always holds the same", outputs[0].name)
	}
	l.Width, l.Color = terminal(f.Out)
	return l, nil
}

// reader is what reads: manifests where some are named, else the cluster.
func (f *CheckFlags) reader(reads []snapshot.Read, changed func(string) bool) (reader, error) {
	selector, err := selectorOf(f.Selector)
	if err != nil {
		return nil, err
	}
	now, err := takenAt()
	if err != nil {
		return nil, err
	}
	switch {
	case changed("kustomize"):
		return f.kustomization(selector, now, changed)
	case changed("filename"):
		return f.manifests(selector, now, changed)
	case f.Recursive:
		return nil, errors.New("-R goes with -f DIRECTORY: without -f the cluster is checked")
	case f.ChunkSize < 0:
		return nil, errors.New("--chunk-size takes no negative number: 0 asks for lists in one piece")
	}
	return f.live(selector, now, reads)
}

func (f *CheckFlags) manifests(selector labels.Selector, now time.Time, changed func(string) bool) (collect.Manifests, error) {
	if f.AllNamespaces {
		return collect.Manifests{}, errors.New("-A does not go with -f and -k: manifests are all checked, whatever their namespace")
	}
	version, err := f.version(dapr.NewestVersion())
	if err != nil {
		return collect.Manifests{}, err
	}
	m := collect.Manifests{
		Filenames: f.Filenames,
		Recursive: f.Recursive,
		In:        f.In,
		Namespace: "default",
		Selector:  selector,
		Version:   version,
		Now:       now,
	}
	if changed("namespace") && *f.Config.Namespace != "" {
		m.Namespace, m.Enforced = *f.Config.Namespace, true
	}
	return m, nil
}

// version is the release that was asked for, or another where none was.
func (f *CheckFlags) version(unset dapr.Version) (dapr.Version, error) {
	if f.DaprVersion == "" {
		return unset, nil
	}
	v, err := dapr.ParseVersion(f.DaprVersion)
	if err != nil {
		return v, fmt.Errorf("--dapr-version: %w", err)
	}
	return v, nil
}

func (f *CheckFlags) live(selector labels.Selector, now time.Time, reads []snapshot.Read) (reader, error) {
	config, err := f.Config.ToRESTConfig()
	if err != nil {
		return nil, err
	}
	config.UserAgent = userAgent()
	// The server's own flow control is the limit, as with kubectl.
	config.QPS = -1
	loader := f.Config.ToRawKubeConfigLoader()
	l := collect.Live{Config: config, Selector: selector, ChunkSize: f.ChunkSize, Reads: reads, Now: now, Progress: progressOf(f.ErrOut).reading}
	if l.As, err = f.version(dapr.Version{}); err != nil {
		return nil, err
	}
	if l.As.Known() && l.As.NewerThanTables() {
		return nil, fmt.Errorf("--dapr-version %s is not known to this release of the plugin, whose newest is %s: what it would break cannot be told", f.DaprVersion, dapr.NewestVersion())
	}
	raw, err := loader.RawConfig()
	if err != nil {
		return nil, err
	}
	if len(raw.Clusters) == 0 && *f.Config.APIServer == "" && config.Host == noServer {
		return nil, clientcmd.ErrEmptyConfig
	}
	l.Context = raw.CurrentContext
	if f.Config.Context != nil && *f.Config.Context != "" {
		l.Context = *f.Config.Context
	}
	if !f.AllNamespaces {
		if l.Namespace, _, err = loader.Namespace(); err != nil {
			return nil, err
		}
	}
	return l, nil
}

// where says in words where a reader looks for apps.
func where(r reader) string {
	if k, ok := r.(overlay.Reader); ok {
		r = k.Manifests
	}
	if m, ok := r.(collect.Manifests); ok {
		if m.Selector.Empty() {
			return "in the input"
		}
		return fmt.Sprintf("with the labels %q in the input", m.Selector)
	}
	l, _ := r.(collect.Live)
	switch {
	case l.Namespace == "" && l.Selector.Empty():
		return "in this cluster"
	case l.Namespace == "":
		return fmt.Sprintf("with the labels %q", l.Selector)
	case l.Selector.Empty():
		return fmt.Sprintf("in namespace %s: -A looks everywhere", l.Namespace)
	default:
		return fmt.Sprintf("with the labels %q in namespace %s", l.Selector, l.Namespace)
	}
}

// takenAt is the time of the report, which SOURCE_DATE_EPOCH may set so that
// equal input gives equal bytes.
func takenAt() (time.Time, error) {
	epoch := os.Getenv("SOURCE_DATE_EPOCH")
	if epoch == "" {
		return time.Now().UTC().Truncate(time.Second), nil
	}
	seconds, err := strconv.ParseInt(epoch, 10, 64)
	if err != nil {
		return time.Time{}, fmt.Errorf("SOURCE_DATE_EPOCH=%q is not a number of seconds", epoch)
	}
	return time.Unix(seconds, 0).UTC(), nil
}

// Run reads, judges, prints, and says by its error how it ended.
func (o *CheckOptions) Run(ctx context.Context) error {
	s, readErr := o.Reader.Read(ctx)
	if s == nil {
		return readErr
	}
	if err := o.nothingToRehearse(s); err != nil {
		return err
	}
	e, err := o.judge(ctx, s)
	if err != nil {
		return err
	}
	if withoutDapr(s) {
		if readErr != nil {
			return readErr
		}
		fmt.Fprintf(o.ErrOut, "There is no Dapr app and no control plane %s.\n", o.Where)
		e.Judgements = nil // that no control plane is in the input says nothing here
	}
	if err := o.nothingOfDapr(e); err != nil {
		return errors.Join(readErr, err)
	}
	// From here on the report is all that is held: the cluster is let go.
	r := report.New(e, tool())
	if err := o.print(r); err != nil {
		return err
	}
	if readErr != nil {
		return readErr // what was read is judged, but the check is not whole
	}
	return o.verdict(r)
}

// print writes all documents. One that cannot be written keeps back none of the others.
func (o *CheckOptions) print(r *report.Report) error {
	var errs []error
	for _, out := range o.Outputs {
		l := o.Layout
		if out.file != "" {
			l.Width, l.Color = 0, false
		}
		l.Next = o.nextCommand(r, l, out.name == "wide")
		errs = append(errs, out.write(o.Out, r, l))
	}
	return errors.Join(errs...)
}

// judge holds the snapshot against the guidelines, unless the user has had enough.
func (o *CheckOptions) judge(ctx context.Context, s *snapshot.Snapshot) (*evaluate.Evaluation, error) {
	return unlessEnded(ctx, func() (*evaluate.Evaluation, error) {
		return evaluate.Run(s, o.Guidelines, evaluate.Options{Scopes: o.Scopes, Edition: o.Edition, Known: guidelineNames()}), nil
	})
}

// selectorOf is the label selector that was typed.
func selectorOf(typed string) (labels.Selector, error) {
	selector, err := labels.Parse(typed)
	if err != nil {
		return nil, fmt.Errorf("-l %q is not a label selector: write it as key=value,key2 in (a,b)", typed)
	}
	return selector, nil
}
