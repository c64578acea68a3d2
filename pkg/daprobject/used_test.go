// Copyright The kubectl-dapr-prod Authors.
// SPDX-License-Identifier: Apache-2.0

package daprobject_test

import (
	"slices"
	"testing"

	"github.com/dapr-prod/kubectl-dapr-prod/pkg/catalogue"
	"github.com/dapr-prod/kubectl-dapr-prod/pkg/daprobject"
)

// TestKeysInUse: a value gets no key that the object refers to already in a Secret that
// was made for it, and no such Secret is taken for one of a run that was cut off.
func TestKeysInUse(t *testing.T) {
	t.Parallel()
	const (
		bank  = "apiVersion: dapr.io/v1alpha1\nkind: HTTPEndpoint\nmetadata: {name: bank, namespace: shop}\nspec: {baseUrl: https://bank, "
		moved = "{name: Authorization, secretKeyRef: {name: bank-httpendpoint-secrets, key: Authorization}}"
	)
	for _, c := range []struct {
		name, object string
		// keys are those that the values move to.
		keys []string
		// inUse tells that the first name of the Secret is, that of the second one.
		inUse, second bool
	}{
		{"a second header", bank + "headers: [" + moved + ", {name: Authorization, value: Bearer s3cr3t-1}]}", []string{"Authorization-2"}, true, false},
		{"a second header before the first", bank + "headers: [{name: Authorization, value: Bearer s3cr3t-1}, " + moved + "]}", []string{"Authorization-2"}, true, false},
		{"a third", bank + "headers: [" + moved + ", {name: Authorization, secretKeyRef: {name: bank-httpendpoint-secrets-2, key: Authorization-2}}, " +
			"{name: Authorization, value: Bearer s3cr3t-1}]}", []string{"Authorization-3"}, true, true},
		{"names that are no keys", bank + "headers: [{name: 'Authorization é', secretKeyRef: {name: bank-httpendpoint-secrets, key: value}}, " +
			"{name: 'Authorization ü', value: Bearer s3cr3t-1}]}", []string{"value-2"}, true, false},
		{"where no value moves", bank + "headers: [{name: Authorization, value: Bearer s3cr3t-1}], " +
			"clientTLS: {certificate: {secretKeyRef: {name: bank-httpendpoint-secrets, key: Authorization}}}}", []string{"Authorization-2"}, true, false},
		{"another transport", "apiVersion: dapr.io/v1alpha1\nkind: MCPServer\nmetadata: {name: tools, namespace: shop}\nspec:\n  endpoint:\n" +
			"    streamableHTTP: {url: https://tools, headers: [{name: X-Api-Key, secretKeyRef: {name: tools-mcpserver-secrets, key: X-Api-Key}}]}\n" +
			"    sse: {url: https://tools, headers: [{name: X-Api-Key, value: s3cr3t-1}]}\n", []string{"X-Api-Key-2"}, true, false},
		{"a Secret of somebody else", bank + "headers: [{name: Authorization, secretKeyRef: {name: own, key: Authorization}}, " +
			"{name: Authorization, value: Bearer s3cr3t-1}]}", []string{"Authorization"}, false, false},
		{"a Secret that is called alike", bank + "headers: [{name: Authorization, secretKeyRef: {name: bank-httpendpoint-secrets-1, key: Authorization}}, " +
			"{name: Authorization, value: Bearer s3cr3t-1}]}", []string{"Authorization"}, false, false},
	} {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			move := daprobject.NewMove(read(t, c.object), catalogue.Discloses)
			var keys []string
			for _, v := range move.Values {
				keys = append(keys, v.Key)
			}
			if !slices.Equal(keys, c.keys) {
				t.Errorf("keys %q, not %q", keys, c.keys)
			}
			for n, want := range []bool{c.inUse, c.second, false} {
				move.Secret = daprobject.SecretName(move.Object, n+1)
				if move.InUse() != want {
					t.Errorf("%s in use: %t", move.Secret, !want)
				}
			}
		})
	}
}

// TestCopyOfSameNames: each of two headers of one name has its own reference in kubectl's
// copy, and what goes back goes back into its own place.
func TestCopyOfSameNames(t *testing.T) {
	t.Parallel()
	const (
		first  = `{"name":"Authorization","secretKeyRef":{"key":"Authorization","name":"bank-httpendpoint-secrets"}}`
		second = `{"name":"Authorization","value":"Bearer s3cr3t-1"}`
		copied = `{"spec":{"baseUrl":"https://bank","headers":[` + first + `,` + second + `]}}` + "\n"
	)
	object := read(t, "apiVersion: dapr.io/v1alpha1\nkind: HTTPEndpoint\nmetadata: {name: bank, namespace: shop}\nspec: {baseUrl: https://bank, headers: ["+first+", "+second+"]}")
	object.SetAnnotations(map[string]string{daprobject.LastApplied: copied})
	move := daprobject.NewMove(object, catalogue.Discloses)
	move.Secret = daprobject.SecretName(move.Object, 2)
	next, err := move.Set(object)
	must(t, err)
	equal(t, next.GetAnnotations()[daprobject.LastApplied], `{"spec":{"baseUrl":"https://bank","headers":[`+first+
		`,{"name":"Authorization","secretKeyRef":{"key":"Authorization-2","name":"bank-httpendpoint-secrets-2"}}]}}`+"\n")
	v := move.Values[0]
	back, err := daprobject.PutBack(next, []daprobject.Reference{{Path: v.Path, Secret: move.Secret, Key: v.Key, Value: v.Bytes}}, true)
	must(t, err)
	equal(t, text(t, back.Object), text(t, object.Object))
}
