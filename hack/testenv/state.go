// Copyright The kubectl-dapr-prod Authors.
// SPDX-License-Identifier: Apache-2.0

package main

import (
	"encoding/json"
	"fmt"
	"os"
	"path/filepath"
)

// State describes a running cluster to the programs that use it. It is written
// to state.json as the last step of the start, so its presence means "ready".
type State struct {
	// Dir holds everything of this cluster.
	Dir string `json:"dir"`
	// Logs is the folder with one log file a process.
	Logs string `json:"logs"`
	// Kubeconfig is the path of a kubeconfig in the group system:masters.
	Kubeconfig string `json:"kubeconfig"`
	// Kubectl is the path of a kubectl of the API server's version.
	Kubectl string `json:"kubectl"`
	// KubernetesVersion is what the API server says, such as "v1.36.3".
	KubernetesVersion string `json:"kubernetesVersion"`
	// APIServer is the URL of the API server.
	APIServer string `json:"apiServer"`
	// Proxy is the URL of the cluster network's HTTP CONNECT proxy.
	Proxy string `json:"proxy"`
	// Dapr describes the installed control plane.
	Dapr DaprState `json:"dapr"`
	// InjectorURL takes AdmissionReviews over HTTPS. The file is written anew
	// when it changes, and it is empty while the injector has no Pod.
	InjectorURL string `json:"injectorURL"`
	// InjectorServerName is the name in the injector's certificate.
	InjectorServerName string `json:"injectorServerName"`
	// PIDs are the processes by name; "testenv" is the one that stops the rest.
	PIDs map[string]int `json:"pids"`
}

// DaprState is the part of State about Dapr.
type DaprState struct {
	// Version is the release of the chart, without a leading v.
	Version string `json:"version"`
	// ProgramVersion is the release of the programs that stand for the chart's
	// Pods: another one than Version after --chart.
	ProgramVersion string `json:"programVersion"`
	// Namespace of the control plane.
	Namespace string `json:"namespace"`
	// Release is the name of the Helm release.
	Release string `json:"release"`
	// Chart is the folder of the chart as it was released and installed.
	Chart string `json:"chart"`
	// TrustAnchors is a PEM file with the root certificates that Sentry made.
	TrustAnchors string `json:"trustAnchors"`
	// Injector is the path of the injector program.
	Injector string `json:"injector"`
}

func statePath(dir string) string { return filepath.Join(dir, "state.json") }

func (s State) write() error {
	content, err := json.MarshalIndent(s, "", "  ")
	if err != nil {
		return err
	}
	path := statePath(s.Dir)
	if err := os.WriteFile(path+".partial", append(content, '\n'), 0o600); err != nil {
		return err
	}
	return os.Rename(path+".partial", path)
}

func readState(path string) (State, error) {
	content, err := os.ReadFile(path)
	if err != nil {
		return State{}, fmt.Errorf("no cluster is described here: %w; start one with testenv up", err)
	}
	var s State
	if err := json.Unmarshal(content, &s); err != nil {
		return State{}, fmt.Errorf("%s: %w", path, err)
	}
	return s, nil
}
