// Copyright The kubectl-dapr-prod Authors.
// SPDX-License-Identifier: Apache-2.0

//go:build cluster

package harden_test

import (
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"

	appsv1 "k8s.io/api/apps/v1"
	corev1 "k8s.io/api/core/v1"
	"k8s.io/apimachinery/pkg/runtime"
	"k8s.io/apimachinery/pkg/runtime/schema"

	"github.com/dapr-prod/kubectl-dapr-prod/pkg/catalogue"
)

// TestRefusals: what is there already is not overwritten, and the run says what it is.
func TestRefusals(t *testing.T) {
	t.Parallel()
	env := func(e ...corev1.EnvVar) *appsv1.Deployment {
		d := open("orders", 0)
		d.Spec.Template.Spec.Containers[1].Env = e
		return d
	}
	for _, test := range []struct {
		name    string
		objects []runtime.Object
		says    string
	}{
		{
			"a token in plain text",
			[]runtime.Object{env(corev1.EnvVar{Name: apiEnv, Value: planted})},
			"container cache has DAPR_API_TOKEN already, written in plain text",
		},
		{
			"a token of another Secret",
			[]runtime.Object{env(corev1.EnvVar{Name: apiEnv, ValueFrom: fromSecret("theirs")})},
			"container cache has DAPR_API_TOKEN already, from Secret theirs, key token",
		},
		{
			"a token of the Pod",
			[]runtime.Object{env(corev1.EnvVar{Name: apiEnv, ValueFrom: &corev1.EnvVarSource{FieldRef: &corev1.ObjectFieldSelector{FieldPath: "metadata.uid"}}})},
			"from another place than a Secret",
		},
		{
			"a Secret without a token",
			[]runtime.Object{secretOf("orders-api-token", "password", planted), open("orders", 0)},
			"the name for a new Secret, orders-api-token, is taken by one that has no key token, which is not overwritten",
		},
		{
			"a Secret with a token that is guessed",
			[]runtime.Object{secretOf("orders-api-token", "token", "planted"), open("orders", 0)},
			"is taken by one that has a token of 7 bytes",
		},
	} {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			ns := cluster.Namespace(t)
			apply(t, ns, test.objects...)
			before := get(t, ns, "orders")
			there := secrets(t, ns)
			ends(t, dapr(t, "harden", "api-token", "deployment/orders", "-n", ns.Name, "--yes"), 0, "Nothing to write", test.says)
			if is := get(t, ns, "orders"); is.Generation != before.Generation {
				t.Error("it was written")
			}
			for name, s := range secrets(t, ns) {
				if was, known := there[name]; !known || was.ResourceVersion != s.ResourceVersion {
					t.Errorf("Secret %s was written", name)
				}
			}
		})
	}
}

// TestWithoutRights: who may not make Secrets, or not see whether one is there, is told
// before anything is written.
func TestWithoutRights(t *testing.T) {
	t.Parallel()
	ns := cluster.Namespace(t)
	apply(t, ns, open("orders", 0))
	var reads []schema.GroupResource
	for _, g := range catalogue.All() {
		for _, read := range g.Reads {
			reads = append(reads, read.Resource)
		}
	}
	deployments, pods, there := schema.GroupResource{Group: "apps", Resource: "deployments"}, schema.GroupResource{Resource: "pods"}, schema.GroupResource{Resource: "secrets"}
	user := cluster.User().May(t, "list", "", reads...).May(t, "get", "", deployments, schema.GroupResource{Resource: "namespaces"}).
		May(t, "patch", ns.Name, deployments).May(t, "create", ns.Name, pods)
	args := []string{"--as", user.Name}
	ends(t, dapr(t, hardenBoth(ns, args...)...), 1, "whether there is a Secret "+ns.Name+"/orders-api-token could not be read", "cannot get resource")
	user.May(t, "get", ns.Name, there)
	ends(t, dapr(t, hardenBoth(ns, args...)...), 1, "the server refuses the Secret "+ns.Name+"/orders-api-token", "cannot create resource")
	closed(t, ns, "orders", nil)
	names(t, ns)
}

// TestObjectsUnseen: who may not list a kind of object is told so, and not that it is done.
func TestObjectsUnseen(t *testing.T) {
	t.Parallel()
	ns := cluster.Namespace(t)
	ns.MustKubectl(t, store, "create", "-f-")
	apply(t, ns, open("orders", 0))
	hidden := schema.GroupResource{Group: "dapr.io", Resource: "components"}
	var reads []schema.GroupResource
	for _, g := range catalogue.All() {
		for _, read := range g.Reads {
			if read.Resource != hidden {
				reads = append(reads, read.Resource)
			}
		}
	}
	user := cluster.User().May(t, "list", "", reads...).May(t, "get", "", schema.GroupResource{Resource: "namespaces"}, schema.GroupResource{Group: "dapr.io", Resource: "httpendpoints"})
	args := []string{"-n", ns.Name, "--as", user.Name}
	gap := "not allowed to list components.dapr.io"
	ends(t, dapr(t, append([]string{"harden", "component-secrets"}, args...)...), 2, "nothing could be judged: "+gap)
	ends(t, dapr(t, append([]string{"harden", "component-scopes", "component/store", "--apps", "orders"}, args...)...), 2, "component/store was not seen: "+gap)
	ns.MustKubectl(t, `{apiVersion: dapr.io/v1alpha1, kind: HTTPEndpoint, metadata: {name: bank}, spec: {baseUrl: "https://shop:pl4nted-1@bank"}}`, "create", "-f-")
	ends(t, dapr(t, append([]string{"harden", "component-secrets"}, args...)...), 0, "There may be more objects: "+gap, "1 unknown")
}

// TestManifests: a file is left alone as long as nobody said where its Secret goes.
func TestManifests(t *testing.T) {
	t.Parallel()
	file := filepath.Join(t.TempDir(), "orders.yaml")
	text := manifest(t, open("orders", 1))
	if err := os.WriteFile(file, []byte(text), 0o600); err != nil {
		t.Fatal(err)
	}
	ends(t, dapr(t, "harden", "api-token", "deployment/orders", "-f", file, "--write"), 1,
		"orders-api-token, which is not among the manifests: --write-secrets FILE")
	if now, err := os.ReadFile(file); err != nil || string(now) != text {
		t.Errorf("the file was written: %v", err)
	}
}

// TestPatches: a patch holds both halves, and names the Secret that has to be there.
func TestPatches(t *testing.T) {
	t.Parallel()
	ns := cluster.Namespace(t)
	apply(t, ns, open("orders", 0))
	o := dapr(t, "harden", "api-token", "deployment/orders", "-n", ns.Name, "-o", "yaml", "--dry-run=server")
	ends(t, o, 1, "Secret "+ns.Name+"/orders-api-token has to be there first", "--from-file=token=/dev/stdin")
	runHint(t, o.Stdout, "orders-api-token has to be there first: ")
	if made := valueOf(t, ns, "orders-api-token", "token"); len(made) != 64 || strings.Trim(made, "0123456789abcdef") != "" {
		t.Errorf("the command makes a token of %d bytes", len(made))
	}
	patch := filepath.Join(t.TempDir(), "patch.yaml")
	if err := os.WriteFile(patch, []byte(o.Stdout), 0o600); err != nil {
		t.Fatal(err)
	}
	ns.MustKubectl(t, "", "patch", "deployment", "orders", "--patch-file", patch)
	closed(t, ns, "orders", token("orders-api-token"))
	if c := get(t, ns, "orders").Spec.Template.Spec.Containers; len(c) != 2 || len(c[0].Env) != 2 {
		t.Errorf("the patch makes the containers %v", c)
	}
}

// runHint types the command that a text has behind some words.
func runHint(t testing.TB, text, words string) {
	t.Helper()
	_, hint, _ := strings.Cut(text, words)
	hint, _, _ = strings.Cut(hint, "\n")
	cmd := exec.CommandContext(t.Context(), "sh", "-c", hint)
	cmd.Env = append(os.Environ(), "PATH="+filepath.Dir(cluster.Kubectl)+string(filepath.ListSeparator)+os.Getenv("PATH"))
	if out, err := cmd.CombinedOutput(); err != nil || hint == "" {
		t.Fatalf("%q: %v\n%s", hint, err, out)
	}
}

// TestNotForHarden: harden and fix name each other.
func TestNotForHarden(t *testing.T) {
	t.Parallel()
	for args, says := range map[string]string{
		"harden sidecar-resources":                       "sidecar-resources is not of the security section: kubectl dapr-prod fix sidecar-resources closes it",
		"harden access-control":                          "nothing that harden writes closes access-control",
		"fix api-token":                                  "api-token is of the security section: kubectl dapr-prod harden api-token closes it",
		"harden --profile=strict":                        `--profile takes no "strict": use one of baseline, restricted`,
		"harden --rotate":                                "--rotate makes new tokens: name whose, api-token or app-token or both",
		"harden api-token --rotate":                      "--rotate makes new tokens for the apps that are named",
		"harden api-token deployment/orders --all-apps":  "--all-apps is for every app, and deployment/orders names one",
		"harden api-token --rotate --all-apps -f a.yaml": "--rotate does not go with -f and -k",
	} {
		ends(t, dapr(t, strings.Fields(args)...), 2, says)
	}
}
