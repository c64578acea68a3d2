// Copyright The kubectl-dapr-prod Authors.
// SPDX-License-Identifier: Apache-2.0

//go:build cluster

package cluster_test

import (
	"fmt"
	"os"
	"regexp"
	"slices"
	"strings"
	"testing"

	corev1 "k8s.io/api/core/v1"

	"github.com/dapr-prod/kubectl-dapr-prod/pkg/report"
	"github.com/dapr-prod/kubectl-dapr-prod/test/cluster/kube"
)

// shop is the example, running.
func shop(t *testing.T) *kube.Namespace {
	t.Helper()
	(&kube.Namespace{Cluster: cluster, Name: cluster.Dapr.Namespace}).Ready(t)
	ns := cluster.Namespace(t)
	ns.ApplyFolder(t, "../../examples/shop")
	ns.Ready(t, "checkout") // whose Pods are refused
	ns.Refused(t, "checkout")
	ns.Services(t, "orders", "payments", "inventory")
	return ns
}

// TestShop holds every verdict on the example, and on the control plane as the
// chart installs it, against what was written down and thought over.
func TestShop(t *testing.T) {
	t.Parallel()
	ns := shop(t)
	check := kube.Check(t, "-n", ns.Name)
	if check.Code != 1 {
		t.Errorf("exit code %d, want 1", check.Code)
	}
	apps := resultsIn(check, ns.Name)
	controlPlane := slices.DeleteFunc(slices.Clone(check.Results), func(r report.Result) bool { return namespaceOf(r) == ns.Name })
	golden(t, "testdata/shop.txt", lasting(verdicts(apps), ns))
	golden(t, "testdata/control-plane.txt", lasting(verdicts(controlPlane), ns))
	golden(t, "testdata/shop-apps.txt", strings.ReplaceAll(shown(check.Apps), ns.Name, "shop"))
}

var (
	dates    = regexp.MustCompile(`\b\d{4}-\d\d-\d\d\b`)
	podNames = regexp.MustCompile(`-[0-9a-f]{8,10}-[0-9a-z]{5}\b`)
)

// lasting is text without what is another in every run.
func lasting(text string, ns *kube.Namespace) string {
	text = strings.ReplaceAll(text, ns.Name, "shop")
	return podNames.ReplaceAllString(dates.ReplaceAllString(text, "DATE"), "-HASH")
}

// verdicts writes results for people to compare.
func verdicts(results []report.Result) string {
	var text strings.Builder
	for _, r := range results {
		fmt.Fprintf(&text, "%s %s: %s %s, %s\n  %s\n", r.Object.Kind, r.Object.Name, r.Outcome, r.Guideline, r.Severity, r.Message)
		if r.Container+r.Field != "" {
			fmt.Fprintf(&text, "  at %s\n", strings.TrimSpace(r.Container+" "+r.Field))
		}
		if r.Remedy != "" {
			fmt.Fprintf(&text, "  to do: %s\n", r.Remedy)
		}
	}
	return text.String()
}

// shown writes the apps.
func shown(apps []report.App) string {
	var text strings.Builder
	for _, a := range apps {
		fmt.Fprintf(&text, "%s %s: app ID %q, %d Pods, %s, native %t\n", a.Kind, a.Name, a.AppID, a.Pods, a.Sidecar.State, a.Sidecar.Native)
		for _, o := range a.Sidecar.Observed {
			fmt.Fprintf(&text, "  %d run daprd", len(o.Pods))
			for _, name := range []corev1.ResourceName{corev1.ResourceCPU, corev1.ResourceMemory} {
				request, limit := o.Container.Resources.Requests[name], o.Container.Resources.Limits[name]
				fmt.Fprintf(&text, ", %s %s to %s", name, &request, &limit)
			}
			text.WriteString("\n")
		}
		for _, p := range a.Sidecar.Problems {
			fmt.Fprintf(&text, "  %s\n", p)
		}
	}
	return text.String()
}

// What is another one each day, that of a certificate, and each time.
var (
	lastDay = regexp.MustCompile(`ends on \d{4}-\d\d-\d\d`)
	podName = regexp.MustCompile(`-[bcdfghjklmnpqrstvwxz2456789]{8,10}-[bcdfghjklmnpqrstvwxz2456789]{5}\b`)
)

// golden compares text with a file, or writes it.
func golden(t *testing.T, file, text string) {
	t.Helper()
	text = lastDay.ReplaceAllString(text, "ends on YYYY-MM-DD")
	text = podName.ReplaceAllString(text, "-HASH-NAME")
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
