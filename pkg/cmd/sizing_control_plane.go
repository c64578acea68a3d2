// Copyright The kubectl-dapr-prod Authors.
// SPDX-License-Identifier: Apache-2.0

package cmd

import (
	"context"
	"errors"
	"fmt"
	"strings"

	"github.com/spf13/cobra"

	"github.com/dapr-prod/kubectl-dapr-prod/pkg/advice"
	"github.com/dapr-prod/kubectl-dapr-prod/pkg/catalogue"
	"github.com/dapr-prod/kubectl-dapr-prod/pkg/evaluate"
	"github.com/dapr-prod/kubectl-dapr-prod/pkg/guideline"
	"github.com/dapr-prod/kubectl-dapr-prod/pkg/measure"
	"github.com/dapr-prod/kubectl-dapr-prod/pkg/plan"
	"github.com/dapr-prod/kubectl-dapr-prod/pkg/report"
	"github.com/dapr-prod/kubectl-dapr-prod/pkg/sizing"
	"github.com/dapr-prod/kubectl-dapr-prod/pkg/snapshot"
)

// ServicesFlags say that the services of control planes are sized, in place of apps.
type ServicesFlags struct {
	Do          bool
	HelmUpgrade bool
	Chart       string
}

// AddFlags declares the flags.
func (f *ServicesFlags) AddFlags(cmd *cobra.Command) {
	flags := cmd.Flags()
	flags.BoolVar(&f.Do, controlPlaneScope, f.Do, "Size the services of Dapr's control plane: the guidelines' numbers, with what was measured beside them.")
	flags.BoolVar(&f.HelmUpgrade, "helm-upgrade", f.HelmUpgrade, "With --control-plane --apply: give the numbers to the Helm release, after a plan and a yes.")
	chartFlag(flags, &f.Chart)
}

// withoutServices refuses what goes with control planes alone.
func (f *SizingFlags) withoutServices(changed func(string) bool) error {
	for _, name := range []string{"helm-upgrade", "chart"} {
		if changed(name) {
			return fmt.Errorf("--%s goes with --%s: apps are not in the release", name, controlPlaneScope)
		}
	}
	if f.Output == helmOutput {
		return fmt.Errorf("-o %s goes with --%s: apps are not in the release", helmOutput, controlPlaneScope)
	}
	return nil
}

// SizingServices is what sizing needs for the services of control planes.
type SizingServices struct {
	*SizingOptions
	// File writes values for helm, and not the numbers.
	File               bool
	AllowLowConfidence bool
	// Upgrade gives the numbers to the release; nil where nothing is written.
	Upgrade *UpgradeOptions
}

// toServices turns what was typed into what is needed.
func (f *SizingFlags) toServices(cmd *cobra.Command, args []string) (*SizingServices, error) {
	changed := cmd.Flags().Changed
	if err := f.possibleServices(changed, args); err != nil {
		return nil, err
	}
	var upgrade *UpgradeOptions
	if f.Apply.Do {
		var err error
		if upgrade, err = f.upgradeRequest().options(cmd, nil); err != nil {
			return nil, err
		}
	}
	o := &SizingServices{Upgrade: upgrade, File: f.Output == helmOutput, AllowLowConfidence: f.Apply.AllowLowConfidence}
	alone := *f
	alone.AllNamespaces = !changed("namespace")
	if o.File {
		alone.Output = ""
		o.AllowLowConfidence = true // a person reads the file before it is used
	}
	var err error
	if o.SizingOptions, err = alone.ToOptions(cmd.Context(), changed, nil); err != nil {
		return nil, err
	}
	o.Planned = upgrade != nil
	o.Measure.Beside = false
	o.Reader.Reads = o.guideline(nil).Reads
	if upgrade != nil {
		reader := o.Reader
		upgrade.ValuesOptions = ValuesOptions{Reader: &reader, Layout: o.Layout, IOStreams: f.IOStreams}
		upgrade.Now = reader.Now
	}
	return o, nil
}

// upgradeRequest is what was typed for an upgrade of the release.
func (f *SizingFlags) upgradeRequest() upgradeRequest {
	return upgradeRequest{
		Config: f.Config, Chart: f.Services.Chart, Output: f.Output, Timeout: f.Apply.Timeout,
		ForceConflicts: f.Apply.ForceConflicts, Yes: f.Apply.Yes, IOStreams: f.IOStreams,
	}
}

// possibleServices refuses what does not go together with control planes.
func (f *SizingFlags) possibleServices(changed func(string) bool, args []string) error {
	for _, name := range append([]string{"filename", "recursive", "write"}, "max-parallel", "journal", "include-managed", "allow-unproven", "selector") {
		if changed(name) {
			return fmt.Errorf("--%s does not go with --%s, which is sized as a whole, and belongs to Helm", name, controlPlaneScope)
		}
	}
	switch {
	case len(args) > 0:
		return fmt.Errorf("%s does not go with --%s, which is sized as a whole", args[0], controlPlaneScope)
	case f.Output == asDiff:
		return fmt.Errorf("-o %s does not go with --%s: use -o %s, which writes values", asDiff, controlPlaneScope, helmOutput)
	case f.Apply.Do && !f.Services.HelmUpgrade:
		return fmt.Errorf("the control plane belongs to Helm: --apply goes with --helm-upgrade, and -o %s writes the values for helm upgrade", helmOutput)
	case f.Services.HelmUpgrade && !f.Apply.Do:
		return errors.New("--helm-upgrade goes with --apply: without it nothing is written")
	case changed("chart") && !f.Apply.Do:
		return errors.New("--chart goes with --helm-upgrade")
	}
	for _, name := range []string{"yes", "timeout", "dry-run", "allow-low-confidence", "force-conflicts"} {
		if changed(name) && !f.Apply.Do {
			return fmt.Errorf("--%s goes with --apply: without it nothing is written", name)
		}
	}
	return nil
}

// Run measures, recommends, and shows that or gives it to the release.
func (o *SizingServices) Run(ctx context.Context) error {
	s, err := o.Reader.Read(ctx)
	if err != nil {
		return err
	}
	planes, err := controlPlanes(s)
	if err != nil {
		return err
	}
	shown, err := o.recommend(ctx, s, planes)
	if err != nil {
		return err
	}
	switch {
	case o.Upgrade != nil:
		if err := ctx.Err(); err != nil {
			return err // a watch that was ended early is enough to look at, and not to write by
		}
		return o.upgrade(ctx, shown)
	case o.File:
		return o.writeValues(s, planes, shown)
	}
	if err := o.Print(o.Out, shown, o.Layout); err != nil {
		return fmt.Errorf("cannot write the recommendations: %w", err)
	}
	return nil
}

// controlPlanes are those that are asked about: the one of the namespace, or all.
func controlPlanes(s *snapshot.Snapshot) ([]*snapshot.ControlPlane, error) {
	var all []*snapshot.ControlPlane
	for i := range s.ControlPlanes {
		cp := &s.ControlPlanes[i]
		if len(cp.Workloads) > 0 && (s.ControlPlane(s.Namespace) == nil || cp.Namespace == s.Namespace) {
			all = append(all, cp)
		}
	}
	switch gap := anyGap(s); {
	case len(all) > 0:
		return all, nil
	case gap != nil && gap.Resource == snapshot.Deployments:
		return nil, fmt.Errorf("whether there is a control plane is not known: %s", gap)
	default:
		return nil, errors.New("there is no Dapr control plane to be sized")
	}
}

// recommend measures what services use and says what they should get.
func (o *SizingServices) recommend(ctx context.Context, s *snapshot.Snapshot, planes []*snapshot.ControlPlane) (*report.Sizing, error) {
	var workloads []measure.Workload
	var services []*snapshot.ControlPlaneWorkload
	var where []string
	for _, cp := range planes {
		where = append(where, cp.Namespace)
		for i := range cp.Workloads {
			if w := &cp.Workloads[i]; w.Container != nil {
				services = append(services, w)
				workloads = append(workloads, measure.OfService(w))
			}
		}
	}
	o.Measure.Namespace = ""
	if len(planes) == 1 {
		o.Measure.Namespace = planes[0].Namespace
	}
	m, err := o.measure(ctx, workloads)
	if err != nil {
		return nil, err
	}
	shown := &report.Sizing{
		Source: m.Words, Warnings: append(m.Warnings, hiddenBounds(s, advice.ServiceReads())...), MinChange: o.MinChange, Services: true,
		Scope: "the control plane in " + strings.Join(where, " and "),
	}
	adviser := advice.New(s)
	for _, w := range services {
		if r, known := adviser.RecommendService(w, guideline.Newer, m.Of(w.Object).Own); known {
			start, _, _ := sizing.ControlPlane(w.Name, guideline.Newer)
			shown.Rows = append(shown.Rows, report.SizingRow{Recommendation: r, Start: start})
		}
	}
	return shown, nil
}

// guideline asks for what is recommended.
func (o *SizingServices) guideline(shown *report.Sizing) *guideline.Guideline {
	var all []sizing.Recommendation
	if shown != nil {
		for i := range shown.Rows {
			all = append(all, shown.Rows[i].Recommendation)
		}
	}
	return catalogue.SizingControlPlane(all, catalogue.SizingOptions{MinChange: o.MinChange, AllowLowConfidence: o.AllowLowConfidence})
}

// writeValues writes the values of one control plane as a file for helm.
func (o *SizingServices) writeValues(s *snapshot.Snapshot, planes []*snapshot.ControlPlane, shown *report.Sizing) error {
	g := o.guideline(shown)
	values := ValuesOptions{File: true, Layout: o.Layout, IOStreams: o.IOStreams}
	p := plan.MakeValues(s, plan.Options{
		Guidelines: []*guideline.Guideline{g}, Named: []string{g.ID},
		Evaluation: evaluate.Options{
			Scopes: []guideline.Scope{guideline.ControlPlane}, Known: guidelineNames(),
			ControlPlanes: func(namespace string) bool { return len(planes) > 1 || namespace == planes[0].Namespace },
		},
	})
	o.tell(shown)
	if len(p.Installs) == 0 {
		fmt.Fprintln(o.ErrOut, "No value to add: what the control plane has is what is recommended, or next to it.")
		return nil
	}
	if err := values.show(p); err != nil && !errors.Is(err, errPending) {
		return err
	}
	return nil
}

// tell says on standard error where the numbers come from.
func (o *SizingServices) tell(shown *report.Sizing) {
	tellSource(o.ErrOut, shown)
}

// upgrade gives the numbers to the release, as fix gives it values: they must not break
// what guidelines ask for.
func (o *SizingServices) upgrade(ctx context.Context, shown *report.Sizing) error {
	g := o.guideline(shown)
	all := append(valuesScope(), g)
	scopes := []guideline.Scope{guideline.Apps, guideline.ControlPlane, guideline.Cluster}
	o.Upgrade.Plan = plan.Options{Guidelines: all, Named: []string{g.ID}, Evaluation: evaluate.Options{Scopes: scopes, Known: guidelineNames()}}
	o.Upgrade.Reader.Reads = readsOf(all, scopes)
	o.tell(shown)
	return o.Upgrade.Run(ctx)
}
