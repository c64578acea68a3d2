// Copyright The kubectl-dapr-prod Authors.
// SPDX-License-Identifier: Apache-2.0

package main

import (
	"context"
	"fmt"
)

// daprd is Dapr's sidecar, which is built when somebody first wants to see what it does
// with its arguments and variables: nothing here runs containers.
var daprd = binary{name: "daprd", module: daprdModule, pkg: "./sidecar"}

// daprdCommand prints the path of the sidecar's program, which it builds if it is missing.
func daprdCommand(ctx context.Context, args []string) error {
	flags := newFlags("daprd")
	if err := parse(flags, args); err != nil {
		return err
	}
	if err := noArguments(flags); err != nil {
		return err
	}
	tools, err := ensureAll(ctx, []binary{daprd})
	if err == nil {
		fmt.Println(tools[daprd.name])
	}
	return err
}
