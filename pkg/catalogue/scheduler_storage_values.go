// Copyright The kubectl-dapr-prod Authors.
// SPDX-License-Identifier: Apache-2.0

package catalogue

import (
	"github.com/dapr-prod/kubectl-dapr-prod/pkg/dapr"
	"github.com/dapr-prod/kubectl-dapr-prod/pkg/guideline"
	"github.com/dapr-prod/kubectl-dapr-prod/pkg/snapshot"
)

// enoughSpace is 16Gi in bytes, as text: Helm would write the number with an exponent,
// and 1.14.0 reads no suffix.
const (
	spaceQuotaValue = "dapr_scheduler.etcdSpaceQuota"
	enoughSpace     = "17179869184"
)

// storageValues pin the size that stands, so that no upgrade asks for another, and let
// etcd use the volume that it has. Larger claims are for a person.
func storageValues(install *guideline.Install) guideline.Values {
	if install.New {
		return newStorageValues(install)
	}
	w := install.Workload(dapr.Scheduler)
	if w == nil || w.Container == nil || w.Desired == 0 {
		return guideline.Values{}
	}
	var v guideline.Values
	var closed []shortfall
	next, said := judgeNextClaims(install, w)
	if said && next.Outcome == guideline.Failed && w.Keeper().Helm() {
		size, _ := claimTemplate(w)
		v.Set = append(v.Set, guideline.Value{Path: storageSizeValue, Value: size.String(), Note: "the size that stands"})
		closed = append(closed, shortfall{w, next.At("spec.volumeClaimTemplates")})
	}
	room := judgeRoom(install, w)
	quota, limited := spaceQuota(w)
	if room.Outcome == guideline.Failed && limited && quota.Cmp(enoughStorage) < 0 && roomy(install, w) {
		v.Set = append(v.Set, guideline.Value{Path: spaceQuotaValue, Value: enoughSpace, Note: "16Gi in bytes"})
		closed = append(closed, shortfall{w, room})
	}
	if len(closed) == 0 {
		return guideline.Values{}
	}
	return v.Closing(these(closed))
}

// roomy tells whether each claim that stands has 16Gi.
func roomy(install *guideline.Install, w *snapshot.ControlPlaneWorkload) bool {
	for _, size := range schedulerClaims(install, w) {
		if size.Cmp(enoughStorage) < 0 {
			return false
		}
	}
	size, claimed := claimTemplate(w)
	return claimed && (len(schedulerClaims(install, w)) > 0 || size.Cmp(enoughStorage) >= 0)
}

// newStorageValues ask for what newer charts ask for by themselves.
func newStorageValues(install *guideline.Install) guideline.Values {
	if older(install, 14, 0) {
		return guideline.Values{}
	}
	v := guideline.Set(guideline.Value{Path: storageSizeValue, Value: enoughStorage.String(), Note: "an upgrade cannot change it", Serves: atLeast(enoughStorage)})
	if older(install, 15, 0) {
		v.Set = append(v.Set, guideline.Value{Path: spaceQuotaValue, Value: enoughSpace, Over: []any{"1Gi"}, Note: "16Gi in bytes"})
	}
	return v
}
