// Copyright The kubectl-dapr-prod Authors.
// SPDX-License-Identifier: Apache-2.0

package catalogue

import (
	"github.com/dapr-prod/kubectl-dapr-prod/pkg/dapr"
	"github.com/dapr-prod/kubectl-dapr-prod/pkg/guideline"
	"github.com/dapr-prod/kubectl-dapr-prod/pkg/snapshot"
)

// The Helm values behind replicas.
const (
	haValue           = "global.ha.enabled"
	haReplicasValue   = "global.ha.replicaCount"
	topologyKeyValue  = "global.ha.topologyKey"
	placementHAValue  = "dapr_placement.ha"
	replicaCountValue = ".replicaCount"
)

// haValues make three of each service that has fewer.
func haValues(install *guideline.Install) guideline.Values {
	if install.New {
		return newHAValues(install)
	}
	short := fallen(install, func(install *guideline.Install, w *snapshot.ControlPlaneWorkload) guideline.Result {
		r := judgeReplicas(install, w)
		if w.Desired >= replicas {
			return guideline.Pass("not for want of wanted replicas")
		}
		return r
	})
	if len(short) == 0 {
		return guideline.Values{}
	}
	v := threeOfEach(install, short)
	if len(v.Set) > 0 {
		v = v.Risking("three of each request three times as much")
	}
	return v
}

// threeOfEach are the values with which workloads get three replicas: the switch for
// all, but for a scheduler of 1.14, whose etcd does not grow in place.
func threeOfEach(install *guideline.Install, short []shortfall) guideline.Values {
	if install.Workload(dapr.Placement) == nil && install.Gap(snapshot.StatefulSets) != nil {
		return guideline.Values{Person: "whether placement runs with volume claims could not be read, and the upgrade depends on it: " + highAvailability(install)}
	}
	var v guideline.Values
	if schedulerGrows(install) == "" {
		v.Set = append(v.Set, guideline.Value{Path: haValue, Value: true})
		if sets(install, haReplicasValue) {
			v.Set = append(v.Set, guideline.Value{Path: haReplicasValue, Value: int64(replicas)})
		}
	} else {
		v, short = withoutScheduler(short)
		if len(short) == 0 {
			return guideline.Values{}
		}
	}
	if install.Workload(dapr.Placement) != nil {
		if !hasLogOnDisk(install) {
			v.Set = append(v.Set, guideline.Value{Path: dapr.PlacementLogInMemory, Value: true, Note: "or the server refuses new volume claims of the StatefulSet"})
		}
		v = v.Risking("actors and workflows pause while placement restarts and builds its tables anew")
	}
	return v.Closing(these(short)).Risking(restarts)
}

// withoutScheduler are the values for each service but the scheduler, and what they
// close.
func withoutScheduler(short []shortfall) (v guideline.Values, closed []shortfall) {
	for _, s := range short {
		switch s.Name {
		case dapr.Scheduler:
			continue
		case dapr.Placement:
			v.Set = append(v.Set, guideline.Value{Path: placementHAValue, Value: true})
		default:
			v.Set = append(v.Set, guideline.Value{Path: subchart(s.Name) + replicaCountValue, Value: int64(replicas)})
		}
		closed = append(closed, s)
	}
	return v.Risking(haValue + " is left as it is, since before 1.15 it takes the scheduler from one etcd member to three over the data it has; without it the chart makes no PodDisruptionBudgets"), closed
}

// newHAValues switch it on where nothing has to be kept. Before 1.14.5 the chart loses
// the priority class of a placement with volume claims.
func newHAValues(install *guideline.Install) guideline.Values {
	v := guideline.Set(guideline.Value{Path: haValue, Value: true, Over: defaultOff})
	if written(install, haReplicasValue) != nil {
		v.Set = append(v.Set, guideline.Value{Path: haReplicasValue, Value: int64(replicas), Serves: func(is any) bool {
			count, isNumber := is.(float64)
			return isNumber && count >= replicas
		}})
	}
	if older(install, 14, 5) {
		v.Set = append(v.Set, guideline.Value{Path: dapr.PlacementLogInMemory, Value: true, Over: defaultOff, Note: "with volume claims this chart loses the priority class"})
	}
	return v
}
