// Copyright The kubectl-dapr-prod Authors.
// SPDX-License-Identifier: Apache-2.0

package snapshot

import (
	"slices"
	"strings"
)

// Keeper is who keeps a control plane as somebody declared it, as far as its marks tell.
type Keeper string

// The keepers that leave a mark. A Flux HelmRelease is a Helm release, and so is the AKS
// extension; what Argo CD or a Flux Kustomization apply was rendered without the cluster.
const (
	Argo          Keeper = "Argo CD"
	HelmRelease   Keeper = "a Flux HelmRelease"
	Kustomization Keeper = "a Flux Kustomization"
	Operator      Keeper = "an operator"
	AKSExtension  Keeper = "the AKS extension for Dapr"
	Helm          Keeper = "Helm"
	Nobody        Keeper = ""
)

// marks are the beginnings of the labels and annotations that keepers leave. Who comes
// first has the last word: Argo CD may have taken over what Helm installed.
var marks = []struct {
	prefix string
	keeper Keeper
}{
	{"argocd.argoproj.io/", Argo},
	{"helm.toolkit.fluxcd.io/", HelmRelease},
	{"kustomize.toolkit.fluxcd.io/", Kustomization},
	{"operator.dapr.io/", Operator},
	{"meta.helm.sh/", Helm},
}

// microsoftRegistry is where the images of the AKS extension come from.
const microsoftRegistry = "mcr.microsoft.com/"

// Keeper tells by its marks what keeps a workload.
func (w *ControlPlaneWorkload) Keeper() Keeper {
	for _, mark := range marks {
		if mark.keeper == Helm && w.Owned {
			return Operator
		}
		if !marked(w.Labels, mark.prefix) && !marked(w.Annotations, mark.prefix) {
			continue
		}
		if mark.keeper == Helm && w.Container != nil && strings.HasPrefix(w.Container.Image, microsoftRegistry) {
			return AKSExtension
		}
		return mark.keeper
	}
	return Nobody
}

func marked(set map[string]string, prefix string) bool {
	for key := range set {
		if strings.HasPrefix(key, prefix) {
			return true
		}
	}
	return false
}

// Keeper is who keeps a workload. Where they bear the marks of several, it is whose word
// is last: Helm is not for what even one of them says somebody else keeps.
func (c *ControlPlane) Keeper() Keeper {
	for _, keeper := range ranked {
		if slices.ContainsFunc(c.Workloads, func(w ControlPlaneWorkload) bool { return w.Keeper() == keeper }) {
			return keeper
		}
	}
	return Nobody
}

// ranked are the keepers, whose word is last first.
var ranked = []Keeper{Argo, HelmRelease, Kustomization, Operator, AKSExtension, Helm}

// Helm tells whether upgrades are Helm's, with the cluster at hand.
func (k Keeper) Helm() bool { return k == Helm || k == HelmRelease || k == AKSExtension }
