// Copyright The kubectl-dapr-prod Authors.
// SPDX-License-Identifier: Apache-2.0

package cmd

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/spf13/cobra"
	"k8s.io/cli-runtime/pkg/genericclioptions"
	"k8s.io/cli-runtime/pkg/printers"

	"github.com/dapr-prod/kubectl-dapr-prod/pkg/dapr"
	"github.com/dapr-prod/kubectl-dapr-prod/pkg/evaluate"
	"github.com/dapr-prod/kubectl-dapr-prod/pkg/fix"
	"github.com/dapr-prod/kubectl-dapr-prod/pkg/guideline"
	"github.com/dapr-prod/kubectl-dapr-prod/pkg/helm"
	"github.com/dapr-prod/kubectl-dapr-prod/pkg/plan"
	"github.com/dapr-prod/kubectl-dapr-prod/pkg/report"
	"github.com/dapr-prod/kubectl-dapr-prod/pkg/snapshot"
)

// UpgradeFlags say that the release of a control plane is upgraded, and how.
type UpgradeFlags struct {
	Do                bool
	Chart             string
	RecreatePlacement bool
}

// AddFlags declares the flags.
func (f *UpgradeFlags) AddFlags(cmd *cobra.Command) {
	flags := cmd.Flags()
	flags.BoolVar(&f.Do, "helm-upgrade", f.Do, "With --scope=control-plane: give the values to the Helm release, after a plan and a yes.")
	chartFlag(flags, &f.Chart)
	flags.BoolVar(&f.RecreatePlacement, "recreate-placement", f.RecreatePlacement, "With --helm-upgrade: delete placement's StatefulSet and make it anew where its log is to be kept on disk.")
}

// upgradeFlags are those that go with --helm-upgrade alone.
var upgradeFlags = []string{"chart", "recreate-placement"}

// withoutUpgrade refuses what goes with an upgrade alone.
func (f *FixFlags) withoutUpgrade(cmd *cobra.Command) error {
	if f.Upgrade.Do {
		return fmt.Errorf("--helm-upgrade goes with --scope=%s: apps are not in the release", controlPlaneScope)
	}
	for _, name := range upgradeFlags {
		if cmd.Flags().Changed(name) {
			return fmt.Errorf("--%s goes with --helm-upgrade", name)
		}
	}
	return nil
}

// UpgradeOptions is what fix needs to upgrade the release of a control plane.
type UpgradeOptions struct {
	ValuesOptions
	Getter  genericclioptions.RESTClientGetter
	Chart   helm.Source
	Options helm.Options
	// DryRun shows what would be done and ends.
	DryRun bool
	Ask    asker
	Now    time.Time
}

// toUpgradeOptions turns what was typed into what is needed.
func (f *FixFlags) toUpgradeOptions(cmd *cobra.Command, args []string) (*UpgradeOptions, error) {
	o, err := upgradeRequest{
		Config: f.Config, Chart: f.Upgrade.Chart, Output: f.Output, Timeout: f.Timeout,
		ForceConflicts: f.ForceConflicts, Yes: f.Yes, IOStreams: f.IOStreams,
	}.options(cmd, args)
	if err != nil {
		return nil, err
	}
	values, err := f.toValuesOptions(cmd, args)
	if err != nil {
		return nil, err
	}
	o.ValuesOptions, o.Now = *values, values.Reader.Now
	o.Options.RecreatePlacement = f.Upgrade.RecreatePlacement
	return o, nil
}

// Run shows the values and what the server says to them, asks, upgrades the release,
// and checks again.
func (o *UpgradeOptions) Run(ctx context.Context) error {
	p, err := o.plan(ctx)
	if err != nil {
		return err
	}
	if o.Options.RecreatePlacement {
		p.Without(dapr.PlacementLogInMemory)
	}
	v, err := upgradable(p)
	if v == nil || err != nil {
		if shown := o.show(p, nil); shown != nil {
			return shown
		}
	}
	switch {
	case v == nil && err == nil:
		return o.unfinished(ctx, p)
	case v != nil && err != nil:
		o.wayOut(ctx, v)
		return cmp.Or(ctx.Err(), err)
	case err != nil:
		return err
	}
	line := progressOf(o.ErrOut)
	line.say("Trying the upgrade of release %s on the server", v.ControlPlane.Release.Name)
	upgrade, err := unlessEnded(ctx, func() (*helm.Plan, error) { return o.prepare(ctx, v) }) // Helm asks what the server serves without a context
	line.end()
	if err != nil {
		return o.unprepared(p, err)
	}
	judged, err := o.judge(ctx, v, upgrade)
	if err != nil {
		return err
	}
	if err := o.show(p, shownUpgrade(upgrade, judged, o.Chart)); err != nil {
		return err
	}
	switch {
	case upgrade.Empty():
		fmt.Fprintln(o.Out, "The release has these values already.")
		return errPending
	case len(upgrade.Refused()) > 0:
		fmt.Fprintln(o.ErrOut, "Nothing is written: "+printers.EscapeTerminal((&helm.RefusedError{Answers: upgrade.Refused()}).Error())+".")
		return errPending
	case len(judged.Open)+len(judged.Opened) > 0:
		fmt.Fprintln(o.ErrOut, "Nothing is written: with these values the chart does not give what they promise.")
		return errPending
	case o.DryRun:
		return errPending
	}
	if agreed, err := o.Ask.agree(ctx, fmt.Sprintf("Upgrade release %s in %s?", upgrade.Release.Name, upgrade.Release.Namespace)); err != nil || !agreed {
		return err
	}
	return o.upgrade(ctx, p, v, upgrade)
}

// show writes where the cluster is not as the release has it, before anything else, then
// the values and what they do; without an upgrade the values alone.
func (o *UpgradeOptions) show(p *plan.ValuesPlan, u *report.Upgrade) error {
	layout := o.Layout
	layout.Upgrading = true
	var errs []error
	if u != nil {
		errs = append(errs, report.WriteDrift(o.Out, u, layout))
	}
	errs = append(errs, report.Values(o.Out, p, layout))
	if u != nil {
		errs = append(errs, report.WriteUpgrade(o.Out, u, layout))
	}
	if err := errors.Join(errs...); err != nil {
		return fmt.Errorf("cannot write the plan: %w", err)
	}
	return nil
}

// unprepared shows the values all the same, and says why no upgrade comes of them.
func (o *UpgradeOptions) unprepared(p *plan.ValuesPlan, why error) error {
	if err := o.show(p, nil); err != nil {
		return err
	}
	var kept *helm.KeptError
	if errors.As(why, &kept) {
		fmt.Fprintln(o.ErrOut, "Nothing is written: "+printers.EscapeTerminal(kept.Error())+".")
		return errPending
	}
	return why
}

// wayOut says how a release that takes no upgrade now comes to take one.
func (o *UpgradeOptions) wayOut(ctx context.Context, v *plan.Values) {
	why := v.Commit()
	if why == "" {
		why = v.Blocked
		if state := o.stateOf(ctx, v.ControlPlane); state != nil {
			why = state.Error() // it names the revision to go back to
		}
	}
	fmt.Fprintln(o.ErrOut, "Nothing is written: "+printers.EscapeTerminal(why)+".")
}

// unfinished tells of releases that an upgrade has left in the middle, although there is
// no value to add: the objects may have been written, and never have become ready.
func (o *UpgradeOptions) unfinished(ctx context.Context, p *plan.ValuesPlan) error {
	var end error
	for i := range p.Before.Snapshot.ControlPlanes {
		cp := &p.Before.Snapshot.ControlPlanes[i]
		if v := (plan.Values{ControlPlane: cp, Keeper: cp.Keeper()}); !v.Helm() || cp.Release.Status == "deployed" {
			continue
		}
		if state := o.stateOf(ctx, cp); state != nil {
			fmt.Fprintln(o.ErrOut, "Nothing is written: "+printers.EscapeTerminal(state.Error())+".")
			end = errPending
		}
	}
	return cmp.Or(ctx.Err(), end)
}

// stateOf is why the release of a control plane takes no upgrade now; nil where it does.
func (o *UpgradeOptions) stateOf(ctx context.Context, cp *snapshot.ControlPlane) *helm.StateError {
	_, err := unlessEnded(ctx, func() (*helm.Release, error) {
		return helm.Open(ctx, o.Getter, cp.Release.Namespace, cp.Release.Name)
	})
	var state *helm.StateError
	errors.As(err, &state)
	return state
}

// upgradable is the one control plane that is to be upgraded; nil where there is none.
// With an error it is one that takes no upgrade now.
func upgradable(p *plan.ValuesPlan) (*plan.Values, error) {
	switch len(p.Installs) {
	case 0:
		return nil, nil
	case 1:
	default:
		return nil, fmt.Errorf("there are values to add to more than one control plane: -n NAMESPACE -o %s writes those of each for helm upgrade", helmOutput)
	}
	v := &p.Installs[0]
	switch where := v.Commit(); {
	case where != "", v.Blocked != "":
		return v, errPending
	default:
		return v, nil
	}
}

// prepare proves the chart, renders it, and rehearses the upgrade on the server.
func (o *UpgradeOptions) prepare(ctx context.Context, v *plan.Values) (*helm.Plan, error) {
	release, err := helm.Open(ctx, o.Getter, v.ControlPlane.Release.Namespace, v.ControlPlane.Release.Name)
	if err != nil {
		return nil, err
	}
	chart, err := release.Load(ctx, o.Chart)
	if err != nil {
		return nil, err
	}
	options := o.Options
	options.Description = displayName + " " + o.Command + ": " + strings.Join(askedFor(v), ", ")
	p, err := release.Plan(ctx, chart, v.Tree(), options)
	var wrong *helm.WrongChartError
	if errors.As(err, &wrong) {
		shown := &report.Upgrade{Release: release.Name, Namespace: release.Namespace, Revision: release.Revision, Chart: wrong.From, Other: objects(wrong.Changes, "otherwise in the chart")}
		if err := report.WriteUpgrade(o.Out, shown, o.Layout); err != nil {
			return nil, err
		}
	}
	return p, err
}

// askedFor are the guidelines that values are added for.
func askedFor(v *plan.Values) []string {
	var all []string
	for _, a := range v.Additions {
		for _, g := range a.For {
			if !slices.Contains(all, g.ID) {
				all = append(all, g.ID)
			}
		}
	}
	slices.Sort(all)
	return all
}

// judge holds what the chart gives against the guidelines.
func (o *UpgradeOptions) judge(ctx context.Context, v *plan.Values, upgrade *helm.Plan) (fix.Judged, error) {
	rendered := fix.Rendered{
		Before: upgrade.Before, After: upgrade.Manifest, Namespace: upgrade.Release.Namespace, Version: v.ControlPlane.Version, Now: o.Now,
	}
	return rendered.Judge(ctx, v, o.Plan)
}

// upgrade does it, and says what has become of the findings.
func (o *UpgradeOptions) upgrade(ctx context.Context, p *plan.ValuesPlan, v *plan.Values, upgrade *helm.Plan) error {
	fmt.Fprintf(o.ErrOut, "Upgrading release %s, and waiting until all of it is ready.\n", upgrade.Release.Name)
	line := progressOf(o.ErrOut)
	line.say("Waiting for the objects of release %s", upgrade.Release.Name)
	result, err := upgrade.Upgrade(ctx)
	line.end()
	var failed *helm.UpgradeError
	switch begun := errors.As(err, &failed); {
	case err != nil && !begun:
		fmt.Fprintln(o.ErrOut, "Nothing is written.")
		return err
	case ctx.Err() != nil && begun:
		// Of what was interrupted nothing more is said at the end.
		fmt.Fprintln(o.ErrOut, printers.EscapeTerminal(failed.Error()))
		return err
	case begun:
		return err
	}
	fmt.Fprintf(o.Out, "Revision %d of release %s is deployed.\n", result.Revision, upgrade.Release.Name)
	fmt.Fprintf(o.ErrOut, "To take it back: %s\n", strings.Join(result.WayBack, " && "))
	s, err := o.Reader.Read(ctx)
	if err != nil {
		// As a sentence of its own, which would be said in its place if it were wrapped.
		return fmt.Errorf("it is deployed, and could not be judged again: %s", sentence(err))
	}
	missed := func(gap snapshot.Gap) bool {
		return gap.Reason == snapshot.Failed && !slices.Contains(p.Before.Snapshot.Gaps, gap)
	}
	if i := slices.IndexFunc(s.Gaps, missed); i >= 0 {
		return fmt.Errorf("it is deployed, and could not be judged again: %s", s.Gaps[i])
	}
	after := evaluate.Run(s, o.Plan.Guidelines, o.Plan.Evaluation)
	tellTallies(o.Out, p.Before, after)
	open := 0
	for _, j := range v.Closes {
		same := func(k evaluate.Judgement) bool {
			return k.Outcome == guideline.Failed && k.Guideline == j.Guideline && k.Object == j.Object && k.Field == j.Field
		}
		if i := slices.IndexFunc(after.Judgements, same); i >= 0 && len(v.Restart) == 0 {
			open++
			fmt.Fprintln(o.Out, printers.EscapeTerminal(fmt.Sprintf("%s on %s still falls short: %s", j.Guideline.ID, j.Object, after.Judgements[i].Message)))
		}
	}
	tellRestarts(o.Out, v, after)
	if open > 0 || len(v.Restart) > 0 {
		return errPending
	}
	return nil
}

// shownUpgrade is an upgrade as it is printed.
func shownUpgrade(p *helm.Plan, judged fix.Judged, source helm.Source) *report.Upgrade {
	chart := source.Ref
	if chart == "" {
		chart = helm.OfficialRepository
	}
	u := &report.Upgrade{
		Release: p.Release.Name, Namespace: p.Release.Namespace, Revision: p.Release.Revision, Chart: chart,
		Drift: objects(p.Drift.Changed, "changed since, or gone"), Open: judged.Open, Opened: judged.Opened, Worse: judged.Worse,
	}
	for _, f := range p.Drift.Foreign {
		u.Drift = append(u.Drift, report.UpgradedObject{Object: f.Object, What: fmt.Sprintf("%s has set %s, which the upgrade leaves", f.Manager, strings.Join(f.Fields, ", "))})
	}
	for _, a := range p.Drift.Unknown {
		u.Drift = append(u.Drift, report.UpgradedObject{Object: a.Object, What: "it could not be compared: " + a.Refusal})
	}
	u.Objects = objects(p.Changes, string(helm.Update))
	for _, a := range p.Answers {
		i := slices.IndexFunc(u.Objects, func(one report.UpgradedObject) bool { return one.Object == a.Object })
		if i < 0 {
			if a.Refusal == "" && len(a.Warnings) == 0 && a.Verb == helm.Update {
				continue // it stays as it is
			}
			u.Objects = append(u.Objects, report.UpgradedObject{Object: a.Object})
			i = len(u.Objects) - 1
		}
		u.Objects[i].What, u.Objects[i].Refusal = string(a.Verb), a.Refusal
		if a.Verb == helm.Recreate {
			u.Objects[i].Notes = append(u.Objects[i].Notes, "it is deleted with its Pods and made anew: actors and workflows stand still until placement is back and sidecars have found it; their state stays")
		}
		u.Objects[i].Notes = append(u.Objects[i].Notes, a.Warnings...)
		for _, c := range a.Conflicts {
			u.Objects[i].Notes = append(u.Objects[i].Notes, fmt.Sprintf("%s belongs to the field manager %s", c.Field, c.Manager))
		}
	}
	return u
}

func objects(changes []helm.Change, what string) []report.UpgradedObject {
	var all []report.UpgradedObject
	for _, c := range changes {
		all = append(all, report.UpgradedObject{Object: c.Object, What: what, Diff: c.Diff()})
	}
	return all
}
