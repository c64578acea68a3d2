// Copyright The kubectl-dapr-prod Authors.
// SPDX-License-Identifier: Apache-2.0

package report

import "strings"

// wrap breaks text between words so that no line is wider than width. Only a
// word that is too wide by itself is broken inside. The mark of what is not of
// the guidelines page stays with the last word.
func wrap(text string, width int) []string {
	text, marked := strings.CutSuffix(text, notOfThePage)
	all := strings.Fields(text)
	var lines []string
	line, used := "", 0
	for i, word := range all {
		if marked && i == len(all)-1 {
			word += notOfThePage
		}
		wide := columns(word)
		if line != "" && used+1+wide <= width {
			line, used = line+" "+word, used+1+wide
			continue
		}
		if line != "" {
			lines = append(lines, line)
		}
		// An address is of use only in one piece.
		for wide > width && !strings.Contains(word, "://") {
			head, tail := cut(word, width)
			if tail == notOfThePage {
				head, tail = cut(word, width-1)
			}
			if tail == "" {
				break
			}
			lines = append(lines, head)
			word, wide = tail, columns(tail)
		}
		line, used = word, wide
	}
	return append(lines, line)
}

// cut takes from word as much as fits into width, and at least one character.
// Colours take no room.
func cut(word string, width int) (head, tail string) {
	used := 0
	colored := false
	for i, r := range word {
		if colored = colored || r == '\x1b'; colored {
			colored = r != 'm'
			continue
		}
		used += columns(string(r))
		if i > 0 && used > width {
			return word[:i], word[i:]
		}
	}
	return word, ""
}

// hang wraps text as wrap does, the first line behind first and the others
// behind as many blanks. A width of 0 wraps nothing.
func hang(first, text string, width int) []string {
	if width <= 0 {
		return []string{first + text}
	}
	lines := wrap(text, max(width-columns(first), leastLast))
	for i := range lines {
		lines[i] = first + lines[i]
		first = strings.Repeat(" ", columns(first))
	}
	return lines
}
