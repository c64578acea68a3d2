// Copyright The kubectl-dapr-prod Authors.
// SPDX-License-Identifier: Apache-2.0

package report

import (
	"net/netip"
	"regexp"
	"slices"

	corev1 "k8s.io/api/core/v1"

	"github.com/dapr-prod/kubectl-dapr-prod/pkg/sidecar"
)

// Mask stands for a value that is not printed.
const Mask = sidecar.Mask

// envKeys holds the names of the variables that dapr.io/env sets.
const envKeys = "DAPR_ENV_KEYS"

// harmless are the variables whose values may be printed, with what such a value
// looks like: one that does not look so may be a secret under the wrong name.
var harmless = map[string]func(string) bool{
	"NAMESPACE":                      looksLike(`[a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?`),
	"POD_NAME":                       looksLike(`[a-z0-9]([a-z0-9.-]{0,251}[a-z0-9])?`),
	"DAPR_CONTROLPLANE_NAMESPACE":    looksLike(`[a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?`),
	"DAPR_CONTROLPLANE_TRUST_DOMAIN": looksLike(`[a-z0-9]([a-z0-9._-]{0,251}[a-z0-9])?`),
	envKeys:                          looksLike(`[A-Za-z_][A-Za-z0-9_]*( [A-Za-z_][A-Za-z0-9_]*)*`),
	"DAPR_HOST_IP":                   isIP,
	"DAPR_COMPONENT_SOCKETS_FOLDER":  looksLike(`/[A-Za-z0-9._/-]*`),
	"GODEBUG":                        looksLike(`[a-z0-9]+=[a-z0-9.]{1,16}(,[a-z0-9]+=[a-z0-9.]{1,16})*`),
	"GOGC":                           looksLike(`off|[0-9]{1,9}`),
	"GOMAXPROCS":                     looksLike(`[0-9]{1,9}`),
	"GOMEMLIMIT":                     looksLike(`off|[0-9]{1,19}(\.[0-9]{1,9})?[A-Za-z]{0,4}`),
	"SSL_CERT_DIR":                   looksLike(`/[A-Za-z0-9._/-]*(:/[A-Za-z0-9._/-]*)*`),
}

func looksLike(pattern string) func(string) bool {
	return regexp.MustCompile(`^(?:` + pattern + `)$`).MatchString
}

func isIP(value string) bool {
	address, err := netip.ParseAddr(value)
	// A zone could be any text.
	return err == nil && address.Zone() == ""
}

// Redacted is a copy of c without any value that might be secret: those of
// environment variables not known to be harmless, names of variables that are no
// C identifiers, and the values of the headers that probes and hooks send.
// References to a Secret stay, and so do arguments. What is the same in both is shared.
func Redacted(c *corev1.Container) *corev1.Container {
	if c == nil {
		return nil
	}
	c = private(c)
	times := map[string]int{}
	hidden := false
	for i := range c.Env {
		v := &c.Env[i]
		name := sidecar.ShownEnv(v.Name)
		hidden = hidden || name == Mask
		v.Name = name
		times[v.Name]++
	}
	for i := range c.Env {
		v := &c.Env[i]
		fits := harmless[v.Name]
		// One of two values under one name is not the variable's; nothing tells
		// what it is.
		odd := fits == nil || times[v.Name] > 1 || !fits(v.Value) || v.Name == envKeys && hidden
		if v.Value != "" && odd {
			v.Value = Mask
		}
	}
	for _, get := range requests(c) {
		for i := range get.HTTPHeaders {
			get.HTTPHeaders[i].Value = Mask
		}
	}
	return c
}

// private is a copy of c of which that may be changed which is hidden.
func private(c *corev1.Container) *corev1.Container {
	if slices.ContainsFunc(requests(c), func(get *corev1.HTTPGetAction) bool { return len(get.HTTPHeaders) > 0 }) {
		return c.DeepCopy()
	}
	kept := *c
	kept.Env = slices.Clone(c.Env)
	return &kept
}

// requests are the HTTP requests that the kubelet makes to a container.
func requests(c *corev1.Container) []*corev1.HTTPGetAction {
	var found []*corev1.HTTPGetAction
	for _, probe := range []*corev1.Probe{c.LivenessProbe, c.ReadinessProbe, c.StartupProbe} {
		if probe != nil && probe.HTTPGet != nil {
			found = append(found, probe.HTTPGet)
		}
	}
	if c.Lifecycle == nil {
		return found
	}
	for _, hook := range []*corev1.LifecycleHandler{c.Lifecycle.PostStart, c.Lifecycle.PreStop} {
		if hook != nil && hook.HTTPGet != nil {
			found = append(found, hook.HTTPGet)
		}
	}
	return found
}
