// Copyright The kubectl-dapr-prod Authors.
// SPDX-License-Identifier: Apache-2.0

package report

import (
	"fmt"
	"strings"

	"github.com/dapr-prod/kubectl-dapr-prod/pkg/dapr"
)

// unknownVersion is how a version reads that is not known.
var unknownVersion = dapr.Version{}.String()

// judged says in one line what was held against the guidelines.
func judged(c Cluster) string {
	var where []string
	if c.Context != "" {
		where = append(where, "context "+escape(c.Context))
	}
	if c.KubernetesVersion != "" {
		where = append(where, "Kubernetes "+escape(c.KubernetesVersion))
	}
	switch len(c.ControlPlanes) {
	case 0:
		return "No control plane of Dapr was read" + remarks(where)
	case 1:
		name, notes := installation(c.ControlPlanes[0], len(where) > 0)
		return name + remarks(append(notes, where...))
	}
	var names []string
	for _, plane := range c.ControlPlanes {
		name, notes := installation(plane, len(where) > 0)
		names = append(names, name+remarks(notes))
	}
	last := len(names) - 1
	line := strings.Join(names[:last], ", ") + " and " + names[last]
	if len(where) > 0 {
		line += "; " + strings.Join(where, ", ")
	}
	return line
}

// installation is the name of a control plane, and what has to be known with it.
func installation(p ControlPlane, live bool) (name string, notes []string) {
	name = "Dapr " + escape(p.Version)
	if p.Version == "" || p.Version == unknownVersion {
		name = "Dapr of unknown version"
	}
	if p.Namespace != "" {
		name += " in " + escape(p.Namespace)
	}
	if p.Assumed {
		notes = append(notes, "assumed: "+assumption(p, live))
	}
	if p.JudgedAs != "" && p.JudgedAs != p.Version {
		notes = append(notes, "judged as "+escape(p.JudgedAs))
	}
	if p.Rehearsal != nil {
		notes = append(notes, "rehearsed: "+escape(p.Rehearsal.From)+" runs")
	}
	if p.Release != nil {
		notes = append(notes, fmt.Sprintf("Helm release %s, revision %d", escape(p.Release.Name), p.Release.Revision))
		if p.Release.ChartVersion != p.Version {
			notes = append(notes, "chart "+escape(p.Release.ChartVersion))
		}
	}
	return name, notes
}

// assumption says why a version had to be assumed, of a live cluster or of
// manifests.
func assumption(p ControlPlane, live bool) string {
	switch {
	case p.Namespace == "" && !live:
		return "no control plane in the input"
	case p.Namespace == "":
		return "no control plane was found"
	case !live:
		return "not in the input"
	default:
		return "its version was not read"
	}
}

func remarks(notes []string) string {
	if len(notes) == 0 {
		return ""
	}
	return " (" + strings.Join(notes, ", ") + ")"
}
