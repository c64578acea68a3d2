// Copyright The kubectl-dapr-prod Authors.
// SPDX-License-Identifier: Apache-2.0

// Package rollout watches what becomes of a workload whose Pod template was
// written: whether its Pods are made anew and come up, and if not, why. It says
// beforehand what a rollout will be like. It writes nothing, and judges no guideline.
package rollout
