// Copyright The kubectl-dapr-prod Authors.
// SPDX-License-Identifier: Apache-2.0

package catalogue

import (
	"slices"
	"strings"

	corev1 "k8s.io/api/core/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/pod-security-admission/api"

	"github.com/dapr-prod/kubectl-dapr-prod/pkg/dapr"
	"github.com/dapr-prod/kubectl-dapr-prod/pkg/guideline"
	"github.com/dapr-prod/kubectl-dapr-prod/pkg/podsecurity"
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
	Judged: "The template of each workload and its Pods, by the code of the API server itself, against the newest restricted profile; and against the profile that the namespace enforces, which makes it an error.",
	Fix:    "set the Helm value global.seccompProfile=RuntimeDefault",
	Traps: "Labels that only warn or audit refuse nothing. Before 1.15 the chart cannot keep to the profile whatever its values are, and 1.15 only with placement's log in memory. " +
		"Exemptions in the API server's own configuration cannot be seen.",
	Reads: []snapshot.Read{
		{Resource: snapshot.Deployments, Place: snapshot.InControlPlane},
		{Resource: snapshot.StatefulSets, Place: snapshot.InControlPlane},
		{Resource: snapshot.Pods, Place: snapshot.InControlPlane},
		{Resource: snapshot.Namespaces, Place: snapshot.InControlPlane},
	},
	ControlPlane: func(install *guideline.Install) []guideline.Result {
		return eachWorkload(install, judgePodSecurity, notInstalled)
	},
	Values: podSecurityValues,
}

func judgePodSecurity(install *guideline.Install, w *snapshot.ControlPlaneWorkload) guideline.Result {
	if w.Template == nil {
		return guideline.Unknown("its template was not read")
	}
	ns, read := install.Snapshot.Namespaces[install.Namespace]
	if profile := podsecurity.Enforced(ns.Labels); profile.Level != api.LevelPrivileged {
		says := func(what string) guideline.Result {
			return guideline.Fail("namespace %s enforces the %s profile and refuses new Pods: %s", install.Namespace, named(profile), what).As(guideline.Error)
		}
		if r := judgeProfile(install, w, profile, says); r.Outcome != guideline.Passed {
			return r
		}
	}
	r := judgeProfile(install, w, strictest, func(what string) guideline.Result { return guideline.Fail("the restricted profile forbids: %s", what) })
	gap := install.Snapshot.GapOf(snapshot.InControlPlane, snapshot.Namespaces, "", install.Namespace)
	if r.Outcome == guideline.Failed && !read && gap != nil && gap.Reason != snapshot.NotInInput {
		r.Message += " (whether the namespace enforces it is not known: " + gap.String() + ")"
	}
	return r
}

// judgeProfile judges the template of a workload, and the Pods that admission made of
// it, which may have more than the template.
func judgeProfile(install *guideline.Install, w *snapshot.ControlPlaneWorkload, profile api.LevelVersion, fail func(string) guideline.Result) guideline.Result {
	next := forbiddenTo(profile, &metav1.ObjectMeta{Labels: w.Template.Labels, Annotations: w.Template.Annotations}, &w.Template.Spec)
	fit, unfit := 0, ""
	for _, p := range w.Pods {
		if p.Spec == nil {
			continue
		}
		if now := forbiddenTo(profile, &metav1.ObjectMeta{Labels: p.Labels, Annotations: p.Annotations}, p.Spec); len(now) == 0 {
			fit++
		} else {
			unfit = strings.Join(now, ", ")
		}
	}
	if r := install.Rehearsed; r.Known() && !r.AtLeast(1, 16, 0) && len(next) > 0 {
		// Up to 1.16 each chart came nearer to the profile, but for seccomp, which is a value in all.
		was := strings.Join(next, ", ")
		if next = slices.DeleteFunc(next, func(s string) bool { return s != "seccompProfile" }); len(next) == 0 {
			return guideline.Unknown("depends on the chart of %s: what runs does not fit the %s profile: %s", install.Version, profile.Level, was)
		}
	}
	gap := install.Gap(snapshot.Pods)
	switch {
	case len(next) > 0 && fit > 0 && unfit == "":
		return guideline.Unknown("the %s profile forbids in the template: %s; the Pods that run fit, and whether they are older or get what is missing from admission was not seen", profile.Level, strings.Join(next, ", "))
	case len(next) > 0:
		return withPodSecurityRemedy(install, fail(strings.Join(next, ", ")))
	case unfit != "" && !install.Rehearsed.Known():
		return guideline.Fail("the %s profile forbids in running Pods: %s", profile.Level, unfit).Do("%s: they are older than the template", restart(w.Object))
	case gap != nil && gap.Reason != snapshot.NotInInput:
		return guideline.Hidden(gap)
	default:
		return guideline.Pass("keeps to the restricted profile")
	}
}

// forbiddenTo names what a profile forbids, without the containers and fields, which
// would fill a screen.
func forbiddenTo(profile api.LevelVersion, meta *metav1.ObjectMeta, spec *corev1.PodSpec) []string {
	var reasons []string
	for _, v := range podsecurity.Violations(profile, meta, spec) {
		reason, _, _ := strings.Cut(v, " (")
		reasons = append(reasons, reason)
	}
	return reasons
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
