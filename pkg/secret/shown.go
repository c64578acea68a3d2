// Copyright The kubectl-dapr-prod Authors.
// SPDX-License-Identifier: Apache-2.0

package secret

import (
	"regexp"
	"strconv"
)

// harmless is a number, perhaps with a unit, right or wrong, or a short word.
var harmless = regexp.MustCompile(`^( ?[-+]?[0-9]{1,12}([.,][0-9]{1,3})?( ?[A-Za-z%]{0,3}| [a-z]{4,8}) ?|[A-Z]?[a-z]{0,8}|[A-Z]{2,8})$`)

// Harmless tells whether a value that stands in the wrong place, or is wrong there,
// is a slip of the pen by its looks; all others may be anything that got there by mistake.
func Harmless(value string) bool { return harmless.MatchString(value) }

// Shown is such a value as a message may print it.
func Shown(value string) string {
	if !Harmless(value) {
		return "(not printed: it may be secret)"
	}
	return strconv.Quote(value)
}
