// Copyright The kubectl-dapr-prod Authors.
// SPDX-License-Identifier: Apache-2.0

package catalogue

import (
	"slices"
	"strings"

	"github.com/dapr/dapr/pkg/injector/annotations"

	"github.com/dapr-prod/kubectl-dapr-prod/pkg/dapr"
	"github.com/dapr-prod/kubectl-dapr-prod/pkg/guideline"
	"github.com/dapr-prod/kubectl-dapr-prod/pkg/sidecar"
	"github.com/dapr-prod/kubectl-dapr-prod/pkg/snapshot"
)

// appIDs are those of the apps of a namespace.
type appIDs struct {
	ids []string
	// sets are StatefulSets without an ID: each Pod's name is one.
	sets []string
	// apps counts those with a sidecar, or that ask for one: two workloads of one ID
	// are one app, and so are the Pods of a StatefulSet.
	apps int
	// hidden says why there may be more; empty where there are none.
	hidden string
}

func (a appIDs) has(id string) bool {
	return slices.Contains(a.ids, id) || slices.ContainsFunc(a.sets, func(set string) bool {
		number, ok := strings.CutPrefix(id, set+"-")
		return ok && number != "" && strings.Trim(number, "0123456789") == ""
	})
}

// appIDsOf gathers what templates give and what running sidecars were told.
func appIDsOf(ns *guideline.Namespace) appIDs {
	all := appIDs{hidden: hiddenAppsOf(ns)}
	var counted []string
	for _, app := range ns.Apps {
		found := runningIDs(app)
		switch {
		case app.Template == nil:
		case app.Template.Annotations[annotations.KeyAppID] != "":
			found = append(found, app.Template.Annotations[annotations.KeyAppID])
		case app.Sidecar.Simulation.State == sidecar.Manual:
			found = append(found, dapr.Flag(app.Sidecar.Simulated, "app-id", ""))
		case app.Object.Kind == "StatefulSet":
			all.sets = append(all.sets, app.Object.Name)
			found = append(slices.DeleteFunc(found, all.has), "")
		case app.Object.Kind == "Pod" && !app.Template.GeneratedName:
			found = append(found, app.Object.Name)
		}
		if len(found) == 0 {
			continue
		}
		all.ids = append(all.ids, slices.DeleteFunc(slices.Clone(found), func(id string) bool { return id == "" })...)
		// The last one is what the next Pod has.
		known := found[len(found)-1]
		if (app.Sidecar.Running() || asksForSidecar(app)) && (known == "" || !slices.Contains(counted, known)) {
			counted = append(counted, known)
			all.apps++
		}
	}
	return all
}

// runningIDs are those of the Pods that run, which may be older than the template.
func runningIDs(app *guideline.App) []string {
	var ids []string
	for _, p := range app.Pods {
		id := p.Annotations[annotations.KeyAppID]
		if p.Sidecar != nil {
			id = dapr.Flag(&p.Sidecar.Container, "app-id", id)
		}
		if id == "" && p.Sidecar != nil {
			id = p.Name
		}
		if !slices.Contains(ids, id) {
			ids = append(ids, id)
		}
	}
	return ids
}

// hiddenAppsOf says why there may be apps that were not read.
func hiddenAppsOf(ns *guideline.Namespace) string {
	switch {
	case !ns.Snapshot.Live:
		return "other apps are not in the input"
	case ns.Snapshot.Selected:
		return "only some apps were asked for"
	}
	for _, read := range snapshot.Apps() {
		// Of ReplicaSets nothing but links is read, and a Rollout that the server
		// does not serve is none.
		if gap := ns.Gap(read.Resource); gap != nil && gap.Reason != snapshot.Unserved && read.Resource != snapshot.ReplicaSets {
			return gap.String()
		}
	}
	return ""
}

// AppIDs are the app IDs of a namespace, as far as they can be told: hidden says why there
// may be more.
func AppIDs(ns *guideline.Namespace) (ids []string, hidden string) {
	all := appIDsOf(ns)
	hidden = all.hidden
	if hidden == "" && len(all.sets) > 0 {
		hidden = "each Pod of StatefulSet " + all.sets[0] + " has an app ID of its own"
	}
	return all.ids, hidden
}
