// Copyright The kubectl-dapr-prod Authors.
// SPDX-License-Identifier: Apache-2.0

package dapr

import "strings"

// chartKeys are the keys at the top of the values of Dapr's chart: global, and one for
// each subchart.
var chartKeys = map[string]bool{
	"global": true, "dapr_operator": true, "dapr_sentry": true, "dapr_sidecar_injector": true,
	"dapr_placement": true, "dapr_scheduler": true, "dapr_rbac": true, "dapr_config": true,
}

// IsChartValues tells whether a tree, as JSON has it, is values of Dapr's chart: a
// subchart of it has some, or there is nothing but global, with what few other charts
// have. An object of Kubernetes is none.
func IsChartValues(tree map[string]any) bool {
	if tree["apiVersion"] != nil || tree["kind"] != nil {
		return false
	}
	others, subcharts := 0, 0
	for key, value := range tree {
		_, isMap := value.(map[string]any)
		switch {
		case strings.HasPrefix(key, "dapr_") && chartKeys[key] && (isMap || value == nil):
			subcharts++
		case !chartKeys[key]:
			others++
		}
	}
	if subcharts > 0 {
		return true
	}
	global, _ := tree["global"].(map[string]any)
	for _, key := range []string{"ha", "mtls", "daprControlPlaneOs", "daprControlPlaneArch"} {
		if _, stands := global[key]; stands && others == 0 {
			return true
		}
	}
	return false
}
