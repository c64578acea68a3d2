// Copyright The kubectl-dapr-prod Authors.
// SPDX-License-Identifier: Apache-2.0

package catalogue

import (
	"maps"
	"slices"
	"time"

	corev1 "k8s.io/api/core/v1"

	"github.com/dapr-prod/kubectl-dapr-prod/pkg/dapr"
	"github.com/dapr-prod/kubectl-dapr-prod/pkg/guideline"
	"github.com/dapr-prod/kubectl-dapr-prod/pkg/snapshot"
)

var placementSettings = &guideline.Guideline{
	ID:       "placement-settings",
	Title:    "placement shows its tables to nobody, and has the timeouts of its release",
	Severity: guideline.Info,
	Origin:   guideline.DaprDocs,
	Section:  notOnThePage,
	Docs:     "https://docs.dapr.io/concepts/dapr-services/placement/",
	Why: "With its metadata switched on, placement tells everybody who reaches its port which apps of which namespaces host which actors, at which addresses. " +
		"From 1.17 on --disseminate-timeout is the time after which a slow sidecar is thrown out; a value from before, when it was a delay, is too short for that.",
	Judged: "--metadata-enabled and DAPR_PLACEMENT_METADATA_ENABLED, a warning; --disseminate-timeout of three seconds or less from 1.17 on; --keepalive-time and --keepalive-timeout outside one to ten seconds, " +
		"with which placement does not start. In the template and in running Pods. In a rehearsal of 1.17 or later, a --disseminate-timeout from before only where the release's values keep it. A raft log in memory is fine.",
	Fix:   "remove the Helm values dapr_placement.metadataEnabled, disseminateTimeout, keepAliveTime and keepAliveTimeout, whose defaults fit the release",
	Traps: "The metadata may be on for a while to look for an error. A variable set from a ConfigMap or a Secret cannot be seen.",
	Reads: []snapshot.Read{
		{Resource: snapshot.Deployments, Place: snapshot.InControlPlane},
		{Resource: snapshot.StatefulSets, Place: snapshot.InControlPlane},
		{Resource: snapshot.Pods, Place: snapshot.InControlPlane},
		{Resource: snapshot.Releases, Place: snapshot.InControlPlane},
	},
	ControlPlane: func(install *guideline.Install) []guideline.Result {
		w := install.Workload(dapr.Placement)
		if w == nil {
			return []guideline.Result{judgeMissing(install, dapr.Placement, notInstalled)}
		}
		var results []guideline.Result
		if r, off := notJudged(w); off {
			results = append(results, r)
		} else {
			for _, judge := range []func(*guideline.Install, *corev1.Container) guideline.Result{judgeMetadata, judgeTimeouts} {
				results = append(results, inTemplateAndPods(w, func(c *corev1.Container) guideline.Result { return judge(install, c) }))
			}
		}
		for i := range results {
			results[i] = results[i].On(w.Object, w.Source)
		}
		return results
	},
	Values: placementValues,
}

// metadataVariable switches the metadata on as the flag does.
const metadataVariable = "DAPR_PLACEMENT_METADATA_ENABLED"

func judgeMetadata(_ *guideline.Install, c *corev1.Container) guideline.Result {
	byEnv := false
	for _, e := range c.Env {
		if e.Name == metadataVariable {
			if e.ValueFrom != nil {
				return guideline.Unknown("%s comes from elsewhere", e.Name)
			}
			byEnv = dapr.Truthy(e.Value)
		}
	}
	if value := dapr.Flag(c, "metadata-enabled", ""); byVariable(value) {
		return guideline.Unknown("--metadata-enabled is %q: what the variable holds is not looked at", value)
	}
	if !dapr.Switch(c, "metadata-enabled", byEnv) {
		return guideline.Pass("its tables are not shown")
	}
	return guideline.Fail("whoever reaches its port sees all actors and their hosts: its metadata is on").As(guideline.Warning).
		Do("remove the Helm value dapr_placement.metadataEnabled and, from dapr_placement.extraEnvVars, DAPR_PLACEMENT_METADATA_ENABLED")
}

func judgeTimeouts(install *guideline.Install, c *corev1.Container) guideline.Result {
	release := running(install) // the arguments are still its
	if keepsTimeout(install) {
		release = install.Version
	}
	bounds := map[string]time.Duration{"keepalive-time": 10 * time.Second, "keepalive-timeout": 10 * time.Second}
	if release.Known() && !release.AtLeast(1, 17, 0) {
		bounds["disseminate-timeout"] = 3 * time.Second
	}
	for _, name := range append(slices.Sorted(maps.Keys(bounds)), "disseminate-timeout") {
		if value := dapr.Flag(c, name, ""); byVariable(value) {
			return guideline.Unknown("--%s is %q: what the variable holds is not looked at", name, value)
		}
	}
	for _, name := range slices.Sorted(maps.Keys(bounds)) {
		value := dapr.Flag(c, name, "")
		if d, err := time.ParseDuration(value); value != "" && (err != nil || d < time.Second || d > bounds[name]) {
			return guideline.Fail("placement does not start: --%s is %q, not between 1s and %s", name, value, bounds[name]).As(guideline.Error)
		}
	}
	value := dapr.Flag(c, "disseminate-timeout", "")
	d, err := time.ParseDuration(value)
	switch {
	case value == "":
	case err != nil:
		return guideline.Fail("placement does not start: --disseminate-timeout is %q", value).As(guideline.Error)
	case d > 3*time.Second:
	case !release.Known():
		return guideline.Unknown("whether --disseminate-timeout=%s is long enough depends on the release, which is not known", value)
	case !release.AtLeast(1, 17, 0) && install.Version.AtLeast(1, 17, 0):
		return judgeNextTimeout(install, value)
	case release.AtLeast(1, 17, 0):
		return guideline.Fail("--disseminate-timeout=%s: after that time a slow sidecar is thrown out; the release's own value is 8s", value).
			Do("remove the Helm value %s, which comes from before 1.17", disseminateTimeout)
	}
	return guideline.Pass("its timeouts fit the release")
}

// disseminateTimeout is the Helm value behind --disseminate-timeout.
const disseminateTimeout = "dapr_placement.disseminateTimeout"

// keepsTimeout tells whether the values of the release set the timeout, so that an
// upgrade keeps it.
func keepsTimeout(install *guideline.Install) bool {
	return install.Release != nil && slices.Contains(install.Release.Values, disseminateTimeout)
}

// judgeNextTimeout judges a timeout from before 1.17, in a rehearsal, of which it was
// not seen that the values keep it.
func judgeNextTimeout(install *guideline.Install, value string) guideline.Result {
	helm, gap := install.Workload(dapr.Placement).Keeper().Helm(), install.Gap(snapshot.Releases)
	switch {
	case helm && install.Release == nil && gap != nil:
		return guideline.Hidden(gap)
	case helm && install.Release == nil:
		return guideline.Unknown("Helm has no record of the release, which would tell whether the upgrade keeps --disseminate-timeout=%s", value)
	default:
		return guideline.Pass("its timeouts fit the release")
	}
}
