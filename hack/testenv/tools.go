// Copyright The kubectl-dapr-prod Authors.
// SPDX-License-Identifier: Apache-2.0

package main

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"strings"
)

// toolModule is one of the nested modules below tools. Each pins what it builds
// by its own go.mod, because their dependency graphs contradict each other.
type toolModule struct {
	name string // folder below tools
	pins string // the module whose version counts
}

var (
	etcdModule       = toolModule{name: "etcd", pins: "go.etcd.io/etcd/server/v3"}
	kubernetesModule = toolModule{name: "kubernetes", pins: "k8s.io/kubernetes"}
	kwokModule       = toolModule{name: "kwok", pins: "sigs.k8s.io/kwok"}
	metricsModule    = toolModule{name: "metrics-server", pins: "sigs.k8s.io/metrics-server"}
	daprModule       = toolModule{name: "dapr", pins: "github.com/dapr/dapr"}
	daprdModule      = toolModule{name: "daprd", pins: "github.com/dapr/dapr"}
	prometheusModule = toolModule{name: "prometheus", pins: "github.com/prometheus/prometheus"}
)

// source is a module as the Go module cache holds it.
type source struct {
	Version string
	Dir     string
	Sum     string // as go.sum has it
	Error   string
}

// number is the release without the v that Go wants.
func (s source) number() string { return strings.TrimPrefix(s.Version, "v") }

// folder is where the module's go.mod lies.
func (m toolModule) folder() (string, error) {
	tools, err := toolsFolder()
	if err != nil {
		return "", err
	}
	return filepath.Join(tools, m.name), nil
}

// source downloads the pinned module if need be and says where it is: Dapr's
// chart and kwok's stages are read from there.
func (m toolModule) source(ctx context.Context) (source, error) {
	folder, err := m.folder()
	if err != nil {
		return source{}, err
	}
	return download(goCommand(ctx, folder, "mod", "download", "-json", m.pins))
}

// download runs a go mod download -json of one module.
func download(cmd *exec.Cmd) (source, error) {
	name := cmd.Args[len(cmd.Args)-1]
	// On failure the reason is in the JSON, and the exit code says no more.
	out, runErr := cmd.Output()
	var found source
	if err := json.Unmarshal(out, &found); err != nil {
		return source{}, fmt.Errorf("module %s cannot be downloaded: %w", name, errors.Join(runErr, err))
	}
	if found.Error != "" {
		return source{}, fmt.Errorf("module %s cannot be downloaded: %s", name, found.Error)
	}
	return found, nil
}

// goCommand runs the go tool in a nested module, away from any workspace.
func goCommand(ctx context.Context, folder string, args ...string) *exec.Cmd {
	cmd := exec.CommandContext(ctx, "go", args...)
	cmd.Dir = folder
	cmd.Env = append(os.Environ(), "CGO_ENABLED=0", "GOWORK=off")
	return cmd
}

// toolsFolder finds hack/testenv/tools: upwards from the working folder, so that
// a program built in one checkout serves another, or else where it was compiled.
func toolsFolder() (string, error) {
	dir, err := os.Getwd()
	if err != nil {
		return "", err
	}
	for {
		for _, below := range []string{"hack/testenv/tools", "tools"} {
			tools := filepath.Join(dir, filepath.FromSlash(below))
			if isTools(tools) {
				return tools, nil
			}
		}
		parent := filepath.Dir(dir)
		if parent == dir {
			break
		}
		dir = parent
	}
	if _, file, _, ok := runtime.Caller(0); ok {
		if tools := filepath.Join(filepath.Dir(file), "tools"); isTools(tools) {
			return tools, nil
		}
	}
	return "", errors.New("folder hack/testenv/tools was not found: run testenv inside a checkout of kubectl-dapr-prod")
}

func isTools(folder string) bool {
	for _, m := range []toolModule{etcdModule, kubernetesModule, kwokModule, metricsModule, daprModule, daprdModule, prometheusModule} {
		if _, err := os.Stat(filepath.Join(folder, m.name, "go.mod")); err != nil {
			return false
		}
	}
	return true
}

// goToolchain is the part of the go command's settings that changes binaries.
func goToolchain(ctx context.Context, folder string) (string, error) {
	out, err := goCommand(ctx, folder, "env", "GOVERSION", "GOOS", "GOARCH").Output()
	if err != nil {
		return "", fmt.Errorf("go cannot be run: %w; install Go and put it on PATH", err)
	}
	return strings.Join(strings.Fields(string(out)), " "), nil
}
