// Copyright The kubectl-dapr-prod Authors.
// SPDX-License-Identifier: Apache-2.0

package kube

import (
	"errors"
	"flag"
	"fmt"
	"os"
	"testing"
)

// Main runs the tests of a package on the cluster that the environment names, which it
// opens for them, and returns the exit code. It fails if a run of the program said the
// value of a Secret, or anything of planted; and if all tests ran that are said to have
// Secrets, and had none, so that nothing was looked for.
func Main(m *testing.M, opened **Cluster, secrets bool, planted ...string) int {
	flag.Parse()
	c, err := Open()
	if err != nil {
		fmt.Fprintln(os.Stderr, err)
		return 1
	}
	*opened = c
	os.Setenv("KUBECONFIG", c.Kubeconfig)
	s := listen(planted...)
	stop, err := s.follow(c.Client)
	if err != nil {
		fmt.Fprintln(os.Stderr, err)
		return 1
	}
	return s.run(m, func() error {
		err := stop()
		if secrets {
			err = errors.Join(err, s.sought())
		}
		return err
	})
}

// Apart is Main for tests that start clusters of their own.
func Apart(m *testing.M, planted ...string) int {
	return listen(planted...).run(m, func() error { return nil })
}

// run runs the tests, and judges what was said once the watches have ended. Journals that
// no test names go where nobody keeps his own.
func (s *secrecy) run(m *testing.M, end func() error) int {
	state, err := os.MkdirTemp("", "dapr-prod-state-")
	if err != nil {
		fmt.Fprintln(os.Stderr, err)
		return 1
	}
	defer os.RemoveAll(state)
	os.Setenv("XDG_STATE_HOME", state)
	code := m.Run()
	if err := errors.Join(end(), s.noteFiles(state), s.unsaid()); err != nil {
		fmt.Fprintln(os.Stderr, err)
		return 1
	}
	return code
}
