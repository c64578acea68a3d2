// Copyright The kubectl-dapr-prod Authors.
// SPDX-License-Identifier: Apache-2.0

package report

import (
	"strings"

	"github.com/dapr-prod/kubectl-dapr-prod/pkg/guideline"
)

// color is an ANSI sequence. Where colours are not wanted, a painter leaves the
// text as it is; a word always says what a colour says.
type color string

const (
	plain  color = ""
	bold   color = "\x1b[1m"
	red    color = "\x1b[31m"
	yellow color = "\x1b[33m"
	green  color = "\x1b[32m"
	cyan   color = "\x1b[36m"
	reset        = "\x1b[0m"
)

// painter tells whether colours are wanted.
type painter bool

func (p painter) paint(c color, text string) string {
	if !bool(p) || c == plain || text == "" {
		return text
	}
	return string(c) + text + reset
}

// words paints each word by itself, so that text may be wrapped between them.
func (p painter) words(c color, text string) string {
	all := strings.Fields(text)
	for i, word := range all {
		all[i] = p.paint(c, word)
	}
	return strings.Join(all, " ")
}

// severity is the severity's word in its colour.
func (p painter) severity(s guideline.Severity) string { return p.paint(colorOf(s), s.String()) }

func colorOf(s guideline.Severity) color {
	switch s {
	case guideline.Error:
		return red
	case guideline.Warning:
		return yellow
	case guideline.Info:
		return cyan
	default:
		return plain
	}
}
