// Copyright The kubectl-dapr-prod Authors.
// SPDX-License-Identifier: Apache-2.0

package catalogue

import (
	"fmt"
	"strings"

	"github.com/dapr-prod/kubectl-dapr-prod/pkg/guideline"
	"github.com/dapr-prod/kubectl-dapr-prod/pkg/snapshot"
)

var declaredValues = &guideline.Guideline{
	ID:       "declared-values",
	Title:    "the control plane is as somebody declared it",
	Severity: guideline.Info,
	Origin:   guideline.Page,
	Section:  "Deploy Dapr with Helm",
	Docs:     page + "#deploy-dapr-with-helm",
	Why: "What was set by hand is gone with the next upgrade, and what nobody wrote down cannot be made again. " +
		"A release that Helm did not finish takes no upgrade, or is half of one.",
	Judged: "Who keeps the control plane, by the marks of Helm, Argo CD and Flux; of a Helm release its newest record: its status, whether it holds values, " +
		"and whether replicas, images, arguments, names of variables, resources and priority class in the cluster are those of its manifest.",
	Fix: "keep the values of the release in a file under source control, without its secrets, and upgrade with that file: " +
		"helm get values RELEASE -n NAMESPACE -o yaml > FILE saves those that there are, to be kept like a secret",
	Traps: "A rendered chart under Argo CD has no record, and needs none. Terraform's releases look like those made by hand. " +
		"dapr upgrade -k forgets every value that is not given again. Whether a file of values is under source control cannot be seen here.",
	Reads: []snapshot.Read{
		{Resource: snapshot.Deployments, Place: snapshot.InControlPlane},
		{Resource: snapshot.StatefulSets, Place: snapshot.InControlPlane},
		{Resource: snapshot.Releases, Place: snapshot.InControlPlane},
	},
	ControlPlane: func(install *guideline.Install) []guideline.Result {
		if !install.Snapshot.Live {
			return []guideline.Result{guideline.Skip("the manifests are themselves the declaration")}
		}
		switch keeper := install.Keeper(); keeper {
		case snapshot.Argo, snapshot.Kustomization, snapshot.Operator:
			return []guideline.Result{guideline.Pass("%s keeps it as it is declared", keeper)}
		case snapshot.Nobody:
			if gap := install.Gap(snapshot.Deployments, snapshot.StatefulSets); gap != nil {
				return []guideline.Result{guideline.Hidden(gap)}
			}
			return []guideline.Result{guideline.Fail("no mark of Helm, Argo CD or Flux tells who keeps it").
				Do("keep the manifests under source control, or install Dapr from its chart with a file of values")}
		default:
			return judgeRelease(install)
		}
	},
}

// judgeRelease judges Helm's newest record, and the cluster by it.
func judgeRelease(install *guideline.Install) []guideline.Result {
	r := install.Release
	if r == nil {
		if gap := install.Gap(snapshot.Releases); gap != nil {
			return []guideline.Result{guideline.Hidden(gap)}
		}
		return []guideline.Result{guideline.Fail("Helm's mark is on it, and Helm has no record of the release: its values are lost")}
	}
	flags := fmt.Sprintf("%s -n %s", r.Name, r.Namespace)
	if r.Status != "deployed" {
		do := fmt.Sprintf("see why in helm history %s, and run the upgrade again", flags)
		if strings.HasPrefix(r.Status, "pending-") {
			do = fmt.Sprintf("see helm history %s; if no helm is at work any more, go back to the last revision deployed with helm rollback, then upgrade again", flags)
		}
		return []guideline.Result{guideline.Fail("the newest revision of the release, %d, is not deployed: its status is %s", r.Revision, r.Status).
			As(guideline.Error).From(guideline.Ours).Do("%s", do)}
	}
	values := guideline.Pass("Helm's record of revision %d holds %s", r.Revision, count(len(r.Values), "value"))
	if len(r.Values) == 0 {
		or := ""
		if r.Revision > 1 {
			or = ", or the last upgrade forgot the values"
		}
		values = guideline.Fail("Helm's record of revision %d holds no value: all is as the chart has it%s", r.Revision, or).
			Do("write a file of values, keep it under source control, and upgrade the release with -f FILE")
	}
	return append([]guideline.Result{values}, judgeDrift(install)...)
}
