// Copyright The kubectl-dapr-prod Authors.
// SPDX-License-Identifier: Apache-2.0

// Package catalogue holds the guidelines, one file each. This file is their
// table of contents, in the order of the guidelines page. A guideline is pure:
// it looks at what it is handed and answers.
package catalogue

import "github.com/dapr-prod/kubectl-dapr-prod/pkg/guideline"

// page is Dapr's "Production guidelines on Kubernetes".
const page = "https://docs.dapr.io/operations/hosting/kubernetes/kubernetes-production/"

// arguments is Dapr's overview of annotations.
const arguments = "https://docs.dapr.io/reference/arguments-annotations-overview/"

// The headings under which guidelines stand that the newer edition of the page
// does not have.
const (
	olderEdition = "Only in the older edition"
	notOnThePage = "Not on the page"
)

// All returns every guideline.
func All() []*guideline.Guideline {
	return []*guideline.Guideline{
		// Cluster and capacity requirements
		supportedVersions,
		controlPlaneResources,
		controlPlaneMemoryLimit,
		// Sidecar resource settings
		sidecarResources,
		sidecarQuantities,
		// Setting soft memory limits on Dapr sidecar
		sidecarSoftMemoryLimit,
		daprAnnotations,
		// High availability mode
		controlPlaneHA,
		controlPlaneSpread,
		// Cluster Critical Priority Class Name
		controlPlanePriorityClass,
		priorityClassQuota,
		// Deploy Dapr with Helm
		declaredValues,
		// Upgrade Dapr with Helm
		crdVersions,
		sidecarVersion,
		// Security
		mtls,
		trustAnchors,
		apiToken,
		appToken,
		tokenSecrets,
		componentSecrets,
		dedicatedNamespace,
		componentScopes,
		// Service account tokens
		serviceAccountToken,
		// Tracing and metrics configuration
		tracing,
		metrics,
		// Injector watchdog
		injectorWatchdog,
		sidecarInjected,
		// Configure seccompProfile for sidecar containers
		sidecarSeccomp,
		// Only in the older edition
		workerNodes,
		dashboard,
		// Not on the page
		schedulerStorage,
		placementSettings,
		controlPlanePodSecurity,
		injectorWebhook,
		defaultSecretReader,
		configurationReference,
		sidecarDebug,
		sidecarShutdown,
		accessControl,
		secretScopes,
	}
}
