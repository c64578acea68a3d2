// Copyright The kubectl-dapr-prod Authors.
// SPDX-License-Identifier: Apache-2.0

//go:build cluster

package harden_test

import (
	"context"
	"encoding/json"
	"errors"
	"net/http"
	"os"
	"path/filepath"
	"reflect"
	"strings"
	"sync"
	"testing"
	"time"

	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
)

// TestKilled kills a run at every point of it. The next one finishes it and goes on with
// its Secrets, so that nothing is left once that one is taken back.
func TestKilled(t *testing.T) {
	t.Parallel()
	for _, test := range []struct {
		fault string
		// made are the Secrets that are there by then, written whether the template is.
		made    []string
		written bool
	}{
		{"secret-journaled", nil, false},
		{"secret-made", []string{"orders-api-token"}, false},
		{"secret-written", []string{"orders-api-token"}, false},
		{"secret-journaled:2", []string{"orders-api-token"}, false},
		{"secret-made:2", []string{"orders-api-token", "orders-app-token"}, false},
		{"journaled", []string{"orders-api-token", "orders-app-token"}, false},
		{"applied", []string{"orders-api-token", "orders-app-token"}, true},
	} {
		t.Run(test.fault, func(t *testing.T) {
			t.Parallel()
			ns := cluster.Namespace(t)
			apply(t, ns, open("orders", 0))
			template := get(t, ns, "orders").Spec.Template
			first, second := filepath.Join(t.TempDir(), "first"), filepath.Join(t.TempDir(), "second")
			killed(t, test.fault, hardenBoth(ns, "--journal", first)...)
			names(t, ns, test.made...)
			if test.written {
				closed(t, ns, "orders", both)
			} else {
				closed(t, ns, "orders", nil)
			}
			values := secrets(t, ns)

			patch := dapr(t, "harden", "api-token", "app-token", "deployment/orders", "-n", ns.Name, "-o", "yaml")
			for _, name := range test.made {
				if strings.Contains(patch.Stdout+withoutLog(patch.Stderr), "kubectl create secret generic "+name) {
					t.Errorf("Secret %s is there, and is to be made by hand:\n%s", name, patch.Stdout)
				}
			}
			o := dapr(t, hardenBoth(ns, "--journal", second)...)
			if test.written {
				ends(t, o, 0, "Nothing to write")
			} else {
				ends(t, o, 0, "1 of 1 changes written")
			}
			closed(t, ns, "orders", both)
			names(t, ns, "orders-api-token", "orders-app-token")
			for _, name := range test.made {
				if got := secrets(t, ns)[name]; !reflect.DeepEqual(got.Data, values[name].Data) {
					t.Errorf("Secret %s was written over", name)
				}
			}
			for _, name := range test.made {
				if is := strings.Contains(o.Stderr, name+": taken over from a run that was cut off"); is == test.written {
					t.Errorf("Secret %s is taken over: %t\n%s", name, is, o.Stderr)
				}
			}
			if !test.written {
				ends(t, dapr(t, "harden", "--revert", second, "--yes"), 0)
				names(t, ns)
			}
			ends(t, dapr(t, "harden", "--revert", first, "--yes"), 0)
			names(t, ns)
			if is := get(t, ns, "orders").Spec.Template; !reflect.DeepEqual(is, template) {
				t.Errorf("the template was\n%v\nand is\n%v", template, is)
			}
		})
	}
}

// TestTakenBackAfterAKill: a run that was killed can be taken back as it stands.
func TestTakenBackAfterAKill(t *testing.T) {
	t.Parallel()
	for _, fault := range []string{"secret-made", "secret-written:2", "journaled", "applied"} {
		t.Run(fault, func(t *testing.T) {
			t.Parallel()
			ns := cluster.Namespace(t)
			apply(t, ns, open("orders", 0))
			journal := filepath.Join(t.TempDir(), "journal")
			killed(t, fault, hardenBoth(ns, "--journal", journal)...)
			killed(t, "restored", "harden", "--revert", journal, "--yes")
			ends(t, dapr(t, "harden", "--revert", journal, "--yes"), 0)
			closed(t, ns, "orders", nil)
			names(t, ns)
		})
	}
}

func killed(t testing.TB, fault string, args ...string) {
	t.Helper()
	if o := start(t, fault, args...).end(); o.Code != -1 {
		t.Fatalf("it was not killed: exit code %d\n%s%s", o.Code, o.Stdout, o.Stderr)
	}
}

// TestRefusedAfterTheSecret: the server refuses the template once the Secrets are there:
// they go again, and the run says so.
func TestRefusedAfterTheSecret(t *testing.T) {
	t.Parallel()
	ns := cluster.Namespace(t)
	apply(t, ns, open("orders", 0))
	front := cluster.Front(t)
	front.With(func(w http.ResponseWriter, r *http.Request) bool {
		if writes(r) {
			refuse(w)
		}
		return writes(r)
	})
	journal := filepath.Join(t.TempDir(), "journal")
	ends(t, dapr(t, hardenBoth(ns, "--journal", journal, "--kubeconfig", front.Kubeconfig)...), 2,
		"Secret "+ns.Name+"/orders-api-token: made, with a random token", "Secret "+ns.Name+"/orders-api-token: deleted again",
		"Secret "+ns.Name+"/orders-app-token: deleted again", "no more changes today", "0 of 1 changes written")
	closed(t, ns, "orders", nil)
	names(t, ns)
	ends(t, dapr(t, "harden", "--revert", journal, "--yes"), 0, "Nothing was written by that run.")
}

// refuse answers as an admission webhook does.
func refuse(w http.ResponseWriter) {
	w.Header().Set("Content-Type", "application/json")
	w.WriteHeader(http.StatusForbidden)
	_ = json.NewEncoder(w).Encode(metav1.Status{
		TypeMeta: metav1.TypeMeta{APIVersion: "v1", Kind: "Status"},
		Status:   metav1.StatusFailure, Reason: metav1.StatusReasonForbidden, Code: http.StatusForbidden, Message: "no more changes today",
	})
}

// TestSecondSecretRefused: of two Secrets the server takes one. That one goes again.
func TestSecondSecretRefused(t *testing.T) {
	t.Parallel()
	ns := cluster.Namespace(t)
	apply(t, ns, open("orders", 0))
	front, n := cluster.Front(t), 0
	front.With(func(w http.ResponseWriter, r *http.Request) bool {
		if !makes(r) {
			return false
		}
		if n++; n == 2 {
			refuse(w)
		}
		return n == 2
	})
	ends(t, dapr(t, hardenBoth(ns, "--kubeconfig", front.Kubeconfig)...), 2, "orders-api-token: deleted again", "no more changes today")
	closed(t, ns, "orders", nil)
	names(t, ns)
}

// TestSecondSecretLost: whether the second Secret was made is not known. The first goes
// again, since the template was not written.
func TestSecondSecretLost(t *testing.T) {
	t.Parallel()
	ns := cluster.Namespace(t)
	apply(t, ns, open("orders", 0))
	front, n := cluster.Front(t), 0
	front.With(func(_ http.ResponseWriter, r *http.Request) bool {
		if !makes(r) {
			return false
		}
		if n++; n == 2 {
			panic(http.ErrAbortHandler)
		}
		return false
	})
	ends(t, dapr(t, hardenBoth(ns, "--kubeconfig", front.Kubeconfig)...), 2,
		"Secret "+ns.Name+"/orders-api-token: deleted again", "Secret "+ns.Name+"/orders-app-token: whether it was made is not known", "running it again finds out")
	closed(t, ns, "orders", nil)
	names(t, ns)
}

// TestAnswerLost: whether the template was written is not known, so that its Secrets
// stay; the next run finishes, and its revert leaves nothing.
func TestAnswerLost(t *testing.T) {
	t.Parallel()
	ns := cluster.Namespace(t)
	apply(t, ns, open("orders", 0))
	front := cluster.Front(t)
	front.With(func(_ http.ResponseWriter, r *http.Request) bool {
		if writes(r) {
			panic(http.ErrAbortHandler)
		}
		return false
	})
	first, second := filepath.Join(t.TempDir(), "first"), filepath.Join(t.TempDir(), "second")
	ends(t, dapr(t, hardenBoth(ns, "--journal", first, "--kubeconfig", front.Kubeconfig)...), 2, "whether it was written is not known")
	names(t, ns, "orders-api-token", "orders-app-token")
	ends(t, dapr(t, hardenBoth(ns, "--journal", second)...), 0, "1 of 1 changes written")
	closed(t, ns, "orders", both)
	ends(t, dapr(t, "harden", "--revert", second, "--yes"), 0)
	closed(t, ns, "orders", nil)
	names(t, ns)
}

// TestSecretMeanwhile: somebody makes a Secret of that name after the plan. It is used as
// it is, and neither deleted by the run nor by its revert.
func TestSecretMeanwhile(t *testing.T) {
	t.Parallel()
	ns := cluster.Namespace(t)
	apply(t, ns, open("orders", 0))
	front := before(t, makes, func(ctx context.Context) error {
		_, err := ns.Client.CoreV1().Secrets(ns.Name).Create(ctx, secretOf("orders-api-token", "token", planted), metav1.CreateOptions{})
		return err
	})
	journal := filepath.Join(t.TempDir(), "journal")
	ends(t, dapr(t, hardenBoth(ns, "--journal", journal, "--kubeconfig", front.Kubeconfig)...), 0, "1 of 1 changes written")
	closed(t, ns, "orders", both)
	if got := string(secrets(t, ns)["orders-api-token"].Data["token"]); got != planted {
		t.Error("the Secret of somebody was written over")
	}
	ends(t, dapr(t, "harden", "--revert", journal, "--yes"), 0)
	names(t, ns, "orders-api-token")
}

// TestChangedMeanwhile: somebody writes to the app between its Secrets and its template.
func TestChangedMeanwhile(t *testing.T) {
	t.Parallel()
	ns := cluster.Namespace(t)
	apply(t, ns, open("orders", 0))
	front := before(t, writes, func(context.Context) error {
		ns.MustKubectl(t, "", "annotate", "deployment", "orders", "note=meanwhile")
		return nil
	})
	ends(t, dapr(t, hardenBoth(ns, "--kubeconfig", front.Kubeconfig)...), 0, "1 of 1 changes written")
	closed(t, ns, "orders", both)
	names(t, ns, "orders-api-token", "orders-app-token")
}

// TestGoneMeanwhile: the app is deleted between its Secrets and its template.
func TestGoneMeanwhile(t *testing.T) {
	t.Parallel()
	ns := cluster.Namespace(t)
	apply(t, ns, open("orders", 0))
	front := before(t, writes, func(context.Context) error {
		ns.MustKubectl(t, "", "delete", "deployment", "orders", "--wait")
		return nil
	})
	o := dapr(t, hardenBoth(ns, "--kubeconfig", front.Kubeconfig)...)
	ends(t, o, o.Code, "it was deleted since it was read", "orders-api-token: deleted again")
	names(t, ns)
}

// TestTwoAtOnce: both want the same, and each Secret is made once.
func TestTwoAtOnce(t *testing.T) {
	t.Parallel()
	for name, at := range map[string]func(*http.Request) bool{"before the Secrets": makes, "before the template": writes} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			ns := cluster.Namespace(t)
			apply(t, ns, open("orders", 0))
			journals := []string{filepath.Join(t.TempDir(), "1"), filepath.Join(t.TempDir(), "2")}
			said := runAtOnce(t, at, journals, func(journal string) []string { return hardenBoth(ns, "--journal", journal) })
			closed(t, ns, "orders", both)
			names(t, ns, "orders-api-token", "orders-app-token")
			if n := strings.Count(said, "orders-api-token: made"); n != 1 {
				t.Errorf("the Secret was made %d times:\n%s", n, said)
			}
			if g := get(t, ns, "orders").Generation; g != 2 {
				t.Errorf("generation %d: restarted more than once", g)
			}
			for range 2 {
				for _, journal := range journals {
					if _, err := os.Stat(journal); err == nil {
						dapr(t, "harden", "--revert", journal, "--yes")
					}
				}
			}
			closed(t, ns, "orders", nil)
			names(t, ns)
		})
	}
}

// runAtOnce runs the program once a journal. None gets past its first request that fits
// before all have come to theirs. All end well; it returns what they said.
func runAtOnce(t testing.TB, at func(*http.Request) bool, journals []string, args func(journal string) []string) string {
	t.Helper()
	var there sync.WaitGroup
	there.Add(len(journals))
	all := make(chan struct{})
	go func() { there.Wait(); close(all) }()
	var running []*process
	for _, journal := range journals {
		front := before(t, at, func(context.Context) error {
			there.Done()
			select {
			case <-all:
				return nil
			case <-time.After(5 * time.Minute): // whatever else the machine does
				return errors.New("the other run never came to its request")
			}
		})
		running = append(running, start(t, "", append(args(journal), "--kubeconfig", front.Kubeconfig)...))
	}
	var said strings.Builder
	for _, p := range running {
		o := p.end()
		ends(t, o, 0)
		said.WriteString(o.Stdout + o.Stderr)
	}
	return said.String()
}
