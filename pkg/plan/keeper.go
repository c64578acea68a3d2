// Copyright The kubectl-dapr-prod Authors.
// SPDX-License-Identifier: Apache-2.0

package plan

import (
	"fmt"
	"strings"

	"github.com/dapr-prod/kubectl-dapr-prod/pkg/guideline"
	"github.com/dapr-prod/kubectl-dapr-prod/pkg/snapshot"
)

// chartName is that of Dapr's chart.
const chartName = "dapr"

// names are those that lead to the value.
func (a *Addition) names() []string { return strings.Split(a.Path, ".") }

// Helm tells whether helm upgrade adds the values: the control plane is a release of
// Dapr's own chart, and nobody else keeps it.
func (v *Values) Helm() bool {
	r := v.ControlPlane.Release
	return v.New || v.Keeper == snapshot.Helm && r != nil && r.Chart == chartName
}

// Commit says where the values go where helm upgrade is not for it; empty where it is.
func (v *Values) Commit() string {
	r := v.ControlPlane.Release
	switch {
	case v.Helm():
		return ""
	case v.Keeper == snapshot.Argo:
		return "Argo CD keeps it: commit them to the Helm values of its application, and let Argo CD sync it"
	case v.Keeper == snapshot.HelmRelease:
		return "a Flux HelmRelease keeps it: commit them to its spec.values, and let Flux reconcile it"
	case v.Keeper == snapshot.Kustomization:
		return "a Flux Kustomization keeps it: commit them to what it renders the chart from, and let Flux reconcile it"
	case v.Keeper == snapshot.Operator:
		return "an operator keeps it: commit them to spec.values of its DaprInstance"
	case v.Keeper == snapshot.AKSExtension:
		return "the AKS extension keeps it: set them as its configuration settings with az k8s-extension update"
	case v.Keeper == snapshot.Helm && r == nil:
		return "Helm's record of the release was not read: commit them to the file of values that it is upgraded with"
	case v.Keeper == snapshot.Helm:
		return fmt.Sprintf("it is a part of the chart %s: commit them to its values, below the name that Dapr's chart has there", r.Chart)
	default:
		return "it was applied as manifests: commit them to the values that those are rendered with, and apply them anew"
	}
}

// blocked says why Helm takes no upgrade of a release.
func blocked(install *guideline.Install) string {
	r := install.Release
	if r == nil || !install.Keeper().Helm() || r.Status == "deployed" {
		return ""
	}
	way := fmt.Sprintf("see why in helm history %s -n %s, and run that upgrade again or go back with helm rollback", r.Name, r.Namespace)
	if strings.HasPrefix(r.Status, "pending-") {
		way = fmt.Sprintf("see helm history %s -n %s; if no helm is at work any more, go back to the last revision deployed with helm rollback", r.Name, r.Namespace)
	}
	return fmt.Sprintf("the newest revision of the release, %d, is %s: %s", r.Revision, r.Status, way)
}
