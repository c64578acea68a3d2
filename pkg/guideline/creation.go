// Copyright The kubectl-dapr-prod Authors.
// SPDX-License-Identifier: Apache-2.0

package guideline

import corev1 "k8s.io/api/core/v1"

// Creation is an object that closes a control plane's gap by being there, or why a
// person has to make it. The zero Creation leaves it to what the failure itself says.
type Creation struct {
	// Quota is the whole object, with its name and its namespace. Nothing in it may be
	// secret: it is shown, and kept in journals, as it is.
	Quota *corev1.ResourceQuota
	// Person says why it is not made, and what a person does instead; nothing else is
	// set then.
	Person string
	// Risks are sentences about what may go wrong.
	Risks []string
}
