// Copyright The kubectl-dapr-prod Authors.
// SPDX-License-Identifier: Apache-2.0

package sidecar

import (
	"slices"

	corev1 "k8s.io/api/core/v1"
	"k8s.io/apimachinery/pkg/api/equality"
	"k8s.io/apimachinery/pkg/util/validation"

	"github.com/dapr-prod/kubectl-dapr-prod/pkg/dapr"
	"github.com/dapr-prod/kubectl-dapr-prod/pkg/snapshot"
)

// unjudgedEnv are the variables whose values a template does not tell.
var unjudgedEnv = []string{
	// The roots that were current at injection, which are judged on their own.
	"DAPR_TRUST_ANCHORS",
	// Also set for Components that bring a container of their own
	// (dapr.io/inject-pluggable-components).
	"DAPR_COMPONENT_SOCKETS_FOLDER",
	// From 1.14 to 1.16, one address for each of the scheduler's replicas when the
	// injector started.
	"DAPR_SCHEDULER_HOST_ADDRESS",
	"DAPR_SCHEDULER_HOST_ADDRESS_DNS_A",
	// On 1.16, a setting of the injector for one upgrade.
	"DAPR_SKIP_REMINDER_MIGRATION",
	// On 1.13, a certificate for sidecars of 1.11, another for each Pod.
	"DAPR_CERT_CHAIN",
	"DAPR_CERT_KEY",
	"SENTRY_LOCAL_IDENTITY",
}

// Mask stands for what is not printed, since it may be secret.
const Mask = "***"

// ShownEnv is the name of a variable as it may be printed. One that is no C
// identifier may be a piece of a value that dapr.io/env cut at a comma.
func ShownEnv(name string) string {
	if len(validation.IsCIdentifier(name)) > 0 {
		return Mask
	}
	return name
}

// Differences names what differs between the simulated sidecar and an observed
// one, over what guidelines judge: image, resources, environment, security
// context, mTLS, native or not, built-in secret store. Values are left out,
// since they may be secret.
func Differences(simulated *corev1.Container, native bool, o *snapshot.Sidecar) []string {
	var fields []string
	differ := func(field string, same bool) {
		if !same {
			fields = append(fields, field)
		}
	}
	seen := &o.Container
	differ("image", simulated.Image == seen.Image)
	differ("resources", equality.Semantic.DeepEqual(simulated.Resources, seen.Resources))
	differ("securityContext", equality.Semantic.DeepEqual(simulated.SecurityContext, seen.SecurityContext))
	differ("native sidecar", native == o.Native)
	differ("mTLS", dapr.Flag(simulated, "enable-mtls", "false") == dapr.Flag(seen, "enable-mtls", "false"))
	store := "disable-builtin-k8s-secret-store"
	differ(store, dapr.Flag(simulated, store, "false") == dapr.Flag(seen, store, "false"))
	names := differingEnv(simulated.Env, seen.Env)
	for i, name := range names {
		names[i] = ShownEnv(name)
	}
	slices.Sort(names)
	for _, name := range slices.Compact(names) {
		fields = append(fields, "env "+name)
	}
	return fields
}

// differingEnv are the names of variables that only one of two containers has,
// or that they set differently.
func differingEnv(a, b []corev1.EnvVar) []string {
	var names []string
	missing := func(from, in []corev1.EnvVar) {
		for _, v := range from {
			if slices.Contains(unjudgedEnv, v.Name) || slices.Contains(names, v.Name) {
				continue
			}
			same := func(w corev1.EnvVar) bool { return sameEnv(v, w) }
			if !slices.ContainsFunc(in, same) {
				names = append(names, v.Name)
			}
		}
	}
	missing(a, b)
	missing(b, a)
	return names
}

// sameEnv compares two variables; the server fills in the API version of a
// field reference.
func sameEnv(v, w corev1.EnvVar) bool {
	if v.Name != w.Name || v.Value != w.Value || (v.ValueFrom == nil) != (w.ValueFrom == nil) {
		return false
	}
	if v.ValueFrom == nil {
		return true
	}
	if f, g := v.ValueFrom.FieldRef, w.ValueFrom.FieldRef; f != nil && g != nil {
		return f.FieldPath == g.FieldPath
	}
	return equality.Semantic.DeepEqual(v.ValueFrom, w.ValueFrom)
}
