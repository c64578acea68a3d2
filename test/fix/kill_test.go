// Copyright The kubectl-dapr-prod Authors.
// SPDX-License-Identifier: Apache-2.0

//go:build cluster

package fix_test

import (
	"context"
	"io"
	"maps"
	"net/http"
	"os"
	"path/filepath"
	"strings"
	"testing"

	corev1 "k8s.io/api/core/v1"
	"k8s.io/apimachinery/pkg/api/resource"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/types"

	"github.com/dapr-prod/kubectl-dapr-prod/test/cluster/kube"
)

// templates are the annotations of the templates of all Deployments.
func templates(t testing.TB, ns *kube.Namespace) map[string]map[string]string {
	t.Helper()
	list, err := ns.Client.AppsV1().Deployments(ns.Name).List(t.Context(), metav1.ListOptions{})
	if err != nil {
		t.Fatal(err)
	}
	all := map[string]map[string]string{}
	for _, d := range list.Items {
		all[d.Name] = d.Spec.Template.Annotations
	}
	return all
}

// TestKilled kills a run at every point of it, for the first object and for the
// second. Another run finishes what is left, and both are taken back, the newer first.
func TestKilled(t *testing.T) {
	t.Parallel()
	for _, test := range []struct {
		fault string
		// done is how many objects are written by then.
		done int
	}{{"journaled", 0}, {"applied", 1}, {"written", 1}, {"journaled:2", 1}, {"applied:2", 2}, {"written:2", 2}} {
		t.Run(test.fault, func(t *testing.T) {
			t.Parallel()
			ns := cluster.Namespace(t)
			names := []string{"orders", "payments"}
			apply(t, ns, flawed(names[0]), flawed(names[1]))
			ns.Ready(t)
			was := templates(t, ns)
			first, second := filepath.Join(t.TempDir(), "first"), filepath.Join(t.TempDir(), "second")
			if o := start(t, test.fault, both("-n", ns.Name, "--yes", "--journal", first)...).end(); o.Code != -1 {
				t.Fatalf("it was not killed: exit code %d\n%s%s", o.Code, o.Stdout, o.Stderr)
			}
			for i, name := range names {
				if i < test.done {
					written(t, ns, name)
				} else {
					untouched(t, ns, name)
				}
			}

			again := start(t, "", both("-n", ns.Name, "--yes", "--journal", second)...).end()
			if test.done == len(names) {
				ends(t, again, 0, "Nothing to write")
			} else {
				ends(t, again, 0, changesWritten(len(names)-test.done))
			}
			for _, name := range names {
				written(t, ns, name)
			}

			for _, journal := range []string{second, first} {
				if _, err := os.Stat(journal); err != nil {
					continue // nothing was left to do, so that there is none
				}
				// The first way back is cut off, too.
				if o := start(t, "restored", "fix", "--revert", journal, "--yes").end(); o.Code != -1 && journal == second {
					t.Errorf("it was not killed: exit code %d\n%s%s", o.Code, o.Stdout, o.Stderr)
				}
				ends(t, start(t, "", "fix", "--revert", journal, "--yes").end(), 0)
			}
			for name, want := range was {
				if got := templates(t, ns)[name]; !maps.Equal(got, want) {
					t.Errorf("%s was %v, and is %v", name, want, got)
				}
				// What was done and taken back once makes two more generations.
				if d := get(t, ns, name); d.Generation != 3 {
					t.Errorf("%s has generation %d, want 3", name, d.Generation)
				}
			}
			ends(t, kube.Run(t, "fix", "--revert", first, "--yes"), 0)
		})
	}
}

// changesWritten is the sentence about a run that wrote n objects, all that it had to.
func changesWritten(n int) string {
	return strings.ReplaceAll("N of N changes written", "N", string(rune('0'+n)))
}

// nowhere keeps the Pods of a Deployment pending.
var nowhere = map[string]string{"no": "such-node"}

// TestInterrupted: a Ctrl-C during a rollout leaves the rest alone and says where the
// run stands.
func TestInterrupted(t *testing.T) {
	t.Parallel()
	ns := cluster.Namespace(t)
	stuck := deployment("orders", 1, flawed("orders").Spec.Template.Annotations)
	stuck.Spec.Template.Spec.NodeSelector = nowhere
	apply(t, ns, stuck, flawed("payments"))
	journal := filepath.Join(t.TempDir(), "journal")
	p := start(t, "", both("-n", ns.Name, "--yes", "--journal", journal)...)
	kube.Eventually(t, "the write", func(context.Context) (bool, string, error) {
		text, err := os.ReadFile(journal)
		return strings.Contains(string(text), `"written"`), string(text), ignoreMissing(err)
	})
	interrupt(t, p)
	ends(t, p.end(), 2,
		" stopped waiting for Deployment "+ns.Name+"/orders: its rollout goes on in the cluster",
		"0 of 2 changes written and seen to hold, 1 not begun.",
		"Journal: "+journal, "fix --revert "+journal, "error: interrupted")
	written(t, ns, "orders")
	untouched(t, ns, "payments")
}

// TestInterruptedWrite: a Ctrl-C while an object is written does not lose sight of
// whether it was.
func TestInterruptedWrite(t *testing.T) {
	t.Parallel()
	ns := cluster.Namespace(t)
	apply(t, ns, flawed("orders"), flawed("payments"))
	ns.Ready(t)
	journal := filepath.Join(t.TempDir(), "journal")
	arrived, signalled := make(chan struct{}), make(chan struct{})
	front := before(t, writes, func(context.Context) error {
		close(arrived)
		<-signalled
		return nil
	})
	p := start(t, "", both("-n", ns.Name, "--yes", "--journal", journal, "--kubeconfig", front.Kubeconfig)...)
	<-arrived
	interrupt(t, p)
	close(signalled)
	ends(t, p.end(), 2, "1 of 2 changes written and seen to hold, but for 1 that no Pod follows yet, 1 not begun.", "Journal: "+journal, "fix --revert "+journal, "error: interrupted")
	written(t, ns, "orders")
	untouched(t, ns, "payments")
	if text, err := os.ReadFile(journal); err != nil || !strings.Contains(string(text), `"written"`) {
		t.Errorf("the journal does not know that it was written: %s %v", text, err)
	}
	ends(t, kube.Run(t, "fix", "--revert", journal, "--yes"), 0, "orders: dapr.io/env restored")
}

func interrupt(t testing.TB, p *process) {
	t.Helper()
	if err := p.Process.Signal(os.Interrupt); err != nil {
		t.Fatal(err)
	}
}

func ignoreMissing(err error) error {
	if os.IsNotExist(err) {
		return nil
	}
	return err
}

// TestNeverReady: the first rollout that does not come back stops the run, and its
// Pods say why.
func TestNeverReady(t *testing.T) {
	t.Parallel()
	t.Run("no node", func(t *testing.T) {
		t.Parallel()
		ns := cluster.Namespace(t)
		stuck := deployment("orders", 1, flawed("orders").Spec.Template.Annotations)
		stuck.Spec.Template.Spec.NodeSelector = nowhere
		apply(t, ns, stuck, flawed("payments"))
		o := start(t, "", both("-n", ns.Name, "--yes", "--timeout", "5s")...).end()
		ends(t, o, 2, "0 of 2 changes written and seen to hold, 1 not begun.", "Deployment "+ns.Name+"/orders", "has not come up within 5s", "node affinity/selector", "fix --revert ")
		written(t, ns, "orders")
		untouched(t, ns, "payments")
	})
	t.Run("quota filled after the proof", func(t *testing.T) {
		t.Parallel()
		ns := cluster.Namespace(t)
		apply(t, ns, deployment("orders", 1, flawed("orders").Spec.Template.Annotations), flawed("payments"))
		ns.Ready(t)
		front := before(t, writes, func(ctx context.Context) error {
			full := &corev1.ResourceQuota{
				ObjectMeta: metav1.ObjectMeta{Name: "full"},
				Spec:       corev1.ResourceQuotaSpec{Hard: corev1.ResourceList{corev1.ResourcePods: resource.MustParse("1")}},
			}
			if _, err := ns.Client.CoreV1().ResourceQuotas(ns.Name).Create(ctx, full, metav1.CreateOptions{}); err != nil {
				return err
			}
			kube.Eventually(t, "the quota", func(ctx context.Context) (bool, string, error) {
				q, err := ns.Client.CoreV1().ResourceQuotas(ns.Name).Get(ctx, "full", metav1.GetOptions{})
				return err == nil && q.Status.Hard != nil, "", err
			})
			return nil
		})
		o := start(t, "", both("-n", ns.Name, "--yes", "--timeout", "3s", "--kubeconfig", front.Kubeconfig)...).end()
		ends(t, o, 2, "0 of 2 changes written and seen to hold, 1 not begun.", "new Pods are refused", "exceeded quota: full", "fix --revert ")
		written(t, ns, "orders")
		untouched(t, ns, "payments")
	})
}

// replay hands a write on to the server, and drops the answer.
func replay(ns *kube.Namespace, r *http.Request) error {
	body, err := io.ReadAll(r.Body)
	if err != nil {
		return err
	}
	request := ns.Client.AppsV1().RESTClient().Patch(types.ApplyPatchType).AbsPath(r.URL.Path).Body(body)
	for name, values := range r.URL.Query() {
		request.Param(name, values[0])
	}
	return request.Do(context.WithoutCancel(r.Context())).Error()
}

// TestCutOff: the server takes a write, and its answer is lost.
func TestCutOff(t *testing.T) {
	t.Parallel()
	ns := cluster.Namespace(t)
	apply(t, ns, flawed("orders"), flawed("payments"))
	ns.Ready(t)
	first, second := filepath.Join(t.TempDir(), "first"), filepath.Join(t.TempDir(), "second")
	front := cluster.Front(t)
	gone := false
	front.With(func(_ http.ResponseWriter, r *http.Request) bool {
		// The first try meets kubectl's own manager.
		if !gone && writes(r) && r.URL.Query().Get("force") == "true" {
			gone = true
			if err := replay(ns, r); err != nil {
				t.Error(err)
			}
		}
		if gone {
			panic(http.ErrAbortHandler)
		}
		return false
	})
	o := kube.Run(t, both("-n", ns.Name, "--yes", "--journal", first, "--kubeconfig", front.Kubeconfig)...)
	ends(t, o, 2, "error: ", "fix --revert "+first)
	written(t, ns, "orders")
	untouched(t, ns, "payments")
	ends(t, kube.Run(t, both("-n", ns.Name, "--yes", "--journal", second)...), 0, "1 of 1 changes written")
	written(t, ns, "payments")
	ends(t, kube.Run(t, "fix", "--revert", second, "--yes"), 0, "payments: dapr.io/env restored")
	ends(t, kube.Run(t, "fix", "--revert", first, "--yes"), 0, "orders: dapr.io/env restored")
	for name, set := range templates(t, ns) {
		if !maps.Equal(set, flawed(name).Spec.Template.Annotations) {
			t.Errorf("%s is %v", name, set)
		}
	}
}
