// Copyright The kubectl-dapr-prod Authors.
// SPDX-License-Identifier: Apache-2.0

package fix

import (
	"context"
	"fmt"
	"maps"
	"slices"

	"github.com/dapr-prod/kubectl-dapr-prod/pkg/collect"
	"github.com/dapr-prod/kubectl-dapr-prod/pkg/edit"
	"github.com/dapr-prod/kubectl-dapr-prod/pkg/evaluate"
	"github.com/dapr-prod/kubectl-dapr-prod/pkg/manifest"
	"github.com/dapr-prod/kubectl-dapr-prod/pkg/plan"
	"github.com/dapr-prod/kubectl-dapr-prod/pkg/snapshot"
	"github.com/dapr-prod/kubectl-dapr-prod/pkg/textfile"
)

// Files is how a plan for manifests is made and written. No server is asked.
type Files struct {
	Reader collect.Manifests
	Plan   plan.Options
	// Secrets is where Secrets go that changes refer to; nil where nobody said.
	Secrets *SecretFile
}

// PreparedFiles is a plan for manifests, with the texts that come of it.
type PreparedFiles struct {
	Prepared
	// Edits are the texts that would be others, in the order of the input.
	Edits []Edit
	// After is what the new texts are judged as.
	After *evaluate.Evaluation
	// Values are the texts that are values of Dapr's chart, of which nothing is in the plan.
	Values []manifest.Text
	// Secrets are the manifests that have to be written before any edit; what they hold is
	// in none of the texts.
	Secrets []NewSecret
	// Broken are the parts of the input that could not be read.
	Broken error
}

// Edit is a text of the input, and what would become of it.
type Edit struct {
	manifest.Text
	Next []byte
	// Steps are the changes that are in it.
	Steps []*plan.Step
}

// Prepare reads, plans, and judges the new texts as they are read. What they show not
// to close its finding is taken out of the plan.
func (f *Files) Prepare(ctx context.Context) (*PreparedFiles, error) {
	texts := &manifest.Texts{}
	s, broken := f.read(ctx, texts)
	if s == nil {
		return nil, broken
	}
	options := f.Plan
	options.Refused = maps.Clone(options.Refused)
	if options.Refused == nil {
		options.Refused = map[plan.Remedy]string{}
	}
	dropped := map[plan.Remedy]string{}
	for {
		if err := ctx.Err(); err != nil {
			return nil, err
		}
		p := &PreparedFiles{Prepared: Prepared{Plan: plan.Make(s, options), Dropped: dropped}, Values: valuesOf(texts), Broken: broken}
		contents := p.edit(texts, f.Secrets)
		after := s
		var err error
		if len(contents) > 0 {
			if after, err = f.read(ctx, texts.With(contents)); after == nil {
				return nil, err
			}
		}
		p.After = evaluate.Run(plan.WithSecrets(after, p.written()...), f.Plan.Guidelines, f.Plan.Evaluation)
		bad := p.unfit()
		maps.Copy(bad, p.homeless(f.Secrets))
		if len(bad) == 0 {
			p.Secrets, err = f.secretsOf(ctx, p.written(), texts)
			return p, err
		}
		maps.Copy(options.Refused, bad)
		maps.Copy(dropped, bad)
	}
}

func (f *Files) read(ctx context.Context, texts *manifest.Texts) (*snapshot.Snapshot, error) {
	reader := f.Reader
	reader.Texts = texts
	return reader.Read(ctx)
}

// edit makes the steps of the plan, and the texts that come of them, by their place in
// the input.
func (p *PreparedFiles) edit(texts *manifest.Texts, secrets *SecretFile) map[int][]byte {
	all := texts.All()
	place := map[string]int{}
	for i := range all {
		place[all[i].Name] = i // an object that comes twice counts as it came last
	}
	in := map[int][]*plan.Step{}
	p.Steps = make([]plan.Step, len(p.Changes))
	for i := range p.Changes {
		c := &p.Changes[i]
		step := &p.Steps[i]
		*step = plan.Step{Change: c, State: plan.Ready}
		if restarts(c) {
			step.State, step.Why = plan.Refused, "it takes a restart and no change of the manifest: kubectl rollout restart does it, or fix without -f"
			continue
		}
		if len(c.Secrets) > 0 && secrets == nil {
			step.State, step.Why = plan.Refused, "it needs "+c.Secrets[0].Object.String()+", which is not among the manifests: "+ways
			continue
		}
		for j := range c.Secrets {
			c.Secrets[j].Into = secrets.Into()
		}
		at := place[c.Before.Template.Source.File]
		in[at] = append(in[at], step)
	}
	contents := map[int][]byte{}
	for _, at := range slices.Sorted(maps.Keys(in)) {
		if e := newEdit(all[at], in[at]); len(e.Steps) > 0 {
			p.Edits = append(p.Edits, e)
			contents[at] = e.Next
		}
	}
	return contents
}

// written are the changes that are in the edits.
func (p *PreparedFiles) written() []*plan.Change {
	var all []*plan.Change
	for _, e := range p.Edits {
		for _, step := range e.Steps {
			all = append(all, step.Change)
		}
	}
	return all
}

// restarts tells whether a change does nothing but make Pods anew.
func restarts(c *plan.Change) bool {
	return len(c.Fields) == 0 && !slices.ContainsFunc(c.Annotations, func(a plan.Annotation) bool { return a.Key != plan.RestartedAt })
}

// newEdit writes steps into a text. Those that it does not take are refused.
func newEdit(text manifest.Text, steps []*plan.Step) Edit {
	objects := make([]edit.Object, len(steps))
	for i, step := range steps {
		objects[i].Spot = step.Before.Template.Source.Spot
		for _, f := range step.Sets() {
			objects[i].Sets = append(objects[i].Sets, edit.Set{Path: step.In(f.Path), Value: f.Value})
		}
	}
	e := Edit{Text: text}
	next, errs := edit.Write(text.Content, objects)
	e.Next = next
	for i, step := range steps {
		if errs[i] != nil {
			step.State, step.Why = plan.Refused, fmt.Sprintf("%s:%d: %s", text.Name, step.Before.Template.Source.Line, errs[i])
			continue
		}
		e.Steps = append(e.Steps, step)
	}
	return e
}

// unfit tells which remedies that are written do not keep what they promise.
func (p *PreparedFiles) unfit() map[plan.Remedy]string {
	bad := p.Unfit(p.After)
	maps.DeleteFunc(bad, func(remedy plan.Remedy, _ string) bool {
		return !slices.ContainsFunc(p.Steps, func(s plan.Step) bool { return s.App == remedy.App && s.State == plan.Ready })
	})
	return bad
}

// Write puts the new text into its file.
func (e *Edit) Write() error {
	if err := textfile.Replace(e.Name, e.Content, e.Next); err != nil {
		return fmt.Errorf("%s: %w", e.Name, err)
	}
	return nil
}
