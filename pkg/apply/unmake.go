// Copyright The kubectl-dapr-prod Authors.
// SPDX-License-Identifier: Apache-2.0

package apply

import (
	"context"
	"encoding/base64"
	"fmt"
	"reflect"
	"slices"
	"strings"

	apierrors "k8s.io/apimachinery/pkg/api/errors"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/apis/meta/v1/unstructured"

	"github.com/dapr-prod/kubectl-dapr-prod/pkg/guideline"
	"github.com/dapr-prod/kubectl-dapr-prod/pkg/journal"
)

// unmake deletes an object that a run made, where nobody else has a hand in it by now.
// A controller that writes its status in between is no reason to give up.
func (c *Client) unmake(ctx context.Context, group journal.Group, o RevertOptions) (Reverted, error) {
	done := Reverted{Object: group.Object, Made: true}
	for range attempts {
		state := RevertedField{State: AsItWas}
		live, err := c.Get(ctx, group.Object)
		switch {
		case apierrors.IsNotFound(err):
		case apierrors.IsForbidden(err):
			done.Err = err
			return done, nil
		case err != nil:
			return done, err
		case live.GetDeletionTimestamp() != nil:
		default:
			state.State, state.Why = Refused, adoptedWhole(group.Creation(), live)
			if state.Why == "" {
				if state.Why, err = c.keptFor(ctx, group, o); err != nil {
					return done, err
				}
			}
			if state.Why != "" {
				break
			}
			err := c.delete(ctx, live, o.DryRun)
			switch {
			case Moved(err):
				continue
			case refused(err):
				done.Err = err
				return done, nil
			case err != nil:
				return done, err
			}
			fault("restored")
			state.State = Restored
		}
		done.Fields = []RevertedField{state}
		return done, nil
	}
	done.Err = fmt.Errorf("%s: %w again and again: run the revert once more", group.Object, ErrChanged)
	return done, nil
}

// keptFor says who still uses a Secret; empty where nobody does, or it is none. A dry run
// has not taken back yet what refers to it.
func (c *Client) keptFor(ctx context.Context, group journal.Group, o RevertOptions) (string, error) {
	if group.Object.Kind != "Secret" || o.DryRun {
		return "", nil
	}
	users, err := c.UsersOf(ctx, group.Object)
	switch {
	case apierrors.IsForbidden(err):
		return "whether it is still used is not known: " + err.Error(), nil
	case err != nil || len(users) == 0:
		return "", err
	default:
		return "it is still used by " + strings.Join(users, ", "), nil
	}
}

// delete deletes exactly the object that was read.
func (c *Client) delete(ctx context.Context, live *unstructured.Unstructured, dryRun bool) error {
	resource, err := c.resource(ctx, objectOf(live))
	if err != nil {
		return err
	}
	uid, version := live.GetUID(), live.GetResourceVersion()
	options := metav1.DeleteOptions{Preconditions: &metav1.Preconditions{UID: &uid, ResourceVersion: &version}}
	if dryRun {
		options.DryRun = []string{metav1.DryRunAll}
	}
	return c.refined(ctx, live, resource.Delete(ctx, live.GetName(), options))
}

// adoptedWhole says why an object that a run made is somebody else's by now, or another
// one; empty where it is as it was made, or was made again by a revert. That its status is
// written, by which controllers answer, changes nothing.
func adoptedWhole(made *journal.Write, live *unstructured.Unstructured) string {
	var others []journal.Manager
	for _, e := range live.GetManagedFields() {
		if e.Manager != Manager && e.Subresource == "" {
			others = append(others, managerOf(&e))
		}
	}
	switch {
	case made.UID != "" && made.UID != live.GetUID() && !ofTokens(live, nil):
		return "it was deleted and made again since" + by(others)
	case len(others) > 0:
		return "it was changed since" + by(others)
	}
	if lacks := lacking("", made.Content, live.Object); lacks != "" {
		return "it was changed since: " + lacks + " is not as it was made"
	}
	return ""
}

// ofTokens tells whether an object is a Secret of random tokens by this program, with
// those keys at least. The revert of a later rotation makes one again, which is not the
// one that the run made then. What moved into a Secret is not taken for tokens.
func ofTokens(live *unstructured.Unstructured, keys []string) bool {
	data, _, _ := unstructured.NestedStringMap(live.Object, "data")
	for _, value := range data {
		if token, err := base64.StdEncoding.DecodeString(value); err != nil || len(token) != guideline.TokenLength {
			return false
		}
	}
	lacks := func(key string) bool { return data[key] == "" }
	return live.GetKind() == "Secret" && len(data) > 0 && !slices.ContainsFunc(keys, lacks) && MadeByUs(live)
}

// lacking is the first field of content that an object has otherwise, or not at all;
// empty where there is none. Lists are looked at as a whole.
func lacking(field string, content, live any) string {
	fields, isMap := content.(map[string]any)
	others, both := live.(map[string]any)
	if !isMap || !both {
		if reflect.DeepEqual(content, live) {
			return ""
		}
		return field
	}
	var all []string
	for key, one := range fields {
		if found := lacking(below(field, key), one, others[key]); found != "" {
			all = append(all, found)
		}
	}
	if len(all) == 0 {
		return ""
	}
	return slices.Min(all)
}
