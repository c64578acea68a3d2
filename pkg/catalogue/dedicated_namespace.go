// Copyright The kubectl-dapr-prod Authors.
// SPDX-License-Identifier: Apache-2.0

package catalogue

import (
	"slices"
	"strings"

	"github.com/dapr-prod/kubectl-dapr-prod/pkg/guideline"
	"github.com/dapr-prod/kubectl-dapr-prod/pkg/snapshot"
)

var dedicatedNamespace = &guideline.Guideline{
	ID:       "dedicated-namespace",
	Title:    "the control plane has a namespace of its own",
	Severity: guideline.Warning,
	Origin:   guideline.Page,
	Section:  "Security",
	Docs:     page + "#security",
	Why: "Who may make Pods in the control plane's namespace can mount its Secrets, the issuer's private key among them, and use its ServiceAccounts: " +
		"everything that shares the namespace is trusted with the whole mesh.",
	Judged: "The name of the namespace, and what is in it besides the control plane and its dashboard: workloads, also those scaled to zero, Pods that nobody owns, " +
		"and components and other objects of Dapr's.",
	Fix: "move what shares the namespace to namespaces of its own",
	Traps: "Agents that run on every node and extensions of the cloud's may have been put there by somebody else: DaemonSets are only worth knowing. " +
		"A control plane cannot be moved: identities hold the name of its namespace.",
	Reads: slices.Concat([]snapshot.Read{{Resource: snapshot.Deployments, Place: snapshot.InControlPlane}}, beside()),
	ControlPlane: func(install *guideline.Install) []guideline.Result {
		if install.Namespace == "default" || strings.HasPrefix(install.Namespace, "kube-") {
			return []guideline.Result{guideline.Fail("installed in %s, which is not its own", install.Namespace).
				Do("install Dapr anew in a namespace of its own, such as dapr-system, and restart every app: a control plane cannot be moved")}
		}
		var others, agents []string
		for _, n := range install.Neighbours {
			switch {
			case isDashboard(install, n.Object):
			case n.Object.Kind == "DaemonSet":
				agents = append(agents, n.Object.Kind+" "+n.Object.Name)
			default:
				others = append(others, n.Object.Kind+" "+n.Object.Name)
			}
		}
		return sharing(install, others, agents)
	},
}

// beside are the reads of everything that may share a control plane's namespace.
func beside() []snapshot.Read {
	var all []snapshot.Read
	for _, read := range slices.Concat(snapshot.Apps(), snapshot.DaprObjects()) {
		all = append(all, snapshot.Read{Resource: read.Resource, Place: snapshot.BesideControlPlane})
	}
	return all
}

func isDashboard(install *guideline.Install, o snapshot.Object) bool {
	return slices.ContainsFunc(install.Snapshot.Dashboards, func(d snapshot.Dashboard) bool { return d.Object == o })
}

// sharing says what was found, and what may be there besides.
func sharing(install *guideline.Install, others, agents []string) []guideline.Result {
	var results []guideline.Result
	if len(others) > 0 {
		results = append(results, guideline.Fail("the namespace %s also holds %s", install.Namespace, firstFew(others)))
	}
	if len(agents) > 0 {
		results = append(results, guideline.Fail("the namespace %s also holds agents: %s", install.Namespace, firstFew(agents)).As(guideline.Info))
	}
	for _, read := range beside() {
		if gap := install.Snapshot.Gap(read.Place, read.Resource, install.Namespace); gap != nil {
			return append(results, guideline.Hidden(gap))
		}
	}
	switch {
	case len(results) > 0:
		return results
	case !install.Snapshot.Live:
		return []guideline.Result{guideline.Unknown("what else is in the namespace %s: not in the input", install.Namespace)}
	default:
		return []guideline.Result{guideline.Pass("it has the namespace %s for itself", install.Namespace)}
	}
}
