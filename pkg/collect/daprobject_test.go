// Copyright The kubectl-dapr-prod Authors.
// SPDX-License-Identifier: Apache-2.0

package collect

import (
	"cmp"
	"fmt"
	"strings"
	"testing"

	"github.com/dapr-prod/kubectl-dapr-prod/pkg/snapshot"
)

// settingsOf is one setting a line: the place, the part, and the value or where it is from.
func settingsOf(all []snapshot.Setting) string {
	var b strings.Builder
	for _, s := range all {
		from := s.Value.Text()
		if s.SecretName != "" {
			from = strings.TrimSpace(from + " secret " + s.SecretName + "/" + s.SecretKey)
		}
		if s.Env != "" {
			from = strings.TrimSpace(from + " env " + s.Env)
		}
		fmt.Fprintf(&b, "%s %s %s: %s\n", s.Part, s.Name, s.Field, cmp.Or(from, "-"))
	}
	return b.String()
}

func TestDaprObjects(t *testing.T) {
	for _, test := range []struct{ name, text, object, settings, copied string }{
		{
			"component", `apiVersion: dapr.io/v1alpha1
kind: Component
metadata:
  name: store
  namespace: shop
  annotations:
    x: z
    kubectl.kubernetes.io/last-applied-configuration: '{"spec": {"metadata": [{"name": "p", "value": "old"}]}}'
auth: {secretStore: vault}
scopes: [orders, ""]
spec:
  type: state.redis
  version: v1
  ignoreErrors: true
  metadata:
  - {name: p, value: text}
  - {name: p, value: 5, secretKeyRef: {name: s, key: k}}
  - {name: q, value: {a: [1, true]}}
  - {name: r, value: null, secretKeyRef: {name: s}}
  - {name: s, envRef: VARIABLE}
  - {value: nameless}
`, "Component shop/store state.redis/v1 ignores errors store vault scopes [orders ]",
			"metadata p spec.metadata[p].value: text\nmetadata p spec.metadata[p].value: 5 secret s/k\nmetadata q spec.metadata[q].value: {\"a\":[1,true]}\n" +
				"metadata r spec.metadata[r].value: secret s/\nmetadata s spec.metadata[s].value: env VARIABLE\nmetadata  spec.metadata[5].value: nameless\n",
			"metadata p spec.metadata[p].value: old\n",
		},
		{
			"endpoint", `apiVersion: dapr.io/v1alpha1
kind: HTTPEndpoint
metadata: {name: pay, namespace: shop, annotations: {kubectl.kubernetes.io/last-applied-configuration: '{"spec": 5'}}
spec:
  baseUrl: https://pay
  headers: [{name: Accept, value: text}, {name: Key, secretKeyRef: {name: s, key: k}}]
  clientTLS: {rootCA: {value: ca}, certificate: {value: cert}, privateKey: {value: key}}
`, "HTTPEndpoint shop/pay / store  scopes []",
			"address baseUrl spec.baseUrl: https://pay\nheader Accept spec.headers[Accept].value: text\nheader Key spec.headers[Key].value: secret s/k\nkey privateKey spec.clientTLS.privateKey.value: key\n", "",
		},
		{
			"mcp", `apiVersion: dapr.io/v1alpha1
kind: MCPServer
metadata: {name: tools, namespace: shop}
spec:
  endpoint:
    streamableHTTP: {url: https://a, headers: [{name: h, value: x}], auth: {secretStore: vault, oauth2: {secretKeyRef: {name: s, key: k}}}}
    sse: {url: https://b}
    stdio: {env: [{name: E, value: z}]}
`, "MCPServer shop/tools / store vault scopes []",
			"address url spec.endpoint.streamableHTTP.url: https://a\nheader h spec.endpoint.streamableHTTP.headers[h].value: x\n" +
				"key oauth2 spec.endpoint.streamableHTTP.auth.oauth2.secretKeyRef: secret s/k\naddress url spec.endpoint.sse.url: https://b\nvariable E spec.endpoint.stdio.env[E].value: z\n", "",
		},
		{
			"subscription", `apiVersion: dapr.io/v2alpha1
kind: Subscription
metadata: {name: s, namespace: shop}
scopes: [orders]
spec: {topic: t, pubsubname: p, metadata: {a: b}}
`, "Subscription shop/s / store  scopes [orders]", "", "",
		},
	} {
		t.Run(test.name, func(t *testing.T) {
			s, errs := read(t, Manifests{Filenames: []string{"-"}, In: strings.NewReader(test.text)})
			if errs != nil || len(s.DaprObjects) != 1 {
				t.Fatalf("%v, errors %q", s.DaprObjects, errs)
			}
			o := s.DaprObjects[0]
			ignores := ""
			if o.IgnoreErrors {
				ignores = " ignores errors"
			}
			if got := fmt.Sprintf("%s %s/%s%s store %s scopes %v", o.Object, o.Type, o.Version, ignores, o.SecretStore, o.Scopes); got != test.object {
				t.Errorf("got %q, want %q", got, test.object)
			}
			if got := settingsOf(o.Settings); got != test.settings {
				t.Errorf("got:\n%swant:\n%s", got, test.settings)
			}
			if got := settingsOf(o.LastApplied); got != test.copied {
				t.Errorf("the copy: got:\n%swant:\n%s", got, test.copied)
			}
			if len(o.Annotations) != 0 {
				t.Errorf("annotations that are not Dapr's: %v", o.Annotations)
			}
		})
	}
}

func TestConfigurations(t *testing.T) {
	s, errs := read(t, Manifests{Filenames: []string{"-"}, In: strings.NewReader(`apiVersion: dapr.io/v1alpha1
kind: Configuration
metadata:
  name: c
  namespace: shop
  annotations: {kubectl.kubernetes.io/last-applied-configuration: '{"spec": {"tracing": {"zipkin": {"endpointAddress": "old"}}}}'}
spec:
  mtls: {enabled: false}
  metrics: {enabled: true}
  metric: {enabled: false}
  tracing:
    samplingRate: "0.5"
    stdout: true
    otel: {endpointAddress: otel, protocol: grpc, isSecure: true, headers: [{name: h, value: v}, {value: w}]}
    zipkin: {endpointAddress: zipkin}
  accessControl:
    defaultAction: deny
    trustDomain: shop
    policies: [{appId: a, defaultAction: allow, trustDomain: t, namespace: ns}]
  secrets: {scopes: [{storeName: s, defaultAccess: deny, allowedSecrets: [x], deniedSecrets: [z]}]}
`)})
	if errs != nil || len(s.Configurations) != 1 {
		t.Fatalf("%v, errors %q", s.Configurations, errs)
	}
	c := s.Configurations[0]
	if *c.MTLS || !*c.Metrics || *c.Metric {
		t.Errorf("switches: %v %v %v", *c.MTLS, *c.Metrics, *c.Metric)
	}
	if x := c.Tracing; x.SamplingRate != "0.5" || !x.Stdout || x.OTel.Text() != "otel" || x.Zipkin.Text() != "zipkin" || x.OTelProtocol != "grpc" {
		t.Errorf("tracing: %+v", x)
	}
	if a := c.AccessControl; a.DefaultAction != "deny" || a.TrustDomain != "shop" || len(a.Policies) != 1 || a.Policies[0] != (snapshot.AccessPolicy{AppID: "a", DefaultAction: "allow", TrustDomain: "t", Namespace: "ns"}) {
		t.Errorf("access control: %+v", a)
	}
	if got := fmt.Sprintf("%+v", c.SecretScopes); got != "[{Store:s DefaultAccess:deny Allowed:[x] Denied:[z]}]" {
		t.Errorf("scopes of secrets: %s", got)
	}
	want := "address endpointAddress spec.tracing.otel.endpointAddress: otel\naddress endpointAddress spec.tracing.zipkin.endpointAddress: zipkin\n" +
		"header h spec.tracing.otel.headers[h].value: v\nheader  spec.tracing.otel.headers[1].value: w\n"
	if got := settingsOf(c.Settings); got != want {
		t.Errorf("got:\n%swant:\n%s", got, want)
	}
	if got := settingsOf(c.LastApplied); got != "address endpointAddress spec.tracing.zipkin.endpointAddress: old\n" {
		t.Errorf("the copy: %s", got)
	}
}
