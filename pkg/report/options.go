// Copyright The kubectl-dapr-prod Authors.
// SPDX-License-Identifier: Apache-2.0

package report

import (
	"slices"

	"github.com/dapr-prod/kubectl-dapr-prod/pkg/guideline"
)

// Show is which part of a report a table holds.
type Show string

// The parts of a report.
const (
	// ShowFindings is what falls short.
	ShowFindings Show = "findings"
	// ShowAll is every result, whatever its outcome.
	ShowAll Show = "all"
	// ShowApps is the apps and their sidecars.
	ShowApps Show = "apps"
)

// Options is how a document is laid out.
type Options struct {
	// Width is that of the terminal, in columns. 0 means a pipe: one line a
	// finding, nothing wrapped or shortened.
	Width int
	Color bool
	// Show is what a table holds; empty means ShowFindings. JSON and YAML hold
	// apps and results of every outcome, whatever it says.
	Show Show
	// Severity is the least severity of a fail that is shown, in every format; 0
	// shows all. The tally and the summary count every fail all the same.
	Severity guideline.Severity
	// Namespaced tells that one namespace was asked for: the table of apps then
	// does not repeat it. Findings always name it, since some are about the
	// control plane's namespace.
	Namespaced bool
	// Upgrading tells that what is planned is done by this run, by no command of helm.
	Upgrading bool
	// Guidelines are those that results may be of, for the formats that say why one is
	// demanded and how it is kept.
	Guidelines []*guideline.Guideline
	// Next is text for the end of a table: the commands to go on with.
	Next string
}

// guideline is the one of a name; nil where it is not among Guidelines.
func (o Options) guideline(id string) *guideline.Guideline {
	i := slices.IndexFunc(o.Guidelines, func(g *guideline.Guideline) bool { return g.ID == id })
	if i < 0 {
		return nil
	}
	return o.Guidelines[i]
}

func (o Options) piped() bool { return o.Width <= 0 }
