// Copyright The kubectl-dapr-prod Authors.
// SPDX-License-Identifier: Apache-2.0

package main

import (
	"encoding/base64"
	"errors"
	"path/filepath"
	"slices"
	"strings"
	"testing"
)

func TestOtherChartsArePinned(t *testing.T) {
	for version, sum := range otherCharts {
		encoded, isHash := strings.CutPrefix(sum, "h1:")
		if hash, err := base64.StdEncoding.DecodeString(encoded); !isHash || err != nil || len(hash) != 32 {
			t.Errorf("%s: %q is no checksum of go.sum", version, sum)
		}
		if strings.HasPrefix(version, "v") {
			t.Errorf("%s: --chart takes releases without a v", version)
		}
	}
}

func TestChartSource(t *testing.T) {
	builtIn := source{Version: "v1.18.3", Dir: "/dapr"}
	for _, wanted := range []string{"", "1.18.3"} {
		if got, err := chartSource(t.Context(), wanted, builtIn); err != nil || got != builtIn {
			t.Errorf("--chart %q: got %v, %v, want the release that is built in", wanted, got, err)
		}
	}
	for _, wanted := range []string{"1.12.0", "v1.18.3", "1.18", "latest"} {
		_, err := chartSource(t.Context(), wanted, builtIn)
		var typed usageError
		if !errors.As(err, &typed) || !strings.Contains(err.Error(), "1.13.5, ") || !strings.Contains(err.Error(), ", 1.18.3;") {
			t.Errorf("--chart %q: got %v, want a usage error that names the charts", wanted, err)
		}
	}
}

func TestCheckSum(t *testing.T) {
	found := source{Version: "v1.14.4", Sum: "h1:one"}
	if err := checkSum(found, "h1:one"); err != nil {
		t.Error(err)
	}
	for _, sum := range []string{"h1:two", ""} {
		if err := checkSum(found, sum); err == nil || !strings.Contains(err.Error(), "dapr 1.14.4") {
			t.Errorf("%q: got %v, want an error that names the release", sum, err)
		}
	}
}

// TestOptionsOfServe: what runs in the background must get every option of up.
func TestOptionsOfServe(t *testing.T) {
	typed := []string{"--dir", filepath.Join(t.TempDir(), "cluster"), "--chart", "1.14.4", "--limit-critical", "--watchdog", "--helm-values", "values.yaml", "--helm-set", "a=b", "--helm-set", "c=d"}
	options, err := parseUp("up", typed)
	if err != nil {
		t.Fatal(err)
	}
	if got := options.args(); !slices.Equal(got, typed) {
		t.Errorf("got %q, want %q", got, typed)
	}
}
