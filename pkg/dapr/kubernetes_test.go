// Copyright The kubectl-dapr-prod Authors.
// SPDX-License-Identifier: Apache-2.0

package dapr_test

import (
	"testing"
	"time"

	"github.com/dapr-prod/kubectl-dapr-prod/pkg/dapr"
)

func TestParseKubernetesVersion(t *testing.T) {
	t.Parallel()
	for s, want := range map[string]dapr.KubernetesVersion{
		"v1.31.4-gke.100":      {Minor: 31, Patch: 4},
		"v1.30+":               {Minor: 30},
		"1.30":                 {Minor: 30},
		"v1.28.5-eks-5e0fdde":  {Minor: 28, Patch: 5},
		"v1.29.3+k3s1":         {Minor: 29, Patch: 3},
		"v1.27.16+rke2r2":      {Minor: 27, Patch: 16},
		"v1.37.0-rc.1":         {Minor: 37},
		"v1.36.3":              {Minor: 36, Patch: 3},
		"v1.33.1-aliyun.1+x~y": {Minor: 33, Patch: 1},
	} {
		got, err := dapr.ParseKubernetesVersion(s)
		if err != nil || got != want || !got.Known() {
			t.Errorf("ParseKubernetesVersion(%q) = %+v, %v", s, got, err)
		}
	}
	for _, s := range []string{"", "v1", "v1.", "v1.x", "v2.0.0", "1.30.", "v1.30.1.2", "latest", "v1.99999.1", " v1.30.1", "v1.30.1 "} {
		if got, err := dapr.ParseKubernetesVersion(s); err == nil || got.Known() {
			t.Errorf("ParseKubernetesVersion(%q) = %+v, want an error", s, got)
		}
	}
	if got := (dapr.KubernetesVersion{}).String(); got != "unknown" {
		t.Errorf("the zero version is %s", got)
	}
}

func TestKubernetesEndOfLife(t *testing.T) {
	t.Parallel()
	for minor, want := range map[int]string{
		1: "2023-02-28", 22: "2023-02-28", 23: "2023-02-28", 24: "2023-07-28", 30: "2025-07-15", 32: "2026-02-28", 33: "2026-06-28", 34: "2026-10-27", 35: "2027-02-28",
		36: "2027-06-28", 37: "2027-10-28",
	} {
		if ends, known := dapr.KubernetesEndOfLife(minor); !known || !ends.Equal(date(t, want)) {
			t.Errorf("1.%d ends on %s, want %s", minor, ends, want)
		}
	}
	for _, minor := range []int{-1, 0, 38, 1000} {
		if ends, known := dapr.KubernetesEndOfLife(minor); known {
			t.Errorf("1.%d ends on %s", minor, ends)
		}
	}
	var last time.Time
	for minor := 23; minor <= 37; minor++ {
		ends, _ := dapr.KubernetesEndOfLife(minor)
		if !ends.After(last) {
			t.Errorf("1.%d ends on %s, before the one that it follows", minor, ends)
		}
		last = ends
	}
}

func TestKubeletSkew(t *testing.T) {
	t.Parallel()
	const newer, older = "the kubelet 1.32 is newer than the API server 1.31", "the kubelet 1.27 is 4 minors older than the API server 1.31, and 3 are supported"
	for _, tt := range []struct {
		server, kubelet int
		why             string
	}{
		{31, 31, ""},
		{31, 28, ""},
		{31, 27, older},
		{31, 32, newer},
		{28, 25, ""},
		{27, 25, ""},
		{27, 24, "the kubelet 1.24 is 3 minors older than the API server 1.27, and 2 are supported"},
		{26, 24, ""},
		{0, 24, ""},
		{31, 0, ""},
	} {
		ok, why := dapr.KubeletSkew(dapr.KubernetesVersion{Minor: tt.server, Patch: 1}, dapr.KubernetesVersion{Minor: tt.kubelet, Patch: 9})
		if why != tt.why || ok != (tt.why == "") {
			t.Errorf("KubeletSkew(%d, %d) = %v, %q", tt.server, tt.kubelet, ok, why)
		}
	}
}
