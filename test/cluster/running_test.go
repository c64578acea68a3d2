// Copyright The kubectl-dapr-prod Authors.
// SPDX-License-Identifier: Apache-2.0

//go:build cluster

package cluster_test

import (
	"context"
	"fmt"
	"slices"
	"strings"
	"testing"

	corev1 "k8s.io/api/core/v1"
	"k8s.io/apimachinery/pkg/api/equality"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/apis/meta/v1/unstructured"
	"k8s.io/apimachinery/pkg/runtime/schema"
	"k8s.io/apimachinery/pkg/types"
	"k8s.io/apimachinery/pkg/util/diff"

	"github.com/dapr-prod/kubectl-dapr-prod/pkg/catalogue"
	"github.com/dapr-prod/kubectl-dapr-prod/pkg/evaluate"
	"github.com/dapr-prod/kubectl-dapr-prod/pkg/guideline"
	"github.com/dapr-prod/kubectl-dapr-prod/pkg/sidecar"
	"github.com/dapr-prod/kubectl-dapr-prod/test/cluster/kube"
)

// TestSimulationIsWhatRuns holds the simulated sidecars of the shop against the
// ones that really run: in what guidelines judge and, after the server has
// filled in its defaults, in every field.
func TestSimulationIsWhatRuns(t *testing.T) {
	t.Parallel()
	ns := shop(t)
	compared := 0
	for _, app := range evaluate.Run(read(t, ns.Name), catalogue.All(), evaluate.Options{Scopes: []guideline.Scope{guideline.Apps}}).Apps {
		e := app.Sidecar
		for _, o := range e.Observed {
			if fields := sidecar.Differences(e.Simulated, e.Simulation.Native, o.Sidecar); len(fields) > 0 {
				t.Errorf("%s: %v", app.Object, fields)
			}
			compared += len(o.Pods)
			for _, pod := range o.Pods {
				compareFields(t, ns, pod, e.Simulated, e.Simulation.Native)
			}
		}
		if e.Simulated != nil && len(e.Observed) == 0 {
			t.Errorf("%s has a sidecar and no Pod", app.Object)
		}
	}
	if compared != 7 { // orders 3, payments 2, inventory 2
		t.Errorf("%d Pods were compared, want 7", compared)
	}
}

// compareFields puts the simulated container in the place of a Pod's daprd and
// asks the server, in a dry run, what becomes of it.
func compareFields(t *testing.T, ns *kube.Namespace, name string, simulated *corev1.Container, native bool) {
	t.Helper()
	pods := ns.Client.CoreV1().Pods(ns.Name)
	running, err := pods.Get(t.Context(), name, metav1.GetOptions{})
	if err != nil {
		t.Fatal(err)
	}
	real, isNative := daprdOf(&running.Spec)
	if real == nil || native != isNative {
		t.Fatalf("%s: native %t, simulated %t", name, isNative, native)
	}
	real = withoutAnchors(real)
	trial := &corev1.Pod{ObjectMeta: metav1.ObjectMeta{Name: "trial"}, Spec: *running.Spec.DeepCopy()}
	trial.Spec.NodeName = ""
	place, _ := daprdOf(&trial.Spec)
	*place = *withoutAnchors(simulated)
	withoutToken(t, place)
	// The server adds its own token to what has none yet, under a new name.
	i := slices.IndexFunc(real.VolumeMounts, func(m corev1.VolumeMount) bool { return strings.HasPrefix(m.Name, "kube-api-access-") })
	automount := running.Spec.AutomountServiceAccountToken
	switch wanted := automount == nil || *automount; {
	case (i >= 0) != wanted:
		t.Fatalf("%s has the server's token: %t, want %t: %v", name, i >= 0, wanted, real.VolumeMounts)
	case wanted:
		place.VolumeMounts = append(place.VolumeMounts, real.VolumeMounts[i])
	}
	made, err := pods.Create(t.Context(), trial, metav1.CreateOptions{DryRun: []string{metav1.DryRunAll}})
	if err != nil {
		t.Fatal(err)
	}
	if filled, _ := daprdOf(&made.Spec); !equality.Semantic.DeepEqual(real, filled) {
		t.Errorf("%s (- runs, + simulated):\n%s", name, diff.Diff(real, filled))
	}
}

// TestDifferencesAfterAnEdit changes templates whose Pods stay as they are.
func TestDifferencesAfterAnEdit(t *testing.T) {
	t.Parallel()
	edits := map[string]struct {
		pairs []string
		want  string
	}{
		"same":      {[]string{"log-level", "debug"}, ""},
		"limit":     {[]string{"sidecar-cpu-limit", "500m"}, "resources"},
		"dropped":   {[]string{"sidecar-cpu-limit", "500mm"}, "resources"},
		"env":       {[]string{"env", "GOMEMLIMIT=900MiB,A=1"}, "env A, env DAPR_ENV_KEYS"},
		"value":     {[]string{"env", "GOMEMLIMIT=800MiB"}, "env GOMEMLIMIT"},
		"native":    {[]string{"enable-native-sidecar", "true"}, "native sidecar"},
		"image":     {[]string{"sidecar-image", "ghcr.io/dapr/daprd:1.17.2"}, "image"},
		"seccomp":   {[]string{"sidecar-seccomp-profile-type", "RuntimeDefault"}, "securityContext"},
		"store":     {[]string{"disable-builtin-k8s-secret-store", "true"}, "disable-builtin-k8s-secret-store"},
		"api-token": {[]string{"api-token-secret", "tokens"}, "env DAPR_API_TOKEN"},
		"several":   {[]string{"sidecar-memory-limit", "2Gi", "sidecar-image", "daprd:1", "env", ""}, "image, resources, env DAPR_ENV_KEYS, env GOMEMLIMIT"},
	}
	ns := cluster.Namespace(t)
	for name := range edits {
		ns.Apply(t, keeping(name, 2, settled(name)), deployment(name+"-d", 1, settled(name+"-d")))
	}
	ns.Ready(t)
	for name, edit := range edits {
		ns.Apply(t, keeping(name, 2, settled(name, edit.pairs...)), paused(name+"-d", settled(name+"-d", edit.pairs...)))
	}
	check := kube.Check(t, "-n", ns.Name)
	for name, edit := range edits {
		expectProblem(t, check, "StatefulSet/"+name, "2 of 2", edit.want)
		expectProblem(t, check, "Deployment/"+name+"-d", "1 of 1", edit.want)
	}
}

// expectProblem expects that the report says which fields differ, and nothing
// else of differences.
func expectProblem(t *testing.T, check kube.Checked, object, pods, fields string) {
	t.Helper()
	var want []string
	if fields != "" {
		want = []string{pods + " Pods differ from what the template gives now: " + fields}
	}
	got := slices.DeleteFunc(check.App(t, object).Sidecar.Problems, func(p string) bool { return !strings.Contains(p, "differ") })
	if !slices.Equal(got, want) {
		t.Errorf("%s: %q, want %q", object, got, want)
	}
}

// TestResizedSidecar: an autoscaler changes containers that run, and no template.
func TestResizedSidecar(t *testing.T) {
	t.Parallel()
	ns := cluster.Namespace(t)
	ns.Apply(t, deployment("orders", 2, settled("orders")))
	ns.Ready(t)
	pods := ns.Pods(t)
	// The server takes a resize where the kubelet says that it knows of such
	// things, which the one played here does not.
	for i := range pods[0].Status.ContainerStatuses {
		pods[0].Status.ContainerStatuses[i].Resources = &corev1.ResourceRequirements{}
	}
	if _, err := ns.Client.CoreV1().Pods(ns.Name).UpdateStatus(t.Context(), &pods[0], metav1.UpdateOptions{}); err != nil {
		t.Fatal(err)
	}
	patch := `{"spec":{"containers":[{"name":"daprd","resources":{"requests":{"memory":"300Mi"},"limits":{"memory":"800Mi"}}}]}}`
	api := ns.Client.CoreV1().Pods(ns.Name)
	if _, err := api.Patch(t.Context(), pods[0].Name, types.StrategicMergePatchType, []byte(patch), metav1.PatchOptions{}, "resize"); err != nil {
		t.Fatal(err)
	}
	kube.Eventually(t, "the resize", func(ctx context.Context) (bool, string, error) {
		p, err := api.Get(ctx, pods[0].Name, metav1.GetOptions{})
		if err != nil {
			return false, "", err
		}
		c, _ := daprdOf(&p.Spec)
		return c.Resources.Limits.Memory().String() == "800Mi", fmt.Sprint(c.Resources), nil
	})

	check := kube.Check(t, "-n", ns.Name)
	r := check.Expect(t, "sidecar-soft-memory-limit", "Deployment/orders", guideline.Failed, "of the memory limit of 800Mi: the sidecar is killed before it collects")
	if r.Severity != guideline.Error || !strings.Contains(r.Message, "(1 of 2 running Pods)") {
		t.Errorf("%s: %s", r.Severity, r.Message)
	}
	check.Expect(t, "sidecar-resources", "Deployment/orders", guideline.Passed, "")
	expectProblem(t, check, "Deployment/orders", "1 of 2", "resources")
}

// TestLimitRangeThatIsGone: what it gave to the Pods that run, the next Pod lacks.
func TestLimitRangeThatIsGone(t *testing.T) {
	t.Parallel()
	ns := cluster.Namespace(t)
	ns.Apply(t, limitRange(corev1.LimitRangeItem{Type: corev1.LimitTypeContainer, Default: resources("500m", "512Mi")}))
	ns.Apply(t, deployment("orders", 2, on("orders")))
	ns.Ready(t)
	if err := ns.Client.CoreV1().LimitRanges(ns.Name).Delete(t.Context(), "limits", metav1.DeleteOptions{}); err != nil {
		t.Fatal(err)
	}

	check := kube.Check(t, "-n", ns.Name)
	check.Expect(t, "sidecar-resources", "Deployment/orders", guideline.Failed, "no CPU and memory settings")
	check.Expect(t, "sidecar-soft-memory-limit", "Deployment/orders", guideline.Failed, "no GOMEMLIMIT for a memory limit of 512Mi (2 of 2 running Pods)")
	expectProblem(t, check, "Deployment/orders", "2 of 2", "resources")
}

// TestComponentsWithContainers: a Component may bring a container into the Pods
// of an app, which changes the sidecar and is nothing to restart Pods for.
func TestComponentsWithContainers(t *testing.T) {
	t.Parallel()
	ns := cluster.Namespace(t)
	component := &unstructured.Unstructured{Object: map[string]any{
		"apiVersion": "dapr.io/v1alpha1", "kind": "Component",
		"metadata": map[string]any{"name": "mine", "annotations": map[string]any{"dapr.io/component-container": `{"name":"mine","image":"mine:1"}`}},
		"spec":     map[string]any{"type": "state.mine", "version": "v1", "metadata": []any{}},
	}}
	components := ns.Dynamic.Resource(schema.GroupVersionResource{Group: "dapr.io", Version: "v1alpha1", Resource: "components"})
	if _, err := components.Namespace(ns.Name).Create(t.Context(), component, metav1.CreateOptions{}); err != nil {
		t.Fatal(err)
	}
	ns.Apply(t, deployment("orders", 1, settled("orders", "inject-pluggable-components", "true")))
	ns.Ready(t)
	if containers := ns.Pods(t)[0].Spec.Containers; len(containers) != 3 {
		t.Fatalf("the injector added no container of the Component's: %v", containers)
	}
	expectProblem(t, kube.Check(t, "-n", ns.Name), "Deployment/orders", "", "")
}
