// Copyright The kubectl-dapr-prod Authors.
// SPDX-License-Identifier: Apache-2.0

package cmd

import (
	"bytes"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"strings"

	xterm "golang.org/x/term"
	"k8s.io/cli-runtime/pkg/printers"

	"github.com/dapr-prod/kubectl-dapr-prod/pkg/report"
	"github.com/dapr-prod/kubectl-dapr-prod/pkg/textfile"
)

// printer writes a report.
type printer func(io.Writer, *report.Report, report.Options) error

// tableOutput is the value of -o that is meant where there is none.
const tableOutput = "table"

// outputs are the values of -o.
var outputs = formats[printer]{
	{tableOutput, report.Table},
	{"wide", report.Wide},
	{"json", report.JSON},
	{"yaml", report.YAML},
	{"name", report.Name},
	{"html", report.HTML},
	{"markdown", report.Markdown},
	{"sarif", report.SARIF},
	{"junit", report.JUnit},
}

// output is a document, and where it goes.
type output struct {
	name  string
	print printer
	// file is empty for standard output.
	file string
}

// laid tells whether --show, and what to do next, are for it.
func (o output) laid() bool { return o.name == tableOutput || o.name == "wide" }

// outputsOf reads the values of -o, each a format or FORMAT=FILE. At most one goes to
// standard output.
func outputsOf(typed []string) ([]output, error) {
	if len(typed) == 0 {
		typed = []string{tableOutput}
	}
	var all []output
	for _, one := range typed {
		o, err := outputOf(one)
		if err != nil {
			return nil, err
		}
		for _, other := range all {
			switch {
			case o.file != other.file:
			case o.file == "":
				return nil, fmt.Errorf("-o %s and -o %s cannot both go to standard output: give one of them a file, as in -o %s=FILE", other.name, o.name, o.name)
			default:
				return nil, fmt.Errorf("-o %s and -o %s cannot both go to %s: name another file for one of them", other.name, o.name, o.file)
			}
		}
		all = append(all, o)
	}
	return all, nil
}

func outputOf(typed string) (output, error) {
	name, file, toFile := strings.Cut(typed, "=")
	if typed == "" {
		name = tableOutput
	}
	writes, err := outputs.of(name)
	switch {
	case err != nil:
		return output{}, err
	case !toFile:
		return output{name: name, print: writes}, nil
	case file == "":
		return output{}, fmt.Errorf("-o %s names no file: write -o %s=FILE", typed, name)
	}
	file = filepath.Clean(file)
	// Said now, and not after minutes of reading.
	if folder, err := os.Stat(filepath.Dir(file)); err != nil || !folder.IsDir() {
		return output{}, fmt.Errorf("-o %s: there is no folder %s: make it first", typed, filepath.Dir(file))
	}
	return output{name: name, print: writes, file: file}, nil
}

// write writes a document to its file, whole or not at all, or to standard output.
func (o output) write(stdout io.Writer, r *report.Report, l report.Options) error {
	if o.file == "" {
		if err := o.print(stdout, r, l); err != nil {
			return fmt.Errorf("cannot write the report: %w", err)
		}
		return nil
	}
	var text bytes.Buffer
	err := o.print(&text, r, l)
	if err == nil {
		err = textfile.Put(o.file, text.Bytes())
	}
	if err != nil {
		return fmt.Errorf("-o %s=%s: %w", o.name, o.file, err)
	}
	return nil
}

// showNames are the values of --show.
func showNames() []string {
	return []string{string(report.ShowFindings), string(report.ShowAll), string(report.ShowApps)}
}

// terminal tells how wide the terminal behind w is, 0 if there is none, and
// whether it takes colour.
func terminal(w io.Writer) (width int, color bool) {
	file, ok := w.(interface{ Fd() uintptr })
	if !ok || !xterm.IsTerminal(int(file.Fd())) {
		return 0, false
	}
	width, _, err := xterm.GetSize(int(file.Fd()))
	if err != nil || width <= 0 {
		width = 80
	}
	return width, printers.AllowsColorOutput(w)
}

// isTerminal tells whether somebody sits at the other end of a stream.
func isTerminal(stream any) bool {
	file, ok := stream.(interface{ Fd() uintptr })
	return ok && xterm.IsTerminal(int(file.Fd()))
}
