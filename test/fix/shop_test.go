// Copyright The kubectl-dapr-prod Authors.
// SPDX-License-Identifier: Apache-2.0

//go:build cluster

package fix_test

import (
	"flag"
	"fmt"
	"maps"
	"os"
	"path/filepath"
	"reflect"
	"regexp"
	"slices"
	"strings"
	"testing"

	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/apis/meta/v1/unstructured"
	"k8s.io/apimachinery/pkg/runtime/schema"
	"k8s.io/client-go/discovery"

	"github.com/dapr-prod/kubectl-dapr-prod/pkg/catalogue"
	"github.com/dapr-prod/kubectl-dapr-prod/pkg/guideline"
	"github.com/dapr-prod/kubectl-dapr-prod/pkg/report"
	"github.com/dapr-prod/kubectl-dapr-prod/test/cluster/kube"
)

var update = flag.Bool("update", false, "write the golden files anew")

// sidecars are the guidelines that a test names where it is not about what is done
// unasked.
var sidecars = []string{"sidecar-resources", "sidecar-soft-memory-limit", "sidecar-seccomp"}

// TestShop is the example from its plan to its end: what is shown is what is written,
// what is left is for a person, and the way back leads to what was.
func TestShop(t *testing.T) {
	t.Parallel()
	ns := shop(t)
	before := everything(t, ns)
	if check, hint := kube.Run(t, "check", "-n", ns.Name).Stdout, "\nkubectl dapr-prod fix -n "+ns.Name+" --dry-run=server shows what can be closed from here.\n"; !strings.Contains(check, hint) {
		t.Errorf("check does not say %q:\n%s", hint, check)
	}

	planned := fixed(t, ns, 1, "--dry-run=server")
	golden(t, "testdata/shop.txt", steady(strings.ReplaceAll(planned.Stdout, ns.Name, "shop")))
	if read := fixed(t, ns, 1, "--dry-run=client"); !slices.Equal(slices.Sorted(maps.Keys(closedBy(read.Stdout))), slices.Sorted(maps.Keys(closedBy(planned.Stdout)))) {
		t.Errorf("a client's dry run plans something else:\n%s", read.Stdout)
	}
	sameVersions(t, "a dry run", before, everything(t, ns))

	journal := filepath.Join(t.TempDir(), "journal")
	run := fixed(t, ns, 0, "--yes", "--journal", journal)
	if !strings.HasPrefix(steady(run.Stdout), steady(strings.TrimSuffix(planned.Stdout, "\n"))) {
		t.Errorf("what is written was shown otherwise:\n%s", run.Stdout)
	}
	if line := "\nDeployment " + ns.Name + "/orders: successfully rolled out\n"; !strings.Contains(run.Stderr, line) {
		t.Errorf("the progress does not say %q:\n%s", line, run.Stderr)
	}
	ns.Ready(t, "checkout")
	written := everything(t, ns)
	second := fixed(t, ns, 0, append(slices.Clone(sidecars), "--yes")...)
	if !strings.HasPrefix(second.Stdout, "Nothing to write.") {
		t.Errorf("the second run:\n%s", second.Stdout)
	}
	if !strings.Contains(run.Stderr, "To take back what was written: kubectl dapr-prod fix --revert "+journal) || strings.Contains(second.Stderr, "--revert") {
		t.Errorf("the way back:\n%s\n%s", run.Stderr, second.Stderr)
	}
	rest := fixed(t, ns, 0, "--yes")
	sameVersions(t, "a second run", written, everything(t, ns))
	leftToPeople(t, kube.Check(t, "-n", ns.Name), closedBy(planned.Stdout), rest.Stdout, ns)

	tried := fixed(t, ns, 1, "--revert", journal, "--dry-run=server")
	if n := strings.Count(tried.Stdout, "would be restored"); n != 5 {
		t.Errorf("%d fields would be restored, want 5:\n%s", n, tried.Stdout)
	}
	sameVersions(t, "a dry run of a revert", written, everything(t, ns))
	back := fixed(t, ns, 0, "--revert", journal, "--yes")
	if strings.Count(back.Stdout, "\n") != 5 {
		t.Errorf("a revert that was not to ask says:\n%s%s", back.Stdout, back.Stderr)
	}
	ns.Ready(t, "checkout")
	after := everything(t, ns)
	asBefore(t, before, after)
	again := fixed(t, ns, 0, "--revert", journal, "--yes")
	if n := strings.Count(again.Stdout, "is as it was"); n != 5 {
		t.Errorf("reverted twice:\n%s", again.Stdout)
	}
	sameVersions(t, "a second revert", after, everything(t, ns))
}

// steady is a plan without a rate that is another one each time.
func steady(plan string) string {
	return usedCPU.ReplaceAllString(plan, "use seen is SOME of CPU")
}

// fixed runs fix in a namespace, and expects how it ends.
func fixed(t testing.TB, ns *kube.Namespace, code int, args ...string) kube.Outcome {
	t.Helper()
	o := kube.Run(t, append([]string{"fix", "-n", ns.Name}, args...)...)
	if o.Code != code {
		t.Fatalf("fix %q: exit code %d, want %d\n%s%s", args, o.Code, code, o.Stdout, o.Stderr)
	}
	return o
}

// shop is the example, made with kubectl apply as its readers do, when all that is
// said of it is known: its Pods' use, too.
func shop(t *testing.T) *kube.Namespace {
	t.Helper()
	(&kube.Namespace{Cluster: cluster, Name: cluster.Dapr.Namespace}).Ready(t)
	ns := cluster.Namespace(t)
	files, err := filepath.Glob("../../examples/shop/[a-z]*.yaml")
	if err != nil || len(files) == 0 {
		t.Fatalf("no manifests: %v", err)
	}
	var manifests strings.Builder
	for _, file := range files {
		content, err := os.ReadFile(file)
		if err != nil {
			t.Fatal(err)
		}
		manifests.WriteString("---\n" + strings.ReplaceAll(string(content), "namespace: shop\n", "namespace: "+ns.Name+"\n"))
	}
	ns.MustKubectl(t, manifests.String(), "apply", "-f", "-")
	ns.Ready(t, "checkout") // whose Pods are refused
	ns.Refused(t, "checkout")
	ns.Services(t, "orders", "payments", "inventory")
	measured(t, ns)
	return ns
}

// passing are kinds that come and go by themselves, or are no objects.
var passing = []string{"Event", "PodMetrics"}

// everything is every object of a namespace, by kind and name.
func everything(t testing.TB, ns *kube.Namespace) map[string]*unstructured.Unstructured {
	t.Helper()
	lists, err := ns.Client.Discovery().ServerPreferredNamespacedResources()
	if err != nil && !discovery.IsGroupDiscoveryFailedError(err) {
		t.Fatal(err)
	}
	all := map[string]*unstructured.Unstructured{}
	for _, list := range lists {
		gv, err := schema.ParseGroupVersion(list.GroupVersion)
		if err != nil {
			t.Fatal(err)
		}
		for _, r := range list.APIResources {
			if !slices.Contains(r.Verbs, "list") || slices.Contains(passing, r.Kind) {
				continue
			}
			found, err := ns.Dynamic.Resource(gv.WithResource(r.Name)).Namespace(ns.Name).List(t.Context(), metav1.ListOptions{})
			if err != nil {
				continue // a kind of another test that is gone
			}
			for i := range found.Items {
				all[r.Kind+"/"+found.Items[i].GetName()] = &found.Items[i]
			}
		}
	}
	return all
}

// sameVersions fails the test where an object was written, made or removed, by others
// than the controllers that go on with their work meanwhile.
func sameVersions(t testing.TB, what string, before, after map[string]*unstructured.Unstructured) {
	t.Helper()
	for _, name := range slices.Sorted(maps.Keys(before)) {
		switch is := after[name]; {
		case followsByItself(before[name]):
		case is == nil:
			t.Errorf("%s removed %s", what, name)
		case is.GetResourceVersion() != before[name].GetResourceVersion():
			t.Errorf("%s wrote %s", what, name)
		}
	}
	for name, is := range after {
		if before[name] == nil && !followsByItself(is) {
			t.Errorf("%s made %s", what, name)
		}
	}
}

// followsByItself tells of what a controller writes whenever it comes to it: Dapr's
// operator the Service of an app, Kubernetes the endpoints of that. Pods are not among
// it, since a new one tells of a rollout.
func followsByItself(u *unstructured.Unstructured) bool {
	if kind := u.GetKind(); kind != "Service" {
		return kind == "Endpoints" || kind == "EndpointSlice"
	}
	return metav1.GetControllerOf(u) != nil
}

// controlled are the kinds of what controllers make anew, and keep of what was.
var controlled = []string{"Pod", "ReplicaSet", "ControllerRevision", "EndpointSlice", "Endpoints"}

// asBefore compares objects field by field: all but what the server and Kubernetes'
// controllers keep for themselves, and kubectl's fields are its own again.
func asBefore(t testing.TB, before, after map[string]*unstructured.Unstructured) {
	t.Helper()
	for _, name := range slices.Sorted(maps.Keys(before)) {
		if kind, _, _ := strings.Cut(name, "/"); slices.Contains(controlled, kind) {
			continue
		}
		is := after[name]
		if is == nil {
			t.Errorf("%s is gone", name)
			continue
		}
		if was, is := lasts(before[name]), lasts(is); !reflect.DeepEqual(was, is) {
			t.Errorf("%s is not what it was:\n%v\nwas\n%v", name, is, was)
		}
		if was, is := people(before[name]), people(is); !maps.Equal(was, is) {
			t.Errorf("%s belongs to others than before:\n%v\nwas\n%v", name, is, was)
		}
	}
}

// lasts is an object without what changes by itself.
func lasts(u *unstructured.Unstructured) map[string]any {
	o := u.DeepCopy()
	delete(o.Object, "status")
	for _, field := range []string{"managedFields", "resourceVersion", "generation"} {
		unstructured.RemoveNestedField(o.Object, "metadata", field)
	}
	for _, counted := range []string{"deployment.kubernetes.io/revision", "deprecated.daemonset.template.generation"} {
		unstructured.RemoveNestedField(o.Object, "metadata", "annotations", counted)
	}
	return o.Object
}

// people are the fields of each manager that is none of the cluster's own.
func people(u *unstructured.Unstructured) map[string]string {
	all := map[string]string{}
	for _, m := range u.GetManagedFields() {
		if m.Manager != "kube-controller-manager" && m.Subresource == "" {
			all[fmt.Sprintf("%s %s %s", m.Manager, m.Operation, m.APIVersion)] = m.FieldsV1.GetRawString()
		}
	}
	return all
}

// closedBy are the findings that a plan says it closes, as "Deployment orders
// sidecar-seccomp: no seccomp profile".
func closedBy(plan string) map[string]bool {
	all := map[string]bool{}
	object, word := "", ""
	for line := range strings.Lines(plan) {
		line = strings.TrimSuffix(line, "\n")
		if head := changed.FindStringSubmatch(line); head != nil {
			object, word = head[1]+" "+head[2], ""
		}
		if len(line) < 10 {
			continue
		}
		if w := strings.TrimSpace(line[:10]); w != "" {
			word = w
		}
		if word == "closes" {
			all[object+" "+line[10:]] = true
		}
	}
	return all
}

// changed is the line above an object in a plan.
var changed = regexp.MustCompile(`^([A-Z]\w+) [\w.-]+/([\w.-]+): `)

// leftToPeople holds what still falls short against the plan's word: nothing of what
// was closed, and nothing that the plan does not leave to somebody.
func leftToPeople(t testing.TB, check kube.Checked, closed map[string]bool, plan string, ns *kube.Namespace) {
	t.Helper()
	if len(closed) == 0 {
		t.Error("the plan closed nothing")
	}
	for _, r := range check.Results {
		finding := fmt.Sprintf("%s %s %s: %s", r.Object.Kind, r.Object.Name, r.Guideline, r.Message)
		if r.Outcome != guideline.Failed {
			continue
		}
		if closed[finding] {
			t.Errorf("still there: %s", finding)
		}
		if byHarden(r) || r.Object.Namespace != ns.Name {
			continue
		}
		who := fmt.Sprintf("%s/%s/%s", ns.Name, strings.ToLower(r.Object.Kind), r.Object.Name)
		left := regexp.MustCompile(`(?m)^- (` + r.Guideline + `|fix (` + strings.Join(closers(r.Guideline), "|") + `))\b.*` + regexp.QuoteMeta(who) + `\b`)
		if !left.MatchString(plan) {
			t.Errorf("nobody is told to see to it: %s", finding)
		}
	}
}

// closers are the guidelines that close the findings of one where they are named.
func closers(id string) []string {
	all := []string{id}
	for _, g := range catalogue.All() {
		if slices.Contains(g.MendsToo, id) {
			all = append(all, g.ID)
		}
	}
	return all
}

// byHarden tells whether a finding is of the security section, or of what is no app.
func byHarden(r report.Result) bool {
	for _, g := range catalogue.All() {
		if g.ID == r.Guideline {
			return g.Hardens || !g.In(guideline.Apps)
		}
	}
	return false
}

// usedCPU is a rate, which metrics-server takes from two readings that are never the
// same time apart.
var usedCPU = regexp.MustCompile(`use seen is \d+m of CPU`)

// golden compares text with a file, or writes it.
func golden(t testing.TB, file, text string) {
	t.Helper()
	if *update {
		if err := os.WriteFile(file, []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
		return
	}
	want, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	if string(want) != text {
		t.Errorf("%s is no longer so; look at each difference, then go test -update:\n%s\nwant\n%s", file, text, want)
	}
}
