// Copyright The kubectl-dapr-prod Authors.
// SPDX-License-Identifier: Apache-2.0

//go:build cluster

package harden_test

import (
	"maps"
	"path/filepath"
	"reflect"
	"slices"
	"strings"
	"testing"

	corev1 "k8s.io/api/core/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"

	"github.com/dapr-prod/kubectl-dapr-prod/pkg/guideline"
	"github.com/dapr-prod/kubectl-dapr-prod/test/cluster/kube"
)

// both are the tokens of orders.
var both = map[string]string{apiSecret: "orders-api-token", appSecret: "orders-app-token"}

// hardenBoth names the guidelines of the tokens, with what else a run of them needs.
func hardenBoth(ns *kube.Namespace, args ...string) []string {
	return append([]string{"harden", "api-token", "app-token", "deployment/orders", "-n", ns.Name, "--yes"}, args...)
}

// TestFromOpenToClosed: both halves of each token come in one rollout, and nothing else
// of the Pod becomes another. Taken back, nothing of it is left.
func TestFromOpenToClosed(t *testing.T) {
	t.Parallel()
	ns := cluster.Namespace(t)
	apply(t, ns, open("orders", 1))
	was, template := podOf(t, ns), get(t, ns, "orders").Spec.Template
	journal := filepath.Join(t.TempDir(), "journal")

	o := dapr(t, hardenBoth(ns, "--journal", journal)...)
	ends(t, o, 0,
		"makes Secret "+ns.Name+"/orders-api-token, with a random token, before that",
		"calls without the token are refused (401) from then on", "it closes nothing until the app compares",
		"a later kubectl apply --server-side of a manifest without one of these containers fails",
		"1 of 1 changes written and seen to hold", "harden --revert "+journal)
	if !strings.Contains(o.Stderr, "/api/v1/namespaces/"+ns.Name+"/secrets") {
		t.Error("the client logged nothing, so that its log was not looked at")
	}
	closed(t, ns, "orders", both)
	is := podOf(t, ns)
	samePod(t, was, is)
	daprd := containerOf(t, is, "daprd")
	for env, secret := range map[string]string{apiEnv: both[apiSecret], appEnv: both[appSecret]} {
		if got := secretIn(daprd, env); got != secret {
			t.Errorf("daprd has %s of Secret %q", env, got)
		}
	}
	made := secrets(t, ns)
	api, app := string(made["orders-api-token"].Data["token"]), string(made["orders-app-token"].Data["token"])
	if len(api) != guideline.TokenLength || len(app) != guideline.TokenLength || api == app {
		t.Errorf("tokens of %d and %d bytes, and equal: %t", len(api), len(app), api == app)
	}
	if g := get(t, ns, "orders").Generation; g != 2 {
		t.Errorf("generation %d: restarted more than once", g)
	}
	check := kube.Check(t, "-n", ns.Name)
	for _, id := range []string{"api-token", "app-token", "token-secrets"} {
		check.Expect(t, id, "Deployment/orders", guideline.Passed, "")
	}
	ends(t, dapr(t, hardenBoth(ns)...), 0, "Nothing to write")
	ends(t, dapr(t, "harden", "--revert", journal, "--dry-run=server"), 1, "orders-api-token: would be deleted")

	ends(t, dapr(t, "harden", "--revert", journal, "--yes"), 0, "spec.containers[app].env[DAPR_API_TOKEN] restored", "Secret "+ns.Name+"/orders-api-token: deleted")
	back := get(t, ns, "orders")
	if !reflect.DeepEqual(back.Spec.Template, template) {
		t.Errorf("the template was\n%v\nand is\n%v", template, back.Spec.Template)
	}
	if slices.ContainsFunc(back.ManagedFields, func(e metav1.ManagedFieldsEntry) bool { return e.Manager == "kubectl-dapr-prod" }) {
		t.Errorf("it owns something still: %v", back.ManagedFields)
	}
	names(t, ns)
}

// samePod holds what a Pod is after against what it was before: the tokens are all that
// came to it.
func samePod(t testing.TB, was, is *corev1.Pod) {
	t.Helper()
	annotations := maps.Clone(is.Annotations)
	delete(annotations, apiSecret)
	delete(annotations, appSecret)
	if !maps.Equal(annotations, was.Annotations) {
		t.Errorf("annotations were %v, and are %v", was.Annotations, is.Annotations)
	}
	if len(was.Spec.Containers) != len(is.Spec.Containers) {
		t.Fatalf("%d containers, and were %d", len(is.Spec.Containers), len(was.Spec.Containers))
	}
	for i := range is.Spec.Containers {
		before, after := was.Spec.Containers[i].DeepCopy(), is.Spec.Containers[i].DeepCopy()
		after.Env = slices.DeleteFunc(after.Env, func(e corev1.EnvVar) bool { return e.Name == apiEnv || e.Name == appEnv })
		for _, c := range []*corev1.Container{before, after} {
			c.VolumeMounts = slices.DeleteFunc(c.VolumeMounts, func(m corev1.VolumeMount) bool { return strings.HasPrefix(m.Name, "kube-api-access") })
			if len(c.Env) == 0 {
				c.Env = nil
			}
		}
		if !reflect.DeepEqual(before, after) {
			t.Errorf("container %s was\n%v\nand is\n%v", before.Name, before, after)
		}
	}
}

func containerOf(t testing.TB, p *corev1.Pod, name string) *corev1.Container {
	t.Helper()
	for i := range p.Spec.Containers {
		if p.Spec.Containers[i].Name == name {
			return &p.Spec.Containers[i]
		}
	}
	t.Fatalf("Pod %s has no container %s", p.Name, name)
	return nil
}

// TestOnlyWhoIsNamed: a token breaks an app that does not send it.
func TestOnlyWhoIsNamed(t *testing.T) {
	t.Parallel()
	ns := cluster.Namespace(t)
	apply(t, ns, open("orders", 0), open("payments", 0))
	ends(t, dapr(t, "check", "-n", ns.Name, "--guidelines=api-token"), 1, "kubectl dapr-prod harden -n "+ns.Name+" --dry-run=server shows what is open of the security section.")
	ends(t, dapr(t, "harden", "-n", ns.Name, "--yes"), 0, "Nothing to write", "; to close it: kubectl dapr-prod harden api-token deployment/orders -n "+ns.Name+" (from then on the app has to send the token", "--all-apps does it for all apps")
	ends(t, dapr(t, "harden", "api-token", "-n", ns.Name, "--yes"), 0, "Nothing to write", "kubectl dapr-prod harden api-token deployment/payments -n "+ns.Name)
	ends(t, dapr(t, "harden", "api-token", "-n", ns.Name, "--all-apps", "--rotate", "--yes"), 0, "Nothing to write", "it has no token that could be made anew")
	names(t, ns)
	ends(t, dapr(t, "harden", "api-token", "-n", ns.Name, "--all-apps", "--yes"), 0, "2 of 2 changes written")
	closed(t, ns, "orders", map[string]string{apiSecret: "orders-api-token"})
	closed(t, ns, "payments", map[string]string{apiSecret: "payments-api-token"})
	none := open("none", 0)
	none.Spec.Template.Annotations["dapr.io/app-id"] = "" // which the injector refuses
	portless := open("portless", 0)
	delete(portless.Spec.Template.Annotations, "dapr.io/app-port")
	apply(t, ns, none, portless)
	ends(t, dapr(t, "harden", "api-token", "deployment/none", "-n", ns.Name, "--yes"), 0, "Nothing to write", "deployment/none was not judged: no sidecar: ", "explain sidecar-injected")
	if o := dapr(t, "harden", "app-token", "deployment/portless", "-n", ns.Name, "--yes"); strings.Contains(o.Stderr, "explain sidecar-injected") {
		t.Errorf("it has a sidecar:\n%s", o.Stderr)
	}
}

// TestWhatOwningCosts: the price that the plan names is the server's, and a revert pays
// it back.
func TestWhatOwningCosts(t *testing.T) {
	t.Parallel()
	ns := cluster.Namespace(t)
	d := open("orders", 0)
	serverSide := []string{"apply", "--server-side", "-f", "-"}
	ns.MustKubectl(t, manifest(t, d), serverSide...)
	journal := filepath.Join(t.TempDir(), "journal")
	ends(t, dapr(t, hardenBoth(ns, "--journal", journal)...), 0, "1 of 1 changes written")
	closed(t, ns, "orders", both)
	d.Spec.Template.Spec.Containers = d.Spec.Template.Spec.Containers[:1]
	if out, done := ns.Kubectl(t, manifest(t, d), serverSide...); done {
		t.Errorf("a manifest without the container is taken: %s", out)
	}
	ends(t, dapr(t, "harden", "--revert", journal, "--yes"), 0)
	ns.MustKubectl(t, manifest(t, d), serverSide...)
	if got := get(t, ns, "orders").Spec.Template.Spec.Containers; len(got) != 1 || len(got[0].Env) != 1 {
		t.Errorf("the containers are %v", got)
	}
	names(t, ns)
}

// TestSecretOfSomebody: a Secret that is there is used, and is neither written nor
// deleted.
func TestSecretOfSomebody(t *testing.T) {
	t.Parallel()
	ns := cluster.Namespace(t)
	apply(t, ns, secretOf("orders-api-token", "token", planted), open("orders", 0))
	journal := filepath.Join(t.TempDir(), "journal")
	was := secrets(t, ns)["orders-api-token"]
	ends(t, dapr(t, "harden", "api-token", "deployment/orders", "-n", ns.Name, "--yes", "--journal", journal), 0,
		"Secret orders-api-token is there and is used as it is", "1 of 1 changes written")
	closed(t, ns, "orders", map[string]string{apiSecret: "orders-api-token"})
	ends(t, dapr(t, "harden", "--revert", journal, "--yes"), 0, "dapr.io/api-token-secret restored")
	if is := secrets(t, ns)["orders-api-token"]; is.ResourceVersion != was.ResourceVersion {
		t.Error("the Secret was written")
	}
	names(t, ns, "orders-api-token")
}

// TestStillUsed: a Secret that somebody uses meanwhile survives the revert.
func TestStillUsed(t *testing.T) {
	t.Parallel()
	ns := cluster.Namespace(t)
	apply(t, ns, open("orders", 0))
	journal := filepath.Join(t.TempDir(), "journal")
	ends(t, dapr(t, hardenBoth(ns, "--journal", journal)...), 0)
	apply(t, ns, using("payments", "orders-api-token"))
	ends(t, dapr(t, "harden", "--revert", journal, "--yes"), 1,
		"Secret "+ns.Name+"/orders-api-token: left: it is still used by Deployment payments", "Secret "+ns.Name+"/orders-app-token: deleted")
	closed(t, ns, "orders", nil)
	names(t, ns, "orders-api-token")
	ns.MustKubectl(t, "", "delete", "deployment", "payments")
	ends(t, dapr(t, "harden", "--revert", journal, "--yes"), 0, "orders-api-token: deleted")
	names(t, ns)
}

// TestSecretMissing: a Secret that the template names and that nobody made is made where
// somebody asks for it, and the Pods anew; a token that is guessed gives way to a new one.
func TestSecretMissing(t *testing.T) {
	t.Parallel()
	ns := cluster.Namespace(t)
	d := open("orders", 0)
	d.Spec.Template.Annotations[apiSecret] = "theirs"
	delete(d.Spec.Template.Annotations, "dapr.io/app-port") // so that it needs no other token
	for i := range d.Spec.Template.Spec.Containers {
		c := &d.Spec.Template.Spec.Containers[i]
		c.Env = append(c.Env, corev1.EnvVar{Name: apiEnv, ValueFrom: fromSecret("theirs")})
	}
	apply(t, ns, d)
	ends(t, dapr(t, "harden", "deployment/orders", "-n", ns.Name, "--yes"), 0, "Nothing to write", "harden token-secrets", "such as External Secrets, may be about to")
	names(t, ns)
	journal := filepath.Join(t.TempDir(), "journal")
	ends(t, dapr(t, "harden", "token-secrets", "deployment/orders", "-n", ns.Name, "--yes", "--journal", journal), 0,
		"closes token-secrets: there is no Secret theirs", "Secret "+ns.Name+"/theirs: made", "1 of 1 changes written")
	closed(t, ns, "orders", map[string]string{apiSecret: "theirs"})
	names(t, ns, "theirs")
	if _, restarts := get(t, ns, "orders").Spec.Template.Annotations["dapr-prod.github.io/restarted-at"]; !restarts {
		t.Error("Pods that wait for the Secret are not made anew")
	}
	// The template names it as it did before the run.
	ends(t, dapr(t, "harden", "--revert", journal, "--yes"), 1, "theirs: left: it is still used by Deployment orders")

	ns.MustKubectl(t, "", "delete", "secret", "theirs")
	apply(t, ns, secretOf("theirs", "token", "hunter2\n"))
	ends(t, dapr(t, "harden", "token-secrets", "deployment/orders", "-n", ns.Name, "--yes"), 0, "has a length of 8", "1 of 1 changes written")
	closed(t, ns, "orders", map[string]string{apiSecret: "theirs-2"})
	names(t, ns, "theirs", "theirs-2")
}
