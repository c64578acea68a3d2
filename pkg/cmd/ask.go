// Copyright The kubectl-dapr-prod Authors.
// SPDX-License-Identifier: Apache-2.0

package cmd

import (
	"bufio"
	"context"
	"fmt"
	"io"
	"strings"
)

// asker asks before anything is written.
type asker struct {
	// Yes is the answer that was given beforehand.
	Yes bool
	// Terminal tells that there is somebody to ask.
	Terminal    bool
	In          io.Reader
	Out, ErrOut io.Writer
}

// agree asks a question. Where the answer is not yes, the error says that something is
// left to do.
func (a asker) agree(ctx context.Context, question string) (bool, error) {
	switch {
	case a.Yes:
		return true, nil
	case !a.Terminal:
		fmt.Fprintln(a.ErrOut, "Nothing is written: without a terminal to ask on, --yes is needed.")
		return false, errPending
	}
	fmt.Fprintf(a.Out, "%s (y/N): ", question)
	answer := make(chan string, 1)
	go func() {
		line, _ := bufio.NewReader(a.In).ReadString('\n') // an end without a line is a no
		answer <- line
	}()
	select {
	case <-ctx.Done():
		fmt.Fprintln(a.Out) // what is said of it has a line of its own
		return false, ctx.Err()
	case line := <-answer:
		if !strings.HasSuffix(line, "\n") {
			fmt.Fprintln(a.Out)
		}
		if text := strings.ToLower(strings.TrimSpace(line)); text == "y" || text == "yes" {
			return true, nil
		}
	}
	fmt.Fprintln(a.ErrOut, "Nothing is written.")
	return false, errPending
}
