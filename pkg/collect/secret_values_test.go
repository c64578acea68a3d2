// Copyright The kubectl-dapr-prod Authors.
// SPDX-License-Identifier: Apache-2.0

package collect

import (
	"fmt"
	"strings"
	"testing"

	"github.com/dapr-prod/kubectl-dapr-prod/pkg/snapshot"
)

// password is what no error and no print may show. It also reads as base64, and a
// number stands for those that are no text.
const (
	password = "hunter2hunter2"
	pin      = "4718293650"
)

// TestErrorsShowNoValue writes a secret in every way that cannot be read.
func TestErrorsShowNoValue(t *testing.T) {
	shapes := map[string]string{
		"component":      "apiVersion: dapr.io/v1alpha1\nkind: Component\nmetadata: {name: c}\nspec:\n  type: x\n  metadata:\n  - name: p\n    value: %s\n",
		"reference":      "apiVersion: dapr.io/v1alpha1\nkind: Component\nmetadata: {name: c}\nspec:\n  type: x\n  metadata:\n  - name: p\n    secretKeyRef: %s\n",
		"metadata":       "apiVersion: dapr.io/v1alpha1\nkind: Component\nmetadata: {name: c}\nspec:\n  type: x\n  metadata: %s\n",
		"item":           "apiVersion: dapr.io/v1alpha1\nkind: Component\nmetadata: {name: c}\nspec:\n  type: x\n  metadata: [%s]\n",
		"endpoint":       "apiVersion: dapr.io/v1alpha1\nkind: HTTPEndpoint\nmetadata: {name: c}\nspec:\n  headers: %s\n  clientTLS: {privateKey: %[1]s}\n",
		"mcp":            "apiVersion: dapr.io/v1alpha1\nkind: MCPServer\nmetadata: {name: c}\nspec:\n  endpoint: {stdio: {env: %s}}\n",
		"configuration":  "apiVersion: dapr.io/v1alpha1\nkind: Configuration\nmetadata: {name: c}\nspec:\n  tracing:\n    otel: {headers: %s}\n",
		"no object":      "apiVersion: dapr.io/v1alpha1\nkind: Configuration\nmetadata: {name: c}\nspec: %s\n",
		"secret":         "apiVersion: v1\nkind: Secret\nmetadata: {name: c}\nstringData:\n  password: %s\n",
		"encoded secret": "apiVersion: v1\nkind: Secret\nmetadata: {name: c}\ndata:\n  password: %s\n",
		"whole secret":   "apiVersion: v1\nkind: Secret\nmetadata: {name: c}\ndata: %s\n",
		"variable":       "apiVersion: v1\nkind: Pod\nmetadata: {name: c}\nspec:\n  containers:\n  - name: app\n    env: [{name: P, value: %s}]\n",
		"rollout":        "apiVersion: argoproj.io/v1alpha1\nkind: Rollout\nmetadata: {name: c}\nspec: {template: {spec: {containers: [{name: app, env: [{name: P, value: %s}]}]}}}\n",
		"annotation":     "apiVersion: v1\nkind: Pod\nmetadata: {name: c, annotations: {dapr.io/env: %s}}\n",
		"json":           `{"apiVersion": "v1", "kind": "Secret", "metadata": {"name": "c"}, "data": {"password": %s}}`,
	}
	ways := []string{
		"%s", "*%s", "!%s x", "!!int %s", "!!float %s", "!!bool %s", "!!binary %s!", "!!timestamp %s", "%%%s", "@%s", "`%s", "'%s", `"%s`, `"\%s"`,
		"%[1]s: %[1]s", "{%s", "{%s: 1}", "[%s]", "[%s", "- %s", "|%s", ">%s", "? %s", "*%s : x", `"%s"`,
	}
	failed := 0
	for shape, text := range shapes {
		for _, way := range ways {
			for _, secret := range []string{password, pin} {
				s, errs := read(t, Manifests{Filenames: []string{"-"}, In: strings.NewReader(fmt.Sprintf(text, fmt.Sprintf(way, secret)))})
				failed += len(errs)
				for _, e := range append(errs, fmt.Sprintf("%+v %#v", s, s)) {
					// The key of an entry is its name.
					if strings.Contains(e, secret) && !strings.Contains(way, ": ") {
						t.Errorf("%s, %s: %s", shape, way, e)
					}
				}
			}
		}
	}
	if failed < 200 {
		t.Errorf("%d errors: most of these cannot be read", failed)
	}
}

// TestLiveErrorsShowNoValue: what a server returns need not follow a schema.
func TestLiveErrorsShowNoValue(t *testing.T) {
	const components = "/apis/dapr.io/v1alpha1/components"
	c := &cluster{lists: map[string]string{
		components: listOf("dapr.io/v1alpha1", "Component",
			"{metadata: {name: a, namespace: shop}, spec: {type: x, metadata: "+pin+"}}",
			"{metadata: {name: b, namespace: shop}, spec: {type: x, metadata: ["+password+"]}}",
			"{metadata: {name: c, namespace: shop}, spec: {type: "+pin+"}}",
			"{metadata: {name: d, namespace: shop}, spec: {type: x, metadata: [{name: p, secretKeyRef: "+pin+"}]}}",
			"{metadata: {name: e, namespace: shop}, spec: {type: x, metadata: [{name: p, value: "+password+"}]}}",
		),
		configurationsPath: listOf("dapr.io/v1alpha1", "Configuration",
			"{metadata: {name: a, namespace: shop}, spec: {tracing: "+pin+"}}",
			"{metadata: {name: b, namespace: shop}, spec: {tracing: {otel: {headers: ["+pin+"]}}}}",
		),
		rolloutsPath: listOf("argoproj.io/v1alpha1", "Rollout",
			"{metadata: {name: a, namespace: shop}, spec: {template: {spec: {containers: [{name: app, env: [{name: P, value: "+pin+"}]}]}}}}",
		),
	}}
	s := c.read(t, Live{Reads: []snapshot.Read{
		{Resource: snapshot.Components, Place: snapshot.InApps},
		{Resource: snapshot.Configurations, Place: snapshot.InApps},
		{Resource: snapshot.Rollouts, Place: snapshot.InApps},
	}})
	told := gaps(s)
	if len(told) < 5 {
		t.Errorf("%d gaps, and the server has more that cannot be read: %q", len(told), told)
	}
	for _, text := range append(told, fmt.Sprintf("%+v %#v", s, s)) {
		if strings.Contains(text, pin) || strings.Contains(text, password) {
			t.Errorf("shows a value: %s", text)
		}
	}
	if len(s.DaprObjects) != 2 || s.DaprObjects[1].Settings[0].Value.Text() != password {
		t.Errorf("kept: %v", s.DaprObjects)
	}
}

// TestSecrets: of a Secret names and lengths are kept.
func TestSecrets(t *testing.T) {
	s, errs := read(t, Manifests{Filenames: []string{"-"}, In: strings.NewReader(`
apiVersion: v1
kind: Secret
metadata: {name: token, namespace: shop}
data: {token: ` + "aHVudGVyMmh1bnRlcjIK" + `, empty: ""}
stringData: {plain: hunter2hunter2, crlf: "x\r\n", empty: ""}
---
apiVersion: v1
kind: Secret
metadata: {name: dapr-trust-bundle, namespace: dapr-system}
stringData: {ca.crt: hunter2hunter2, issuer.crt: "-----BEGIN PRIVATE KEY-----\naHVudGVyMg==\n-----END PRIVATE KEY-----\n", issuer.key: hunter2hunter2}
---
apiVersion: v1
kind: ConfigMap
metadata: {name: dapr-trust-bundle, namespace: dapr-system}
data: {ca.crt: "-----BEGIN CERTIFICATE-----\naHVudGVyMg==\n-----END CERTIFICATE-----\n"}
`)})
	if errs != nil {
		t.Fatal(errs)
	}
	want := map[string]snapshot.SecretKey{
		"token": {Length: 15, EndsInNewline: true}, "empty": {}, "plain": {Length: 14}, "crlf": {Length: 3, EndsInNewline: true},
	}
	for key, kept := range s.Secret("shop", "token").Keys {
		if kept != want[key] {
			t.Errorf("%s: got %v, want %v", key, kept, want[key])
		}
	}
	b := s.TrustBundle("dapr-system")
	if text := fmt.Sprintf("%+v %#v %+v", s, s, b); strings.Contains(text, password) {
		t.Errorf("shows a value: %s", text)
	}
}
