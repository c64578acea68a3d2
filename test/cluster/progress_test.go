// Copyright The kubectl-dapr-prod Authors.
// SPDX-License-Identifier: Apache-2.0

//go:build cluster && linux

package cluster_test

import (
	"bytes"
	"io"
	"net/http"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"k8s.io/cli-runtime/pkg/genericiooptions"

	"github.com/dapr-prod/kubectl-dapr-prod/test/cluster/kube"
)

// TestProgressOnATerminal: what takes long is said to go on, in one line that is gone
// afterwards, and that leaves other lines whole.
func TestProgressOnATerminal(t *testing.T) {
	t.Parallel()
	ns := someApps(t)
	for name, test := range map[string]struct {
		args []string
		at   func(*http.Request) bool
		says string
		left string
	}{
		"a list": {
			[]string{"check", "-n", ns.Name}, kube.At("/" + ns.Name + "/pods"), "Reading ", "",
		},
		"a rollout": {
			[]string{"fix", "sidecar-resources", "deployment/orders", "-n", ns.Name, "--yes", "--include-managed", "--force-conflicts", "--journal", filepath.Join(t.TempDir(), "journal")},
			kube.Stores, "0 of 1 done, now Deployment " + ns.Name + "/orders", "Deployment " + ns.Name + "/orders: judged again, and holds",
		},
	} {
		t.Run(name, func(t *testing.T) {
			front, terminal := cluster.Front(t), kube.NewTerminal(t)
			front.With(func(_ http.ResponseWriter, r *http.Request) bool {
				if test.at(r) {
					terminal.Until(test.says, r.Context().Done())
				}
				return false
			})
			var stdout bytes.Buffer
			code := kube.RunOn(genericiooptions.IOStreams{In: strings.NewReader(""), Out: &stdout, ErrOut: terminal.Program},
				append(test.args, "--kubeconfig", front.Kubeconfig)...)
			terminal.Program.WriteString("the end\n") //nolint:errcheck // what was written before it has come then
			terminal.Until("the end", t.Context().Done())
			screen := strings.Join(terminal.Screen(), "\n")
			if code > 1 || !strings.Contains(terminal.Written(), test.says) || strings.Contains(screen, test.says) {
				t.Errorf("exit code %d, and what is left is\n%s\nof\n%q\n%s", code, screen, terminal.Written(), &stdout)
			}
			if !strings.Contains("\n"+screen, "\n"+test.left) || !strings.HasSuffix("\n"+screen, "\nthe end\n") {
				t.Errorf("what is left is\n%s", screen)
			}
			if strings.Contains(terminal.Written(), "\x1b") {
				t.Errorf("there is more than text: %q", terminal.Written())
			}
		})
	}
}

// TestNoProgressInAPipe: nobody looks there.
func TestNoProgressInAPipe(t *testing.T) {
	t.Parallel()
	ns, front := someApps(t), cluster.Front(t)
	front.With(func(_ http.ResponseWriter, r *http.Request) bool {
		if lists(r, "pods") {
			time.Sleep(700 * time.Millisecond) // longer than it takes to be said on a terminal
		}
		return false
	})
	out, in, err := os.Pipe()
	if err != nil {
		t.Fatal(err)
	}
	code := kube.RunOn(genericiooptions.IOStreams{In: strings.NewReader(""), Out: io.Discard, ErrOut: in},
		"check", "-n", ns.Name, "--kubeconfig", front.Kubeconfig)
	in.Close()
	text, err := io.ReadAll(out)
	if err != nil || len(text) > 0 || code != 1 {
		t.Errorf("exit code %d, %v: %q", code, err, text)
	}
}
