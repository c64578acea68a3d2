// Copyright The kubectl-dapr-prod Authors.
// SPDX-License-Identifier: Apache-2.0

package main

import (
	"bytes"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"
)

// dist is a folder with an archive, which is none, for every machine.
func dist(t *testing.T, version string) string {
	t.Helper()
	folder := t.TempDir()
	write(t, folder, "metadata.json", fmt.Sprintf(`{"version": %q}`, version))
	for _, machine := range supported {
		write(t, folder, archiveOf("v"+version, machine), machine)
	}
	return folder
}

// archiveOf is how the archive of a machine is called.
func archiveOf(tag, machine string) string {
	return "kubectl-dapr-prod_" + tag + "_" + strings.ReplaceAll(machine, "/", "_") + ".tar.gz"
}

func write(t *testing.T, folder, name, content string) {
	t.Helper()
	if err := os.WriteFile(filepath.Join(folder, name), []byte(content), 0o600); err != nil {
		t.Fatal(err)
	}
}

const krewTemplate = "../../.krew.yaml"

// TestManifest: what is rendered is what krew takes.
func TestManifest(t *testing.T) {
	t.Parallel()
	var text bytes.Buffer
	if err := render(&text, krewTemplate, dist(t, "1.2.3")); err != nil {
		t.Fatal(err)
	}
	p, err := parse(text.Bytes())
	if err != nil {
		t.Fatal(err)
	}
	if p.Spec.Version != "v1.2.3" {
		t.Errorf("version %s", p.Spec.Version)
	}
	// As sha256sum has it for the text linux/amd64.
	const sum = "baf0239e48ff4c47ebac3ba02b5cf1506b69cd5a0c0d0c825a53ba65976fb942"
	if first := p.Spec.Platforms[0]; first.on() != "linux/amd64" || first.SHA256 != sum {
		t.Errorf("%s has the sum %s, want %s", first.on(), first.SHA256, sum)
	}
}

// TestManifestWithout: what is missing is said.
func TestManifestWithout(t *testing.T) {
	t.Parallel()
	folder := dist(t, "1.2.3")
	missing := archiveOf("v1.2.3", "darwin/arm64")
	if err := os.Remove(filepath.Join(folder, missing)); err != nil {
		t.Fatal(err)
	}
	if err := render(&bytes.Buffer{}, krewTemplate, folder); err == nil || !strings.Contains(err.Error(), missing) {
		t.Errorf("an archive is missing: %v", err)
	}
	if err := render(&bytes.Buffer{}, krewTemplate, t.TempDir()); err == nil || !strings.Contains(err.Error(), "goreleaser writes it") {
		t.Errorf("there is no release: %v", err)
	}
}

// TestRules: what krew, or those who review for its index, would refuse.
func TestRules(t *testing.T) {
	t.Parallel()
	var text bytes.Buffer
	if err := render(&text, krewTemplate, dist(t, "1.2.3")); err != nil {
		t.Fatal(err)
	}
	for _, test := range []struct{ name, was, is, says string }{
		{"another API", "v1alpha2", "v1", "it is a Plugin of"},
		{"another name", "name: dapr-prod", "name: dapr_prod", `it is called "dapr_prod"`},
		{"a version without v", "version: v1.2.3", "version: 1.2.3", "no v and a semantic version"},
		{"a long short description", "Check and fix Dapr", "Check, explain, fix, size and harden Dapr", "one line of 50"},
		{"a machine twice", "{os: linux, arch: arm64}", "{os: linux, arch: amd64}", "it is for [darwin/amd64 darwin/arm64 linux/amd64 linux/amd64"},
		{"a machine that krew does not know", "{os: linux, arch: arm64}", "{os: linux, arch: s390x}", "linux/s390x"},
		{"no https", "uri: https://", "uri: http://", "behind https"},
		{"a sum in capitals", "sha256: ", "sha256: ABC", "64 lower-case"},
		{"a program of Windows without .exe", "bin: kubectl-dapr_prod.exe", "bin: kubectl-dapr_prod", "the program is called kubectl-dapr_prod"},
		{"a field that nobody knows", "caveats:", "cavaets:", "cavaets"},
	} {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			changed := strings.Replace(text.String(), test.was, test.is, 1)
			if changed == text.String() {
				t.Fatalf("there is no %q", test.was)
			}
			if _, err := parse([]byte(changed)); err == nil || !strings.Contains(err.Error(), test.says) {
				t.Errorf("%v, want %q", err, test.says)
			}
		})
	}
}
