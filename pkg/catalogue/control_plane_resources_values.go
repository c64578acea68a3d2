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

// schedulerRequests are this tool's own: Dapr's documentation has none.
var schedulerRequests = requests("250m", "256Mi")

const ownNumber = "this tool's own number, for want of one in the guidelines"

// resourcesValues are the page's numbers, where a service has none.
func resourcesValues(install *guideline.Install) guideline.Values {
	if install.New {
		return newResourcesValues(install)
	}
	short := fallen(install, func(install *guideline.Install, w *snapshot.ControlPlaneWorkload) guideline.Result {
		if r := judgeControlPlaneResources(install, w); r.Severity > guideline.Info {
			return r
		}
		return guideline.Pass("what was set is for a person to change")
	})
	var v guideline.Values
	var closed []shortfall
	for _, s := range short {
		if set := missingResources(s.ControlPlaneWorkload); len(set) > 0 && rangeRefuses(install, set) == "" {
			v.Set, closed = append(v.Set, set...), append(closed, s)
		} else if len(set) > 0 {
			v = v.Risking(fmt.Sprintf("%s is left out, since LimitRange %s refuses the page's numbers", s.Name, rangeRefuses(install, set)))
		}
	}
	if len(closed) == 0 {
		return guideline.Values{}
	}
	return v.Closing(these(closed)).Risking(restarts).Risking("it does not come up where the nodes have no room for what it requests")
}

// missingResources are what the template of a workload lacks.
func missingResources(w *snapshot.ControlPlaneWorkload) []guideline.Value {
	c := container{w.Container, w.PodResources}
	_, onPage := controlPlaneRequests[w.Name]
	least := leastRequests(w.Name)
	path, note := subchart(w.Name)+".resources.", ""
	if !onPage {
		note = ownNumber
	}
	var set []guideline.Value
	for _, name := range []corev1.ResourceName{corev1.ResourceCPU, corev1.ResourceMemory} {
		if _, has := c.request(name); !has {
			q := least[name]
			set = append(set, guideline.Value{Path: path + "requests." + string(name), Value: q.String(), Note: note})
		}
	}
	if _, has := c.limit(corev1.ResourceCPU); !has && onPage {
		limit := controlPlaneCPULimit
		if request, _ := c.request(corev1.ResourceCPU); request.Cmp(limit) > 0 {
			limit = request // the server takes no limit below the request
		}
		set = append(set, guideline.Value{Path: path + "limits.cpu", Value: limit.String()})
	}
	return set
}

// leastRequests are the page's numbers for a service, or our own.
func leastRequests(name string) corev1.ResourceList {
	if least, onPage := controlPlaneRequests[name]; onPage {
		return least
	}
	return schedulerRequests
}

// rangeRefuses names the LimitRange of the namespace that allows less, or asks for more,
// than such values; empty where none does.
func rangeRefuses(install *guideline.Install, set []guideline.Value) string {
	for _, l := range install.Snapshot.LimitRangesOf(install.Namespace) {
		for _, item := range l.Items {
			for _, value := range set {
				text, _ := value.Value.(string)
				q := resource.MustParse(text) // it is one of ours, or one that the server has taken
				name := corev1.ResourceMemory
				if value.Path[len(value.Path)-3:] == string(corev1.ResourceCPU) {
					name = corev1.ResourceCPU
				}
				most, limited := item.Max[name]
				least, asked := item.Min[name]
				if item.Type == corev1.LimitTypeContainer && (limited && q.Cmp(most) > 0 || asked && q.Cmp(least) < 0) {
					return l.Name
				}
			}
		}
	}
	return ""
}

// newResourcesValues are all numbers, also those for the scheduler.
func newResourcesValues(install *guideline.Install) guideline.Values {
	var v guideline.Values
	for _, name := range dapr.ControlPlaneWorkloads() {
		if name == dapr.Scheduler && older(install, 14, 0) {
			continue
		}
		set := missingResources(&snapshot.ControlPlaneWorkload{Name: name, Container: &corev1.Container{}})
		if name == dapr.Scheduler {
			set = append(set, guideline.Value{Path: subchart(name) + ".resources.limits.cpu", Value: controlPlaneCPULimit.String(), Note: ownNumber})
		}
		for _, value := range set {
			v.Set = append(v.Set, besideWritten(install, value))
		}
	}
	return v
}

// besideWritten is a request no larger than the limit that somebody has written down, or
// a limit no smaller than the request: the server takes nothing else.
func besideWritten(install *guideline.Install, value guideline.Value) guideline.Value {
	text, _ := value.Value.(string)
	ours := resource.MustParse(text)
	value.Serves = atLeast(ours)
	request := strings.Contains(value.Path, requestsPath)
	other := strings.Replace(value.Path, limitsPath, requestsPath, 1)
	if request {
		other = strings.Replace(value.Path, requestsPath, limitsPath, 1)
	}
	theirs, err := quantity.Parse(fmt.Sprint(written(install, other)))
	if err == nil && (request && ours.Cmp(theirs) > 0 || !request && ours.Cmp(theirs) < 0) {
		value.Value = theirs.String()
	}
	return value
}

// The parts of paths that tell requests from limits.
const (
	requestsPath = ".resources.requests."
	limitsPath   = ".resources.limits."
)
