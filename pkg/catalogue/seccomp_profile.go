// Copyright The kubectl-dapr-prod Authors.
// SPDX-License-Identifier: Apache-2.0

package catalogue

import (
	"slices"
	"strings"

	corev1 "k8s.io/api/core/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/pod-security-admission/api"

	"github.com/dapr-prod/kubectl-dapr-prod/pkg/guideline"
	"github.com/dapr-prod/kubectl-dapr-prod/pkg/podsecurity"
	"github.com/dapr-prod/kubectl-dapr-prod/pkg/sidecar"
)

// strictest is the profile of Pod Security that forbids the most.
var strictest = api.LevelVersion{Level: api.LevelRestricted, Version: api.LatestVersion()}

// seccompOf is the profile that holds for daprd: its own, or its Pod's; nil without one.
func seccompOf(d daprd) *corev1.SeccompProfile {
	if own := d.SecurityContext; own != nil && own.SeccompProfile != nil {
		return own.SeccompProfile
	}
	if d.security != nil {
		return d.security.SeccompProfile
	}
	return nil
}

// confined tells whether a profile is one that keeps system calls back.
func confined(p *corev1.SeccompProfile) bool {
	return p != nil && (p.Type == corev1.SeccompProfileTypeRuntimeDefault || p.Type == corev1.SeccompProfileTypeLocalhost)
}

// judgeProfileType finds profiles that the API server takes in no namespace.
func judgeProfileType(p *corev1.SeccompProfile) (r guideline.Result, refused bool) {
	switch {
	case p == nil || p.Type == corev1.SeccompProfileTypeRuntimeDefault || p.Type == corev1.SeccompProfileTypeUnconfined:
		return guideline.Result{}, false
	case p.Type == corev1.SeccompProfileTypeLocalhost && p.LocalhostProfile != nil:
		return guideline.Result{}, false
	case p.Type == corev1.SeccompProfileTypeLocalhost:
		return guideline.Fail("the server refuses the Pods: seccomp profile Localhost wants the name of a file, which the injector cannot give").As(guideline.Error), true
	default:
		return guideline.Fail("the server refuses the Pods: %q is no seccomp profile", p.Type).As(guideline.Error), true
	}
}

// refusedBy is what a profile of Pod Security forbids in daprd: in a Pod that has no
// other container, and of the Pod's own settings only those that daprd takes over.
func refusedBy(profile api.LevelVersion, d daprd) []string {
	own := d.SecurityContext
	inherited := &corev1.PodSecurityContext{}
	if p := d.security; p != nil {
		if own == nil || own.SeccompProfile == nil {
			inherited.SeccompProfile = p.SeccompProfile
		}
		if own == nil || own.RunAsNonRoot == nil {
			inherited.RunAsNonRoot = p.RunAsNonRoot
		}
	}
	spec := &corev1.PodSpec{SecurityContext: inherited}
	if d.os != "" {
		spec.OS = &corev1.PodOS{Name: d.os}
	}
	if d.native {
		spec.InitContainers = []corev1.Container{*d.Container}
	} else {
		spec.Containers = []corev1.Container{*d.Container}
	}
	return podsecurity.Violations(profile, &metav1.ObjectMeta{}, spec)
}

// atBest is daprd as an injector that is set for the restricted profile makes it;
// SSL_CERT_DIR takes runAsNonRoot away whatever is set.
func atBest(d daprd) daprd {
	c := d.DeepCopy()
	if c.SecurityContext == nil {
		c.SecurityContext = &corev1.SecurityContext{}
	}
	c.SecurityContext.Capabilities = &corev1.Capabilities{Drop: []corev1.Capability{"ALL"}}
	nonRoot := !hasCertificates(d)
	c.SecurityContext.RunAsNonRoot = &nonRoot
	d.Container = c
	return d
}

// hasCertificates tells whether daprd has SSL_CERT_DIR.
func hasCertificates(d daprd) bool {
	return slices.ContainsFunc(d.Env, func(e corev1.EnvVar) bool { return e.Name == "SSL_CERT_DIR" })
}

// fit says what makes daprd fit a profile of that level.
func fit(app *guideline.App, d daprd, level api.Level) string {
	if app.Sidecar.Simulation.State == sidecar.Manual {
		return "give daprd in the Pod template the securityContext that the profile asks for"
	}
	var steps []string
	if !confined(seccompOf(d)) {
		steps = append(steps, "set dapr.io/sidecar-seccomp-profile-type: RuntimeDefault on the Pod template")
	}
	own := d.SecurityContext
	if level == api.LevelRestricted && own != nil && own.RunAsNonRoot != nil && !*own.RunAsNonRoot {
		if hasCertificates(d) {
			steps = append(steps, "take SSL_CERT_DIR out of daprd's environment, since with it the injector sets runAsNonRoot to false")
		} else {
			steps = append(steps, "set the Helm value dapr_sidecar_injector.sidecarRunAsNonRoot=true")
		}
	}
	if level == api.LevelRestricted && (own == nil || own.Capabilities == nil) {
		steps = append(steps, "set the Helm value dapr_sidecar_injector.sidecarDropALLCapabilities=true")
	}
	if len(steps) == 0 {
		return "set daprd's securityContext by the Helm values dapr_sidecar_injector.sidecar* as the profile asks"
	}
	return strings.Join(steps, "; ")
}
