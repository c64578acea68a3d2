// Copyright The kubectl-dapr-prod Authors.
// SPDX-License-Identifier: Apache-2.0

package catalogue

import (
	"github.com/dapr-prod/kubectl-dapr-prod/pkg/guideline"
	"github.com/dapr-prod/kubectl-dapr-prod/pkg/snapshot"
)

const metricsValue = "global.prometheus.enabled"

// metricsValues switch the control plane's metrics on, which the chart has on: so
// somebody switched them off.
func metricsValues(install *guideline.Install) guideline.Values {
	if install.New {
		return ifWritten(install, guideline.Value{Path: metricsValue, Value: true})
	}
	short := fallen(install, func(install *guideline.Install, w *snapshot.ControlPlaneWorkload) guideline.Result {
		if w.Container != nil && !withoutMetrics(w.Container) && w.Template.Annotations["prometheus.io/scrape"] == "true" {
			return guideline.Pass("the template has them on")
		}
		return judgeServiceMetrics(install, w)
	})
	if len(short) == 0 {
		return guideline.Values{}
	}
	return guideline.Set(guideline.Value{Path: metricsValue, Value: true}).Closing(these(short)).
		Only("somebody switched them off, since the chart has them on")
}
