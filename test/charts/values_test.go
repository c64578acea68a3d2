// Copyright The kubectl-dapr-prod Authors.
// SPDX-License-Identifier: Apache-2.0

//go:build charts

package charts_test

import (
	"maps"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"sigs.k8s.io/yaml"

	"github.com/dapr-prod/kubectl-dapr-prod/pkg/catalogue"
	"github.com/dapr-prod/kubectl-dapr-prod/pkg/guideline"
	"github.com/dapr-prod/kubectl-dapr-prod/test/cluster/kube"
)

// planted is a secret among the values of a release, which nothing may show.
const planted = "planted-secret-1f3a"

// TestValues: the additions that are offered for an installation, beside the values
// that it has, close what they say, and leave nothing more to add.
func TestValues(t *testing.T) {
	for _, tt := range []struct {
		release, values string
		// left are the guidelines of which something falls short still, beside those
		// that no value of any release closes.
		left []string
	}{
		{release: "1.14.4", left: []string{"control-plane-ha", "control-plane-spread", "control-plane-pod-security", "scheduler-storage"}},
		{release: "1.16.2", left: []string{"scheduler-storage"}},
		{release: "1.18.3"},
		{release: "1.14.4", values: "testdata/kept.yaml", left: []string{"control-plane-ha", "control-plane-spread", "control-plane-pod-security", "scheduler-storage"}},
		{release: "1.16.2", values: "testdata/kept.yaml", left: []string{"scheduler-storage"}},
		{release: "1.18.3", values: "testdata/kept.yaml"},
	} {
		name := tt.release
		args := []string{"--chart", tt.release}
		if tt.values != "" {
			name += "-kept"
			args = append(args, "--helm-values", tt.values)
		}
		t.Run(name, func(t *testing.T) {
			kubeconfig := start(t, args)
			before := failing(kube.Check(t, "-A", "--kubeconfig", kubeconfig))
			// Everything that is done only where it is named, too.
			all := additionsTo(t, kubeconfig)
			for _, g := range optional {
				all = withValues(all, additionsTo(t, kubeconfig, g))
			}
			after := start(t, []string{"--chart", tt.release, "--helm-values", merged(t, tt.values, all)})
			c := kube.Check(t, "-A", "--kubeconfig", after)
			for what := range failing(c) {
				id, _, _ := strings.Cut(what, " ")
				if byValue(id) && !slices.Contains(tt.left, id) {
					t.Errorf("not closed: %s", what)
				}
				if byValue(id) && !before[what] && id != "control-plane-spread" {
					t.Errorf("opened: %s", what)
				}
			}
			for what := range before {
				if id, _, _ := strings.Cut(what, " "); byValue(id) && !slices.Contains(tt.left, id) && failing(c)[what] {
					t.Errorf("still there: %s", what)
				}
			}
			for _, g := range append([]string{""}, optional...) {
				o := kube.Run(t, slices.DeleteFunc([]string{"fix", "--scope=control-plane", g, "--kubeconfig", after}, func(s string) bool { return s == "" })...)
				if o.Code != 0 || !strings.HasPrefix(o.Stdout, "No value to add.\n") {
					t.Errorf("%s: there is more to add: %d\n%s%s", g, o.Code, o.Stdout, o.Stderr)
				}
			}
		})
	}
}

// optional are guidelines whose values are added only where they are named.
var optional = []string{"control-plane-memory-limit", "default-secret-reader", "injector-watchdog", "metrics", "mtls", "placement-settings"}

// byValue tells whether values close a guideline's failures of control planes. Of the
// metrics those of apps are not among them.
func byValue(id string) bool {
	return slices.ContainsFunc(catalogue.All(), func(g *guideline.Guideline) bool { return g.ID == id && g.Values != nil })
}

// failing are the failures of a check, as "GUIDELINE KIND/NAMESPACE/NAME".
func failing(c kube.Checked) map[string]bool {
	all := map[string]bool{}
	for _, r := range c.Results {
		if r.Outcome == guideline.Failed {
			all[strings.Join([]string{r.Guideline, " ", r.Object.Kind, "/", r.Object.Namespace, "/", r.Object.Name}, "")] = true
		}
	}
	return all
}

// additionsTo are the additions that fix writes, which show nothing of the values that
// the release has.
func additionsTo(t *testing.T, kubeconfig string, guidelines ...string) map[string]any {
	t.Helper()
	shown := kube.Run(t, append([]string{"fix", "--scope=control-plane", "--kubeconfig", kubeconfig}, guidelines...)...)
	o := kube.Run(t, append([]string{"fix", "--scope=control-plane", "-o", "helm", "--kubeconfig", kubeconfig}, guidelines...)...)
	if o.Code > 1 || shown.Code != o.Code {
		t.Fatalf("exit codes %d and %d\n%s%s", shown.Code, o.Code, o.Stdout, o.Stderr)
	}
	for _, text := range []string{shown.Stdout, shown.Stderr, o.Stdout, o.Stderr} {
		if strings.Contains(text, planted) {
			t.Errorf("it shows a value that the release has:\n%s", text)
		}
	}
	var tree map[string]any
	if err := yaml.UnmarshalStrict([]byte(o.Stdout), &tree); err != nil {
		t.Fatalf("%v in\n%s", err, o.Stdout)
	}
	for line := range strings.Lines(o.Stdout) {
		value, comment, commented := strings.Cut(strings.TrimSpace(line), " #")
		if !strings.HasPrefix(line, "#") && value != "" && !strings.HasSuffix(value, ":") && (!commented || strings.TrimSpace(comment) == "") {
			t.Errorf("nothing says who asks for it: %s", line)
		}
	}
	return tree
}

// merged is a file of values and additions to them, as helm upgrade
// --reset-then-reuse-values has them: null takes a value out.
func merged(t *testing.T, file string, additions map[string]any) string {
	t.Helper()
	values := map[string]any{}
	if file != "" {
		content, err := os.ReadFile(file)
		if err != nil {
			t.Fatal(err)
		}
		if err := yaml.Unmarshal(content, &values); err != nil {
			t.Fatal(err)
		}
	}
	content, err := yaml.Marshal(withValues(values, additions))
	if err != nil {
		t.Fatal(err)
	}
	path := filepath.Join(t.TempDir(), "values.yaml")
	if err := os.WriteFile(path, content, 0o600); err != nil {
		t.Fatal(err)
	}
	return path
}

func withValues(values, more map[string]any) map[string]any {
	all := maps.Clone(values)
	if all == nil {
		all = map[string]any{}
	}
	for key, value := range more {
		inner, is := value.(map[string]any)
		was, _ := all[key].(map[string]any)
		switch {
		case is:
			all[key] = withValues(was, inner)
		case value == nil && all[key] != nil:
			delete(all, key)
		default:
			all[key] = value
		}
	}
	return all
}

// TestValuesForANewInstall: they are those of examples/production for the release
// that these are for, and each chart takes its own and leaves no value to add.
func TestValuesForANewInstall(t *testing.T) {
	for _, release := range releases {
		t.Run(release, func(t *testing.T) {
			t.Setenv("KUBECONFIG", filepath.Join(t.TempDir(), "none"))
			o := kube.Run(t, "fix", "--scope=control-plane", "-o", "helm", "--dapr-version", release)
			if o.Code != 0 {
				t.Fatalf("exit code %d\n%s", o.Code, o.Stderr)
			}
			path := filepath.Join(t.TempDir(), "values.yaml")
			if err := os.WriteFile(path, []byte(o.Stdout), 0o600); err != nil {
				t.Fatal(err)
			}
			kubeconfig := start(t, []string{"--chart", release, "--helm-values", path})
			again := kube.Run(t, "fix", "--scope=control-plane", "--kubeconfig", kubeconfig)
			if again.Code != 0 || !strings.HasPrefix(again.Stdout, "No value to add.\n") {
				t.Errorf("there is more to add: %d\n%s%s", again.Code, again.Stdout, again.Stderr)
			}
			for _, r := range kube.Check(t, "--scope=control-plane", "-A", "--kubeconfig", kubeconfig).Results {
				// What a release cannot do by values is in its own report.
				old := release == "1.13.5" && r.Guideline == "control-plane-priority-class" || r.Guideline == "control-plane-pod-security" && release < "1.15"
				if r.Outcome == guideline.Failed && byValue(r.Guideline) && !old {
					t.Errorf("%s: %s %s: %s", r.Object, r.Guideline, r.Severity, r.Message)
				}
			}
		})
	}
}
