// Copyright The kubectl-dapr-prod Authors.
// SPDX-License-Identifier: Apache-2.0

package dapr_test

import (
	"slices"
	"strings"
	"testing"

	"github.com/dapr/dapr/pkg/injector/annotations"

	"github.com/dapr-prod/kubectl-dapr-prod/pkg/dapr"
)

func TestAnnotations(t *testing.T) {
	t.Parallel()
	all := dapr.Annotations()
	// 1.18.3 reads 64 (pkg/injector/annotations/annotations.go).
	if len(all) != 64 || !slices.IsSorted(all) || len(slices.Compact(slices.Clone(all))) != 64 {
		t.Errorf("%d annotations, want 64, sorted: %v", len(all), all)
	}
	// How many the last patch of each minor reads.
	for version, want := range map[string]int{"1.13.6": 52, "1.14.5": 55, "1.15.14": 58, "1.16.19": 60, "1.17.13": 62, "1.18.3": 64} {
		count := 0
		for _, key := range all {
			if _, reads := dapr.AnnotationSince(key, parse(t, version)); reads {
				count++
			}
		}
		if count != want {
			t.Errorf("%s reads %d annotations, want %d", version, count, want)
		}
	}
}

func TestAnnotationSince(t *testing.T) {
	t.Parallel()
	const timeout = annotations.KeyAppBindingOptionsTimeout
	for _, tt := range []struct {
		key, version, first string
		reads               bool
	}{
		{annotations.KeyAppID, "1.13.0", "unknown", true},
		{"dapr.io/no-such", "1.13.0", "unknown", true},
		{annotations.KeyEnvFromSecret, "1.14.5", "1.15.0", false},
		{annotations.KeyEnvFromSecret, "1.15.0", "1.15.0", true},
		{annotations.KeyEnvFromSecret, "1.18.3", "1.15.0", true},
		{annotations.KeyEnableNativeSidecar, "1.17.13", "1.18.0", false},
		{annotations.KeyEnableNativeSidecar, "1.19.0", "1.18.0", true},
		{timeout, "1.15.14", "1.16.18", false},
		{timeout, "1.16.17", "1.16.18", false},
		{timeout, "1.16.18", "1.16.18", true},
		{timeout, "1.17.11", "1.17.12", false},
		{timeout, "1.17.12", "1.17.12", true},
		{timeout, "1.18.2", "1.18.3", false},
		{timeout, "1.18.3", "1.18.3", true},
		{timeout, "1.19.0", "1.16.18", true},
	} {
		first, reads := dapr.AnnotationSince(tt.key, parse(t, tt.version))
		if first.String() != tt.first || reads != tt.reads {
			t.Errorf("AnnotationSince(%s, %s) = %s, %v, want %s, %v", tt.key, tt.version, first, reads, tt.first, tt.reads)
		}
	}
}

func TestNearestAnnotation(t *testing.T) {
	t.Parallel()
	for key, want := range map[string]string{
		"dapr.io/app-prot":                     "dapr.io/app-port",
		"dapr.io/appid":                        "dapr.io/app-id",
		"dapr.io/App-ID":                       "dapr.io/app-id",
		"dapr.io/sidecar-memory-limits":        "dapr.io/sidecar-memory-limit",
		"dapr.io/enable":                       "dapr.io/enabled",
		"dapr.io/loglevel":                     "dapr.io/log-level",
		"dapr.io/team":                         "",
		"dapr.io/":                             "",
		"dapr.io/" + strings.Repeat("z", 1000): "",
	} {
		if got := dapr.NearestAnnotation(key); got != want {
			t.Errorf("NearestAnnotation(%q) = %q, want %q", key, got, want)
		}
	}
}

func TestKnowsAnnotation(t *testing.T) {
	t.Parallel()
	for key, want := range map[string]bool{
		"dapr.io/enabled": true, "dapr.io/control-plane": true, "dapr.io/component-container": true,
		"dapr.io/sidecar-injected": false, "dapr.io/Enabled": false, "enabled": false, "": false,
	} {
		if got := dapr.KnowsAnnotation(key); got != want {
			t.Errorf("KnowsAnnotation(%q) = %v", key, got)
		}
	}
}

func TestAnnotationProblem(t *testing.T) {
	t.Parallel()
	for _, tt := range []struct {
		key, value string
		odd        bool
	}{
		{annotations.KeyAppPort, "8080", false},
		{annotations.KeyAppPort, "-1", false},
		{annotations.KeyAppPort, " 8080", true},
		{annotations.KeyAppPort, "2147483647", false},
		{annotations.KeyAppPort, "2147483648", true},
		{annotations.KeyAppPort, "1e3", true},
		{annotations.KeyAppMaxConcurrency, "x", true},
		{annotations.KeyEnableAPILogging, "maybe", true},
		{annotations.KeyEnableAPILogging, " YES ", false},
		{annotations.KeyEnableMetrics, "enabled", true},
		{annotations.KeyEnableMetrics, "off", false},
		{annotations.KeyEnableMetrics, "", false},
		{annotations.KeyConfig, "anything", false},
		{"dapr.io/no-such", "anything", false},
	} {
		if got := dapr.AnnotationProblem(tt.key, tt.value); (got != "") != tt.odd {
			t.Errorf("AnnotationProblem(%s, %q) = %q", tt.key, tt.value, got)
		}
	}
}

func TestEmptyMatters(t *testing.T) {
	t.Parallel()
	for _, key := range []string{
		annotations.KeyLogLevel, annotations.KeyAppProtocol, annotations.KeyEnableMetrics, annotations.KeySidecarImage,
		annotations.KeyEnableAPILogging, annotations.KeyBlockShutdownDuration, annotations.KeyPlacementHostAddresses, annotations.KeySchedulerHostAddresses,
	} {
		if !dapr.EmptyMatters(key) {
			t.Errorf("%s: an empty value is taken for none", key)
		}
	}
	for _, key := range []string{
		annotations.KeyConfig, annotations.KeyEnv, annotations.KeyAppPort, annotations.KeyAppMaxConcurrency, annotations.KeyLogAsJSON,
		annotations.KeyEnableDebug, annotations.KeyMetricsPort, annotations.KeyCPULimit, "dapr.io/no-such",
	} {
		if dapr.EmptyMatters(key) {
			t.Errorf("%s: an empty value is taken for more than none", key)
		}
	}
}
