// Copyright The kubectl-dapr-prod Authors.
// SPDX-License-Identifier: Apache-2.0

// Package secret knows what is secret: the fields of Dapr's components, the
// names of headers and environment variables, and the values that carry a
// password. It never gives a value back, and it reads nothing.
package secret
