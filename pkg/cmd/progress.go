// Copyright The kubectl-dapr-prod Authors.
// SPDX-License-Identifier: Apache-2.0

package cmd

import (
	"fmt"
	"io"
	"os"
	"strings"
	"sync"
	"time"
	"unicode/utf8"

	xterm "golang.org/x/term"
	"k8s.io/cli-runtime/pkg/printers"

	"github.com/dapr-prod/kubectl-dapr-prod/pkg/snapshot"
)

// shortWhile is how long something may take before it is said that it goes on.
const shortWhile = 500 * time.Millisecond

// progress is a terminal with one line at its end that says what goes on. The line is
// written again where it changes, makes room for what else is written, and is gone when
// that has ended. A nil one, which is no terminal, says nothing.
type progress struct {
	io.Writer
	fd uintptr

	mutex sync.Mutex
	// text is what goes on; empty where nothing does.
	text string
	// timer shows the line after a short while; width is that of the line that is shown.
	timer *time.Timer
	due   bool
	width int
	// over tells that the program ends.
	over bool
}

// newProgress is standard error with such a line; nil where nobody looks at it, or the
// terminal cannot go back to the beginning of a line.
func newProgress(stderr io.Writer) *progress {
	file, is := stderr.(interface{ Fd() uintptr })
	if !is || !isTerminal(stderr) || os.Getenv("TERM") == "dumb" {
		return nil
	}
	return &progress{Writer: stderr, fd: file.Fd()}
}

// progressOf is the line of a stream; nil where it has none.
func progressOf(stderr io.Writer) *progress {
	p, _ := stderr.(*progress)
	return p
}

// Fd makes the stream the terminal that it is.
func (p *progress) Fd() uintptr { return p.fd }

// Write writes above the line.
func (p *progress) Write(text []byte) (int, error) {
	p.mutex.Lock()
	defer p.mutex.Unlock()
	p.erase()
	n, err := p.Writer.Write(text)
	p.draw()
	return n, err
}

// say says what goes on from now on.
func (p *progress) say(format string, args ...any) {
	if p == nil {
		return
	}
	p.mutex.Lock()
	defer p.mutex.Unlock()
	if p.over {
		return
	}
	if p.timer == nil {
		p.timer = time.AfterFunc(shortWhile, p.show)
	}
	p.text = printers.EscapeTerminal(fmt.Sprintf(format, args...))
	p.draw()
}

// end takes the line away: what went on has ended.
func (p *progress) end() {
	if p == nil {
		return
	}
	p.mutex.Lock()
	defer p.mutex.Unlock()
	p.stop()
}

// close takes the line away for good.
func (p *progress) close() {
	if p == nil {
		return
	}
	p.mutex.Lock()
	defer p.mutex.Unlock()
	p.stop()
	p.over = true
}

func (p *progress) stop() {
	p.erase()
	if p.timer != nil {
		p.timer.Stop()
	}
	p.text, p.timer, p.due = "", nil, false
}

// show shows the line, whose time has come.
func (p *progress) show() {
	p.mutex.Lock()
	defer p.mutex.Unlock()
	if p.timer != nil {
		p.due = true
		p.draw()
	}
}

// draw writes the line in place of the one that is there. It must not be wrapped: there
// is no way back over a line's beginning.
func (p *progress) draw() {
	if !p.due || p.text == "" {
		return
	}
	line := []rune(p.text)
	if columns, _, err := xterm.GetSize(int(p.fd)); err == nil && columns > 0 && len(line) >= columns {
		line = line[:columns-1]
	}
	p.erase()
	fmt.Fprint(p.Writer, string(line))
	p.width = utf8.RuneCountInString(string(line))
}

func (p *progress) erase() {
	if p.width > 0 {
		fmt.Fprint(p.Writer, "\r"+strings.Repeat(" ", p.width)+"\r")
	}
	p.width = 0
}

// reading says how far the lists are.
func (p *progress) reading(resource string, objects int) {
	if resource == "" {
		p.end()
		return
	}
	p.say("Reading %s: %s", resource, thousands(objects))
}

// writing says which object is written, and how many are done.
func (p *progress) writing(o snapshot.Object, done, all int) {
	p.say("%d of %d done, now %s", done, all, o)
}

// thousands is a number as people write it: 1,500.
func thousands(n int) string {
	text := fmt.Sprint(n)
	for i := len(text) - 3; i > 0; i -= 3 {
		text = text[:i] + "," + text[i:]
	}
	return text
}
