// Copyright The kubectl-dapr-prod Authors.
// SPDX-License-Identifier: Apache-2.0

package daprobject_test

import (
	"encoding/base64"
	"encoding/json"
	"errors"
	"fmt"
	"slices"
	"strings"
	"testing"

	commonapi "github.com/dapr/dapr/pkg/apis/common"
	"k8s.io/apimachinery/pkg/apis/meta/v1/unstructured"
	"sigs.k8s.io/yaml"

	"github.com/dapr-prod/kubectl-dapr-prod/pkg/catalogue"
	"github.com/dapr-prod/kubectl-dapr-prod/pkg/daprobject"
)

// planted begins every secret of these tests.
const planted = "s3cr3t-"

// read reads an object from YAML as kubectl sends it.
func read(t *testing.T, text string) *unstructured.Unstructured {
	t.Helper()
	raw, err := yaml.YAMLToJSON([]byte(text))
	must(t, err)
	u := &unstructured.Unstructured{}
	must(t, u.UnmarshalJSON(raw))
	return u
}

func component(metadata string) string {
	return "apiVersion: dapr.io/v1alpha1\nkind: Component\nmetadata: {name: store, namespace: shop}\n" +
		"spec: {type: state.redis, version: v1, metadata: " + metadata + "}\n"
}

// TestMove: what becomes of the entries of an object.
func TestMove(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		name, object string
		// moves are the places that move and their keys, stays a part of why each other
		// one does not.
		moves, stays []string
		// next is the part of the object that is another then.
		path []string
		next string
	}{
		{
			name:   "one among others, which stay",
			object: component(`[{name: redisHost, value: "redis:6379"}, {name: redisPassword, value: s3cr3t-1}, {name: enableTLS, value: true}]`),
			moves:  []string{"spec.metadata[redisPassword].value > redisPassword"},
			path:   []string{"spec", "metadata"},
			next:   `[{"name":"redisHost","value":"redis:6379"},{"name":"redisPassword","secretKeyRef":{"key":"redisPassword","name":"store-secrets"}},{"name":"enableTLS","value":true}]`,
		},
		{
			name:   "a number",
			object: component(`[{name: redisPassword, value: 12345678}]`),
			moves:  []string{"spec.metadata[redisPassword].value > redisPassword"},
			path:   []string{"spec", "metadata"},
			next:   `[{"name":"redisPassword","secretKeyRef":{"key":"redisPassword","name":"store-secrets"}}]`,
		},
		{
			name:   "twice the same name",
			object: component(`[{name: redisPassword, value: s3cr3t-1}, {name: redisPassword, value: s3cr3t-2}]`),
			moves:  []string{"spec.metadata[redisPassword].value > redisPassword", "spec.metadata[redisPassword].value > redisPassword-2"},
			path:   []string{"spec", "metadata"},
			next:   `[{"name":"redisPassword","secretKeyRef":{"key":"redisPassword","name":"store-secrets"}},{"name":"redisPassword","secretKeyRef":{"key":"redisPassword-2","name":"store-secrets"}}]`,
		},
		{
			name:   "quotes that daprd would take off",
			object: component(`[{name: redisPassword, value: "\"s3cr3t-1\""}]`),
			stays:  []string{"in quotes of its own"},
		},
		{
			name:   "beside a reference",
			object: component(`[{name: redisPassword, value: s3cr3t-1, secretKeyRef: {name: a, key: b}}]`),
			stays:  []string{"beside a secretKeyRef"},
		},
		{
			name:   "a key that encrypts state",
			object: component(`[{name: primaryEncryptionKey, value: s3cr3t-1}]`),
			stays:  []string{"encrypts state"},
		},
		{
			name:   "another secret store",
			object: component(`[{name: redisPassword, value: s3cr3t-1}]`) + "auth: {secretStore: vault}\n",
			stays:  []string{"another secret store than Kubernetes"},
		},
		{
			name:   "the store by its name",
			object: component(`[{name: redisPassword, value: s3cr3t-1}]`) + "auth: {secretStore: kubernetes}\n",
			moves:  []string{"spec.metadata[redisPassword].value > redisPassword"},
		},
		{
			name:   "nothing secret",
			object: component(`[{name: redisHost, value: "redis:6379"}, {name: redisPassword, value: ""}, {name: redisUsername, secretKeyRef: {name: a, key: b}}]`),
		},
		{
			name: "headers and a private key of an HTTPEndpoint",
			object: "apiVersion: dapr.io/v1alpha1\nkind: HTTPEndpoint\nmetadata: {name: bank, namespace: shop}\nspec:\n  baseUrl: https://bank\n" +
				"  headers: [{name: Accept, value: text/plain}, {name: Authorization, value: Bearer s3cr3t-1}]\n  clientTLS: {privateKey: {value: s3cr3t-2}}\n",
			moves: []string{"spec.headers[Authorization].value > Authorization", "spec.clientTLS.privateKey.value > privateKey"},
			path:  []string{"spec", "clientTLS", "privateKey"},
			next:  `{"secretKeyRef":{"key":"privateKey","name":"bank-httpendpoint-secrets"}}`,
		},
		{
			name: "headers of an MCPServer",
			object: "apiVersion: dapr.io/v1alpha1\nkind: MCPServer\nmetadata: {name: tools, namespace: shop}\nspec:\n  endpoint:\n    streamableHTTP:\n" +
				"      url: https://tools\n      headers: [{name: X-Api-Key, value: s3cr3t-1}]\n",
			moves: []string{"spec.endpoint.streamableHTTP.headers[X-Api-Key].value > X-Api-Key"},
			path:  []string{"spec", "endpoint", "streamableHTTP", "headers"},
			next:  `[{"name":"X-Api-Key","secretKeyRef":{"key":"X-Api-Key","name":"tools-mcpserver-secrets"}}]`,
		},
		{
			name: "headers of an MCPServer whose references lead elsewhere",
			object: "apiVersion: dapr.io/v1alpha1\nkind: MCPServer\nmetadata: {name: tools, namespace: shop}\nspec:\n  endpoint:\n    streamableHTTP:\n" +
				"      url: https://tools\n      auth: {secretStore: vault}\n      headers: [{name: X-Api-Key, value: s3cr3t-1}]\n",
			stays: []string{"another secret store than Kubernetes"},
		},
		{
			name: "headers of tracing, of which no quotes are taken off",
			object: "apiVersion: dapr.io/v1alpha1\nkind: Configuration\nmetadata: {name: tracing, namespace: shop}\nspec:\n  tracing:\n    otel:\n" +
				"      headers: [{name: Authorization, value: '\"s3cr3t-1\"'}]\n",
			moves: []string{"spec.tracing.otel.headers[Authorization].value > Authorization"},
			path:  []string{"spec", "tracing", "otel", "headers"},
			next:  `[{"name":"Authorization","secretKeyRef":{"key":"Authorization","name":"tracing-configuration-secrets"}}]`,
		},
	} {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			object := read(t, c.object)
			move := daprobject.NewMove(object, catalogue.Discloses)
			var moves []string
			for _, v := range move.Values {
				moves = append(moves, v.Place+" > "+v.Key)
			}
			var stays []string
			for _, s := range move.Stay {
				stays = append(stays, s.Why)
			}
			if !slices.Equal(moves, c.moves) || !slices.EqualFunc(stays, c.stays, strings.Contains) {
				t.Fatalf("moves %q\nstays %q", moves, stays)
			}
			next, err := move.Set(object)
			must(t, err)
			if shown := text(t, move.Values) + fmt.Sprintf("%+v %#v", move.Values, move.Values) + text(t, move.Skeleton()); strings.Contains(shown, planted) {
				t.Errorf("a secret is shown: %s", shown)
			}
			if left := text(t, next.Object); len(c.moves) > 0 && strings.Contains(left, planted) {
				t.Errorf("a secret is left: %s", left)
			}
			if c.path != nil {
				at, _, _ := unstructured.NestedFieldNoCopy(next.Object, c.path...)
				equal(t, text(t, at), c.next)
			}
		})
	}
}

func must(t *testing.T, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}

func equal(t *testing.T, got, want string) {
	t.Helper()
	if got != want {
		t.Errorf("got  %q\nwant %q", got, want)
	}
}

func text(t *testing.T, of any) string {
	t.Helper()
	raw, err := json.Marshal(of)
	must(t, err)
	return string(raw)
}

// TestBytes: what a component gets is the same before and after, as Dapr's own code
// reads it: daprd hands on the Value of what is in the object, and the bytes of what is
// in the Secret as the Value of what the operator filled in.
func TestBytes(t *testing.T) {
	t.Parallel()
	for _, value := range []string{
		`"plain"`, `"two\nlines\n"`, `" blanks "`, `"a\u003cb\u003e\u0026"`, `"ünï ☃ 😀"`, `"back\\slash"`, `"it's"`, `"half \" a quote"`, `"\u0007bell"`,
		`12345678`, `1.5`, `true`, `{"a":{"b":[1,"x"]}}`, `["a","b"]`, `"trailing\r\n"`, `"{\"json\":\"text\"}"`,
	} {
		object := read(t, component(`[{name: redisPassword, value: `+value+`}]`))
		move := daprobject.NewMove(object, catalogue.Discloses)
		if len(move.Values) != 1 {
			t.Fatalf("%s does not move: %v", value, move.Stay)
		}
		raw, err := json.Marshal(metadata(t, object)["value"])
		must(t, err)
		var before, after commonapi.NameValuePair
		before.SetValue(raw)
		data, _, err := unstructured.NestedStringMap(move.Filled().Object, "data")
		must(t, err)
		bytes, err := base64.StdEncoding.DecodeString(data["redisPassword"])
		must(t, err)
		after.SetValue(bytes)
		equal(t, after.Value.String(), before.Value.String())
	}
	for _, quoted := range []string{`"\"a\""`, `"'a'"`, "\"`a`\""} {
		if move := daprobject.NewMove(read(t, component(`[{name: redisPassword, value: `+quoted+`}]`)), catalogue.Discloses); len(move.Values) > 0 {
			t.Errorf("%s moves", quoted)
		}
	}
}

func metadata(t *testing.T, object *unstructured.Unstructured) map[string]any {
	t.Helper()
	list, _, err := unstructured.NestedSlice(object.Object, "spec", "metadata")
	must(t, err)
	return list[0].(map[string]any)
}

// TestCopy: what kubectl's copy of the object becomes.
func TestCopy(t *testing.T) {
	t.Parallel()
	for _, c := range []struct{ name, live, copied, want string }{
		{
			name:   "the same as in the object",
			live:   `[{name: redisPassword, value: s3cr3t-1}]`,
			copied: `{"kind":"Component","spec":{"type":"state.redis","version":"v1","metadata":[{"name":"redisPassword","value":"s3cr3t-1"},{"name":"n","value":12345678901234567890}]}}` + "\n",
			want:   `{"kind":"Component","spec":{"metadata":[{"name":"redisPassword","secretKeyRef":{"key":"redisPassword","name":"store-secrets"}},{"name":"n","value":12345678901234567890}],"type":"state.redis","version":"v1"}}` + "\n",
		},
		{
			name:   "only the copy holds it",
			live:   `[{name: redisPassword, secretKeyRef: {name: own, key: pw}}]`,
			copied: `{"spec":{"type":"state.redis","version":"v1","metadata":[{"name":"redisPassword","value":"s3cr3t-1"}]}}`,
			want:   `{"spec":{"metadata":[{"name":"redisPassword","secretKeyRef":{"key":"pw","name":"own"}}],"type":"state.redis","version":"v1"}}` + "\n",
		},
		{
			name:   "nothing in the object takes its place",
			live:   `[]`,
			copied: `{"spec":{"type":"state.redis","version":"v1","metadata":[{"name":"redisPassword","value":"s3cr3t-1"}]}}`,
			want:   `{"spec":{"metadata":[{"name":"redisPassword"}],"type":"state.redis","version":"v1"}}` + "\n",
		},
		{name: "no JSON is left", live: `[{name: redisPassword, value: s3cr3t-1}]`, copied: `{{`, want: `{{`},
		{name: "without secrets it is left", live: `[{name: redisPassword, value: s3cr3t-1}]`, copied: `{"spec": {}}`, want: `{"spec": {}}`},
	} {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			object := read(t, component(c.live))
			object.SetAnnotations(map[string]string{daprobject.LastApplied: c.copied})
			next, err := daprobject.NewMove(object, catalogue.Discloses).Set(object)
			must(t, err)
			equal(t, next.GetAnnotations()[daprobject.LastApplied], c.want)
		})
	}
}

// TestSetChanged: an object that is another by now is not written.
func TestSetChanged(t *testing.T) {
	t.Parallel()
	move := daprobject.NewMove(read(t, component(`[{name: redisPassword, value: s3cr3t-1}]`)), catalogue.Discloses)
	for _, now := range []string{`[]`, `[{name: redisPassword, value: other}]`, `[{name: redisHost, value: a}, {name: redisPassword, value: s3cr3t-1}]`} {
		if _, err := move.Set(read(t, component(now))); !errors.Is(err, daprobject.ErrChanged) {
			t.Errorf("%s: %v", now, err)
		}
	}
}

// TestSecretName: names that the server takes, whatever the object is called.
func TestSecretName(t *testing.T) {
	t.Parallel()
	o := daprobject.NewMove(read(t, component(`[]`)), catalogue.Discloses).Object
	equal(t, daprobject.SecretName(o, 1), "store-secrets")
	equal(t, daprobject.SecretName(o, 2), "store-secrets-2")
	o.Name = strings.Repeat("a", 253)
	equal(t, daprobject.SecretName(o, 1), strings.Repeat("a", 245)+"-secrets")
}
