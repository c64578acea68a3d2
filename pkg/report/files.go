// Copyright The kubectl-dapr-prod Authors.
// SPDX-License-Identifier: Apache-2.0

package report

import (
	"fmt"
	"io"
	"slices"
	"strings"

	"github.com/rogpeppe/go-internal/diff"

	"github.com/dapr-prod/kubectl-dapr-prod/pkg/edit"
	"github.com/dapr-prod/kubectl-dapr-prod/pkg/plan"
)

// EditedFile is a text that a plan changes.
type EditedFile struct {
	Name       string
	Text, Next []byte
	// Steps are the changes that are in Next.
	Steps []*plan.Step
}

// Files writes what would be written into manifests and what that does, text by text,
// then what is not done and why.
func Files(w io.Writer, p *Planned, files []EditedFile, o Options) error {
	paint := painter(o.Color)
	lines := hang("", filesHead(p, files)+".", o.Width)
	lines = append(lines, "")
	for _, f := range files {
		lines = append(lines, fileDiff(f, paint)...)
		for _, step := range f.Steps {
			lines = append(lines, heads(step, applied(step), paint))
			lines = append(lines, saidOf(step, o)...)
			lines = append(lines, "")
		}
	}
	lines = append(lines, refusedLines(p, paint, o)...)
	lines = append(lines, leftLines(p, paint, o)...)
	return writeLines(w, append(lines, tallyLine(p)))
}

// filesHead says what the plan comes to.
func filesHead(p *Planned, files []EditedFile) string {
	ready := plan.Steps(p.Steps, plan.Ready)
	if len(ready) == 0 {
		return "Nothing to write"
	}
	closes := 0
	for _, step := range ready {
		closes += len(step.Closes)
	}
	verb := "close"
	if len(ready) == 1 {
		verb = "closes"
	}
	text := fmt.Sprintf("%s to write into %s, which %s %s", number(len(ready), "change", "changes"),
		number(len(files), "file", "files"), verb, number(closes, "finding", "findings"))
	return text + added(ready)
}

// applied is what it does to the app's Pods when the manifest is applied.
func applied(step *plan.Step) string {
	if does := effect(step); strings.HasPrefix(does, "restarts ") && step.Pods() > 0 {
		return does + " when it is applied"
	}
	return effect(step)
}

// fileDiff is a unified diff of a text as it is and as it would be, without what might
// be a secret: a change of nothing else is not in it.
func fileDiff(f EditedFile, paint painter) []string {
	return diffLines(f.Name, edit.Masked(f.Text, shownScalar), edit.Masked(f.Next, shownScalar), paint)
}

// diffLines is a unified diff of texts that may be shown.
func diffLines(name string, was, is []byte, paint painter) []string {
	var lines []string
	for line := range strings.SplitSeq(strings.TrimSuffix(string(diff.Diff(name, was, name, is)), "\n"), "\n") {
		if line == "" || strings.HasPrefix(line, "diff ") {
			continue
		}
		var cells []string
		for cell := range strings.SplitSeq(strings.TrimSuffix(line, "\r"), "\t") {
			cells = append(cells, escape(cell))
		}
		lines = append(lines, paint.paint(colorOfLine(line), strings.Join(cells, "\t")))
	}
	return lines
}

// closedFields are those below which nothing is shown, of whatever type it is.
var closedFields = []string{"data", "stringData", "binaryData", "value"}

// shownScalar is a value of a manifest as it may be printed: as mask would have it.
func shownScalar(s edit.Scalar) string {
	field, parent := last(s.Path, 0), last(s.Path, 1)
	switch {
	case !s.String && slices.ContainsFunc(s.Path, func(key string) bool { return slices.Contains(closedFields, key) }):
		return Mask
	case !s.String:
		return s.Text
	case parent == "annotations":
		return shownAnnotation(field, s.Text)
	case slices.Contains(shownMaps, parent):
		return s.Text
	}
	shown, _ := mask(field, s.Text).(string)
	return shown
}

// last is the last key of a path, or one before it.
func last(path []string, before int) string {
	if i := len(path) - 1 - before; i >= 0 {
		return path[i]
	}
	return ""
}
