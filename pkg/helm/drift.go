// Copyright The kubectl-dapr-prod Authors.
// SPDX-License-Identifier: Apache-2.0

package helm

import (
	"context"
	"fmt"
	"reflect"
	"slices"
	"strings"

	"helm.sh/helm/v4/pkg/kube"
	apierrors "k8s.io/apimachinery/pkg/api/errors"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/apis/meta/v1/unstructured"
	"k8s.io/cli-runtime/pkg/resource"
	"sigs.k8s.io/structured-merge-diff/v6/fieldpath"
	"sigs.k8s.io/structured-merge-diff/v6/value"

	"github.com/dapr-prod/kubectl-dapr-prod/pkg/snapshot"
)

// Drift is where the cluster is not as the release's record has it.
type Drift struct {
	// Changed are objects that the record would have otherwise: Before is the record's
	// state, After the cluster's, nil if the object is gone.
	Changed []Change
	// Foreign are fields of the release's objects that the chart says nothing of, and
	// that others have set.
	Foreign []Foreign
	// Unknown says of objects why they could not be compared.
	Unknown []Answer
}

// None tells whether there is no drift, for certain.
func (d Drift) None() bool { return len(d.Changed) == 0 && len(d.Foreign) == 0 && len(d.Unknown) == 0 }

// Foreign are the fields of one object that one field manager has set.
type Foreign struct {
	Object  snapshot.Object
	Manager string
	Fields  []string
}

// drift compares the record with the cluster: an object has drifted if applying once
// more what is recorded would change it. Quantities, defaults and lists are compared by
// the server that way, which alone knows what is the same.
func (h *rehearsal) drift(ctx context.Context) (Drift, error) {
	recorded, err := h.build(h.release.record.Manifest)
	if err != nil {
		return Drift{}, err
	}
	var d Drift
	for _, one := range recorded {
		if err := h.driftOf(one, &d); err != nil {
			return Drift{}, err
		}
	}
	h.heard.take()
	slices.SortStableFunc(d.Changed, func(a, b Change) int { return a.Object.Compare(b.Object) })
	return d, ctx.Err()
}

func (h *rehearsal) driftOf(recorded *resource.Info, d *Drift) error {
	object := objectOfInfo(recorded)
	wanted, err := objectFrom(recorded)
	if err != nil {
		return err
	}
	found, err := resource.NewHelper(recorded.Client, recorded.Mapping).Get(recorded.Namespace, recorded.Name)
	if apierrors.IsNotFound(err) {
		d.Changed = append(d.Changed, h.release.mask.change(object, wanted, nil))
		return nil
	}
	if err != nil {
		d.Unknown = append(d.Unknown, h.heardOf(Answer{Object: object, Verb: Update}, err))
		return nil
	}
	live, known := found.(*unstructured.Unstructured)
	if !known {
		return nil
	}
	if keeper := keeperOf(live); keeper != "" {
		return &KeptError{Release: h.release.Name, Namespace: h.release.Namespace, Object: object, Keeper: keeper}
	}
	before := *recorded
	before.Object = wanted.DeepCopy()
	target := *recorded
	target.Object = wanted.DeepCopy()
	answer := h.send(kube.ResourceList{&before}, &target, true)
	switch {
	case answer.Immutable:
		d.Changed = append(d.Changed, h.release.mask.change(object, wanted, settled(live)))
	case answer.Refusal != "":
		d.Unknown = append(d.Unknown, answer)
	default:
		would, err := objectFrom(&target)
		if err != nil {
			return err
		}
		if was, is := settled(would), settled(live); !reflect.DeepEqual(was.Object, is.Object) {
			d.Changed = append(d.Changed, h.release.mask.change(object, was, is))
		}
	}
	d.Foreign = append(d.Foreign, foreign(object, live, wanted)...)
	return nil
}

// KeptError says that a release is kept by somebody else, who would put back what an
// upgrade writes.
type KeptError struct {
	Release, Namespace string
	// Object bears the mark of Keeper.
	Object snapshot.Object
	Keeper string
}

func (e *KeptError) Error() string {
	return fmt.Sprintf("%s keeps %s of release %s in %s: commit the values where it takes them from", e.Keeper, e.Object, e.Release, e.Namespace)
}

// keepers are who puts objects back as they are declared elsewhere: how the names of
// their labels and annotations begin, and those of their field managers.
var keepers = []struct{ mark, manager, name string }{
	{"argocd.argoproj.io/", "argocd", "Argo CD"},
	{"helm.toolkit.fluxcd.io/", "helm-controller", "Flux"},
	{"kustomize.toolkit.fluxcd.io/", "kustomize-controller", "Flux"},
}

// keeperOf is who keeps an object but Helm; empty for nobody.
func keeperOf(live *unstructured.Unstructured) string {
	for _, keeper := range keepers {
		for _, marks := range []map[string]string{live.GetLabels(), live.GetAnnotations()} {
			for key := range marks {
				if strings.HasPrefix(key, keeper.mark) {
					return keeper.name
				}
			}
		}
		for _, entry := range live.GetManagedFields() {
			if strings.HasPrefix(entry.Manager, keeper.manager) {
				return keeper.name
			}
		}
	}
	return ""
}

// settled is an object without what the server keeps for itself.
func settled(o *unstructured.Unstructured) *unstructured.Unstructured {
	o = o.DeepCopy()
	delete(o.Object, "status")
	for _, field := range []string{"managedFields", "resourceVersion", "generation", "uid", "creationTimestamp"} {
		unstructured.RemoveNestedField(o.Object, "metadata", field)
	}
	return o
}

// bystanders write to objects of a control plane as long as it runs: Kubernetes, and
// Dapr's own programs, which fill in their certificates.
var bystanders = []string{manager, "kube-controller-manager", "sentry", "injector", "operator", "dapr-sentry", "dapr-operator"}

// foreign are the fields below spec that others own, and that the record says nothing of.
// Helm loses its part in a field that somebody else sets to another value.
func foreign(object snapshot.Object, live, recorded *unstructured.Unstructured) []Foreign {
	ours := fieldpath.SetFromValue(value.NewValueInterface(recorded.Object))
	theirs := map[string]*fieldpath.Set{}
	for _, entry := range live.GetManagedFields() {
		fields := fieldsOf(entry)
		switch {
		case fields == nil || entry.Subresource == "status":
		case entry.Manager == manager:
			ours = ours.Union(fields)
		case slices.Contains(bystanders, entry.Manager):
		case theirs[entry.Manager] == nil:
			theirs[entry.Manager] = fields
		default:
			theirs[entry.Manager] = theirs[entry.Manager].Union(fields)
		}
	}
	var all []Foreign
	for who, fields := range theirs {
		var names []string
		fields.Difference(ours).Leaves().Iterate(func(path fieldpath.Path) {
			if name := strings.TrimPrefix(path.String(), "."); strings.HasPrefix(name, "spec.") {
				names = append(names, name)
			}
		})
		if len(names) > 0 {
			slices.Sort(names)
			all = append(all, Foreign{Object: object, Manager: who, Fields: names})
		}
	}
	slices.SortFunc(all, func(a, b Foreign) int { return strings.Compare(a.Manager, b.Manager) })
	return all
}

func fieldsOf(entry metav1.ManagedFieldsEntry) *fieldpath.Set {
	if entry.FieldsV1 == nil {
		return nil
	}
	set := &fieldpath.Set{}
	if set.FromJSON(entry.FieldsV1.GetRawReader()) != nil {
		return nil
	}
	return set
}
