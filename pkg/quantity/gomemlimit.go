// Copyright The kubectl-dapr-prod Authors.
// SPDX-License-Identifier: Apache-2.0

package quantity

import (
	"fmt"
	"math"
	"regexp"
	"strconv"
)

// GoMemoryLimitVariable is the variable that Go's runtime takes its soft limit from.
const GoMemoryLimitVariable = "GOMEMLIMIT"

// goMemoryLimit is what the Go runtime takes for GOMEMLIMIT (package runtime,
// "Environment Variables"): digits and one of five units, nothing else.
var goMemoryLimit = regexp.MustCompile(`^([0-9]+)(B|KiB|MiB|GiB|TiB)?$`)

var goMemoryUnits = map[string]int64{"": 1, "B": 1, "KiB": 1 << 10, "MiB": 1 << 20, "GiB": 1 << 30, "TiB": 1 << 40}

// GoMemoryLimit reads a value of GOMEMLIMIT in bytes. Empty and "off" are no limit;
// for anything that ends a Go program at start, ok is false.
func GoMemoryLimit(s string) (bytes int64, off, ok bool) {
	if s == "" || s == "off" {
		return 0, true, true
	}
	m := goMemoryLimit.FindStringSubmatch(s)
	if m == nil {
		return 0, false, false
	}
	n, err := strconv.ParseInt(m[1], 10, 64)
	unit := goMemoryUnits[m[2]]
	if err != nil || n > math.MaxInt64/unit {
		return 0, false, false
	}
	return n * unit, false, true
}

// InMiB writes a number of bytes as GoMemoryLimit reads it, in whole MiB, rounded down.
func InMiB(bytes int64) string {
	return fmt.Sprintf("%dMiB", bytes/goMemoryUnits["MiB"])
}
