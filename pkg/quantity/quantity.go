// Copyright The kubectl-dapr-prod Authors.
// SPDX-License-Identifier: Apache-2.0

// Package quantity reads quantities of Kubernetes from text that no server has
// checked yet.
package quantity

import (
	"fmt"
	"regexp"

	"k8s.io/apimachinery/pkg/api/resource"
)

// absurdExponent finds exponents for which the parser of Kubernetes works out a
// number of millions of digits: "1e-9999999999" keeps it busy for hours.
var absurdExponent = regexp.MustCompile(`[eE][-+]?[0-9]{4,}`)

// Parse is the parser of Kubernetes, but for values that would hold it up: those
// are no quantities either.
func Parse(s string) (resource.Quantity, error) {
	if Absurd([]byte(s)) {
		return resource.Quantity{}, fmt.Errorf("%w: the exponent is too large", resource.ErrFormatWrong)
	}
	return resource.ParseQuantity(s)
}

// Absurd tells whether a value that would hold the parser up may occur in text.
func Absurd(text []byte) bool { return absurdExponent.Match(text) }

// Constant is a quantity that a package keeps for all to read. A Quantity stores its text
// when it is first printed, which must not happen in two goroutines at once: this one has
// it already. It panics where the text is none.
func Constant(text string) resource.Quantity {
	q := resource.MustParse(text)
	_ = q.String()
	return q
}
