// Copyright The kubectl-dapr-prod Authors.
// SPDX-License-Identifier: Apache-2.0

//go:build cluster

package cluster_test

import (
	"bufio"
	"bytes"
	"os/exec"
	"strings"
	"testing"

	corev1 "k8s.io/api/core/v1"
)

// TestSimulationFollowsTheSettings does the same with injectors that are set
// otherwise than the cluster's own.
func TestSimulationFollowsTheSettings(t *testing.T) {
	const tolerations = `[{"key":"aws","effect":"NoSchedule"},{"key":"azure.com/aci","effect":"NoSchedule"}]`
	for _, setting := range []struct {
		name string
		env  []string
	}{
		{"native sidecars", []string{"NATIVE_SIDECAR_ENABLED=true"}},
		{"all capabilities dropped", []string{"SIDECAR_DROP_ALL_CAPABILITIES=yes"}},
		{"root allowed", []string{"SIDECAR_RUN_AS_NON_ROOT=false"}},
		{"writable file system", []string{"SIDECAR_READ_ONLY_ROOT_FILESYSTEM=false"}},
		{"user and group", []string{"SIDECAR_RUN_AS_USER=1000", "SIDECAR_RUN_AS_GROUP=0"}},
		{"downward APIs", []string{"ENABLE_K8S_DOWNWARD_APIS=true"}},
		{"entrypoint tolerations", []string{"IGNORE_ENTRYPOINT_TOLERATIONS=" + tolerations}},
		{"entrypoint tolerations in part", []string{`IGNORE_ENTRYPOINT_TOLERATIONS=[{"key":"aws","effect":"NoSchedule"},{"key":5}]`}},
		{"actors off", []string{"ACTORS_ENABLED=false"}},
		{"other services", []string{
			"ACTORS_SERVICE_NAME=others", "ACTORS_SERVICE_ADDRESS=others:1234", "REMINDERS_SERVICE_NAME=reminders", "REMINDERS_SERVICE_ADDRESS=reminders:4321",
		}},
		{"image, pull policy and domain", []string{"SIDECAR_IMAGE=registry.example.com/daprd:1.18.3", "SIDECAR_IMAGE_PULL_POLICY=Always", "KUBE_CLUSTER_DOMAIN=example.org"}},
		{"odd words", []string{"SIDECAR_RUN_AS_NON_ROOT= TRUE ", "SIDECAR_READ_ONLY_ROOT_FILESYSTEM=maybe", "NATIVE_SIDECAR_ENABLED= on", "SIDECAR_IMAGE_PULL_POLICY=always"}},
	} {
		t.Run(setting.name, func(t *testing.T) {
			t.Parallel()
			r := seeded(t)
			var env []corev1.EnvVar
			for _, pair := range setting.env {
				name, value, _ := strings.Cut(pair, "=")
				env = append(env, corev1.EnvVar{Name: name, Value: value})
			}
			in := injectorOf(t, env)
			client := newInjectorClient(t, startInjector(t, setting.env))
			for range reviews(t, 200) {
				compare(t, client, in, newSubject(r))
			}
		})
	}
}

// startInjector starts one more of Dapr's injectors and returns its URL.
func startInjector(t *testing.T, env []string) string {
	t.Helper()
	program, err := cluster.Testenv()
	if err != nil {
		t.Fatal(err)
	}
	args := []string{"injector", "--state", cluster.StateFile}
	for _, pair := range env {
		args = append(args, "--env", pair)
	}
	command := exec.Command(program, args...)
	stderr := &bytes.Buffer{}
	command.Stderr = stderr
	stdin, err := command.StdinPipe()
	if err != nil {
		t.Fatal(err)
	}
	stdout, err := command.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := command.Start(); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { // it runs until its input ends
		_ = stdin.Close()
		_ = command.Wait()
	})
	url, err := bufio.NewReader(stdout).ReadString('\n')
	if err != nil {
		t.Fatalf("testenv %s gave no URL: %v\n%s", strings.Join(args, " "), err, stderr)
	}
	return strings.TrimSpace(url)
}
