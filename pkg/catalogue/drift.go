// Copyright The kubectl-dapr-prod Authors.
// SPDX-License-Identifier: Apache-2.0

package catalogue

import (
	"fmt"
	"slices"
	"strings"

	corev1 "k8s.io/api/core/v1"
	"k8s.io/apimachinery/pkg/api/equality"

	"github.com/dapr-prod/kubectl-dapr-prod/pkg/guideline"
	"github.com/dapr-prod/kubectl-dapr-prod/pkg/snapshot"
)

// judgeDrift compares the workloads with those of Helm's record.
func judgeDrift(install *guideline.Install) []guideline.Result {
	recorded := install.Release.Workloads
	if len(recorded) == 0 {
		return []guideline.Result{guideline.Unknown("the manifest of Helm's record holds no workload that could be compared").From(guideline.Ours)}
	}
	do := fmt.Sprintf("put the difference into the values of the release: its next upgrade reverts what stands in the cluster only (helm get values %s -n %s -o yaml > FILE saves the present ones, to be kept like a secret)",
		install.Release.Name, install.Release.Namespace)
	var results []guideline.Result
	for i := range recorded {
		var r guideline.Result
		was, is := &recorded[i], install.Workload(recorded[i].Name)
		switch gap := install.Gap(resourceOfWorkload(was.Object.Kind)); {
		case is == nil && gap != nil:
			r = guideline.Hidden(gap)
		case is == nil:
			r = guideline.Fail("it is in Helm's record, and not in the cluster").Do("upgrade the release to its own chart version with its own values")
		default:
			changed := drift(was, is)
			if len(changed) == 0 {
				continue
			}
			r = guideline.Fail("not as in Helm's record: %s", strings.Join(changed, ", ")).Do("%s", do)
			was = is
		}
		results = append(results, r.From(guideline.Ours).On(was.Object, was.Source))
	}
	for i := range install.Workloads {
		w := &install.Workloads[i]
		if !slices.ContainsFunc(recorded, func(r snapshot.ControlPlaneWorkload) bool { return r.Name == w.Name }) {
			results = append(results, guideline.Fail("it is in the cluster, and not in Helm's record").
				Do("find out who made it: no upgrade of the release touches it").From(guideline.Ours).On(w.Object, w.Source))
		}
	}
	if len(results) == 0 {
		results = append(results, guideline.Pass("the workloads are as in Helm's record").From(guideline.Ours))
	}
	return results
}

func resourceOfWorkload(kind string) snapshot.Resource {
	if kind == "StatefulSet" {
		return snapshot.StatefulSets
	}
	return snapshot.Deployments
}

// drift names what differs, and never says how: arguments may hold passwords.
func drift(was, is *snapshot.ControlPlaneWorkload) []string {
	var changed []string
	differ := func(name string, differs bool) {
		if differs {
			changed = append(changed, name)
		}
	}
	differ("replicas", was.Desired != is.Desired)
	if was.Template != nil && is.Template != nil {
		differ("priority class", was.Template.Spec.PriorityClassName != is.Template.Spec.PriorityClassName)
		differ("resources of the Pod", !equality.Semantic.DeepEqual(podList(was.PodResources), podList(is.PodResources)))
	}
	if was.Container == nil || is.Container == nil {
		differ("container", was.Container != is.Container)
		return changed
	}
	differ("image", was.Container.Image != is.Container.Image)
	differ("command", !slices.Equal(was.Container.Command, is.Container.Command))
	differ("arguments", !slices.Equal(was.Container.Args, is.Container.Args))
	differ("names of variables", !slices.Equal(envNames(was.Container), envNames(is.Container)))
	differ("resources", !equality.Semantic.DeepEqual(was.Container.Resources, is.Container.Resources))
	return changed
}

// envNames are the names of a container's variables, sorted.
func envNames(c *corev1.Container) []string {
	var names []string
	for _, e := range c.Env {
		names = append(names, e.Name)
	}
	slices.Sort(names)
	return names
}
