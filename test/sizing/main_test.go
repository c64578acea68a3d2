// Copyright The kubectl-dapr-prod Authors.
// SPDX-License-Identifier: Apache-2.0

//go:build cluster

// Package sizing_test holds what sizing says against a real cluster: its
// metrics-server, and a real Prometheus in and out of it.
package sizing_test

import (
	"encoding/json"
	"os"
	"strings"
	"testing"

	"k8s.io/cli-runtime/pkg/genericiooptions"

	"github.com/dapr-prod/kubectl-dapr-prod/pkg/cmd"
	"github.com/dapr-prod/kubectl-dapr-prod/pkg/snapshot"
	"github.com/dapr-prod/kubectl-dapr-prod/test/cluster/kube"
)

// asProgram is set for processes of this binary that are the program.
const asProgram = "DAPR_PROD_TEST_PROGRAM"

// cluster is the one that the tests share.
var cluster *kube.Cluster

func TestMain(m *testing.M) {
	if os.Getenv(asProgram) != "" {
		args := append([]string{"kubectl-dapr_prod"}, os.Args[1:]...)
		os.Exit(cmd.Run(args, genericiooptions.IOStreams{In: os.Stdin, Out: os.Stdout, ErrOut: os.Stderr}))
	}
	os.Exit(kube.Main(m, &cluster, false))
}

// document is what -o json prints.
type document struct {
	APIVersion, Kind, Source string
	Warnings                 []string
	Workloads                []*workload
	Total                    json.RawMessage
}

type workload struct {
	Object               snapshot.Object
	Pods                 int
	Current, Recommended map[string]string
	Start                map[string]string
	Usage                struct {
		Pods        int
		CPU, Memory struct {
			P50, P95, Max string
			Readings      int
		}
	}
	Withheld, Confidence, Origin string
	Change                       bool
	Added                        map[string]string
	Reasons, Notes               []string
}

// numbers are those that are recommended: "120m/300m 225Mi/250Mi 225MiB".
func (w *workload) numbers() string {
	r := w.Recommended
	return r["cpuRequest"] + "/" + r["cpuLimit"] + " " + r["memoryRequest"] + "/" + r["memoryLimit"] + " " + r["goMemoryLimit"]
}

// says expects a part of what is said of it.
func (w *workload) says(t *testing.T, part string) {
	t.Helper()
	said := strings.Join(append(append([]string{w.Withheld}, w.Reasons...), w.Notes...), "\n")
	if !strings.Contains(said, part) {
		t.Errorf("%s: nobody says %q, but\n%s", w.Object, part, said)
	}
}

// sizing runs the command, whose exit code has to be 0.
func sizing(t *testing.T, args ...string) *document {
	t.Helper()
	o := kube.Run(t, append([]string{"sizing", "-o", "json"}, args...)...)
	if o.Code != 0 {
		t.Fatalf("%v: exit code %d\n%s", args, o.Code, o.Stderr)
	}
	return read(t, o.Stdout)
}

func read(t *testing.T, text string) *document {
	t.Helper()
	d := &document{}
	decoder := json.NewDecoder(strings.NewReader(text))
	decoder.DisallowUnknownFields()
	if err := decoder.Decode(d); err != nil {
		t.Fatalf("%v\n%s", err, text)
	}
	return d
}

// of is the workload of that name.
func (d *document) of(t *testing.T, name string) *workload {
	t.Helper()
	for _, w := range d.Workloads {
		if w.Object.Name == name {
			return w
		}
	}
	t.Fatalf("nothing is said of %s", name)
	return nil
}

// warns expects a part of a warning.
func (d *document) warns(t *testing.T, part string) {
	t.Helper()
	if said := strings.Join(d.Warnings, "\n"); !strings.Contains(said, part) {
		t.Errorf("no warning says %q, but\n%s", part, said)
	}
}

func equal[T comparable](t *testing.T, what string, got, want T) {
	t.Helper()
	if got != want {
		t.Errorf("%s: %v, want %v", what, got, want)
	}
}
