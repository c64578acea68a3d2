// Copyright The kubectl-dapr-prod Authors.
// SPDX-License-Identifier: Apache-2.0

package report

import "strings"

// prose is a text as a comment in Markdown shows it, on one line. Whatever Markdown, a
// mention or a link could be made of is set as code, which nothing is made of.
func prose(text string) string {
	words := strings.Split(escape(text), " ")
	for i, word := range words {
		core := strings.TrimRight(strings.TrimLeft(word, `("`), `.,;:)"`)
		if core == "" || !code.MatchString(core) && !strings.ContainsAny(core, "@#/\\`<>*_[]{}|~&$=") {
			continue
		}
		before, after, _ := strings.Cut(word, core)
		words[i] = before + codeSpan(core) + after
	}
	return strings.Join(words, " ")
}

// codeSpan sets a text as code. A backtick, which would end it, is shown as a quote.
func codeSpan(text string) string {
	return "`" + strings.ReplaceAll(escape(text), "`", "'") + "`"
}

// inCell keeps a bar from ending a cell of a table, also one behind a backslash, which
// would have that stand for itself and not for the bar.
func inCell(text string) string {
	return strings.ReplaceAll(strings.ReplaceAll(text, `\|`, `\ |`), "|", `\|`)
}
