// Copyright The kubectl-dapr-prod Authors.
// SPDX-License-Identifier: Apache-2.0

package cmd_test

import (
	"flag"
	"os"
	"path/filepath"
	"testing"

	"github.com/rogpeppe/go-internal/testscript"
	"k8s.io/cli-runtime/pkg/genericiooptions"

	"github.com/dapr-prod/kubectl-dapr-prod/pkg/cmd"
)

var update = flag.Bool("update", false, "rewrite what the scripts expect, and docs/commands")

// TestMain makes the scripts run the program in this process' binary.
func TestMain(m *testing.M) {
	testscript.Main(m, map[string]func(){
		"kubectl-dapr_prod": func() {
			args := append([]string{"kubectl-dapr_prod"}, os.Args[1:]...)
			os.Exit(cmd.Run(args, genericiooptions.IOStreams{In: os.Stdin, Out: os.Stdout, ErrOut: os.Stderr}))
		},
	})
}

// TestScript runs the program as a user would, without a cluster.
func TestScript(t *testing.T) {
	examples, err := filepath.Abs("../../examples")
	if err != nil {
		t.Fatal(err)
	}
	testscript.Run(t, testscript.Params{
		Dir:           "testdata/script",
		UpdateScripts: *update,
		Setup: func(env *testscript.Env) error {
			env.Setenv("EXAMPLES", examples)
			env.Setenv("SOURCE_DATE_EPOCH", "1764000000")
			// No cluster is to be found by accident.
			env.Setenv("KUBECONFIG", "")
			env.Setenv("HOME", env.WorkDir)
			return nil
		},
	})
}
