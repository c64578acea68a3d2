// Copyright The kubectl-dapr-prod Authors.
// SPDX-License-Identifier: Apache-2.0

package report

import (
	"fmt"
	"slices"
	"strings"

	"github.com/dapr-prod/kubectl-dapr-prod/pkg/evaluate"
	"github.com/dapr-prod/kubectl-dapr-prod/pkg/snapshot"
)

// names knows how the objects of a report are named on a terminal.
type names struct {
	apps map[snapshot.Object]bool
	// namespaces are those of the apps.
	namespaces map[string]bool
	// home is the namespace of all apps, which is not repeated; empty where they
	// are in several.
	home string
}

func newNames(r *Report) names {
	n := names{apps: map[snapshot.Object]bool{}, namespaces: map[string]bool{}}
	for _, app := range r.Apps {
		n.apps[snapshot.Object{Namespace: app.Namespace, Kind: app.Kind, Name: app.Name}] = true
		n.namespaces[app.Namespace] = true
		n.home = app.Namespace
	}
	if len(n.namespaces) > 1 {
		n.home = ""
	}
	return n
}

func (n names) app(o snapshot.Object) bool {
	o.APIVersion = ""
	return n.apps[o]
}

// shared tells whether an object serves more than one app, as far as its
// namespace tells: no app is there.
func (n names) shared(o snapshot.Object) bool { return !n.namespaces[o.Namespace] }

// who names an object, or counts several and names the first few.
func (n names) who(objects []snapshot.Object) string {
	if len(objects) == 1 {
		return n.one(objects[0])
	}
	var namespaces, named []string
	for _, o := range objects {
		if !slices.Contains(namespaces, o.Namespace) {
			namespaces = append(namespaces, o.Namespace)
		}
	}
	where := ""
	switch {
	case len(namespaces) > 1:
		where = fmt.Sprintf(" in %d namespaces", len(namespaces))
	case namespaces[0] != n.home && namespaces[0] != "":
		where = " in " + namespaces[0]
	}
	for _, o := range objects {
		name := o.Name
		if len(namespaces) > 1 && o.Namespace != "" {
			name = o.Namespace + "/" + name
		}
		named = append(named, name)
	}
	return fmt.Sprintf("%d %s%s (%s)", len(objects), n.noun(objects), where, someOf(named))
}

// one names an object as kubectl takes it, with its namespace where that is not
// the one of all apps.
func (n names) one(o snapshot.Object) string {
	switch {
	case o == evaluate.ControlPlaneObject(""):
		return "control plane"
	case o == evaluate.ControlPlaneObject(o.Namespace):
		return "control plane in " + o.Namespace
	case o.Namespace == n.home:
		return reference(o)
	default:
		return place(o)
	}
}

// someOf lists up to three names, or two and how many more there are.
func someOf(names []string) string {
	last := len(names) - 1
	if len(names) <= 3 {
		return strings.Join(names[:last], ", ") + " and " + names[last]
	}
	return fmt.Sprintf("%s, %s and %d more", names[0], names[1], len(names)-2)
}

var workloads = []string{"Deployment", "StatefulSet", "DaemonSet", "ReplicaSet", "Job", "CronJob", "Rollout", "Pod"}

// noun is what several objects are together.
func (n names) noun(objects []snapshot.Object) string {
	all := func(is func(snapshot.Object) bool) bool {
		return !slices.ContainsFunc(objects, func(o snapshot.Object) bool { return !is(o) })
	}
	kind := objects[0].Kind
	switch {
	case all(n.app):
		return "apps"
	case all(func(o snapshot.Object) bool { return o.Kind == kind }):
		return plural(strings.ToLower(kind))
	case all(func(o snapshot.Object) bool { return slices.Contains(workloads, o.Kind) }):
		return "workloads"
	default:
		return "objects"
	}
}

func plural(noun string) string {
	if stem, found := strings.CutSuffix(noun, "y"); found {
		return stem + "ies"
	}
	return noun + "s"
}
