// Copyright The kubectl-dapr-prod Authors.
// SPDX-License-Identifier: Apache-2.0

package catalogue

import (
	"github.com/dapr-prod/kubectl-dapr-prod/pkg/dapr"
	"github.com/dapr-prod/kubectl-dapr-prod/pkg/guideline"
	"github.com/dapr-prod/kubectl-dapr-prod/pkg/snapshot"
)

const mtlsValue = "global.mtls.enabled"

// mendMTLS makes Pods anew that were made before mTLS was switched on; what makes new
// Pods so is a value of the chart.
func mendMTLS(app *guideline.App) guideline.Remedy {
	next, now := fallsShort(app, func(d daprd) guideline.Result { return judgeMTLS(d.container) })
	if next != guideline.Passed || !now {
		return guideline.Remedy{}
	}
	r := renewal(app)
	if r.Restart {
		r = r.Risking("calls fail between Pods with and without mTLS, until all apps have restarted")
	}
	return r
}

// mtlsValues switch mTLS on for those who ask: every app has to restart for it.
func mtlsValues(install *guideline.Install) guideline.Values {
	if install.New {
		return ifWritten(install, guideline.Value{Path: mtlsValue, Value: true})
	}
	if judgeSystemConfiguration(install)[0].Outcome != guideline.Failed {
		return guideline.Values{}
	}
	v := guideline.Set(guideline.Value{Path: mtlsValue, Value: true})
	apps := map[snapshot.Object]bool{}
	for _, app := range install.Apps {
		apps[app.Object] = app.Sidecar.Simulated != nil
		if len(app.Sidecar.Observed) > 0 {
			v.Restart = append(v.Restart, app.Object)
		}
	}
	return v.Only("until all apps have restarted, those with and those without mTLS cannot call each other").
		Risking("calls fail between Pods with and without mTLS, until all apps have restarted").
		Closing(func(o snapshot.Object, _ guideline.Result) bool {
			return o.Kind == "Configuration" && o.Namespace == install.Namespace && o.Name == dapr.SystemConfiguration || apps[o]
		})
}
