// Copyright The kubectl-dapr-prod Authors.
// SPDX-License-Identifier: Apache-2.0

//go:build cluster

package fix_test

import (
	"context"
	"fmt"
	"strings"
	"testing"

	appsv1 "k8s.io/api/apps/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/types"
	"sigs.k8s.io/yaml"

	"github.com/dapr-prod/kubectl-dapr-prod/test/cluster/kube"
)

const (
	env     = "dapr.io/env"
	seccomp = "dapr.io/sidecar-seccomp-profile-type"
	// soft is what sidecar-soft-memory-limit makes of flawed's variables.
	soft = "LEVEL=debug,GOMEMLIMIT=921MiB"
)

// flawed is a Deployment without Pods that lacks a seccomp profile, for which an
// annotation is added, and a soft memory limit, for which one is changed.
func flawed(name string) *appsv1.Deployment {
	return deployment(name, 0, on(name, "env", "LEVEL=debug", "sidecar-memory-limit", "1Gi"))
}

// both are the guidelines that flawed falls short of, with what else a run of it needs.
func both(args ...string) []string {
	return append([]string{"fix", "sidecar-seccomp", "sidecar-soft-memory-limit"}, args...)
}

func get(t testing.TB, ns *kube.Namespace, name string) *appsv1.Deployment {
	t.Helper()
	d, err := ns.Client.AppsV1().Deployments(ns.Name).Get(t.Context(), name, metav1.GetOptions{})
	if err != nil {
		t.Fatal(err)
	}
	return d
}

// written holds a Deployment of flawed against what fix makes of it, in one write.
func written(t testing.TB, ns *kube.Namespace, name string) {
	t.Helper()
	d := get(t, ns, name)
	set := d.Spec.Template.Annotations
	if set[env] != soft || set[seccomp] != "RuntimeDefault" || d.Generation != 2 {
		t.Errorf("%s has generation %d, want 2, and %v", name, d.Generation, set)
	}
}

// untouched holds a Deployment of flawed against what was applied.
func untouched(t testing.TB, ns *kube.Namespace, name string) {
	t.Helper()
	d := get(t, ns, name)
	set := d.Spec.Template.Annotations
	if _, added := set[seccomp]; added || set[env] != "LEVEL=debug" || d.Generation != 1 {
		t.Errorf("%s has generation %d, want 1, and %v", name, d.Generation, set)
	}
}

// ends holds a run against its exit code and against sentences on either output. Runs
// of blanks count as one, since sentences are wrapped.
func ends(t testing.TB, o kube.Outcome, code int, sentences ...string) {
	t.Helper()
	if o.Code != code {
		t.Errorf("exit code %d, want %d", o.Code, code)
	}
	text := strings.Join(strings.Fields(o.Stdout+"\n"+o.Stderr), " ")
	for _, s := range sentences {
		if !strings.Contains(text, s) {
			t.Errorf("it does not say %q", s)
		}
	}
	if strings.Contains(text, "goroutine") {
		t.Error("a stack trace")
	}
	if t.Failed() {
		t.Logf("%s%s", o.Stdout, o.Stderr)
	}
}

// set sets annotations of a Deployment's template as a field manager, by server-side
// apply: pairs of a key and a value.
func set(t testing.TB, ns *kube.Namespace, name, manager string, pairs ...string) {
	t.Helper()
	if err := trySet(t.Context(), ns, name, manager, pairs...); err != nil {
		t.Fatal(err)
	}
}

func trySet(ctx context.Context, ns *kube.Namespace, name, manager string, pairs ...string) error {
	set := map[string]string{}
	for i := 0; i < len(pairs); i += 2 {
		set[pairs[i]] = pairs[i+1]
	}
	d := map[string]any{
		"apiVersion": "apps/v1", "kind": "Deployment", "metadata": map[string]any{"name": name},
		"spec": map[string]any{"template": map[string]any{"metadata": map[string]any{"annotations": set}}},
	}
	body, err := yaml.Marshal(d)
	if err != nil {
		return err
	}
	force := true
	_, err = ns.Client.AppsV1().Deployments(ns.Name).Patch(ctx, name, types.ApplyPatchType, body, metav1.PatchOptions{FieldManager: manager, Force: &force})
	return err
}

// TestOwners: what belongs to a program is left to it, in its words; --include-managed
// writes it.
func TestOwners(t *testing.T) {
	t.Parallel()
	ns := cluster.Namespace(t)
	want := map[string]string{}
	for manager, owner := range map[string]string{
		"helm":                 "Helm (field manager helm): put the change into the values",
		"argocd-controller":    "Argo CD (field manager argocd-controller): commit the change",
		"kustomize-controller": "Flux (field manager kustomize-controller): commit the change",
		"helm-controller":      "Flux (field manager helm-controller): put the change into spec.values",
		"my-operator":          "the field manager my-operator: put the change into what my-operator applies",
	} {
		raw, err := yaml.Marshal(typed(flawed("by-" + manager)))
		if err != nil {
			t.Fatal(err)
		}
		ns.MustKubectl(t, string(raw), "apply", "--server-side", "--field-manager", manager, "-f-")
		want["by-"+manager] = owner
	}
	for name, mark := range map[string]struct {
		labels, annotations map[string]string
		owner               string
	}{
		"helm": {
			map[string]string{"app.kubernetes.io/managed-by": "Helm"},
			map[string]string{"meta.helm.sh/release-name": "shop", "meta.helm.sh/release-namespace": "web"},
			"Helm release shop in namespace web",
		},
		"argo":      {nil, map[string]string{"argocd.argoproj.io/tracking-id": "shop:apps/Deployment:" + ns.Name + "/marked-argo"}, "Argo CD application shop"},
		"kustomize": {map[string]string{"kustomize.toolkit.fluxcd.io/name": "shop"}, nil, "Flux Kustomization shop"},
		"release":   {map[string]string{"helm.toolkit.fluxcd.io/name": "shop"}, nil, "Flux HelmRelease shop"},
	} {
		d := flawed("marked-" + name)
		d.Labels, d.Annotations = mark.labels, mark.annotations
		apply(t, ns, d)
		want["marked-"+name] = mark.owner
	}
	apply(t, ns, flawed("free"))

	first := kube.Run(t, both("-n", ns.Name, "--yes")...)
	ends(t, first, 1, "1 change to write", fmt.Sprintf("%d managed", len(want)))
	written(t, ns, "free")
	for name, owner := range want {
		untouched(t, ns, name)
		_, section, found := strings.Cut(first.Stdout, "Deployment "+ns.Name+"/"+name+": not changed\n")
		section, _, _ = strings.Cut(section, "\n\n")
		section = strings.Join(strings.Fields(section), " ")
		for _, part := range []string{
			"because it belongs to " + owner,
			"let it become LEVEL=***,GOMEMLIMIT=921MiB",
			"name: " + name + " namespace: " + ns.Name + " spec: template: metadata: annotations: " + seccomp + ": RuntimeDefault",
		} {
			if !found || !strings.Contains(section, part) {
				t.Errorf("the plan does not say %q of %s: %s", part, name, section)
			}
		}
	}

	// What a program has in a field of its own, it does not lose by --include-managed alone.
	second := kube.Run(t, both("-n", ns.Name, "--yes", "--include-managed")...)
	ends(t, second, 1, "4 changes to write", "5 refused", "it belongs to Helm release shop in namespace web, which may put it back", "field manager helm: let helm write the change")
	third := kube.Run(t, both("-n", ns.Name, "--yes", "--include-managed", "--force-conflicts")...)
	ends(t, third, 0, "5 changes to write", "takes dapr.io/env over from argocd-controller", "5 of 5 changes written")
	for name := range want {
		written(t, ns, name)
	}
}

// TestForeignField: a field manager that owns nothing but the annotation.
func TestForeignField(t *testing.T) {
	t.Parallel()
	ns := cluster.Namespace(t)
	apply(t, ns, flawed("orders"))
	set(t, ns, "orders", "tuner", env, "LEVEL=info")
	first := kube.Run(t, both("-n", ns.Name, "--yes")...)
	ends(t, first, 1, "Nothing to write", "1 refused",
		"spec.template.metadata.annotations[dapr.io/env] belongs to the field manager tuner",
		"let tuner write the change, or take the field over with --force-conflicts, or take the field out of what tuner applies and run again")
	if d := get(t, ns, "orders"); d.Generation != 2 || d.Spec.Template.Annotations[seccomp] != "" {
		t.Errorf("something was written: %v", d.Spec.Template.Annotations)
	}
	dry := kube.Run(t, both("-n", ns.Name, "--dry-run=server", "--force-conflicts")...)
	ends(t, dry, 1, "1 ready", "takes dapr.io/env over from tuner")
	forced := kube.Run(t, both("-n", ns.Name, "--yes", "--force-conflicts")...)
	ends(t, forced, 0, "takes dapr.io/env over from tuner", "1 of 1 changes written")
	if d := get(t, ns, "orders"); d.Generation != 3 || d.Spec.Template.Annotations[env] != "LEVEL=info,GOMEMLIMIT=921MiB" {
		t.Errorf("generation %d and %v", d.Generation, d.Spec.Template.Annotations)
	}
}

// TestApplyAfterUs: the next kubectl apply of the user keeps what was added and puts
// back what was changed, as the plan said.
func TestApplyAfterUs(t *testing.T) {
	t.Parallel()
	for _, test := range []struct {
		name     string
		before   []string
		manager  string
		note     string
		conflict bool
	}{
		{"client side", nil, "kubectl-client-side-apply", "your manifest has dapr.io/env as it was: change it there, or the next kubectl apply puts it back", false},
		{"server side", []string{"--server-side"}, "kubectl", "the next server-side apply by kubectl meets a conflict over dapr.io/env: change it there, too", true},
	} {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			ns := cluster.Namespace(t)
			raw, err := yaml.Marshal(typed(flawed("orders")))
			if err != nil {
				t.Fatal(err)
			}
			args := append([]string{"apply", "-f-"}, test.before...)
			ns.MustKubectl(t, string(raw), args...)
			ends(t, kube.Run(t, both("-n", ns.Name, "--yes")...), 0, "takes dapr.io/env over from "+test.manager, test.note)
			written(t, ns, "orders")
			if out, ok := ns.Kubectl(t, string(raw), args...); ok == test.conflict || test.conflict && !strings.Contains(out, `conflict with "kubectl-dapr-prod"`) {
				t.Errorf("kubectl apply: %s", out)
			}
			if test.conflict {
				written(t, ns, "orders")
				ns.MustKubectl(t, string(raw), append(args, "--force-conflicts")...)
			}
			after := get(t, ns, "orders").Spec.Template.Annotations
			if after[seccomp] != "RuntimeDefault" || after[env] != "LEVEL=debug" {
				t.Errorf("after the user's apply: %v", after)
			}
			// And it is ours to do again, once.
			ends(t, kube.Run(t, both("-n", ns.Name, "--yes")...), 0, "closes 1 finding", "takes dapr.io/env over from "+test.manager)
			if d := get(t, ns, "orders"); d.Generation != 4 || d.Spec.Template.Annotations[env] != soft {
				t.Errorf("generation %d and %v", d.Generation, d.Spec.Template.Annotations)
			}
		})
	}
}

// TestTakenFromKubectl: what a person set with another command of kubectl is taken
// over, and the plan lists from whom.
func TestTakenFromKubectl(t *testing.T) {
	t.Parallel()
	ns := cluster.Namespace(t)
	apply(t, ns, flawed("orders"))
	ns.MustKubectl(t, "", "patch", "deployment", "orders", "-p", `{"spec":{"template":{"metadata":{"annotations":{"dapr.io/env":"LEVEL=info"}}}}}`)
	ends(t, kube.Run(t, both("-n", ns.Name, "--yes")...), 0, "takes dapr.io/env over from kubectl-patch", "your manifest has dapr.io/env as it was")
	if d := get(t, ns, "orders"); d.Generation != 3 || d.Spec.Template.Annotations[env] != "LEVEL=info,GOMEMLIMIT=921MiB" {
		t.Errorf("generation %d and %v", d.Generation, d.Spec.Template.Annotations)
	}
}
