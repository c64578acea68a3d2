// Copyright The kubectl-dapr-prod Authors.
// SPDX-License-Identifier: Apache-2.0

package overlay

import (
	"context"
	"fmt"
	"maps"
	"path"
	"reflect"
	"slices"

	"k8s.io/apimachinery/pkg/apis/meta/v1/unstructured"

	"github.com/dapr-prod/kubectl-dapr-prod/pkg/evaluate"
	"github.com/dapr-prod/kubectl-dapr-prod/pkg/field"
	"github.com/dapr-prod/kubectl-dapr-prod/pkg/kustomize"
	"github.com/dapr-prod/kubectl-dapr-prod/pkg/plan"
	"github.com/dapr-prod/kubectl-dapr-prod/pkg/report"
	"github.com/dapr-prod/kubectl-dapr-prod/pkg/snapshot"
)

// Folder is where the Component of an overlay is, below the overlay's own.
const Folder = "dapr-prod"

// Runner plans what an overlay is to take in.
type Runner struct {
	Reader
	Plan plan.Options
	// Into is the folder that the Component is written to; empty for that of the overlay.
	Into string
	// Secrets tells that the Secrets which patches refer to are written to a file.
	Secrets bool
}

// folder is where the Component is tried, below the overlay.
func (r *Runner) folder() string {
	if r.Into != "" {
		return probe // the overlay may have one of its own
	}
	return Folder
}

// Prepared is a plan that was tried: the overlay was built with it, and judged.
type Prepared struct {
	*plan.Plan
	// Steps are the plan's creations, then its changes.
	Steps []plan.Step
	// Dropped are the remedies that do not arrive at what is built, and why.
	Dropped map[plan.Remedy]string
	// Sources are the files that the objects come from, where kustomize tells.
	Sources map[snapshot.Object]string
	// Component holds what was there before, and the plan.
	Component *kustomize.Component
	// Files are those that put it into the overlay, by their paths there.
	Files map[string][]byte
	// After is the overlay as it is judged with them.
	After *evaluate.Evaluation
}

// attempt is one try of a plan.
type attempt struct {
	*Runner
	plan *plan.Plan
	// was is what the overlay builds, and called what objects are called where
	// components are used.
	was    []Object
	called map[snapshot.Object]*Object
	// there is the Component that was written before.
	there *kustomize.Component
}

// Prepare builds and judges the overlay, plans, and builds and judges it again with the
// plan. What does not arrive there, or does not close its finding, is taken out.
func (r *Runner) Prepare(ctx context.Context) (*Prepared, error) {
	if err := r.Overlay.local(); err != nil {
		return nil, err
	}
	there, err := r.there()
	if err != nil {
		return nil, err
	}
	was, err := r.Overlay.Build(ctx, nil)
	if err != nil {
		return nil, err
	}
	s, err := r.read(ctx, was)
	if err != nil {
		return nil, err
	}
	options := r.Plan
	options.Refused = maps.Clone(options.Refused)
	if options.Refused == nil {
		options.Refused = map[plan.Remedy]string{}
	}
	dropped := map[plan.Remedy]string{}
	try := &attempt{Runner: r, was: was, there: there}
	for {
		try.plan = plan.Make(s, options)
		if try.called == nil {
			if try.called, err = r.Overlay.trace(ctx, r.namespace(), wanted(try.plan)); err != nil {
				return nil, err
			}
		}
		p, bad, err := try.run(ctx)
		if err != nil {
			return nil, err
		}
		if len(bad) == 0 {
			p.Dropped = dropped
			return p, nil
		}
		maps.Copy(options.Refused, bad)
		maps.Copy(dropped, bad)
	}
}

// namespace is that of objects that name none.
func (r *Runner) namespace() string {
	if r.Namespace == "" {
		return "default"
	}
	return r.Namespace
}

// wanted are the objects that a plan patches.
func wanted(p *plan.Plan) map[snapshot.Object]bool {
	all := map[snapshot.Object]bool{}
	for i := range p.Changes {
		all[p.Changes[i].Object] = true
	}
	return all
}

// run tries a plan. bad are the remedies that are to be taken out of it, and why.
func (a *attempt) run(ctx context.Context) (p *Prepared, bad map[plan.Remedy]string, err error) {
	p = &Prepared{Plan: a.plan, After: a.plan.Before, Sources: map[snapshot.Object]string{}}
	for i := range a.was {
		p.Sources[a.was[i].object(a.namespace())] = a.was[i].Source
	}
	if len(a.plan.Changes)+len(a.plan.Creations) == 0 {
		return p, nil, nil
	}
	if bad := a.unreached(); len(bad) > 0 {
		return nil, bad, nil
	}
	p.Component = a.component(a.plan.Changes, a.plan.Creations)
	if p.Files, err = a.files(p.Component); err != nil {
		return nil, nil, err
	}
	is, err := a.Overlay.Build(ctx, p.Files)
	if err != nil {
		return nil, a.blame(ctx), ctx.Err()
	}
	if bad := a.astray(is); len(bad) > 0 {
		return nil, bad, nil
	}
	after, err := a.read(ctx, is)
	if err != nil {
		return nil, nil, err
	}
	var changes []*plan.Change
	for i := range a.plan.Changes {
		changes = append(changes, &a.plan.Changes[i])
	}
	p.After = evaluate.Run(plan.WithSecrets(after, changes...), a.Plan.Guidelines, a.Plan.Evaluation)
	if bad := a.plan.Unfit(p.After); len(bad) > 0 {
		return nil, a.withheld(bad), nil
	}
	p.Steps = a.steps(is)
	return p, nil, nil
}

// component is the one that is there, with changes and creations.
func (a *attempt) component(changes []plan.Change, creations []plan.Creation) *kustomize.Component {
	c := a.there.Clone()
	for i := range creations {
		c.Resource(creations[i].Content.Object, Reasons(creations[i].Step().Change)...)
	}
	for i := range changes {
		change := &changes[i]
		fields := change.Patch(report.Printed)
		called := a.called[change.Object]
		meta := map[string]any{"name": called.GetName()}
		if namespace := called.GetNamespace(); namespace != "" {
			meta["namespace"] = namespace
		}
		fields["metadata"], fields["apiVersion"] = meta, called.GetAPIVersion()
		c.Patch(fields, Reasons(change)...)
	}
	return c
}

// Reasons say which guidelines a change is for, as comments in a Component.
func Reasons(c *plan.Change) []string {
	var all []string
	for _, g := range c.Remedies {
		all = append(all, g.ID+": "+g.Title)
	}
	return all
}

// files are those that put a Component into the overlay.
func (a *attempt) files(c *kustomize.Component) (map[string][]byte, error) {
	inside, err := c.Files()
	if err != nil {
		return nil, err
	}
	files := map[string][]byte{}
	for name, text := range inside {
		files[path.Join(a.folder(), name)] = text
	}
	files[a.Overlay.file], err = kustomize.Include(a.Overlay.text, a.folder())
	if err != nil {
		return nil, fmt.Errorf("%s cannot name the component: %w", path.Join(a.Overlay.Dir, a.Overlay.file), err)
	}
	return files, nil
}

// unreached are the changes of objects that components do not see, and those that hold
// nothing that a patch may hold.
func (a *attempt) unreached() map[plan.Remedy]string {
	bad := map[plan.Remedy]string{}
	for i := range a.plan.Changes {
		c := &a.plan.Changes[i]
		switch {
		case a.called[c.Object] == nil:
			refuse(bad, c, "no component reaches it: the overlay makes it, or replaces it, after its components: change it there")
		case len(c.Secrets) > 0 && !a.Secrets:
			refuse(bad, c, fmt.Sprintf("it needs %s, which the overlay does not build: --write-secrets FILE writes it there", c.Secrets[0].Object))
		case len(c.Fields) == 0 && !slices.ContainsFunc(c.Annotations, report.Printed):
			refuse(bad, c, secretive(c))
		}
	}
	return bad
}

// secretive says which annotation of a change is not copied into a patch; empty where
// all are.
func secretive(c *plan.Change) string {
	for _, a := range c.Annotations {
		if !report.Printed(a) {
			return fmt.Sprintf("%s holds values that may be secret, which are not copied into a patch: let it become %s where it is written", a.Key, report.Shown(a))
		}
	}
	return ""
}

// blame finds the changes that kustomize cannot build the overlay with.
func (a *attempt) blame(ctx context.Context) map[plan.Remedy]string {
	bad := map[plan.Remedy]string{}
	for i := range a.plan.Changes {
		files, err := a.files(a.component(a.plan.Changes[i:i+1], nil))
		if err == nil {
			_, err = a.Overlay.Build(ctx, files)
		}
		if err != nil {
			refuse(bad, &a.plan.Changes[i], "the overlay does not build with a patch of it: change it where it is written")
		}
	}
	if len(bad) > 0 {
		return bad
	}
	// None alone, but all of them together, or what is made.
	for i := range a.plan.Changes {
		refuse(bad, &a.plan.Changes[i], "the overlay does not build with the patches: change it where it is written")
	}
	for i := range a.plan.Creations {
		c := &a.plan.Creations[i]
		bad[plan.Remedy{App: evaluate.ControlPlaneObject(c.ControlPlane), Guideline: c.Remedy.ID}] = "the overlay does not build with it: make it where the others are made"
	}
	return bad
}

// astray are the changes that do not arrive, or arrive at another object, too.
func (a *attempt) astray(is []Object) map[plan.Remedy]string {
	bad := map[plan.Remedy]string{}
	expected := map[snapshot.Object]*unstructured.Unstructured{}
	for i := range a.was {
		expected[a.was[i].object(a.namespace())] = a.was[i].Unstructured
	}
	built := map[snapshot.Object]*unstructured.Unstructured{}
	for i := range is {
		built[is[i].object(a.namespace())] = is[i].Unstructured
	}
	for i := range a.plan.Changes {
		c := &a.plan.Changes[i]
		next, err := a.next(c, expected[c.Object])
		if err != nil || built[c.Object] == nil || !reflect.DeepEqual(next.Object, built[c.Object].Object) {
			refuse(bad, c, "the patch does not arrive: the overlay writes the template after its components: change it there")
		}
		delete(expected, c.Object)
	}
	if len(bad) > 0 {
		return bad
	}
	for _, object := range slices.SortedFunc(maps.Keys(expected), snapshot.Object.Compare) {
		if built[object] != nil && reflect.DeepEqual(expected[object].Object, built[object].Object) {
			continue
		}
		for i := range a.plan.Changes {
			if c := &a.plan.Changes[i]; c.Object.Kind == object.Kind {
				refuse(bad, c, fmt.Sprintf("the patch would change %s, too, which has the same name in a base: change it where it is written", object))
			}
		}
		if len(bad) == 0 {
			for i := range a.plan.Changes {
				refuse(bad, &a.plan.Changes[i], fmt.Sprintf("the patch would change %s, too: change it where it is written", object))
			}
		}
	}
	return bad
}

// next is an object with what a patch of it says.
func (a *attempt) next(c *plan.Change, was *unstructured.Unstructured) (*unstructured.Unstructured, error) {
	if was == nil {
		return nil, fmt.Errorf("%s was not built", c.Object)
	}
	patched := *c
	patched.Annotations = slices.DeleteFunc(slices.Clone(c.Annotations), func(a plan.Annotation) bool { return !report.Printed(a) })
	next, err := patched.Set(was)
	if err != nil {
		return nil, err
	}
	for _, f := range slices.Backward(c.Fields) {
		if f.Was == nil {
			first(next.Object, c.In(f.Path))
		}
	}
	return next, nil
}

// first moves an element to the front of its list, where kustomize puts those that a patch
// brings.
func first(object map[string]any, path field.Path) {
	name, element := field.Element(path[len(path)-1])
	list, _ := field.Get(object, path[:len(path)-1]).([]any)
	at := slices.IndexFunc(list, func(one any) bool {
		fields, _ := one.(map[string]any)
		return fields["name"] == name
	})
	if !element || at < 0 {
		return
	}
	moved := list[at]
	copy(list[1:], list[:at])
	list[0] = moved
}

// withheld says of remedies that do not hold when that is for a value which is not
// copied into a patch.
func (a *attempt) withheld(bad map[plan.Remedy]string) map[plan.Remedy]string {
	for i := range a.plan.Changes {
		c := &a.plan.Changes[i]
		why := secretive(c)
		for remedy := range bad {
			if remedy.App == c.App && why != "" {
				bad[remedy] = why
			}
		}
	}
	return bad
}

// refuse takes all of a change out.
func refuse(bad map[plan.Remedy]string, c *plan.Change, why string) {
	for _, g := range c.Remedies {
		bad[plan.Remedy{App: c.App, Guideline: g.ID}] = why
	}
}

// steps are the plan with what is built before and after it.
func (a *attempt) steps(is []Object) []plan.Step {
	var steps []plan.Step
	for i := range a.plan.Creations {
		steps = append(steps, a.plan.Creations[i].Step())
	}
	find := func(built []Object, object snapshot.Object) *unstructured.Unstructured {
		for i := range built {
			if built[i].object(a.namespace()) == object {
				return built[i].Unstructured
			}
		}
		return nil
	}
	for i := range a.plan.Changes {
		c := &a.plan.Changes[i]
		live := find(a.was, c.Object)
		steps = append(steps, plan.Step{Change: c, State: plan.Ready, Live: live, Workload: live, Next: find(is, c.Object)})
	}
	return steps
}
