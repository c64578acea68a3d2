// Copyright The kubectl-dapr-prod Authors.
// SPDX-License-Identifier: Apache-2.0

package apply

// Applied is what this program applied to an object, for the tests against a cluster.
var Applied = applied
