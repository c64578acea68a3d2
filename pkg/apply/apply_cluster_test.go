// Copyright The kubectl-dapr-prod Authors.
// SPDX-License-Identifier: Apache-2.0

//go:build cluster

package apply_test

import (
	"context"
	"errors"
	"slices"
	"strings"
	"sync"
	"testing"

	"k8s.io/apimachinery/pkg/api/equality"
	apierrors "k8s.io/apimachinery/pkg/api/errors"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/apis/meta/v1/unstructured"
	"k8s.io/apimachinery/pkg/types"
	applymetav1 "k8s.io/client-go/applyconfigurations/meta/v1"

	"github.com/dapr-prod/kubectl-dapr-prod/pkg/apply"
	"github.com/dapr-prod/kubectl-dapr-prod/pkg/journal"
	"github.com/dapr-prod/kubectl-dapr-prod/pkg/snapshot"
)

// TestNextApply: the user applies their manifest again after a write. What was added
// stays, what was changed is put back by a client-side apply, which the result says,
// and is in the way of a server-side one.
func TestNextApply(t *testing.T) {
	t.Parallel()
	b := newBench(t)
	mine := deployment(map[string]string{env: was})
	b.MustKubectl(t, mine, "apply", "-f-")
	live := b.settled(b.orders())
	options := apply.Options{DryRun: true}
	result, err := b.client.Apply(t.Context(), live, change(t, live, env, set, asJSON, "true"), options)
	if err != nil {
		t.Fatal(err)
	}
	if !slices.Equal(result.PutBack, []string{env}) {
		t.Errorf("put back: %v", result.PutBack)
	}
	j := b.write(b.orders(), apply.Options{}, env, set, asJSON, "true")

	out, ok := b.Kubectl(t, mine, "apply", "--server-side", "-f-")
	if ok || !strings.Contains(out, `conflict with "kubectl-dapr-prod": .spec.template.metadata.annotations.dapr.io/env`) {
		t.Errorf("a server-side apply after it: %s", out)
	}
	b.MustKubectl(t, mine, "apply", "-f-")
	has(t, b.get(b.orders()), env, was, asJSON, "true")
	expect(t, b.revert(j), env+": as it was", asJSON+": restored")
	same(t, live, b.settled(b.orders()))
}

// TestServerSideUser adds a key to what a server-side apply has made; the next apply
// leaves it, and the changed key belongs to whoever forces it.
func TestServerSideUser(t *testing.T) {
	t.Parallel()
	b := newBench(t)
	mine := deployment(map[string]string{env: was})
	b.MustKubectl(t, mine, "apply", "--server-side", "-f-")
	first := b.settled(b.orders())
	j := b.write(b.orders(), apply.Options{}, env, set, asJSON, "true")
	b.MustKubectl(t, mine, "apply", "--server-side", "--force-conflicts", "-f-")
	has(t, b.get(b.orders()), env, was, asJSON, "true")
	expect(t, b.revert(j), env+": as it was", asJSON+": restored")
	same(t, first, b.settled(b.orders()))
}

// TestConflict: fields of others than kubectl are taken by force alone.
func TestConflict(t *testing.T) {
	t.Parallel()
	for _, manager := range []string{"argocd-controller", "helm", "reloader"} {
		t.Run(manager, func(t *testing.T) {
			t.Parallel()
			b := newBench(t)
			b.MustKubectl(t, deployment(map[string]string{limit: "2Gi"}), "create", "-f-")
			b.annotate(b.orders(), manager, env, was)
			live := b.settled(b.orders())
			j := b.journal()
			_, err := b.client.Write(t.Context(), j, live, change(t, live, env, set, limit, "1000Mi"), apply.Options{})
			var conflict *apply.ConflictError
			want := apply.Conflict{Manager: manager, Operation: "Update", Key: env, Field: "spec.template.metadata.annotations[dapr.io/env]"}
			if !errors.As(err, &conflict) || len(conflict.Conflicts) != 1 || conflict.Conflicts[0] != want {
				t.Fatalf("error: %v", err)
			}
			for _, part := range []string{want.Field, manager, "--force-conflicts", "let " + manager + " write the change", "take the field out"} {
				if !strings.Contains(err.Error(), part) {
					t.Errorf("%s is not said: %v", part, err)
				}
			}
			same(t, live, b.settled(b.orders()))
			if writes := b.read(j).Writes; len(writes) != 0 {
				t.Errorf("the journal has what was not written: %+v", writes)
			}

			result, err := b.client.Write(t.Context(), j, live, change(t, live, env, set, limit, "1000Mi"), apply.Options{ForceConflicts: true})
			if err != nil || len(result.TakenOver) != 2 {
				t.Fatalf("by force: %v %v", result.TakenOver, err)
			}
			expect(t, b.revert(j), env+": restored", limit+": restored")
			same(t, live, b.settled(b.orders()))
		})
	}
}

// TestOwned: what belongs to somebody is written where that was asked for alone.
func TestOwned(t *testing.T) {
	t.Parallel()
	b := newBench(t)
	b.MustKubectl(t, deployment(nil), "apply", "--server-side", "--field-manager=argocd-controller", "-f-")
	live := b.settled(b.orders())
	var owned *apply.OwnedError
	if _, err := b.client.Apply(t.Context(), live, change(t, live, asJSON, "true"), apply.Options{}); !errors.As(err, &owned) || !strings.Contains(err.Error(), "--include-managed") {
		t.Errorf("error: %v", err)
	}
	if _, err := b.client.Apply(t.Context(), live, change(t, live, asJSON, "true"), apply.Options{IncludeManaged: true}); err != nil {
		t.Error(err)
	}
}

// TestMeanwhile: what happens to the object between reading and writing is an error of
// its own, and nothing is written, not even a stub.
func TestMeanwhile(t *testing.T) {
	t.Parallel()
	for _, test := range []struct {
		name string
		do   func(b *bench)
		want error
	}{
		{"changed", func(b *bench) { b.annotate(b.orders(), "kubectl-edit", "other", "1") }, apply.ErrChanged},
		{"changed in the same field", func(b *bench) { b.annotate(b.orders(), "kubectl-edit", env, "A=2") }, apply.ErrChanged},
		{"deleted", func(b *bench) { b.MustKubectl(b.t, "", "delete", "deployment", "orders") }, apply.ErrGone},
		{"recreated", func(b *bench) {
			b.MustKubectl(b.t, "", "delete", "deployment", "orders")
			b.MustKubectl(b.t, deployment(map[string]string{env: was}), "create", "-f-")
		}, apply.ErrRecreated},
		{"being deleted", func(b *bench) {
			b.MustKubectl(b.t, "", "patch", "deployment", "orders", "--type=merge", "-p", `{"metadata":{"finalizers":["example.com/wait"]}}`)
			b.MustKubectl(b.t, "", "delete", "deployment", "orders", "--wait=false")
			b.t.Cleanup(func() {
				b.MustKubectl(unending{b.t}, "", "patch", "deployment", "orders", "--type=merge", "-p", `{"metadata":{"finalizers":null}}`)
			})
		}, apply.ErrChanged},
	} {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			b := newBench(t)
			b.MustKubectl(t, deployment(map[string]string{env: was}), "create", "-f-")
			live := b.settled(b.orders())
			planned := change(t, live, env, set, asJSON, "true")
			test.do(b)
			for _, options := range []apply.Options{{DryRun: true}, {}} {
				j := b.journal()
				if _, err := b.client.Write(t.Context(), j, live, planned, options); !errors.Is(err, test.want) {
					t.Errorf("error: %v, want %v", err, test.want)
				}
				if writes := b.read(j).Writes; len(writes) != 0 {
					t.Errorf("the journal has what was not written: %+v", writes)
				}
			}
			now, err := b.client.Get(t.Context(), b.orders())
			if apierrors.IsNotFound(err) && test.name == "deleted" {
				return
			}
			if err != nil {
				t.Fatal(err)
			}
			if slices.Contains(managers(now), apply.Manager) {
				t.Error("something is written")
			}
			// What was planned from the object before does not fit the one of now.
			if _, err := b.client.Apply(t.Context(), now, planned, apply.Options{}); err == nil && test.name != "changed" {
				t.Error("a change of another object is written")
			}
		})
	}
}

// TestInvalid: a value that the server does not take is that error.
func TestInvalid(t *testing.T) {
	t.Parallel()
	b := newBench(t)
	b.MustKubectl(t, deployment(nil), "create", "-f-")
	live := b.settled(b.orders())
	if _, err := b.client.Apply(t.Context(), live, change(t, live, "not a key", "x"), apply.Options{}); !apierrors.IsInvalid(err) {
		t.Errorf("error: %v", err)
	}
}

// TestTwoWriters: of those who planned from the same read one writes, and in the end,
// when the others have read again, nothing of anybody is lost.
func TestTwoWriters(t *testing.T) {
	t.Parallel()
	b := newBench(t)
	b.MustKubectl(t, deployment(map[string]string{env: was}), "apply", "-f-")
	first := b.settled(b.orders())
	keys := []string{"dapr.io/a", "dapr.io/b", "dapr.io/c", "dapr.io/d"}
	journals := make([]*journal.Journal, len(keys))
	var mutex sync.Mutex
	won := 0
	var wait sync.WaitGroup
	for i, key := range keys {
		journals[i] = b.journal()
		planned := change(t, first, key, "1")
		wait.Go(func() {
			_, err := b.client.Write(t.Context(), journals[i], first, planned, apply.Options{})
			mutex.Lock()
			defer mutex.Unlock()
			if err == nil {
				won++
			} else if !isChanged(err) {
				t.Error(err)
			}
		})
	}
	wait.Wait()
	if won != 1 {
		t.Errorf("%d have written from the same read", won)
	}
	for i, key := range keys {
		b.eventually(func() error {
			live := b.get(b.orders())
			if _, done := annotations(t, live)[key]; done {
				return nil
			}
			_, err := b.client.Write(t.Context(), journals[i], live, change(t, live, key, "1"), apply.Options{})
			return err
		})
	}
	has(t, b.get(b.orders()), "dapr.io/a", "1", "dapr.io/b", "1", "dapr.io/c", "1", "dapr.io/d", "1")
	for i := range keys {
		expect(t, b.revert(journals[i]), keys[i]+": restored")
	}
	same(t, first, b.settled(b.orders()))
}

// TestKeptFields: what this program has applied before stays, in lists with keys, too.
func TestKeptFields(t *testing.T) {
	t.Parallel()
	b := newBench(t)
	b.MustKubectl(t, deployment(nil), "apply", "-f-")
	mine := &unstructured.Unstructured{}
	if err := mine.UnmarshalJSON([]byte(`{"apiVersion":"apps/v1","kind":"Deployment","metadata":{"name":"orders","finalizers":["example.com/x"]},"spec":{"template":{"spec":{
		"nodeSelector":{"a":"b"},
		"volumes":[{"name":"v","emptyDir":{}}],
		"containers":[{"name":"app","args":["-x","-y"],"ports":[{"containerPort":81,"protocol":"UDP","name":"u"},{"containerPort":82}],
			"env":[{"name":"A","value":"1"},{"name":"B","valueFrom":{"fieldRef":{"fieldPath":"metadata.name"}}}],
			"resources":{"limits":{"memory":"1Gi"}},"volumeMounts":[{"name":"v","mountPath":"/v"}]}]}}}}`)); err != nil {
		t.Fatal(err)
	}
	if _, err := b.Dynamic.Resource(deployments).Namespace(b.Name).Apply(t.Context(), "orders", mine, metav1.ApplyOptions{FieldManager: apply.Manager}); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		b.MustKubectl(unending{t}, "", "patch", "deployment", "orders", "--type=merge", "-p", `{"metadata":{"finalizers":null}}`)
	})
	first := b.settled(b.orders())
	j := b.write(b.orders(), apply.Options{}, env, "GOMEMLIMIT=900MiB", asJSON, "true")
	now := b.get(b.orders())
	containers, _, err := unstructured.NestedSlice(now.Object, "spec", "template", "spec", "containers")
	before, _, _ := unstructured.NestedSlice(first.Object, "spec", "template", "spec", "containers")
	if err != nil || !equality.Semantic.DeepEqual(containers, before) {
		t.Errorf("the containers were\n%v\nand are\n%v", before, containers)
	}
	expect(t, b.revert(j), env+": restored", asJSON+": restored")
	same(t, first, b.settled(b.orders()))
}

// TestExtracted holds what this program takes for its own against what the client
// library of Kubernetes does, which asks the server for the schema.
func TestExtracted(t *testing.T) {
	t.Parallel()
	b := newBench(t)
	extractor, err := applymetav1.NewUnstructuredExtractor(b.Client.Discovery())
	if err != nil {
		t.Fatal(err)
	}
	for _, o := range []snapshot.Object{
		{APIVersion: "apps/v1", Kind: "Deployment", Name: "orders"},
		{APIVersion: "apps/v1", Kind: "StatefulSet", Name: "orders"},
		{APIVersion: "batch/v1", Kind: "CronJob", Name: "orders"},
	} {
		o.Namespace = b.Name
		b.MustKubectl(t, manifest(o, map[string]string{env: was}), "apply", "--server-side", "--field-manager="+apply.Manager, "-f-")
		b.MustKubectl(t, "", "patch", o.Kind, o.Name, "--type=merge", "-p", `{"metadata":{"labels":{"a":"b"},"annotations":{"c":"d"}}}`)
		live := b.get(o)
		want, err := extractor.Extract(live, apply.Manager)
		if err != nil {
			t.Fatal(err)
		}
		got, err := apply.Applied(live)
		if err != nil {
			t.Fatal(err)
		}
		for _, field := range []string{"apiVersion", "kind"} {
			unstructured.RemoveNestedField(want.Object, field)
		}
		for _, field := range []string{"name", "namespace"} {
			unstructured.RemoveNestedField(want.Object, "metadata", field)
		}
		if len(want.Object["metadata"].(map[string]any)) == 0 {
			delete(want.Object, "metadata")
		}
		if !equality.Semantic.DeepEqual(got, want.Object) {
			t.Errorf("%s: got\n%v\nwant\n%v", o.Kind, got, want.Object)
		}
	}
}

// TestStrays: a kind whose annotations are one atomic field would lose the others,
// which the dry run says.
func TestStrays(t *testing.T) {
	t.Parallel()
	defineRigs(t)
	b := newBench(t)
	o := snapshot.Object{APIVersion: rigs, Kind: "Atomic", Namespace: b.Name, Name: "atomic"}
	b.MustKubectl(t, manifest(o, map[string]string{env: was, "prometheus.io/scrape": "true"}), "apply", "-f-")
	live := b.get(o)
	result, err := b.client.Apply(t.Context(), live, change(t, live, env, set), apply.Options{DryRun: true, ForceConflicts: true})
	if err != nil {
		t.Fatal(err)
	}
	if !slices.Equal(result.Strays, []string{"spec.template.metadata.annotations[prometheus.io/scrape]"}) {
		t.Errorf("strays: %v", result.Strays)
	}
}

// TestWarnings: what Pod Security says to the template comes with the result.
func TestWarnings(t *testing.T) {
	t.Parallel()
	b := newBench(t)
	label := []byte(`{"metadata":{"labels":{"pod-security.kubernetes.io/warn":"restricted"}}}`)
	if _, err := b.Client.CoreV1().Namespaces().Patch(t.Context(), b.Name, types.MergePatchType, label, metav1.PatchOptions{}); err != nil {
		t.Fatal(err)
	}
	b.MustKubectl(t, deployment(nil), "create", "-f-")
	live := b.settled(b.orders())
	result, err := b.client.Apply(t.Context(), live, change(t, live, asJSON, "true"), apply.Options{DryRun: true})
	if err != nil {
		t.Fatal(err)
	}
	if len(result.Warnings) != 1 || !strings.Contains(result.Warnings[0], "PodSecurity") {
		t.Errorf("warnings: %q", result.Warnings)
	}
}

// TestNotKept: a value that could not be brought back is not overwritten.
func TestNotKept(t *testing.T) {
	t.Parallel()
	b := newBench(t)
	b.MustKubectl(t, deployment(map[string]string{"dapr.io/config": marker}), "apply", "-f-")
	live := b.settled(b.orders())
	var undo *journal.UndoError
	if _, err := b.client.Write(t.Context(), b.journal(), live, change(t, live, "dapr.io/config", "tracing"), apply.Options{}); !errors.As(err, &undo) {
		t.Errorf("error: %v", err)
	}
	same(t, live, b.settled(b.orders()))
}

// unending is a test whose context does not end before its cleanups.
type unending struct{ testing.TB }

func (unending) Context() context.Context { return context.Background() }
