// Copyright The kubectl-dapr-prod Authors.
// SPDX-License-Identifier: Apache-2.0

package cmd

// formats are the values that an -o takes, and what prints each. The first one is meant
// where there is none.
type formats[P any] []format[P]

type format[P any] struct {
	name  string
	print P
}

func (f formats[P]) names() []string {
	var names []string
	for _, one := range f {
		names = append(names, one.name)
	}
	return names
}

// of is what prints a format; others are values that the same -o takes besides.
func (f formats[P]) of(name string, others ...string) (P, error) {
	for i, one := range f {
		if one.name == name || name == "" && i == 0 {
			return one.print, nil
		}
	}
	var none P
	return none, oneOf("-o", name, append(f.names(), others...))
}
