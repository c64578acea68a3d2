// Copyright The kubectl-dapr-prod Authors.
// SPDX-License-Identifier: Apache-2.0

package kube

import (
	"fmt"
	"os"
	"strings"
	"sync"
	"syscall"
	"testing"
	"unsafe"
)

// Terminal is one that a test looks at.
type Terminal struct {
	// Program is the end that the program has.
	Program *os.File

	mutex sync.Mutex
	text  strings.Builder
	more  chan struct{}
}

// NewTerminal opens one, until the test ends.
func NewTerminal(t testing.TB) *Terminal {
	t.Helper()
	master, err := os.OpenFile("/dev/ptmx", os.O_RDWR|syscall.O_NOCTTY, 0)
	if err != nil {
		t.Fatal(err)
	}
	var number, locked uint32
	ask := func(request uintptr, about *uint32) {
		if _, _, err := syscall.Syscall(syscall.SYS_IOCTL, master.Fd(), request, uintptr(unsafe.Pointer(about))); err != 0 {
			t.Fatal(err)
		}
	}
	ask(syscall.TIOCGPTN, &number)
	ask(syscall.TIOCSPTLCK, &locked)
	program, err := os.OpenFile(fmt.Sprintf("/dev/pts/%d", number), os.O_RDWR|syscall.O_NOCTTY, 0)
	if err != nil {
		t.Fatal(err)
	}
	terminal := &Terminal{Program: program, more: make(chan struct{}, 1)}
	t.Cleanup(func() {
		program.Close()
		master.Close()
		Note([]string{"a run on a terminal"}, terminal.Written())
	})
	go terminal.read(master)
	return terminal
}

func (t *Terminal) read(master *os.File) {
	buffer := make([]byte, 4096)
	for {
		n, err := master.Read(buffer)
		if err != nil {
			return
		}
		t.mutex.Lock()
		t.text.Write(buffer[:n])
		t.mutex.Unlock()
		select {
		case t.more <- struct{}{}:
		default:
		}
	}
}

// Written is all that the program has written so far.
func (t *Terminal) Written() string {
	t.mutex.Lock()
	defer t.mutex.Unlock()
	return t.text.String()
}

// Until waits until a text was written, or until somebody has had enough.
func (t *Terminal) Until(text string, enough <-chan struct{}) {
	for !strings.Contains(t.Written(), text) {
		select {
		case <-t.more:
		case <-enough:
			return
		}
	}
}

// Screen are the lines that somebody sees who looks at it, without blanks at their ends.
func (t *Terminal) Screen() []string {
	var lines []string
	for line := range strings.SplitSeq(t.Written(), "\n") {
		var seen []rune
		column := 0
		for _, r := range line {
			if r == '\r' {
				column = 0
				continue
			}
			if column == len(seen) {
				seen = append(seen, r)
			}
			seen[column] = r
			column++
		}
		lines = append(lines, strings.TrimRight(string(seen), " "))
	}
	return lines
}
