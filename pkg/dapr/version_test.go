// Copyright The kubectl-dapr-prod Authors.
// SPDX-License-Identifier: Apache-2.0

package dapr_test

import (
	"testing"

	"github.com/dapr-prod/kubectl-dapr-prod/pkg/dapr"
)

func TestVersionOfImage(t *testing.T) {
	t.Parallel()
	digest := "@sha256:9f86d081884c7d659a2feaa0c55ad015a3bf4f1b2b0b822cd15d6c15b0f00a08"
	for _, tt := range []struct{ image, want string }{
		{"ghcr.io/dapr/daprd:1.18.3", "1.18.3"},
		{"ghcr.io/dapr/daprd:v1.18.3", "1.18.3"},
		{"daprd:1.16.0", "1.16.0"},
		{"registry.example.com:5000/dapr/daprd:1.17.2", "1.17.2"},
		{"registry.example.com:5000/dapr/daprd", "unknown"},
		{"localhost:5000/daprd" + digest, "unknown"},
		{"ghcr.io/dapr/daprd:1.18.3" + digest, "1.18.3"},
		{"registry.example.com:5000/daprd:1.18.3" + digest, "1.18.3"},
		{"ghcr.io/dapr/daprd:1.18.3-mariner", "1.18.3-mariner"},
		{"ghcr.io/dapr/daprd:1.18.3-stablecomponents", "1.18.3-stablecomponents"},
		{"ghcr.io/dapr/daprd:1.18.3-mariner-linux-arm64", "1.18.3-mariner-linux-arm64"},
		{"ghcr.io/dapr/daprd:1.19.0-rc.1", "1.19.0-rc.1"},
		{"ghcr.io/dapr/daprd:1.18", "1.18.3"},
		{"ghcr.io/dapr/daprd:latest", "unknown"},
		{"ghcr.io/dapr/daprd:edge", "unknown"},
		{"ghcr.io/dapr/daprd:dev", "unknown"},
		{"ghcr.io/dapr/daprd:5ff0c1a", "unknown"},
		{"ghcr.io/dapr/daprd:1.18.3.4", "unknown"},
		{"ghcr.io/dapr/daprd" + digest, "unknown"},
		{"ghcr.io/dapr/daprd:", "unknown"},
		{"ghcr.io/dapr/daprd", "unknown"},
		{"", "unknown"},
	} {
		if got := dapr.VersionOfImage(tt.image); got.String() != tt.want || got.Known() != (tt.want != "unknown") {
			t.Errorf("VersionOfImage(%q) = %s, want %s", tt.image, got, tt.want)
		}
	}
}

func TestImageOf(t *testing.T) {
	t.Parallel()
	for _, tt := range []struct{ image, want string }{
		{"ghcr.io/dapr/daprd:1.16.1", "ghcr.io/dapr/daprd:1.18.3"},
		{"localhost:5000/daprd:v1.16.1-mariner@sha256:9f86d081", "localhost:5000/daprd:1.18.3"},
		{"localhost:5000/daprd", "localhost:5000/daprd"},
		{"daprd:latest", "daprd:latest"},
		{"daprd@sha256:9f86d081", "daprd@sha256:9f86d081"},
	} {
		if got := dapr.ImageOf(tt.image, parse(t, "1.18.3")); got != tt.want {
			t.Errorf("ImageOf(%q) = %q, want %q", tt.image, got, tt.want)
		}
	}
}

func TestSuffixesHaveNoPartInComparisons(t *testing.T) {
	t.Parallel()
	v := dapr.VersionOfImage("daprd:1.17.3-mariner")
	if !v.AtLeast(1, 17, 3) || v.AtLeast(1, 17, 4) || v.Before(parse(t, "1.17.3")) || !v.Before(parse(t, "1.17.4")) {
		t.Errorf("%s does not compare as 1.17.3", v)
	}
}

func parse(t *testing.T, s string) dapr.Version {
	t.Helper()
	v, err := dapr.ParseVersion(s)
	if err != nil {
		t.Fatal(err)
	}
	return v
}

func TestParseVersion(t *testing.T) {
	t.Parallel()
	for s, want := range map[string]string{"1.18.3": "1.18.3", "v1.17.0": "1.17.0", "1.13": "1.13.6", "1.17": "1.17.13", "1.19": "1.19", "2.0.1+build": "2.0.1+build"} {
		if got := parse(t, s); got.String() != want {
			t.Errorf("ParseVersion(%q) = %s, want %s", s, got, want)
		}
	}
	for _, s := range []string{"", "1", "1.x", "latest", "1.18.", " 1.18.3", "1.18.3 ", "-1.2.3", "1234567.1.1"} {
		if v, err := dapr.ParseVersion(s); err == nil || v.Known() {
			t.Errorf("ParseVersion(%q) = %s, want an error", s, v)
		}
	}
}

func TestOrder(t *testing.T) {
	t.Parallel()
	order := []string{"1.13.6", "1.14.0", "1.14.5", "1.15.0", "1.16.1", "1.16.2", "1.17.2", "1.17.3", "1.17.13", "1.18.3", "2.0.0"}
	for i, a := range order {
		for j, b := range order {
			if got := parse(t, a).Before(parse(t, b)); got != (i < j) {
				t.Errorf("%s before %s: %v", a, b, got)
			}
		}
	}
	if !parse(t, "1.19.0").NewerThanTables() || !parse(t, "2.0.0").NewerThanTables() || parse(t, "1.18.99").NewerThanTables() {
		t.Error("a release is newer than the tables by its minor")
	}
}

// TestGenerations: each difference between the injectors of the covered releases
// shows between two generations.
func TestGenerations(t *testing.T) {
	t.Parallel()
	differs := map[string]func(dapr.Version) bool{
		"enabled":  func(v dapr.Version) bool { return dapr.Enabled("yes", v) },
		"empty":    func(v dapr.Version) bool { return v.AtLeast(1, 15, 0) },
		"equals":   func(v dapr.Version) bool { return v.AtLeast(1, 16, 2) },
		"user":     func(v dapr.Version) bool { return v.AtLeast(1, 14, 3) },
		"liveness": func(v dapr.Version) bool { return v.AtLeast(1, 15, 2) },
		"probes":   func(v dapr.Version) bool { return v.AtLeast(1, 18, 0) },
	}
	for _, key := range dapr.Annotations() {
		if first, _ := dapr.AnnotationSince(key, dapr.NewestVersion()); first.Known() {
			differs[key] = func(v dapr.Version) bool { _, reads := dapr.AnnotationSince(key, v); return reads }
		}
	}
	for name, is := range differs {
		seen := map[bool]bool{}
		for _, v := range dapr.Generations() {
			seen[is(v)] = true
		}
		if len(seen) != 2 {
			t.Errorf("%s is the same in all generations", name)
		}
	}
}

func TestRelease(t *testing.T) {
	t.Parallel()
	for text, want := range map[string]string{"1.18.3": "1.18.3", "v1.17.0-mariner": "1.17.0", "1.16": "1.16.19"} {
		if got := parse(t, text).Release(); got != want {
			t.Errorf("%s: got %s, want %s", text, got, want)
		}
	}
}
