// Copyright The kubectl-dapr-prod Authors.
// SPDX-License-Identifier: Apache-2.0

package snapshot

import "slices"

// Resource kinds of dapr.io other than Configuration, which apps name themselves.
const (
	KindComponent            = "Component"
	KindHTTPEndpoint         = "HTTPEndpoint"
	KindMCPServer            = "MCPServer"
	KindSubscription         = "Subscription"
	KindResiliency           = "Resiliency"
	KindWorkflowAccessPolicy = "WorkflowAccessPolicy"
)

// DaprObject is an object of dapr.io that sidecars load by themselves: Object.Kind
// is one of the kinds above.
type DaprObject struct {
	Object      Object
	Source      Source
	Annotations Annotations
	// Type and Version are a Component's, as they are written.
	Type, Version string
	// IgnoreErrors tells that a sidecar starts even if this one fails.
	IgnoreErrors bool
	// Scopes are the app IDs that load it; empty means every app of the namespace.
	Scopes []string
	// SecretStore is auth.secretStore; empty means Kubernetes.
	SecretStore string
	// Settings are a Component's metadata, an endpoint's headers, variables and keys.
	Settings []Setting
	// LastApplied are the settings in the copy that kubectl apply keeps in the
	// annotation kubectl.kubernetes.io/last-applied-configuration.
	LastApplied []Setting
}

// Setting is one name with a value, or with a reference to one.
type Setting struct {
	Name string
	// Field is the place of the value in the object.
	Field string
	Part  SettingPart
	Value Concealed
	// SecretName and SecretKey are secretKeyRef; empty without one.
	SecretName, SecretKey string
	// Env is envRef: the name of a variable of daprd.
	Env string
}

// SettingPart is what a Setting is in its object.
type SettingPart string

// The parts.
const (
	Metadata SettingPart = "metadata"
	Header   SettingPart = "header"
	Variable SettingPart = "variable"
	// Key is a private key.
	Key SettingPart = "key"
	// Address is a URL.
	Address SettingPart = "address"
)

// Reaches tells whether a sidecar of that app ID loads the object, if it is in its namespace.
func (o *DaprObject) Reaches(appID string) bool {
	return len(o.Scopes) == 0 || slices.Contains(o.Scopes, appID)
}

// DaprObjectsOf returns the objects of some kinds in a namespace; of all kinds
// where none is named.
func (s *Snapshot) DaprObjectsOf(namespace string, kinds ...string) []DaprObject {
	var found []DaprObject
	for _, o := range s.DaprObjects {
		if o.Object.Namespace == namespace && (len(kinds) == 0 || slices.Contains(kinds, o.Object.Kind)) {
			found = append(found, o)
		}
	}
	return found
}
