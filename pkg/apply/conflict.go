// Copyright The kubectl-dapr-prod Authors.
// SPDX-License-Identifier: Apache-2.0

package apply

import (
	"errors"
	"slices"
	"strconv"
	"strings"

	apierrors "k8s.io/apimachinery/pkg/api/errors"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/apis/meta/v1/unstructured"

	"github.com/dapr-prod/kubectl-dapr-prod/pkg/journal"
	"github.com/dapr-prod/kubectl-dapr-prod/pkg/plan"
)

// conflictsOf are the fields that others own, as the server answered a server-side
// apply; none where the error is another.
func conflictsOf(err error, live *unstructured.Unstructured, change plan.Change) []Conflict {
	var status apierrors.APIStatus
	if !errors.As(err, &status) || status.Status().Details == nil {
		return nil
	}
	var all []Conflict
	for _, cause := range status.Status().Details.Causes {
		if cause.Type == metav1.CauseTypeFieldManagerConflict {
			all = append(all, conflictOf(cause, live, change))
		}
	}
	return all
}

// conflictOf looks up what the server says of one field. Its field is a path, and the
// manager stands in a sentence.
func conflictOf(cause metav1.StatusCause, live *unstructured.Unstructured, change plan.Change) Conflict {
	c := Conflict{Manager: managerIn(cause.Message), Field: strings.TrimPrefix(cause.Field, "."), Operation: string(metav1.ManagedFieldsOperationUpdate)}
	for _, f := range change.Sets() {
		path := change.In(f.Path)
		owned := ownedAs(path)
		if cause.Field != owned.String() && !strings.HasPrefix(cause.Field, owned.String()+".") {
			continue
		}
		c.Key, c.Field = keyOf(f.Path), path.String()
		owners := managersOf(live, owned)
		if i := slices.IndexFunc(owners, func(m journal.Manager) bool { return m.Name == c.Manager }); i >= 0 {
			c.Operation = owners[i].Operation
		}
	}
	return c
}

// managerIn is the name in: conflict with "kubectl-edit" using apps/v1 at TIME.
func managerIn(message string) string {
	quoted, err := strconv.QuotedPrefix(strings.TrimPrefix(message, "conflict with "))
	if err != nil {
		return message
	}
	name, err := strconv.Unquote(quoted)
	if err != nil {
		return message
	}
	return name
}

// foreign are the conflicts with others than kubectl's own managers.
func foreign(conflicts []Conflict) []Conflict {
	return slices.DeleteFunc(slices.Clone(conflicts), func(c Conflict) bool { return isKubectl(c.Manager) })
}
