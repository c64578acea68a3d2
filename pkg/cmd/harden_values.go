// Copyright The kubectl-dapr-prod Authors.
// SPDX-License-Identifier: Apache-2.0

package cmd

import (
	"context"
	"errors"
	"fmt"
	"strings"

	"github.com/spf13/cobra"
	"k8s.io/cli-runtime/pkg/printers"
	"k8s.io/pod-security-admission/api"

	"github.com/dapr-prod/kubectl-dapr-prod/pkg/guideline"
	"github.com/dapr-prod/kubectl-dapr-prod/pkg/plan"
)

// hardenValues is a run about values of Dapr's chart, which are of the whole cluster:
// they are for those who name the guideline. It is nil where nothing that was named is
// about them.
func (f *FixFlags) hardenValues(cmd *cobra.Command, args []string) (runner, error) {
	if f.Scope != appsScope {
		return nil, fmt.Errorf("--scope is for fix: values of Dapr's chart are shown by %s harden for the guidelines that are named", displayName)
	}
	if err := f.possibleHarden(cmd, args); err != nil {
		return nil, err
	}
	ids, alone, objects := aboutValues(args)
	switch {
	case f.Upgrade.Do && (len(ids) == 0 || objects != ""):
		return nil, errors.New("--helm-upgrade gives values of Dapr's chart to its release: name whose, and nothing else, such as mtls")
	case f.Upgrade.Do:
		return f.toUpgradeOptions(cmd, args)
	case len(ids) == 0:
		return nil, nil
	case f.Output == helmOutput:
		return f.toValuesOptions(cmd, args)
	case alone && objects != "":
		return nil, fmt.Errorf("%s is an object, and %s is closed by a value of Dapr's chart, which is for all apps: leave it out", objects, ids[0])
	}
	for _, name := range []string{"filename", "kustomize", "revert", "output", "selector"} {
		switch changed := cmd.Flags().Changed(name); {
		case changed && alone:
			return nil, fmt.Errorf("--%s does not go with %s, which a value of Dapr's chart closes: it is shown, or written as a file with -o %s", name, ids[0], helmOutput)
		case changed:
			return nil, nil // apps alone
		}
	}
	if objects != "" {
		return nil, nil
	}
	values, err := f.valuesOptions(cmd, ids)
	o := &hardenRun{values: values}
	if err != nil || alone {
		return o, err
	}
	if o.apps, err = f.ToOptions(cmd, args); f.Harden.Enforce && err == nil {
		o.enforce = &enforceRun{FixOptions: o.apps, level: api.Level(f.Harden.Profile)}
	}
	return o, err
}

// possibleHarden refuses what harden does not close, and what goes with an upgrade alone.
func (f *FixFlags) possibleHarden(cmd *cobra.Command, args []string) error {
	if _, _, err := f.mendable(cmd.Flags().Changed, args); err != nil {
		return err
	}
	for _, name := range upgradeFlags {
		if cmd.Flags().Changed(name) && !f.Upgrade.Do {
			return fmt.Errorf("--%s goes with --helm-upgrade", name)
		}
	}
	return nil
}

// aboutValues are the guidelines among the arguments that are judged of control planes or
// closed by values; whether all are that alone, and the first object.
func aboutValues(args []string) (ids []string, alone bool, object string) {
	alone = true
	for _, arg := range args {
		if strings.Contains(arg, "/") {
			if object == "" {
				object = arg
			}
			continue
		}
		g, err := findGuideline(arg)
		if err != nil {
			continue
		}
		if shownAsValues(g) {
			ids = append(ids, g.ID)
		}
		alone = alone && g.Mend == nil
	}
	return ids, alone && len(ids) > 0, object
}

// shownAsValues tells whether what is open of a guideline in a control plane is shown
// beside the values of its chart.
func shownAsValues(g *guideline.Guideline) bool {
	return g.Values != nil || g.ControlPlane != nil && g.ClosedBy(true)
}

// hardenRun closes guidelines in apps, and shows the values that close the rest.
type hardenRun struct {
	// apps is nil where it is values alone that close what was named.
	apps   *FixOptions
	values *ValuesOptions
	// enforce is nil where no namespace is to enforce anything.
	enforce *enforceRun
}

// Run shows the values, in one plan with the changes of apps, and writes these. Namespaces
// come last: what they enforce then lets in all that is there.
func (o *hardenRun) Run(ctx context.Context) error {
	p, lost := o.values.plan(ctx)
	if o.apps == nil {
		if lost != nil {
			return lost
		}
		if err := o.values.show(p); err != nil && !errors.Is(err, errPending) {
			return err
		}
		return o.given(p, nil)
	}
	if o.enforce != nil { // all of it stands in one journal
		o.apps.goesOn = true
		defer func() { o.apps.goesOn = false; o.apps.closeJournal() }()
	}
	if lost == nil && len(p.Installs)+len(p.Left)+len(p.Kept) > 0 {
		o.apps.Values = p
	}
	end := o.apps.Run(ctx)
	if end != nil && !errors.Is(end, errPending) {
		return end
	}
	end = worse(end, o.given(p, lost))
	if o.enforce == nil || end != nil && !errors.Is(end, errPending) {
		return end
	}
	fmt.Fprintln(o.values.Out)
	return worse(end, o.enforce.Run(ctx))
}

// given says what gives the values to the release, or why there are none to be seen.
func (o *hardenRun) given(p *plan.ValuesPlan, lost error) error {
	if lost != nil {
		fmt.Fprintln(o.values.ErrOut, printers.EscapeTerminal("The values of Dapr's chart were not looked at: "+sentence(lost)+"."))
		return nil
	}
	if len(p.Installs) > 0 {
		asked := strings.Join(askedFor(&p.Installs[0]), " ")
		if o.values.Plan.Evaluation.Said.Restricted {
			asked += " --profile " + restricted
		}
		fmt.Fprintf(o.values.ErrOut, "No value is written by this: %s harden %s --helm-upgrade gives it to the release.\n", displayName, asked)
	}
	return pendingValues(p)
}
