// Copyright The kubectl-dapr-prod Authors.
// SPDX-License-Identifier: Apache-2.0

// Package rights puts what requests need to be allowed together as one role of
// Kubernetes' RBAC. What they need is declared beside the code that makes them; here
// nothing is known of any request, and no server is asked.
package rights
