// Copyright The kubectl-dapr-prod Authors.
// SPDX-License-Identifier: Apache-2.0

package dapr

import (
	"slices"
	"strconv"
	"strings"

	corev1 "k8s.io/api/core/v1"
)

// Flag reads a command-line flag from a container of Dapr's. Both styles occur,
// "--name value" and "--name=value", and under a debugger the real arguments
// stand after "--". A flag without a value reads "true"; one that is not there
// reads as unset. Of several, the last counts.
func Flag(c *corev1.Container, name, unset string) string {
	return flagIn(arguments(c), name, unset)
}

// flagIn is Flag of arguments.
func flagIn(args []string, name, unset string) string {
	value := unset
	for i, arg := range args {
		flag, inline, hasInline := strings.Cut(arg, "=")
		if !strings.HasPrefix(flag, "-") || strings.TrimLeft(flag, "-") != name {
			continue
		}
		switch {
		case hasInline:
			value = inline
		case i+1 < len(args) && !isFlag(args[i+1]):
			value = args[i+1]
		default:
			value = "true"
		}
	}
	return value
}

// isFlag tells a flag from a value, which may be a negative number.
func isFlag(arg string) bool {
	number := len(arg) > 1 && arg[1] >= '0' && arg[1] <= '9'
	return strings.HasPrefix(arg, "-") && !number
}

// arguments are what a program of Dapr's is told; under a debugger, what follows "--".
func arguments(c *corev1.Container) []string {
	args := c.Args
	if len(c.Command) > 0 {
		args = slices.Concat(c.Command, c.Args)
	}
	if i := slices.Index(args, "--"); i >= 0 {
		return args[i+1:]
	}
	return args
}

// Switch reads a flag that is true or false. Such a flag takes a value after an
// equals sign only: in "--name false" the flag is true, and the rest is something else.
func Switch(c *corev1.Container, name string, unset bool) bool {
	args := slices.Clone(arguments(c))
	for i, arg := range args {
		if strings.TrimLeft(arg, "-") == name && strings.HasPrefix(arg, "-") {
			args[i] += "=true"
		}
	}
	value, err := strconv.ParseBool(flagIn(args, name, strconv.FormatBool(unset)))
	return err == nil && value
}
