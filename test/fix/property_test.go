// Copyright The kubectl-dapr-prod Authors.
// SPDX-License-Identifier: Apache-2.0

//go:build cluster

package fix_test

import (
	"context"
	"encoding/json"
	"fmt"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"testing"

	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/apis/meta/v1/unstructured"
	"k8s.io/apimachinery/pkg/runtime/schema"

	"github.com/dapr-prod/kubectl-dapr-prod/pkg/catalogue"
	"github.com/dapr-prod/kubectl-dapr-prod/pkg/guideline"
	"github.com/dapr-prod/kubectl-dapr-prod/test/cluster/kube"
)

// workloadsVariable says how many random workloads TestFlawed takes.
const workloadsVariable = "DAPR_PROD_FIX_WORKLOADS"

// perNamespace is how many of them share a namespace.
const perNamespace = 10

// TestFlawed: of random flawed workloads, whatever the plan says to close is closed; a
// second run has nothing to write; and taken back, every object is as it was.
func TestFlawed(t *testing.T) {
	t.Parallel()
	workloads := 60
	if more, err := strconv.Atoi(os.Getenv(workloadsVariable)); err == nil {
		workloads = more
	}
	for seed := range workloads / perNamespace {
		t.Run(fmt.Sprint("seed ", seed), func(t *testing.T) {
			t.Parallel()
			flawedRun(t, uint64(seed))
		})
	}
}

func flawedRun(t *testing.T, seed uint64) {
	ns := cluster.Namespace(t)
	apply(t, ns, flawedNamespace(seed, perNamespace)...)
	comeToRest(t, ns)
	was := specs(t, ns)
	before := kube.Check(t, "-n", ns.Name)

	journal := filepath.Join(t.TempDir(), "journal")
	args := append([]string{"fix", "-n", ns.Name, "--yes", "--max-parallel=10", "--timeout=2m"}, mending()...)
	first := kube.Run(t, append(args, "--journal", journal)...)
	promised := closes(first.Stdout)
	if first.Code > 1 || len(promised) == 0 {
		t.Fatalf("exit code %d\n%s%s", first.Code, first.Stdout, first.Stderr)
	}
	deleteOld(t, ns)
	comeToRest(t, ns)
	after := kube.Check(t, "-n", ns.Name)
	for _, p := range promised {
		for _, b := range before.Of(p.guideline, p.object) {
			if b.Message != p.message {
				continue
			}
			for _, a := range after.Of(p.guideline, p.object) {
				if a.Outcome == guideline.Failed && a.Field == b.Field {
					t.Errorf("%s on %s: %q was to be closed, and is %q\n%s", p.guideline, p.object, b.Message, a.Message, was[p.object])
				}
			}
		}
	}

	now := specs(t, ns)
	second := kube.Run(t, args...)
	if second.Code > 1 || !strings.Contains(second.Stdout, "Nothing to write.") {
		t.Errorf("the second run: exit code %d\n%s%s", second.Code, second.Stdout, second.Stderr)
	}
	same(t, "the second run", now, specs(t, ns))

	// Some were refused their Pods before, and are again: the revert stops there, and goes
	// on when it is run again.
	var back kube.Outcome
	for range 2 * perNamespace {
		if back = kube.Run(t, "fix", "--revert", journal, "--yes", "--timeout=15s"); back.Code == 0 {
			break
		}
	}
	if back.Code != 0 {
		t.Errorf("the revert: exit code %d\n%s%s", back.Code, back.Stdout, back.Stderr)
	}
	same(t, "the revert", was, specs(t, ns))
}

// mending are the guidelines that fix closes.
func mending() []string {
	var all []string
	for _, g := range catalogue.All() {
		if g.Mend != nil && !g.Hardens {
			all = append(all, g.ID)
		}
	}
	return all
}

// promise is a finding that a plan says to close.
type promise struct{ object, guideline, message string }

// closes reads the promises of a plan.
func closes(text string) []promise {
	var all []promise
	object, closing := "", false
	for line := range strings.Lines(text) {
		line = strings.TrimRight(line, "\n")
		if head, _, found := strings.Cut(line, ": restarts "); found || strings.HasSuffix(line, ": from the next run on") {
			kind, name, _ := strings.Cut(strings.TrimSuffix(head, ": from the next run on"), " ")
			object = kind + "/" + name[strings.Index(name, "/")+1:]
		}
		closing = strings.HasPrefix(line, "closes ") || closing && strings.HasPrefix(line, "          ")
		if closing {
			id, message, _ := strings.Cut(strings.TrimSpace(strings.TrimPrefix(line, "closes")), ": ")
			all = append(all, promise{object, id, message})
		}
	}
	return all
}

// templated are the kinds whose templates fix writes.
var templated = []schema.GroupVersionResource{
	{Group: "apps", Version: "v1", Resource: "deployments"},
	{Group: "apps", Version: "v1", Resource: "statefulsets"},
	{Group: "apps", Version: "v1", Resource: "daemonsets"},
	{Group: "batch", Version: "v1", Resource: "cronjobs"},
}

func workloads(ctx context.Context, ns *kube.Namespace) ([]unstructured.Unstructured, error) {
	var all []unstructured.Unstructured
	for _, resource := range templated {
		list, err := ns.Dynamic.Resource(resource).Namespace(ns.Name).List(ctx, metav1.ListOptions{})
		if err != nil {
			return nil, err
		}
		all = append(all, list.Items...)
	}
	return all, nil
}

// specs are the specs of all workloads as JSON, with the objects' annotations, by
// their names.
func specs(t *testing.T, ns *kube.Namespace) map[string]string {
	t.Helper()
	list, err := workloads(t.Context(), ns)
	if err != nil {
		t.Fatal(err)
	}
	all := map[string]string{}
	for _, o := range list {
		annotations := o.GetAnnotations()
		delete(annotations, "deployment.kubernetes.io/revision")
		delete(annotations, "deprecated.daemonset.template.generation")
		text, err := json.Marshal([]any{o.Object["spec"], annotations})
		if err != nil {
			t.Fatal(err)
		}
		all[o.GetKind()+"/"+o.GetName()] = string(text)
	}
	return all
}

func same(t *testing.T, after string, was, is map[string]string) {
	t.Helper()
	for object, spec := range was {
		if is[object] != spec {
			t.Errorf("after %s %s is\n%s\nand was\n%s", after, object, is[object], spec)
		}
	}
}

// comeToRest waits until each workload has the Pods that it wants, or was refused them.
func comeToRest(t *testing.T, ns *kube.Namespace) {
	t.Helper()
	kube.Eventually(t, "the workloads of "+ns.Name, func(ctx context.Context) (bool, string, error) {
		list, err := workloads(ctx, ns)
		if err != nil {
			return false, "", err
		}
		events, err := ns.Client.CoreV1().Events(ns.Name).List(ctx, metav1.ListOptions{FieldSelector: "reason=FailedCreate"})
		if err != nil {
			return false, "", err
		}
		for _, o := range list {
			observed, tells, _ := unstructured.NestedInt64(o.Object, "status", "observedGeneration")
			wanted, _, _ := unstructured.NestedInt64(o.Object, "spec", "replicas")
			available, _, _ := unstructured.NestedInt64(o.Object, "status", "availableReplicas")
			there, _, _ := unstructured.NestedInt64(o.Object, "status", "replicas")
			refused := false
			for _, e := range events.Items {
				refused = refused || strings.HasPrefix(e.InvolvedObject.Name, o.GetName())
			}
			if o.GetKind() != "CronJob" && (!tells || observed < o.GetGeneration() || (available != wanted || there != wanted) && !refused) {
				return false, fmt.Sprintf("%s %s: %d of %d", o.GetKind(), o.GetName(), available, wanted), nil
			}
		}
		return true, "", nil
	})
}

// deleteOld deletes the Pods of StatefulSets that are left to whoever deletes them.
func deleteOld(t *testing.T, ns *kube.Namespace) {
	t.Helper()
	sets, err := ns.Client.AppsV1().StatefulSets(ns.Name).List(t.Context(), metav1.ListOptions{})
	if err != nil {
		t.Fatal(err)
	}
	old := map[string]string{}
	for _, s := range sets.Items {
		if s.Spec.UpdateStrategy.Type == "OnDelete" && *s.Spec.Replicas > 0 {
			old["app="+s.Name] = s.Status.UpdateRevision
		}
	}
	for selector, revision := range old {
		outdated := metav1.ListOptions{LabelSelector: selector + ",controller-revision-hash!=" + revision}
		if err := ns.Client.CoreV1().Pods(ns.Name).DeleteCollection(t.Context(), metav1.DeleteOptions{}, outdated); err != nil {
			t.Fatal(err)
		}
		kube.Eventually(t, "the end of "+selector, func(ctx context.Context) (bool, string, error) {
			list, err := ns.Client.CoreV1().Pods(ns.Name).List(ctx, outdated)
			return err == nil && len(list.Items) == 0, "", err
		})
	}
}
