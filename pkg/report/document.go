// Copyright The kubectl-dapr-prod Authors.
// SPDX-License-Identifier: Apache-2.0

package report

import (
	"fmt"
	"io"
	"regexp"
	"strings"

	"github.com/dapr-prod/kubectl-dapr-prod/pkg/guideline"
)

// Document writes the guidelines as a page in Markdown, docs/guidelines.md: a
// table of contents and one section each, in their order.
func Document(w io.Writer, all []*guideline.Guideline) error {
	lines := []string{
		"<!-- Generated from pkg/catalogue by make docs: do not edit. -->",
		"",
		"# Guidelines",
		"",
		fmt.Sprintf("The %d guidelines that `kubectl dapr-prod check` applies, in the order of Dapr's", len(all)),
		"production guidelines on Kubernetes. `kubectl dapr-prod explain GUIDELINE` says the same.",
		"",
		"| guideline | severity | scope | demands that |",
		"|---|---|---|---|",
	}
	for _, g := range all {
		lines = append(lines, fmt.Sprintf("| [%s](#%s) | %s | %s | %s |", g.ID, g.ID, g.Severity, scopesOf(g), cell(g.Title+markOf(g))))
	}
	lines = append(lines, "", "\\* not of the page: Dapr's documentation asks for it, or this project.")
	section := ""
	for _, g := range all {
		if g.Section != section {
			section = g.Section
			lines = append(lines, "", "## "+section)
		}
		lines = append(lines, "", "### "+g.ID, "", sentence(g.Title), "")
		for _, p := range paragraphsOf(g) {
			lines = append(lines, "**"+p.head+".** "+markdown(p.text), "")
		}
		lines = append(lines, fmt.Sprintf("*Severity %s, scope %s. Source: %s; see <%s>.*", g.Severity, scopesOf(g), sourceOf(g), g.Docs))
	}
	return writeLines(w, lines)
}

// markOf marks a guideline that is not of the page.
func markOf(g *guideline.Guideline) string {
	if g.Origin == guideline.Page {
		return ""
	}
	return notOfThePage
}

// paragraph is one paragraph about a guideline.
type paragraph struct{ head, text string }

// paragraphsOf are the paragraphs about a guideline, as explain and the page have them.
func paragraphsOf(g *guideline.Guideline) []paragraph {
	return []paragraph{
		{"Why", g.Why},
		{"How it is judged", g.Judged},
		{"How it is fixed", fixOf(g)},
		{"Traps", g.Traps},
	}
}

// fixOf says how a guideline is fixed, and whether fix does some of that.
func fixOf(g *guideline.Guideline) string {
	text := sentence(g.Fix)
	does := "does it where that is safe"
	if g.Mend != nil && g.ControlPlane != nil {
		does = "does what of it is to be done in apps, where that is safe"
	}
	if g.Fixable() {
		text += fmt.Sprintf(" kubectl dapr-prod fix %s %s.", g.ID, does)
	}
	if g.Mend != nil && g.Hardens {
		text += fmt.Sprintf(" kubectl dapr-prod harden %s %s.", g.ID, does)
	}
	if g.Objects != "" {
		text += fmt.Sprintf(" kubectl dapr-prod harden %s does it, where it is named.", g.ID)
	}
	if g.Values != nil {
		command := "fix --scope=control-plane"
		if g.ClosedBy(true) {
			command = "harden"
		}
		text += fmt.Sprintf(" kubectl dapr-prod %s %s shows the values of Dapr's chart for it.", command, g.ID)
	}
	return text
}

// sentence makes text begin with a capital, unless that is a name, and end with a period.
func sentence(text string) string {
	if word, _, _ := strings.Cut(text, " "); word == strings.ToLower(word) && !strings.ContainsAny(word, "./-_=") {
		text = strings.ToUpper(text[:1]) + text[1:]
	}
	return text + "."
}

// token finds the words of a text, with what is quoted in them, and commands up to
// their last flag or object; those of this program have none.
var token = regexp.MustCompile(`kubectl dapr-prod [a-z]+(?: --scope=control-plane)? [a-z-]+|(?:(?:kubectl|helm|dapr)(?: [\w-]+)* (?:--|[a-z]+/))?[^\s"]+(?:"[^"]*"[^\s"]*)*`)

// code is what is typed or read by programs, and looks like it: commands, flags,
// variables, fields, paths.
var code = regexp.MustCompile(`(?:^| )--[a-z]|[A-Za-z][_*=]|[_=\[][A-Za-z]|[a-z][./][a-z]|[a-z][.-]\*|^[a-z]{2,}[A-Z]|^kubectl dapr-prod `)

// markdown sets what looks like code in its font, and keeps the rest of a text from
// being taken for Markdown.
func markdown(text string) string {
	escaped := strings.NewReplacer("<", `\<`, "*", `\*`, "_", `\_`, "`", "\\`", "[", `\[`)
	return token.ReplaceAllStringFunc(text, func(word string) string {
		core := strings.TrimRight(strings.TrimLeft(word, "("), ".,;:)")
		if !code.MatchString(core) || strings.ContainsAny(core, "`") {
			return escaped.Replace(word)
		}
		before, after, _ := strings.Cut(word, core)
		return before + "`" + core + "`" + after
	})
}

// cell is text in a table.
func cell(text string) string { return strings.ReplaceAll(markdown(text), "|", `\|`) }
