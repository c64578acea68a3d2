// Copyright The kubectl-dapr-prod Authors.
// SPDX-License-Identifier: Apache-2.0

package dapr

import (
	"slices"
	"strings"

	corev1 "k8s.io/api/core/v1"
)

// Flag reads a command-line flag from a container of Dapr's. Both styles occur,
// "--name value" and "--name=value", and under a debugger the real arguments
// stand after "--". A flag without a value reads "true"; one that is not there
// reads as unset. Of several, the last counts.
func Flag(c *corev1.Container, name, unset string) string {
	args := slices.Concat(c.Command, c.Args)
	if i := slices.Index(args, "--"); i >= 0 {
		args = args[i+1:]
	}
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
	return strings.HasPrefix(arg, "-") && !(len(arg) > 1 && arg[1] >= '0' && arg[1] <= '9')
}
