// Copyright The kubectl-dapr-prod Authors.
// SPDX-License-Identifier: Apache-2.0

package main

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"strings"
	"time"
)

// binary is one program that testenv builds.
type binary struct {
	name   string
	module toolModule
	pkg    string
	asset  bool // may come from KUBEBUILDER_ASSETS
}

// binaries are in the order in which building them shares most work.
var binaries = []binary{
	{name: "etcd", module: etcdModule, pkg: "go.etcd.io/etcd/server/v3", asset: true},
	{name: "kube-apiserver", module: kubernetesModule, pkg: "k8s.io/kubernetes/cmd/kube-apiserver", asset: true},
	{name: "kube-controller-manager", module: kubernetesModule, pkg: "k8s.io/kubernetes/cmd/kube-controller-manager"},
	{name: "kube-scheduler", module: kubernetesModule, pkg: "k8s.io/kubernetes/cmd/kube-scheduler"},
	{name: "kubectl", module: kubernetesModule, pkg: "k8s.io/kubernetes/cmd/kubectl", asset: true},
	{name: "kwok", module: kwokModule, pkg: "sigs.k8s.io/kwok/cmd/kwok"},
	{name: metricsService, module: metricsModule, pkg: "sigs.k8s.io/metrics-server/cmd/metrics-server"},
	{name: "sentry", module: daprModule, pkg: "github.com/dapr/dapr/cmd/sentry"},
	{name: "injector", module: daprModule, pkg: "github.com/dapr/dapr/cmd/injector"},
	{name: "operator", module: daprModule, pkg: "github.com/dapr/dapr/cmd/operator"},
}

// toolset is the path of every built binary by name.
type toolset map[string]string

func buildCommand(ctx context.Context, args []string) error {
	flags := newFlags("build")
	bin := flags.String("bin", "", "also place kubectl into this folder")
	if err := parse(flags, args); err != nil {
		return err
	}
	if err := noArguments(flags); err != nil {
		return err
	}
	tools, err := buildAll(ctx, func(name, path, how string) {
		fmt.Printf("%-24s %-16s %s\n", name, how, path)
	})
	if err != nil || *bin == "" {
		return err
	}
	return place(tools["kubectl"], filepath.Join(*bin, "kubectl"))
}

// buildAll builds what the cache lacks and tells report about every binary.
func buildAll(ctx context.Context, report func(name, path, how string)) (toolset, error) {
	cache, err := cacheFolder()
	if err != nil {
		return nil, err
	}
	return ensureEach(ctx, cache, binaries, report)
}

// ensureAll builds what the cache lacks of programs that are not in every cluster.
func ensureAll(ctx context.Context, all []binary) (toolset, error) {
	cache, err := cacheFolder()
	if err != nil {
		return nil, err
	}
	return ensureEach(ctx, cache, all, func(string, string, string) {})
}

func ensureEach(ctx context.Context, cache string, all []binary, report func(name, path, how string)) (toolset, error) {
	ldflags := map[toolModule]string{}
	tools := toolset{}
	for _, b := range all {
		if path := b.fromAssets(); path != "" {
			tools[b.name] = path
			report(b.name, path, "from assets")
			continue
		}
		if _, known := ldflags[b.module]; !known {
			src, err := b.module.source(ctx)
			if err != nil {
				return nil, err
			}
			ldflags[b.module] = linkerFlags(b.module, src.Version)
		}
		path, how, err := b.ensure(ctx, cache, ldflags[b.module])
		if err != nil {
			return nil, err
		}
		tools[b.name] = path
		report(b.name, path, how)
	}
	return tools, nil
}

// fromAssets honours the folder that controller-runtime's envtest uses, since
// many contributors have its binaries already.
func (b binary) fromAssets() string {
	folder := os.Getenv("KUBEBUILDER_ASSETS")
	if folder == "" || !b.asset {
		return ""
	}
	path := filepath.Join(folder, b.name)
	if info, err := os.Stat(path); err != nil || info.IsDir() {
		return ""
	}
	return path
}

// ensure returns the binary's path in the cache, building it if it is missing.
func (b binary) ensure(ctx context.Context, cache, ldflags string) (path, how string, err error) {
	folder, err := b.module.folder()
	if err != nil {
		return "", "", err
	}
	toolchain, err := goToolchain(ctx, folder)
	if err != nil {
		return "", "", err
	}
	key, err := cacheKey(folder, toolchain, ldflags)
	if err != nil {
		return "", "", err
	}
	target := filepath.Join(cache, key, b.name)
	if _, err := os.Stat(target); err == nil {
		return target, "cached", nil
	}
	unlock, err := lockFile(ctx, filepath.Join(cache, key, ".lock"))
	if err != nil {
		return "", "", err
	}
	defer unlock()
	if _, err := os.Stat(target); err == nil { // another run built it meanwhile
		return target, "cached", nil
	}
	note("building %s, once", b.name)
	start := time.Now()
	partial := target + ".partial"
	build := goCommand(ctx, folder, "build", "-mod=readonly", "-trimpath", "-tags", buildTags(b.module), "-ldflags", ldflags, "-o", partial, b.pkg)
	build.Stdout, build.Stderr = os.Stderr, os.Stderr
	if err := build.Run(); err != nil {
		_ = os.Remove(partial)
		if ctx.Err() != nil {
			return "", "", ctx.Err()
		}
		return "", "", fmt.Errorf("%s cannot be built: %w", b.name, err)
	}
	// The rename makes the binary appear whole or not at all.
	if err := os.Rename(partial, target); err != nil {
		return "", "", err
	}
	return target, "built in " + time.Since(start).Round(time.Second).String(), nil
}

// buildTags leave out what is never used here and takes long: of Prometheus, the
// ways to find what it scrapes.
func buildTags(m toolModule) string {
	if m == prometheusModule {
		return "remove_all_sd"
	}
	return ""
}

// linkerFlags stamps the release into programs that otherwise call themselves a
// development build; kubectl refuses to talk about versions without it.
func linkerFlags(m toolModule, version string) string {
	flags := "-s -w"
	switch m {
	case kubernetesModule:
		const pkg = "k8s.io/component-base/version"
		parts := strings.SplitN(strings.TrimPrefix(version, "v"), ".", 3)
		flags += fmt.Sprintf(" -X %s.gitVersion=%s -X %s.gitMajor=%s -X %s.gitMinor=%s", pkg, version, pkg, parts[0], pkg, parts[1])
	case daprModule, daprdModule:
		flags += " -X github.com/dapr/dapr/pkg/buildinfo.version=" + strings.TrimPrefix(version, "v")
	case prometheusModule:
		flags += " -X github.com/prometheus/common/version.Version=" + strings.TrimPrefix(version, "v")
	}
	return flags
}

// cacheKey names the cache folder after all that decides a binary's content.
func cacheKey(folder, toolchain, ldflags string) (string, error) {
	hash := sha256.New()
	own, err := filepath.Glob(filepath.Join(folder, "*", "*.go"))
	if err != nil {
		return "", err
	}
	for _, path := range append([]string{filepath.Join(folder, "go.mod"), filepath.Join(folder, "go.sum")}, own...) {
		content, err := os.ReadFile(path)
		if err != nil {
			return "", err
		}
		name := filepath.Base(path)
		fmt.Fprintf(hash, "%s %d\n%s\n", name, len(content), content)
	}
	fmt.Fprintf(hash, "%s\n%s\n", toolchain, ldflags)
	return hex.EncodeToString(hash.Sum(nil))[:16], nil
}

func cacheFolder() (string, error) {
	root := os.Getenv("DAPR_PROD_TESTENV_CACHE")
	if root == "" {
		root = os.Getenv("XDG_CACHE_HOME")
	}
	if root == "" {
		home, err := os.UserHomeDir()
		if err != nil {
			return "", fmt.Errorf("no place for the cache: %w; set DAPR_PROD_TESTENV_CACHE", err)
		}
		root = filepath.Join(home, ".cache")
	}
	return filepath.Join(root, "kubectl-dapr-prod", "testenv"), nil
}

// place links or copies a file, replacing what is there.
func place(from, to string) error {
	if err := os.MkdirAll(filepath.Dir(to), 0o755); err != nil {
		return err
	}
	if err := os.Remove(to); err != nil && !errors.Is(err, os.ErrNotExist) {
		return err
	}
	if os.Link(from, to) == nil {
		return nil
	}
	in, err := os.Open(from)
	if err != nil {
		return err
	}
	defer in.Close()
	out, err := os.OpenFile(to, os.O_CREATE|os.O_WRONLY|os.O_TRUNC, 0o755)
	if err != nil {
		return err
	}
	_, err = io.Copy(out, in)
	return errors.Join(err, out.Close())
}
