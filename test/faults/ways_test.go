// Copyright The kubectl-dapr-prod Authors.
// SPDX-License-Identifier: Apache-2.0

//go:build cluster

package faults_test

import (
	"net"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"k8s.io/client-go/tools/clientcmd"
	clientcmdapi "k8s.io/client-go/tools/clientcmd/api"

	"github.com/dapr-prod/kubectl-dapr-prod/test/cluster/kube"
)

// TestNoWayIn: where there is no server, or none that lets one in, every command says so
// in one sentence, and gives no verdict.
func TestNoWayIn(t *testing.T) {
	t.Parallel()
	ns := shop(t, 0)
	was := state(t, ns)
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	listener.Close()
	journals := map[string]string{} // of runs that were taken back
	for _, w := range writings(ns) {
		journals[w.name] = filepath.Join(t.TempDir(), "journal")
		w.to(t, cluster.Kubeconfig, journals[w.name])
		w.undo(t, cluster.Kubeconfig, journals[w.name])
	}
	refused := []string{"--server", "https://" + listener.Addr().String()}
	const expired = `{"apiVersion":"client.authentication.k8s.io/v1","kind":"ExecCredential","status":{"token":"expired"}}`
	for name, test := range map[string]struct {
		args     []string
		sentence string
	}{
		"connection refused":    {refused, "cannot reach the server at https://" + listener.Addr().String() + ", connection refused"},
		"TLS to another name":   {[]string{"--tls-server-name", "elsewhere.example.com"}, "not elsewhere.example.com"},
		"an expired token":      {login(t, "echo '"+expired+"'"), "the server does not accept these credentials, which may have expired"},
		"a login that failed":   {login(t, "exit 3"), "the program that the kubeconfig names to log in gives no credentials"},
		"a login without sense": {login(t, "echo hello"), "the program that the kubeconfig names to log in gives no credentials"},
	} {
		t.Run(name, func(t *testing.T) {
			for _, c := range reads(ns) {
				if c.name != "completion" { // which has nothing to offer then
					noWay(t, c.name, kube.Run(t, slices.Concat(c.args, test.args)...), test.sentence)
				}
			}
			for _, w := range writings(ns) {
				noWay(t, w.name, kube.Run(t, slices.Concat(w.write, test.args)...), test.sentence)
				noWay(t, w.name+" --revert", kube.Run(t, slices.Concat(w.back, []string{"--revert", journals[w.name]}, test.args)...), test.sentence)
			}
		})
	}
	back(t, "without a way in", was, state(t, ns))
}

// noWay holds what a command says of that against what it is to say.
func noWay(t *testing.T, what string, o kube.Outcome, sentence string) {
	t.Helper()
	sentenceAlone(t, what, o)
	if o.Code != 2 || !strings.Contains(o.Stderr, sentence) {
		t.Errorf("%s: exit code %d, want %q\n%s%s", what, o.Code, sentence, o.Stdout, o.Stderr)
	}
}

// login leads to the cluster with the credentials that a shell command prints.
func login(t *testing.T, script string) []string {
	t.Helper()
	config, err := clientcmd.LoadFromFile(cluster.Kubeconfig)
	if err != nil {
		t.Fatal(err)
	}
	user := config.Contexts[config.CurrentContext].AuthInfo
	config.AuthInfos[user] = &clientcmdapi.AuthInfo{Exec: &clientcmdapi.ExecConfig{
		APIVersion: "client.authentication.k8s.io/v1", Command: "sh", Args: []string{"-c", script}, InteractiveMode: clientcmdapi.NeverExecInteractiveMode,
	}}
	file := filepath.Join(t.TempDir(), "kubeconfig")
	if err := clientcmd.WriteToFile(*config, file); err != nil {
		t.Fatal(err)
	}
	return []string{"--kubeconfig", file}
}
