// Copyright The kubectl-dapr-prod Authors.
// SPDX-License-Identifier: Apache-2.0

//go:build cluster

package harden_test

import (
	"context"
	"maps"
	"net/http"
	"os"
	"path/filepath"
	"reflect"
	"strings"
	"testing"

	appsv1 "k8s.io/api/apps/v1"
	corev1 "k8s.io/api/core/v1"

	"github.com/dapr-prod/kubectl-dapr-prod/test/cluster/kube"
)

func rotating(ns *kube.Namespace, args ...string) []string {
	return append([]string{"harden", "api-token", "deployment/orders", "-n", ns.Name, "--rotate", "--yes"}, args...)
}

// hardened is orders with an API token by this tool.
func hardened(t testing.TB, replicas int32) *kube.Namespace {
	t.Helper()
	ns := cluster.Namespace(t)
	apply(t, ns, open("orders", replicas))
	if replicas > 0 {
		ns.Ready(t)
	}
	ends(t, dapr(t, "harden", "api-token", "deployment/orders", "-n", ns.Name, "--yes"), 0)
	return ns
}

func token(name string) map[string]string { return map[string]string{apiSecret: name} }

// TestRotate: a new Secret, one rollout, and the old Secret is gone once no Pod uses it.
// Taken back, the app has the old name, with a token that is new.
func TestRotate(t *testing.T) {
	t.Parallel()
	ns := hardened(t, 1)
	old := string(secrets(t, ns)["orders-api-token"].Data["token"])
	journal := filepath.Join(t.TempDir(), "journal")
	o := dapr(t, rotating(ns, "--journal", journal)...)
	ends(t, o, 0,
		"deletes Secret "+ns.Name+"/orders-api-token, once nothing uses it any more", "a rollback to an older revision",
		"Secret "+ns.Name+"/orders-api-token: deleted, since nothing uses it any more", "1 of 1 changes written")
	if strings.Contains(o.Stdout, "from then on") {
		t.Errorf("the app had a token, and is said to need one from then on:\n%s", o.Stdout)
	}
	closed(t, ns, "orders", token("orders-api-token-2"))
	names(t, ns, "orders-api-token-2")
	if got := secretIn(containerOf(t, podOf(t, ns), "daprd"), apiEnv); got != "orders-api-token-2" {
		t.Errorf("daprd has the token of Secret %q", got)
	}
	if g := get(t, ns, "orders").Generation; g != 3 {
		t.Errorf("generation %d, want 3", g)
	}
	if string(secrets(t, ns)["orders-api-token-2"].Data["token"]) == old {
		t.Error("the token is the old one")
	}

	ends(t, dapr(t, "harden", "--revert", journal, "--yes"), 0,
		"Secret "+ns.Name+"/orders-api-token: made again, with a new token", "dapr.io/api-token-secret restored", "orders-api-token-2: deleted")
	closed(t, ns, "orders", token("orders-api-token"))
	names(t, ns, "orders-api-token")
	if got := string(secrets(t, ns)["orders-api-token"].Data["token"]); got == old || len(got) != len(old) {
		t.Error("the token is the old one, or none")
	}
	podOf(t, ns)
	ends(t, dapr(t, rotating(ns)...), 0, "1 of 1 changes written")
	ends(t, dapr(t, rotating(ns)...), 0, "1 of 1 changes written")
	closed(t, ns, "orders", token("orders-api-token-3"))
	names(t, ns, "orders-api-token-3")
}

// TestRotateRevertedToTheStart: two runs that are taken back, the newest first, leave no
// Secret, though the older one's was made again in between.
func TestRotateRevertedToTheStart(t *testing.T) {
	t.Parallel()
	ns := cluster.Namespace(t)
	apply(t, ns, open("orders", 0))
	folder := t.TempDir()
	first, second := filepath.Join(folder, "first"), filepath.Join(folder, "second")
	ends(t, dapr(t, "harden", "api-token", "app-token", "deployment/orders", "-n", ns.Name, "--yes", "--journal", first), 0)
	ends(t, dapr(t, rotating(ns, "--journal", second)...), 0)
	ends(t, dapr(t, "harden", "--revert", second, "--yes"), 0, "orders-api-token: made again, with a new token")
	ends(t, dapr(t, "harden", "--revert", first, "--yes"), 0, "orders-api-token: deleted", "orders-app-token: deleted")
	names(t, ns)
	if is := get(t, ns, "orders").Spec.Template.Annotations[apiSecret]; is != "" {
		t.Errorf("daprd has Secret %q", is)
	}
}

// TestRotateRevertedInVain: where nothing goes back to the Secret that a rotation deleted
// it is not made again: no journal would have it.
func TestRotateRevertedInVain(t *testing.T) {
	t.Parallel()
	for _, test := range []struct {
		name string
		// meanwhile is what comes between the rotation, of that journal, and its revert.
		meanwhile func(t *testing.T, ns *kube.Namespace, first, second string)
		// left are the Secrets that are there in the end.
		left []string
	}{
		{"a later rotation stands", func(t *testing.T, ns *kube.Namespace, _, _ string) {
			ends(t, dapr(t, rotating(ns)...), 0)
		}, []string{"orders-api-token-3"}},
		{"the app is gone", func(t *testing.T, ns *kube.Namespace, _, _ string) {
			ns.MustKubectl(t, "", "delete", "deployment", "orders", "--wait")
		}, nil},
		{"all was taken back before", func(t *testing.T, _ *kube.Namespace, first, second string) {
			for _, journal := range []string{second, first} {
				ends(t, dapr(t, "harden", "--revert", journal, "--yes"), 0)
			}
		}, nil},
	} {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			ns := cluster.Namespace(t)
			apply(t, ns, open("orders", 0))
			folder := t.TempDir()
			first, second := filepath.Join(folder, "first"), filepath.Join(folder, "second")
			ends(t, dapr(t, "harden", "api-token", "deployment/orders", "-n", ns.Name, "--yes", "--journal", first), 0)
			ends(t, dapr(t, rotating(ns, "--journal", second)...), 0, "orders-api-token: deleted")
			test.meanwhile(t, ns, first, second)
			ends(t, dapr(t, "harden", "--revert", second, "--dry-run=server"), 1, "orders-api-token: would not be made again, since nothing goes back to it")
			ends(t, dapr(t, "harden", "--revert", second, "--yes"), 1, "orders-api-token: not made again, since nothing goes back to it", "dapr.io/api-token-secret left")
			names(t, ns, test.left...)
		})
	}
	t.Run("the server does not let it", func(t *testing.T) {
		t.Parallel()
		ns := hardened(t, 0)
		journal := filepath.Join(t.TempDir(), "journal")
		ends(t, dapr(t, rotating(ns, "--journal", journal)...), 0)
		front := cluster.Front(t)
		front.With(func(w http.ResponseWriter, r *http.Request) bool {
			if r.Method == http.MethodPatch {
				refuse(w)
			}
			return r.Method == http.MethodPatch
		})
		ends(t, dapr(t, "harden", "--revert", journal, "--yes", "--kubeconfig", front.Kubeconfig), 1, "orders-api-token: not made again", "no more changes today")
		closed(t, ns, "orders", token("orders-api-token-2"))
		names(t, ns, "orders-api-token-2")
		ends(t, dapr(t, "harden", "--revert", journal, "--yes"), 0, "orders-api-token: made again")
		closed(t, ns, "orders", token("orders-api-token"))
		names(t, ns, "orders-api-token")
	})
}

// TestTwoRotationsAtOnce: both come to one new Secret, one restart, and none is left.
func TestTwoRotationsAtOnce(t *testing.T) {
	t.Parallel()
	for name, at := range map[string]func(*http.Request) bool{"before the Secret": makes, "before the template": writes} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			ns := hardened(t, 0)
			was, journals := get(t, ns, "orders").Generation, []string{filepath.Join(t.TempDir(), "1"), filepath.Join(t.TempDir(), "2")}
			runAtOnce(t, at, journals, func(journal string) []string { return rotating(ns, "--journal", journal) })
			closed(t, ns, "orders", token("orders-api-token-2"))
			names(t, ns, "orders-api-token-2")
			if g := get(t, ns, "orders").Generation; g != was+1 {
				t.Errorf("generation %d, and was %d: restarted more than once", g, was)
			}
			revertAll(t, append(journals, journals...)...)
			closed(t, ns, "orders", token("orders-api-token"))
			names(t, ns, "orders-api-token")
		})
	}
}

// TestRotateInterrupted: a Ctrl-C during the rollout leaves both Secrets and says so, and
// the next rotation deletes them.
func TestRotateInterrupted(t *testing.T) {
	t.Parallel()
	ns := hardened(t, 0)
	ns.MustKubectl(t, "", "patch", "deployment/orders", "-p", `{"spec":{"replicas":1,"template":{"spec":{"nodeSelector":{"no":"such-node"}}}}}`)
	journal := filepath.Join(t.TempDir(), "journal")
	p := start(t, "", rotating(ns, "--journal", journal)...)
	kube.Eventually(t, "the write", func(context.Context) (bool, string, error) {
		is := get(t, ns, "orders").Spec.Template.Annotations[apiSecret]
		return is == "orders-api-token-2", is, nil
	})
	if err := p.Process.Signal(os.Interrupt); err != nil {
		t.Fatal(err)
	}
	ends(t, p.end(), 2, "Secret "+ns.Name+"/orders-api-token: it stays beside the new one", "the next --rotate deletes it once none does", "interrupted")
	names(t, ns, "orders-api-token", "orders-api-token-2")
	ns.MustKubectl(t, "", "scale", "deployment/orders", "--replicas=0")
	ends(t, dapr(t, rotating(ns)...), 0)
	names(t, ns, "orders-api-token-3")
}

// TestRotateKilled: whatever a run that was killed has left, it can be taken back, or the
// next one goes on; and no Secret is left that nothing uses.
func TestRotateKilled(t *testing.T) {
	t.Parallel()
	for _, fault := range []string{"secret-made", "journaled", "applied", "removal-journaled", "removed"} {
		t.Run(fault, func(t *testing.T) {
			t.Parallel()
			ns := hardened(t, 0)
			journal := filepath.Join(t.TempDir(), "journal")
			killed(t, fault, rotating(ns, "--journal", journal)...)
			ends(t, dapr(t, "harden", "--revert", journal, "--yes"), 0)
			closed(t, ns, "orders", token("orders-api-token"))
			names(t, ns, "orders-api-token")
			// And forward from there.
			killed(t, fault, rotating(ns)...)
			ends(t, dapr(t, rotating(ns)...), 0, "1 of 1 changes written")
			is := get(t, ns, "orders").Spec.Template.Annotations[apiSecret]
			if is == "orders-api-token" {
				t.Error("the app has the old token")
			}
			closed(t, ns, "orders", token(is))
			names(t, ns, is)
		})
	}
}

// owned are the fields of an object by who owns them, but for the status.
func owned(d *appsv1.Deployment) map[string]string {
	all := map[string]string{}
	for _, e := range d.ManagedFields {
		if e.Subresource == "" {
			all[e.Manager+" "+string(e.Operation)] = string(e.FieldsV1.GetRawBytes())
		}
	}
	return all
}

// TestRotateWhatOthersUse: the old Secret stays while anything uses it, and where this
// tool did not make it.
func TestRotateWhatOthersUse(t *testing.T) {
	t.Parallel()
	t.Run("another app", func(t *testing.T) {
		t.Parallel()
		ns := hardened(t, 0)
		apply(t, ns, using("payments", "orders-api-token"))
		ends(t, dapr(t, rotating(ns)...), 0, "orders-api-token: it stays: it is still used by Deployment payments")
		names(t, ns, "orders-api-token", "orders-api-token-2")
	})
	t.Run("somebody's own", func(t *testing.T) {
		t.Parallel()
		ns := cluster.Namespace(t)
		apply(t, ns, secretOf("orders-api-token", "token", planted), open("orders", 0))
		ends(t, dapr(t, "harden", "api-token", "deployment/orders", "-n", ns.Name, "--yes"), 0)
		ends(t, dapr(t, rotating(ns)...), 0, "Secret orders-api-token stays, since this tool did not make it")
		closed(t, ns, "orders", token("orders-api-token-2"))
		names(t, ns, "orders-api-token", "orders-api-token-2")
	})
	t.Run("what a manifest has", func(t *testing.T) {
		t.Parallel()
		ns := cluster.Namespace(t)
		d := open("orders", 0)
		d.Spec.Template.Annotations[apiSecret] = "theirs"
		for i := range d.Spec.Template.Spec.Containers {
			c := &d.Spec.Template.Spec.Containers[i]
			c.Env = append(c.Env, corev1.EnvVar{Name: apiEnv, ValueFrom: fromSecret("theirs")})
		}
		apply(t, ns, secretOf("theirs", "token", planted), d)
		was := get(t, ns, "orders")
		journal := filepath.Join(t.TempDir(), "journal")
		ends(t, dapr(t, rotating(ns, "--journal", journal)...), 0,
			"spec.containers[cache].env[DAPR_API_TOKEN] over from kubectl-client-side-apply",
			"your manifest has these as they were: dapr.io/api-token-secret, spec.containers[app].env[DAPR_API_TOKEN], ")
		closed(t, ns, "orders", token("theirs-2"))
		ends(t, dapr(t, "harden", "--revert", journal, "--yes"), 0, "spec.containers[app].env[DAPR_API_TOKEN] restored", "theirs-2: deleted")
		is := get(t, ns, "orders")
		if !reflect.DeepEqual(was.Spec.Template, is.Spec.Template) {
			t.Errorf("the template was\n%v\nand is\n%v", was.Spec.Template, is.Spec.Template)
		}
		if !maps.Equal(owned(was), owned(is)) {
			t.Errorf("it was owned as\n%v\nand is\n%v", owned(was), owned(is))
		}
		names(t, ns, "theirs")
	})
	t.Run("a manifest that names the Secret to daprd alone", func(t *testing.T) {
		t.Parallel()
		ns := cluster.Namespace(t)
		d := open("orders", 0)
		d.Spec.Template.Annotations[apiSecret] = "theirs"
		apply(t, ns, secretOf("theirs", "token", "short"), d)
		const risk = "your next kubectl apply gives daprd the old token (" + apiSecret + ") and leaves the app the new one"
		ends(t, dapr(t, "harden", "api-token", "deployment/orders", "-n", ns.Name, "--yes"), 0, risk)
		closed(t, ns, "orders", token("theirs-2"))
		ends(t, dapr(t, rotating(ns)...), 0, risk)
		apply(t, ns, d)
		is := get(t, ns, "orders").Spec.Template
		if got := secretIn(&is.Spec.Containers[0], apiEnv); is.Annotations[apiSecret] != "theirs" || got != "theirs-3" {
			t.Errorf("after kubectl apply daprd has Secret %q and the app %q: the risk is none", is.Annotations[apiSecret], got)
		}
	})
	t.Run("a paused Deployment", func(t *testing.T) {
		t.Parallel()
		ns := hardened(t, 0)
		ns.MustKubectl(t, "", "rollout", "pause", "deployment/orders")
		ends(t, dapr(t, rotating(ns)...), 0, "orders-api-token: it stays, since Pods may use it")
		names(t, ns, "orders-api-token", "orders-api-token-2")
	})
	t.Run("Pods that follow by themselves", func(t *testing.T) {
		t.Parallel()
		ns := cluster.Namespace(t)
		d := open("orders", 1)
		apply(t, ns, &appsv1.StatefulSet{ObjectMeta: d.ObjectMeta, Spec: appsv1.StatefulSetSpec{
			Replicas: d.Spec.Replicas, Selector: d.Spec.Selector, Template: d.Spec.Template,
			UpdateStrategy: appsv1.StatefulSetUpdateStrategy{Type: appsv1.OnDeleteStatefulSetStrategyType},
		}})
		ns.Ready(t)
		harden := []string{"harden", "api-token", "statefulset/orders", "-n", ns.Name, "--yes"}
		ends(t, dapr(t, harden...), 0)
		ns.MustKubectl(t, "", "delete", "pod", "orders-0", "--wait")
		ns.Ready(t)
		ends(t, dapr(t, append(harden, "--rotate")...), 0, "orders-api-token: it stays: it is still used by Pod orders-0")
		names(t, ns, "orders-api-token", "orders-api-token-2")
	})
}
