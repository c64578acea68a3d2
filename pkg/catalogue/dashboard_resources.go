// Copyright The kubectl-dapr-prod Authors.
// SPDX-License-Identifier: Apache-2.0

package catalogue

import (
	"strings"

	corev1 "k8s.io/api/core/v1"
	"k8s.io/apimachinery/pkg/api/resource"

	"github.com/dapr-prod/kubectl-dapr-prod/pkg/guideline"
	"github.com/dapr-prod/kubectl-dapr-prod/pkg/snapshot"
)

// The older edition's numbers to start with.
var (
	dashboardRequests = requests("50m", "20Mi")
	dashboardLimits   = requests("200m", "200Mi")
)

func judgeDashboardResources(d *snapshot.Dashboard) guideline.Result {
	if d.Container == nil {
		return guideline.Unknown("its container was not read")
	}
	c := container{Container: d.Container}
	var missing, low []string
	for _, name := range []corev1.ResourceName{corev1.ResourceCPU, corev1.ResourceMemory} {
		request, hasRequest := c.request(name)
		limit, hasLimit := c.limit(name)
		for _, q := range []struct {
			what   string
			has    resource.Quantity
			set    bool
			wanted resource.Quantity
		}{
			{"request", request, hasRequest, dashboardRequests[name]},
			{"limit", limit, hasLimit, dashboardLimits[name]},
		} {
			what := strings.Replace(string(name), "cpu", "CPU", 1) + " " + q.what
			switch {
			case !q.set:
				missing = append(missing, "no "+what)
			case q.has.Cmp(q.wanted) < 0:
				low = append(low, what+" "+q.has.String()+", the page starts with "+q.wanted.String())
			}
		}
	}
	const set = "set resources in the values of the dashboard's own chart, or uninstall it"
	switch {
	case len(missing) > 0:
		return guideline.Fail("%s", strings.Join(missing, ", ")).Do(set)
	case len(low) > 0:
		return guideline.Fail("%s", strings.Join(low, "; ")).As(guideline.Info).Do("keep it if it was measured, or raise it")
	default:
		return guideline.Pass("CPU and memory have requests and limits")
	}
}
