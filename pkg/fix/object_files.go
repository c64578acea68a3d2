// Copyright The kubectl-dapr-prod Authors.
// SPDX-License-Identifier: Apache-2.0

package fix

import (
	"context"
	"errors"
	"fmt"
	"slices"

	"k8s.io/apimachinery/pkg/apis/meta/v1/unstructured"

	"github.com/dapr-prod/kubectl-dapr-prod/pkg/collect"
	"github.com/dapr-prod/kubectl-dapr-prod/pkg/daprobject"
	"github.com/dapr-prod/kubectl-dapr-prod/pkg/edit"
	"github.com/dapr-prod/kubectl-dapr-prod/pkg/evaluate"
	"github.com/dapr-prod/kubectl-dapr-prod/pkg/field"
	"github.com/dapr-prod/kubectl-dapr-prod/pkg/guideline"
	"github.com/dapr-prod/kubectl-dapr-prod/pkg/manifest"
	"github.com/dapr-prod/kubectl-dapr-prod/pkg/plan"
	"github.com/dapr-prod/kubectl-dapr-prod/pkg/snapshot"
)

// ObjectFiles is how secrets move out of objects of dapr.io in manifests. No server is
// asked.
type ObjectFiles struct {
	Reader collect.Manifests
	Plan   plan.Options
	// Secrets is where they move to; nil where nobody said.
	Secrets *SecretFile
	// Change gives, of what was judged, what becomes of an object, as a step with its Move;
	// nil for an object that was not asked for.
	Change func(*evaluate.Evaluation) (func(*unstructured.Unstructured) *plan.ObjectStep, error)
}

// PreparedObjectFiles is a plan for objects in manifests, with the texts that come of it.
type PreparedObjectFiles struct {
	Before, After *evaluate.Evaluation
	Steps         []plan.ObjectStep
	// Edits are the texts that would be others, in the order of the input.
	Edits []Edit
	// Secrets are the manifests that have to be written before any edit.
	Secrets []NewSecret
	// Broken are the parts of the input that could not be read.
	Broken error
}

// written is an object as it stands in a text.
type written struct {
	// text is the place of the text in the input.
	text int
	line int
	spot edit.Spot
	// object has the namespace that it would be applied to, and bare tells that its text
	// names none.
	object *unstructured.Unstructured
	bare   bool
}

// Prepare reads, plans, and judges the new texts as they are read.
func (f *ObjectFiles) Prepare(ctx context.Context) (*PreparedObjectFiles, error) {
	texts := &manifest.Texts{}
	reader := f.Reader
	reader.Texts = texts
	s, broken := reader.Read(ctx)
	if s == nil {
		return nil, broken
	}
	p := &PreparedObjectFiles{Before: evaluate.Run(s, f.Plan.Guidelines, f.Plan.Evaluation), Broken: broken}
	change, err := f.Change(p.Before)
	if err != nil {
		return nil, err
	}
	objects, err := f.objects(ctx, texts)
	if err != nil {
		return nil, err
	}
	in := map[int][]edit.Object{}
	steps := map[int][]int{}
	for i := range objects {
		step := change(objects[i].object)
		if step == nil || step.State == "" && step.Move.Nothing() {
			continue
		}
		step.Object = step.Move.Object
		if step.State == "" {
			f.place(p, step, objects)
		}
		if step.State == plan.Ready {
			at := objects[i].text
			in[at] = append(in[at], edit.Object{Spot: objects[i].spot, Sets: setsOf(step.Move, objects[i].object)})
			steps[at] = append(steps[at], len(p.Steps))
		}
		p.Steps = append(p.Steps, *step)
	}
	contents := map[int][]byte{}
	for at, text := range texts.All() {
		next, errs := edit.Write(text.Content, in[at])
		for k, err := range errs {
			if err != nil {
				step := &p.Steps[steps[at][k]]
				step.State, step.Why = plan.Refused, fmt.Sprintf("%s: %s", text.Name, err)
			}
		}
		if string(next) != string(text.Content) {
			p.Edits = append(p.Edits, Edit{Text: text, Next: next})
			contents[at] = next
		}
	}
	p.Secrets = p.secrets(objects)
	return p, f.judge(ctx, p, texts, contents)
}

// judge reads the new texts and holds them against what they promise.
func (f *ObjectFiles) judge(ctx context.Context, p *PreparedObjectFiles, texts *manifest.Texts, contents map[int][]byte) error {
	if p.After = p.Before; len(contents) == 0 {
		return nil
	}
	reader := f.Reader
	reader.Texts = texts.With(contents)
	s, err := reader.Read(ctx)
	if s == nil {
		return err
	}
	p.After = evaluate.Run(s, f.Plan.Guidelines, f.Plan.Evaluation)
	for i := range p.Steps {
		step := &p.Steps[i]
		open := func(c evaluate.Judgement) bool {
			return slices.ContainsFunc(p.After.Judgements, func(j evaluate.Judgement) bool {
				return j.Object == c.Object && j.Field == c.Field && j.Message == c.Message && j.Outcome == guideline.Failed
			})
		}
		if step.State == plan.Ready && slices.ContainsFunc(step.Closes, open) {
			return fmt.Errorf("%s: what would be written does not close its finding", step.Object) // the text holds what was planned: see edit.Write
		}
	}
	return nil
}

// objects are those of dapr.io with secrets, and the Secrets, each where it stands last.
func (f *ObjectFiles) objects(ctx context.Context, texts *manifest.Texts) ([]written, error) {
	names := map[string]int{}
	for i, text := range texts.All() {
		names[text.Name] = i
	}
	var all []written
	err := manifest.Input{Filenames: f.Reader.Filenames, Texts: texts}.Read(ctx, func(d *manifest.Document) error {
		u := &unstructured.Unstructured{}
		if !daprobject.Moves(d.APIVersion, d.Kind) && (d.Kind != "Secret" || d.APIVersion != "v1") || d.Decode(&u.Object) != nil {
			return nil
		}
		u.SetAPIVersion(d.APIVersion)
		u.SetKind(d.Kind)
		w := written{text: names[d.File], line: d.Line(), spot: d.Spot, object: u, bare: u.GetNamespace() == ""}
		if w.bare {
			u.SetNamespace(f.namespace())
		}
		all = append(slices.DeleteFunc(all, func(o written) bool { return sameObject(o.object, u) }), w)
		return nil
	})
	var bad *manifest.Error
	if errors.As(err, &bad) {
		err = nil // which is said of the whole input
	}
	return all, err
}

func (f *ObjectFiles) namespace() string {
	if f.Reader.Namespace == "" {
		return "default"
	}
	return f.Reader.Namespace
}

func sameObject(a, b *unstructured.Unstructured) bool {
	return a.GroupVersionKind().GroupKind() == b.GroupVersionKind().GroupKind() && a.GetNamespace() == b.GetNamespace() && a.GetName() == b.GetName()
}

// place finds the name of the Secret: the first that is free among the manifests and that
// the object does not refer to already, or one of a run that was cut off, with the same
// values.
func (f *ObjectFiles) place(p *PreparedObjectFiles, step *plan.ObjectStep, objects []written) {
	step.State = plan.Ready
	if len(step.Move.Values) == 0 {
		return
	}
	for n := 1; ; n++ {
		step.Move.Secret = daprobject.SecretName(step.Object, n)
		i := slices.IndexFunc(objects, func(w written) bool {
			return w.object.GetKind() == "Secret" && w.object.GetName() == step.Move.Secret && w.object.GetNamespace() == step.Object.Namespace
		})
		taken := func(other plan.ObjectStep) bool {
			return other.Move.Secret == step.Move.Secret && other.Object.Namespace == step.Object.Namespace
		}
		switch {
		case slices.ContainsFunc(p.Steps, taken), step.Move.InUse(), i >= 0 && !step.Move.Holds(objects[i].object):
			continue
		case i >= 0:
			step.Found = objects[i].object
		case f.Secrets == nil:
			step.State, step.Why = plan.Refused, fmt.Sprintf("its values would be lost without Secret %s: %s", step.Move.Secret, ways)
		case f.Secrets.Store != nil:
			step.Notes = append(step.Notes, fmt.Sprintf("the Secret is made by an ExternalSecret of %s %s, in %s, without a value: this run keeps none, so put them there first",
				f.Secrets.Store.Kind, f.Secrets.Store.Name, manifest.Printable(f.Secrets.Path)))
		default:
			step.Notes = append(step.Notes, "the Secret is written to "+manifest.Printable(f.Secrets.Path)+": apply it first")
		}
		return
	}
}

// setsOf is what is written into the text of an object.
func setsOf(m *daprobject.Move, object *unstructured.Unstructured) []edit.Set {
	var sets []edit.Set
	for _, v := range m.Values {
		path := field.Path(v.Path)
		if !v.Alone {
			path = path.Below(field.Nth(v.Index))
		}
		sets = append(sets, edit.Set{
			Path: path.Below("secretKeyRef"), Instead: "value",
			Value: map[string]any{"name": m.Secret, "key": v.Key},
		})
	}
	if next, err := m.Set(object); m.Copy && err == nil {
		sets = append(sets, edit.Set{Path: daprobject.CopyPath(), Value: next.GetAnnotations()[daprobject.LastApplied]})
	}
	return sets
}

// secrets are the Secrets that steps make.
func (p *PreparedObjectFiles) secrets(objects []written) []NewSecret {
	var all []NewSecret
	for i := range p.Steps {
		m := p.Steps[i].Move
		if p.Steps[i].State != plan.Ready || len(m.Values) == 0 || p.Steps[i].Found != nil {
			continue
		}
		skeleton := m.Skeleton()
		s := NewSecret{Object: m.SecretObject(), labels: skeleton.GetLabels(), annotations: skeleton.GetAnnotations()}
		values := map[string]snapshot.Concealed{}
		for _, v := range m.Values {
			s.Keys = append(s.Keys, v.Key)
			values[v.Key] = v.Bytes
		}
		s.values = func(key string) string { return values[key].Text() }
		if slices.ContainsFunc(objects, func(w written) bool { return w.bare && daprobject.NamedAs(w.object, m.Object) }) {
			s.Object.Namespace = ""
		}
		all = append(all, s)
	}
	return all
}
