// Copyright The kubectl-dapr-prod Authors.
// SPDX-License-Identifier: Apache-2.0

package daprobject_test

import (
	"slices"
	"strings"
	"testing"

	"github.com/dapr-prod/kubectl-dapr-prod/pkg/catalogue"
	"github.com/dapr-prod/kubectl-dapr-prod/pkg/daprobject"
	"github.com/dapr-prod/kubectl-dapr-prod/pkg/snapshot"
)

// TestScoping: who loses an object, and who is no app of the namespace.
func TestScoping(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		name, scopes        string
		apps, lose, strange []string
		nothing             bool
	}{
		{"for every app so far", "", []string{"orders"}, []string{"payments", "shipping"}, nil, false},
		{"for some so far", "scopes: [payments, orders]", []string{"orders"}, []string{"payments"}, nil, false},
		{"the same in another order", "scopes: [payments, orders]", []string{"orders", "payments", "orders"}, nil, nil, true},
		{"a stranger", "scopes: [orders]", []string{"orders", "billing"}, nil, []string{"billing"}, false},
	} {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			object := read(t, component("[]")+c.scopes)
			s := daprobject.NewScoping(object, c.apps, []string{"shipping", "payments", "orders"})
			if !slices.Equal(s.Lose, c.lose) || !slices.Equal(s.Strange, c.strange) || s.Nothing() != c.nothing {
				t.Errorf("lose %q, strange %q, nothing %v", s.Lose, s.Strange, s.Nothing())
			}
			next, err := s.Set(object)
			must(t, err)
			if again := daprobject.NewScoping(next, c.apps, nil); !again.Nothing() {
				t.Errorf("scopes are %q then", again.Was)
			}
			if _, err := s.Set(read(t, component("[]")+"scopes: [somebody]")); err == nil {
				t.Error("scopes of somebody else are written over")
			}
		})
	}
}

// TestUncounted: of what Dapr's metrics say nothing.
func TestUncounted(t *testing.T) {
	t.Parallel()
	others := []snapshot.DaprObject{
		{Object: snapshot.Object{Kind: "Component", Name: "db"}, SecretStore: "vault"},
		{Object: snapshot.Object{Kind: "Component", Name: "outbox"}, Settings: []snapshot.Setting{{Name: "outboxPublishPubsub", Value: snapshot.Conceal("queue")}}},
	}
	for _, c := range []struct{ object, want string }{
		{component("[]"), ""},
		{component(`[{name: actorStateStore, value: "true"}]`), "actors"},
		{component(`[{name: actorStateStore, value: "false"}]`), ""},
		{strings.Replace(component("[]"), "state.redis", "lock.redis", 1), "components of its type"},
		{strings.NewReplacer("state.redis", "secretstores.hashicorp.vault", "name: store", "name: vault").Replace(component("[]")), "references of Component db"},
		{strings.NewReplacer("state.redis", "pubsub.redis", "name: store", "name: queue").Replace(component("[]")), "state store outbox publishes to it"},
		{"apiVersion: dapr.io/v1alpha1\nkind: HTTPEndpoint\nmetadata: {name: bank}\nspec: {baseUrl: https://bank}", "nothing of a HTTPEndpoint"},
	} {
		if got := daprobject.Uncounted(read(t, c.object), others); !strings.Contains(got, c.want) || c.want == "" && got != "" {
			t.Errorf("%s\nsays %q, want %q", c.object, got, c.want)
		}
	}
}

// TestPatch: a JSON patch has no value that moves, and tests that it meets what it was
// made from.
func TestPatch(t *testing.T) {
	t.Parallel()
	move := daprobject.NewMove(read(t, component(`[{name: redisHost, value: a}, {name: redisPassword, value: s3cr3t-1}]`)), catalogue.Discloses)
	equal(t, text(t, move.Patch()), `[{"op":"test","path":"/spec/metadata/1/name","value":"redisPassword"},`+
		`{"op":"remove","path":"/spec/metadata/1/value"},{"op":"add","path":"/spec/metadata/1/secretKeyRef","value":{"key":"redisPassword","name":"store-secrets"}}]`)
}
