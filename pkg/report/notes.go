// Copyright The kubectl-dapr-prod Authors.
// SPDX-License-Identifier: Apache-2.0

package report

import (
	"fmt"
	"time"

	"github.com/dapr-prod/kubectl-dapr-prod/pkg/dapr"
	"github.com/dapr-prod/kubectl-dapr-prod/pkg/guideline"
)

// heading is what was held against the guidelines, and what a reader has to know
// before believing the rest, one sentence each.
func heading(r *Report) []string {
	var lines []string
	for _, p := range r.Cluster.ControlPlanes {
		if p.Rehearsal != nil {
			lines = append(lines, rehearsal(p))
		}
	}
	lines = append(lines, judged(r.Cluster))
	if r.Tool.GuidelinesEdition == string(guideline.Older) {
		lines = append(lines, "Held against the older edition of the guidelines page")
	}
	if r.Tool.DataStale {
		lines = append(lines, fmt.Sprintf("What this tool knows of Dapr is of %s, more than %d days before this check: a newer release of it knows newer releases of Dapr",
			escape(r.Tool.DataDate), int(dapr.StaleAfter.Hours()/24)))
	}
	return lines
}

// rehearsal says that a control plane is not judged as what it runs.
func rehearsal(p ControlPlane) string {
	name := "Dapr " + escape(p.Rehearsal.From)
	if p.Namespace != "" {
		name += " in " + escape(p.Namespace)
	}
	return fmt.Sprintf("Rehearsal: %s, judged as if upgraded to %s: nothing of it is about what runs now", name, escape(p.Version))
}

// stale tells whether tables of that date were old at the given time.
func stale(date string, at time.Time) bool {
	made, err := time.Parse(time.DateOnly, date)
	return err == nil && at.Sub(made) > dapr.StaleAfter
}
