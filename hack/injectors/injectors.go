// Copyright The kubectl-dapr-prod Authors.
// SPDX-License-Identifier: Apache-2.0

// Package injectors puts Pods through the injector of one release of Dapr: the
// real webhook, asked over TLS as an API server asks it. Each release lives in a
// module of its own below, which only starts its injector.
package injectors

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"runtime/debug"
	"strings"
)

// Namespace is where the control plane is, AppNamespace where the Pods are.
const (
	Namespace    = "dapr-system"
	AppNamespace = "shop"
)

// Corpus is the input: injectors and the Pods that each of them gets.
type Corpus struct {
	Injectors map[string]Settings `json:"injectors"`
	Pods      []Case              `json:"pods"`
}

// Settings is how an injector is set, beyond what the chart sets by default.
type Settings struct {
	// Env is the injector's environment.
	Env map[string]string `json:"env"`
	// NoMTLS turns mTLS off in the system Configuration, NoScheduler the scheduler.
	NoMTLS      bool `json:"noMTLS"`
	NoScheduler bool `json:"noScheduler"`
}

// Case is a Pod as it stands in a request to the webhook.
type Case struct {
	Name     string          `json:"case"`
	Injector string          `json:"injector"`
	Pod      json.RawMessage `json:"pod"`
}

// Answers is the output.
type Answers struct {
	Release string            `json:"release"`
	Pods    map[string]Answer `json:"pods"`
}

// Run starts the injector of a release and returns when ctx ends. The settings
// that it reads from its environment are there already.
type Run func(ctx context.Context, cluster Cluster) error

// Main reads the corpus that the first argument names and writes to the file that
// the second names what the injector makes of each Pod. Standard output is the
// injector's, which logs there.
func Main(run Run) {
	if err := all(run); err != nil {
		fmt.Fprintln(os.Stderr, "error:", err)
		os.Exit(1)
	}
}

func all(run Run) error {
	if len(os.Args) != 3 {
		return errors.New("usage: injector CORPUS ANSWERS")
	}
	text, err := os.ReadFile(os.Args[1])
	if err != nil {
		return err
	}
	var corpus Corpus
	if err := json.Unmarshal(text, &corpus); err != nil {
		return err
	}
	release, err := release()
	if err != nil {
		return err
	}
	answers := map[string]Answer{}
	for name, settings := range corpus.Injectors {
		var cases []Case
		for _, c := range corpus.Pods {
			if c.Injector == name {
				cases = append(cases, c)
			}
		}
		if err := ask(run, release, settings, cases, answers); err != nil {
			return fmt.Errorf("injector %s: %w", name, err)
		}
	}
	text, err = json.MarshalIndent(Answers{Release: release, Pods: answers}, "", " ")
	if err != nil {
		return err
	}
	return os.WriteFile(os.Args[2], append(text, '\n'), 0o600)
}

// release is the one that this program was built with.
func release() (string, error) {
	info, _ := debug.ReadBuildInfo()
	for _, module := range info.Deps {
		if module.Path == "github.com/dapr/dapr" {
			return strings.TrimPrefix(module.Version, "v"), nil
		}
	}
	return "", errors.New("this program was not built as a module with Dapr in it")
}

// ask puts cases through one injector.
func ask(run Run, release string, settings Settings, cases []Case, answers map[string]Answer) error {
	for name, value := range environment(release, settings) {
		os.Setenv(name, value)
		defer os.Unsetenv(name)
	}
	cluster, stop, err := newCluster(settings)
	if err != nil {
		return err
	}
	defer stop()
	ctx, cancel := context.WithCancel(context.Background())
	defer cancel()
	ended := make(chan error, 1)
	go func() { ended <- run(ctx, cluster) }()
	if err := cluster.ready(ended); err != nil {
		return err
	}
	for _, c := range cases {
		if answers[c.Name], err = cluster.review(c.Pod); err != nil {
			return fmt.Errorf("%s: %w", c.Name, err)
		}
	}
	cancel()
	return <-ended
}

// environment is what the chart gives to the injector, and then the settings.
func environment(release string, settings Settings) map[string]string {
	env := map[string]string{
		"NAMESPACE":                       Namespace,
		"KUBE_CLUSTER_DOMAIN":             "cluster.local",
		"SIDECAR_IMAGE":                   "ghcr.io/dapr/daprd:" + release,
		"SIDECAR_IMAGE_PULL_POLICY":       "IfNotPresent",
		"DAPR_CONTROL_PLANE_TRUST_DOMAIN": "cluster.local",
	}
	for name, value := range settings.Env {
		env[name] = value
	}
	return env
}
