// Copyright The kubectl-dapr-prod Authors.
// SPDX-License-Identifier: Apache-2.0

// Command kubectl-dapr_prod is the kubectl plugin "kubectl dapr-prod".
package main

import (
	"os"

	"k8s.io/cli-runtime/pkg/genericiooptions"

	"github.com/dapr-prod/kubectl-dapr-prod/pkg/cmd"
)

func main() {
	os.Exit(cmd.Run(os.Args, genericiooptions.IOStreams{In: os.Stdin, Out: os.Stdout, ErrOut: os.Stderr}))
}
