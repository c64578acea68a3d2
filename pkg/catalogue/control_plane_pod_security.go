// Copyright The kubectl-dapr-prod Authors.
// SPDX-License-Identifier: Apache-2.0

package catalogue

import (
	"fmt"
	"slices"
	"strings"

	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/pod-security-admission/api"

	"github.com/dapr-prod/kubectl-dapr-prod/pkg/guideline"
	"github.com/dapr-prod/kubectl-dapr-prod/pkg/snapshot"
)

var controlPlanePodSecurity = &guideline.Guideline{
	ID:       "control-plane-pod-security",
	Title:    "the control plane's Pods fit the restricted Pod Security profile",
	Severity: guideline.Info,
	Origin:   guideline.Ours,
	Section:  "Configure seccompProfile for sidecar containers",
	Docs:     page + "#configure-seccompprofile-for-sidecar-containers",
	Why: "Pods of the restricted profile can do little harm to their node. In a namespace that enforces a profile, Pods that do not fit are refused: " +
		"what runs runs on, and whatever is restarted does not come back.",
	Judged: "The Pods of the control plane, or where none run the templates, by the API server's own rules for the restricted profile in its newest version; " +
		"and whether the namespace enforces the profile that they do not fit, by its label pod-security.kubernetes.io/enforce.",
	Fix: "set the Helm value global.seccompProfile=RuntimeDefault",
	Traps: "A namespace that only warns or audits refuses nothing. No setting makes 1.13 and 1.14 fit. " +
		"Exemptions of the API server's own configuration and the profile of a cluster without labels cannot be seen.",
	Reads: []snapshot.Read{
		{Resource: snapshot.Deployments, Place: snapshot.InControlPlane},
		{Resource: snapshot.StatefulSets, Place: snapshot.InControlPlane},
		{Resource: snapshot.Pods, Place: snapshot.InControlPlane},
		{Resource: snapshot.Namespaces, Place: snapshot.InApps},
	},
	ControlPlane: func(install *guideline.Install) []guideline.Result {
		return eachWorkload(install, judgePodSecurity, notInstalled)
	},
}

func judgePodSecurity(install *guideline.Install, w *snapshot.ControlPlaneWorkload) guideline.Result {
	gap := install.Gap(snapshot.Pods)
	switch {
	case w.Desired == 0:
		return guideline.Skip("scaled to zero: switched off")
	case gap != nil && install.Snapshot.Live:
		return guideline.Hidden(gap) // what admission makes of the template is in the Pods only
	case w.Template == nil:
		return guideline.Unknown("no Pod template")
	}
	enforced := api.Level(install.Snapshot.Namespaces[install.Namespace].Labels[enforceLabel])
	if enforced == api.LevelBaseline || enforced == api.LevelRestricted {
		if r := podSecurityAt(install, w, enforced, ", which the namespace enforces"); r.Outcome != guideline.Passed {
			return r.As(guideline.Warning)
		}
	}
	return podSecurityAt(install, w, api.LevelRestricted, "")
}

// podSecurityAt judges a workload by one profile; remark is what else is to be said of it.
func podSecurityAt(install *guideline.Install, w *snapshot.ControlPlaneWorkload, level api.Level, remark string) guideline.Result {
	forbidden, of := forbiddenAt(level, w)
	if len(forbidden) == 0 {
		return guideline.Pass("fits the %s profile", level)
	}
	if install.Rehearsed.Known() && !install.Rehearsed.AtLeast(1, 16, 0) {
		// Until 1.16 each chart came nearer to the profile; the seccomp profile none sets by itself.
		was := strings.Join(forbidden, "; ")
		if forbidden = slices.DeleteFunc(forbidden, func(v string) bool { return !ofSeccomp(v) }); len(forbidden) == 0 {
			return guideline.Unknown("depends on the chart of Dapr %s; what runs does not fit the %s profile: %s", install.Version, level, was)
		}
	}
	r := guideline.Fail("does not fit the %s profile%s: %s%s", level, remark, strings.Join(forbidden, "; "), of)
	if of != "" && len(violations(level, &w.Template.ObjectMeta, &w.Template.Spec)) == 0 {
		return r.Do("%s: the template fits already", restart(w.Object))
	}
	return r.Do("%s", fitRestricted(install, w, forbidden))
}

// forbiddenAt is what a profile forbids in the Pods that run, and in how many, or
// where none run in the template.
func forbiddenAt(level api.Level, w *snapshot.ControlPlaneWorkload) (forbidden []string, of string) {
	bad, judged := 0, 0
	for i := range w.Pods {
		p := &w.Pods[i]
		if p.Spec == nil {
			continue
		}
		judged++
		if found := violations(level, &metav1.ObjectMeta{Name: p.Name, Labels: p.Labels, Annotations: p.Annotations}, p.Spec); len(found) > 0 {
			bad++
			forbidden = found
		}
	}
	if judged == 0 {
		return violations(level, &w.Template.ObjectMeta, &w.Template.Spec), ""
	}
	return forbidden, fmt.Sprintf(" (%d of %d running Pods)", bad, judged)
}

func ofSeccomp(violation string) bool { return strings.HasPrefix(violation, "seccompProfile") }
