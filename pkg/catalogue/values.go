// Copyright The kubectl-dapr-prod Authors.
// SPDX-License-Identifier: Apache-2.0

package catalogue

import (
	"fmt"
	"slices"
	"strings"

	"k8s.io/apimachinery/pkg/api/resource"

	"github.com/dapr-prod/kubectl-dapr-prod/pkg/dapr"
	"github.com/dapr-prod/kubectl-dapr-prod/pkg/guideline"
	"github.com/dapr-prod/kubectl-dapr-prod/pkg/quantity"
	"github.com/dapr-prod/kubectl-dapr-prod/pkg/snapshot"
)

// fallen is what a judge says of the workloads of an install that fall short of it,
// each result with its workload.
func fallen(install *guideline.Install, judge func(*guideline.Install, *snapshot.ControlPlaneWorkload) guideline.Result) (all []shortfall) {
	for _, name := range dapr.ControlPlaneWorkloads() {
		w := install.Workload(name)
		if w == nil {
			continue
		}
		if r := judge(install, w); r.Outcome == guideline.Failed {
			all = append(all, shortfall{w, r})
		}
	}
	return all
}

// shortfall is a failure of one workload.
type shortfall struct {
	*snapshot.ControlPlaneWorkload
	guideline.Result
}

// these closes the given failures, and no others.
func these(all []shortfall) func(snapshot.Object, guideline.Result) bool {
	return func(o snapshot.Object, r guideline.Result) bool {
		return slices.ContainsFunc(all, func(s shortfall) bool {
			return s.ControlPlaneWorkload.Object == o && s.Field == r.Field && s.Message == r.Message
		})
	}
}

// sets tells whether the values of the release set a path, or something below it.
func sets(install *guideline.Install, path string) bool {
	return install.Release != nil && slices.ContainsFunc(install.Release.Values, func(p string) bool {
		return p == path || len(p) > len(path) && p[:len(path)+1] == path+"."
	})
}

// older tells whether the release of an install is known to be before 1.MINOR.PATCH.
func older(install *guideline.Install, minor, patch int) bool {
	return install.Version.Known() && !install.Version.AtLeast(1, minor, patch)
}

// restarts is the risk of each value that changes a Pod of the control plane.
const restarts = "the control plane restarts"

// What the chart has by itself, where a file of values writes that down.
var (
	defaultOff   = []any{false}
	defaultOn    = []any{true}
	defaultEmpty = []any{""}
)

// written is what the values that a new install is given already hold at a path; nil
// where they hold nothing there.
func written(install *guideline.Install, path string) any {
	var at any = install.Written
	for name := range strings.SplitSeq(path, ".") {
		in, _ := at.(map[string]any)
		at = in[name]
	}
	return at
}

// ifWritten is a value that the chart has by itself, or has not: for those who have
// written down another.
func ifWritten(install *guideline.Install, value guideline.Value) guideline.Values {
	if written(install, value.Path) == nil {
		return guideline.Values{}
	}
	return guideline.Set(value)
}

// atLeast tells whether a value is a quantity that is not smaller.
func atLeast(least resource.Quantity) func(any) bool {
	return func(is any) bool {
		q, err := quantity.Parse(fmt.Sprint(is))
		return err == nil && q.Cmp(least) >= 0
	}
}
