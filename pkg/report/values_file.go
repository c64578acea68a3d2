// Copyright The kubectl-dapr-prod Authors.
// SPDX-License-Identifier: Apache-2.0

package report

import (
	"fmt"
	"io"
	"slices"
	"strings"

	"github.com/dapr-prod/kubectl-dapr-prod/pkg/edit"
	"github.com/dapr-prod/kubectl-dapr-prod/pkg/guideline"
	"github.com/dapr-prod/kubectl-dapr-prod/pkg/plan"
)

// ValuesFile is a file of values of Dapr's chart, as it is and as it would be.
type ValuesFile struct {
	*plan.FileValues
	Name       string
	Text, Next []byte
}

// ValuesFiles writes what would be written into files of values, file by file, and what
// is left to a person. Of the values that they have it shows those that it knows.
func ValuesFiles(w io.Writer, files []ValuesFile, o Options) error {
	paint := painter(o.Color)
	lines := append(hang("", valuesFilesHead(files), o.Width), "")
	stay := 0
	for _, f := range files {
		stay += len(f.Stay) + len(f.Left)
		lines = append(lines, f.lines(paint, o)...)
	}
	return writeLines(w, append(lines, fmt.Sprintf("%s to write; %d left to you", number(valuesToWrite(files), "value", "values"), stay)))
}

// valuesFilesHead says what it comes to.
func valuesFilesHead(files []ValuesFile) string {
	values, changed := valuesToWrite(files), 0
	release := ""
	for _, f := range files {
		release = escape(f.ControlPlane.Version.String())
		if len(f.Additions) > 0 {
			changed++
		}
	}
	if values == 0 {
		return fmt.Sprintf("No value to write, for a new install of Dapr %s.", release)
	}
	return fmt.Sprintf("%s to write into %s, for a new install of Dapr %s.", number(values, "value", "values"), number(changed, "file", "files"), release)
}

func valuesToWrite(files []ValuesFile) int {
	n := 0
	for _, f := range files {
		n += len(f.Additions)
	}
	return n
}

// lines are one file: its diff, who asks, what may go wrong, and what is left.
func (f *ValuesFile) lines(paint painter, o Options) []string {
	var lines []string
	if len(f.Additions) > 0 {
		lines = append(lines, f.diff(paint)...)
		for i, g := range guidelinesOf(&f.Values) {
			lines = append(lines, field(once(i, "for"), g.ID+": "+g.Title, o)...)
		}
		for i, risk := range f.Risks {
			lines = append(lines, field(once(i, "risk"), risk, o)...)
		}
		lines = append(lines, "")
	}
	if len(f.Stay)+len(f.Left) == 0 {
		return lines
	}
	lines = append(lines, paint.paint(bold, escape(f.Name))+": left to you")
	for _, text := range f.staying() {
		lines = append(lines, hang("- ", escape(text), o.Width)...)
	}
	for _, l := range f.Left {
		lines = append(lines, hang("- ", fmt.Sprintf("%s: %s", l.Guideline.ID, escape(l.Why)), o.Width)...)
	}
	return append(lines, "")
}

// staying are the values that are not written, those of one guideline and one reason
// together.
func (f *ValuesFile) staying() []string {
	var texts []string
	for i := 0; i < len(f.Stay); {
		s := f.Stay[i]
		var wanted []string
		for ; i < len(f.Stay) && f.Stay[i].Why == s.Why && ids(f.Stay[i].For) == ids(s.For); i++ {
			text := f.Stay[i].Path
			if value := f.Stay[i].Value.Value; value != nil {
				text += fmt.Sprintf("=%v", value)
			}
			wanted = append(wanted, text)
		}
		text := fmt.Sprintf("%s, %s: %s", ids(s.For), strings.Join(wanted, ", "), s.Why)
		if s.Named {
			text += fmt.Sprintf(": fix --scope=control-plane %s -f %s replaces it", s.For[0].ID, f.Name)
		}
		texts = append(texts, text)
	}
	return texts
}

func ids(all []*guideline.Guideline) string {
	var names []string
	for _, g := range all {
		names = append(names, g.ID)
	}
	return strings.Join(names, ", ")
}

// diff is what becomes of the file, without what may be a secret: texts are shown that
// a guideline asks for or takes the place of, and comments that are added.
func (f *ValuesFile) diff(paint painter) []string {
	var comments []string
	for i := range f.Wanted {
		comments = append(comments, AskedFor(&f.Wanted[i]))
	}
	return diffLines(f.Name, edit.Masked(f.Text, f.shown, comments...), edit.Masked(f.Next, f.shown, comments...), paint)
}

// shortSecret is how long a number may be that is shown, in digits: nothing is kept
// secret by fewer.
const shortSecret = 3

// shown is a value of the file as it may be printed.
func (f *ValuesFile) shown(s edit.Scalar) string {
	path := strings.Join(s.Path, ".")
	for i := range f.Wanted {
		a := &f.Wanted[i]
		ours := append([]any{a.Value.Value}, a.Over...)
		if a.Path == path && slices.ContainsFunc(ours, func(own any) bool { return fmt.Sprint(own) == s.Text }) {
			return s.Text
		}
	}
	switch {
	case s.Text == "", !s.String && (len(s.Text) <= shortSecret || slices.Contains([]string{"true", "false", "null"}, s.Text)):
		return s.Text
	}
	return Mask
}
