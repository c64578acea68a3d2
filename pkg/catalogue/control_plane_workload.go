// Copyright The kubectl-dapr-prod Authors.
// SPDX-License-Identifier: Apache-2.0

package catalogue

import (
	"strings"

	corev1 "k8s.io/api/core/v1"

	"github.com/dapr-prod/kubectl-dapr-prod/pkg/guideline"
	"github.com/dapr-prod/kubectl-dapr-prod/pkg/snapshot"
)

// notJudged says why nothing can be said of the container of a workload.
func notJudged(w *snapshot.ControlPlaneWorkload) (r guideline.Result, off bool) {
	switch {
	case w.Desired == 0:
		return guideline.Skip("scaled to zero: switched off"), true
	case w.Container == nil:
		return guideline.Unknown("no container named %s in the template", w.Name), true
	default:
		return r, false
	}
}

// containerField is the place of a workload's own container.
func containerField(w *snapshot.ControlPlaneWorkload) string {
	return "spec.template.spec.containers[" + w.Name + "]"
}

// byVariable tells whether the kubelet fills in a part of an argument, from a
// variable of the container.
func byVariable(value string) bool { return strings.Contains(value, "$(") }

// subchart is the chart that a workload comes from, under whose name its Helm
// values stand.
func subchart(name string) string {
	return strings.ReplaceAll(strings.TrimSuffix(name, "-server"), "-", "_")
}

// allOfEachWorkload is eachWorkload for judges that have several things to say.
func allOfEachWorkload(install *guideline.Install, judge func(*guideline.Install, *snapshot.ControlPlaneWorkload) []guideline.Result, missing func(name string) guideline.Result) []guideline.Result {
	var more []guideline.Result
	results := eachWorkload(install, func(install *guideline.Install, w *snapshot.ControlPlaneWorkload) guideline.Result {
		said := judge(install, w)
		for _, r := range said[1:] {
			more = append(more, r.On(w.Object, w.Source))
		}
		return said[0]
	}, missing)
	return append(results, more...)
}

// inTemplateAndPods judges the arguments that a workload's template gives and those
// that its Pods run with: the worse of the two.
func inTemplateAndPods(w *snapshot.ControlPlaneWorkload, judge func(*corev1.Container) guideline.Result) guideline.Result {
	next := judge(w.Container).In(w.Name).At(containerField(w) + ".args")
	for _, p := range w.Pods {
		if p.Container == nil || next.Outcome == guideline.Failed {
			continue
		}
		if now := judge(p.Container); now.Outcome == guideline.Failed {
			now.Message += ", in running Pods"
			return now.In(w.Name).Do("%s: they are older than the template", restart(w.Object))
		}
	}
	return next
}
