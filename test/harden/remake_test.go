// Copyright The kubectl-dapr-prod Authors.
// SPDX-License-Identifier: Apache-2.0

//go:build cluster

package harden_test

import (
	"context"
	"net/http"
	"path/filepath"
	"reflect"
	"strings"
	"sync/atomic"
	"testing"

	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/types"

	"github.com/dapr-prod/kubectl-dapr-prod/test/cluster/kube"
)

// rotated is orders with its second API token, and the journal of that rotation.
func rotated(t testing.TB) (*kube.Namespace, string) {
	t.Helper()
	ns := hardened(t, 0)
	journal := filepath.Join(t.TempDir(), "journal")
	ends(t, dapr(t, rotating(ns, "--journal", journal)...), 0, "orders-api-token: deleted")
	return ns, journal
}

// TestRevertWithoutItsSecret: where the Secret that a rotation deleted cannot be made
// again nothing goes back to it, and once it can the same revert goes through.
func TestRevertWithoutItsSecret(t *testing.T) {
	t.Parallel()
	ns, journal := rotated(t)
	was := get(t, ns, "orders").Spec.Template
	front := cluster.Front(t)
	for _, args := range [][]string{{"--dry-run=server"}, {"--yes"}} {
		front.With(func(w http.ResponseWriter, r *http.Request) bool {
			fails := r.Method == http.MethodPost && strings.HasSuffix(r.URL.Path, "/secrets")
			if fails {
				refuse(w)
			}
			return fails
		})
		o := dapr(t, append([]string{"harden", "--revert", journal, "--kubeconfig", front.Kubeconfig}, args...)...)
		secret := "Secret " + ns.Name + "/orders-api-token"
		ends(t, o, 1, secret+": not made again: ", "no more changes today",
			"2 objects not taken back: "+secret+" could not be made; allow it, then run the revert again")
		if is := get(t, ns, "orders").Spec.Template; !reflect.DeepEqual(is, was) {
			t.Errorf("the template was\n%v\nand is\n%v", was, is)
		}
		names(t, ns, "orders-api-token-2")
	}
	front.With(nil)
	ends(t, dapr(t, "harden", "--revert", journal, "--yes", "--kubeconfig", front.Kubeconfig), 0, "orders-api-token: made again, with a new token")
	closed(t, ns, "orders", token("orders-api-token"))
	names(t, ns, "orders-api-token")
}

// TestRevertToAnotherSecret: one of that name that others made meanwhile is gone back to
// where it has the key, and stays as it is.
func TestRevertToAnotherSecret(t *testing.T) {
	t.Parallel()
	for _, test := range []struct {
		name string
		// make makes it.
		make func(t *testing.T, ns *kube.Namespace)
		// why says why nothing goes back to it; empty where it does.
		why string
	}{
		{"with the key", func(t *testing.T, ns *kube.Namespace) {
			apply(t, ns, secretOf("orders-api-token", "token", planted))
		}, ""},
		{"without the key", func(t *testing.T, ns *kube.Namespace) {
			apply(t, ns, secretOf("orders-api-token", "password", planted))
		}, "without the key token"},
		{"being deleted", func(t *testing.T, ns *kube.Namespace) {
			s := secretOf("orders-api-token", "token", planted)
			s.Finalizers = []string{"example.com/hold"}
			apply(t, ns, s)
			ns.MustKubectl(t, "", "delete", "secret", s.Name, "--wait=false")
			t.Cleanup(func() {
				let := []byte(`{"metadata":{"finalizers":null}}`)
				if _, err := ns.Client.CoreV1().Secrets(ns.Name).Patch(context.WithoutCancel(t.Context()), s.Name, types.MergePatchType, let, metav1.PatchOptions{}); err != nil {
					t.Error(err)
				}
			})
		}, "is being deleted"},
	} {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			ns, journal := rotated(t)
			test.make(t, ns)
			was := secrets(t, ns)["orders-api-token"]
			o := dapr(t, "harden", "--revert", journal, "--yes")
			if test.why == "" {
				ends(t, o, 0, "orders-api-token: is there")
				closed(t, ns, "orders", token("orders-api-token"))
				names(t, ns, "orders-api-token")
			} else {
				ends(t, o, 1, "orders-api-token: not made again: it is there already", test.why, "2 objects not taken back")
				closed(t, ns, "orders", token("orders-api-token-2"))
				names(t, ns, "orders-api-token", "orders-api-token-2")
			}
			if is := secrets(t, ns)["orders-api-token"]; is.ResourceVersion != was.ResourceVersion {
				t.Error("the Secret was written to")
			}
		})
	}
}

// TestRevertUntried: a dry run that the server refuses for want of the Secret, or because
// it is one, does not say that nothing goes back to it. That who asks may not write does.
func TestRevertUntried(t *testing.T) {
	t.Parallel()
	for _, test := range []struct {
		name string
		// refuses answers a change of the workload, or lets it pass. there tells whether the
		// Secret is.
		refuses func(w http.ResponseWriter, r *http.Request, there bool) bool
		why     string
		back    bool
	}{
		{"a policy that asks for the Secret", func(w http.ResponseWriter, _ *http.Request, there bool) bool {
			if !there {
				refuse(w)
			}
			return !there
		}, "no more changes today", true},
		{"a webhook without dry runs", func(w http.ResponseWriter, r *http.Request, _ bool) bool {
			return kube.Tries(r) && kube.Status(w, http.StatusBadRequest, "BadRequest", "it does not support dry run")
		}, "it does not support dry run", true},
		{"too many requests", func(w http.ResponseWriter, r *http.Request, _ bool) bool {
			return kube.Tries(r) && kube.Status(w, http.StatusTooManyRequests, "TooManyRequests", "not so fast")
		}, "not so fast", true},
		{"no rights", func(w http.ResponseWriter, _ *http.Request, _ bool) bool {
			return kube.Status(w, http.StatusForbidden, "Forbidden", `User "nobody" cannot patch resource "deployments" in API group "apps"`)
		}, "cannot patch resource", false},
	} {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			ns, journal := rotated(t)
			front := cluster.Front(t)
			var made atomic.Bool
			front.With(func(w http.ResponseWriter, r *http.Request) bool {
				if makes(r) {
					made.Store(true)
				}
				if r.Method != http.MethodPatch {
					return false
				}
				_, err := ns.Client.CoreV1().Secrets(ns.Name).Get(r.Context(), "orders-api-token", metav1.GetOptions{})
				return test.refuses(w, r, err == nil)
			})
			o := dapr(t, "harden", "--revert", journal, "--yes", "--kubeconfig", front.Kubeconfig)
			if made.Load() != test.back {
				t.Errorf("the Secret is made again: %t", made.Load())
			}
			if !test.back {
				ends(t, o, 1, "orders-api-token: not made again, since nothing goes back to it; the server refused to try what goes back to it: ", test.why)
				closed(t, ns, "orders", token("orders-api-token-2"))
				names(t, ns, "orders-api-token-2")
				return
			}
			ends(t, o, 0, "orders-api-token: made again, with a new token; the server refused to try what goes back to it: ", test.why)
			closed(t, ns, "orders", token("orders-api-token"))
			names(t, ns, "orders-api-token")
		})
	}
}

// TestSecretDeletedMeanwhile: a Secret that somebody deletes while the run looks again is
// made again, and deleted once where the server refuses the template in the end.
func TestSecretDeletedMeanwhile(t *testing.T) {
	t.Parallel()
	ns := cluster.Namespace(t)
	apply(t, ns, open("orders", 0))
	front := cluster.Front(t)
	var writings atomic.Int32
	front.With(func(w http.ResponseWriter, r *http.Request) bool {
		if !writes(r) {
			return false
		}
		if writings.Add(1) > 1 {
			refuse(w)
			return true
		}
		if err := ns.Client.CoreV1().Secrets(ns.Name).Delete(r.Context(), "orders-api-token", metav1.DeleteOptions{}); err != nil {
			t.Error(err)
		}
		label := []byte(`{"metadata":{"labels":{"meanwhile":"changed"}}}`)
		if _, err := ns.Client.AppsV1().Deployments(ns.Name).Patch(r.Context(), "orders", types.MergePatchType, label, metav1.PatchOptions{}); err != nil {
			t.Error(err)
		}
		return false
	})
	journal := filepath.Join(t.TempDir(), "journal")
	o := dapr(t, "harden", "api-token", "deployment/orders", "-n", ns.Name, "--yes", "--journal", journal, "--kubeconfig", front.Kubeconfig)
	ends(t, o, 2, "no more changes today", "0 of 1 changes written")
	if n := strings.Count(o.Stderr, "orders-api-token: made, with a random token"); n != 2 {
		t.Errorf("it is made %d times", n)
	}
	if n := strings.Count(o.Stderr, "orders-api-token: deleted again"); n != 1 || strings.Contains(o.Stdout+o.Stderr, "is still there") {
		t.Errorf("it is deleted %d times:\n%s%s", n, o.Stdout, withoutLog(o.Stderr))
	}
	names(t, ns)
	ends(t, dapr(t, "harden", "--revert", journal, "--yes"), 0)
	names(t, ns)
}
