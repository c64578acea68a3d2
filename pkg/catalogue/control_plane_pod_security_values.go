// Copyright The kubectl-dapr-prod Authors.
// SPDX-License-Identifier: Apache-2.0

package catalogue

import (
	corev1 "k8s.io/api/core/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"

	"github.com/dapr-prod/kubectl-dapr-prod/pkg/dapr"
	"github.com/dapr-prod/kubectl-dapr-prod/pkg/guideline"
	"github.com/dapr-prod/kubectl-dapr-prod/pkg/podsecurity"
	"github.com/dapr-prod/kubectl-dapr-prod/pkg/snapshot"
)

const seccompValue = "global.seccompProfile"

// podSecurityValues make the templates keep to the restricted profile, in releases
// whose chart can.
func podSecurityValues(install *guideline.Install) guideline.Values {
	v := guideline.Set(guideline.Value{Path: seccompValue, Value: string(corev1.SeccompProfileTypeRuntimeDefault), Over: defaultEmpty})
	inMemory := guideline.Value{Path: dapr.PlacementLogInMemory, Value: true, Over: defaultOff, Note: "with its log on disk, placement runs as root in this release"}
	if older(install, 15, 0) {
		return guideline.Values{}
	}
	if install.New {
		if older(install, 16, 0) {
			v.Set = append(v.Set, inMemory)
		}
		return v
	}
	logged := false
	short := fallen(install, func(install *guideline.Install, w *snapshot.ControlPlaneWorkload) guideline.Result {
		root := w.Name == dapr.Placement && older(install, 16, 0) && !hasLogOnDisk(install)
		if w.Template == nil || !root && !fitsConfined(w) || fits(w) {
			return guideline.Skip("not for want of a seccomp profile")
		}
		logged = logged || root
		return judgePodSecurity(install, w)
	})
	if len(short) == 0 {
		return guideline.Values{}
	}
	if logged {
		v.Set = append(v.Set, inMemory)
	}
	return v.Closing(these(short)).Risking(restarts).Risking("RuntimeDefault keeps unusual system calls back, which the control plane does not make")
}

func fits(w *snapshot.ControlPlaneWorkload) bool {
	meta := &metav1.ObjectMeta{Labels: w.Template.Labels, Annotations: w.Template.Annotations}
	return len(podsecurity.Violations(strictest, meta, &w.Template.Spec)) == 0
}

// fitsConfined tells whether a template lacks a seccomp profile and nothing else.
func fitsConfined(w *snapshot.ControlPlaneWorkload) bool {
	next := *w
	next.Template = w.Template.DeepCopy()
	profile := &corev1.SeccompProfile{Type: corev1.SeccompProfileTypeRuntimeDefault}
	if next.Template.Spec.SecurityContext == nil {
		next.Template.Spec.SecurityContext = &corev1.PodSecurityContext{}
	}
	next.Template.Spec.SecurityContext.SeccompProfile = profile
	return fits(&next)
}
