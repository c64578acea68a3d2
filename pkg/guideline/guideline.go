// Copyright The kubectl-dapr-prod Authors.
// SPDX-License-Identifier: Apache-2.0

// Package guideline is the contract between guidelines and those who run them:
// what a guideline is, what it sees, what it answers. It reads nothing and
// prints nothing.
package guideline

import (
	"github.com/dapr-prod/kubectl-dapr-prod/pkg/snapshot"
)

// Origin is who asks for a guideline.
type Origin string

// The origins, as reports name them.
const (
	// Page: Dapr's "Production guidelines on Kubernetes".
	Page Origin = "guidelines"
	// DaprDocs: another page of Dapr's documentation.
	DaprDocs Origin = "dapr docs"
	// Ours: this project.
	Ours Origin = "ours"
)

// Scope is what a guideline is about.
type Scope string

// The scopes of check.
const (
	Apps         Scope = "apps"
	ControlPlane Scope = "control-plane"
	Cluster      Scope = "cluster"
)

// Guideline is one demand on a Dapr installation or on the apps that use it.
type Guideline struct {
	// ID is a kebab-case noun, never reused for something else.
	ID string
	// Title is an assertion: what is true where the guideline is kept.
	Title string
	// Severity is that of a failure that names no other.
	Severity Severity
	Origin   Origin
	// Section is the heading on the guidelines page, or what stands for it.
	Section string
	// Docs is the page that says so.
	Docs string
	// Why, Judged and Fix are for explain: what follows from not keeping it, what
	// is looked at, and how it is closed.
	Why, Judged, Fix string
	// Traps are what is easily taken for something else, and what cannot be seen.
	Traps string
	// Reads is everything that the functions below look at.
	Reads []snapshot.Read

	// App judges one app, Namespace what of Dapr the apps of one namespace share,
	// ControlPlane one installation, Cluster what all of them stand on. A guideline
	// has one of these, or several.
	App          func(*App) []Result
	Namespace    func(*Namespace) []Result
	ControlPlane func(*Install) []Result
	Cluster      func(*Platform) []Result

	// Mend says what closes a failure of App on the app's Pod template; nil where
	// nothing there does.
	Mend func(*App) Remedy
	// MendReads is what Mend looks at beside Reads: what is of no use to who only judges.
	MendReads []snapshot.Read
	// MendsToo are guidelines whose failures Mend closes as well.
	MendsToo []string
	// Provide says which object closes a failure of ControlPlane by being there; nil
	// where none does.
	Provide func(*Install) Creation
	// Values says which values of Dapr's chart close failures of ControlPlane or Cluster,
	// and of App where only they do; nil where none does. It may look at all that the
	// guidelines of all scopes read together.
	Values func(*Install) Values
	// Objects says what harden asks where it closes failures of Namespace, in the objects
	// of dapr.io themselves and only if it is named; empty where it does not.
	Objects string
	// ObjectsInFiles tells that harden does so in manifests as well.
	ObjectsInFiles bool
	// Hardens tells that it belongs to the security section, which is closed by
	// harden and not by fix.
	Hardens bool
	// HardensToo tells that harden closes it as well as fix.
	HardensToo bool
	// Restricted tells that harden closes it only in its profile restricted, or where it
	// is named.
	Restricted bool
}

// ClosedBy tells whether it is closed by harden, or by fix.
func (g *Guideline) ClosedBy(harden bool) bool {
	return g.Hardens == harden || harden && g.HardensToo
}

// Fixable tells whether fix closes it, or some of what it finds.
func (g *Guideline) Fixable() bool {
	return (g.Mend != nil || g.Provide != nil) && !g.Hardens
}

// In tells whether the guideline has something to say in a scope.
func (g *Guideline) In(scope Scope) bool {
	switch scope {
	case Apps:
		return g.App != nil || g.Namespace != nil
	case ControlPlane:
		return g.ControlPlane != nil
	default:
		return g.Cluster != nil
	}
}
