// Copyright The kubectl-dapr-prod Authors.
// SPDX-License-Identifier: Apache-2.0

package rollout

import (
	"regexp"
	"strings"
	"unicode"

	"k8s.io/cli-runtime/pkg/printers"

	"github.com/dapr-prod/kubectl-dapr-prod/pkg/secret"
)

// longest is how much of a message is given, in characters.
const longest = 300

// withheld stands for a message that may hold a secret.
const withheld = "(not printed: it may hold a secret)"

// mask stands for a part of one.
const mask = "***"

// line is a message of Kubernetes' own as part of a line: short, printable, and
// withheld where a secret shows by its form. Such messages name objects and fields.
func line(message string) string {
	text := strings.Join(strings.Fields(strings.ToValidUTF8(message, "?")), " ")
	if secret.CarriesSecret(text) {
		return withheld
	}
	if runes := []rune(text); len(runes) > longest {
		text = string(runes[:longest]) + "…"
	}
	return strings.Map(func(r rune) rune {
		if !unicode.IsPrint(r) && r != '\x1b' {
			return '?'
		}
		return r
	}, printers.EscapeTerminal(text))
}

var (
	// named is the name of a value that follows.
	named = regexp.MustCompile(`([A-Za-z0-9_.-]+)["']? ?[:=]`)
	// token is what keys and passwords that machines make look like, when it has both
	// letters and digits.
	token = regexp.MustCompile(`[A-Za-z0-9_+/=-]{16,}`)
)

// foreign is a message that holds what a container said: its last line, without what
// stands behind the name of a secret, and without anything that looks made by a machine.
func foreign(message string) string {
	message = strings.TrimSpace(message)
	if secret.CarriesSecret(strings.Join(strings.Fields(message), " ")) {
		return withheld
	}
	text := line(message[strings.LastIndexAny(message, "\r\n")+1:])
	for _, at := range named.FindAllStringSubmatchIndex(text, -1) {
		if sounds(text[at[2]:at[3]]) {
			text = text[:at[1]] + " " + mask
			break
		}
	}
	words := strings.Split(text, " ")
	for i := 1; i < len(words); i++ {
		if sounds(words[i-1]) && !secret.Harmless(bare(words[i])) {
			words[i] = mask
		}
	}
	return token.ReplaceAllStringFunc(strings.Join(words, " "), func(s string) string {
		if strings.ContainsAny(s, "0123456789") && strings.ContainsFunc(s, unicode.IsLetter) {
			return mask
		}
		return s
	})
}

func sounds(word string) bool { return secret.Env(bare(word)) || secret.Header(bare(word)) }

// bare is a word without the marks around it.
func bare(word string) string { return strings.Trim(word, `"'.,;:()[]{}`) }
