// Copyright The kubectl-dapr-prod Authors.
// SPDX-License-Identifier: Apache-2.0

package guideline

import (
	"github.com/dapr-prod/kubectl-dapr-prod/pkg/sidecar"
	"github.com/dapr-prod/kubectl-dapr-prod/pkg/snapshot"
)

// App is an app as guidelines see it: what was read of it, its effective
// sidecar, and the injector that it belongs to.
type App struct {
	*snapshot.App
	Snapshot *snapshot.Snapshot
	Edition  Edition
	Sidecar  sidecar.Effective
	// Injector is the one that the sidecar was simulated with.
	Injector sidecar.Injector
	// Said is what the app's owner tells.
	Said Said
	// Install is the control plane that the app belongs to; nil where it was not read.
	Install *snapshot.ControlPlane
	// Webhook is the injector's, that is called or should be called for the app's
	// Pods; nil where none was read.
	Webhook *snapshot.Webhook
	// SameID are the workloads of the namespace with the same app ID, this one
	// among them; empty where it has none.
	SameID []snapshot.Object
}

// Gap returns the first gap that hides one of the resources in the app's
// namespace, or nil.
func (a *App) Gap(resources ...snapshot.Resource) *snapshot.Gap {
	for _, r := range resources {
		if g := a.Snapshot.Gap(snapshot.InApps, r, a.Object.Namespace); g != nil {
			return g
		}
	}
	return nil
}

// Install is a control plane as guidelines see it.
type Install struct {
	*snapshot.ControlPlane
	Snapshot *snapshot.Snapshot
	Edition  Edition
	// Apps are those that belong to it; only where values are asked for.
	Apps []*App
	// New tells that it is still to be made, with the release of Version and without
	// any workload: only values are asked of it.
	New bool
	// Written are the values that a new install is given already, as a tree of JSON; nil
	// where there are none.
	Written map[string]any
}

// Gap returns the first gap that hides one of the resources in the control
// plane's namespace, or nil.
func (i *Install) Gap(resources ...snapshot.Resource) *snapshot.Gap {
	for _, r := range resources {
		if g := i.Snapshot.Gap(snapshot.InControlPlane, r, i.Namespace); g != nil {
			return g
		}
	}
	return nil
}

// Namespace is what of Dapr the apps of one namespace share.
type Namespace struct {
	Name     string
	Snapshot *snapshot.Snapshot
	Edition  Edition
	// Apps are those of the namespace.
	Apps []*App
}

// Gap returns the first gap that hides one of the resources in the namespace, or nil.
func (n *Namespace) Gap(resources ...snapshot.Resource) *snapshot.Gap {
	for _, r := range resources {
		if g := n.Snapshot.Gap(snapshot.InApps, r, n.Name); g != nil {
			return g
		}
	}
	return nil
}

// Platform is the Kubernetes that control planes run on.
type Platform struct {
	Snapshot *snapshot.Snapshot
	Edition  Edition
	// Installs are the control planes that were read.
	Installs []*Install
}

// Gap returns the first gap that hides one of the resources of the cluster, or nil.
func (p *Platform) Gap(resources ...snapshot.Resource) *snapshot.Gap {
	for _, r := range resources {
		if g := p.Snapshot.Gap(snapshot.InCluster, r, ""); g != nil {
			return g
		}
	}
	return nil
}
