// Copyright The kubectl-dapr-prod Authors.
// SPDX-License-Identifier: Apache-2.0

package helm

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"slices"
	"strconv"
	"strings"

	"helm.sh/helm/v4/pkg/action"
	"helm.sh/helm/v4/pkg/kube"
	apierrors "k8s.io/apimachinery/pkg/api/errors"
	"k8s.io/apimachinery/pkg/api/meta"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/apis/meta/v1/unstructured"
	"k8s.io/apimachinery/pkg/types"
	"k8s.io/cli-runtime/pkg/resource"

	"github.com/dapr-prod/kubectl-dapr-prod/pkg/snapshot"
)

// Verb is what happens to an object.
type Verb string

// What happens to an object in an upgrade.
const (
	Update Verb = "update"
	Create Verb = "create"
	Delete Verb = "delete"
	// Recreate deletes an object with all that it owns and makes it anew.
	Recreate Verb = "recreate"
)

// Answer is what the server says to one object of the upgrade, asked by a dry run of
// exactly what Helm will send. It may be printed.
type Answer struct {
	Object snapshot.Object
	Verb   Verb
	// Refusal is why the server would not take it; empty if it would.
	Refusal string
	// Immutable tells that a field is refused that can only be set when the object is
	// made.
	Immutable bool
	// Conflicts are the fields that others own; forcing takes them over.
	Conflicts []Conflict
	// Warnings are the server's.
	Warnings []string

	uid types.UID
}

// Conflict is one field that another field manager owns.
type Conflict struct{ Manager, Field string }

// rehearsal asks the server about objects.
type rehearsal struct {
	release *Release
	config  *action.Configuration
	heard   *heard
	options Options
}

// rehearse opens a connection on which nothing is written.
func (r *Release) rehearse(ctx context.Context, options Options) (*rehearsal, error) {
	h := &heard{}
	config, err := configuration(rehearsing(ctx, r.getter, h), r.Namespace)
	if err != nil {
		return nil, err
	}
	return &rehearsal{release: r, config: config, heard: h, options: options}, nil
}

// build makes requests of rendered manifests.
func (h *rehearsal) build(manifest string) (kube.ResourceList, error) {
	all, err := h.config.KubeClient.Build(strings.NewReader(manifest), false)
	return all, h.release.mask.error(err)
}

// ask sends each object of the next manifest to the server, and the deletion of each
// that is no longer in it.
func (h *rehearsal) ask(ctx context.Context, next string) ([]Answer, error) {
	current, err := h.build(h.release.record.Manifest)
	if err != nil {
		return nil, err
	}
	target, err := h.build(next)
	if err != nil {
		return nil, err
	}
	h.heard.take()
	var all []Answer
	for _, one := range target {
		var before kube.ResourceList
		if original := current.Get(one); original != nil {
			before.Append(original)
		}
		answer := h.send(before, one, h.options.ForceConflicts)
		if h.options.RecreatePlacement && answer.Immutable && isPlacement(answer.Object) {
			answer, err = h.recreation(one)
			if err != nil {
				return nil, err
			}
		}
		all = append(all, answer)
	}
	for _, one := range current.Difference(target) {
		_, err := h.config.KubeClient.Update(kube.ResourceList{one}, nil)
		answer := Answer{Object: objectOfInfo(one), Verb: Delete}
		all = append(all, h.heardOf(answer, err))
	}
	slices.SortStableFunc(all, func(a, b Answer) int { return a.Object.Compare(b.Object) })
	return all, ctx.Err()
}

// send asks about one object, which becomes what the server would make of it.
func (h *rehearsal) send(before kube.ResourceList, target *resource.Info, force bool) Answer {
	answer := Answer{Object: objectOfInfo(target), Verb: Update}
	if err := own(target, h.release); err != nil {
		answer.Refusal = h.release.mask.text(err.Error())
		return answer
	}
	serverSide := h.release.serverSide()
	result, err := h.config.KubeClient.Update(before, kube.ResourceList{target},
		kube.ClientUpdateOptionServerSideApply(serverSide, serverSide && force))
	if result != nil && len(result.Created) > 0 {
		answer.Verb = Create
	}
	return h.heardOf(answer, err)
}

// heardOf puts what the server said into an answer.
func (h *rehearsal) heardOf(answer Answer, err error) Answer {
	for _, text := range h.heard.take() {
		answer.Warnings = append(answer.Warnings, h.release.mask.text(text))
	}
	if err == nil {
		return answer
	}
	answer.Refusal = h.release.mask.text(said(err))
	var status apierrors.APIStatus
	if !errors.As(err, &status) {
		return answer
	}
	answer.Immutable = apierrors.IsInvalid(err) && (strings.Contains(err.Error(), "immutable") || strings.Contains(err.Error(), "updates to statefulset spec"))
	for _, cause := range causes(status) {
		if cause.Type == metav1.CauseTypeFieldManagerConflict {
			who, _, _ := strings.Cut(strings.TrimPrefix(cause.Message, "conflict with "), " using ")
			if name, err := strconv.Unquote(who); err == nil {
				who = name
			}
			answer.Conflicts = append(answer.Conflicts, Conflict{Manager: who, Field: strings.TrimPrefix(cause.Field, ".")})
		}
	}
	return answer
}

// own marks an object as Helm does (helm.sh/helm/v4/pkg/action, setMetadataVisitor).
func own(info *resource.Info, r *Release) error {
	o, err := meta.Accessor(info.Object)
	if err != nil {
		return err
	}
	labels, annotations := o.GetLabels(), o.GetAnnotations()
	if labels == nil {
		labels = map[string]string{}
	}
	if annotations == nil {
		annotations = map[string]string{}
	}
	labels["app.kubernetes.io/managed-by"] = "Helm"
	annotations["meta.helm.sh/release-name"], annotations["meta.helm.sh/release-namespace"] = r.Name, r.Namespace
	o.SetLabels(labels)
	o.SetAnnotations(annotations)
	return nil
}

func objectOfInfo(info *resource.Info) snapshot.Object {
	kind := info.Mapping.GroupVersionKind
	o := snapshot.Object{APIVersion: kind.GroupVersion().String(), Kind: kind.Kind, Name: info.Name}
	if info.Namespaced() {
		o.Namespace = info.Namespace
	}
	return o
}

// objectFrom is what an info holds.
func objectFrom(info *resource.Info) (*unstructured.Unstructured, error) {
	o, known := info.Object.(*unstructured.Unstructured)
	if !known {
		return nil, fmt.Errorf("%s is read as %T", objectOfInfo(info), info.Object)
	}
	return o, nil
}

func causes(status apierrors.APIStatus) []metav1.StatusCause {
	if status.Status().Details == nil {
		return nil
	}
	return status.Status().Details.Causes
}

// said is what a server said without the values that it did not like.
func said(err error) string {
	var status apierrors.APIStatus
	if !errors.As(err, &status) || len(causes(status)) == 0 {
		return err.Error()
	}
	var all []string
	for _, cause := range causes(status) {
		text := withoutValue(cause.Message)
		if text == "" {
			continue // of a gateway, which has no words
		}
		if field := strings.TrimPrefix(cause.Field, "."); field != "" && field != "<nil>" {
			text = field + ": " + text
		}
		all = append(all, text)
	}
	if len(all) == 0 {
		return err.Error()
	}
	return strings.Join(all, "; ")
}

// withoutValue is what is said of a value without the value
// (k8s.io/apimachinery/pkg/util/validation/field, ErrorBody).
func withoutValue(message string) string {
	for _, kind := range []string{"Invalid value", "Unsupported value", "Duplicate value", "Too long", "Too many"} {
		rest, found := strings.CutPrefix(message, kind+": ")
		if !found {
			continue
		}
		if text, err := strconv.QuotedPrefix(rest); err == nil {
			return kind + strings.TrimPrefix(rest, text)
		}
		decoder := json.NewDecoder(strings.NewReader(rest))
		var value any
		if decoder.Decode(&value) == nil {
			return kind + rest[decoder.InputOffset():]
		}
		if at := strings.LastIndex(rest, ": "); at >= 0 {
			return kind + rest[at:]
		}
		return kind
	}
	return message
}
