// Copyright The kubectl-dapr-prod Authors.
// SPDX-License-Identifier: Apache-2.0

package cmd

import (
	"io"

	xterm "golang.org/x/term"
	"k8s.io/cli-runtime/pkg/printers"

	"github.com/dapr-prod/kubectl-dapr-prod/pkg/report"
)

// printer writes a report.
type printer func(io.Writer, *report.Report, report.Options) error

// outputs are the values of -o beside the table, which has no name.
var outputs = []struct {
	name  string
	print printer
}{
	{"wide", report.Wide},
	{"json", report.JSON},
	{"yaml", report.YAML},
	{"name", report.Name},
	{"html", report.HTML},
}

func outputNames() []string {
	var names []string
	for _, o := range outputs {
		names = append(names, o.name)
	}
	return names
}

// showNames are the values of --show.
func showNames() []string {
	return []string{string(report.ShowFindings), string(report.ShowAll), string(report.ShowApps)}
}

func printerOf(name string) (printer, error) {
	if name == "" {
		return report.Table, nil
	}
	for _, o := range outputs {
		if o.name == name {
			return o.print, nil
		}
	}
	return nil, oneOf("-o", name, outputNames())
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
