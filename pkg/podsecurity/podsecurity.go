// Copyright The kubectl-dapr-prod Authors.
// SPDX-License-Identifier: Apache-2.0

// Package podsecurity judges Pods as the API server's Pod Security admission does, by its
// own code. It is pure.
package podsecurity

import (
	"fmt"
	"sync"

	corev1 "k8s.io/api/core/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/pod-security-admission/api"
	"k8s.io/pod-security-admission/policy"
)

// checks is the API server's own judgement of Pods.
var checks = sync.OnceValues(func() (policy.Evaluator, error) {
	return policy.NewEvaluator(policy.DefaultChecks(), nil)
})

// Violations are what a profile of Pod Security forbids in a Pod, in the API server's
// words, sorted; none where it would be let in.
func Violations(profile api.LevelVersion, meta *metav1.ObjectMeta, spec *corev1.PodSpec) []string {
	evaluator, err := checks()
	if err != nil {
		return []string{err.Error()} // the checks built in contradict each other: a test would see it
	}
	var all []string
	for _, r := range evaluator.EvaluatePod(profile, meta, spec) {
		if !r.Allowed {
			all = append(all, fmt.Sprintf("%s (%s)", r.ForbiddenReason, r.ForbiddenDetail))
		}
	}
	return all
}

// Enforced is the profile that a namespace's labels make the server enforce, read as
// the server reads them; privileged, which forbids nothing, where they ask for none.
func Enforced(labels map[string]string) api.LevelVersion {
	none := api.LevelVersion{Level: api.LevelPrivileged, Version: api.LatestVersion()}
	policy, _ := api.PolicyToEvaluate(labels, api.Policy{Enforce: none}) // what is no profile counts as restricted
	return policy.Enforce
}
