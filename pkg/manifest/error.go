// Copyright The kubectl-dapr-prod Authors.
// SPDX-License-Identifier: Apache-2.0

package manifest

import (
	"bytes"
	"fmt"
	"regexp"
	"strconv"
	"strings"

	"go.yaml.in/yaml/v3"
)

// Error is a document, or an input, that could not be read. The rest of the
// input was.
type Error struct {
	// File is the input as it was given; "-" is standard input.
	File string
	// Line is counted from 1; 0 where the error is about the input as a whole.
	Line int
	Err  error
}

// Error is "FILE:LINE: what is wrong".
func (e *Error) Error() string {
	if e.Line == 0 {
		return fmt.Sprintf("%s: %s", e.File, e.Err)
	}
	return fmt.Sprintf("%s:%d: %s", e.File, e.Line, e.Err)
}

// Unwrap returns what is wrong.
func (e *Error) Unwrap() error { return e.Err }

var (
	yamlLine = regexp.MustCompile(`\bline (\d+): `)
	alias    = regexp.MustCompile(`^unknown anchor '(.+)' referenced$`)
	// quoted is a piece of the document, which may be a secret.
	quoted = regexp.MustCompile("`[^`]*`")
)

// explain says in plain words what the parser has against a document.
func (c *chunk) explain(err error) (int, error) {
	reason := strings.TrimPrefix(strings.Join(strings.Fields(err.Error()), " "), "yaml: ")
	reason = strings.TrimPrefix(reason, "unmarshal errors: ")
	line := c.lineOf(reason)
	reason = quoted.ReplaceAllString(yamlLine.ReplaceAllString(reason, ""), "a text")
	switch {
	case alias.MatchString(reason):
		// A password may begin with an asterisk, so that what follows is not told.
		reason = "a value that begins with * refers to an anchor, and there is none of that name: quote it if it is a text"
	case strings.HasPrefix(reason, "invalid map key"), strings.HasPrefix(reason, "unsupported map key"):
		reason = "a key must be plain text"
	case strings.HasPrefix(reason, "json: unsupported value: "):
		reason = strings.TrimPrefix(reason, "json: unsupported value: ") + " is not a number that an object can hold"
	case strings.HasPrefix(reason, "did not find expected <document start>"):
		reason += ": kubectl reads no directives such as %YAML, take them out"
	}
	err = fmt.Errorf("malformed YAML: %s", reason)
	if bytes.Contains(c.text, []byte("{{")) {
		err = fmt.Errorf("%w: this is a template, render it first: helm template … | kubectl dapr-prod check -f -", err)
	}
	return line, err
}

// lineOf is the line in the file that the parser's reason is about. The parser
// counts from the beginning of the document, and is one short where the tokens
// are right and their order is not.
func (c *chunk) lineOf(reason string) int {
	if m := alias.FindStringSubmatch(reason); m != nil {
		if i := bytes.Index(c.text, []byte("*"+m[1])); i >= 0 {
			return c.line + bytes.Count(c.text[:i], []byte{'\n'})
		}
	}
	m := yamlLine.FindStringSubmatch(reason)
	if m == nil {
		return c.content
	}
	if unclosed(reason) {
		// The newer parser says where the thing began that has no end.
		var n yaml.Node
		if err := yaml.Unmarshal(c.text, &n); err != nil {
			if began := yamlLine.FindStringSubmatch(err.Error()); began != nil {
				m = began
			} else {
				return c.content
			}
		}
	}
	line, _ := strconv.Atoi(m[1])
	if misplaced(reason) {
		line++
	}
	// What is missing at the end is missed behind it.
	last := bytes.Count(bytes.TrimRight(c.text, "\n"), []byte{'\n'})
	return c.line + min(line-1, last)
}

func unclosed(reason string) bool {
	for _, part := range []string{"did not find expected ',' or", "found unexpected end of stream", "could not find expected ':'"} {
		if strings.Contains(reason, part) {
			return true
		}
	}
	return false
}

func misplaced(reason string) bool {
	for _, part := range []string{"expected key", "expected '-' indicator", "expected ',' or", "expected node content", "expected <"} {
		if strings.Contains(reason, "did not find "+part) {
			return true
		}
	}
	return false
}
