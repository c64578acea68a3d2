// Copyright The kubectl-dapr-prod Authors.
// SPDX-License-Identifier: Apache-2.0

package cmd

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"

	"k8s.io/cli-runtime/pkg/printers"
	"k8s.io/pod-security-admission/api"

	"github.com/dapr-prod/kubectl-dapr-prod/pkg/evaluate"
	"github.com/dapr-prod/kubectl-dapr-prod/pkg/fix"
)

// seccompGuideline is the guideline that --enforce goes with.
const seccompGuideline = "sidecar-seccomp"

// enforceRun has namespaces of apps enforce a profile of Pod Security.
type enforceRun struct {
	*FixOptions
	level api.Level
}

// Run says of each namespace whether all of its Pods fit, asks, and has those enforce the
// profile where they do.
func (o *enforceRun) Run(ctx context.Context) error {
	all, err := o.prepare(ctx)
	if err != nil {
		return err
	}
	var ready []*fix.Enforcement
	refused := false
	for _, e := range all {
		o.say(e)
		switch {
		case e.Done():
		case len(e.Refused) > 0 || e.Owner != nil:
			refused = true
		default:
			ready = append(ready, e)
		}
	}
	var left error
	if refused {
		left = errPending
	}
	switch {
	case len(ready) == 0:
		return left
	case o.DryRun:
		return errPending
	}
	if agreed, err := o.agree(ctx, fmt.Sprintf("Have %s enforce Pod Security %s?", count(len(ready), "namespace"), o.level)); err != nil || !agreed {
		return err
	}
	if err := o.write(ctx, ready); err != nil {
		return err
	}
	return left
}

// write labels the namespaces.
func (o *enforceRun) write(ctx context.Context, ready []*fix.Enforcement) error {
	journal, err := o.openJournal(ctx)
	if err != nil {
		return err
	}
	defer o.closeJournal()
	for _, e := range ready {
		taken, err := o.Enforce(ctx, e, journal)
		if err != nil {
			return fmt.Errorf("namespace %s: %s", e.Namespace, unfinished(err))
		}
		fmt.Fprintf(o.Out, "Namespace %s enforces Pod Security %s.\n", e.Namespace, e.Level)
		for _, c := range taken {
			fmt.Fprintf(o.ErrOut, "Its label was taken over from %s: a manifest that has it otherwise puts that back.\n", printers.EscapeTerminal(c.Manager))
		}
	}
	return nil
}

// prepare looks at the namespaces of the apps, in their order.
func (o *enforceRun) prepare(ctx context.Context) ([]*fix.Enforcement, error) {
	s, err := o.Reader.Read(ctx)
	if err != nil {
		return nil, err
	}
	apps := evaluate.Run(s, o.Plan.Guidelines, o.Plan.Evaluation).Apps
	var namespaces []string
	for _, app := range apps {
		namespaces = append(namespaces, app.Object.Namespace)
	}
	slices.Sort(namespaces)
	var all []*fix.Enforcement
	for _, namespace := range slices.Compact(namespaces) {
		e, err := o.Enforceable(ctx, namespace, o.level, apps)
		if err != nil {
			return nil, fmt.Errorf("whether the Pods of namespace %s fit Pod Security %s is not known: %w", namespace, o.level, err)
		}
		all = append(all, e)
	}
	return all, nil
}

// say says what becomes of a namespace, and which of its Pods are in the way.
func (o *enforceRun) say(e *fix.Enforcement) {
	switch {
	case e.Done():
		fmt.Fprintf(o.Out, "Namespace %s enforces Pod Security %s already.\n", e.Namespace, e.Now())
	case e.Owner != nil:
		fmt.Fprintf(o.Out, "Namespace %s is left as it is: it belongs to %s: %s, or write it all the same with --include-managed\n",
			e.Namespace, printers.EscapeTerminal(e.Owner.Name), e.Owner.Commit)
	case len(e.Refused) == 0:
		was := "none so far"
		if e.Was != nil {
			was = *e.Was + " so far"
		}
		fmt.Fprintf(o.Out, "Namespace %s: all Pods fit Pod Security %s (%s, %s), which is to be enforced: %s=%s\n",
			e.Namespace, e.Level, count(e.Tried, "Pod"), printers.EscapeTerminal(was), api.EnforceLevelLabel, e.Level)
	default:
		fmt.Fprintf(o.Out, "Namespace %s is left as it is: Pod Security %s would refuse\n", e.Namespace, e.Level)
		for _, why := range e.Refused {
			fmt.Fprintln(o.Out, "- "+printers.EscapeTerminal(why))
		}
	}
}

// enforcePossible refuses --enforce where no namespaces are looked at.
func (f *HardenFlags) enforcePossible(changed func(string) bool, guidelines, objects []string) error {
	if !f.Enforce {
		return nil
	}
	if !slices.Contains(guidelines, seccompGuideline) {
		return fmt.Errorf("--enforce is about %s: name that", seccompGuideline)
	}
	if len(objects) > 0 {
		return fmt.Errorf("--enforce is for all Pods of a namespace, and %s is one object: leave one of them out", objects[0])
	}
	var not []string
	for _, name := range []string{"filename", "kustomize", "selector", "output", "helm-upgrade"} {
		if changed(name) {
			not = append(not, "--"+name)
		}
	}
	if len(not) > 0 {
		return errors.New("--enforce looks at all Pods of a namespace in the cluster, and does not go with " + strings.Join(not, ", "))
	}
	return nil
}
