// Copyright The kubectl-dapr-prod Authors.
// SPDX-License-Identifier: Apache-2.0

//go:build cluster

package fix_test

import (
	"maps"
	"os"
	"path/filepath"
	"reflect"
	"slices"
	"strings"
	"testing"

	"k8s.io/apimachinery/pkg/runtime"
	"sigs.k8s.io/yaml"

	"github.com/dapr-prod/kubectl-dapr-prod/pkg/guideline"
	"github.com/dapr-prod/kubectl-dapr-prod/test/cluster/kube"
)

// TestFiles: what fix does to manifests is what it does to the objects that were made
// of them, and those that it has written leave it nothing to do when they are applied.
func TestFiles(t *testing.T) {
	t.Parallel()
	ns := cluster.Namespace(t)
	folder := t.TempDir()
	keep(t, folder, "namespace.yaml", "apiVersion: v1\nkind: Namespace\nmetadata:\n  name: "+ns.Name+"\n")
	for name, o := range map[string]runtime.Object{
		"orders":    deployment("orders", 1, on("orders", "sidecar-cpu-request", "100m")),
		"shipping":  deployment("shipping", 0, on("shipping", "env", "A=b, GOMEMLIMIT=900Mi", "sidecar-memory-limit", "1000Mi")),
		"inventory": claiming("inventory", 1, on("inventory", "env", "GOMEMLIMIT=900Mi")),
		"agent":     daemonSet(on("agent")),
		"report":    cronJob(on("report")),
	} {
		raw, err := yaml.Marshal(typed(o))
		if err != nil {
			t.Fatal(err)
		}
		keep(t, folder, name+".yaml", string(raw))
	}
	objects := []string{"-f", folder, "--dapr-version", cluster.Dapr.Version}
	ns.MustKubectl(t, "", "apply", "-f", folder)
	ns.Ready(t)

	inFiles := documents(t, fixed(t, ns, 1, slices.Concat(sidecars, objects, []string{"-o", "yaml"})...).Stdout)
	live := documents(t, fixed(t, ns, 1, slices.Concat(sidecars, []string{"--dry-run=server", "-o", "yaml"})...).Stdout)
	if len(inFiles) != 5 || !reflect.DeepEqual(inFiles, live) {
		t.Errorf("in the files %v, in the cluster %v", inFiles, live)
	}
	judged := []string{"-n", ns.Name, "--guidelines", strings.Join(sidecars, ","), "--fail-on", "never"}
	failures := func(args ...string) []string {
		var all []string
		for _, r := range kube.Check(t, append(slices.Clone(judged), args...)...).Results {
			if r.Outcome == guideline.Failed && !strings.Contains(r.Object.Kind, "Pod") {
				all = append(all, r.Guideline+" "+r.Object.Name+" "+r.Field)
			}
		}
		slices.Sort(all)
		return all
	}
	if was, is := failures(), failures(objects...); len(was) == 0 || !slices.Equal(was, is) {
		t.Errorf("before, %q fail in the cluster, and %q in the files", was, is)
	}

	fixed(t, ns, 0, slices.Concat(sidecars, objects, []string{"--write"})...)
	ns.MustKubectl(t, "", "apply", "-f", folder)
	ns.Ready(t)
	if was, is := failures(), failures(objects...); len(was)+len(is) > 0 {
		t.Errorf("after, %q fail in the cluster, and %q in the files", was, is)
	}
	before := everything(t, ns)
	if o := fixed(t, ns, 0, append(slices.Clone(sidecars), "--yes")...); !strings.HasPrefix(o.Stdout, "Nothing to write.") {
		t.Errorf("in the cluster there is more to do:\n%s", o.Stdout)
	}
	after := everything(t, ns)
	sameVersions(t, "a fix after that", before, after)
	for _, p := range live {
		set := annotationsOf(after[p.GetKind()+"/"+p.GetName()])
		for key, value := range annotationsOf(p) {
			if set[key] != value {
				t.Errorf("%s %s: %s is %q, and fix would have set %q (of %v)", p.GetKind(), p.GetName(), key, set[key], value, slices.Collect(maps.Keys(set)))
			}
		}
	}
}

// keep writes a file.
func keep(t testing.TB, folder, name, text string) {
	t.Helper()
	if err := os.WriteFile(filepath.Join(folder, name), []byte(text), 0o600); err != nil {
		t.Fatal(err)
	}
}
