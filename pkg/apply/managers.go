// Copyright The kubectl-dapr-prod Authors.
// SPDX-License-Identifier: Apache-2.0

package apply

import "slices"

// kubectls are the field managers of kubectl's own commands (k8s.io/kubectl/pkg/cmd,
// AddFieldManagerFlagVar, and pkg/cmd/apply), of releases before 1.19, which had one
// name for all, and of the API server for what was there before it kept managers.
// Behind each of them stands a person.
var kubectls = []string{
	"kubectl", "kubectl.exe", "kubectl-client-side-apply", "kubectl-last-applied",
	"kubectl-annotate", "kubectl-autoscale", "kubectl-create", "kubectl-edit", "kubectl-expose", "kubectl-label",
	"kubectl-patch", "kubectl-replace", "kubectl-rollout", "kubectl-run", "kubectl-set", "kubectl-taint",
	"before-first-apply",
}

// isKubectl tells whether a field manager is one of kubectl's own.
func isKubectl(manager string) bool { return slices.Contains(kubectls, manager) }

// bystanders write to objects that are not theirs: Kubernetes itself, this program,
// and what the API server calls the oldest managers where there are too many.
var bystanders = []string{Manager, "kube-controller-manager", "ancient-changes"}
