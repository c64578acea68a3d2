// Copyright The kubectl-dapr-prod Authors.
// SPDX-License-Identifier: Apache-2.0

//go:build linux

// Command picture draws what commands print on a terminal as pictures for the README.
// The commands ask no cluster, so that the same code gives the same pictures:
//
//	picture docs/images
//
// It runs in the top folder of the repository, whose examples the commands read.
package main

import (
	"fmt"
	"os"
	"path/filepath"
	"strings"
)

// columns is how wide the terminal is: what a README at GitHub has room for.
const columns = 92

// pictures are the commands by the file that shows what they print.
var pictures = map[string]string{
	"check.svg": "check -f examples/shop --severity=error",
	"fix.svg":   "fix -f examples/shop sidecar-soft-memory-limit statefulset/inventory",
}

func main() {
	if len(os.Args) != 2 {
		fmt.Fprintln(os.Stderr, "usage: picture FOLDER")
		os.Exit(2)
	}
	if err := drawAll(os.Args[1]); err != nil {
		fmt.Fprintln(os.Stderr, "error:", err)
		os.Exit(1)
	}
}

// drawAll writes every picture into a folder.
func drawAll(folder string) error {
	for name, command := range pictures {
		svg, err := picture(command)
		if err == nil {
			err = os.WriteFile(filepath.Join(folder, name), svg, 0o600)
		}
		if err != nil {
			return fmt.Errorf("%s: %w", name, err)
		}
	}
	return nil
}

// picture is one command, and what it prints on a terminal.
func picture(command string) ([]byte, error) {
	shown := "kubectl dapr-prod " + command
	if len("$ "+shown) > columns {
		return nil, fmt.Errorf("the command is wider than %d columns", columns)
	}
	text, err := record(strings.Fields(command))
	if err != nil {
		return nil, err
	}
	return draw(shown, text), nil
}
