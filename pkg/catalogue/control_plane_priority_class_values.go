// Copyright The kubectl-dapr-prod Authors.
// SPDX-License-Identifier: Apache-2.0

package catalogue

import (
	"fmt"

	"github.com/dapr-prod/kubectl-dapr-prod/pkg/dapr"
	"github.com/dapr-prod/kubectl-dapr-prod/pkg/guideline"
	"github.com/dapr-prod/kubectl-dapr-prod/pkg/snapshot"
)

const (
	priorityClassValue = "global.priorityClassName"
	// pageClass is the class that the page recommends.
	pageClass = "system-cluster-critical"
	// chartQuota is the ResourceQuota that the chart makes for it, from 1.14 on.
	chartQuota = "system-critical-quota"
)

// priorityClassValues set the class of the page, where its quota is there, is not needed
// or comes with it.
func priorityClassValues(install *guideline.Install) guideline.Values {
	set := guideline.Set(guideline.Value{Path: priorityClassValue, Value: pageClass, Over: defaultEmpty, Serves: func(is any) bool {
		name, _ := is.(string)
		return critical(name)
	}})
	switch {
	case install.New && older(install, 14, 0):
		return guideline.Values{Person: "before 1.14 the chart makes no ResourceQuota for it, without which some clusters refuse the Pods: make the namespace with " + criticalQuota + " first, as priority-class-quota says, then set " + priorityClassValue + "=" + pageClass}
	case install.New:
		return set
	case install.Edition == guideline.Older:
		return guideline.Values{}
	}
	chosen := ""
	short := fallen(install, func(install *guideline.Install, w *snapshot.ControlPlaneWorkload) guideline.Result {
		r := judgePriorityClass(install, w)
		if judgeClass(install, classOf(w)).Outcome != guideline.Failed {
			return guideline.Pass("the template has it")
		}
		if r.Outcome == guideline.Failed && classOf(w) != "" {
			chosen = classOf(w)
		}
		return r
	})
	if len(short) == 0 {
		return guideline.Values{}
	}
	if why := classRefused(install); why != "" {
		return guideline.Values{Person: why}
	}
	v := set.Closing(these(short)).Risking(restarts).Risking("where there is no place, its Pods push Pods of apps out")
	if chosen != "" {
		return v.Only("somebody chose priority class " + chosen)
	}
	return v
}

// classRefused says why the value would leave the control plane without Pods, or would
// not get through; empty where it would.
func classRefused(install *guideline.Install) string {
	placement := install.Workload(dapr.Placement)
	switch {
	case placement != nil && lostByChart(install.Version, placement):
		return classRemedy(install, placement)
	case quotaNeeded(install) && install.Gap(snapshot.ResourceQuotas) != nil:
		return fmt.Sprintf("whether namespace %s has a ResourceQuota for the class could not be read, and before 1.14 the chart makes none: %s", install.Namespace, install.Gap(snapshot.ResourceQuotas))
	case quotaNeeded(install):
		return fmt.Sprintf("some clusters refuse Pods of that class without a ResourceQuota, and before 1.14 the chart makes none: make %s in namespace %s with a scopeSelector of PriorityClass In [%s] first",
			criticalQuota, install.Namespace, pageClass)
	case foreignQuota(install):
		return fmt.Sprintf("namespace %s has a ResourceQuota %s that is not of the release, and Helm does not take it over: delete it, since the chart makes one of that name with the class", install.Namespace, chartQuota)
	default:
		return ""
	}
}

// quotaNeeded tells whether the cluster may refuse Pods of the class for want of a quota.
func quotaNeeded(install *guideline.Install) bool {
	return !install.Version.AtLeast(1, 14, 0) && quotaOf(install, pageClass) == nil && !runs(install, pageClass)
}

// foreignQuota tells whether somebody else has made a ResourceQuota of the name that the
// chart gives to its own: it makes that with the class, and not before.
func foreignQuota(install *guideline.Install) bool {
	if !install.Version.AtLeast(1, 14, 0) || len(criticalClasses(install)) > 0 || sets(install, priorityClassValue) {
		return false
	}
	for _, q := range install.Snapshot.ResourceQuotasOf(install.Namespace) {
		if q.Object.Name == chartQuota {
			return true
		}
	}
	return false
}

// quotaValues have the chart make its quota again, from 1.14 on.
func quotaValues(install *guideline.Install) guideline.Values {
	if install.New || !install.Version.AtLeast(1, 14, 0) || install.Edition == guideline.Older {
		return guideline.Values{}
	}
	classes := criticalClasses(install)
	missing := false
	for _, class := range classes {
		missing = missing || judgeQuota(install, class).Outcome == guideline.Failed
	}
	switch {
	case !missing:
		return guideline.Values{}
	case len(classes) > 1:
		return guideline.Values{Person: fmt.Sprintf("the services have %d critical classes, and the chart makes a ResourceQuota for one: give them the same", len(classes))}
	default:
		return guideline.Set(guideline.Value{Path: priorityClassValue, Value: classes[0]})
	}
}
