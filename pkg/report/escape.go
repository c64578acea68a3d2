// Copyright The kubectl-dapr-prod Authors.
// SPDX-License-Identifier: Apache-2.0

package report

import (
	"fmt"
	"strings"
	"unicode"
	"unicode/utf8"
)

// escape makes text from a cluster safe to print as part of a line: what a
// terminal would obey, what turns the reading direction, what cannot be seen and
// what ends a line stands there in visible form. ESC and CR look as they do in
// kubectl's own tables, which escape nothing else.
func escape(s string) string {
	if printable(s) {
		return s
	}
	var b strings.Builder
	for len(s) > 0 {
		r, size := utf8.DecodeRuneInString(s)
		switch {
		case r == utf8.RuneError && size == 1:
			fmt.Fprintf(&b, `\x%02x`, s[0])
		case unicode.IsPrint(r):
			b.WriteRune(r)
		default:
			b.WriteString(escapeRune(r))
		}
		s = s[size:]
	}
	return b.String()
}

func printable(s string) bool {
	return utf8.ValidString(s) && !strings.ContainsFunc(s, func(r rune) bool { return !unicode.IsPrint(r) })
}

func escapeRune(r rune) string {
	switch {
	case r == '\x1b':
		return "^["
	case r == '\n':
		return `\n`
	case r == '\r':
		return `\r`
	case r == '\t':
		return `\t`
	case r > 0xffff:
		return fmt.Sprintf(`\U%08x`, r)
	case r > 0x7f:
		return fmt.Sprintf(`\u%04x`, r)
	default:
		return fmt.Sprintf(`\x%02x`, r)
	}
}
