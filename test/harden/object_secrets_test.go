// Copyright The kubectl-dapr-prod Authors.
// SPDX-License-Identifier: Apache-2.0

//go:build cluster

package harden_test

import (
	"encoding/json"
	"net/http"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	corev1 "k8s.io/api/core/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"

	"github.com/dapr-prod/kubectl-dapr-prod/test/cluster/kube"
)

// plantedInObjects begins every secret of these tests.
const plantedInObjects = "pl4nted-"

// store is a Component with a password in plain text, as people write it.
const store = `{apiVersion: dapr.io/v1alpha1, kind: Component, metadata: {name: store}, spec: {type: state.redis, version: v1, metadata: [
  {name: redisHost, value: "redis:6379"}, {name: redisPassword, value: pl4nted-1}, {name: enableTLS, value: true}]}}`

// stores is a shop: an app, and one object of each kind with a secret.
const stores = store + `
---
{apiVersion: dapr.io/v1alpha1, kind: HTTPEndpoint, metadata: {name: bank}, spec: {baseUrl: "https://bank", headers: [{name: Authorization, value: Bearer pl4nted-2}]}}
---
{apiVersion: dapr.io/v1alpha1, kind: MCPServer, metadata: {name: tools}, spec: {endpoint: {streamableHTTP: {url: "https://tools", headers: [{name: X-Api-Key, value: pl4nted-3}]}}}}
---
{apiVersion: dapr.io/v1alpha1, kind: Configuration, metadata: {name: tracing}, spec: {tracing: {samplingRate: "1", otel: {endpointAddress: "otel:4317", protocol: grpc, isSecure: true, headers: [{name: Authorization, value: Bearer pl4nted-4}]}}}}
---
` + orders

// orders is an app without Pods.
const orders = `{apiVersion: apps/v1, kind: Deployment, metadata: {name: orders}, spec: {replicas: 0, selector: {matchLabels: {app: orders}}, template: {
  metadata: {labels: {app: orders}, annotations: {dapr.io/enabled: "true", dapr.io/app-id: orders, dapr.io/config: tracing}},
  spec: {containers: [{name: app, image: registry.example.com/app:1}]}}}}`

// silent holds what was said, and a journal, against the secrets that were plantedInObjects.
func silent(t testing.TB, o kube.Outcome, journals ...string) kube.Outcome {
	t.Helper()
	text := o.Stdout + o.Stderr
	for _, journal := range journals {
		kept, err := os.ReadFile(journal)
		if err != nil {
			t.Error(err)
		}
		text += string(kept)
	}
	if strings.Contains(text, plantedInObjects) {
		t.Errorf("a secret is in\n%s", text)
	}
	return o
}

// secretsOf are the Secrets of a namespace.
func secretsOf(t testing.TB, ns *kube.Namespace) map[string]corev1.Secret {
	t.Helper()
	list, err := ns.Client.CoreV1().Secrets(ns.Name).List(t.Context(), metav1.ListOptions{})
	if err != nil {
		t.Fatal(err)
	}
	all := map[string]corev1.Secret{}
	for _, s := range list.Items {
		all[s.Name] = s
	}
	return all
}

// stored is an object as kubectl gets it, without what each write changes.
func stored(t testing.TB, ns *kube.Namespace, what string) string {
	t.Helper()
	return ns.MustKubectl(t, "", "get", what, "-o", `go-template={{.metadata.uid}}{{"\n"}}{{.metadata.annotations}}{{"\n"}}{{.spec}}{{"\n"}}{{.scopes}}`)
}

const components = "components.dapr.io/store"

// TestObjectPatchHint: the command that a patch is printed with makes the Secret, byte for
// byte, and with both the Component is read.
func TestObjectPatchHint(t *testing.T) {
	t.Parallel()
	ns := cluster.Namespace(t)
	const value = plantedInObjects + `pä"ss\w'rd $HOME {{.}}` + "\t\n second line \n\n"
	text, err := json.Marshal(value)
	if err != nil {
		t.Fatal(err)
	}
	ns.MustKubectl(t, component("store", "state.redis", `{name: redisHost, value: "redis:6379"}, {name: redisPassword, value: `+string(text)+`}`), "create", "-f-")
	o := silent(t, dapr(t, "harden", "component-secrets", "-n", ns.Name, "-o", "yaml", "--dry-run=server"))
	runHint(t, o.Stdout, "spec.metadata[redisPassword].value now: ")
	if got := valueOf(t, ns, "store-secrets", "redisPassword"); got != value {
		t.Errorf("the command makes %q of %q", got, value)
	}
}

// TestObjectSecrets: from open to closed, and back, with a real operator beside it; no
// secret is in what is printed or kept.
func TestObjectSecrets(t *testing.T) {
	t.Parallel()
	ns := cluster.Namespace(t)
	ns.MustKubectl(t, stores, "apply", "-f-")
	before := stored(t, ns, components)
	check := kube.Check(t, "-n", ns.Name)
	all := []string{"Component/store", "HTTPEndpoint/bank", "MCPServer/tools", "Configuration/tracing"}
	for _, o := range all {
		check.Expect(t, "component-secrets", o, "fail", "")
	}
	for _, format := range []string{"", "yaml", "json"} {
		out := silent(t, dapr(t, "harden", "component-secrets", "-n", ns.Name, "--dry-run=server", "-o", format))
		ends(t, out, 1, "store-secrets")
		if format == "" {
			continue
		}
		ends(t, out, 1, "store-secrets has to be made before", "key redisPassword, the value that stands in spec.metadata[redisPassword].value now", "rotate what moves",
			"the patch leaves kubectl's copy of the object (last-applied-configuration) as it is")
		if says := strings.Contains(out.Stdout, "# Secret "); says != (format == "yaml") {
			t.Errorf("%s names the Secret above the patch: %t", format, says)
		}
	}
	if left := secretsOf(t, ns); len(left) > 0 {
		t.Errorf("a dry run made %v", left)
	}
	ends(t, dapr(t, "harden", "component-secrets", "-n", ns.Name), 1, "--yes")

	journal := filepath.Join(t.TempDir(), "journal")
	ends(t, silent(t, dapr(t, "harden", "component-secrets", "-n", ns.Name, "--yes", "--journal", journal), journal), 0,
		"4 of 4 objects written", "rotate what moves", "harden --revert "+journal)
	check = kube.Check(t, "-n", ns.Name)
	for _, o := range all {
		check.Expect(t, "component-secrets", o, "pass", "")
	}
	secrets := secretsOf(t, ns)
	for name, want := range map[string]string{
		"store-secrets/redisPassword": "pl4nted-1", "bank-httpendpoint-secrets/Authorization": "Bearer pl4nted-2",
		"tools-mcpserver-secrets/X-Api-Key": "pl4nted-3", "tracing-configuration-secrets/Authorization": "Bearer pl4nted-4",
	} {
		secret, key, _ := strings.Cut(name, "/")
		if got := string(secrets[secret].Data[key]); got != want {
			t.Errorf("%s is %q", name, got)
		}
	}
	if now := stored(t, ns, components); strings.Contains(now, plantedInObjects) {
		t.Errorf("a secret is left in %s", now)
	}
	ends(t, dapr(t, "harden", "component-secrets", "-n", ns.Name, "--yes"), 0, "Nothing to write")
	if out := dapr(t, "harden", "component-secrets", "-n", ns.Name, "-o", "yaml"); out.Code != 0 || strings.Contains(out.Stderr, "rotate what moves") {
		t.Errorf("with nothing to patch it ends with %d and %s", out.Code, withoutLog(out.Stderr))
	}

	ends(t, silent(t, dapr(t, "harden", "--revert", journal, "--dry-run=server")), 1, "would be restored", "would be deleted")
	ends(t, silent(t, dapr(t, "harden", "--revert", journal, "--yes")), 0, "spec.metadata[redisPassword] restored", "Secret "+ns.Name+"/store-secrets: deleted")
	if left := secretsOf(t, ns); len(left) > 0 {
		t.Errorf("left behind: %v", left)
	}
	if now := stored(t, ns, components); now != before {
		t.Errorf("it was\n%s\nand is\n%s", before, now)
	}
}

// TestObjectSecretRefusals: what is not moved, and why.
func TestObjectSecretRefusals(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		name, object string
		say          []string
		// code is 1 where it is refused, and 0 where it is left to the owner.
		code int
		// secrets are there afterwards.
		secrets []string
	}{
		{"another secret store", strings.TrimSuffix(store, "}") + ", auth: {secretStore: vault}}", []string{"another secret store than Kubernetes", "Nothing to write"}, 0, nil},
		{"quotes", strings.ReplaceAll(store, "pl4nted-1", `'"pl4nted-1"'`), []string{"quotes of its own"}, 0, nil},
		{"Helm owns it", strings.ReplaceAll(store, "{name: store}", "{name: store, labels: {app.kubernetes.io/managed-by: Helm}, annotations: {meta.helm.sh/release-name: shop, meta.helm.sh/release-namespace: shop}}"), []string{"belongs to Helm release shop"}, 1, nil},
		{"the name is taken", store + "\n---\n{apiVersion: v1, kind: Secret, metadata: {name: store-secrets}, stringData: {redisPassword: s0meb0dys}}", []string{"1 of 1 object written"}, 0, []string{"store-secrets", "store-secrets-2"}},
		{"the address", `{apiVersion: dapr.io/v1alpha1, kind: HTTPEndpoint, metadata: {name: bank}, spec: {baseUrl: "https://shop:pl4nted-1@bank"}}`, []string{"take the credentials out of the address"}, 0, nil},
	} {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			ns := cluster.Namespace(t)
			ns.MustKubectl(t, c.object+"\n---\n"+orders, "create", "-f-")
			ends(t, silent(t, dapr(t, "harden", "component-secrets", "-n", ns.Name, "--yes")), c.code, c.say...)
			var names []string
			for name := range secretsOf(t, ns) {
				names = append(names, name)
			}
			slices.Sort(names)
			if !slices.Equal(names, c.secrets) {
				t.Errorf("the namespace has %q", names)
			}
			if s, there := secretsOf(t, ns)["store-secrets"]; there && string(s.Data["redisPassword"]) != "s0meb0dys" {
				t.Error("a Secret of somebody else was written")
			}
		})
	}
	ns := cluster.Namespace(t)
	ns.MustKubectl(t, store, "apply", "--server-side", "--field-manager=shop-team", "-f-")
	ns.MustKubectl(t, orders, "create", "-f-")
	ends(t, silent(t, dapr(t, "harden", "component-secrets", "-n", ns.Name, "--yes")), 1, "spec.metadata belongs to the field manager shop-team")
	ends(t, silent(t, dapr(t, "harden", "component-secrets", "component/store", "-n", ns.Name, "--yes", "--force-conflicts")), 0, "1 of 1 object written")
}

// TestObjectSecretRotated: an old manifest puts the old value back beside a Secret that was
// rotated since. Neither is taken for the right one, and both ways out lead on.
func TestObjectSecretRotated(t *testing.T) {
	t.Parallel()
	ns := cluster.Namespace(t)
	ns.MustKubectl(t, store+"\n---\n"+orders, "apply", "-f-")
	run := []string{"harden", "component-secrets", "-n", ns.Name, "--yes"}
	ends(t, silent(t, dapr(t, run...)), 0, "1 of 1 object written")
	ns.MustKubectl(t, "", "patch", "secret", "store-secrets", "-p", `{"stringData": {"redisPassword": "pl4nted-rotated"}}`)
	ns.MustKubectl(t, store, "apply", "-f-")
	before := stored(t, ns, components)

	for range 2 { // it does not wear off
		ends(t, silent(t, dapr(t, run...)), 1, "Nothing to write", "Secret "+ns.Name+"/store-secrets, key redisPassword: it holds another value than the object",
			"write secretKeyRef in the place of the value", "open component-secrets: kubectl's copy", "delete that key from the Secret")
	}
	ends(t, silent(t, dapr(t, append(run, "--dry-run=server", "-o", "yaml")...)), 1, "store-secrets, key redisPassword")
	if now := stored(t, ns, components); now != before {
		t.Errorf("it was\n%s\nand is\n%s", before, now)
	}
	if left := secretsOf(t, ns); len(left) != 1 || string(left["store-secrets"].Data["redisPassword"]) != "pl4nted-rotated" {
		t.Errorf("there are %d Secrets, or the rotated value is gone", len(left))
	}

	ns.MustKubectl(t, strings.ReplaceAll(store, "value: pl4nted-1", "secretKeyRef: {name: store-secrets, key: redisPassword}"), "apply", "-f-")
	ends(t, silent(t, dapr(t, run...)), 0, "Nothing to write")
	ns.MustKubectl(t, store, "apply", "-f-")
	ns.MustKubectl(t, "", "patch", "secret", "store-secrets", "--type=json", "-p", `[{"op": "remove", "path": "/data/redisPassword"}]`)
	ends(t, silent(t, dapr(t, run...)), 0, "1 of 1 object written")
	if got := string(secretsOf(t, ns)["store-secrets-2"].Data["redisPassword"]); got != "pl4nted-1" {
		t.Errorf("the new Secret holds %q", got)
	}
}

// TestObjectSecretRefused: the Secret is made and the object refused: the Secret is
// removed again, and the run says so.
func TestObjectSecretRefused(t *testing.T) {
	ns := cluster.Namespace(t)
	ns.MustKubectl(t, store+"\n---\n"+orders, "apply", "-f-")
	front := cluster.Front(t)
	front.With(func(w http.ResponseWriter, r *http.Request) bool {
		if r.Method != http.MethodPatch || !strings.Contains(r.URL.Path, "/components/") || r.URL.Query().Get("dryRun") != "" {
			return false
		}
		return kube.Status(w, http.StatusForbidden, "Forbidden", "no: pl4nted-1")
	})
	journal := filepath.Join(t.TempDir(), "journal")
	out := dapr(t, "harden", "component-secrets", "-n", ns.Name, "--yes", "--journal", journal, "--kubeconfig", front.Kubeconfig)
	ends(t, silent(t, out, journal), 2, "Secret store-secrets is removed again", "0 of 1 object written")
	if left := secretsOf(t, ns); len(left) > 0 {
		t.Errorf("left behind: %v", left)
	}
	ends(t, dapr(t, "harden", "--revert", journal, "--yes"), 0, "Nothing was written by that run")
}

// TestObjectSecretKilled: killed between the Secret and the object, the next run goes on
// with that Secret; and its own journal takes it back.
func TestObjectSecretKilled(t *testing.T) {
	t.Parallel()
	for _, fault := range []string{"secret-made", "secret-written", "journaled", "applied"} {
		t.Run(fault, func(t *testing.T) {
			t.Parallel()
			ns := cluster.Namespace(t)
			ns.MustKubectl(t, store+"\n---\n"+orders, "apply", "-f-")
			before := stored(t, ns, components)
			killed, second := filepath.Join(t.TempDir(), "killed"), filepath.Join(t.TempDir(), "second")
			run := []string{"harden", "component-secrets", "-n", ns.Name, "--yes", "--journal"}
			if out := start(t, fault, append(run, killed)...).end(); out.Code != -1 {
				t.Fatalf("it was not killed: %+v", out)
			}
			ends(t, silent(t, dapr(t, append(run, second)...), killed), 0)
			kube.Check(t, "-n", ns.Name).Expect(t, "component-secrets", "Component/store", "pass", "")
			if left := secretsOf(t, ns); len(left) != 1 {
				t.Errorf("there are %d Secrets", len(left))
			}
			revertAll(t, second, killed)
			if now := stored(t, ns, components); now != before {
				t.Errorf("it was\n%s\nand is\n%s", before, now)
			}
			if left := secretsOf(t, ns); len(left) > 0 {
				t.Errorf("left behind: %v", left)
			}
		})
	}
}

// TestObjectSecretsAtOnce: of two runs at the same time both end well, and the object
// refers to a Secret that is there.
func TestObjectSecretsAtOnce(t *testing.T) {
	t.Parallel()
	ns := cluster.Namespace(t)
	ns.MustKubectl(t, store+"\n---\n"+orders, "apply", "-f-")
	before := stored(t, ns, components)
	folder := t.TempDir()
	var runs []*process
	var journals []string
	for _, name := range []string{"a", "b", "c"} {
		journals = append(journals, filepath.Join(folder, name))
		runs = append(runs, start(t, "", "harden", "component-secrets", "-n", ns.Name, "--yes", "--journal", filepath.Join(folder, name)))
	}
	for _, run := range runs {
		out := silent(t, run.end())
		if out.Code == 2 && !strings.Contains(out.Stderr, "run it again") {
			t.Errorf("%+v", out)
		}
	}
	kube.Check(t, "-n", ns.Name).Expect(t, "component-secrets", "Component/store", "pass", "")
	name := ns.MustKubectl(t, "", "get", components, "-o", "jsonpath={.spec.metadata[1].secretKeyRef.name}")
	if secret, there := secretsOf(t, ns)[name]; !there || string(secret.Data["redisPassword"]) != "pl4nted-1" {
		t.Errorf("it refers to %q, which is not there", name)
	}
	revertAll(t, append(journals, journals...)...)
	if now := stored(t, ns, components); now != before {
		t.Errorf("it was\n%s\nand is\n%s", before, now)
	}
	if left := secretsOf(t, ns); len(left) > 0 {
		t.Errorf("left behind: %v", left)
	}
}

// revertAll takes runs back that have written anything.
func revertAll(t testing.TB, journals ...string) {
	t.Helper()
	for _, journal := range journals {
		if _, err := os.Stat(journal); err == nil {
			silent(t, dapr(t, "harden", "--revert", journal, "--yes"), journal)
		}
	}
}
