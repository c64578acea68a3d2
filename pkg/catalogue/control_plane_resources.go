// Copyright The kubectl-dapr-prod Authors.
// SPDX-License-Identifier: Apache-2.0

package catalogue

import (
	"fmt"
	"strings"

	corev1 "k8s.io/api/core/v1"
	"k8s.io/apimachinery/pkg/api/resource"

	"github.com/dapr-prod/kubectl-dapr-prod/pkg/dapr"
	"github.com/dapr-prod/kubectl-dapr-prod/pkg/guideline"
	"github.com/dapr-prod/kubectl-dapr-prod/pkg/quantity"
	"github.com/dapr-prod/kubectl-dapr-prod/pkg/snapshot"
)

// controlPlaneRequests are the page's numbers to start with. It has none for the
// scheduler, which came after it.
var controlPlaneRequests = map[string]corev1.ResourceList{
	dapr.Operator:  requests("100m", "100Mi"),
	dapr.Injector:  requests("100m", "30Mi"),
	dapr.Sentry:    requests("100m", "30Mi"),
	dapr.Placement: requests("250m", "75Mi"),
}

// controlPlaneCPULimit is the page's, for all of them.
var controlPlaneCPULimit = quantity.Constant("1")

func requests(cpu, memory string) corev1.ResourceList {
	return corev1.ResourceList{corev1.ResourceCPU: resource.MustParse(cpu), corev1.ResourceMemory: resource.MustParse(memory)}
}

var controlPlaneResources = &guideline.Guideline{
	ID:       "control-plane-resources",
	Title:    "the control plane has CPU and memory requests and a CPU limit",
	Severity: guideline.Warning,
	Origin:   guideline.Page,
	Section:  "Cluster and capacity requirements",
	Docs:     page + "#cluster-and-capacity-requirements",
	Why: "The chart sets none by default: the scheduler of Kubernetes then packs the control plane where there is nothing left, " +
		"and it is evicted before the apps that depend on it.",
	Judged: "The container named after the workload, in the running Pods first and in the template second, so that a LimitRange or an autoscaler counts. " +
		"A missing request is an error where the control plane is highly available. Below the page's numbers is worth knowing, no more: measured values may be lower. " +
		"The page has no numbers for the scheduler; of it only requests are asked, by us.",
	Fix:   "set the Helm values dapr_operator.resources, dapr_sidecar_injector.resources, dapr_sentry.resources, dapr_placement.resources and dapr_scheduler.resources",
	Traps: "A LimitRange or an autoscaler may give what the template lacks: the Pods show it. The first container may be one of the user's own (global.extraContainers); the one named after the workload counts.",
	Reads: []snapshot.Read{
		{Resource: snapshot.Deployments, Place: snapshot.InControlPlane},
		{Resource: snapshot.StatefulSets, Place: snapshot.InControlPlane},
		{Resource: snapshot.Pods, Place: snapshot.InControlPlane},
	},
	ControlPlane: func(install *guideline.Install) []guideline.Result {
		return eachWorkload(install, judgeControlPlaneResources, notInstalled)
	},
	Values: resourcesValues,
}

func judgeControlPlaneResources(install *guideline.Install, w *snapshot.ControlPlaneWorkload) guideline.Result {
	if r, off := notJudged(w); off {
		return r
	}
	template := judgeServiceResources(install, w.Name, container{w.Container, w.PodResources}).In(w.Name).
		At(containerField(w) + ".resources")
	running, seen := worstOfPods(install, w)
	gap := install.Gap(snapshot.Pods)
	switch {
	case seen && template.Outcome == guideline.Failed && running.Outcome == guideline.Passed:
		return guideline.Pass("%s, not from the template but from the namespace or an autoscaler", running.Message).In(w.Name)
	case seen && template.Outcome == guideline.Passed && running.Outcome == guideline.Failed && running.Severity > guideline.Info:
		running.Message += ", in running Pods"
		return running.In(w.Name).At(template.Field).Do("%s: they are older than the template", restart(w.Object))
	case seen:
		return running.In(w.Name).At(template.Field)
	case gap != nil && gap.Reason != snapshot.NotInInput && template.Outcome == guideline.Failed:
		return guideline.Hidden(gap)
	default:
		return template
	}
}

// worstOfPods judges the running Pods of a workload and returns the worst result.
func worstOfPods(install *guideline.Install, w *snapshot.ControlPlaneWorkload) (worst guideline.Result, seen bool) {
	for _, p := range w.Pods {
		if p.Container == nil {
			continue
		}
		r := judgeServiceResources(install, w.Name, container{p.Container, p.PodResources})
		worse := r.Outcome == guideline.Failed && (worst.Outcome != guideline.Failed || r.Severity > worst.Severity)
		if !seen || worse {
			worst = r
		}
		seen = true
	}
	return worst, seen
}

func judgeServiceResources(install *guideline.Install, name string, c container) guideline.Result {
	cpu, hasCPU := c.request(corev1.ResourceCPU)
	memory, hasMemory := c.request(corev1.ResourceMemory)
	limit, hasLimit := c.limit(corev1.ResourceCPU)
	least, onPage := controlPlaneRequests[name]
	origin, note := guideline.Page, ""
	if !onPage {
		origin, note = guideline.Ours, " (not from the guidelines, which have no numbers for the scheduler)"
	}

	var missing []string
	if !hasCPU {
		missing = append(missing, "no CPU request")
	}
	if !hasMemory {
		missing = append(missing, "no memory request")
	}
	withoutRequest := len(missing) > 0
	if !hasLimit && onPage {
		missing = append(missing, "no CPU limit")
	}
	if len(missing) > 0 {
		severity := guideline.Warning
		if withoutRequest && onPage && highlyAvailable(install) {
			severity = guideline.Error
		}
		return guideline.Fail("%s%s", strings.Join(missing, ", "), note).As(severity).From(origin).Do("%s", resourcesRemedy(name))
	}
	if !onPage {
		return guideline.Pass("CPU and memory have requests%s", note).From(origin)
	}

	var low []string
	for _, q := range []struct {
		what        string
		has, wanted resource.Quantity
	}{
		{"CPU request", cpu, least[corev1.ResourceCPU]},
		{"memory request", memory, least[corev1.ResourceMemory]},
		{"CPU limit", limit, controlPlaneCPULimit},
	} {
		if q.has.Cmp(q.wanted) < 0 {
			low = append(low, fmt.Sprintf("%s %s, the page starts with %s", q.what, &q.has, &q.wanted))
		}
	}
	if len(low) > 0 {
		return guideline.Fail("%s", strings.Join(low, "; ")).As(guideline.Info).Do("keep it if it was measured, or raise it")
	}
	return guideline.Pass("CPU and memory have requests, CPU has a limit")
}

// resourcesRemedy names the Helm value, and the page's numbers where it has some.
func resourcesRemedy(name string) string {
	set := fmt.Sprintf("set the Helm value %s.resources", subchart(name))
	least, onPage := controlPlaneRequests[name]
	if !onPage {
		return set
	}
	return fmt.Sprintf("%s; the page starts with requests of %s CPU and %s memory and a CPU limit of %s",
		set, least.Cpu(), least.Memory(), &controlPlaneCPULimit)
}

// highlyAvailable tells whether the install means to be: by its Deployments,
// since the scheduler has three replicas in any case.
func highlyAvailable(install *guideline.Install) bool {
	for _, name := range []string{dapr.Operator, dapr.Sentry, dapr.Injector} {
		if w := install.Workload(name); w != nil && w.Desired >= replicas {
			return true
		}
	}
	return false
}
