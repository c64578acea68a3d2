// Copyright The kubectl-dapr-prod Authors.
// SPDX-License-Identifier: Apache-2.0

// Package daprobject works out changes of objects of dapr.io themselves: secrets that
// move from their text into a Secret, and the apps that they are for. It writes
// nothing, and no value that moves is in anything that it prints.
package daprobject
