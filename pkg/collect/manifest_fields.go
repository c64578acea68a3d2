// Copyright The kubectl-dapr-prod Authors.
// SPDX-License-Identifier: Apache-2.0

package collect

import "github.com/dapr-prod/kubectl-dapr-prod/pkg/manifest"

// The fields that findings point at.
var (
	containerFields = manifest.Fields{"[]": {"*": nil}}
	metadataFields  = manifest.Fields{"name": nil, "annotations": {"[]": nil}, "labels": {"[]": nil}}
	podFields       = manifest.Fields{"containers": containerFields, "initContainers": containerFields}
	templateFields  = manifest.Fields{"metadata": metadataFields, "spec": podFields}
	// pairFields are those of Dapr's names with values.
	pairFields   = manifest.Fields{"[]": {"*": nil}}
	mcpFields    = manifest.Fields{"url": nil, "headers": pairFields, "auth": {"oauth2": {"secretKeyRef": nil}}}
	objectFields = manifest.Fields{
		"metadata": metadataFields,
		"scopes":   {"[]": nil},
		"spec": {
			"metadata":  pairFields,
			"headers":   pairFields,
			"baseUrl":   nil,
			"clientTLS": {"privateKey": {"value": nil}},
			"endpoint":  {"streamableHTTP": mcpFields, "sse": mcpFields, "stdio": {"env": pairFields}},
			"tracing": {
				"samplingRate": nil,
				"stdout":       nil,
				"otel":         {"endpointAddress": nil, "headers": pairFields},
				"zipkin":       {"endpointAddress": nil},
			},
			"metrics":        {"enabled": nil},
			"metric":         {"enabled": nil},
			"accessControl":  {"defaultAction": nil, "trustDomain": nil},
			"secrets":        {"scopes": nil},
			"replicas":       nil,
			"template":       templateFields,
			"jobTemplate":    {"spec": {"template": templateFields}},
			"mtls":           {"enabled": nil},
			"containers":     containerFields,
			"initContainers": containerFields,
		},
		"webhooks": {"[]": {"*": nil}},
	}
)
