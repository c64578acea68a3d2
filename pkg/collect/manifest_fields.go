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
	objectFields    = manifest.Fields{
		"metadata": metadataFields,
		"spec": {
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
