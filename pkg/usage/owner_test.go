// Copyright The kubectl-dapr-prod Authors.
// SPDX-License-Identifier: Apache-2.0

package usage_test

import (
	"strings"
	"testing"

	"k8s.io/apimachinery/pkg/util/rand"
	"k8s.io/apiserver/pkg/storage/names"

	"github.com/dapr-prod/kubectl-dapr-prod/pkg/usage"
)

// TestOwners: whose a Pod was is told by its name, or not at all.
func TestOwners(t *testing.T) {
	t.Parallel()
	owners := usage.NewOwners([]usage.Workload{
		{"shop", "Deployment", "web"},
		{"shop", "DaemonSet", "web-5d4f8c7b9"},
		{"shop", "StatefulSet", "db"},
		{"shop", "StatefulSet", "web"},
		{"shop", "DaemonSet", "agent"},
		{"shop", "CronJob", "nightly"},
		{"shop", "Job", "import"},
		{"shop", "Rollout", "canary"},
		{"shop", "ReplicaSet", "bare"},
		{"shop", "Pod", "alone"},
		{"other", "Deployment", "api"},
	})
	for pod, want := range map[string]string{
		"web-6f5c8d9b4-q2w5r":      "Deployment web",
		"web-5d4f8c7b9-x7x2q":      "", // of the Deployment or of the DaemonSet
		"web-0":                    "StatefulSet web",
		"db-12":                    "StatefulSet db",
		"db-x":                     "",
		"agent-x7x2q":              "DaemonSet agent",
		"agent-x7x2a":              "", // there is no a in a generated name
		"agent-6f5c8d9b4-q2w5r":    "",
		"nightly-29384756-x7x2q":   "CronJob nightly",
		"nightly-29384756-0-x7x2q": "CronJob nightly",
		"import-x7x2q":             "Job import",
		"import-3-x7x2q":           "Job import",
		"canary-6f5c8d9b4-q2w5r":   "Rollout canary",
		"bare-x7x2q":               "ReplicaSet bare",
		"alone":                    "",
		"api-6f5c8d9b4-q2w5r":      "",
		"":                         "",
		"-":                        "",
	} {
		w, known := owners.Of("shop", pod)
		if got := strings.TrimSpace(w.Kind + " " + w.Name); got != want || known != (want != "") {
			t.Errorf("%q: got %q, want %q", pod, got, want)
		}
	}
}

// TestOwnersOfGeneratedNames: names as Kubernetes makes them, of workloads whose
// names are as long as can be.
func TestOwnersOfGeneratedNames(t *testing.T) {
	t.Parallel()
	for length := 1; length <= 70; length++ {
		name := strings.Repeat("a", length)
		owners := usage.NewOwners([]usage.Workload{{"shop", "Deployment", name}, {"shop", "Deployment", "b" + name}})
		for _, number := range []string{"7", "1234567", "4294967295"} {
			replicaSet := name + "-" + rand.SafeEncodeString(number)
			pod := names.SimpleNameGenerator.GenerateName(replicaSet + "-")
			if w, known := owners.Of("shop", pod); !known || w.Name != name {
				t.Errorf("Pod %s of %d letters: %q", pod, length, w.Name)
			}
		}
		pod := names.SimpleNameGenerator.GenerateName(name + "-")
		daemons := usage.NewOwners([]usage.Workload{{"shop", "DaemonSet", name}})
		if w, known := daemons.Of("shop", pod); !known || w.Name != name {
			t.Errorf("Pod %s of a DaemonSet of %d letters: %q", pod, length, w.Name)
		}
	}
}
