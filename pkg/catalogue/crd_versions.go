// Copyright The kubectl-dapr-prod Authors.
// SPDX-License-Identifier: Apache-2.0

package catalogue

import (
	"github.com/dapr-prod/kubectl-dapr-prod/pkg/dapr"
	"github.com/dapr-prod/kubectl-dapr-prod/pkg/guideline"
	"github.com/dapr-prod/kubectl-dapr-prod/pkg/snapshot"
)

var crdVersions = &guideline.Guideline{
	ID:       "crd-versions",
	Title:    "Dapr's CustomResourceDefinitions are those of the control plane's release",
	Severity: guideline.Warning,
	Origin:   guideline.DaprDocs,
	Section:  "Upgrade Dapr with Helm",
	Docs:     "https://docs.dapr.io/operations/hosting/kubernetes/kubernetes-upgrade/",
	Why: "Helm installs CustomResourceDefinitions once and never upgrades them. Under an older one the API server drops the settings that it does not know, without a word, " +
		"and objects of a kind that is not there cannot be made.",
	Judged: "Of each definition that the release's chart has: that it is there, that the version which the release stores is served and stored, and that it knows the fields that came with this release and those before. " +
		"Definitions that are newer than the release are no fault.",
	Fix: "apply the definitions of the release, charts/dapr/crds in Dapr's source, with kubectl apply --server-side",
	Traps: "A definition can be there and be old. Two came with 1.18, which Dapr does without where nobody uses them. " +
		"The operator writes the caBundle and the namespace of its webhook into the definition of Subscriptions, and does so again only when it starts.",
	Reads: []snapshot.Read{
		{Resource: snapshot.Deployments, Place: snapshot.InControlPlane},
		{Resource: snapshot.Definitions, Place: snapshot.InCluster},
	},
	ControlPlane: func(install *guideline.Install) []guideline.Result {
		gap := install.Gap(snapshot.Deployments)
		switch known := install.Version.Known(); {
		case !known && gap != nil:
			return []guideline.Result{guideline.Hidden(gap)}
		case !known:
			return []guideline.Result{guideline.Unknown("depends on the release of Dapr, which the control plane's images do not tell")}
		}
		var results []guideline.Result
		for _, d := range definitions {
			if d.since.in(install.Version) && !upgradeBrings(install, d.since) {
				results = append(results, judgeDefinition(install, d))
			}
		}
		return results
	},
}

// upgradeBrings tells whether what came with a release comes to the cluster with
// the upgrade that is rehearsed: Argo CD applies definitions, Helm does not.
func upgradeBrings(install *guideline.Install, came since) bool {
	return install.Rehearsed.Known() && install.Keeper() == snapshot.Argo && !came.in(install.Rehearsed)
}

func judgeDefinition(install *guideline.Install, d definition) guideline.Result {
	object := snapshot.Object{APIVersion: "apiextensions.k8s.io/v1", Kind: "CustomResourceDefinition", Name: d.name}
	src := snapshot.Source{}
	found := install.Snapshot.Definition(d.name)
	if found != nil {
		src = found.Source
	}
	var r guideline.Result
	switch gap := install.Snapshot.GapOf(snapshot.InCluster, snapshot.Definitions, "", d.name); {
	case found != nil:
		r = judgeSchema(install, d, found)
	case gap != nil:
		r = guideline.Hidden(gap)
	case !install.Snapshot.Live:
		r = guideline.Unknown("%s: not in the input", d.name)
	case d.since != (since{}):
		r = guideline.Fail("it came with %s and is not there: %s cannot be made", d.since, d.plural).As(guideline.Info).
			Do("if you want to use them: %s", apply(d, install.Version))
	default:
		r = guideline.Fail("it is not there: %s cannot be made", d.plural).Do("%s", apply(d, install.Version))
	}
	return r.On(object, src)
}

// judgeSchema looks for the newest thing that a definition should know and does not.
func judgeSchema(install *guideline.Install, d definition, found *snapshot.Definition) guideline.Result {
	v := versionOf(found, d.version)
	if v == nil || !v.Served || !v.Storage {
		return guideline.Fail("the version %s is not served and stored", d.version).At("spec.versions").Do("%s", apply(d, install.Version))
	}
	for _, f := range d.fields {
		if !f.since.in(install.Version) || upgradeBrings(install, f.since) || f.in(v.Schema) {
			continue
		}
		hint := ""
		if install.Rehearsed.Known() && !f.since.in(install.Rehearsed) {
			hint = ", and a helm upgrade does not bring it"
		}
		return guideline.Fail("older than %s: it does not know %s%s", f.since, f.name, hint).At("spec.versions").Do("%s", apply(d, install.Version))
	}
	if len(d.fields) == 0 {
		return guideline.Pass("it is there, and its fields are the same in all releases")
	}
	return guideline.Pass("it knows what the release knows")
}

// apply says how a definition is brought to a release.
func apply(d definition, v dapr.Version) string {
	if v.NewerThanTables() {
		return "apply the definitions of the release, charts/dapr/crds in Dapr's source, with kubectl apply --server-side"
	}
	do := "kubectl apply --server-side --force-conflicts -f https://raw.githubusercontent.com/dapr/dapr/v" + v.Release() + "/charts/dapr/crds/" + d.file + ".yaml"
	if d.plural == "Subscriptions" {
		do += ", then restart the operator, which writes its webhook into it: kubectl rollout restart deployment/dapr-operator in the control plane's namespace"
	}
	return do
}
