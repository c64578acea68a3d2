// Copyright The kubectl-dapr-prod Authors.
// SPDX-License-Identifier: Apache-2.0

//go:build cluster

package harden_test

import (
	"encoding/json"
	"os"
	"path/filepath"
	"strings"
	"testing"

	corev1 "k8s.io/api/core/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"sigs.k8s.io/yaml"

	"github.com/dapr-prod/kubectl-dapr-prod/pkg/guideline"
	"github.com/dapr-prod/kubectl-dapr-prod/test/cluster/kube"
)

// inFiles are manifests of an app with two containers, and of a store with a password.
const inFiles = `# The shop.
apiVersion: apps/v1
kind: Deployment
metadata:
  name: orders
spec:
  replicas: 1
  selector: {matchLabels: {app: orders}}
  template:
    metadata:
      labels: {app: orders}
      annotations:
        dapr.io/enabled: "true"
        dapr.io/app-id: orders
        dapr.io/app-port: "8080" # which it listens on
    spec:
      initContainers:
      - name: wait # is over when daprd starts
        image: registry.example.com/wait:1
      containers:
      - name: app
        image: registry.example.com/orders:1
        env: [{name: GREETING, value: hello}]
      - name: agent # beside it
        image: registry.example.com/agent:1
---
apiVersion: dapr.io/v1alpha1
kind: Component
metadata: {name: store}
spec:
  type: state.redis
  version: v1
  metadata:
  - {name: redisHost, value: "redis:6379"}
  - name: redisPassword # of the store
    value: pl4nted-1
`

// TestFiles: manifests that harden has written, applied with the Secrets that it wrote,
// give Pods whose daprd and app have the same tokens, and a store with the password that
// it had; and there is nothing left to do, in the files and in the cluster.
func TestFiles(t *testing.T) {
	t.Parallel()
	ns := cluster.Namespace(t)
	folder := t.TempDir()
	manifests, tokensFile, storeFile := filepath.Join(folder, "deploy"), filepath.Join(folder, "tokens.yaml"), filepath.Join(folder, "store.yaml")
	if err := os.Mkdir(manifests, 0o700); err != nil {
		t.Fatal(err)
	}
	file := filepath.Join(manifests, "orders.yaml")
	if err := os.WriteFile(file, []byte(inFiles), 0o600); err != nil {
		t.Fatal(err)
	}
	ns.MustKubectl(t, "", "apply", "-f", manifests)
	was := podOf(t, ns)

	at := []string{"-f", manifests, "-n", ns.Name, "--dapr-version", cluster.Dapr.Version}
	steps := append([]string{"harden", "api-token", "app-token", "service-account-token", "deployment/orders", "--assume-no-secret-api", "--assume-unused-token"}, at...)
	ends(t, silent(t, dapr(t, steps...)), 1, "it needs Secret "+ns.Name+"/orders-api-token, which is not among the manifests: --write-secrets FILE")
	ends(t, silent(t, dapr(t, append(steps, "--write-secrets", tokensFile, "--write")...)), 0, "with a random token, in "+tokensFile, "1 of 1 changes written")
	secrets := append([]string{"harden", "component-secrets"}, at...)
	ends(t, silent(t, dapr(t, append(secrets, "--write")...)), 1, "its values would be lost without Secret store-secrets: --write-secrets FILE")
	ends(t, silent(t, dapr(t, append(secrets, "--write-secrets", storeFile, "--write")...)), 0, "1 of 1 file written")
	for _, kept := range []string{tokensFile, storeFile} {
		if info, err := os.Stat(kept); err != nil || info.Mode().Perm() != 0o600 {
			t.Errorf("%s: %v %v", kept, info.Mode(), err)
		}
	}
	text, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	for line := range strings.Lines(inFiles) {
		if !strings.Contains(line, "GREETING") && !strings.Contains(line, "pl4nted") && !strings.Contains(string(text), line) {
			t.Errorf("line %q is gone", line)
		}
	}
	if strings.Contains(string(text), plantedInObjects) {
		t.Errorf("the password is there still:\n%s", text)
	}

	ns.MustKubectl(t, "", "apply", "-f", tokensFile, "-f", storeFile, "-f", manifests)
	is := podOf(t, ns)
	if was.Name == is.Name {
		t.Fatal("the Pod is the old one")
	}
	sameTokens(t, ns, is)
	if got := valueOf(t, ns, "store-secrets", "redisPassword"); got != plantedInObjects+"1" {
		t.Errorf("the password became %d bytes", len(got))
	}
	judged := []string{"api-token", "app-token", "token-secrets", "service-account-token"}
	for _, from := range [][]string{{"-n", ns.Name}, {"-f", tokensFile, "-f", storeFile, "-f", manifests, "-n", ns.Name, "--dapr-version", cluster.Dapr.Version}} {
		check := kube.Check(t, from...)
		for _, id := range judged {
			check.Expect(t, id, "Deployment/orders", guideline.Passed, "")
		}
		check.Expect(t, "component-secrets", "Component/store", guideline.Passed, "")
	}
	ends(t, silent(t, dapr(t, append(steps, "-f", tokensFile)...)), 0, "Nothing to write")
	ends(t, silent(t, dapr(t, "harden", "component-secrets", "-n", ns.Name, "--yes")), 0, "Nothing to write")
}

// sameTokens holds that each of the app's containers has the tokens that daprd has, and
// that a container which is over before has none.
func sameTokens(t testing.TB, ns *kube.Namespace, p *corev1.Pod) {
	t.Helper()
	for _, env := range []string{apiEnv, appEnv} {
		want := valueOf(t, ns, secretIn(containerOf(t, p, "daprd"), env), "token")
		for _, name := range []string{"app", "agent"} {
			if got := valueOf(t, ns, secretIn(containerOf(t, p, name), env), "token"); got != want || len(got) != guideline.TokenLength {
				t.Errorf("%s has another %s than daprd", name, env)
			}
		}
	}
	for _, c := range p.Spec.InitContainers {
		if len(c.Env) > 0 {
			t.Errorf("init container %s has %v", c.Name, c.Env)
		}
	}
	for _, v := range p.Spec.Volumes {
		if strings.HasPrefix(v.Name, "kube-api-access") {
			t.Error("the ServiceAccount's token is mounted")
		}
	}
}

func valueOf(t testing.TB, ns *kube.Namespace, secret, key string) string {
	t.Helper()
	s, err := ns.Client.CoreV1().Secrets(ns.Name).Get(t.Context(), secret, metav1.GetOptions{})
	if err != nil {
		t.Fatal(err)
	}
	return string(s.Data[key])
}

// TestExternalSecretFile: what is written in the place of Secrets holds no value, and the
// fields that External Secrets needs.
func TestExternalSecretFile(t *testing.T) {
	t.Parallel()
	folder := t.TempDir()
	file, skeleton := filepath.Join(folder, "orders.yaml"), filepath.Join(folder, "external.yaml")
	if err := os.WriteFile(file, []byte(inFiles), 0o600); err != nil {
		t.Fatal(err)
	}
	ends(t, silent(t, dapr(t, "harden", "component-secrets", "-f", file, "--write-secrets", skeleton, "--external-secret-store", "ClusterSecretStore/vault", "--write")), 0,
		"this run keeps none, so put them there first")
	text, err := os.ReadFile(skeleton)
	if err != nil || strings.Contains(string(text), plantedInObjects) {
		t.Fatalf("%v\n%s", err, text)
	}
	raw, err := yaml.YAMLToJSON(text)
	var got struct {
		APIVersion, Kind string
		Metadata         metav1.ObjectMeta
		Spec             struct {
			SecretStoreRef struct{ Kind, Name string }
			Target         struct{ Name string }
			Data           []struct {
				SecretKey string
				RemoteRef struct{ Key, Property string }
			}
		}
	}
	if err != nil || json.Unmarshal(raw, &got) != nil {
		t.Fatalf("%v\n%s", err, text)
	}
	if got.APIVersion != "external-secrets.io/v1" || got.Kind != "ExternalSecret" || got.Metadata.Namespace != "" || got.Spec.SecretStoreRef.Kind != "ClusterSecretStore" ||
		got.Spec.SecretStoreRef.Name != "vault" || got.Spec.Target.Name != "store-secrets" || len(got.Spec.Data) != 1 || got.Spec.Data[0].SecretKey != "redisPassword" ||
		got.Spec.Data[0].RemoteRef.Property != "redisPassword" {
		t.Errorf("%s", text)
	}
}
