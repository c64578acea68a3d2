// Copyright The kubectl-dapr-prod Authors.
// SPDX-License-Identifier: Apache-2.0

// Package docs holds the documents that the program prints, so that there is one text
// and no second one to keep up with it.
package docs

import _ "embed" // of the documents

// Sizing says how the numbers for a sidecar come about, in Markdown.
//
//go:embed sizing.md
var Sizing string
