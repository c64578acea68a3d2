// Copyright The kubectl-dapr-prod Authors.
// SPDX-License-Identifier: Apache-2.0

//go:build cluster

package cluster_test

import (
	"encoding/json"
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/dapr-prod/kubectl-dapr-prod/pkg/report"
	"github.com/dapr-prod/kubectl-dapr-prod/test/cluster/kube"
)

// TestAllNamespacesAreTheirSum: -A says of each namespace what -n says of it,
// and of the control plane the same.
func TestAllNamespacesAreTheirSum(t *testing.T) {
	t.Parallel()
	one, two := someApps(t), someApps(t)
	everywhere := kube.Check(t, "-A")
	for _, ns := range []*kube.Namespace{one, two} {
		part := func(where ...string) func() string {
			return func() string {
				c := kube.Check(t, where...)
				return written(t, appsIn(c, ns.Name), resultsIn(c, ns.Name), outcomesIn(c, cluster.Dapr.Namespace))
			}
		}
		kube.Alike(t, "what -A says of "+ns.Name, part("-n", ns.Name), part("-A"))
		here := kube.Check(t, "-n", ns.Name)
		if len(here.Apps) != 3 {
			t.Errorf("-n %s: %d apps", ns.Name, len(here.Apps))
		}
		for _, r := range here.Results {
			if other := namespaceOf(r); other != ns.Name && strings.HasPrefix(other, kube.NamespacePrefix) {
				t.Errorf("-n %s speaks of %s", ns.Name, other)
			}
		}
	}
	if n := len(resultsIn(everywhere, one.Name)); n == 0 || n != len(resultsIn(everywhere, two.Name)) {
		t.Errorf("%d results in one namespace, %d in its twin", n, len(resultsIn(everywhere, two.Name)))
	}
}

func TestSelector(t *testing.T) {
	t.Parallel()
	ns := someApps(t)
	for selector, want := range map[string][]string{
		"app=orders":               {"Deployment/orders"},
		"app in (orders,payments)": {"Deployment/orders", "Deployment/payments"},
		"app!=orders":              {"Deployment/asleep", "Deployment/payments"},
		"!app":                     {},
	} {
		for _, where := range [][]string{{"-n", ns.Name}, {"-A"}} {
			selected := append(slices.Clone(where), "-l", selector)
			check := kube.Check(t, selected...)
			var names []string
			for _, a := range appsIn(check, ns.Name) {
				names = append(names, a.Kind+"/"+a.Name)
			}
			if !slices.Equal(names, want) {
				t.Errorf("-l %q %v finds %v, want %v", selector, where, names, want)
			}
			part := func(args ...string) func() string {
				return func() string {
					c := kube.Check(t, args...)
					// What is selected are apps: the control plane is always judged.
					parts := []any{outcomesIn(c, cluster.Dapr.Namespace)}
					for _, name := range want {
						parts = append(parts, resultsFor(c, ns.Name, "sidecar-resources", name))
					}
					return written(t, parts...)
				}
			}
			kube.Alike(t, fmt.Sprint("results with ", selected), part("-n", ns.Name), part(selected...))
		}
	}
}

// TestEqualBytes: neither the size of a page nor another run changes a byte.
func TestEqualBytes(t *testing.T) {
	t.Parallel()
	ns := someApps(t)
	for _, output := range []string{"", "wide", "json", "yaml", "name"} {
		args := []string{"check", "-n", ns.Name, "-o", output}
		bare := func() kube.Outcome { return kube.Run(t, args...) }
		if bare().Stdout == "" {
			t.Errorf("-o %q is empty", output)
		}
		for _, size := range []string{"500", "1", "2", "0"} {
			paged := append(slices.Clone(args), "--chunk-size", size)
			kube.Alike(t, strings.Join(paged, " "), bare, func() kube.Outcome { return kube.Run(t, paged...) })
		}
	}
	if !strings.Contains(kube.Run(t, "check", "-n", ns.Name, "-o", "json").Stdout, `"takenAt": "`+began.UTC().Format(time.RFC3339)+`"`) {
		t.Error("the time of the report is not SOURCE_DATE_EPOCH")
	}
}

// TestExitCodeIsNoMatterOfFormat: what decides is what was found.
func TestExitCodeIsNoMatterOfFormat(t *testing.T) {
	t.Parallel()
	ns := someApps(t)
	for _, c := range []struct {
		args []string
		code int
	}{
		{[]string{"-n", ns.Name}, 1},
		{[]string{"-n", ns.Name, "--fail-on=never"}, 0},
		{[]string{"-n", ns.Name, "--scope=apps", "-l", "app=payments", ofSettled}, 0},
		{[]string{"-n", ns.Name, "--scope=apps", "-l", "app=payments", ofSettled, "--require-complete"}, 0},
		{[]string{"-n", ns.Name, "--scope=apps", "-l", "app=orders", "--fail-on=error"}, 1},
		{[]string{"-n", ns.Name, "--scope=apps", "-l", "app=none"}, 2},
		{[]string{"-n", ns.Name, "-l", "app=orders", "--severity=error", "--fail-on=info"}, 1},
	} {
		for _, output := range []string{"", "wide", "json", "yaml", "name"} {
			if o := kube.Run(t, append([]string{"check", "-o", output}, c.args...)...); o.Code != c.code {
				t.Errorf("check %v -o %q: exit code %d, want %d\n%s", c.args, output, o.Code, c.code, o.Stderr)
			}
		}
	}
}

func appsIn(c kube.Checked, namespace string) []report.App {
	return slices.DeleteFunc(slices.Clone(c.Apps), func(a report.App) bool { return a.Namespace != namespace })
}

// resultsIn are the results on a namespace and on what is in it.
func resultsIn(c kube.Checked, namespace string) []report.Result {
	return slices.DeleteFunc(slices.Clone(c.Results), func(r report.Result) bool { return namespaceOf(r) != namespace })
}

// outcomesIn are the results without their words: some say which apps were seen.
func outcomesIn(c kube.Checked, namespace string) []report.Result {
	results := resultsIn(c, namespace)
	for i := range results {
		results[i].Message, results[i].Remedy = "", ""
	}
	return results
}

// namespaceOf is the namespace that a result is about; empty for the cluster.
func namespaceOf(r report.Result) string {
	if r.Object.Kind == "Namespace" {
		return r.Object.Name
	}
	return r.Object.Namespace
}

func resultsFor(c kube.Checked, namespace, id, object string) []report.Result {
	return slices.DeleteFunc(c.Of(id, object), func(r report.Result) bool { return r.Object.Namespace != namespace })
}

// written are values as the report writes them.
func written(t *testing.T, values ...any) string {
	t.Helper()
	text, err := json.MarshalIndent(values, "", " ")
	if err != nil {
		t.Fatal(err)
	}
	return string(text)
}
