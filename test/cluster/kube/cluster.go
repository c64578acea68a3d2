// Copyright The kubectl-dapr-prod Authors.
// SPDX-License-Identifier: Apache-2.0

// Package kube gives tests a real cluster to work in: namespaces and users of
// their own, manifests applied, rollouts waited for, and the command run in
// process. It judges nothing and keeps its hands off what others made.
package kube

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"testing"
	"time"

	"k8s.io/apimachinery/pkg/api/meta"
	"k8s.io/apimachinery/pkg/util/rand"
	"k8s.io/apimachinery/pkg/util/wait"
	"k8s.io/client-go/dynamic"
	"k8s.io/client-go/kubernetes"
	"k8s.io/client-go/rest"
	"k8s.io/client-go/restmapper"
	"k8s.io/client-go/tools/clientcmd"
)

// Variable names the file that describes the cluster.
const Variable = "DAPR_PROD_TESTENV"

// patience is how long a test waits for the cluster to do something.
const patience = 3 * time.Minute

// State is what tests need of state.json, which hack/testenv writes and documents.
type State struct {
	Kubeconfig string `json:"kubeconfig"`
	Kubectl    string `json:"kubectl"`
	Dapr       struct {
		Version      string `json:"version"`
		Namespace    string `json:"namespace"`
		TrustAnchors string `json:"trustAnchors"`
	} `json:"dapr"`
	InjectorURL        string         `json:"injectorURL"`
	InjectorServerName string         `json:"injectorServerName"`
	PIDs               map[string]int `json:"pids"`
}

// Cluster is a running cluster, with the rights of an administrator.
type Cluster struct {
	State
	// StateFile is the file that describes it.
	StateFile string
	Config    *rest.Config
	Client    kubernetes.Interface
	Dynamic   dynamic.Interface
	mapper    meta.RESTMapper
}

// Open connects to the cluster that the environment names.
func Open() (*Cluster, error) {
	file := os.Getenv(Variable)
	if file == "" {
		return nil, errors.New(Variable + " is not set: these tests need a real cluster, so run testenv run -- go test -tags cluster ./test/... or make test")
	}
	c, err := OpenFile(file)
	if err != nil {
		return nil, fmt.Errorf("%s names no running cluster: %w", Variable, err)
	}
	return c, nil
}

// OpenFile connects to the cluster that a file describes.
func OpenFile(file string) (*Cluster, error) {
	content, err := os.ReadFile(file)
	if err != nil {
		return nil, err
	}
	c := &Cluster{StateFile: file}
	if err := json.Unmarshal(content, &c.State); err != nil {
		return nil, fmt.Errorf("%s: %w", file, err)
	}
	if c.Config, err = clientcmd.BuildConfigFromFlags("", c.Kubeconfig); err != nil {
		return nil, err
	}
	c.Config.QPS = -1
	c.Config.WarningHandler = rest.NoWarnings{}
	if c.Client, err = kubernetes.NewForConfig(c.Config); err != nil {
		return nil, err
	}
	if c.Dynamic, err = dynamic.NewForConfig(c.Config); err != nil {
		return nil, err
	}
	groups, err := restmapper.GetAPIGroupResources(c.Client.Discovery())
	if err != nil {
		return nil, err
	}
	c.mapper = restmapper.NewDiscoveryRESTMapper(groups)
	return c, nil
}

// Testenv is the program that runs the cluster.
func (c *Cluster) Testenv() (string, error) {
	candidates := []string{os.Getenv("DAPR_PROD_TESTENV_BIN"), "../../bin/testenv"}
	if program, err := os.Readlink(fmt.Sprintf("/proc/%d/exe", c.PIDs["testenv"])); err == nil {
		candidates = append(candidates[:1], program, candidates[1])
	}
	for _, candidate := range candidates {
		if info, err := os.Stat(candidate); err == nil && !info.IsDir() {
			return filepath.Abs(candidate)
		}
	}
	return "", errors.New("the program testenv was not found: build it with make testenv, or name it in DAPR_PROD_TESTENV_BIN")
}

// Eventually waits until a condition holds; what says which, if it never does.
// The condition's own words tell how far it has come.
func Eventually(t testing.TB, what string, condition func(context.Context) (done bool, now string, err error)) {
	t.Helper()
	now := ""
	err := wait.PollUntilContextTimeout(t.Context(), 50*time.Millisecond, patience, true, func(ctx context.Context) (done bool, err error) {
		done, now, err = condition(ctx)
		return done, err
	})
	if err != nil {
		t.Fatalf("waiting for %s: %v; now: %s", what, err, now)
	}
}

// suffix makes a name that nobody else uses.
func suffix() string { return rand.String(6) }
