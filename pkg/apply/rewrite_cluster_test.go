// Copyright The kubectl-dapr-prod Authors.
// SPDX-License-Identifier: Apache-2.0

//go:build cluster

package apply_test

import (
	"encoding/json"
	"errors"
	"os"
	"reflect"
	"strings"
	"testing"

	apierrors "k8s.io/apimachinery/pkg/api/errors"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/apis/meta/v1/unstructured"

	"github.com/dapr-prod/kubectl-dapr-prod/pkg/apply"
	"github.com/dapr-prod/kubectl-dapr-prod/pkg/catalogue"
	"github.com/dapr-prod/kubectl-dapr-prod/pkg/daprobject"
	"github.com/dapr-prod/kubectl-dapr-prod/pkg/journal"
	"github.com/dapr-prod/kubectl-dapr-prod/pkg/snapshot"
)

// kinds of objects with a secret, and the place that it has there.
var plain = []struct{ kind, spec string }{
	{"Component", `{type: state.redis, version: v1, metadata: [{name: redisHost, value: "redis:6379"}, {name: redisPassword, value: s3cr3t-MARKER-9f2c}]}`},
	{"HTTPEndpoint", `{baseUrl: "https://bank", headers: [{name: Authorization, value: Bearer s3cr3t-MARKER-9f2c}], clientTLS: {privateKey: {value: s3cr3t-MARKER-9f2c}}}`},
	{"MCPServer", `{endpoint: {streamableHTTP: {url: "https://tools", headers: [{name: X-Api-Key, value: s3cr3t-MARKER-9f2c}]}}}`},
	{"Configuration", `{tracing: {samplingRate: "1", otel: {endpointAddress: "otel:4317", protocol: grpc, isSecure: true, headers: [{name: Authorization, value: Bearer s3cr3t-MARKER-9f2c}]}}}`},
}

func daprManifest(kind, spec string) string {
	return "{apiVersion: dapr.io/v1alpha1, kind: " + kind + ", metadata: {name: store}, spec: " + spec + "}"
}

func (b *bench) dapr(kind string) snapshot.Object {
	return snapshot.Object{APIVersion: "dapr.io/v1alpha1", Kind: kind, Namespace: b.Name, Name: "store"}
}

// move makes the Secret of an object and writes references to it.
func (b *bench) move(j *journal.Journal, o snapshot.Object) *daprobject.Move {
	b.t.Helper()
	live := b.get(o)
	m := daprobject.NewMove(live, catalogue.Discloses)
	if len(m.Values) > 0 {
		if _, err := b.client.MakeMoved(b.t.Context(), j, m, apply.Options{}); err != nil {
			b.t.Fatal(err)
		}
	}
	if _, err := b.client.Rewrite(b.t.Context(), j, live, m, apply.Options{}); err != nil {
		b.t.Fatal(err)
	}
	return m
}

// TestMove: whatever way an object came to be, what moves is in the Secret alone, byte
// for byte, and reverting leaves the object and its ownership as they were, and no Secret.
func TestMove(t *testing.T) {
	t.Parallel()
	for _, way := range [][]string{{"apply"}, {"apply", "--server-side"}, {"create"}} {
		for _, c := range plain {
			t.Run(strings.Join(way, " ")+" "+c.kind, func(t *testing.T) {
				t.Parallel()
				b := newBench(t)
				b.MustKubectl(t, daprManifest(c.kind, c.spec), append(way, "-f-")...)
				o := b.dapr(c.kind)
				before := b.get(o)
				j := b.journal()
				m := b.move(j, o)

				after := b.get(o)
				if text, _ := json.Marshal(after.Object); strings.Contains(string(text), marker) {
					t.Errorf("the object holds the value still: %s", text)
				}
				if left := daprobject.NewMove(after, catalogue.Discloses); !left.Nothing() {
					t.Errorf("left: %v", left.Values)
				}
				secret, err := cluster.Client.CoreV1().Secrets(b.Name).Get(t.Context(), m.Secret, metav1.GetOptions{})
				if err != nil {
					t.Fatal(err)
				}
				for _, v := range m.Values {
					if got := string(secret.Data[v.Key]); got != v.Bytes.Text() {
						t.Errorf("%s is %q, want %q", v.Key, got, v.Bytes.Text())
					}
				}
				if kept, err := os.ReadFile(j.Path()); err != nil || strings.Contains(string(kept), marker) {
					t.Errorf("the journal holds the value: %v", err)
				}

				for _, line := range b.revert(j) {
					if !strings.HasSuffix(line, ": restored") {
						t.Error(line)
					}
				}
				same(t, before, b.get(o))
				if _, err := b.client.Get(t.Context(), m.SecretObject()); !apierrors.IsNotFound(err) {
					t.Errorf("the Secret is left: %v", err)
				}
			})
		}
	}
}

// TestRevertOfMove: what is not brought back, and that the Secret stays then.
func TestRevertOfMove(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		name string
		then func(b *bench)
		why  string
		// kept tells that the Secret stays.
		kept bool
	}{
		{"rotated", func(b *bench) {
			b.MustKubectl(b.t, "", "patch", "secret", "store-secrets", "-p", `{"stringData":{"redisPassword":"s3cr3t-MARKER-9f2c-new"}}`)
		}, "it was rotated", true},
		{"the Secret is gone", func(b *bench) { b.MustKubectl(b.t, "", "delete", "secret", "store-secrets") }, "does not hold the value any more", false},
		{"another uses the Secret", func(b *bench) {
			b.MustKubectl(b.t, "{apiVersion: dapr.io/v1alpha1, kind: Component, metadata: {name: other}, spec: {type: state.redis, version: v1, metadata: [{name: redisPassword, secretKeyRef: {name: store-secrets, key: redisPassword}}]}}", "create", "-f-")
		}, "it is still used by Component other", true},
		{"the manifest was corrected", func(b *bench) {
			b.MustKubectl(b.t, daprManifest("Component", `{type: state.redis, version: v1, metadata: [{name: redisPassword, secretKeyRef: {name: store-secrets, key: redisPassword}}]}`), "apply", "-f-")
		}, "belongs to somebody else by now, by kubectl-client-side-apply (Update)", true},
		{"the object is gone", func(b *bench) { b.MustKubectl(b.t, "", "delete", "components.dapr.io", "store") }, "the object was deleted since", false},
	} {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			b := newBench(t)
			b.MustKubectl(t, daprManifest(plain[0].kind, plain[0].spec), "apply", "-f-")
			j := b.journal()
			m := b.move(j, b.dapr("Component"))
			c.then(b)
			if all := strings.Join(b.revert(j), "; "); !strings.Contains(all, c.why) {
				t.Errorf("it says %q", all)
			}
			if _, err := b.client.Get(t.Context(), m.SecretObject()); (err == nil) != c.kept {
				t.Errorf("the Secret: %v", err)
			}
		})
	}
}

// TestMoveConflict: a list that somebody else has applied is not taken from him, and the
// error does not repeat what is in it.
func TestMoveConflict(t *testing.T) {
	t.Parallel()
	b := newBench(t)
	b.MustKubectl(t, daprManifest(plain[0].kind, plain[0].spec), "apply", "--server-side", "--field-manager=shop-team", "-f-")
	live := b.get(b.dapr("Component"))
	m := daprobject.NewMove(live, catalogue.Discloses)
	_, err := b.client.Rewrite(t.Context(), nil, live, m, apply.Options{DryRun: true})
	var conflict *apply.ConflictError
	if !errors.As(err, &conflict) || !strings.Contains(err.Error(), "spec.metadata belongs to the field manager shop-team") || strings.Contains(err.Error(), marker) {
		t.Errorf("it says %v", err)
	}
	if _, err := b.client.Rewrite(t.Context(), nil, live, m, apply.Options{DryRun: true, ForceConflicts: true}); err != nil {
		t.Error(err)
	}
}

// TestScoping: scopes are set and taken back, whether there were some or none.
func TestScoping(t *testing.T) {
	t.Parallel()
	for _, was := range []string{"", ", scopes: [payments, orders, payments]"} {
		b := newBench(t)
		b.MustKubectl(t, strings.TrimSuffix(daprManifest("Component", `{type: state.redis, version: v1, metadata: []}`), "}")+was+"}", "apply", "-f-")
		o := b.dapr("Component")
		before := b.get(o)
		j := b.journal()
		s := daprobject.NewScoping(before, []string{"shipping", "orders"}, []string{"orders", "payments"})
		if _, err := b.client.Rewrite(t.Context(), j, before, s, apply.Options{}); err != nil {
			t.Fatal(err)
		}
		if got, _, _ := unstructured.NestedStringSlice(b.get(o).Object, "scopes"); !reflect.DeepEqual(got, []string{"orders", "shipping"}) {
			t.Errorf("scopes are %v", got)
		}
		b.revert(j)
		same(t, before, b.get(o))
	}
}
