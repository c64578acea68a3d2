// Copyright The kubectl-dapr-prod Authors.
// SPDX-License-Identifier: Apache-2.0

package catalogue

import "fmt"

// goMemoryLimit writes a number of bytes for GOMEMLIMIT, in whole MiB, rounded down.
func goMemoryLimit(bytes int64) string {
	return fmt.Sprintf("%dMiB", bytes/mebibyte)
}
