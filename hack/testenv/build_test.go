// Copyright The kubectl-dapr-prod Authors.
// SPDX-License-Identifier: Apache-2.0

package main

import (
	"os"
	"path/filepath"
	"testing"
)

func writeModule(t *testing.T, mod, sum string) string {
	t.Helper()
	dir := t.TempDir()
	for name, content := range map[string]string{"go.mod": mod, "go.sum": sum} {
		if err := os.WriteFile(filepath.Join(dir, name), []byte(content), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	return dir
}

func TestCacheKey(t *testing.T) {
	key := func(mod, sum, toolchain, ldflags string) string {
		t.Helper()
		key, err := cacheKey(writeModule(t, mod, sum), toolchain, ldflags)
		if err != nil {
			t.Fatal(err)
		}
		return key
	}
	base := key("mod", "sum", "go1", "-s")
	tests := []struct {
		name string
		key  string
		same bool
	}{
		{name: "same content in another folder", key: key("mod", "sum", "go1", "-s"), same: true},
		{name: "other go.mod", key: key("mod2", "sum", "go1", "-s")},
		{name: "other go.sum", key: key("mod", "sum2", "go1", "-s")},
		{name: "other toolchain", key: key("mod", "sum", "go2", "-s")},
		{name: "other flags", key: key("mod", "sum", "go1", "-s -w")},
		{name: "bytes moved from one file to the other", key: key("mods", "um", "go1", "-s")},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			if (test.key == base) != test.same {
				t.Errorf("key %s, base %s, want same %v", test.key, base, test.same)
			}
		})
	}
	if _, err := cacheKey(t.TempDir(), "go1", ""); err == nil {
		t.Error("a folder without go.mod got a key")
	}
}

func TestLinkerFlags(t *testing.T) {
	const version = "k8s.io/component-base/version"
	tests := []struct {
		name    string
		module  toolModule
		version string
		want    string
	}{
		{name: "plain", module: etcdModule, version: "v3.6.16", want: "-s -w"},
		{
			name: "kubernetes", module: kubernetesModule, version: "v1.36.3",
			want: "-s -w -X " + version + ".gitVersion=v1.36.3 -X " + version + ".gitMajor=1 -X " + version + ".gitMinor=36",
		},
		{name: "dapr", module: daprModule, version: "v1.18.3", want: "-s -w -X github.com/dapr/dapr/pkg/buildinfo.version=1.18.3"},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			if got := linkerFlags(test.module, test.version); got != test.want {
				t.Errorf("got  %s\nwant %s", got, test.want)
			}
		})
	}
}

func TestFromAssets(t *testing.T) {
	assets := t.TempDir()
	for _, name := range []string{"etcd", "kwok"} {
		if err := os.WriteFile(filepath.Join(assets, name), nil, 0o755); err != nil {
			t.Fatal(err)
		}
	}
	t.Setenv("KUBEBUILDER_ASSETS", assets)
	want := map[string]string{"etcd": filepath.Join(assets, "etcd")} // kubectl is missing, kwok is never taken
	for _, b := range append(append(prometheusPrograms, daprd), binaries...) {
		if got := b.fromAssets(); got != want[b.name] {
			t.Errorf("%s: got %q, want %q", b.name, got, want[b.name])
		}
	}
}

func TestCacheFolder(t *testing.T) {
	t.Setenv("XDG_CACHE_HOME", "/xdg")
	t.Setenv("DAPR_PROD_TESTENV_CACHE", "")
	if got, err := cacheFolder(); err != nil || got != "/xdg/kubectl-dapr-prod/testenv" {
		t.Errorf("got %s, %v", got, err)
	}
	t.Setenv("DAPR_PROD_TESTENV_CACHE", "/own")
	if got, err := cacheFolder(); err != nil || got != "/own/kubectl-dapr-prod/testenv" {
		t.Errorf("got %s, %v", got, err)
	}
}

func TestPlace(t *testing.T) {
	dir := t.TempDir()
	from, to := filepath.Join(dir, "from"), filepath.Join(dir, "bin", "to")
	for _, content := range []string{"old", "new"} {
		if err := os.RemoveAll(from); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(from, []byte(content), 0o755); err != nil {
			t.Fatal(err)
		}
		if err := place(from, to); err != nil {
			t.Fatal(err)
		}
		if got, err := os.ReadFile(to); err != nil || string(got) != content {
			t.Errorf("placed %q, %v, want %q", got, err, content)
		}
	}
}

func TestToolModulesArePinned(t *testing.T) {
	tools, err := toolsFolder()
	if err != nil {
		t.Fatal(err)
	}
	for _, b := range binaries {
		for _, name := range []string{"go.mod", "go.sum"} {
			if _, err := os.Stat(filepath.Join(tools, b.module.name, name)); err != nil {
				t.Errorf("%s: %v", b.name, err)
			}
		}
	}
}
