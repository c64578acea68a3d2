// Copyright The kubectl-dapr-prod Authors.
// SPDX-License-Identifier: Apache-2.0

//go:build cluster

package fix_test

import (
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"maps"
	"os"
	"path/filepath"
	"reflect"
	"slices"
	"strings"
	"testing"

	"k8s.io/apimachinery/pkg/apis/meta/v1/unstructured"
	"k8s.io/apimachinery/pkg/runtime"
	"sigs.k8s.io/yaml"

	"github.com/dapr-prod/kubectl-dapr-prod/test/cluster/kube"
)

// TestPatches: what -o yaml prints does with kubectl patch, and with kustomize, what
// fix itself would do; -o json and -o name are about the same.
func TestPatches(t *testing.T) {
	t.Parallel()
	defineRollouts(t)
	ns := cluster.Namespace(t)
	objects := []runtime.Object{
		deployment("orders", 1, on("orders", "sidecar-cpu-request", "100m")), claiming("inventory", 1, on("inventory", "env", "GOMEMLIMIT=900Mi")),
		daemonSet(on("agent")), cronJob(on("report")),
	}
	apply(t, ns, objects...)
	ns.MustKubectl(t, rolloutOf(t, deployment("canary", 1, on("canary"))), "apply", "-f", "-")
	playArgo(t, ns)
	ns.Ready(t)
	before := everything(t, ns)
	dryRun := func(format string) kube.Outcome {
		o := fixed(t, ns, 1, slices.Concat(sidecars, []string{"--dry-run=server", "-o", format})...)
		if o.Stderr != "" {
			t.Errorf("-o %s says beside the patches: %s", format, o.Stderr)
		}
		return o
	}
	text := dryRun("yaml").Stdout
	patches := documents(t, text)
	if again := documents(t, dryRun("json").Stdout); !reflect.DeepEqual(again, patches) {
		t.Errorf("-o json is %v, and -o yaml %v", again, patches)
	}
	if got, want := dryRun("name").Stdout, "cronjob.batch/report\ndaemonset.apps/agent\ndeployment.apps/orders\nrollout.argoproj.io/canary\nstatefulset.apps/inventory\n"; sortedLines(got) != want {
		t.Errorf("-o name:\n%swant\n%s", got, want)
	}
	kustomized := kustomize(t, ns, text, ns.Name)
	anywhere := kustomizeOne(t, ns, patches, "Deployment", "orders")
	patched := map[string]map[string]string{}
	for _, p := range patches {
		patched[p.GetKind()+"/"+p.GetName()] = patch(t, ns, p)
	}
	sameVersions(t, "a plan in patches", before, everything(t, ns))

	run := fixed(t, ns, 0, slices.Concat(sidecars, []string{"--yes", "--max-parallel=8", "-o", "yaml"})...)
	if run.Stdout != text {
		t.Errorf("a run writes beside the patches:\n%s", run.Stdout)
	}
	says(t, run.Stderr, "5 of 5 changes written and seen to hold, but for 1 that no Pod follows yet.", "before ", "after ")
	after := everything(t, ns)
	if len(patched) != 5 {
		t.Errorf("%d patches, want 5:\n%s", len(patched), text)
	}
	for _, name := range slices.Sorted(maps.Keys(patched)) {
		written := annotationsOf(after[name])
		if !maps.Equal(patched[name], written) {
			t.Errorf("%s: kubectl patch gives %v, and fix %v", name, patched[name], written)
		}
		if got := kustomized[name]; !maps.Equal(got, written) {
			t.Errorf("%s: kustomize gives %v, and fix %v", name, got, written)
		}
	}
	if written := annotationsOf(after["Deployment/orders"]); !maps.Equal(anywhere, written) {
		t.Errorf("where the base names no namespace, kustomize gives %v, and fix %v", anywhere, written)
	}
}

// documents are the objects of a stream, of YAML or of JSON.
func documents(t testing.TB, text string) []*unstructured.Unstructured {
	t.Helper()
	if strings.HasPrefix(text, "{") {
		var all []*unstructured.Unstructured
		decoder := json.NewDecoder(strings.NewReader(text))
		for {
			var object map[string]any
			err := decoder.Decode(&object)
			if errors.Is(err, io.EOF) {
				return all
			}
			if err != nil {
				t.Fatal(err)
			}
			all = append(all, &unstructured.Unstructured{Object: object})
		}
	}
	var all []*unstructured.Unstructured
	for document := range strings.SplitSeq(text, "---\n") {
		var object map[string]any
		if err := yaml.UnmarshalStrict([]byte(document), &object); err != nil {
			t.Fatalf("%v:\n%s", err, document)
		}
		all = append(all, &unstructured.Unstructured{Object: object})
	}
	return all
}

func sortedLines(text string) string {
	lines := slices.Sorted(strings.Lines(text))
	return strings.Join(lines, "")
}

// write puts content into a new file.
func write(t testing.TB, folder, name string, content any) string {
	t.Helper()
	text, isText := content.(string)
	if !isText {
		raw, err := yaml.Marshal(content)
		if err != nil {
			t.Fatal(err)
		}
		text = string(raw)
	}
	file := filepath.Join(folder, name)
	if err := os.WriteFile(file, []byte(text), 0o600); err != nil {
		t.Fatal(err)
	}
	return file
}

// patch has the server try a patch as kubectl patch sends it, and returns the
// template's annotations.
func patch(t testing.TB, ns *kube.Namespace, p *unstructured.Unstructured) map[string]string {
	t.Helper()
	kind := "strategic"
	if p.GetKind() == "Rollout" {
		kind = "merge" // which is all that custom resources take
	}
	file := write(t, t.TempDir(), "patch.yaml", p.Object)
	out := ns.MustKubectl(t, "", "patch", p.GetKind(), p.GetName(), "--type", kind, "--patch-file", file, "--dry-run=server", "-o", "json")
	return annotationsOf(documents(t, out)[0])
}

// kustomize builds the namespace's objects, as their manifests are, with patches that
// stand in one file.
func kustomize(t testing.TB, ns *kube.Namespace, patches, namespace string) map[string]map[string]string {
	t.Helper()
	folder := t.TempDir()
	var manifests strings.Builder
	for _, p := range documents(t, patches) {
		fmt.Fprintf(&manifests, "---\n%s", manifest(t, ns, p, namespace))
	}
	write(t, folder, "resources.yaml", manifests.String())
	write(t, folder, "patches.yaml", patches)
	write(t, folder, "kustomization.yaml", "resources: [resources.yaml]\npatches:\n- path: patches.yaml\n")
	built := map[string]map[string]string{}
	for _, o := range documents(t, ns.MustKubectl(t, "", "kustomize", folder)) {
		built[o.GetKind()+"/"+o.GetName()] = annotationsOf(o)
	}
	return built
}

// kustomizeOne is kustomize for one object whose manifest names no namespace.
func kustomizeOne(t testing.TB, ns *kube.Namespace, patches []*unstructured.Unstructured, kind, name string) map[string]string {
	t.Helper()
	folder := t.TempDir()
	i := slices.IndexFunc(patches, func(p *unstructured.Unstructured) bool { return p.GetKind() == kind && p.GetName() == name })
	write(t, folder, "resources.yaml", manifest(t, ns, patches[i], ""))
	write(t, folder, "patch.yaml", patches[i].Object)
	write(t, folder, "kustomization.yaml", fmt.Sprintf("resources: [resources.yaml]\npatches:\n- path: patch.yaml\n  target: {kind: %s, name: %s}\n", kind, name))
	return annotationsOf(documents(t, ns.MustKubectl(t, "", "kustomize", folder))[0])
}

// manifest is what kubectl apply was given for an object.
func manifest(t testing.TB, ns *kube.Namespace, p *unstructured.Unstructured, namespace string) string {
	t.Helper()
	var object map[string]any
	last := ns.MustKubectl(t, "", "apply", "view-last-applied", p.GetKind()+"/"+p.GetName(), "-o", "json")
	if err := json.Unmarshal([]byte(last), &object); err != nil {
		t.Fatal(err)
	}
	u := &unstructured.Unstructured{Object: object}
	u.SetNamespace(namespace)
	text, err := yaml.Marshal(u.Object)
	if err != nil {
		t.Fatal(err)
	}
	return string(text)
}

// annotationsOf are those of an object's Pod template.
func annotationsOf(u *unstructured.Unstructured) map[string]string {
	path := []string{"spec", "template", "metadata", "annotations"}
	if u.GetKind() == "CronJob" {
		path = append([]string{"spec", "jobTemplate"}, path...)
	}
	set, _, _ := unstructured.NestedStringMap(u.Object, path...)
	return set
}

// marker is what must not be seen anywhere.
const marker = "hunter2-swordfish"

// TestNothingSecretIsSaid: a secret beside what is set shows in nothing that fix says
// or keeps, however much it is asked, and comes back byte by byte.
func TestNothingSecretIsSaid(t *testing.T) {
	t.Parallel()
	ns := cluster.Namespace(t)
	env := map[string]string{
		"appended": "DB_PASSWORD=" + marker + " , ", "replaced": "DB_PASSWORD=" + marker + ",GOMEMLIMIT=900Mi, TOKEN=a=" + marker,
		"unclear": "DB_PASSWORD=" + marker + ",GOMEMLIMIT=900Mi, TOKEN = a=" + marker,
		"between": " GOMEMLIMIT=900Mi,DB_PASSWORD=" + marker + "\n",
	}
	for name, value := range env {
		d := deployment(name, 1, on(name, "sidecar-memory-limit", "1000Mi", "env", value))
		d.Annotations = map[string]string{"example.com/note": marker}
		apply(t, ns, d)
	}
	ns.Ready(t)
	for _, args := range [][]string{
		{"--dry-run=server"}, {"--dry-run=client"}, {"--dry-run=server", "-o", "yaml"}, {"--dry-run=server", "-o", "json"}, {"--dry-run=server", "-o", "name"},
	} {
		o := fixed(t, ns, 1, append(slices.Clone(sidecars), args...)...)
		concealed(t, fmt.Sprint(args), o.Stdout+o.Stderr)
		says(t, o.Stdout, "replaced")
		if patches, said := slices.Contains(args, "yaml") || slices.Contains(args, "json"), strings.Contains(o.Stderr, "dapr.io/env is not in the patch"); patches != said {
			t.Errorf("%q: what is not in the patch is said: %t\n%s", args, said, o.Stderr)
		}
	}

	journal := filepath.Join(t.TempDir(), "journal")
	concealed(t, "a run", loud(t, append(slices.Clone(sidecars), "fix", "-n", ns.Name, "--yes", "--journal", journal)...))
	kept, err := os.ReadFile(journal)
	if err != nil {
		t.Fatal(err)
	}
	concealed(t, "the journal", string(kept))
	for name, want := range map[string]string{
		"appended": "DB_PASSWORD=" + marker + " ,GOMEMLIMIT=900MiB", "replaced": "DB_PASSWORD=" + marker + ",GOMEMLIMIT=900MiB, TOKEN=a=" + marker,
		"unclear": env["unclear"], // what is meant is not guessed
		"between": " GOMEMLIMIT=900MiB,DB_PASSWORD=" + marker + "\n",
	} {
		if got := envOf(t, ns, name); got != want {
			t.Errorf("%s: dapr.io/env is %q, want %q", name, got, want)
		}
	}
	concealed(t, "the plan of a revert", loud(t, "fix", "--revert", journal, "--dry-run=server"))
	concealed(t, "a revert", loud(t, "fix", "--revert", journal, "--yes"))
	for name, want := range env {
		if got := envOf(t, ns, name); got != want {
			t.Errorf("%s: dapr.io/env came back as %q, and was %q", name, got, want)
		}
	}
}

func envOf(t testing.TB, ns *kube.Namespace, name string) string {
	t.Helper()
	return annotationsOf(documents(t, ns.MustKubectl(t, "", "get", "deployment", name, "-o", "json"))[0])["dapr.io/env"]
}

// concealed fails the test where a text holds a part of the marker.
func concealed(t testing.TB, what, text string) {
	t.Helper()
	for _, secret := range []string{"hunter2", "swordfish"} {
		if strings.Contains(text, secret) {
			t.Errorf("%s shows %s:\n%s", what, secret, text)
		}
	}
}

// loud runs the command in a process of its own, where the client may log as much as it
// will, and returns all that it says.
func loud(t testing.TB, args ...string) string {
	t.Helper()
	if i := slices.Index(args, "fix"); i > 0 {
		args = slices.Concat(args[i:i+1], args[:i], args[i+1:])
	}
	o := start(t, "", append(args, "-v=9")...).end()
	out := o.Stdout + o.Stderr
	if o.Code != 0 && o.Code != 1 || !strings.Contains(out, "/apis/apps/v1/namespaces/") {
		t.Errorf("exit code %d, or it does not log:\n%s", o.Code, out)
	}
	return out
}
