// Copyright The kubectl-dapr-prod Authors.
// SPDX-License-Identifier: Apache-2.0

//go:build cluster && linux

package faults_test

import (
	"bytes"
	"os"
	"os/exec"
	"strconv"
	"strings"
	"syscall"
	"testing"

	"golang.org/x/sys/unix"
)

// TestLeavesAtAQuestion: on a terminal a Ctrl-C, a Ctrl-D and an end of the program from
// elsewhere are a no, said in one line; the terminal is as it was, and nothing is written.
func TestLeavesAtAQuestion(t *testing.T) {
	t.Parallel()
	ns := shop(t, 0)
	was := state(t, ns)
	for name, run := range map[string][]string{
		"fix":    {"fix", "sidecar-seccomp", "deployment/orders"},
		"harden": {"harden", "api-token", "deployment/stock"},
	} {
		for _, answer := range []struct {
			typed string
			code  int
			says  string
		}{
			{"\x03", 2, "^C\nerror: interrupted\n"},
			{"y\x03", 2, "error: interrupted\n"},
			{"\x04", 1, "\nNothing is written.\n"},
			{"", 2, "\nerror: interrupted\n"},
		} {
			text, code := onTerminal(t, answer.typed, append(run, "-n", ns.Name)...)
			_, after, asked := strings.Cut(text, question)
			if code != answer.code || !asked || !strings.HasSuffix(after, answer.says) || strings.Count(after, "\n") != 2 {
				t.Errorf("%s, answered with %q: exit code %d, and after the question %q in\n%s", name, answer.typed, code, after, text)
			}
		}
	}
	back(t, "a question without an answer", was, state(t, ns))
}

// question is how each ends.
const question = "(y/N): "

// onTerminal runs the program on a terminal of its own, types at its question, and gives
// what stands there in the end. Nothing to type is a SIGTERM.
func onTerminal(t *testing.T, typed string, args ...string) (text string, code int) {
	t.Helper()
	terminal, program := openTerminal(t)
	was, err := unix.IoctlGetTermios(int(program.Fd()), unix.TCGETS)
	ok(t, err)
	itself, err := os.Executable()
	ok(t, err)
	p := exec.CommandContext(t.Context(), itself, args...)
	p.Env = append(os.Environ(), asProgram+"=1", "TERM=xterm")
	p.Stdin, p.Stdout, p.Stderr = program, program, program
	p.SysProcAttr = &syscall.SysProcAttr{Setsid: true, Setctty: true} // the terminal of file 0
	ok(t, p.Start())
	ended := make(chan struct{})
	read := make(chan string, 1)
	go func() {
		var all bytes.Buffer
		piece, asked := make([]byte, 4096), false
		for {
			n, err := terminal.Read(piece)
			all.Write(piece[:n])
			if err != nil {
				read <- all.String() // nobody writes any more
				return
			}
			if !asked && strings.Contains(all.String(), question) {
				asked = true
				if typed == "" {
					err = p.Process.Signal(syscall.SIGTERM)
				} else {
					_, err = terminal.WriteString(typed)
				}
				if err != nil {
					t.Error(err)
				}
			}
		}
	}()
	go func() {
		_ = p.Wait() // its exit code is looked at
		close(ended)
	}()
	<-ended
	is, err := unix.IoctlGetTermios(int(program.Fd()), unix.TCGETS)
	ok(t, err)
	ok(t, program.Close())
	if *was != *is {
		t.Errorf("the terminal was %v and is %v", was, is)
	}
	return strings.ReplaceAll(<-read, "\r\n", "\n"), p.ProcessState.ExitCode()
}

// openTerminal makes a terminal: the end of who types, and that of programs.
func openTerminal(t *testing.T) (terminal, program *os.File) {
	t.Helper()
	terminal, err := os.OpenFile("/dev/ptmx", os.O_RDWR, 0)
	ok(t, err)
	t.Cleanup(func() { terminal.Close() })
	ok(t, unix.IoctlSetPointerInt(int(terminal.Fd()), unix.TIOCSPTLCK, 0))
	number, err := unix.IoctlGetInt(int(terminal.Fd()), unix.TIOCGPTN)
	ok(t, err)
	program, err = os.OpenFile("/dev/pts/"+strconv.Itoa(number), os.O_RDWR|syscall.O_NOCTTY, 0)
	ok(t, err)
	return terminal, program
}

func ok(t *testing.T, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}
