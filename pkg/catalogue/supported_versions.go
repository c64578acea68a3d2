// Copyright The kubectl-dapr-prod Authors.
// SPDX-License-Identifier: Apache-2.0

package catalogue

import (
	"fmt"
	"strings"

	"github.com/dapr-prod/kubectl-dapr-prod/pkg/dapr"
	"github.com/dapr-prod/kubectl-dapr-prod/pkg/guideline"
	"github.com/dapr-prod/kubectl-dapr-prod/pkg/snapshot"
)

var supportedVersions = &guideline.Guideline{
	ID:       "supported-versions",
	Title:    "Dapr and Kubernetes are supported releases, of one version each",
	Severity: guideline.Warning,
	Origin:   guideline.Page,
	Section:  "Cluster and capacity requirements",
	Docs:     "https://docs.dapr.io/operations/support/support-release-policy/",
	Why: "The Dapr project fixes its three newest minors: an older one keeps every vulnerability that was found since. " +
		"Services of different releases are tested by nobody, and Dapr supports Kubernetes as far as the Kubernetes project does.",
	Judged: "The tags of the control plane's images, and the label app.kubernetes.io/version where an image has none, held against the releases and security fixes that are known; Pods that run another release than their template; " +
		"the API server's version against the end of its support and the versions that Dapr's CI runs with; and the kubelets against the version skew policy of Kubernetes.",
	Fix: "upgrade Dapr one minor at a time to a release that is supported, by helm upgrade or Dapr's CLI, and the CLI with it: this tool upgrades neither of them. " +
		"What the new release makes of the cluster is what check tells with --dapr-version, and kubectl dapr-prod fix sidecar-version restarts the apps afterwards",
	Traps: "A vendor may support a release for longer, and put fixes into a build of its own: of a tag with a suffix that is not the project's nothing is said that the vendor may have mended. " +
		"A tag may lead to another image than its name says, in a mirror or by a digest. The label lies where an image is named in full, since it repeats global.tag. " +
		"Fixes are known as far as the release notes name them.",
	Reads: []snapshot.Read{
		{Resource: snapshot.Deployments, Place: snapshot.InControlPlane},
		{Resource: snapshot.StatefulSets, Place: snapshot.InControlPlane},
		{Resource: snapshot.Pods, Place: snapshot.InControlPlane},
		{Resource: snapshot.Nodes, Place: snapshot.InCluster},
	},
	ControlPlane: func(install *guideline.Install) []guideline.Result {
		// The injector's release is the one that counts, and it is a Deployment.
		if gap := install.Gap(snapshot.Deployments); gap != nil && gap.Reason != snapshot.NotInInput {
			return []guideline.Result{guideline.Hidden(gap)}
		}
		results := judgeSupport(install)
		for _, r := range []snapshot.Resource{snapshot.StatefulSets, snapshot.Pods} {
			if gap := install.Gap(r); gap != nil && gap.Reason != snapshot.NotInInput {
				results = append(results, guideline.Hidden(gap))
			}
		}
		if !install.Rehearsed.Known() { // else Version is not what the images say
			results = append(results, judgeMix(install)...)
		}
		for i := range install.Workloads {
			results = append(results, judgeImageOf(install, &install.Workloads[i])...)
		}
		return results
	},
	Cluster: judgeKubernetes,
}

// judgeSupport judges the release as a whole.
func judgeSupport(install *guideline.Install) []guideline.Result {
	v, age := install.Version, tablesAge(install.Snapshot)
	if !v.Known() || install.Assumed {
		return []guideline.Result{guideline.Unknown("the control plane's images do not tell the release of Dapr").From(guideline.DaprDocs)}
	}
	var results []guideline.Result
	fixes := dapr.SecurityFixesMissing(v)
	kind := buildOf(v)
	switch {
	case kind == vendorBuild && (!dapr.Supported(v) || len(fixes) > 0):
		return []guideline.Result{guideline.Unknown("Dapr %s is a vendor's build, which may be supported for longer and hold fixes of its own%s", v, age).From(guideline.DaprDocs)}
	case !dapr.Supported(v):
		results = append(results, guideline.Fail("Dapr %s is no longer supported: the project supports %s%s", v, supportedMinors(), age).
			As(guideline.Error).Do("%s", upgradePath(v)).From(guideline.DaprDocs))
	case kind == candidateBuild:
		results = append(results, guideline.Fail("Dapr %s is a candidate and no release", v).Do("%s", patchPath(v)).From(guideline.DaprDocs))
	}
	if len(fixes) > 0 {
		results = append(results, guideline.Fail("Dapr %s lacks the security fixes %s%s", v, byRelease(fixes), age).
			As(guideline.Error).Do("%s", patchPath(v)).From(guideline.Ours))
	}
	if len(results) == 0 {
		results = append(results, passSupport(v, age).From(guideline.DaprDocs))
	}
	return results
}

// byRelease says what each release fixed, the oldest first.
func byRelease(fixes []dapr.Fix) string {
	var texts []string
	in := dapr.Version{}
	for _, f := range fixes {
		text := f.Text
		if f.ID != "" {
			text = f.ID + ", " + text
		}
		if last := len(texts) - 1; last >= 0 && f.In == in {
			texts[last] += "; " + text
			continue
		}
		in = f.In
		texts = append(texts, fmt.Sprintf("of %s (%s", in, text))
	}
	return strings.Join(texts, "), ") + ")"
}

func passSupport(v dapr.Version, age string) guideline.Result {
	if v.NewerThanTables() {
		return guideline.Pass("Dapr %s is newer than the releases that are known%s", v, age)
	}
	if newest := dapr.NewestPatch(v); v.Before(newest) {
		return guideline.Pass("Dapr %s is supported; the newest patch that is known is %s%s", v, newest, age)
	}
	return guideline.Pass("Dapr %s is supported%s", v, age)
}

// supportedMinors names the minors that are supported, the newest first.
func supportedMinors() string {
	var names []string
	for _, name := range dapr.ReleaseNames() {
		if v, err := dapr.ParseVersion(name); err == nil && dapr.Supported(v) {
			names = append(names, minorOf(v))
		}
	}
	return strings.Join(names, ", ")
}

// tablesAge says that the tables are too old to be relied on, where they are.
func tablesAge(s *snapshot.Snapshot) string {
	if _, stale := dapr.DataAge(s.TakenAt); stale {
		return fmt.Sprintf(", as far as known on %s: that is long ago, so look for a newer release of this plugin", dapr.DataDate)
	}
	return ""
}
