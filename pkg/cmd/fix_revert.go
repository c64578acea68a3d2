// Copyright The kubectl-dapr-prod Authors.
// SPDX-License-Identifier: Apache-2.0

package cmd

import (
	"context"
	"errors"
	"fmt"
	"strings"

	"k8s.io/cli-runtime/pkg/printers"

	"github.com/dapr-prod/kubectl-dapr-prod/pkg/apply"
	"github.com/dapr-prod/kubectl-dapr-prod/pkg/fix"
	"github.com/dapr-prod/kubectl-dapr-prod/pkg/journal"
)

// reverting is what the states of a field read like, while it is only tried and after
// it was done; unmaking is the same of an object that was made.
var (
	reverting = map[bool]map[apply.RevertState]string{
		true:  {apply.AsItWas: "is as it was", apply.Restored: "would be restored", apply.Refused: "would be left"},
		false: {apply.AsItWas: "is as it was", apply.Restored: "restored", apply.Refused: "left"},
	}
	remaking = map[bool]map[apply.RevertState]string{
		true:  {apply.AsItWas: "is there", apply.Restored: "would be made again, with a new token", apply.Needless: "would not be made again, since nothing goes back to it"},
		false: {apply.AsItWas: "is there", apply.Restored: "made again, with a new token", apply.Needless: "not made again, since nothing goes back to it"},
	}
	unmaking = map[bool]map[apply.RevertState]string{
		true:  {apply.AsItWas: "is gone", apply.Restored: "would be deleted", apply.Refused: "would be left"},
		false: {apply.AsItWas: "is gone", apply.Restored: "deleted", apply.Refused: "left"},
	}
)

// revert takes back what a journal says was written: it tries, shows, asks, and does.
func (o *FixOptions) revert(ctx context.Context) error {
	record, err := journal.Read(o.RevertFrom)
	if err != nil {
		return err
	}
	if record.Cut {
		fmt.Fprintln(o.ErrOut, "The journal ends within a line: a run that was killed leaves it so, and if it was cut off since, not all is taken back.")
	}
	if len(record.Writes) == 0 {
		fmt.Fprintln(o.ErrOut, "Nothing was written by that run.")
	}
	if o.DryRun || !o.Yes {
		tried, err := o.Client.Revert(ctx, record, apply.RevertOptions{DryRun: true})
		if err != nil {
			return err
		}
		what, left := o.reverted(tried, true)
		o.heldBack(tried, len(record.Groups()))
		switch {
		case what == (taken{}):
			return unrestored(left)
		case o.DryRun:
			return errPending
		}
		if agreed, err := o.agree(ctx, what.question()); err != nil || !agreed {
			return err
		}
	}
	done, err := o.Revert(ctx, record)
	progressOf(o.ErrOut).end()
	_, left := o.reverted(done, false)
	if err != nil {
		return o.stopped(ctx, err, len(done), len(record.Groups()))
	}
	o.heldBack(done, len(record.Groups()))
	return unrestored(left)
}

// heldBack says of how many objects of all a revert left its hands, since a Secret that
// they may refer to could not be made again.
func (o *FixOptions) heldBack(done []apply.Reverted, all int) {
	if rest := all - len(done); rest > 0 {
		fmt.Fprintf(o.ErrOut, "%s not taken back: %s could not be made; allow it, then run the revert again.\n", count(rest, "object"), done[len(done)-1].Object)
	}
}

// stopped says where a revert stands that an error ended once so many of all objects were
// begun.
func (o *FixOptions) stopped(ctx context.Context, err error, begun, all int) error {
	if rest := all - begun; begun > 0 && rest > 0 {
		fmt.Fprintf(o.ErrOut, "%s not begun: run it again to go on.\n", count(rest, "object"))
	}
	if ctx.Err() != nil && !errors.Is(err, ctx.Err()) {
		// That it was interrupted is all that is said at the end.
		fmt.Fprintln(o.ErrOut, printers.EscapeTerminal(err.Error()))
		return ctx.Err()
	}
	return err
}

// unrestored says by its error that fields were left.
func unrestored(left int) error {
	if left > 0 {
		return errPending
	}
	return nil
}

// taken counts what is taken back: fields of workloads, objects that were made, and
// Secrets that were deleted.
type taken struct {
	fields, workloads, objects, remade int
	// restarts tells that Pods are made anew for it.
	restarts bool
}

// question asks whether to do that.
func (t taken) question() string {
	var parts []string
	if t.remade > 0 {
		parts = append(parts, fmt.Sprintf("make %s again", count(t.remade, "Secret")))
	}
	if t.fields > 0 {
		whose := "their"
		if t.workloads == 1 {
			whose = "its"
		}
		text := fmt.Sprintf("restore %s of %s", count(t.fields, "field"), count(t.workloads, "object"))
		if t.restarts {
			text += ", which restarts " + whose + " Pods"
		}
		parts = append(parts, text)
	}
	if t.objects > 0 {
		parts = append(parts, fmt.Sprintf("delete %s", count(t.objects, "object")))
	}
	text := strings.Join(parts, ", and ")
	return strings.ToUpper(text[:1]) + text[1:] + "?"
}

// reverted prints what became of each field and of each object that was made, and
// counts those that are taken back and those that are left.
func (o *FixOptions) reverted(all []apply.Reverted, dryRun bool) (back taken, left int) {
	for _, r := range all {
		before := back.fields
		for _, f := range r.Fields {
			line := fmt.Sprintf("%s: %s %s", r.Object, f.Key, reverting[dryRun][f.State])
			if r.Made {
				line = fmt.Sprintf("%s: %s", r.Object, unmaking[dryRun][f.State])
			}
			if r.Remade {
				line = fmt.Sprintf("%s: %s", r.Object, remaking[dryRun][f.State])
				if f.Why != "" {
					line += "; the server refused to try what goes back to it: " + f.Why
				}
			}
			switch {
			case f.State == apply.Restored && r.Remade:
				back.remade++
			case f.State == apply.Restored && r.Made:
				back.objects++
			case f.State == apply.Restored:
				back.fields++
			case f.State == apply.Refused:
				left++
				line += ": " + f.Why
			}
			fmt.Fprintln(o.Out, printers.EscapeTerminal(line))
		}
		if back.fields > before {
			back.workloads++
			back.restarts = back.restarts || fix.HasPods(r.Object)
		}
		if r.Err != nil {
			left++
			what := "left"
			if r.Remade {
				what = "not made again"
			}
			fmt.Fprintf(o.Out, "%s: %s: %s\n", r.Object, what, sentence(r.Err))
		}
	}
	return back, left
}
