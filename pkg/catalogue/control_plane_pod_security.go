// Copyright The kubectl-dapr-prod Authors.
// SPDX-License-Identifier: Apache-2.0

package catalogue

import (
	"strings"

	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/pod-security-admission/api"

	"github.com/dapr-prod/kubectl-dapr-prod/pkg/dapr"
	"github.com/dapr-prod/kubectl-dapr-prod/pkg/guideline"
	"github.com/dapr-prod/kubectl-dapr-prod/pkg/snapshot"
)

var controlPlanePodSecurity = &guideline.Guideline{
	ID:       "control-plane-pod-security",
	Title:    "the control plane's Pods keep to the restricted Pod Security profile",
	Severity: guideline.Info,
	Origin:   guideline.Ours,
	Section:  notOnThePage,
	Docs:     "https://docs.dapr.io/operations/hosting/kubernetes/kubernetes-deploy/",
	Why: "A Pod that keeps to the profile cannot be turned against its node as easily. Where the namespace enforces a profile, a Pod that does not is not made again once it is gone: " +
		"the control plane then fails with the next restart, not today.",
	Judged: "The template of each workload, by the code of the API server itself, against the newest restricted profile; and against the profile that the namespace enforces, which makes it an error.",
	Fix:    "set the Helm value global.seccompProfile=RuntimeDefault",
	Traps: "Labels that only warn or audit refuse nothing. Before 1.15 the chart cannot keep to the profile whatever its values are, and 1.15 only with placement's log in memory. " +
		"Exemptions in the API server's own configuration cannot be seen.",
	Reads: []snapshot.Read{
		{Resource: snapshot.Deployments, Place: snapshot.InControlPlane},
		{Resource: snapshot.StatefulSets, Place: snapshot.InControlPlane},
		{Resource: snapshot.Namespaces, Place: snapshot.InControlPlane},
	},
	ControlPlane: func(install *guideline.Install) []guideline.Result {
		return eachWorkload(install, judgePodSecurity, notInstalled)
	},
}

func judgePodSecurity(install *guideline.Install, w *snapshot.ControlPlaneWorkload) guideline.Result {
	if w.Template == nil {
		return guideline.Unknown("its template was not read")
	}
	meta := &metav1.ObjectMeta{Labels: w.Template.Labels, Annotations: w.Template.Annotations}
	forbids := func(profile api.LevelVersion) string {
		var reasons []string
		for _, v := range violationsOf(profile, meta, &w.Template.Spec) {
			reason, _, _ := strings.Cut(v, " (") // which containers, and the fields to set, would fill a screen
			reasons = append(reasons, reason)
		}
		return strings.Join(reasons, ", ")
	}
	ns, read := install.Snapshot.Namespaces[install.Namespace]
	profile := enforced(ns.Labels)
	if text := forbids(profile); text != "" {
		return withPodSecurityRemedy(install, guideline.Fail("namespace %s enforces the %s profile and refuses new Pods: %s", install.Namespace, named(profile), text).As(guideline.Error))
	}
	strict := forbids(api.LevelVersion{Level: api.LevelRestricted, Version: api.LatestVersion()})
	if strict == "" {
		return guideline.Pass("keeps to the restricted profile")
	}
	r := withPodSecurityRemedy(install, guideline.Fail("the restricted profile forbids: %s", strict))
	if gap := install.Snapshot.GapOf(snapshot.InControlPlane, snapshot.Namespaces, "", install.Namespace); !read && gap != nil && gap.Reason != snapshot.NotInInput {
		r.Message += " (whether the namespace enforces it is not known: " + gap.String() + ")"
	}
	return r
}

// named is a profile, with the release of Kubernetes where it is not the newest one's.
func named(profile api.LevelVersion) string {
	if profile.Latest() {
		return string(profile.Level)
	}
	return string(profile.Level) + " " + profile.Version.String()
}

// withPodSecurityRemedy says what the chart of that release can do (dapr.io's
// chart, securityContext of each workload).
func withPodSecurityRemedy(install *guideline.Install, r guideline.Result) guideline.Result {
	v := install.Version
	switch {
	case !v.Known() || v.AtLeast(1, 16, 0):
		return r
	case v.AtLeast(1, 15, 0) && hasLogOnDisk(install):
		return r.Do("set the Helm value global.seccompProfile=RuntimeDefault, and for placement upgrade to 1.16 or later: this chart is not enough for it, as its log is on volume claims")
	case v.AtLeast(1, 15, 0) && placementHidden(install):
		return r.Do("set the Helm value global.seccompProfile=RuntimeDefault and, only where placement runs without volume claims, %s", logInMemory)
	case v.AtLeast(1, 15, 0) && install.Workload(dapr.Placement) != nil:
		return r.Do("set the Helm values global.seccompProfile=RuntimeDefault and %s", logInMemory)
	case v.AtLeast(1, 15, 0):
		return r
	default:
		return r.Do("upgrade to 1.15 or later, one minor release at a time: no value of this chart is enough")
	}
}
