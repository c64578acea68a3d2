// Copyright The kubectl-dapr-prod Authors.
// SPDX-License-Identifier: Apache-2.0

//go:build cluster

package sizing_test

import (
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"

	corev1 "k8s.io/api/core/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"sigs.k8s.io/yaml"

	"github.com/dapr-prod/kubectl-dapr-prod/test/cluster/kube"
)

// runs runs sizing, whose exit code has to be that.
func runs(t *testing.T, code int, args ...string) kube.Outcome {
	t.Helper()
	o := kube.Run(t, append([]string{"sizing"}, args...)...)
	if o.Code != code {
		t.Fatalf("%v: exit code %d, want %d\n%s%s", args, o.Code, code, o.Stdout, o.Stderr)
	}
	return o
}

// expectText expects parts of a text, whose lines may be wrapped.
func expectText(t *testing.T, text string, parts ...string) {
	t.Helper()
	for _, part := range parts {
		if !strings.Contains(strings.Join(strings.Fields(text), " "), part) {
			t.Errorf("nobody says %q, but\n%s", part, text)
		}
	}
}

// whatIsFree is what other tests take from, meanwhile.
var whatIsFree = regexp.MustCompile(`the nodes have [\d.]+ CPU and [\d.]+\w+ of memory free`)

// steady is a plan without that.
func steady(plan string) string {
	return whatIsFree.ReplaceAllString(plan, "the nodes have SOME free")
}

// carried are the settings of the sidecars of an app's Pods, as the injector gave
// them: "120m/300m 225Mi/250Mi 225MiB", each once.
func carried(t *testing.T, ns *kube.Namespace, name string) string {
	t.Helper()
	var all []string
	for _, pod := range ns.Pods(t) {
		if pod.Labels["app"] != name || pod.DeletionTimestamp != nil {
			continue
		}
		for _, c := range slices.Concat(pod.Spec.Containers, pod.Spec.InitContainers) {
			if c.Name != "daprd" {
				continue
			}
			soft := ""
			for _, v := range c.Env {
				if v.Name == "GOMEMLIMIT" {
					soft = v.Value
				}
			}
			r := c.Resources
			numbers := r.Requests.Cpu().String() + "/" + r.Limits.Cpu().String() + " " +
				r.Requests.Memory().String() + "/" + r.Limits.Memory().String() + " " + soft
			if !slices.Contains(all, numbers) {
				all = append(all, numbers)
			}
		}
	}
	return strings.Join(all, ", ")
}

// templates are the annotations of the Pod templates of all Deployments, as text.
func templates(t *testing.T, ns *kube.Namespace) string {
	t.Helper()
	list, err := ns.Client.AppsV1().Deployments(ns.Name).List(t.Context(), metav1.ListOptions{})
	if err != nil {
		t.Fatal(err)
	}
	all := map[string]map[string]string{}
	for _, d := range list.Items {
		all[d.Name] = d.Spec.Template.Annotations
	}
	text, err := yaml.Marshal(all)
	if err != nil {
		t.Fatal(err)
	}
	return string(text)
}

// TestApply: what a history recommends is shown, tried, and written; Pods come up that
// carry it, a second run has nothing to do, and a revert takes it back.
func TestApply(t *testing.T) {
	t.Parallel()
	ns, p := shop(t)
	url := kube.Prometheus(t, p.all)
	journal := filepath.Join(t.TempDir(), "journal")
	of := func(args ...string) []string {
		return append([]string{"-n", ns.Name, "--prometheus-url", url}, args...)
	}
	before := templates(t, ns)

	plan := steady(runs(t, 1, of("--apply", "--dry-run=server")...).Stdout)
	expectText(t, plan, "Usage: Prometheus at "+url,
		"3 changes to write, which close 4 findings; they add 60m CPU to the requests of 3 Pods and take 75Mi of memory off",
		"closes sizing: CPU request 100m, should be 120m; memory request 250Mi, should be 225Mi; memory limit 1000Mi, should be 375Mi; GOMEMLIMIT 900MiB, should be 337MiB; confidence high",
		"HorizontalPodAutoscaler by-cpu scales on a percentage",
		"sizing, "+ns.Name+"/deployment/fresh, "+ns.Name+"/pod/lonely: confidence is low, so that the numbers rest on little: --allow-low-confidence writes them all the same",
		"3 ready; 2 findings left to you")
	equal(t, "the plan of -o diff", steady(runs(t, 1, of("-o", "diff")...).Stdout), plan)
	patches := runs(t, 1, of("--apply", "--dry-run=server", "-o", "yaml", "deployment/orders")...)
	var patch struct {
		Spec struct{ Template corev1.PodTemplateSpec }
	}
	if err := yaml.Unmarshal([]byte(patches.Stdout), &patch); err != nil {
		t.Fatal(err)
	}
	equal(t, "the patch's memory limit", patch.Spec.Template.Annotations["dapr.io/sidecar-memory-limit"], "375Mi")
	equal(t, "the patch's variables", patch.Spec.Template.Annotations["dapr.io/env"], "GOMEMLIMIT=337MiB")
	equal(t, "templates after dry runs", templates(t, ns), before)

	done := runs(t, 0, of("--apply", "--yes", "--max-parallel=2", "--journal", journal)...)
	expectText(t, done.Stdout, "3 of 3 changes written and seen to hold")
	expectText(t, done.Stderr, "To take back what was written: kubectl dapr-prod fix --revert "+journal)
	equal(t, "Pods of orders", carried(t, ns, "orders"), "120m/300m 225Mi/375Mi 337MiB")
	equal(t, "Pods of stock", carried(t, ns, "stock"), "120m/300m 225Mi/1000Mi 900MiB")

	expectText(t, runs(t, 0, of("--apply", "--yes")...).Stdout, "Nothing to write.", "0 ready; 2 findings left to you")

	if o := kube.Run(t, "fix", "--revert", journal, "--yes"); o.Code != 0 {
		t.Fatalf("revert: exit code %d\n%s%s", o.Code, o.Stdout, o.Stderr)
	}
	equal(t, "templates after a revert", templates(t, ns), before)
	equal(t, "Pods of stock after a revert", carried(t, ns, "stock"), "100m/300m 250Mi/1000Mi 900MiB")
}

// TestFiles: the same numbers, written into a manifest and applied from there.
func TestFiles(t *testing.T) {
	t.Parallel()
	ns, p := shop(t)
	url := kube.Prometheus(t, p.all)
	folder := t.TempDir()
	file := filepath.Join(folder, "orders.yaml")
	text := "# orders of the shop\n" + app("Deployment", "orders", 2, settings...) + app("Deployment", "unknown", 1)
	if err := os.WriteFile(file, []byte(text), 0o600); err != nil {
		t.Fatal(err)
	}
	args := []string{"-n", ns.Name, "--prometheus-url", url, "-f", folder}
	shown := runs(t, 1, args...)
	expectText(t, shown.Stdout, "Usage: Prometheus at "+url, "1 change to write into 1 file", "+ dapr.io/sidecar-memory-limit: 375Mi", "1 ready; 0 findings left to you")
	expectText(t, shown.Stderr, "Deployment "+ns.Name+"/unknown was not measured, and is left as it is.",
		"Deployment "+ns.Name+"/fresh, Deployment "+ns.Name+"/idle, Pod "+ns.Name+"/lonely, StatefulSet "+ns.Name+"/stock were measured, and are not in the input.")

	runs(t, 0, append(args, "--write")...)
	expectText(t, runs(t, 0, args...).Stdout, "Nothing to write.")
	content, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	equal(t, "what the file holds beside", strings.NewReplacer("120m", "100m", "225Mi", "250Mi", "375Mi", "1000Mi", "337MiB", "900MiB").Replace(string(content)), text)

	apply(t, ns, strings.Split(string(content), app("Deployment", "unknown", 1))[0])
	equal(t, "Pods of orders", carried(t, ns, "orders"), "120m/300m 225Mi/375Mi 337MiB")
	expectText(t, runs(t, 0, "-n", ns.Name, "--prometheus-url", url, "--apply", "--yes", "deployment/orders").Stdout, "Nothing to write.")
}

// TestApplyOfLittle: what one reading says is written for those who allow it, and not
// taken back where the new Pods have none yet.
func TestApplyOfLittle(t *testing.T) {
	t.Parallel()
	ns := cluster.Namespace(t)
	apply(t, ns, app("Deployment", "greedy", 1, uses("1200Mi", settings...)...))
	measured(t, ns, 1)
	args := []string{"-n", ns.Name, "--source=metrics", "--apply", "--yes"}
	expectText(t, runs(t, 0, args...).Stdout, "Nothing to write.", "confidence is low")
	runs(t, 0, append(args, "--allow-low-confidence", "--journal", filepath.Join(t.TempDir(), "journal"))...)
	equal(t, "Pods of greedy", carried(t, ns, "greedy"), "100m/300m 1400Mi/1500Mi 1350MiB")
	for _, source := range []string{"auto", "guidelines"} {
		again := runs(t, 0, "-n", ns.Name, "--source", source, "--apply", "--yes", "--allow-low-confidence")
		expectText(t, again.Stdout, "Nothing to write.", "0 ready; 0 findings left to you")
	}
}
