// Copyright The kubectl-dapr-prod Authors.
// SPDX-License-Identifier: Apache-2.0

package catalogue

import (
	corev1 "k8s.io/api/core/v1"

	"github.com/dapr-prod/kubectl-dapr-prod/pkg/dapr"
	"github.com/dapr-prod/kubectl-dapr-prod/pkg/guideline"
	"github.com/dapr-prod/kubectl-dapr-prod/pkg/snapshot"
)

// placementTimeouts are the chart's own values, by the flags that they are for; that of
// disseminate-timeout from 1.17 on.
var placementTimeouts = []struct{ flag, value, is string }{
	{"keepalive-time", "dapr_placement.keepAliveTime", "2s"},
	{"keepalive-timeout", "dapr_placement.keepAliveTimeout", "3s"},
	{"disseminate-timeout", disseminateTimeout, "8s"},
}

const metadataValue = "dapr_placement.metadataEnabled"

// timeoutOf is what the chart of an install has for a value.
func timeoutOf(install *guideline.Install, value, is string) string {
	if value == disseminateTimeout && older(install, 17, 0) {
		return "2s"
	}
	return is
}

// newPlacementValues are the same for a new install: the chart has them, unless somebody
// has written down others.
func newPlacementValues(install *guideline.Install) guideline.Values {
	v := ifWritten(install, guideline.Value{Path: metadataValue, Value: false})
	for _, t := range placementTimeouts {
		own := guideline.Value{Path: t.value, Value: timeoutOf(install, t.value, t.is), Note: "the chart's own"}
		v.Set = append(v.Set, ifWritten(install, own).Set...)
	}
	return v
}

// placementValues give placement back what the chart has by itself.
func placementValues(install *guideline.Install) guideline.Values {
	if install.New {
		return newPlacementValues(install)
	}
	w := install.Workload(dapr.Placement)
	if w == nil || w.Container == nil || w.Desired == 0 {
		return guideline.Values{}
	}
	var v guideline.Values
	var closed []shortfall
	template := func(judge func(*guideline.Install, *corev1.Container) guideline.Result) (r guideline.Result, failed bool) {
		r = judge(install, w.Container).In(w.Name).At(containerField(w) + ".args")
		return r, r.Outcome == guideline.Failed
	}
	if r, failed := template(judgeMetadata); failed {
		v.Set = append(v.Set, metadataOff(w)...)
		closed = append(closed, shortfall{w, r})
	}
	if r, failed := template(judgeTimeouts); failed {
		for _, t := range placementTimeouts {
			is := timeoutOf(install, t.value, t.is)
			if dapr.Flag(w.Container, t.flag, "") != "" {
				v.Set = append(v.Set, guideline.Value{Path: t.value, Value: is, Note: "the chart's own"})
			}
		}
		closed = append(closed, shortfall{w, r})
	}
	if len(closed) == 0 {
		return guideline.Values{}
	}
	return v.Only("somebody set them").Closing(these(closed)).
		Risking("actors and workflows pause while placement restarts and builds its tables anew")
}

// metadataOff switches the metadata off where it was switched on.
func metadataOff(w *snapshot.ControlPlaneWorkload) []guideline.Value {
	var all []guideline.Value
	if dapr.Switch(w.Container, "metadata-enabled", false) {
		all = append(all, guideline.Value{Path: metadataValue, Value: false})
	}
	for _, e := range w.Container.Env {
		if e.Name == metadataVariable && dapr.Truthy(e.Value) {
			all = append(all, guideline.Value{Path: "dapr_placement.extraEnvVars." + metadataVariable, Value: "false"})
		}
	}
	return all
}
