// Copyright The kubectl-dapr-prod Authors.
// SPDX-License-Identifier: Apache-2.0

package plan_test

import (
	"fmt"
	"strings"
	"testing"

	"sigs.k8s.io/yaml"

	"github.com/dapr-prod/kubectl-dapr-prod/pkg/catalogue"
	"github.com/dapr-prod/kubectl-dapr-prod/pkg/dapr"
	"github.com/dapr-prod/kubectl-dapr-prod/pkg/plan"
)

// TestFileValues: one guideline at a time, what it wants of a file of values.
func TestFileValues(t *testing.T) {
	t.Parallel()
	const another, null = "somebody has written down another value", "is null, which takes out"
	for _, tt := range []struct{ name, id, release, file, writes, stays string }{
		{"nothing there", "control-plane-ha", "1.18.3", "{}", "global.ha.enabled=true", ""},
		{"the chart's own", "control-plane-ha", "1.18.3", "global: {ha: {enabled: false}}", "global.ha.enabled=true", ""},
		{"there", "control-plane-ha", "1.18.3", "global: {ha: {enabled: true}}", "", ""},
		{"as a text, which the chart does not take", "control-plane-ha", "1.18.3", `global: {ha: {enabled: "true"}}`, "", "global.ha.enabled: " + another},
		{"too few", "control-plane-ha", "1.18.3", "global: {ha: {enabled: true, replicaCount: 1}}", "", "global.ha.replicaCount: " + another},
		{"more", "control-plane-ha", "1.18.3", "global: {ha: {enabled: true, replicaCount: 5}}", "", ""},
		{"null", "control-plane-ha", "1.18.3", "global: {ha: }", "", "global.ha.enabled: global.ha " + null},
		{"null itself", "control-plane-ha", "1.18.3", "global: {ha: {enabled: }}", "", "global.ha.enabled: global.ha.enabled " + null},
		{"a list", "control-plane-ha", "1.18.3", "global: []", "", "global.ha.enabled: global is no mapping"},
		{"an older release", "control-plane-ha", "1.14.4", "dapr_placement: {cluster: {forceInMemoryLog: false}}", "dapr_placement.cluster.forceInMemoryLog=true global.ha.enabled=true", ""},
		{"another critical class", "control-plane-priority-class", "1.18.3", "global: {priorityClassName: system-node-critical}", "", ""},
		{"a class of somebody", "control-plane-priority-class", "1.18.3", "global: {priorityClassName: mine}", "", "global.priorityClassName: " + another},
		{"no class", "control-plane-priority-class", "1.18.3", `global: {priorityClassName: ""}`, "global.priorityClassName=system-cluster-critical", ""},
		{"the watchdog off", "injector-watchdog", "1.18.3", "dapr_operator: {watchInterval: 0}", "dapr_operator.watchInterval=2m", ""},
		{"the watchdog once", "injector-watchdog", "1.18.3", "dapr_operator: {watchInterval: once}", "", "dapr_operator.watchInterval: " + another},
		{"the watchdog on", "injector-watchdog", "1.18.3", "dapr_operator: {watchInterval: 30s}", "", ""},
		{"a small volume", "scheduler-storage", "1.18.3", "dapr_scheduler: {cluster: {storageSize: 1Gi}}", "", "dapr_scheduler.cluster.storageSize: " + another},
		{"a large one", "scheduler-storage", "1.18.3", "dapr_scheduler: {cluster: {storageSize: 32Gi}}", "", ""},
		{"mTLS not spoken of", "mtls", "1.18.3", "{}", "", ""},
		{"mTLS off", "mtls", "1.18.3", "global: {mtls: {enabled: false}}", "", "global.mtls.enabled: " + another},
		{"mTLS on", "mtls", "1.18.3", "global: {mtls: {enabled: true}}", "", ""},
		{"metrics off", "metrics", "1.18.3", "global: {prometheus: {enabled: false}}", "", "global.prometheus.enabled: " + another},
		{"placement's timeouts", "placement-settings", "1.16.2", "dapr_placement: {disseminateTimeout: 2s, keepAliveTime: 9s, metadataEnabled: true}", "", "dapr_placement.keepAliveTime: " + another + "; dapr_placement.metadataEnabled: " + another},
		{"a memory limit", "control-plane-memory-limit", "1.18.3", "dapr_sentry: {resources: {limits: {memory: 1Gi}}}", "", "dapr_sentry.resources.limits.memory: the guideline wants none"},
		{"a memory limit taken out", "control-plane-memory-limit", "1.18.3", "dapr_sentry: {resources: {limits: {memory: }}}", "", ""},
	} {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			p := fileValues(t, tt.file, tt.release, tt.id)
			if got := toBeWritten(p); got != tt.writes {
				t.Errorf("writes %q, want %q", got, tt.writes)
			}
			var stays []string
			for _, s := range p.Stay {
				stays = append(stays, s.Path+": "+s.Why)
			}
			if got := strings.Join(stays, "; "); (tt.stays == "") != (got == "") || !strings.HasPrefix(got, tt.stays) {
				t.Errorf("stays %q, want %q", got, tt.stays)
			}
		})
	}
}

// TestFileValuesKeepRequestsBelowLimits: a server takes no request above its limit.
func TestFileValuesKeepRequestsBelowLimits(t *testing.T) {
	t.Parallel()
	for file, want := range map[string]string{
		"dapr_sentry: {resources: {requests: {cpu: 2}}}":                     "limits.cpu=2 requests.memory=30Mi",
		"dapr_sentry: {resources: {limits: {cpu: 50m, memory: 20Mi}}}":       "requests.cpu=50m requests.memory=20Mi",
		"dapr_sentry: {resources: {requests: {cpu: 200m, memory: 1Gi}}}":     "limits.cpu=1",
		"dapr_sentry: {resources: {limits: {cpu: nonsense, memory: {}}}}":    "requests.cpu=100m requests.memory=30Mi",
		"dapr_sentry: {resources: {requests: {cpu: 50m}, limits: {cpu: 2}}}": "requests.memory=30Mi",
	} {
		var got []string
		for one := range strings.FieldsSeq(toBeWritten(fileValues(t, file, "1.18.3", ""))) {
			if value, found := strings.CutPrefix(one, "dapr_sentry.resources."); found {
				got = append(got, value)
			}
		}
		if strings.Join(got, " ") != want {
			t.Errorf("%s: %v, want %s", file, got, want)
		}
	}
}

// TestFileValuesOfNamed: who names a guideline has it take the place of what stands.
func TestFileValuesOfNamed(t *testing.T) {
	t.Parallel()
	var tree map[string]any
	if err := yaml.Unmarshal([]byte("global: {mtls: {enabled: false}, priorityClassName: mine}"), &tree); err != nil {
		t.Fatal(err)
	}
	p := plan.MakeFileValues(tree, dapr.NewestVersion(), catalogue.All(), []string{"mtls"})
	if got := toBeWritten(p); got != "global.mtls.enabled=true" || len(p.Stay) > 0 {
		t.Errorf("writes %q, stays %v", got, p.Stay)
	}
}

// fileValues is the plan for a file where one guideline is asked, or all of them.
func fileValues(t *testing.T, file, release, id string) plan.FileValues {
	t.Helper()
	var tree map[string]any
	if err := yaml.Unmarshal([]byte(file), &tree); err != nil {
		t.Fatal(err)
	}
	v, err := dapr.ParseVersion(release)
	if err != nil {
		t.Fatal(err)
	}
	guidelines := catalogue.All()
	for _, g := range guidelines {
		if g.ID == id {
			guidelines = guidelines[:0:0]
			return plan.MakeFileValues(tree, v, append(guidelines, g), nil)
		}
	}
	return plan.MakeFileValues(tree, v, guidelines, nil)
}

func toBeWritten(p plan.FileValues) string {
	var all []string
	for _, a := range p.Additions {
		all = append(all, fmt.Sprintf("%s=%v", a.Path, a.Value.Value))
	}
	return strings.Join(all, " ")
}
