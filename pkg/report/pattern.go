// Copyright The kubectl-dapr-prod Authors.
// SPDX-License-Identifier: Apache-2.0

package report

import (
	"regexp"
	"strings"
	"unicode"

	"github.com/dapr-prod/kubectl-dapr-prod/pkg/snapshot"
)

// few is how many texts may stand below each other that differ only in words of
// an object's own: what is said of few is better said in full.
const few = 3

// elided stands for a word that is another on each object.
const elided = "…"

// words finds the quoted texts, the words and all that is between them.
var words = regexp.MustCompile(`"(?:[^"\\]|\\.)*"|[^\s"(),;:=]+|[\s(),;:=]+|"`)

// pattern is a text without the words that are the object's own, so that equal
// findings on two objects have the same one.
func pattern(text string, o snapshot.Object) string {
	all := words.FindAllString(text, -1)
	for i, word := range all {
		if ownWord(word, o) {
			all[i] = elided
		}
	}
	// What separates words cannot stand in one.
	return strings.Join(all, "\x00")
}

// ownWord tells whether a word may be another on every object: a value, a number
// with or without its unit, a name.
func ownWord(word string, o snapshot.Object) bool {
	switch {
	case strings.HasPrefix(word, `"`), strings.ContainsFunc(word, unicode.IsDigit):
		return true
	case word == o.Namespace, strings.HasPrefix(word, o.Namespace+"/"):
		return o.Namespace != ""
	default:
		return word == o.Name || strings.HasPrefix(word, o.Name+"-") // also the names of its Pods
	}
}

// blend is what texts of the same pattern have in common. Each group of results
// has one text.
func blend(groups [][]Result) string {
	common := words.FindAllString(text(groups[0][0]), -1)
	for _, group := range groups[1:] {
		for i, word := range words.FindAllString(text(group[0]), -1) {
			if common[i] != word {
				common[i] = elided
			}
		}
	}
	return strings.Join(common, "")
}
