// Copyright The kubectl-dapr-prod Authors.
// SPDX-License-Identifier: Apache-2.0

//go:build cluster

package harden_test

import (
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/dapr-prod/kubectl-dapr-prod/test/cluster/kube"
)

// TestObjectSecretSecond: a second header of a name is moved after the first one, whose
// Secret was rotated or not: the first keeps what it has, and the revert of the second run
// restores the second alone.
func TestObjectSecretSecond(t *testing.T) {
	t.Parallel()
	const (
		endpoint = "httpendpoints.dapr.io/bank"
		old      = "Bearer pl4nted-1"
		plain    = `{name: Authorization, value: Bearer pl4nted-1}`
		moved    = `{name: Authorization, secretKeyRef: {name: bank-httpendpoint-secrets, key: Authorization}}`
	)
	bank := func(headers ...string) string {
		return `{apiVersion: dapr.io/v1alpha1, kind: HTTPEndpoint, metadata: {name: bank}, spec: {baseUrl: "https://bank", headers: [` + strings.Join(headers, ", ") + `]}}`
	}
	for _, c := range []struct {
		name string
		// first is what the first Secret holds by the second run, second the new value.
		first, second string
	}{
		{"rotated", "Bearer pl4nted-rotated", "Bearer pl4nted-2"},
		{"untouched", old, "Bearer pl4nted-2"},
		{"untouched, and the same value", old, old},
	} {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			ns := cluster.Namespace(t)
			ns.MustKubectl(t, bank(plain)+"\n---\n"+orders, "apply", "-f-")
			journal := filepath.Join(t.TempDir(), "journal")
			run := []string{"harden", "component-secrets", "-n", ns.Name, "--yes"}
			ends(t, silent(t, dapr(t, run...)), 0, "1 of 1 object written")
			if c.first != old {
				ns.MustKubectl(t, "", "patch", "secret", "bank-httpendpoint-secrets", "-p", `{"stringData": {"Authorization": "`+c.first+`"}}`)
			}
			ns.MustKubectl(t, bank(moved, `{name: Authorization, value: `+c.second+`}`), "apply", "-f-")
			before := stored(t, ns, endpoint)

			ends(t, silent(t, dapr(t, append(run, "--journal", journal)...), journal), 0, "1 of 1 object written")
			kube.Check(t, "-n", ns.Name).Expect(t, "component-secrets", "HTTPEndpoint/bank", "pass", "")
			for i, want := range []string{c.first, c.second} {
				if got := headerOf(t, ns, i); got != want {
					t.Errorf("header %d is %q", i, got)
				}
			}

			ends(t, silent(t, dapr(t, "harden", "--revert", journal, "--yes")), 0, "Secret "+ns.Name+"/bank-httpendpoint-secrets-2: deleted")
			if now := stored(t, ns, endpoint); now != before {
				t.Errorf("it was\n%s\nand is\n%s", before, now)
			}
			if left := secretsOf(t, ns); len(left) != 1 || string(left["bank-httpendpoint-secrets"].Data["Authorization"]) != c.first {
				t.Errorf("there are %d Secrets, or the first has another value", len(left))
			}
		})
	}
}

// TestObjectSecretPartBack: of two values that moved, an old manifest puts one back. The
// Secret is in use for the other, so this one is not taken over; and where its key was
// rotated, or there is no telling, nothing is moved.
func TestObjectSecretPartBack(t *testing.T) {
	t.Parallel()
	const (
		both    = `{name: redisPassword, value: pl4nted-1}, {name: sentinelPassword, value: pl4nted-2}`
		one     = `{name: redisPassword, secretKeyRef: {name: store-secrets, key: redisPassword}}, `
		changed = "Secret %/store-secrets, key sentinelPassword: it holds another value than the object: if the Secret is right, as after a rotation"
	)
	for _, c := range []struct {
		name string
		// write is what becomes of the Secret, and value the one that is put back.
		write []string
		value string
		code  int
		say   string
		// second is what a second Secret holds then.
		second string
	}{
		{"the same value", nil, "pl4nted-2", 0, "1 of 1 object written", "pl4nted-2"},
		{"another value", nil, "pl4nted-3", 0, "1 of 1 object written", "pl4nted-3"},
		{"rotated", []string{"patch", "secret", "store-secrets", "-p", `{"stringData": {"sentinelPassword": "pl4nted-rotated"}}`}, "pl4nted-2", 1, changed, ""},
		{"another value beside a label", []string{"label", "secret", "store-secrets", "backup=yes"}, "pl4nted-3", 1, changed, ""},
	} {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			ns := cluster.Namespace(t)
			ns.MustKubectl(t, component("store", "state.redis", both)+"\n---\n"+orders, "apply", "-f-")
			run := []string{"harden", "component-secrets", "-n", ns.Name, "--yes"}
			ends(t, silent(t, dapr(t, run...)), 0, "1 of 1 object written")
			if c.write != nil {
				ns.MustKubectl(t, "", c.write...)
			}
			ns.MustKubectl(t, component("store", "state.redis", one+"{name: sentinelPassword, value: "+c.value+"}"), "apply", "-f-")
			ends(t, silent(t, dapr(t, run...)), c.code, strings.ReplaceAll(c.say, "%", ns.Name))
			secrets := secretsOf(t, ns)
			if got := string(secrets["store-secrets"].Data["redisPassword"]); got != "pl4nted-1" {
				t.Errorf("what is in use is %q", got)
			}
			if got := string(secrets["store-secrets-2"].Data["sentinelPassword"]); got != c.second {
				t.Errorf("the second Secret holds %q", got)
			}
		})
	}
}

// TestFileSecretInUse: a Secret that a manifest refers to already is not made a second
// time, without what it holds.
func TestFileSecretInUse(t *testing.T) {
	t.Parallel()
	folder := t.TempDir()
	file, made := filepath.Join(folder, "store.yaml"), filepath.Join(folder, "secrets.yaml")
	store := component("store", "state.redis", `{name: redisPassword, secretKeyRef: {name: store-secrets, key: redisPassword}}, {name: sentinelPassword, value: pl4nted-2}`)
	if err := os.WriteFile(file, []byte(store), 0o600); err != nil {
		t.Fatal(err)
	}
	ends(t, silent(t, dapr(t, "harden", "component-secrets", "-f", file, "--write-secrets", made, "--write")), 0, "store-secrets-2")
	raw, err := os.ReadFile(made)
	if err != nil {
		t.Fatal(err)
	}
	if text := string(raw); !strings.Contains(text, "name: store-secrets-2\n") || strings.Contains(text, "name: store-secrets\n") {
		t.Errorf("the Secrets are\n%s", text)
	}
}

// headerOf is the value of a header that the HTTPEndpoint refers to.
func headerOf(t testing.TB, ns *kube.Namespace, i int) string {
	t.Helper()
	at := "{.spec.headers[" + string(rune('0'+i)) + "].secretKeyRef"
	refers := ns.MustKubectl(t, "", "get", "httpendpoints.dapr.io/bank", "-o", "jsonpath="+at+".name}/"+at+".key}")
	secret, key, _ := strings.Cut(refers, "/")
	return valueOf(t, ns, secret, key)
}
