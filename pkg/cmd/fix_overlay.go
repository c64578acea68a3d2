// Copyright The kubectl-dapr-prod Authors.
// SPDX-License-Identifier: Apache-2.0

package cmd

import (
	"context"
	"errors"
	"fmt"
	"slices"

	"k8s.io/cli-runtime/pkg/genericiooptions"

	"github.com/dapr-prod/kubectl-dapr-prod/pkg/evaluate"
	"github.com/dapr-prod/kubectl-dapr-prod/pkg/fix"
	"github.com/dapr-prod/kubectl-dapr-prod/pkg/guideline"
	"github.com/dapr-prod/kubectl-dapr-prod/pkg/overlay"
	"github.com/dapr-prod/kubectl-dapr-prod/pkg/plan"
	"github.com/dapr-prod/kubectl-dapr-prod/pkg/report"
)

// OverlayOptions is what a fix of an overlay needs to run. No server is asked.
type OverlayOptions struct {
	overlay.Runner
	Print planPrinter
	// Patch tells that Print writes patches, of which something may be missing.
	Patch  bool
	Layout report.Options
	// Save writes what the plan says.
	Save bool
	// Objects are the apps that were named.
	Objects []named
	// SecretFile is where the Secrets go that patches refer to; nil for none.
	SecretFile *fix.SecretFile

	genericiooptions.IOStreams
}

// toOverlay turns what was typed with -k into what is needed.
func (f *FixFlags) toOverlay(changed func(string) bool, args []string) (*OverlayOptions, error) {
	if changed("filename") {
		return nil, errors.New("-f and -k name different manifests: fix one of them at a time")
	}
	if changed("dry-run") {
		return nil, errors.New("--dry-run is for what is written to a cluster, and does not go with -k: without --write nothing is written")
	}
	for _, flag := range ofClusters {
		if changed(flag.name) && flag.name != "all-namespaces" { // of which more is said below
			return nil, fmt.Errorf("--%s is for what is written to a cluster, and does not go with -k", flag.name)
		}
	}
	if err := f.outputDir(); err != nil {
		return nil, err
	}
	if f.Files.Write && f.Output == asComponent {
		return nil, errors.New("--write puts the component into the overlay, and -o kustomize into a folder: ask for one of them")
	}
	o := &OverlayOptions{Save: f.Files.Write || f.Output == asComponent, IOStreams: f.IOStreams}
	o.Into, o.Patch = f.OutputDir, f.Output == "yaml" || f.Output == "json"
	var err error
	if o.Print, err = planOutputs.of(f.Output); err != nil {
		return nil, err
	}
	guidelines, typed, err := f.mendable(changed, args)
	if err != nil {
		return nil, err
	}
	if o.Objects, err = namedInFiles(typed); err != nil {
		return nil, err
	}
	if f.Harden != nil {
		if o.SecretFile, err = f.Harden.Secrets.file(changed, f); err != nil {
			return nil, err
		}
		o.Secrets = o.SecretFile != nil
	}
	selector, err := selectorOf(f.Selector)
	if err != nil {
		return nil, err
	}
	now, err := takenAt()
	if err != nil {
		return nil, err
	}
	check := CheckFlags{Config: f.Config, AllNamespaces: f.AllNamespaces, Kustomize: f.Kustomize, DaprVersion: f.Files.DaprVersion}
	if o.Reader, err = check.overlay(selector, now, changed); err != nil {
		return nil, err
	}
	o.Plan = f.planOptions(guidelines, f.scopeOf(guidelines, "", len(typed) > 0 || !selector.Empty()), o.Objects)
	o.Layout.Width, o.Layout.Color = terminal(f.Out)
	return o, nil
}

// Run shows the plan, and writes it where that was asked for.
func (o *OverlayOptions) Run(ctx context.Context) error {
	p, err := o.Prepare(ctx)
	if err != nil {
		return err
	}
	if err := o.known(p); err != nil {
		return err
	}
	for i := range p.Steps {
		for j := range p.Steps[i].Secrets {
			p.Steps[i].Secrets[j].Into = o.SecretFile.Into()
		}
	}
	planned := &report.Planned{Plan: p.Plan, Steps: p.Steps, Sources: p.Sources}
	if err := o.Print(o.Out, planned, o.Layout); err != nil {
		return fmt.Errorf("cannot write the plan: %w", err)
	}
	if o.Patch {
		tellUnprinted(o.ErrOut, planned)
	}
	switch {
	case len(p.Steps) == 0 && len(p.Dropped) == 0:
		return nil
	case len(p.Steps) == 0 || !o.Save:
		return errPending
	}
	if err := o.save(ctx, p); err != nil {
		return err
	}
	if o.Into != "" || len(p.Dropped) > 0 {
		return errPending
	}
	return nil
}

// known tells of the apps that were named and are none.
func (o *OverlayOptions) known(p *overlay.Prepared) error {
	for _, n := range o.Objects {
		if !slices.ContainsFunc(p.Before.Apps, func(app *guideline.App) bool { return n.is(app.Object) }) {
			return fmt.Errorf("%s is no Dapr app in %s: %s check -k %s --show=apps lists them", n.typed, o.Overlay.Dir, displayName, o.Overlay.Dir)
		}
	}
	if len(p.Before.Apps) == 0 {
		fmt.Fprintf(o.ErrOut, "There is no Dapr app %s.\n", where(o.Reader))
	}
	return nil
}

// save writes the plan; where that is into the overlay, it is built and judged again
// from what is on the disk.
func (o *OverlayOptions) save(ctx context.Context, p *overlay.Prepared) error {
	if secrets := fix.SecretsOf(p.Steps); len(secrets) > 0 {
		if err := o.SecretFile.Write(secrets); err != nil {
			return fmt.Errorf("the overlay was not written: %w", err)
		}
		fmt.Fprintln(o.ErrOut, wroteSecrets(o.SecretFile))
	}
	written, err := o.Write(p)
	tellWritten(o.Out, written, o.Target())
	if err != nil || o.Into != "" {
		return err
	}
	if o.Overlay, err = overlay.Open(o.Overlay.Dir); err != nil {
		return err
	}
	s, err := o.Read(ctx)
	if err != nil {
		return fmt.Errorf("it is written, and could not be judged again: %w", err)
	}
	var changes []*plan.Change
	for i := range p.Changes {
		changes = append(changes, &p.Changes[i])
	}
	after := evaluate.Run(plan.WithSecrets(s, changes...), o.Plan.Guidelines, o.Plan.Evaluation)
	tellTallies(o.Out, p.Before, after)
	if now := tallyOf(after); now != tallyOf(p.After) {
		return fmt.Errorf("it is written, and is judged otherwise than before it was: %s check -k %s says how", displayName, o.Overlay.Dir)
	}
	return nil
}
