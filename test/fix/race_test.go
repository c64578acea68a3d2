// Copyright The kubectl-dapr-prod Authors.
// SPDX-License-Identifier: Apache-2.0

//go:build cluster

package fix_test

import (
	"context"
	"net/http"
	"strings"
	"sync"
	"testing"

	apierrors "k8s.io/apimachinery/pkg/api/errors"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/types"

	"github.com/dapr-prod/kubectl-dapr-prod/test/cluster/kube"
)

// before does something once, right before the server gets the first request that fits.
func before(t testing.TB, fits func(*http.Request) bool, do func(context.Context) error) *kube.Front {
	t.Helper()
	front := cluster.Front(t)
	onceAt(t, front, fits, do)
	return front
}

// onceAt makes a server that stands before the API server do something once.
func onceAt(t testing.TB, front *kube.Front, fits func(*http.Request) bool, do func(context.Context) error) {
	t.Helper()
	var once sync.Once
	front.With(func(_ http.ResponseWriter, r *http.Request) bool {
		if fits(r) {
			once.Do(func() {
				if err := do(context.WithoutCancel(r.Context())); err != nil {
					t.Error(err)
				}
			})
		}
		return false
	})
	t.Cleanup(func() {
		missed := false
		once.Do(func() { missed = true })
		if missed {
			t.Error("the request never came")
		}
	})
}

// writes tells whether a request stores a change.
func writes(r *http.Request) bool {
	return r.Method == http.MethodPatch && r.URL.Query().Get("dryRun") == ""
}

// tries tells whether a request is the dry run of a change.
func tries(r *http.Request) bool {
	return r.Method == http.MethodPatch && r.URL.Query().Get("dryRun") != ""
}

func remove(ctx context.Context, ns *kube.Namespace, name string) error {
	api := ns.Client.AppsV1().Deployments(ns.Name)
	now := int64(0)
	if err := api.Delete(ctx, name, metav1.DeleteOptions{GracePeriodSeconds: &now}); err != nil {
		return err
	}
	_, err := api.Get(ctx, name, metav1.GetOptions{})
	if apierrors.IsNotFound(err) {
		return nil
	}
	return err
}

func recreate(ctx context.Context, ns *kube.Namespace, name string) error {
	if err := remove(ctx, ns, name); err != nil {
		return err
	}
	_, err := ns.Client.AppsV1().Deployments(ns.Name).Create(ctx, flawed(name), metav1.CreateOptions{FieldManager: "kubectl-create"})
	return err
}

// retouch sets an annotation of the template as a person does.
func retouch(ctx context.Context, ns *kube.Namespace, name, key, value string) error {
	body := `{"spec":{"template":{"metadata":{"annotations":{"` + key + `":"` + value + `"}}}}}`
	_, err := ns.Client.AppsV1().Deployments(ns.Name).Patch(ctx, name, types.StrategicMergePatchType, []byte(body), metav1.PatchOptions{FieldManager: "kubectl-patch"})
	return err
}

// TestChangedMeanwhile: what happens to an object between the plan, its proof and the
// write is seen, and nothing is written that was not shown.
func TestChangedMeanwhile(t *testing.T) {
	t.Parallel()
	const port, limit = "dapr.io/app-port", "dapr.io/sidecar-memory-limit"
	touch := func(key, value string) func(context.Context, *kube.Namespace, string) error {
		return func(ctx context.Context, ns *kube.Namespace, name string) error {
			return retouch(ctx, ns, name, key, value)
		}
	}
	for _, test := range []struct {
		name string
		when func(*http.Request) bool
		do   func(context.Context, *kube.Namespace, string) error
		code int
		says []string
		// want are annotations of the first app afterwards, nil if there is no such app.
		want map[string]string
		// second tells that the second app is written.
		second bool
	}{
		{
			"deleted before the write", writes, remove, 0,
			[]string{"orders: it was deleted since it was read: nothing is left to do for it", "1 of 2 changes written"},
			nil, true,
		},
		{
			"recreated before the write", writes, recreate, 0,
			[]string{"2 of 2 changes written"},
			map[string]string{env: soft, seccomp: "RuntimeDefault"},
			true,
		},
		{
			"changed elsewhere before the write", writes, touch(port, "3000"), 0,
			[]string{"2 of 2 changes written"},
			map[string]string{env: soft, seccomp: "RuntimeDefault", port: "3000"},
			true,
		},
		{
			"changed to need another change", writes, touch(limit, "2Gi"), 2,
			[]string{"what is to be done is not what was shown: run it again", "0 of 2 changes written"},
			map[string]string{env: "LEVEL=debug", seccomp: "", limit: "2Gi"},
			false,
		},
		{
			"changed in the very field", writes, touch(env, "LEVEL=info"), 2,
			[]string{"what is to be done is not what was shown: run it again"},
			map[string]string{env: "LEVEL=info", seccomp: ""},
			false,
		},
		{
			"deleted before the dry run", tries, remove, 0,
			[]string{"1 change to write", "1 of 1 changes written"},
			nil, true,
		},
		{
			"recreated before the dry run", tries, recreate, 0,
			[]string{"2 of 2 changes written"},
			map[string]string{env: soft, seccomp: "RuntimeDefault"},
			true,
		},
		{
			"changed before the dry run", tries, touch(port, "3000"), 0,
			[]string{"2 of 2 changes written"},
			map[string]string{env: soft, seccomp: "RuntimeDefault", port: "3000"},
			true,
		},
		{
			"changed in the very field before the dry run", tries, touch(env, "LEVEL=info"), 0,
			[]string{"2 of 2 changes written"},
			map[string]string{env: "LEVEL=info,GOMEMLIMIT=921MiB", seccomp: "RuntimeDefault"},
			true,
		},
	} {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			ns := cluster.Namespace(t)
			apply(t, ns, flawed("orders"), flawed("payments"))
			ns.Ready(t)
			first := func(r *http.Request) bool { return test.when(r) && strings.HasSuffix(r.URL.Path, "/orders") }
			front := before(t, first, func(ctx context.Context) error { return test.do(ctx, ns, "orders") })
			o := kube.Run(t, both("-n", ns.Name, "--yes", "--kubeconfig", front.Kubeconfig)...)
			ends(t, o, test.code, test.says...)
			if test.second {
				written(t, ns, "payments")
			} else {
				untouched(t, ns, "payments")
			}
			d, err := ns.Client.AppsV1().Deployments(ns.Name).Get(t.Context(), "orders", metav1.GetOptions{})
			if test.want == nil {
				if !apierrors.IsNotFound(err) {
					t.Errorf("a stub was made: %v %v", d, err)
				}
				return
			}
			if err != nil {
				t.Fatal(err)
			}
			for key, value := range test.want {
				if got := d.Spec.Template.Annotations[key]; got != value {
					t.Errorf("%s is %q, want %q", key, got, value)
				}
			}
		})
	}
}

// TestTwoAtOnce: two runs on the same apps do each change once.
func TestTwoAtOnce(t *testing.T) {
	t.Parallel()
	ns := cluster.Namespace(t)
	names := []string{"cart", "orders", "payments", "stock"}
	for _, name := range names {
		d := flawed(name)
		one := int32(1)
		d.Spec.Replicas = &one
		apply(t, ns, d)
	}
	ns.Ready(t)
	for _, o := range atOnce(t, both("-n", ns.Name, "--yes", "--max-parallel", "2")...) {
		ends(t, o, 0)
	}
	for _, name := range names {
		written(t, ns, name)
	}
}

// TestTwoRestartsAtOnce: of two runs that restart the same app only one does, although
// the other still sees the old Pods.
func TestTwoRestartsAtOnce(t *testing.T) {
	t.Parallel()
	ns := cluster.Namespace(t)
	apply(t, ns, deployment("orders", 1, on("orders")))
	ns.Ready(t)
	age(t, ns, "orders")
	outcomes := atOnce(t, "fix", "sidecar-version", "-n", ns.Name, "--yes")
	said := ""
	for _, o := range outcomes {
		ends(t, o, 0, "sidecar-version: ")
		said += o.Stderr
	}
	if !strings.Contains(said, "it was changed since it was read: nothing is left to do for it") {
		t.Errorf("neither of them gave way: %s", said)
	}
	if d := get(t, ns, "orders"); d.Generation != 2 {
		t.Errorf("generation %d: restarted more than once", d.Generation)
	}
}

// atOnce runs the program twice, and lets both go on when both are about to write.
func atOnce(t testing.TB, args ...string) []kube.Outcome {
	t.Helper()
	var there sync.WaitGroup
	there.Add(2)
	var running []*process
	for range 2 {
		front := before(t, writes, func(context.Context) error { there.Done(); there.Wait(); return nil })
		running = append(running, start(t, "", append(args, "--kubeconfig", front.Kubeconfig)...))
	}
	var all []kube.Outcome
	for _, p := range running {
		all = append(all, p.end())
	}
	return all
}

// TestProvenMeanwhile: what could not be tried at first, and can when it is planned
// again, is written as it was shown.
func TestProvenMeanwhile(t *testing.T) {
	t.Parallel()
	ns := cluster.Namespace(t)
	apply(t, ns, flawed("orders"))
	ns.Ready(t)
	user := reader(t).May(t, "patch", ns.Name, deployments).May(t, "watch", ns.Name, deployments)
	front := before(t, writes, func(ctx context.Context) error {
		user.May(t, "create", ns.Name, pods)
		return retouch(ctx, ns, "orders", "note", "meanwhile")
	})
	o := kube.Run(t, both("-n", ns.Name, "--yes", "--allow-unproven", "--as", user.Name, "--kubeconfig", front.Kubeconfig)...)
	ends(t, o, 0, "1 unproven", "1 of 1 changes written")
	if got := get(t, ns, "orders").Spec.Template.Annotations[env]; got != soft {
		t.Errorf("%s is %q", env, got)
	}
}
