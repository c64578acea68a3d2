// Copyright The kubectl-dapr-prod Authors.
// SPDX-License-Identifier: Apache-2.0

// Package collect fills a snapshot: from a live cluster, or from manifests. It
// is the only place that reads; it judges nothing. Both ways go through the
// same facts: an object is reduced to what guidelines judge as soon as it
// arrives, and the facts are joined into apps and control planes at the end.
package collect
