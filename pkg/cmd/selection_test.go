// Copyright The kubectl-dapr-prod Authors.
// SPDX-License-Identifier: Apache-2.0

package cmd

import (
	"slices"
	"strings"
	"testing"

	"github.com/dapr-prod/kubectl-dapr-prod/pkg/catalogue"
	"github.com/dapr-prod/kubectl-dapr-prod/pkg/guideline"
	"github.com/dapr-prod/kubectl-dapr-prod/pkg/snapshot"
)

func TestNearGuidelines(t *testing.T) {
	t.Parallel()
	for name, want := range map[string]string{
		"tracin":            "tracing",
		"MTLS":              "mtls",
		"sidecar_resorces":  "sidecar-resources",
		"HA":                "control-plane-ha",
		"soft memory limit": "sidecar-soft-memory-limit",
		"resources":         "control-plane-resources sidecar-resources",
		"sidecar":           "", // of many
		"trac":              "", // no word
		"nonsense":          "",
	} {
		if got := strings.Join(nearGuidelines(name), " "); got != want {
			t.Errorf("near %q is %q, want %q", name, got, want)
		}
	}
}

// TestSelectGuidelines: names in a list, with what scripts and completion leave between them.
func TestSelectGuidelines(t *testing.T) {
	t.Parallel()
	all := len(catalogue.All())
	for _, test := range []struct {
		only, skip []string
		want       int
	}{
		{nil, nil, all},
		{[]string{"mtls", "tracing"}, nil, 2},
		{[]string{"mtls", ""}, nil, 1},
		{[]string{"", "mtls", "", " tracing"}, nil, 2},
		{nil, []string{"mtls", ""}, all - 1},
		{nil, []string{""}, all},
		{[]string{"mtls", "tracing"}, []string{" mtls"}, 1},
	} {
		selected, err := selectGuidelines(test.only, test.skip, scopes[0].scopes)
		if err != nil || len(selected) != test.want {
			t.Errorf("%q without %q: %d guidelines, %v, want %d", test.only, test.skip, len(selected), err, test.want)
		}
	}
	if _, err := selectGuidelines([]string{"", " "}, nil, scopes[0].scopes); err == nil {
		t.Error("a list without a name selects something")
	}
}

// TestReadsOf: what is read of apps where they are not judged themselves.
func TestReadsOf(t *testing.T) {
	t.Parallel()
	for _, test := range []struct {
		name  string
		scope guideline.Scope
		apps  bool
	}{
		{"mtls", guideline.Apps, true},
		{"mtls", guideline.ControlPlane, false},
		{"metrics", guideline.ControlPlane, false},
		{"injector-webhook", guideline.ControlPlane, true},
		{"injector-watchdog", guideline.ControlPlane, true},
		{"dashboard", guideline.Cluster, true},
		{"control-plane-ha", guideline.ControlPlane, false},
	} {
		g, err := findGuideline(test.name)
		if err != nil {
			t.Fatal(err)
		}
		reads := readsOf([]*guideline.Guideline{g}, []guideline.Scope{test.scope})
		if got := slices.Contains(reads, snapshot.Read{Resource: snapshot.Deployments, Place: snapshot.InApps}); got != test.apps {
			t.Errorf("%s in scope %s: are the Deployments of apps read: %t", test.name, test.scope, got)
		}
	}
}
