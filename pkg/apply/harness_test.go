// Copyright The kubectl-dapr-prod Authors.
// SPDX-License-Identifier: Apache-2.0

//go:build cluster

package apply_test

import (
	"context"
	"encoding/json"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"sort"
	"strings"
	"sync"
	"testing"
	"time"

	"k8s.io/apimachinery/pkg/apis/meta/v1/unstructured"

	"github.com/dapr-prod/kubectl-dapr-prod/pkg/apply"
	"github.com/dapr-prod/kubectl-dapr-prod/pkg/journal"
	"github.com/dapr-prod/kubectl-dapr-prod/pkg/plan"
	"github.com/dapr-prod/kubectl-dapr-prod/pkg/snapshot"
	"github.com/dapr-prod/kubectl-dapr-prod/test/cluster/kube"
)

// cluster is the one that the tests share.
var cluster *kube.Cluster

func TestMain(m *testing.M) {
	var err error
	if cluster, err = kube.Open(); err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
	os.Exit(m.Run())
}

const (
	env    = "dapr.io/env"
	limit  = "dapr.io/sidecar-memory-limit"
	asJSON = "dapr.io/log-as-json"

	marker = "s3cr3t-MARKER-9f2c"
	was    = "PASSWORD=" + marker + ",LEVEL=debug , "
	set    = "PASSWORD=" + marker + ",LEVEL=debug ,GOMEMLIMIT=900MiB"
)

// bench is a namespace and a client for it.
type bench struct {
	*kube.Namespace
	t      testing.TB
	client *apply.Client
}

func newBench(t testing.TB) *bench {
	t.Helper()
	client, err := apply.NewClient(cluster.Config)
	if err != nil {
		t.Fatal(err)
	}
	return &bench{Namespace: cluster.Namespace(t), t: t, client: client}
}

// orders is the Deployment that most tests are about. It has no Pods.
func (b *bench) orders() snapshot.Object {
	return snapshot.Object{APIVersion: "apps/v1", Kind: "Deployment", Namespace: b.Name, Name: "orders"}
}

// deployment is its manifest, with annotations on the template.
func deployment(annotations map[string]string) string {
	return manifest(snapshot.Object{APIVersion: "apps/v1", Kind: "Deployment", Name: "orders"}, annotations)
}

// manifest is a workload of any kind without Pods, as JSON.
func manifest(o snapshot.Object, annotations map[string]string) string {
	meta := map[string]any{"labels": map[string]any{"app": o.Name}}
	if len(annotations) > 0 {
		meta["annotations"] = annotations
	}
	template := map[string]any{"metadata": meta, "spec": map[string]any{
		"containers": []any{map[string]any{"name": "app", "image": "registry.example.com/app:1", "ports": []any{map[string]any{"containerPort": 80}}}},
	}}
	spec := map[string]any{"selector": map[string]any{"matchLabels": map[string]any{"app": o.Name}}, "template": template}
	switch o.Kind {
	case "Deployment", "StatefulSet":
		spec["replicas"] = 0
	case "DaemonSet":
		template["spec"].(map[string]any)["nodeSelector"] = map[string]any{"no": "such-node"}
	case "CronJob":
		template["spec"].(map[string]any)["restartPolicy"] = "Never"
		spec = map[string]any{"schedule": "0 0 1 1 *", "suspend": true, "jobTemplate": map[string]any{"spec": map[string]any{"template": template}}}
	}
	if o.Kind == "StatefulSet" {
		spec["serviceName"] = o.Name
	}
	text, err := json.Marshal(map[string]any{"apiVersion": o.APIVersion, "kind": o.Kind, "metadata": map[string]any{"name": o.Name}, "spec": spec})
	if err != nil {
		panic(err)
	}
	return string(text)
}

func (b *bench) get(o snapshot.Object) *unstructured.Unstructured {
	b.t.Helper()
	live, err := b.client.Get(b.t.Context(), o)
	if err != nil {
		b.t.Fatal(err)
	}
	return live
}

// pathOf is where the template of a kind stands.
func pathOf(kind string) string {
	if kind == "CronJob" {
		return "spec.jobTemplate.spec.template"
	}
	return "spec.template"
}

// annotations are those of the template of an object.
func annotations(t testing.TB, u *unstructured.Unstructured) map[string]string {
	t.Helper()
	way := append(strings.Split(pathOf(u.GetKind()), "."), "metadata", "annotations")
	all, _, err := unstructured.NestedStringMap(u.Object, way...)
	if err != nil {
		t.Fatal(err)
	}
	return all
}

// change sets pairs of a key and a value, planned from live.
func change(t testing.TB, live *unstructured.Unstructured, pairs ...string) plan.Change {
	t.Helper()
	o := snapshot.Object{APIVersion: live.GetAPIVersion(), Kind: live.GetKind(), Namespace: live.GetNamespace(), Name: live.GetName()}
	c := plan.Change{App: o, UID: live.GetUID(), Object: o, Path: pathOf(o.Kind)}
	before := annotations(t, live)
	for i := 0; i < len(pairs); i += 2 {
		a := plan.Annotation{Key: pairs[i], Value: pairs[i+1]}
		if v, found := before[a.Key]; found {
			a.Was = &v
		}
		c.Annotations = append(c.Annotations, a)
	}
	return c
}

// journal begins a journal in a folder of the test.
func (b *bench) journal() *journal.Journal {
	b.t.Helper()
	id, err := b.client.Cluster(b.t.Context())
	if err != nil || id == "" {
		b.t.Fatalf("the cluster says %q, %v", id, err)
	}
	j, err := journal.Create(filepath.Join(b.t.TempDir(), "journal.jsonl"), journal.Header{Tool: "test", Time: time.Now(), Cluster: id})
	if err != nil {
		b.t.Fatal(err)
	}
	b.t.Cleanup(func() { j.Close() })
	return j
}

// insistent writes to whatever belongs to whomever.
var insistent = apply.Options{IncludeManaged: true, ForceConflicts: true}

// write sets pairs on an object in a run of its own and returns the run's journal. It
// reads again where a controller was quicker.
func (b *bench) write(o snapshot.Object, options apply.Options, pairs ...string) *journal.Journal {
	b.t.Helper()
	j := b.journal()
	b.eventually(func() error {
		live := b.get(o)
		_, err := b.client.Write(b.t.Context(), j, live, change(b.t, live, pairs...), options)
		return err
	})
	return j
}

// eventually does something again where a controller was quicker.
func (b *bench) eventually(do func() error) {
	b.t.Helper()
	var err error
	for range 20 {
		if err = do(); err == nil || !isChanged(err) {
			break
		}
	}
	if err != nil {
		b.t.Fatal(err)
	}
}

func (b *bench) read(j *journal.Journal) *journal.Record {
	b.t.Helper()
	r, err := journal.Read(j.Path())
	if err != nil {
		b.t.Fatal(err)
	}
	return r
}

// revert undoes a journal and returns what is said of each field, as "KEY: STATE WHY".
func (b *bench) revert(j *journal.Journal) []string {
	b.t.Helper()
	all, err := b.client.Revert(b.t.Context(), b.read(j), apply.RevertOptions{})
	if err != nil {
		b.t.Fatal(err)
	}
	return said(all)
}

func said(all []apply.Reverted) []string {
	var lines []string
	for _, r := range all {
		for _, f := range r.Fields {
			state := map[apply.RevertState]string{apply.AsItWas: "as it was", apply.Restored: "restored", apply.Refused: "refused"}[f.State]
			lines = append(lines, strings.TrimSpace(f.Key+": "+state+" "+f.Why))
		}
		if r.Err != nil {
			lines = append(lines, r.Err.Error())
		}
	}
	return lines
}

// expect holds what was said against what should be, in part.
func expect(t testing.TB, got []string, want ...string) {
	t.Helper()
	if len(got) != len(want) {
		t.Fatalf("said: %q\nwant: %q", got, want)
	}
	for i := range got {
		if !strings.Contains(got[i], want[i]) {
			t.Errorf("said: %q\nwant: %q", got[i], want[i])
		}
	}
}

// content is an object without what the server writes to each.
func content(u *unstructured.Unstructured) string {
	u = u.DeepCopy()
	for _, field := range []string{"managedFields", "resourceVersion", "generation"} {
		unstructured.RemoveNestedField(u.Object, "metadata", field)
	}
	unstructured.RemoveNestedField(u.Object, "metadata", "annotations", "deployment.kubernetes.io/revision")
	unstructured.RemoveNestedField(u.Object, "metadata", "annotations", "deprecated.daemonset.template.generation")
	if len(u.GetAnnotations()) == 0 {
		unstructured.RemoveNestedField(u.Object, "metadata", "annotations")
	}
	unstructured.RemoveNestedField(u.Object, "status")
	text, err := json.MarshalIndent(u.Object, "", " ")
	if err != nil {
		panic(err)
	}
	return string(text)
}

// owners are the managers of an object with their fields, one a line. Kubernetes' own
// are left out.
func owners(u *unstructured.Unstructured) string {
	var lines []string
	for _, e := range u.GetManagedFields() {
		if e.Manager != "kube-controller-manager" {
			lines = append(lines, fmt.Sprintf("%s %s %s %s %s", e.Manager, e.Operation, e.APIVersion, e.Subresource, e.FieldsV1.GetRawString()))
		}
	}
	sort.Strings(lines)
	return strings.Join(lines, "\n")
}

// managers are the names of those who own anything, sorted.
func managers(u *unstructured.Unstructured) []string {
	var names []string
	for _, e := range u.GetManagedFields() {
		names = append(names, e.Manager)
	}
	slices.Sort(names)
	return slices.Compact(names)
}

// same holds an object against what it was.
func same(t testing.TB, before, after *unstructured.Unstructured) {
	t.Helper()
	if a, b := content(before), content(after); a != b {
		t.Errorf("it was\n%s\nand is\n%s", a, b)
	}
	if a, b := owners(before), owners(after); a != b {
		t.Errorf("its fields belonged to\n%s\nand belong to\n%s", a, b)
	}
}

// has holds the annotations of a template against what they should be, by pairs.
func has(t testing.TB, u *unstructured.Unstructured, pairs ...string) {
	t.Helper()
	all := annotations(t, u)
	for i := 0; i < len(pairs); i += 2 {
		if got, found := all[pairs[i]]; got != pairs[i+1] || !found {
			t.Errorf("%s is %q, want %q", pairs[i], got, pairs[i+1])
		}
	}
}

// settled is an object that its controller has looked at since it was last written.
func (b *bench) settled(o snapshot.Object) *unstructured.Unstructured {
	b.t.Helper()
	var live *unstructured.Unstructured
	kube.Eventually(b.t, o.String()+" to be looked at", func(context.Context) (bool, string, error) {
		live = b.get(o)
		observed, _, err := unstructured.NestedInt64(live.Object, "status", "observedGeneration")
		watched := o.Kind == "Deployment" || o.Kind == "StatefulSet" || o.Kind == "DaemonSet"
		return !watched || observed == live.GetGeneration() && (o.Kind != "Deployment" || live.GetAnnotations()["deployment.kubernetes.io/revision"] != ""), fmt.Sprint(observed), err
	})
	return live
}

// dryRevert says what would be restored, and restores nothing.
func (b *bench) dryRevert(j *journal.Journal, _ *unstructured.Unstructured) {
	b.t.Helper()
	before := b.settled(b.orders())
	all, err := b.client.Revert(b.t.Context(), b.read(j), apply.RevertOptions{DryRun: true})
	if err != nil {
		b.t.Fatal(err)
	}
	expect(b.t, said(all), env+": restored", limit+": restored", asJSON+": restored")
	if after := b.settled(b.orders()); after.GetResourceVersion() != before.GetResourceVersion() {
		b.t.Error("the dry run wrote something")
	}
}

// rigs is a group of custom resources with Pod templates, as Argo Rollouts has them:
// a Rig has a schema, a Loose none.
const rigs = "apply.example.com/v1"

var defineOnce sync.Once

func defineRigs(t testing.TB) {
	t.Helper()
	defineOnce.Do(func() {
		strs := `{"type":"object","additionalProperties":{"type":"string"}}`
		template := `{"type":"object","properties":{"metadata":{"type":"object","properties":{"annotations":` + strs + `,"labels":` + strs + `}},"spec":{"type":"object","x-kubernetes-preserve-unknown-fields":true}}}`
		atomic := strings.Replace(template, strs, strings.TrimSuffix(strs, "}")+`,"x-kubernetes-map-type":"atomic"}`, 1)
		for kind, schema := range map[string]string{
			"Rig":    `{"type":"object","properties":{"spec":{"type":"object","properties":{"selector":{"type":"object","x-kubernetes-preserve-unknown-fields":true},"template":` + template + `}}}}`,
			"Loose":  `{"type":"object","x-kubernetes-preserve-unknown-fields":true}`,
			"Atomic": `{"type":"object","properties":{"spec":{"type":"object","properties":{"selector":{"type":"object","x-kubernetes-preserve-unknown-fields":true},"template":` + atomic + `}}}}`,
		} {
			define(t, kind, schema)
		}
	})
}

func define(t testing.TB, kind, schema string) {
	t.Helper()
	plural := strings.ToLower(kind) + "s"
	crd := `{"apiVersion":"apiextensions.k8s.io/v1","kind":"CustomResourceDefinition","metadata":{"name":"` + plural + `.apply.example.com"},"spec":{"group":"apply.example.com","scope":"Namespaced",` +
		`"names":{"plural":"` + plural + `","singular":"` + strings.ToLower(kind) + `","kind":"` + kind + `"},"versions":[{"name":"v1","served":true,"storage":true,"schema":{"openAPIV3Schema":` + schema + `}}]}}`
	ns := &kube.Namespace{Cluster: cluster, Name: "default"}
	ns.MustKubectl(t, crd, "apply", "-f-")
	ns.MustKubectl(t, "", "wait", "--for=condition=Established", "crd/"+plural+".apply.example.com")
}
