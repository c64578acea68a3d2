// Copyright The kubectl-dapr-prod Authors.
// SPDX-License-Identifier: Apache-2.0

// Package quantity reads quantities of Kubernetes from text that no server has
// checked yet.
package quantity

import (
	"fmt"

	"k8s.io/apimachinery/pkg/api/resource"
)

// Parse is the parser of Kubernetes, but for values that would hold it up: those
// are no quantities either.
func Parse(s string) (resource.Quantity, error) {
	if Absurd([]byte(s)) {
		return resource.Quantity{}, fmt.Errorf("%w: the exponent is too large", resource.ErrFormatWrong)
	}
	return resource.ParseQuantity(s)
}

// Absurd tells whether a value that would hold the parser up may occur in text: one with
// an exponent for which the parser of Kubernetes works out a number of millions of digits.
// "1e-9999999999" keeps it busy for hours.
func Absurd(text []byte) bool {
	for i, c := range text {
		if (c == 'e' || c == 'E') && absurdExponent(text[i+1:]) && (i == 0 || !letter(text[i-1])) {
			return true
		}
	}
	return false
}

// absurdExponent tells whether text begins with an exponent of four digits or more, and does
// not go on as no quantity does: what stands in a UID goes on with a letter or a dash.
func absurdExponent(text []byte) bool {
	if len(text) > 0 && (text[0] == '-' || text[0] == '+') {
		text = text[1:]
	}
	digits := 0
	for digits < len(text) && '0' <= text[digits] && text[digits] <= '9' {
		digits++
	}
	return digits >= 4 && (digits == len(text) || text[digits] != '-' && !letter(text[digits]))
}

func letter(c byte) bool { return 'a' <= c|0x20 && c|0x20 <= 'z' }

// Constant is a quantity that a package keeps for all to read. A Quantity stores its text
// when it is first printed, which must not happen in two goroutines at once: this one has
// it already. It panics where the text is none.
func Constant(text string) resource.Quantity {
	q := resource.MustParse(text)
	_ = q.String()
	return q
}
