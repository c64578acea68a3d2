// Copyright The kubectl-dapr-prod Authors.
// SPDX-License-Identifier: Apache-2.0

package apply

import (
	"context"
	"encoding/base64"
	"encoding/json"
	"fmt"
	"slices"

	apierrors "k8s.io/apimachinery/pkg/api/errors"
	"k8s.io/apimachinery/pkg/api/meta"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/apis/meta/v1/unstructured"
	"k8s.io/apimachinery/pkg/types"
	"sigs.k8s.io/structured-merge-diff/v6/fieldpath"

	"github.com/dapr-prod/kubectl-dapr-prod/pkg/daprobject"
	"github.com/dapr-prod/kubectl-dapr-prod/pkg/journal"
	"github.com/dapr-prod/kubectl-dapr-prod/pkg/snapshot"
)

// wayBack is an object of dapr.io, and what is to be done to it to undo what a run wrote.
type wayBack struct {
	live   *unstructured.Unstructured
	fields []RevertedField
	// next is the object with what goes back; nil where nothing does. paths are what is
	// written of it.
	next  *unstructured.Unstructured
	paths [][]string
	// owners are those to whom paths go back whose values are back.
	owners []journal.Owners
}

// unrewrite undoes the writes to one object of dapr.io: values that moved come back from
// the Secret that they moved to, if that is what it still holds.
func (c *Client) unrewrite(ctx context.Context, group journal.Group, o RevertOptions) (Reverted, error) {
	done := Reverted{Object: group.Object}
	restored := map[string]bool{}
	for range attempts {
		w, err := c.wayBack(ctx, group)
		switch {
		case apierrors.IsForbidden(err):
			done.Err = err
			return done, nil
		case err != nil:
			return done, err
		}
		for i, f := range w.fields {
			if restored[f.Field] && f.State == AsItWas {
				w.fields[i].State = Restored
			}
		}
		done.Fields, done.Live = w.fields, w.live
		if w.next == nil && len(w.owners) == 0 {
			return done, nil
		}
		err = c.goBack(ctx, w, o)
		switch {
		case Moved(err):
			continue
		case refused(err):
			done.Err = err
			return done, nil
		case err != nil:
			return done, err
		}
		for _, f := range w.fields {
			if f.State == Restored {
				restored[f.Field] = true
			}
		}
		if o.DryRun {
			return done, nil
		}
		fault("restored")
	}
	done.Err = fmt.Errorf("%s: %w again and again: run the revert once more", group.Object, ErrChanged)
	return done, nil
}

// goBack makes the next write: values first, then, without touching one, who owns them.
func (c *Client) goBack(ctx context.Context, w *wayBack, o RevertOptions) error {
	if w.next != nil {
		_, _, err := c.applyPaths(ctx, w.live, w.next, w.paths, false, Options{DryRun: o.DryRun})
		return err
	}
	body, err := w.managedFields()
	if err != nil {
		return err
	}
	_, err = c.send(ctx, w.live, types.JSONPatchType, body, o.DryRun, false)
	return c.refined(ctx, w.live, err)
}

// wayBack reads an object and works out what is left to do.
func (c *Client) wayBack(ctx context.Context, group journal.Group) (*wayBack, error) {
	live, err := c.Get(ctx, group.Object)
	why := ""
	switch {
	case apierrors.IsNotFound(err):
		why = "the object was deleted since"
	case meta.IsNoMatchError(err):
		why = "the server does not know its kind any more"
	case err != nil:
		return nil, err
	case live.GetUID() != group.UID:
		why = "the object was deleted and made again since"
	case live.GetDeletionTimestamp() != nil:
		why = "the object is being deleted"
	}
	w := &wayBack{live: live}
	if why != "" {
		w.live = nil
		for _, one := range group.Writes {
			for _, owners := range one.Rewrite.Owners {
				w.note(daprobject.PathText(owners.Path), Refused, why)
			}
		}
		return w, nil
	}
	now := live
	for _, one := range group.Writes {
		if now, err = c.rewindOne(ctx, w, one, now); err != nil {
			return nil, err
		}
	}
	return w, nil
}

func (w *wayBack) note(field string, state RevertState, why string) {
	w.fields = append(w.fields, RevertedField{Key: field, Field: field, State: state, Why: why})
}

// rewindOne takes one write into the way back. now is the object with those that came
// after it undone.
func (c *Client) rewindOne(ctx context.Context, w *wayBack, one *journal.Write, now *unstructured.Unstructured) (*unstructured.Unstructured, error) {
	next := now
	var changed [][]string
	if s := one.Rewrite.Scopes; s != nil {
		scoped, moved := w.unscope(s, now)
		if moved {
			next, changed = scoped, append(changed, []string{"scopes"})
		}
	}
	if len(one.Rewrite.References) > 0 {
		back, err := c.references(ctx, w, one, now)
		if err != nil {
			return nil, err
		}
		if len(back) > 0 {
			copied := one.Rewrite.Copy && len(w.others(daprobject.CopyPath())) == 0
			if next, err = daprobject.PutBack(next, back, copied); err != nil {
				return nil, err
			}
			for _, r := range back {
				changed = append(changed, r.Path)
			}
			if copied {
				changed = append(changed, daprobject.CopyPath())
			}
		}
	} else if one.Rewrite.Copy {
		w.note(daprobject.PathText(daprobject.CopyPath()), Refused, "what was taken out of kubectl's copy is kept nowhere")
	}
	if len(changed) > 0 {
		w.next, w.paths = next, append(w.paths, changed...)
		return next, nil
	}
	for _, owners := range one.Rewrite.Owners {
		w.giveBack(owners)
	}
	return next, nil
}

// giveBack notes that a path whose value is back goes back to whose it was.
func (w *wayBack) giveBack(owners journal.Owners) {
	refused := slices.ContainsFunc(w.fields, func(f RevertedField) bool { return f.State == Refused })
	if refused || len(owners.Managers) == 0 || slices.ContainsFunc(owners.Managers, isUs) || !w.ours(owners.Path) {
		return
	}
	w.owners = append(w.owners, owners)
}

// unscope is the object with the scopes that were; false where they are not to be
// written.
func (w *wayBack) unscope(s *journal.Scopes, now *unstructured.Unstructured) (*unstructured.Unstructured, bool) {
	is, _, _ := unstructured.NestedStringSlice(now.Object, "scopes")
	path := []string{"scopes"}
	switch others := w.others(path); {
	case slices.Equal(is, s.Was):
		w.note("scopes", AsItWas, "")
		return now, false
	case !slices.Equal(is, s.Set):
		w.note("scopes", Refused, "it was changed since"+by(others))
		return now, false
	case len(others) > 0:
		w.note("scopes", Refused, "the value that was set belongs to somebody else by now"+by(others))
		return now, false
	}
	w.note("scopes", Restored, "")
	next := now.DeepCopy()
	unstructured.RemoveNestedField(next.Object, "scopes")
	if len(s.Was) > 0 {
		_ = unstructured.SetNestedStringSlice(next.Object, s.Was, "scopes") // nothing is in its way
	}
	return next, true
}

// references are those whose values go back, with the values.
func (c *Client) references(ctx context.Context, w *wayBack, one *journal.Write, now *unstructured.Unstructured) ([]daprobject.Reference, error) {
	var back []daprobject.Reference
	secrets := map[string]map[string]string{}
	for i := range one.Rewrite.References {
		kept := &one.Rewrite.References[i]
		r := daprobject.Reference{Path: kept.Path, Secret: kept.Secret, Key: kept.Key, JSON: kept.JSON}
		others := w.others(kept.Path)
		place, in := daprobject.PathText(kept.Path), r.In(now)
		if !daprobject.Alone(kept.Path) {
			place += "[" + kept.Key + "]"
		}
		switch {
		case !in && slices.ContainsFunc(r.Values(now), func(v snapshot.Concealed) bool { return one.Was(kept, v) }):
			w.note(place, AsItWas, "")
			continue
		case !in:
			w.note(place, Refused, "it was changed since"+by(others))
			continue
		case len(others) > 0:
			w.note(place, Refused, "the reference that was set belongs to somebody else by now"+by(others))
			continue
		}
		if _, read := secrets[kept.Secret]; !read {
			data, err := c.dataOf(ctx, snapshot.Object{APIVersion: "v1", Kind: "Secret", Namespace: one.Object.Namespace, Name: kept.Secret})
			if err != nil {
				return nil, err
			}
			secrets[kept.Secret] = data
		}
		text, held := secrets[kept.Secret][kept.Key]
		r.Value = snapshot.Conceal(text)
		switch {
		case !held:
			w.note(place, Refused, "Secret "+kept.Secret+" does not hold the value any more, which is kept nowhere else")
		case !one.Was(kept, r.Value):
			w.note(place, Refused, "Secret "+kept.Secret+" holds another value by now: it was rotated, and stays where it is")
		default:
			w.note(place, Restored, "")
			back = append(back, r)
		}
	}
	return back, nil
}

// dataOf is what a Secret holds; nothing where there is none.
func (c *Client) dataOf(ctx context.Context, o snapshot.Object) (map[string]string, error) {
	live, err := c.Get(ctx, o)
	if apierrors.IsNotFound(err) {
		return map[string]string{}, nil
	}
	if err != nil {
		return nil, err
	}
	encoded, _, _ := unstructured.NestedStringMap(live.Object, "data")
	data := map[string]string{}
	for key, text := range encoded {
		if raw, err := base64.StdEncoding.DecodeString(text); err == nil {
			data[key] = string(raw)
		}
	}
	return data, nil
}

// others are those who own something of a path beside this program.
func (w *wayBack) others(path []string) []journal.Manager {
	return slices.DeleteFunc(w.owning(path), isUs)
}

func (w *wayBack) ours(path []string) bool { return slices.ContainsFunc(w.owning(path), isUs) }

func (w *wayBack) owning(path []string) []journal.Manager {
	var all []journal.Manager
	entries := w.live.GetManagedFields()
	for i := range entries {
		set, err := setOf(&entries[i])
		if err != nil {
			continue
		}
		of := within(set, ownedAs(path))
		if daprobject.Alone(path) {
			of = of.Difference(fieldpath.NewSet(ownedAs(path))) // that there is something has many owners
		}
		if !of.Empty() {
			all = append(all, managerOf(&entries[i]))
		}
	}
	return all
}

// managedFields is the JSON patch that gives paths back to whose they were.
func (w *wayBack) managedFields() ([]byte, error) {
	entries := slices.Clone(w.live.GetManagedFields())
	for _, owners := range w.owners {
		path := ownedAs(owners.Path)
		given := fieldpath.NewSet()
		if err := edit(entries, ours(w.live.GetAPIVersion()), func(set *fieldpath.Set) *fieldpath.Set {
			given = within(set, path)
			return without(set, path)
		}); err != nil {
			return nil, err
		}
		for _, m := range owners.Managers {
			var err error
			if entries, err = give(entries, m, given); err != nil {
				return nil, err
			}
		}
	}
	entries = slices.DeleteFunc(entries, func(e metav1.ManagedFieldsEntry) bool {
		set, err := setOf(&e)
		return isOurs(&e) && err == nil && set.Empty()
	})
	return json.Marshal([]map[string]any{
		{"op": "replace", "path": "/metadata/managedFields", "value": entries},
		{"op": "replace", "path": "/metadata/resourceVersion", "value": w.live.GetResourceVersion()},
	})
}
