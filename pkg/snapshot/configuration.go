// Copyright The kubectl-dapr-prod Authors.
// SPDX-License-Identifier: Apache-2.0

package snapshot

// Configuration is what guidelines judge of a Dapr Configuration.
type Configuration struct {
	Object      Object
	Source      Source
	Annotations Annotations
	// MTLS is spec.mtls.enabled; nil when it is not set.
	MTLS *bool
	// Metrics is spec.metrics.enabled, Metric the older spec.metric.enabled, which
	// daprd does not look at where the CRD has filled in the other.
	Metrics, Metric *bool
	// Tracing is spec.tracing; nil when it is not set.
	Tracing *Tracing
	// AccessControl is spec.accessControl; nil when it is not set.
	AccessControl *AccessControl
	// SecretScopes is spec.secrets.scopes.
	SecretScopes []SecretScope
	// Settings are the headers and addresses of tracing.
	Settings []Setting
	// LastApplied are the settings in kubectl's copy, see DaprObject.
	LastApplied []Setting
}

// Tracing is where spans go, and how many of them.
type Tracing struct {
	// SamplingRate is the text as it is written; empty when it is not set.
	SamplingRate string
	Stdout       bool
	// OTel and Zipkin are the addresses.
	OTel, Zipkin Concealed
	// OTelProtocol is "grpc" or "http".
	OTelProtocol string
}

// AccessControl is the policy of calls from other apps.
type AccessControl struct {
	DefaultAction, TrustDomain string
	// Policies are the app IDs that have one of their own.
	Policies []AccessPolicy
}

// AccessPolicy is what one calling app may do.
type AccessPolicy struct {
	AppID, DefaultAction, TrustDomain, Namespace string
}

// SecretScope is what apps may read from one secret store.
type SecretScope struct {
	Store, DefaultAccess string
	Allowed, Denied      []string
}
