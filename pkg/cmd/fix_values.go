// Copyright The kubectl-dapr-prod Authors.
// SPDX-License-Identifier: Apache-2.0

package cmd

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"

	"github.com/spf13/cobra"
	"k8s.io/apimachinery/pkg/labels"
	"k8s.io/cli-runtime/pkg/genericiooptions"
	"k8s.io/client-go/tools/clientcmd"
	cmdutil "k8s.io/kubectl/pkg/cmd/util"

	"github.com/dapr-prod/kubectl-dapr-prod/pkg/catalogue"
	"github.com/dapr-prod/kubectl-dapr-prod/pkg/collect"
	"github.com/dapr-prod/kubectl-dapr-prod/pkg/dapr"
	"github.com/dapr-prod/kubectl-dapr-prod/pkg/evaluate"
	"github.com/dapr-prod/kubectl-dapr-prod/pkg/guideline"
	"github.com/dapr-prod/kubectl-dapr-prod/pkg/plan"
	"github.com/dapr-prod/kubectl-dapr-prod/pkg/report"
	"github.com/dapr-prod/kubectl-dapr-prod/pkg/snapshot"
)

// The values of fix's --scope.
const (
	appsScope         = "apps"
	controlPlaneScope = "control-plane"
)

// usualNamespace is where Dapr's documentation installs it.
const usualNamespace = "dapr-system"

// ValuesOptions is what fix needs to say which values of Dapr's chart close what falls
// short of control planes.
type ValuesOptions struct {
	// Reader reads the cluster; nil where there is none, which a new install does without.
	Reader *collect.Live
	Plan   plan.Options
	// Command is the one that was typed, fix or harden.
	Command string
	// File writes a file of values, and not the plan.
	File bool
	// New is the release of a new install; unknown where there is to be none.
	New    dapr.Version
	Layout report.Options

	genericiooptions.IOStreams
}

// toValuesOptions turns what was typed into what is needed.
func (f *FixFlags) toValuesOptions(cmd *cobra.Command, args []string) (*ValuesOptions, error) {
	if err := f.possibleValues(cmd, args); err != nil {
		return nil, err
	}
	return f.valuesOptions(cmd, args)
}

// valuesOptions is what is needed to show the values that some guidelines ask for.
func (f *FixFlags) valuesOptions(cmd *cobra.Command, args []string) (*ValuesOptions, error) {
	o := &ValuesOptions{File: f.Output == helmOutput, Command: f.command(), IOStreams: f.IOStreams}
	o.Layout.Width, o.Layout.Color = terminal(f.Out)
	guidelines := valuesScope()
	o.Plan = plan.Options{
		Guidelines: guidelines,
		Evaluation: evaluate.Options{Scopes: []guideline.Scope{guideline.Apps, guideline.ControlPlane, guideline.Cluster}, Known: guidelineNames()},
	}
	if f.Harden != nil {
		o.Plan.Evaluation.Said = f.Harden.said()
	}
	var err error
	o.Plan.Named = args
	if f.Harden == nil || f.Upgrade.Do || o.File {
		if o.Plan.Named, err = closedByValues(args); err != nil {
			return nil, err
		}
	}
	check := CheckFlags{Config: f.Config, IOStreams: f.IOStreams, DaprVersion: f.Files.DaprVersion, AllNamespaces: !cmd.Flags().Changed("namespace"), ChunkSize: cmdutil.DefaultChunkSize}
	if o.New, err = newRelease(&check, dapr.Version{}); err != nil {
		return nil, err
	}
	check.DaprVersion = ""
	now, err := takenAt()
	if err != nil {
		return nil, err
	}
	read, err := check.live(labels.Everything(), now, readsOf(guidelines, o.Plan.Evaluation.Scopes))
	if clientcmd.IsEmptyConfig(err) && o.New.Known() {
		return o, nil
	}
	if err != nil {
		return nil, err
	}
	live := read.(collect.Live)
	o.Reader = &live
	return o, nil
}

// ofUpgrades are the flags that mean something to an upgrade and nothing to values.
var ofUpgrades = []string{"yes", "force-conflicts", "timeout"}

// possibleValues refuses what does not go together with the scope of control planes.
func (f *FixFlags) possibleValues(cmd *cobra.Command, args []string) error {
	refused := []string{"filename", "values-file", "recursive", "kustomize", "write", "output-dir", "max-parallel", "include-managed", "allow-unproven", "journal", "revert"}
	if !f.Upgrade.Do {
		refused = append(refused, ofUpgrades...)
	}
	for _, name := range refused {
		switch {
		case !cmd.Flags().Changed(name):
		case f.Upgrade.Do:
			return fmt.Errorf("--%s does not go with --helm-upgrade, which gives values to a release and does nothing else", name)
		case slices.Contains(ofUpgrades, name):
			return fmt.Errorf("--%s goes with --scope=%s only where --helm-upgrade gives the values to the release: without it they are shown", name, controlPlaneScope)
		default:
			return fmt.Errorf("--%s does not go with --scope=%s, which shows values and writes none to a cluster", name, controlPlaneScope)
		}
	}
	switch {
	case f.Selector != "":
		return fmt.Errorf("-l does not go with --scope=%s: values are for all apps", controlPlaneScope)
	case f.Output != "" && f.Output != helmOutput:
		return fmt.Errorf("-o %s does not go with --scope=%s, whose objects are not patched: use -o %s, which writes values", f.Output, controlPlaneScope, helmOutput)
	case f.Files.DaprVersion != "" && f.Output != helmOutput:
		return fmt.Errorf("--dapr-version goes with -o %s, which writes the values for a new install of that release", helmOutput)
	case f.Files.DaprVersion != "" && len(args) > 0:
		return errors.New("--dapr-version takes no guidelines: the values for a new install are of all of them")
	}
	return noObjects(args)
}

// noObjects refuses objects where values are asked for.
func noObjects(args []string) error {
	for _, arg := range args {
		if strings.Contains(arg, "/") {
			return fmt.Errorf("%s is an object, and --scope=%s takes guidelines alone: values are for the whole control plane", arg, controlPlaneScope)
		}
	}
	return nil
}

// closedByValues are the guidelines that were named, if values close them.
func closedByValues(args []string) ([]string, error) {
	var ids []string
	for _, arg := range args {
		g, err := findGuideline(arg)
		switch {
		case err != nil:
			return nil, err
		case g.Values == nil:
			return nil, fmt.Errorf("no value of Dapr's chart closes %s: %s", g.ID, g.Fix)
		}
		ids = append(ids, g.ID)
	}
	return ids, nil
}

// newRelease is the release of a new install, or another where none was named.
func newRelease(check *CheckFlags, unset dapr.Version) (dapr.Version, error) {
	v, err := check.version(unset)
	if err == nil && v.Known() && (v.NewerThanTables() || v.OlderThanTables()) {
		return v, fmt.Errorf("--dapr-version %s is not known to this release of the plugin, which knows %s to %s", check.DaprVersion, dapr.OldestVersion(), dapr.NewestVersion())
	}
	return v, err
}

// valuesScope are the guidelines that are about control planes and their cluster, and
// those of apps that values close.
func valuesScope() []*guideline.Guideline {
	var all []*guideline.Guideline
	for _, g := range catalogue.All() {
		switch {
		case g.Values != nil:
			all = append(all, g)
		case g.ControlPlane != nil || g.Cluster != nil:
			other := *g
			other.App, other.Namespace, other.Mend, other.MendsToo = nil, nil, nil, nil
			all = append(all, &other)
		}
	}
	return all
}

// Run shows the values, or writes them as a file, and says by its error what is left.
func (o *ValuesOptions) Run(ctx context.Context) error {
	if o.Reader == nil {
		return o.writeNew(usualNamespace)
	}
	p, err := o.plan(ctx)
	switch {
	case errors.Is(err, errNoControlPlane) && o.New.Known():
		return o.writeNew(usualNamespace)
	case err != nil:
		return err
	}
	return o.show(p)
}

// errNoControlPlane says that Dapr is not installed.
var errNoControlPlane = fmt.Errorf("there is no Dapr control plane: %s fix --scope=%s -o %s --dapr-version %s writes the values for a new one", displayName, controlPlaneScope, helmOutput, dapr.NewestVersion())

// plan reads the cluster and plans values for its control planes.
func (o *ValuesOptions) plan(ctx context.Context) (*plan.ValuesPlan, error) {
	s, err := o.Reader.Read(ctx)
	if err != nil {
		return nil, err
	}
	i := slices.IndexFunc(s.ControlPlanes, func(cp snapshot.ControlPlane) bool { return len(cp.Workloads) > 0 })
	switch {
	case i < 0 && anyGap(s) != nil && anyGap(s).Resource == snapshot.Deployments:
		return nil, fmt.Errorf("whether there is a control plane is not known: %s", anyGap(s))
	case i < 0:
		return nil, errNoControlPlane
	case o.New.Known():
		return nil, fmt.Errorf("--dapr-version is for a new install, and Dapr %s is in %s: leave it out", s.ControlPlanes[i].Version, s.ControlPlanes[i].Namespace)
	}
	if s.ControlPlane(s.Namespace) != nil {
		o.Plan.Evaluation.ControlPlanes = func(namespace string) bool { return namespace == s.Namespace }
	}
	return plan.MakeValues(s, o.Plan), nil
}

// show writes the plan, or the file of one control plane.
func (o *ValuesOptions) show(p *plan.ValuesPlan) error {
	if !o.File {
		if err := report.Values(o.Out, p, o.Layout); err != nil {
			return fmt.Errorf("cannot write the plan: %w", err)
		}
		return pendingValues(p)
	}
	switch len(p.Installs) {
	case 0:
		fmt.Fprintln(o.ErrOut, "No value to add: fix --scope="+controlPlaneScope+" says what is left to you.")
		return nil
	case 1:
	default:
		return fmt.Errorf("there are values to add to more than one control plane, in %s and in %s: name the namespace of one with -n", p.Installs[0].ControlPlane.Namespace, p.Installs[1].ControlPlane.Namespace)
	}
	v := &p.Installs[0]
	if err := report.HelmValues(o.Out, v, o.Layout); err != nil {
		return fmt.Errorf("cannot write the values: %w", err)
	}
	return pendingValues(p)
}

// pendingValues tells whether there is something to add.
func pendingValues(p *plan.ValuesPlan) error {
	if len(p.Installs) > 0 {
		return errPending
	}
	return nil
}

// writeNew writes the values for a new install.
func (o *ValuesOptions) writeNew(namespace string) error {
	v, left := plan.NewValues(snapshot.ControlPlane{Namespace: namespace, Version: o.New}, o.Plan.Guidelines)
	for _, l := range left {
		fmt.Fprintf(o.ErrOut, "%s: %s.\n", l.Guideline.ID, l.Why)
	}
	if err := report.HelmValues(o.Out, &v, o.Layout); err != nil {
		return fmt.Errorf("cannot write the values: %w", err)
	}
	return nil
}
