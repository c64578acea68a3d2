// Copyright The kubectl-dapr-prod Authors.
// SPDX-License-Identifier: Apache-2.0

package guideline

import (
	"fmt"
	"regexp"
	"strconv"
)

var numbered = regexp.MustCompile(`^(.+)-([1-9][0-9]{0,8})$`)

// NameAfter is the name of the Secret that follows one: NAME, NAME-2, NAME-3.
func NameAfter(name string) string {
	base, n := number(name)
	return fmt.Sprintf("%s-%d", base, n+1)
}

// NameBefore is the name of the Secret that NameAfter makes this one of; empty where it
// is the first.
func NameBefore(name string) string {
	switch base, n := number(name); n {
	case 1:
		return ""
	case 2:
		return base
	default:
		return fmt.Sprintf("%s-%d", base, n-1)
	}
}

// number takes a name apart; NAME has the number 1, and so has NAME-1.
func number(name string) (base string, n int) {
	if m := numbered.FindStringSubmatch(name); m != nil {
		if n, err := strconv.Atoi(m[2]); err == nil && n > 1 {
			return m[1], n
		}
	}
	return name, 1
}
