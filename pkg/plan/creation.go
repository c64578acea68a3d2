// Copyright The kubectl-dapr-prod Authors.
// SPDX-License-Identifier: Apache-2.0

package plan

import (
	corev1 "k8s.io/api/core/v1"
	"k8s.io/apimachinery/pkg/apis/meta/v1/unstructured"
	"k8s.io/apimachinery/pkg/runtime"

	"github.com/dapr-prod/kubectl-dapr-prod/pkg/evaluate"
	"github.com/dapr-prod/kubectl-dapr-prod/pkg/guideline"
	"github.com/dapr-prod/kubectl-dapr-prod/pkg/snapshot"
)

// Creation is an object that is made for a control plane.
type Creation struct {
	// ControlPlane is the namespace of the install that it is for.
	ControlPlane string
	Object       snapshot.Object
	// Content is the whole object as it is sent.
	Content *unstructured.Unstructured
	// Remedy is the guideline that the object is made for.
	Remedy *guideline.Guideline
	// Closes are the findings that it closes.
	Closes []evaluate.Judgement
	// Risks are sentences about what may go wrong.
	Risks []string

	quota *corev1.ResourceQuota
}

// Step is the creation as a step of a run: of a Change it has what both have.
func (c *Creation) Step() Step {
	return Step{
		Change: &Change{
			App: c.Object, Object: c.Object,
			Remedies: []*guideline.Guideline{c.Remedy}, Closes: c.Closes, Risks: c.Risks,
		},
		Creation: c, State: Ready, Next: c.Content,
	}
}

// provide asks what is to be made for the control planes.
func (d *draft) provide() {
	for i := range d.snapshot.ControlPlanes {
		install := &guideline.Install{ControlPlane: &d.snapshot.ControlPlanes[i], Snapshot: d.snapshot, Edition: d.before.Edition}
		was := ofInstall(d.before, install.Namespace)
		for _, g := range d.Guidelines {
			if g.Provide == nil || g.Hardens != d.Hardens {
				continue
			}
			if asked, _ := d.asked(g, was, was); asked {
				d.create(g, install)
			}
		}
	}
	if len(d.creations) > 0 {
		d.judge()
	}
}

// create takes in what a guideline makes for a control plane, or notes why not.
func (d *draft) create(g *guideline.Guideline, install *guideline.Install) {
	key := forInstall(install.Namespace, g)
	made := g.Provide(install)
	switch why := d.Refused[key]; {
	case made.Person != "":
		d.said[key] = Left{Why: made.Person}
	case made.Quota == nil:
	case why != "":
		d.said[key] = Left{Why: why}
	default:
		d.creations = append(d.creations, Creation{
			ControlPlane: install.Namespace,
			Object:       snapshot.NewResourceQuota(made.Quota, snapshot.Source{}).Object,
			Content:      contentOf(made.Quota),
			Remedy:       g,
			Risks:        made.Risks,
			quota:        made.Quota,
		})
	}
}

// contentOf is an object as it is sent.
func contentOf(q *corev1.ResourceQuota) *unstructured.Unstructured {
	fields, err := runtime.DefaultUnstructuredConverter.ToUnstructured(q)
	if err != nil {
		panic(err) // the type is Kubernetes' own
	}
	delete(fields, "status")
	u := &unstructured.Unstructured{Object: fields}
	u.SetGroupVersionKind(corev1.SchemeGroupVersion.WithKind("ResourceQuota"))
	unstructured.RemoveNestedField(fields, "metadata", "creationTimestamp")
	return u
}

// unfit tells, by its remedy, whether the creation does not keep what it promises.
func (c *Creation) unfit(before, after *evaluate.Evaluation) map[Remedy]string {
	was := ofInstall(before, c.ControlPlane)
	return broken(standing{was, was}, ofInstall(after, c.ControlPlane),
		evaluate.ControlPlaneObject(c.ControlPlane), []*guideline.Guideline{c.Remedy})
}

// forInstall names what a guideline does for a control plane.
func forInstall(namespace string, g *guideline.Guideline) Remedy {
	return Remedy{App: evaluate.ControlPlaneObject(namespace), Guideline: g.ID}
}

// ofInstall are the judgements of a control plane, on whichever of its objects.
func ofInstall(e *evaluate.Evaluation, namespace string) verdicts {
	all := verdicts{}
	for _, j := range e.Judgements {
		if j.Guideline.ControlPlane != nil && j.Object.Namespace == namespace {
			all[j.Guideline.ID] = append(all[j.Guideline.ID], j)
		}
	}
	return all
}
