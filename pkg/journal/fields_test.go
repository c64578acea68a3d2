// Copyright The kubectl-dapr-prod Authors.
// SPDX-License-Identifier: Apache-2.0

package journal_test

import (
	"errors"
	"slices"
	"strings"
	"testing"

	"github.com/dapr-prod/kubectl-dapr-prod/pkg/field"
	"github.com/dapr-prod/kubectl-dapr-prod/pkg/journal"
	"github.com/dapr-prod/kubectl-dapr-prod/pkg/snapshot"
)

var variable = field.Path{"spec", "containers", field.Named("app"), "env", field.Named("TOKEN")}

func reference(name string) string {
	return `{"name":"TOKEN","valueFrom":{"secretKeyRef":{"key":"token","name":"` + name + `"}}}`
}

// TestFields: what no annotation is comes back from JSON, and text is kept as a hash.
func TestFields(t *testing.T) {
	t.Parallel()
	for _, test := range []struct {
		name, set string
		was       *string
		at        field.Path
		// lost tells that the way back is not kept.
		lost bool
	}{
		{"a reference that was none", reference("new"), nil, variable, false},
		{"a reference to another Secret", reference("new"), text(reference("old")), variable, false},
		{"a switch", "false", text("true"), field.Path{"spec", "automountServiceAccountToken"}, false},
		{"a number", "30", text("60"), field.Path{"spec", "terminationGracePeriodSeconds"}, false},
		{"a value in plain text", reference("new"), text(`{"name":"TOKEN","value":"` + marker + `"}`), variable, true},
		{"a reference with a value beside it", reference("new"), text(`{"name":"TOKEN","value":"` + marker + `","valueFrom":{"secretKeyRef":{"name":"a"}}}`), variable, true},
		{"a text", `"a"`, text(`"` + marker + `"`), field.Path{"spec", "schedulerName"}, true},
		{"a list", "[]", text(`["` + marker + `"]`), field.Path{"spec", "tolerations"}, true},
	} {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			j := create(t)
			change := journal.Change{Key: test.at.String(), At: test.at, Set: test.set, Was: test.was}
			_, err := j.Begin(orders, "uid-1", "spec.template", []journal.Change{change})
			var undo *journal.UndoError
			if errors.As(err, &undo) != test.lost {
				t.Fatalf("%v", err)
			}
			if strings.Contains(content(t, j), marker) {
				t.Errorf("it is in the journal: %s", content(t, j))
			}
			if test.lost {
				return
			}
			w := record(t, j).Writes[0]
			if !slices.Equal(w.Fields[0].At, test.at) {
				t.Errorf("at %v", w.Fields[0].At)
			}
			back, state, err := w.Restore(&w.Fields[0], &test.set)
			if err != nil || state != journal.AsSet || (back == nil) != (test.was == nil) || back != nil && *back != *test.was {
				t.Errorf("back to %v, %v, %v", back, state, err)
			}
		})
	}
}

// TestPlainNames: the name of a Secret that is there is no secret, whatever it looks like.
func TestPlainNames(t *testing.T) {
	t.Parallel()
	key := "dapr.io/api-token-secret"
	j := create(t)
	var undo *journal.UndoError
	if _, err := j.Begin(orders, "uid-1", "spec.template", []journal.Change{{Key: key, Set: "b", Was: text("orders-api-token")}}); !errors.As(err, &undo) {
		t.Errorf("what may be a token is kept: %v", err)
	}
	begin(t, j, orders, journal.Change{Key: key, Set: "orders-api-token-2", Was: text("orders-api-token"), Plain: true})
	w := record(t, j).Writes[0]
	if back, _, err := w.Restore(&w.Fields[0], text("orders-api-token-2")); err != nil || back == nil || *back != "orders-api-token" {
		t.Errorf("back to %v, %v", back, err)
	}
}

// TestSecrets: a journal knows which Secrets were made and deleted, and not what is in
// them.
func TestSecrets(t *testing.T) {
	t.Parallel()
	j := create(t)
	secret := snapshot.Object{APIVersion: "v1", Kind: "Secret", Namespace: "shop", Name: "orders-api-token"}
	for _, key := range []string{"data", "stringData"} {
		if _, err := j.BeginCreation(secret, map[string]any{"kind": "Secret", key: map[string]any{"token": marker}}); err == nil {
			t.Errorf("a Secret with %s is taken", key)
		}
	}
	id, err := j.BeginRemoval(secret, "uid-1", []string{"token"})
	if err != nil {
		t.Fatal(err)
	}
	groups := record(t, j).Groups()
	if len(groups) != 1 || groups[0].Removal() == nil || !slices.Equal(groups[0].Removal().Removed, []string{"token"}) || groups[0].Creation() != nil {
		t.Errorf("groups %v", groups)
	}
	if err := j.Refused(id); err != nil || len(record(t, j).Groups()) != 0 {
		t.Errorf("a removal that was refused is to be undone: %v", err)
	}
	if strings.Contains(content(t, j), marker) {
		t.Error("it is in the journal")
	}
}
