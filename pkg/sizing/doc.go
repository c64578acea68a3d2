// Copyright The kubectl-dapr-prod Authors.
// SPDX-License-Identifier: Apache-2.0

// Package sizing turns what sidecars use into what they should request and be limited to.
//
// It is told what was measured, and reads nothing itself: no client, no file, no clock.
// The same readings, added in any order of Pods, give the same numbers and words.
// docs/sizing.md explains every constant.
package sizing
