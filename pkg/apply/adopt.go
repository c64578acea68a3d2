// Copyright The kubectl-dapr-prod Authors.
// SPDX-License-Identifier: Apache-2.0

package apply

import (
	"context"
	"encoding/json"

	"k8s.io/apimachinery/pkg/apis/meta/v1/unstructured"
	"k8s.io/apimachinery/pkg/types"

	"github.com/dapr-prod/kubectl-dapr-prod/pkg/journal"
)

// adopted is the annotation of a Secret that another run made and a later one goes on
// with. It is there for the resourceVersion that comes of it: who made the Secret does
// not take back what somebody else counts on by then.
const adopted = "dapr-prod.github.io/adopted"

// Adopt takes over a Secret that FindLeft or FindMoved found, and keeps in a journal that
// reverting this run deletes it. content is what it was made as, without what is secret. It
// is ErrChanged, ErrRecreated or ErrGone where it is not that any more. A dry run is not
// kept, and a context that ends meanwhile ends nothing.
func (c *Client) Adopt(ctx context.Context, j *journal.Journal, content, found *unstructured.Unstructured, o Options) (Made, error) {
	patch, err := json.Marshal(map[string]any{"metadata": map[string]any{
		"uid": found.GetUID(), "resourceVersion": found.GetResourceVersion(),
		"annotations": map[string]any{adopted: found.GetResourceVersion()},
	}})
	if err != nil {
		return Made{}, err
	}
	if o.DryRun {
		_, err := c.send(ctx, found, types.MergePatchType, patch, true, false)
		return Made{}, c.refined(ctx, found, err)
	}
	id, err := j.BeginCreation(objectOf(found), content.Object)
	if err != nil {
		return Made{}, err
	}
	stored, err := c.send(context.WithoutCancel(ctx), found, types.MergePatchType, patch, false, false)
	if err = c.refined(ctx, found, err); err != nil {
		return Made{}, unwritten(j, id, err)
	}
	made := Made{Object: objectOf(found), UID: stored.GetUID(), Adopted: true, live: withoutData(stored), id: id}
	return made, j.Created(id, made.UID)
}

// withoutData is a Secret without what it holds.
func withoutData(secret *unstructured.Unstructured) *unstructured.Unstructured {
	bare := secret.DeepCopy()
	delete(bare.Object, "data")
	return bare
}
