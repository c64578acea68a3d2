// Copyright The kubectl-dapr-prod Authors.
// SPDX-License-Identifier: Apache-2.0

package plan

import (
	"slices"
	"strings"

	corev1 "k8s.io/api/core/v1"
	"k8s.io/apimachinery/pkg/apis/meta/v1/unstructured"

	"github.com/dapr-prod/kubectl-dapr-prod/pkg/field"
)

// State is what may become of a change.
type State string

// The states of a Step.
const (
	// Ready: the server takes it, and it keeps what it promises.
	Ready State = "ready"
	// Unproven: that could not be found out.
	Unproven State = "unproven"
	// Refused: the server, or what is known of it, speaks against it.
	Refused State = "refused"
	// Managed: somebody else writes the object, and would put it back.
	Managed State = "managed"
)

// Step is a change with what the server says of it.
type Step struct {
	*Change
	// Creation is set where the object is made: there are no Pods then, and no Live.
	Creation *Creation
	State    State
	// Why is a sentence, for every state but Ready.
	Why string
	// Live is the object as it was read, Next as the server would store it.
	Live, Next *unstructured.Unstructured
	// Workload is the app as it was read: Live, but for a Rollout whose template stands
	// elsewhere.
	Workload *unstructured.Unstructured
	// Pod is what the server would make of a Pod of the new template; as it was sent
	// where the step is Unproven, and nil where it was not asked, or refused.
	Pod *corev1.Pod
	// Idle tells that no Pod follows the new template by itself.
	Idle bool
	// Notes are what else is to be known before it is written.
	Notes []string
	// Surge is how many Pods there may be at a time beyond those that are wanted.
	Surge int32
}

// Steps are those of one state.
func Steps(all []Step, state State) []*Step {
	var found []*Step
	for i := range all {
		if all[i].State == state {
			found = append(found, &all[i])
		}
	}
	return found
}

// Writable tells whether a run may write the step; allowUnproven is that it may also
// where the server could not try it.
func (s *Step) Writable(allowUnproven bool) bool {
	return s.State == Ready || s.State == Unproven && allowUnproven
}

// Writable are the steps that a run may write.
func Writable(all []Step, allowUnproven bool) []*Step {
	var found []*Step
	for i := range all {
		if all[i].Writable(allowUnproven) {
			found = append(found, &all[i])
		}
	}
	return found
}

// Patch is what is handed to kubectl and kustomize: the change, or the whole object
// where it is made.
func (s *Step) Patch(shown func(Annotation) bool) map[string]any {
	if s.Creation != nil {
		return s.Creation.Content.Object
	}
	return s.Change.Patch(shown)
}

// Patch is the change as kubectl patch and kustomize take it: the object's name, the
// fields that are set, and those annotations that are set and shown.
func (c *Change) Patch(shown func(Annotation) bool) map[string]any {
	set := map[string]any{}
	for _, a := range c.Annotations {
		if shown(a) {
			set[a.Key] = a.Value
		}
	}
	template := map[string]any{}
	if len(set) > 0 || len(c.Fields) == 0 {
		template["metadata"] = map[string]any{"annotations": set}
	}
	for _, f := range c.inOrder() {
		// Nothing is on the way in a template that is empty.
		if err := field.Set(template, f.Path, f.Value); err != nil {
			panic(err)
		}
	}
	return c.around(template)
}

// inOrder are the fields in the order of the app's containers: kustomize gives a list the
// order that a patch has.
func (c *Change) inOrder() []Field {
	place := func(f Field) int {
		if c.Before == nil || c.Before.Template == nil || c.Before.Template.Spec == nil {
			return 0
		}
		return slices.IndexFunc(c.Before.Template.Spec.Containers, func(one corev1.Container) bool {
			return slices.Contains(f.Path, field.Named(one.Name))
		})
	}
	all := slices.Clone(c.Fields)
	slices.SortStableFunc(all, func(a, b Field) int { return place(a) - place(b) })
	return all
}

// around puts a template into the object that it is part of.
func (c *Change) around(template map[string]any) map[string]any {
	object := map[string]any{
		"apiVersion": c.Object.APIVersion,
		"kind":       c.Object.Kind,
		"metadata":   map[string]any{"name": c.Object.Name, "namespace": c.Object.Namespace},
	}
	// The path of a template is made of names alone.
	if err := unstructured.SetNestedMap(object, template, c.fields()...); err != nil {
		panic(err)
	}
	return object
}

// Set writes the change into a copy of the object.
func (c *Change) Set(live *unstructured.Unstructured) (*unstructured.Unstructured, error) {
	next := live.DeepCopy()
	for _, f := range c.Sets() {
		if err := field.Set(next.Object, c.In(f.Path), f.Value); err != nil {
			return nil, err
		}
	}
	return next, nil
}

// fields are the names that lead to the template.
func (c *Change) fields() []string { return strings.Split(c.Path, ".") }
