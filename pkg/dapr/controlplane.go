// Copyright The kubectl-dapr-prod Authors.
// SPDX-License-Identifier: Apache-2.0

package dapr

import "strings"

// Names that the chart fixes (charts/dapr, all releases covered). The workload's
// name is also the value of its label "app" and the name of its container.
const (
	Operator  = "dapr-operator"
	Sentry    = "dapr-sentry"
	Injector  = "dapr-sidecar-injector"
	Placement = "dapr-placement-server"
	Scheduler = "dapr-scheduler-server"

	// ControlPlaneLabel is the label whose value is one of the names above.
	ControlPlaneLabel = "app"
	// ControlPlaneAnnotation marks the control plane's Pod templates.
	ControlPlaneAnnotation = "dapr.io/control-plane"
	// SystemConfiguration is the Configuration, in the control plane's namespace,
	// that holds the mTLS settings.
	SystemConfiguration = "daprsystem"
	// InjectorWebhook is the name of the webhook in the injector's
	// MutatingWebhookConfiguration.
	InjectorWebhook = "sidecar-injector.dapr.io"
	// SidecarContainer is the name of the container that the injector adds.
	SidecarContainer = "daprd"
	// TrustBundle is the name of the ConfigMap and of the Secret that hold the
	// control plane's certificates.
	TrustBundle = "dapr-trust-bundle"
	// Dashboard is the Deployment of the dashboard's own chart.
	Dashboard = "dapr-dashboard"
	// SecretReaderBinding is the RoleBinding by which the chart lets the default
	// ServiceAccount of a namespace read all its Secrets.
	SecretReaderBinding = "dapr-secret-reader"
	// SecretReaderRole is the Role that it binds.
	SecretReaderRole = "secret-reader"
	// ControlPlaneNamespaceEnv is the variable of the sidecar that names the
	// namespace of the control plane that injected it.
	ControlPlaneNamespaceEnv = "DAPR_CONTROLPLANE_NAMESPACE"
)

// ControlPlaneWorkloads are the workloads of a control plane, in the order in
// which reports name them. Scheduler came with 1.14.
func ControlPlaneWorkloads() []string {
	return []string{Operator, Sentry, Injector, Placement, Scheduler}
}

// Definitions are the names of Dapr's CustomResourceDefinitions. Two came with 1.18.
func Definitions() []string {
	return []string{
		"components.dapr.io",
		"configurations.dapr.io",
		"httpendpoints.dapr.io",
		"mcpservers.dapr.io",
		"resiliencies.dapr.io",
		"subscriptions.dapr.io",
		"workflowaccesspolicies.dapr.io",
	}
}

// IsDashboardImage tells whether an image is the dashboard's, from Docker Hub, from
// GitHub's registry or from a mirror that keeps the last two parts of its name.
func IsDashboardImage(image string) bool {
	name, _, _ := strings.Cut(image, "@")
	if colon := strings.LastIndex(name, ":"); colon > strings.LastIndex(name, "/") {
		name = name[:colon]
	}
	return name == "daprio/dashboard" || strings.HasSuffix(name, "/daprio/dashboard") || strings.HasSuffix(name, "/dapr/dashboard")
}

// PlacementLogInMemory is the value of Dapr's chart that keeps placement's log in memory
// where there are several of it (charts/dapr_placement). Without it they want volume
// claims, which a StatefulSet gets only when it is made.
const PlacementLogInMemory = "dapr_placement.cluster.forceInMemoryLog"
