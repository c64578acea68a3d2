// Copyright The kubectl-dapr-prod Authors.
// SPDX-License-Identifier: Apache-2.0

package catalogue

import (
	"slices"
	"strconv"
	"strings"

	corev1 "k8s.io/api/core/v1"
	"k8s.io/apimachinery/pkg/api/resource"

	"github.com/dapr-prod/kubectl-dapr-prod/pkg/dapr"
	"github.com/dapr-prod/kubectl-dapr-prod/pkg/guideline"
	"github.com/dapr-prod/kubectl-dapr-prod/pkg/quantity"
	"github.com/dapr-prod/kubectl-dapr-prod/pkg/snapshot"
)

// schedulerData is the chart's name of the scheduler's volume and of its claims.
const schedulerData = "dapr-scheduler-data-dir"

// storageSizeValue is the Helm value that sizes them.
const storageSizeValue = "dapr_scheduler.cluster.storageSize"

// The sizes of the charts; the larger is what the chart's notes call enough.
var (
	smallStorage  = quantity.Constant("1Gi")
	enoughStorage = quantity.Constant("16Gi")
)

// judgeRoom judges where the scheduler keeps its data, and how large that is.
func judgeRoom(install *guideline.Install, w *snapshot.ControlPlaneWorkload) guideline.Result {
	if w.Container == nil {
		return guideline.Unknown("no container %s", w.Name)
	}
	if embedded, err := strconv.ParseBool(dapr.Flag(w.Container, "etcd-embed", "true")); err == nil && !embedded {
		return guideline.Pass("an external etcd keeps the data: --etcd-embed=false")
	}
	template, claimed := claimTemplate(w)
	claims := schedulerClaims(install, w)
	size, from := template, "spec.volumeClaimTemplates"
	if len(claims) > 0 {
		size, from = slices.MinFunc(claims, func(a, b resource.Quantity) int { return a.Cmp(b) }), "the smallest claim"
	}
	quota, limited := spaceQuota(w)
	switch gap := install.Gap(snapshot.VolumeClaims); {
	case !claimed && inMemory(w):
		return guideline.Fail("the data is kept in memory: jobs, reminders and timers are gone with the Pods").As(guideline.Error).At("spec.volumeClaimTemplates").
			Do("install with the Helm value dapr_scheduler.cluster.inMemoryStorage=false: a live StatefulSet takes no claims, so that it must be deleted first")
	case !claimed:
		return guideline.Unknown("neither a claim nor a volume %s: where the data is kept is not known", schedulerData)
	case len(claims) == 0 && install.Snapshot.Live && gap != nil:
		return guideline.Hidden(gap)
	case limited && quota.Cmp(enoughStorage) < 0 && quota.Cmp(size) < 0:
		r := guideline.Fail("%s: %s, of which --etcd-space-quota lets etcd use %s", from, size.String(), quota.String()).Do("%s", quotaRemedy(size))
		if quota.Cmp(smallStorage) > 0 {
			return r.As(guideline.Info)
		}
		return r
	case size.Cmp(enoughStorage) >= 0:
		return guideline.Pass("%s: %s", from, size.String())
	}
	r := guideline.Fail("%s: %s, where newer charts have %s", from, size.String(), enoughStorage.String())
	if size.Cmp(smallStorage) > 0 {
		r = guideline.Fail("%s: %s, less than the %s of newer charts", from, size.String(), enoughStorage.String()).As(guideline.Info)
	}
	if limited && quota.Cmp(enoughStorage) < 0 {
		return r.Do("%s", quotaRemedy(size))
	}
	return r
}

// spaceQuota is how large etcd lets its data become, where that is limited: by the
// charts of 1.14, which later ones do not (values.yaml of dapr_scheduler).
func spaceQuota(w *snapshot.ControlPlaneWorkload) (quota resource.Quantity, limited bool) {
	quota, err := quantity.Parse(dapr.Flag(w.Container, "etcd-space-quota", ""))
	// 1.14.0 has it in bytes.
	return *resource.NewQuantity(quota.Value(), resource.BinarySI), err == nil
}

// quotaRemedy says how etcd gets room where its quota is too small, whatever the volume is.
func quotaRemedy(size resource.Quantity) string {
	const do = "set the Helm value dapr_scheduler.etcdSpaceQuota=17179869184, which is 16Gi, or upgrade Dapr to 1.15 or later, which leaves etcd the whole volume"
	if size.Cmp(enoughStorage) >= 0 {
		return do
	}
	return "expand each claim to 16Gi with kubectl patch, if its StorageClass allows volume expansion, and " + do
}

// claimTemplate is the size that the StatefulSet asks for.
func claimTemplate(w *snapshot.ControlPlaneWorkload) (size resource.Quantity, found bool) {
	for i := range w.Claims {
		if w.Claims[i].Name == schedulerData {
			return w.Claims[i].Spec.Resources.Requests[corev1.ResourceStorage], true
		}
	}
	return size, false
}

func inMemory(w *snapshot.ControlPlaneWorkload) bool {
	return w.Template != nil && slices.ContainsFunc(w.Template.Spec.Volumes, func(v corev1.Volume) bool {
		return v.Name == schedulerData && v.EmptyDir != nil
	})
}

// ordinal is the number of the Pod that a claim is for; false for claims of Pods
// that are no longer wanted, and for others' claims.
func ordinal(w *snapshot.ControlPlaneWorkload, claim snapshot.Object) bool {
	text, is := strings.CutPrefix(claim.Name, schedulerData+"-"+w.Object.Name+"-")
	n, err := strconv.ParseInt(text, 10, 32)
	return is && err == nil && n >= 0 && n < int64(w.Desired)
}

// schedulerClaims are the sizes of the claims that are there: what they have or,
// while they have nothing, what they ask for.
func schedulerClaims(install *guideline.Install, w *snapshot.ControlPlaneWorkload) []resource.Quantity {
	var all []resource.Quantity
	for _, c := range install.Snapshot.VolumeClaimsOf(install.Namespace) {
		size, set := c.Capacity[corev1.ResourceStorage]
		if !set {
			size, set = c.Requested[corev1.ResourceStorage]
		}
		if set && ordinal(w, c.Object) {
			all = append(all, size)
		}
	}
	return all
}

// judgeBinding judges the claims that no volume stands behind.
func judgeBinding(install *guideline.Install, w *snapshot.ControlPlaneWorkload) []guideline.Result {
	if _, claimed := claimTemplate(w); !claimed || !install.Snapshot.Live || install.Gap(snapshot.VolumeClaims) != nil {
		return nil
	}
	var results []guideline.Result
	there := int32(0)
	for _, c := range install.Snapshot.VolumeClaimsOf(install.Namespace) {
		if !ordinal(w, c.Object) {
			continue
		}
		there++
		if !c.Bound {
			results = append(results, guideline.Fail("the claim is not bound: its Pod cannot start").As(guideline.Error).At("status.phase").
				Do("see kubectl describe %s", target(c.Object)).On(c.Object, c.Source))
		}
	}
	if there < w.Desired {
		results = append(results, guideline.Fail("%d of %d claims are there: the other Pods cannot start", there, w.Desired).As(guideline.Error).
			Do("see kubectl describe %s", target(w.Object)).On(w.Object, w.Source))
	}
	return results
}
