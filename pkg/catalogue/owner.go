// Copyright The kubectl-dapr-prod Authors.
// SPDX-License-Identifier: Apache-2.0

package catalogue

import (
	"strings"

	"github.com/dapr-prod/kubectl-dapr-prod/pkg/snapshot"
)

// owner is what keeps a workload of a control plane as somebody declared it.
type owner string

// The owners that leave a mark. A Flux HelmRelease is a Helm release; what Argo CD
// or a Flux Kustomization apply was rendered without the cluster.
const (
	ownedByArgo          owner = "Argo CD"
	ownedByKustomization owner = "a Flux Kustomization"
	ownedByHelmRelease   owner = "a Flux HelmRelease"
	ownedByHelm          owner = "Helm"
	ownedByNobody        owner = ""
)

// marks are the beginnings of the labels and annotations that owners leave. Who
// comes first has the last word: Argo CD may have taken over what Helm installed.
var marks = []struct {
	prefix string
	owner  owner
}{
	{"argocd.argoproj.io/", ownedByArgo},
	{"helm.toolkit.fluxcd.io/", ownedByHelmRelease},
	{"kustomize.toolkit.fluxcd.io/", ownedByKustomization},
	{"meta.helm.sh/", ownedByHelm},
}

// ownerOf tells by its marks what keeps a workload.
func ownerOf(w *snapshot.ControlPlaneWorkload) owner {
	for _, mark := range marks {
		for _, set := range []map[string]string{w.Labels, w.Annotations} {
			for key := range set {
				if strings.HasPrefix(key, mark.prefix) {
					return mark.owner
				}
			}
		}
	}
	return ownedByNobody
}

// helm tells whether upgrades are Helm's, with the cluster at hand.
func (o owner) helm() bool { return o == ownedByHelm || o == ownedByHelmRelease }

// rendered says that a chart comes to the cluster as manifests.
func (o owner) rendered() string {
	if o == ownedByNobody {
		return "the control plane was applied as manifests"
	}
	return string(o) + " applies the chart as manifests"
}
