// Copyright The kubectl-dapr-prod Authors.
// SPDX-License-Identifier: Apache-2.0

//go:build (!faults && !cluster) || !unix

package apply

// fault is where builds for tests, and only those, can be made to die.
func fault(string) {}
