// Copyright The kubectl-dapr-prod Authors.
// SPDX-License-Identifier: Apache-2.0

package report

import "strings"

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
		name, notes := installation(c.ControlPlanes[0], c.Context)
		return name + remarks(append(notes, where...))
	}
	var names []string
	for _, plane := range c.ControlPlanes {
		name, notes := installation(plane, c.Context)
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
func installation(p ControlPlane, context string) (name string, notes []string) {
	name = "Dapr"
	if p.Version != "" {
		name += " " + escape(p.Version)
	}
	if p.Namespace != "" {
		name += " in " + escape(p.Namespace)
	}
	switch {
	case !p.Assumed:
	case p.Namespace != "":
		notes = append(notes, "assumed: its version could not be read")
	case context != "":
		notes = append(notes, "assumed: no control plane was found")
	default:
		notes = append(notes, "assumed: no control plane in the input")
	}
	if p.JudgedAs != "" && p.JudgedAs != p.Version {
		notes = append(notes, "judged as "+escape(p.JudgedAs))
	}
	return name, notes
}

func remarks(notes []string) string {
	if len(notes) == 0 {
		return ""
	}
	return " (" + strings.Join(notes, ", ") + ")"
}
