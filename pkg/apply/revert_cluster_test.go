// Copyright The kubectl-dapr-prod Authors.
// SPDX-License-Identifier: Apache-2.0

//go:build cluster

package apply_test

import (
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"

	apierrors "k8s.io/apimachinery/pkg/api/errors"
	"k8s.io/apimachinery/pkg/apis/meta/v1/unstructured"
	"k8s.io/client-go/rest"

	"github.com/dapr-prod/kubectl-dapr-prod/pkg/apply"
	"github.com/dapr-prod/kubectl-dapr-prod/pkg/journal"
	"github.com/dapr-prod/kubectl-dapr-prod/pkg/snapshot"
)

// TestSeveralJournals: runs one after the other are undone one after the other, the
// newest first. The oldest first is refused, and changes nothing.
func TestSeveralJournals(t *testing.T) {
	t.Parallel()
	for _, way := range []string{"", "--server-side"} {
		t.Run("apply "+way, func(t *testing.T) {
			t.Parallel()
			b := newBench(t)
			b.MustKubectl(t, deployment(map[string]string{env: was}), append(strings.Fields("apply "+way), "-f-")...)
			states := []*unstructured.Unstructured{b.settled(b.orders())}
			var journals []*journal.Journal
			for _, value := range []string{"900MiB", "800MiB", "700MiB"} {
				journals = append(journals, b.write(b.orders(), apply.Options{}, env, strings.Replace(set, "900MiB", value, 1), limit, value, "dapr.io/only-"+value, "1"))
				states = append(states, b.settled(b.orders()))
			}
			for _, older := range journals[:2] {
				said := b.revert(older)
				expect(t, said[:2], env+": refused it was changed since", limit+": refused it was changed since")
			}
			for i := len(journals) - 1; i >= 0; i-- {
				b.revert(journals[i])
				now := b.settled(b.orders())
				for key, value := range annotations(t, states[i]) {
					if strings.HasPrefix(key, "dapr.io/only-") {
						continue // their own journals have brought those back before
					}
					has(t, now, key, value)
				}
			}
			same(t, states[0], b.settled(b.orders()))
		})
	}
}

// TestOneRun writes to the same object twice in one run: both are undone in one write.
func TestOneRun(t *testing.T) {
	t.Parallel()
	b := newBench(t)
	b.MustKubectl(t, deployment(map[string]string{env: was}), "apply", "-f-")
	first := b.settled(b.orders())
	j := b.journal()
	for _, pairs := range [][]string{{env, set}, {env, strings.Replace(set, "900", "800", 1), asJSON, "true"}, {asJSON, "false"}} {
		b.eventually(func() error {
			live := b.get(b.orders())
			_, err := b.client.Write(t.Context(), j, live, change(t, live, pairs...), apply.Options{})
			return err
		})
	}
	generation := b.settled(b.orders()).GetGeneration()
	expect(t, b.revert(j), env+": restored", asJSON+": restored")
	last := b.settled(b.orders())
	same(t, first, last)
	if last.GetGeneration() != generation+1 {
		t.Errorf("the revert changed the template %d times", last.GetGeneration()-generation)
	}
}

// TestSince: what somebody did since is left, and said; the rest is restored.
func TestSince(t *testing.T) {
	t.Parallel()
	rest := asJSON + ": restored"
	for _, test := range []struct {
		name string
		do   func(b *bench)
		said string
		env  string // as it is in the end
	}{
		{"changed by hand", func(b *bench) { b.annotate(b.orders(), "kubectl-edit", env, "A=1") }, "refused it was changed since, by kubectl-edit (Update)", "A=1"},
		{"removed by hand", func(b *bench) { b.annotate(b.orders(), "kubectl-edit", env, "null") }, "refused it was changed since", ""},
		{"put back by hand", func(b *bench) { b.annotate(b.orders(), "kubectl-edit", env, was) }, "as it was", was},
		{"there and back by hand", func(b *bench) {
			b.annotate(b.orders(), "kubectl-edit", env, "A=1")
			b.annotate(b.orders(), "kubectl-edit", env, set)
		}, "refused the value that was set belongs to somebody else by now, by kubectl-edit (Update)", set},
		{"taken over by the manifest", func(b *bench) { b.MustKubectl(b.t, deployment(map[string]string{env: set}), "apply", "-f-") }, "refused the manifest that kubectl apply was given last sets it too by now", set},
		{"taken over by a server-side apply", func(b *bench) {
			b.MustKubectl(b.t, deployment(map[string]string{env: set}), "apply", "--server-side", "--field-manager=argocd-controller", "-f-")
		}, "refused the value that was set belongs to somebody else by now, by argocd-controller (Apply)", set},
	} {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			b := newBench(t)
			b.MustKubectl(t, deployment(map[string]string{env: was}), "apply", "-f-")
			j := b.write(b.orders(), apply.Options{}, env, set, asJSON, "true")
			test.do(b)
			expect(t, b.revert(j), env+": "+test.said, rest)
			got := annotations(t, b.get(b.orders()))
			if got[env] != test.env || got[asJSON] != "" {
				t.Errorf("annotations: %v", got)
			}
			before := b.settled(b.orders())
			if said := b.revert(j); said[1] != asJSON+": as it was" {
				t.Errorf("the second time: %v", said)
			}
			if b.settled(b.orders()).GetResourceVersion() != before.GetResourceVersion() {
				t.Error("the second revert wrote something")
			}
		})
	}
}

// TestAddedSince is the same for a key that was not there before.
func TestAddedSince(t *testing.T) {
	t.Parallel()
	b := newBench(t)
	b.MustKubectl(t, deployment(nil), "apply", "-f-")
	j := b.write(b.orders(), apply.Options{}, env, "GOGC=50", limit, "1000Mi", asJSON, "true", "dapr.io/x", "1")
	b.MustKubectl(t, deployment(map[string]string{limit: "1000Mi"}), "apply", "-f-")
	b.annotate(b.orders(), "kubectl-edit", env, "GOGC=60")
	b.annotate(b.orders(), "kubectl-edit", asJSON, "null")
	expect(t, b.revert(j), env+": refused it was changed since, by kubectl-edit", limit+": refused the manifest that kubectl apply", asJSON+": as it was", "dapr.io/x: restored")
	has(t, b.get(b.orders()), env, "GOGC=60", limit, "1000Mi")
}

// TestLost: an object that is not the one that was written to is left alone.
func TestLost(t *testing.T) {
	t.Parallel()
	b := newBench(t)
	mine := deployment(map[string]string{env: was})
	b.MustKubectl(t, mine, "apply", "-f-")
	j := b.write(b.orders(), apply.Options{}, env, set)
	b.MustKubectl(t, "", "delete", "deployment", "orders")
	expect(t, b.revert(j), env+": refused the object was deleted since")
	b.MustKubectl(t, deployment(map[string]string{env: set}), "apply", "-f-")
	expect(t, b.revert(j), env+": refused the object was deleted and made again since")
	has(t, b.get(b.orders()), env, set)
}

func TestAnotherCluster(t *testing.T) {
	t.Parallel()
	b := newBench(t)
	b.MustKubectl(t, deployment(nil), "apply", "-f-")
	record := b.read(b.write(b.orders(), apply.Options{}, asJSON, "true"))
	record.Cluster, record.Context = "another", "production"
	all, err := b.client.Revert(t.Context(), record, apply.RevertOptions{})
	if err == nil || !strings.Contains(err.Error(), `another cluster (context "production" then)`) || len(all) > 0 {
		t.Errorf("%v, error: %v", all, err)
	}
	has(t, b.get(b.orders()), asJSON, "true")
}

// TestForbidden: the user may read but not write any more.
func TestForbidden(t *testing.T) {
	t.Parallel()
	b := newBench(t)
	b.MustKubectl(t, deployment(nil), "apply", "-f-")
	j := b.write(b.orders(), apply.Options{}, asJSON, "true")
	user := cluster.User().May(t, "get", b.Name, snapshot.Deployments)
	config := rest.CopyConfig(cluster.Config)
	config.Impersonate.UserName = user.Name
	client, err := apply.NewClient(config)
	if err != nil {
		t.Fatal(err)
	}
	all, err := client.Revert(t.Context(), b.read(j), apply.RevertOptions{})
	if err != nil {
		t.Fatal(err)
	}
	expect(t, said(all), asJSON+": refused it was not written", "cannot patch")
	has(t, b.get(b.orders()), asJSON, "true")
}

// TestUnreadable: an object that may not be read any more, or whose kind is gone, keeps
// nobody from the rest.
func TestUnreadable(t *testing.T) {
	t.Parallel()
	b := newBench(t)
	b.MustKubectl(t, deployment(nil), "apply", "-f-")
	record := b.read(b.write(b.orders(), apply.Options{}, asJSON, "true"))
	for _, kind := range []string{"apps/v1 DaemonSet", "example.com/v1 Gone"} {
		other := record.Writes[0]
		other.Object.APIVersion, other.Object.Kind, _ = strings.Cut(kind, " ")
		record.Writes = append(record.Writes, other)
	}
	user := cluster.User().May(t, "get", b.Name, snapshot.Deployments).May(t, "patch", b.Name, snapshot.Deployments)
	config := rest.CopyConfig(cluster.Config)
	config.Impersonate.UserName = user.Name
	client, err := apply.NewClient(config)
	if err != nil {
		t.Fatal(err)
	}
	all, err := client.Revert(t.Context(), record, apply.RevertOptions{})
	if err != nil || len(all) != 3 {
		t.Fatalf("%+v %v", all, err)
	}
	expect(t, said(all[:1]), asJSON+": refused the server does not know its kind any more")
	if !apierrors.IsForbidden(all[1].Err) {
		t.Errorf("the DaemonSet: %v", all[1].Err)
	}
	expect(t, said(all[2:]), asJSON+": restored")
	if value, set := annotations(t, b.get(b.orders()))[asJSON]; set {
		t.Errorf("%s is still there: %q", asJSON, value)
	}
}

// TestKilled kills the program at every step, as kill -9 does: what it wrote is undone
// from its journal, or what it left is finished by the next run; and a revert that is
// killed is finished by the next one.
func TestKilled(t *testing.T) {
	t.Parallel()
	program := filepath.Join(t.TempDir(), "write")
	if out, err := exec.CommandContext(t.Context(), "go", "build", "-tags", "faults", "-o", program, "../../test/write").CombinedOutput(); err != nil {
		t.Fatalf("%v\n%s", err, out)
	}
	for _, test := range []struct {
		fault   string
		written bool
	}{{"journaled", false}, {"applied", true}, {"written", true}} {
		t.Run(test.fault, func(t *testing.T) {
			t.Parallel()
			b := newBench(t)
			b.MustKubectl(t, deployment(map[string]string{env: was}), "apply", "-f-")
			first := b.settled(b.orders())
			path := filepath.Join(t.TempDir(), "killed.jsonl")
			b.killed(program, test.fault, path, b.Name, "orders", env+"="+set, asJSON+"=true")
			b.sealed(path)
			if _, written := annotations(t, b.get(b.orders()))[asJSON]; written != test.written {
				t.Fatalf("written: %v", written)
			}
			record, err := journal.Read(path)
			if err != nil || len(record.Writes) != 1 || record.Writes[0].Written != (test.fault == "written") {
				t.Fatalf("journal: %+v %v", record, err)
			}
			if test.written {
				// A revert that is killed after each of its writes.
				b.killed(program, "restored:1", path, "revert")
				has(t, b.get(b.orders()), env, was)
				b.killed(program, "restored:1", path, "revert")
			}
			all, err := b.client.Revert(t.Context(), record, apply.RevertOptions{})
			if err != nil {
				t.Fatal(err)
			}
			expect(t, said(all), env+": as it was", asJSON+": as it was")
			same(t, first, b.settled(b.orders()))
		})
	}
	t.Run("and run again", func(t *testing.T) {
		t.Parallel()
		b := newBench(t)
		b.MustKubectl(t, deployment(map[string]string{env: was}), "apply", "-f-")
		first := b.settled(b.orders())
		path := filepath.Join(t.TempDir(), "killed.jsonl")
		b.killed(program, "journaled", path, b.Name, "orders", env+"="+set, asJSON+"=true")
		j := b.write(b.orders(), apply.Options{}, env, set, asJSON, "true")
		// The journal of the run that was killed knows nothing of the one after it, but
		// what it was about is there. Reverting the newer one is enough.
		expect(t, b.revert(j), env+": restored", asJSON+": restored")
		record, err := journal.Read(path)
		if err != nil {
			t.Fatal(err)
		}
		all, err := b.client.Revert(t.Context(), record, apply.RevertOptions{})
		if err != nil {
			t.Fatal(err)
		}
		expect(t, said(all), env+": as it was", asJSON+": as it was")
		same(t, first, b.settled(b.orders()))
	})
}

// killed runs the program until the fault kills it.
func (b *bench) killed(program, fault, journal string, args ...string) {
	b.t.Helper()
	cmd := exec.CommandContext(b.t.Context(), program, append([]string{b.Kubeconfig, journal}, args...)...)
	cmd.Env = append(os.Environ(), "DAPR_PROD_FAULT="+fault)
	if out, err := cmd.CombinedOutput(); err == nil || err.Error() != "signal: killed" {
		b.t.Fatalf("%s %v: %v\n%s", fault, args, err, out)
	}
}
