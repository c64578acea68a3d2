// Copyright The kubectl-dapr-prod Authors.
// SPDX-License-Identifier: Apache-2.0

package sidecar

import (
	"slices"
	"strings"

	"github.com/dapr/dapr/pkg/injector/annotations"
	injectorconsts "github.com/dapr/dapr/pkg/injector/consts"
	"github.com/dapr/dapr/pkg/injector/patcher"
	corev1 "k8s.io/api/core/v1"
	"k8s.io/apimachinery/pkg/util/intstr"

	"github.com/dapr-prod/kubectl-dapr-prod/pkg/dapr"
)

// This file is the table of differences between the injectors of older releases
// and the one whose code is simulated (dapr.NewestVersion). Which Pods are
// injected at all is dapr.Enabled; which annotations exist is dapr.AnnotationSince.
// It is held against the injectors of those releases themselves: hack/injectors.

// notAQuantity stands for each value that is none, whatever it is: there are some
// that would hold the injector's parser up.
const notAQuantity = "none"

// annotations returns the annotations that an injector of this release reads.
func (in Injector) annotations(all map[string]string) map[string]string {
	read := make(map[string]string, len(all))
	for key, value := range all {
		if _, reads := dapr.AnnotationSince(key, in.Version); !reads {
			continue
		}
		// Before 1.15 an empty value was no value (pkg/injector/patcher/sidecar.go).
		if value == "" && !in.Version.AtLeast(1, 15, 0) {
			continue
		}
		read[key] = value
	}
	// The injector would test for "true" again, in its own, wider way.
	read[annotations.KeyEnabled] = "true"
	for _, key := range BadQuantities(read) {
		read[key] = notAQuantity
	}
	for _, key := range []string{annotations.KeyEnv, annotations.KeyEnvFromSecret} {
		if env, ok := read[key]; ok && in.dropsEnvWithEqualsSign() {
			read[key] = withoutEqualsSignInValue(env)
		}
	}
	if !in.schedulerIsArgument() {
		delete(read, annotations.KeySchedulerHostAddresses)
	}
	return read
}

// schedulerIsArgument: before 1.17 the sidecar got the scheduler's address as a
// variable that lists its replicas, of which no template tells (unjudgedEnv).
func (in Injector) schedulerIsArgument() bool { return in.Version.AtLeast(1, 17, 0) }

// overlooksNative: before 1.18 the injector looked for daprd only among the
// containers, and added one to a Pod that had it among its init containers
// (pkg/injector/patcher/sidecar_patcher.go, podContainsSidecarContainer).
func (in Injector) overlooksNative() bool { return !in.Version.AtLeast(1, 18, 0) }

// defaults takes back what older releases lack, and sets the probes' defaults of
// releases before 1.18.
func (in Injector) defaults(c *patcher.SidecarConfig) {
	if !in.schedulerIsArgument() {
		c.SchedulerEnabled = false
	}
	// Before 1.14.3 the injector had no setting for them.
	if !in.Version.AtLeast(1, 14, 3) {
		c.RunAsUser, c.RunAsGroup = nil, nil
	}
	if in.Version.AtLeast(1, 18, 0) {
		return
	}
	c.SidecarLivenessProbeDelaySeconds = 3
	c.SidecarLivenessProbeTimeoutSeconds = 3
	c.SidecarLivenessProbePeriodSeconds = 6
	c.SidecarLivenessProbeThreshold = 3
	c.SidecarReadinessProbeDelaySeconds = 3
	c.SidecarReadinessProbeTimeoutSeconds = 3
	c.SidecarReadinessProbePeriodSeconds = 6
	c.SidecarReadinessProbeThreshold = 3
}

// correct changes a container that the newest injector made into what this
// release makes: before 1.15.2 the liveness probe asked over HTTP.
func (in Injector) correct(c *corev1.Container) {
	if in.Version.AtLeast(1, 15, 2) || c.LivenessProbe == nil || c.LivenessProbe.TCPSocket == nil {
		return
	}
	c.LivenessProbe.ProbeHandler = corev1.ProbeHandler{HTTPGet: &corev1.HTTPGetAction{
		Path: "/" + injectorconsts.APIVersionV1 + "/" + injectorconsts.SidecarHealthzPath,
		Port: intstr.FromInt32(c.LivenessProbe.TCPSocket.Port.IntVal),
	}}
}

// dropsEnvWithEqualsSign: up to 1.15 and in 1.16.0 and 1.16.1, a pair of
// dapr.io/env or dapr.io/env-from-secret whose value holds "=" was dropped
// without a word.
func (in Injector) dropsEnvWithEqualsSign() bool { return !in.Version.AtLeast(1, 16, 2) }

// withoutEqualsSignInValue leaves out the pairs that such a release drops.
func withoutEqualsSignInValue(env string) string {
	kept := slices.DeleteFunc(dapr.SplitEnv(env), func(pair string) bool {
		return strings.Count(pair, "=") > 1
	})
	return strings.Join(kept, ",")
}
