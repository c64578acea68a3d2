// Copyright The kubectl-dapr-prod Authors.
// SPDX-License-Identifier: Apache-2.0

package plan

import (
	"maps"

	"github.com/dapr-prod/kubectl-dapr-prod/pkg/snapshot"
)

// blame narrows down which of an app's remedies opens a finding: where it does not
// open without one of them, that one alone is to blame.
func (d *draft) blame(bad map[Remedy]string) map[Remedy]string {
	suspects := map[snapshot.Object][]Remedy{}
	is := byObject(d.after)
	most := 0
	for i, e := range d.edits {
		app := d.before.Apps[i].Object
		if len(e.remedies) < 2 || len(opened(d.standings[app], is[app])) == 0 {
			continue
		}
		for _, g := range e.remedies {
			suspects[app] = append(suspects[app], Remedy{app, g.ID})
		}
		most = max(most, len(e.remedies))
	}
	bad = maps.Clone(bad)
	for k := range most {
		trial := newDraft(d.snapshot, d.before, d.Options)
		trial.Refused = maps.Clone(d.Refused)
		for _, remedies := range suspects {
			if k < len(remedies) {
				trial.Refused[remedies[k]] = bad[remedies[k]]
			}
		}
		trial.write()
		is = byObject(trial.after)
		for app, remedies := range suspects {
			if k >= len(remedies) || len(opened(d.standings[app], is[app])) > 0 {
				continue
			}
			for i, remedy := range remedies {
				if i != k {
					delete(bad, remedy)
				}
			}
			delete(suspects, app)
		}
	}
	return bad
}
