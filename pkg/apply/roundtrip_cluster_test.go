// Copyright The kubectl-dapr-prod Authors.
// SPDX-License-Identifier: Apache-2.0

//go:build cluster

package apply_test

import (
	"errors"
	"os"
	"slices"
	"strings"
	"testing"

	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/runtime/schema"
	"k8s.io/apimachinery/pkg/types"

	"github.com/dapr-prod/kubectl-dapr-prod/pkg/apply"
	"github.com/dapr-prod/kubectl-dapr-prod/pkg/snapshot"
)

func isChanged(err error) bool { return errors.Is(err, apply.ErrChanged) }

var deployments = schema.GroupVersionResource{Group: "apps", Version: "v1", Resource: "deployments"}

// ways in which a Deployment comes to be, with annotations or without.
var ways = []struct {
	name string
	make func(b *bench, annotations map[string]string)
	// taken are the managers that are taken over from, where there are annotations.
	taken []string
}{
	{"client-side apply", func(b *bench, a map[string]string) { b.MustKubectl(b.t, deployment(a), "apply", "-f-") }, []string{"kubectl-client-side-apply Update"}},
	{"server-side apply", func(b *bench, a map[string]string) {
		b.MustKubectl(b.t, deployment(a), "apply", "--server-side", "-f-")
	}, []string{"kubectl Apply"}},
	{"create", func(b *bench, a map[string]string) { b.MustKubectl(b.t, deployment(a), "create", "-f-") }, []string{"kubectl-create Update"}},
	{"create, then one patch a key", func(b *bench, a map[string]string) {
		b.MustKubectl(b.t, deployment(nil), "create", "-f-")
		for key, value := range a {
			b.annotate(b.orders(), "kubectl-patch-of-"+strings.TrimPrefix(key, "dapr.io/"), key, value)
		}
	}, nil},
	{"create, then a patch of all keys", func(b *bench, a map[string]string) {
		b.MustKubectl(b.t, deployment(nil), "create", "-f-")
		for key, value := range a {
			b.annotate(b.orders(), "kubectl-edit", key, value)
		}
	}, []string{"kubectl-edit Update"}},
	{"apply, both ways", func(b *bench, a map[string]string) {
		b.MustKubectl(b.t, deployment(a), "apply", "-f-")
		b.MustKubectl(b.t, deployment(a), "apply", "--server-side", "-f-")
	}, []string{"kubectl Apply"}},
	{"two who applied the same", func(b *bench, a map[string]string) {
		b.MustKubectl(b.t, deployment(a), "apply", "--server-side", "-f-")
		b.MustKubectl(b.t, deployment(a), "apply", "--server-side", "--field-manager=kubectl-create", "-f-")
	}, []string{"kubectl Apply", "kubectl-create Apply"}},
	{"helm", func(b *bench, a map[string]string) {
		b.MustKubectl(b.t, deployment(a), "apply", "--server-side", "--field-manager=helm", "-f-")
	}, []string{"helm Apply"}},
	{"argocd-controller, client-side", func(b *bench, a map[string]string) {
		b.MustKubectl(b.t, deployment(a), "apply", "--field-manager=argocd-controller", "-f-")
	}, []string{"argocd-controller Update"}},
}

// annotate sets one annotation of a template as any manager; null removes it.
func (b *bench) annotate(o snapshot.Object, manager, key, value string) {
	b.t.Helper()
	quoted := `"` + value + `"`
	if value == "null" {
		quoted = value
	}
	inner := `{"metadata":{"annotations":{"` + key + `":` + quoted + `}}}`
	steps := strings.Split(pathOf(o.Kind), ".")
	for _, step := range slices.Backward(steps) {
		inner = `{"` + step + `":` + inner + `}`
	}
	b.MustKubectl(b.t, "", "patch", o.Kind, o.Name, "--type=merge", "--field-manager="+manager, "-p", inner)
}

// TestRoundTrip writes to and reverts a Deployment however it came to be: keys that
// were not there, and keys that others had set. Then it is as it was, down to who owns
// what.
func TestRoundTrip(t *testing.T) {
	t.Parallel()
	for _, way := range ways {
		for _, present := range []bool{false, true} {
			name := way.name + ", new keys"
			before := map[string]string(nil)
			if present {
				name, before = way.name+", keys that are there", map[string]string{env: was, limit: "2Gi", "prometheus.io/scrape": "true"}
			}
			t.Run(name, func(t *testing.T) {
				t.Parallel()
				b := newBench(t)
				way.make(b, before)
				first := b.settled(b.orders())
				value := "GOMEMLIMIT=900MiB"
				if present {
					value = set
				}
				b.dryRun(first, present, way.taken, value)
				j := b.write(b.orders(), insistent, env, value, limit, "1000Mi", asJSON, "true")
				now := b.get(b.orders())
				has(t, now, env, value, limit, "1000Mi", asJSON, "true")
				if !slices.Contains(managers(now), apply.Manager) {
					t.Errorf("it belongs to %v", managers(now))
				}
				b.sealed(j.Path())

				b.dryRevert(j, now)
				generation := b.settled(b.orders()).GetGeneration()
				expect(t, b.revert(j), env+": restored", limit+": restored", asJSON+": restored")
				last := b.settled(b.orders())
				same(t, first, last)
				if last.GetGeneration() != generation+1 {
					t.Errorf("the revert changed the template %d times", last.GetGeneration()-generation)
				}

				expect(t, b.revert(j), env+": as it was", limit+": as it was", asJSON+": as it was")
				if again := b.settled(b.orders()); again.GetResourceVersion() != last.GetResourceVersion() {
					t.Error("the second revert wrote something")
				}
			})
		}
	}
}

// dryRun says what would be written, and from whom it would be taken, and writes
// nothing.
func (b *bench) dryRun(live interface{ GetResourceVersion() string }, present bool, taken []string, value string) {
	b.t.Helper()
	options := insistent
	options.DryRun = true
	var result apply.Result
	b.eventually(func() (err error) {
		now := b.get(b.orders())
		result, err = b.client.Apply(b.t.Context(), now, change(b.t, now, env, value, limit, "1000Mi", asJSON, "true"), options)
		return err
	})
	has(b.t, result.Object, env, value, limit, "1000Mi", asJSON, "true")
	if len(result.Strays) > 0 {
		b.t.Errorf("fields beside the change: %v", result.Strays)
	}
	if !present && len(result.TakenOver) > 0 {
		b.t.Errorf("taken over: %v", result.TakenOver)
	}
	if present && taken != nil {
		var got []string
		for _, c := range result.TakenOver {
			got = append(got, c.Key+" "+c.Manager+" "+c.Operation)
			if c.Field != "spec.template.metadata.annotations["+c.Key+"]" {
				b.t.Errorf("field %s", c.Field)
			}
		}
		var want []string
		for _, m := range taken {
			want = append(want, env+" "+m, limit+" "+m)
		}
		slices.Sort(got)
		slices.Sort(want)
		if !slices.Equal(got, want) {
			b.t.Errorf("taken over: %v, want %v", got, want)
		}
	}
	if now := b.settled(b.orders()); now.GetResourceVersion() != live.GetResourceVersion() {
		b.t.Error("the dry run wrote something")
	}
}

// sealed: the journal holds no secret, and is nobody else's to read.
func (b *bench) sealed(path string) {
	b.t.Helper()
	text, err := os.ReadFile(path)
	if err != nil {
		b.t.Fatal(err)
	}
	if strings.Contains(string(text), marker) || strings.Contains(string(text), "debug") {
		b.t.Errorf("a value that may be secret is in the journal:\n%s", text)
	}
	if info, err := os.Stat(path); err != nil || info.Mode() != 0o600 {
		b.t.Errorf("the journal: %v %v", info.Mode(), err)
	}
}

// TestKinds is the same for every kind whose template is written.
func TestKinds(t *testing.T) {
	t.Parallel()
	for _, o := range []snapshot.Object{
		{APIVersion: "apps/v1", Kind: "StatefulSet", Name: "orders"},
		{APIVersion: "apps/v1", Kind: "DaemonSet", Name: "orders"},
		{APIVersion: "batch/v1", Kind: "CronJob", Name: "orders"},
		{APIVersion: rigs, Kind: "Rig", Name: "typed"},
		{APIVersion: rigs, Kind: "Loose", Name: "loose"},
	} {
		t.Run(o.Kind, func(t *testing.T) {
			t.Parallel()
			if o.APIVersion == rigs {
				defineRigs(t)
			}
			b := newBench(t)
			o.Namespace = b.Name
			for _, before := range []map[string]string{nil, {env: was}} {
				b.MustKubectl(t, manifest(o, before), "apply", "-f-")
				first := b.settled(o)
				value := "GOMEMLIMIT=900MiB"
				if before != nil {
					value = set
				}
				j := b.write(o, apply.Options{}, env, value, asJSON, "true")
				has(t, b.get(o), env, value, asJSON, "true")
				expect(t, b.revert(j), env+": restored", asJSON+": restored")
				same(t, first, b.settled(o))
			}
		})
	}
}

// TestWithoutManagedFields: somebody has wiped them, so that nobody owns anything.
func TestWithoutManagedFields(t *testing.T) {
	t.Parallel()
	b := newBench(t)
	b.MustKubectl(t, deployment(map[string]string{env: was}), "create", "-f-")
	b.settled(b.orders())
	wipe := []byte(`{"metadata":{"managedFields":[{}]}}`)
	if _, err := b.Dynamic.Resource(deployments).Namespace(b.Name).Patch(t.Context(), "orders", types.MergePatchType, wipe, metav1.PatchOptions{}); err != nil {
		t.Fatal(err)
	}
	first := b.get(b.orders())
	if len(first.GetManagedFields()) != 0 {
		t.Fatalf("managed fields: %v", managers(first))
	}
	j := b.write(b.orders(), apply.Options{}, env, set, asJSON, "true")
	expect(t, b.revert(j), env+": restored", asJSON+": restored")
	last := b.settled(b.orders())
	if a, b := content(first), content(last); a != b {
		t.Errorf("it was\n%s\nand is\n%s", a, b)
	}
	if slices.Contains(managers(last), apply.Manager) {
		t.Errorf("it belongs to %v", managers(last))
	}
}
