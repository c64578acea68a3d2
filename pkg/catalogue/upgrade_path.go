// Copyright The kubectl-dapr-prod Authors.
// SPDX-License-Identifier: Apache-2.0

package catalogue

import (
	"slices"
	"strings"

	"github.com/dapr-prod/kubectl-dapr-prod/pkg/dapr"
)

// upgradeWarnings are what happens to those who come from before a release.
var upgradeWarnings = []struct {
	major, minor, patch int
	text                string
}{
	{1, 15, 0, "1.15 throws away what 1.14 kept in the scheduler: its jobs, and reminders that were moved there"},
	{1, 17, 7, "from 1.17.7 on the scheduler's volumes are 16Gi by default: where anything but helm upgrade itself applies the chart, pin dapr_scheduler.cluster.storageSize to the size that they have"},
	{1, 18, 0, "1.18 makes CA keys that Sentry cannot read before 1.17.7, so never roll back further than that, and brings two more CRDs"},
}

// minorOf is a release's minor, as 1.18.
func minorOf(v dapr.Version) string {
	parts := strings.SplitN(v.String(), ".", 3)
	return strings.Join(parts[:min(2, len(parts))], ".")
}

// upgradePath says how to get from a release of an older minor to the newest
// release, one minor at a time.
func upgradePath(from dapr.Version) string {
	var steps []string
	for _, name := range slices.Backward(dapr.ReleaseNames()) {
		v, err := dapr.ParseVersion(name)
		if err == nil && from.Before(v) && minorOf(v) != minorOf(from) {
			steps = append(steps, name)
		}
	}
	text := "upgrade one minor at a time: " + strings.Join(steps, ", then ")
	if from.OlderThanTables() {
		text = "upgrade one minor at a time: each that lies before 1.13, then " + strings.Join(steps, ", then ")
	}
	to, _ := dapr.ParseVersion(steps[len(steps)-1])
	return text + "; Helm leaves CRDs as they are, so apply those of each release before it" + warnings(from, to)
}

// patchPath says how to get to the newest patch of a release's own minor.
func patchPath(from dapr.Version) string {
	newest := dapr.NewestPatch(from)
	switch {
	case !newest.Known() || newest.Before(from):
		return "upgrade to a release of Dapr"
	case !dapr.Supported(from):
		return "upgrade to " + newest.String() + " at once, and then on to a release that is supported"
	default:
		return "upgrade to " + newest.String() + warnings(from, newest)
	}
}

// warnings are those of the releases that lie between two.
func warnings(from, to dapr.Version) string {
	text := ""
	for _, w := range upgradeWarnings {
		if !from.AtLeast(w.major, w.minor, w.patch) && to.AtLeast(w.major, w.minor, w.patch) {
			text += "; " + w.text
		}
	}
	return text
}
