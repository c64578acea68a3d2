// Copyright The kubectl-dapr-prod Authors.
// SPDX-License-Identifier: Apache-2.0

package catalogue

import (
	"slices"

	"k8s.io/apimachinery/pkg/api/resource"

	"github.com/dapr-prod/kubectl-dapr-prod/pkg/dapr"
	"github.com/dapr-prod/kubectl-dapr-prod/pkg/guideline"
	"github.com/dapr-prod/kubectl-dapr-prod/pkg/snapshot"
)

// chartStorage is the size that the chart of a release asks for.
func chartStorage(v dapr.Version) resource.Quantity {
	if v.AtLeast(1, 17, 7) || v.AtLeast(1, 14, 3) && !v.AtLeast(1, 14, 4) {
		return enoughStorage
	}
	return smallStorage
}

// keepsStorage tells whether the chart of a release, in a helm upgrade, asks for
// the size that stands.
func keepsStorage(v dapr.Version) bool {
	return v.AtLeast(1, 17, 7) || v.AtLeast(1, 16, 16) && !v.AtLeast(1, 17, 0)
}

// judgeNextClaims judges whether an upgrade asks for claims of another size, which
// the API server refuses. It has nothing to say of what is not there yet.
func judgeNextClaims(install *guideline.Install, w *snapshot.ControlPlaneWorkload) (r guideline.Result, said bool) {
	from, to := install.Version, dapr.NewestVersion()
	if install.Rehearsed.Known() {
		from, to = install.Rehearsed, install.Version
	}
	size, claimed := claimTemplate(w)
	next := chartStorage(to)
	if !claimed || !install.Snapshot.Live || !from.Known() || !to.AtLeast(1, 14, 0) {
		return r, false
	}
	if size.Cmp(next) == 0 {
		return guideline.Pass("the chart of Dapr %s asks for the same %s", to, size.String()), install.Rehearsed.Known()
	}
	helm, gap := w.Keeper().Helm(), install.Gap(snapshot.Releases)
	release := install.Release
	refused := guideline.Fail("upgrade hazard: the claims ask for %s and the chart of Dapr %s for %s, which the API server refuses, unless the values set %s",
		size.String(), to, next.String(), storageSizeValue).
		Do("before the upgrade set the Helm value %s=%s, the size that stands", storageSizeValue, size.String())
	switch {
	case helm && keepsStorage(to):
		return guideline.Pass("in a helm upgrade the chart of Dapr %s keeps the %s that stand", to, size.String()), install.Rehearsed.Known()
	case !install.Rehearsed.Known() && next.Cmp(chartStorage(from)) == 0:
		return r, false // the values set the size already, or the present chart would be refused
	case helm && release == nil && gap != nil:
		return guideline.Hidden(gap), true
	case helm && release == nil:
		return guideline.Unknown("Helm has no record of the release, which would tell whether %s is set", storageSizeValue), true
	case helm && slices.Contains(release.Values, storageSizeValue):
		return guideline.Pass("the values of the release set %s", storageSizeValue), true
	case helm:
		return refused, true
	case next.Cmp(chartStorage(from)) == 0:
		return guideline.Unknown("whether %s is set cannot be seen, as %s; the claims ask for %s and the charts for %s",
			storageSizeValue, rendered(w.Keeper()), size.String(), next.String()), true
	default:
		refused.Message += "; that cannot be seen, as " + rendered(w.Keeper())
		return refused, true
	}
}
