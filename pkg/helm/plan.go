// Copyright The kubectl-dapr-prod Authors.
// SPDX-License-Identifier: Apache-2.0

package helm

import (
	"context"
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/dapr-prod/kubectl-dapr-prod/pkg/snapshot"
)

// Options say how an upgrade is done.
type Options struct {
	// ForceConflicts takes fields over that other field managers own.
	ForceConflicts bool
	// RecreatePlacement deletes placement's StatefulSet, with its Pods, where the
	// upgrade changes a field of it that cannot be changed. Actors and workflows stand
	// still until placement is back and sidecars have found it; their state stays.
	RecreatePlacement bool
	// Timeout is how long each thing is waited for; five minutes where it is 0.
	Timeout time.Duration
	// Description is what helm history shows of the revision.
	Description string
}

// Plan is an upgrade that was proven and rehearsed, and not yet done. All that is
// exported of it may be printed, but for Before, Manifest and Values.
type Plan struct {
	Release *Release
	// Drift is where the cluster is not as the release's record has it.
	Drift Drift
	// Changes are the rendered objects that change.
	Changes []Change
	// Answers are what the server says to each object of the upgrade.
	Answers []Answer
	// Before is what the release was rendered to, Manifest what it will be, and Values
	// what the release will have: they hold secrets, and are for judging, never for
	// printing.
	Before   string
	Manifest string
	Values   map[string]any

	chart     *Chart
	additions map[string]any
	options   Options
	same      bool
}

// WrongChartError says that a chart does not give what the release's record has.
type WrongChartError struct {
	From string
	// Changes go from the record to what the chart gives with the release's values.
	Changes []Change
}

func (e *WrongChartError) Error() string {
	var names []string
	for _, c := range e.Changes {
		names = append(names, c.Object.String())
	}
	return fmt.Sprintf("%s is not the chart that the release was made of, or the record of the release was changed: with the release's values it gives another %s; name the right one with --chart",
		e.From, strings.Join(names, ", "))
}

// Plan proves a chart, merges additions over the values of the release, as helm upgrade
// --reset-then-reuse-values does, renders both, and asks the server what it says.
// Nothing is written. It is a *WrongChartError if the chart is not the release's, and a
// *KeptError if another program keeps any of its objects.
func (r *Release) Plan(ctx context.Context, c *Chart, additions map[string]any, options Options) (*Plan, error) {
	h, err := r.rehearse(ctx, options)
	if err != nil {
		return nil, err
	}
	fresh, err := c.fresh()
	if err != nil {
		return nil, err
	}
	if additions, err = r.effective(additions, fresh); err != nil {
		return nil, err
	}
	// Texts of the chart itself need no mask. A chart that cannot be rendered without
	// the user's values has none, and all is masked.
	for _, v := range []map[string]any{nil, additions} {
		if bare, err := r.render(ctx, h.config, c, values{additions: v, alone: true}); err == nil {
			r.mask.trust(bare.Manifest)
		}
	}
	if err := r.prove(ctx, h, c); err != nil {
		return nil, err
	}
	next, err := r.render(ctx, h.config, c, values{additions: additions})
	if err != nil {
		return nil, fmt.Errorf("rendering the chart with the additions: %w", err)
	}
	r.mask.addSecrets(next.Manifest)
	if err := kept(r.record.Config, additions, next.Config); err != nil {
		return nil, err
	}
	same, err := sameValues(r.record.Config, next.Config)
	if err != nil {
		return nil, err
	}
	p := &Plan{
		Release: r, Before: r.record.Manifest, Manifest: next.Manifest, Values: next.Config, chart: c, additions: additions, options: options,
		same: same,
	}
	if p.Changes, err = r.compare(r.record.Manifest, next.Manifest); err != nil {
		return nil, err
	}
	if p.Drift, err = h.drift(ctx); err != nil {
		return nil, err
	}
	p.Answers, err = h.ask(ctx, next.Manifest)
	return p, err
}

// prove holds what a chart gives with the release's values against the record.
func (r *Release) prove(ctx context.Context, h *rehearsal, c *Chart) error {
	present, err := r.render(ctx, h.config, c, values{})
	if err != nil {
		return fmt.Errorf("rendering %s with the values of the release: %w", c.From, err)
	}
	r.mask.addSecrets(present.Manifest)
	changes, err := r.compare(r.record.Manifest, present.Manifest)
	if err != nil {
		return err
	}
	if len(changes) > 0 {
		return &WrongChartError{From: c.From, Changes: changes}
	}
	return nil
}

// compare is what changes from one rendering to another.
func (r *Release) compare(before, after string) ([]Change, error) {
	was, err := objectsIn(before)
	if err != nil {
		return nil, fmt.Errorf("the manifest in the record of release %s cannot be read: %w", r.Name, r.mask.error(err))
	}
	is, err := objectsIn(after)
	if err != nil {
		return nil, fmt.Errorf("what the chart gives cannot be read: %w", r.mask.error(err))
	}
	return r.mask.changed(was, is), nil
}

// Empty tells whether there is nothing to do: the release has these values, and the
// chart gives what it gave.
func (p *Plan) Empty() bool { return p.same && len(p.Changes) == 0 }

// Refused are the answers that stand in the way of the upgrade.
func (p *Plan) Refused() []Answer {
	var all []Answer
	for _, a := range p.Answers {
		if a.Refusal != "" {
			all = append(all, a)
		}
	}
	return all
}

// Recreated are the objects that the upgrade deletes and makes anew.
func (p *Plan) Recreated() []snapshot.Object {
	var all []snapshot.Object
	for _, a := range p.Answers {
		if a.Verb == Recreate {
			all = append(all, a.Object)
		}
	}
	return all
}

// WayBack are the commands that bring the release back after the upgrade. What had to
// be made anew has to be deleted again: it can no more be changed back.
func (p *Plan) WayBack() []string {
	var all []string
	for _, o := range p.Recreated() {
		all = append(all, fmt.Sprintf("kubectl delete statefulset %s -n %s", o.Name, o.Namespace))
	}
	return append(all, RollbackCommand(p.Release.Namespace, p.Release.Name, p.Release.Revision))
}

// NeedsRecreation tells whether the server refuses the upgrade because of a field of
// placement's StatefulSet that can only be set when it is made: placement's log
// becomes persistent, or no longer is. Values with
// dapr_placement.cluster.forceInMemoryLog=true leave it as it is, and
// Options.RecreatePlacement makes it anew.
func (p *Plan) NeedsRecreation() bool {
	return slices.ContainsFunc(p.Answers, func(a Answer) bool { return a.Immutable && isPlacement(a.Object) })
}
