// Copyright The kubectl-dapr-prod Authors.
// SPDX-License-Identifier: Apache-2.0

package catalogue

import (
	"slices"
	"strings"

	corev1 "k8s.io/api/core/v1"
	"k8s.io/apimachinery/pkg/labels"

	"github.com/dapr-prod/kubectl-dapr-prod/pkg/guideline"
	"github.com/dapr-prod/kubectl-dapr-prod/pkg/snapshot"
)

var dashboard = &guideline.Guideline{
	ID:       "dashboard",
	Title:    "Dapr's dashboard is not in the cluster",
	Severity: guideline.Warning,
	Origin:   guideline.Ours,
	Section:  olderEdition,
	Docs:     page + "#optional-components",
	Why: "The dashboard shows components, configurations and logs to everybody who reaches it: it knows no passwords. It is a chart of its own since 1.11, " +
		"and is not developed any more since 1.18.",
	Judged: "Deployments with the dashboard's label or, under another name, its image. Reachable by an Ingress, a LoadBalancer or a NodePort it is an error. " +
		"The older edition also has numbers for its CPU and memory.",
	Fix: "uninstall it: helm uninstall dapr-dashboard in its namespace, if that is the name of its release",
	Traps: "Builds of one's own have other images. Ways in from outside other than Ingress and Service, such as a Gateway, are not seen; neither is who forwards a port. " +
		"The Helm value dapr_dashboard.resources, which the page names, is none of the chart's any more.",
	Reads: []snapshot.Read{
		{Resource: snapshot.Deployments, Place: snapshot.InControlPlane},
		{Resource: snapshot.Deployments, Place: snapshot.BesideControlPlane},
		{Resource: snapshot.Deployments, Place: snapshot.InApps},
		{Resource: snapshot.Services, Place: snapshot.InControlPlane},
		{Resource: snapshot.Services, Place: snapshot.InApps},
		{Resource: snapshot.Ingresses, Place: snapshot.InControlPlane},
		{Resource: snapshot.Ingresses, Place: snapshot.InApps},
	},
	Cluster: func(p *guideline.Platform) []guideline.Result {
		var results []guideline.Result
		for i := range p.Snapshot.Dashboards {
			d := &p.Snapshot.Dashboards[i]
			results = append(results, judgeDashboard(p, d).On(d.Object, d.Source))
			if p.Edition == guideline.Older {
				results = append(results, judgeDashboardResources(d).On(d.Object, d.Source).From(guideline.Page))
			}
		}
		if len(results) > 0 {
			return results
		}
		gap := hiddenInstalls(p)
		if gap == nil && p.Snapshot.Live {
			gap = p.Snapshot.Gap(snapshot.InApps, snapshot.Deployments, p.Snapshot.Namespace)
		}
		for _, install := range p.Installs {
			if gap == nil {
				gap = p.Snapshot.Gap(snapshot.BesideControlPlane, snapshot.Deployments, install.Namespace)
			}
		}
		switch {
		case gap != nil:
			return []guideline.Result{guideline.Hidden(gap)}
		case !p.Snapshot.Live:
			return []guideline.Result{guideline.Unknown("a dashboard is not in the input")}
		default:
			return []guideline.Result{guideline.Pass("no dashboard was found")}
		}
	},
}

func judgeDashboard(p *guideline.Platform, d *snapshot.Dashboard) guideline.Result {
	remove := "uninstall the Helm release that it comes from, often with helm uninstall dapr-dashboard -n " + d.Object.Namespace + ", or else kubectl delete " + target(d.Object)
	ways, gap := waysIn(p.Snapshot, d)
	elsewhere := p.Snapshot.Live && p.Snapshot.Namespace != "" && p.Snapshot.Namespace != d.Object.Namespace && p.Snapshot.ControlPlane(d.Object.Namespace) == nil
	switch {
	case len(ways) > 0:
		return guideline.Fail("the dashboard, which knows no passwords, is reachable from outside by %s", strings.Join(ways, ", ")).As(guideline.Error).Do("%s", remove)
	case gap != nil:
		return guideline.Fail("the dashboard knows no passwords, and whether it is reachable from outside is not known: %s", gap).Do("%s", remove)
	case elsewhere:
		return guideline.Fail("the dashboard knows no passwords, and whether it is reachable from outside is not known: Services of namespace %s were not read", d.Object.Namespace).Do("%s", remove)
	case !p.Snapshot.Live:
		return guideline.Fail("the dashboard knows no passwords, and is not developed any more").Do("take it out of what is deployed")
	default:
		return guideline.Fail("the dashboard knows no passwords, and is not developed any more").Do("%s", remove)
	}
}

// waysIn names the Services and Ingresses that lead to a dashboard from outside.
func waysIn(s *snapshot.Snapshot, d *snapshot.Dashboard) (ways []string, gap *snapshot.Gap) {
	namespace := d.Object.Namespace
	place := snapshot.InApps
	if s.ControlPlane(namespace) != nil {
		place = snapshot.InControlPlane
	}
	if gap = s.Gap(place, snapshot.Services, namespace); gap == nil {
		gap = s.Gap(place, snapshot.Ingresses, namespace)
	}
	if gap != nil && gap.Reason == snapshot.NotInInput {
		gap = nil
	}
	var services []string
	for service := range s.ServicesOf(namespace) {
		if len(service.Selector) == 0 || !labels.SelectorFromSet(service.Selector).Matches(labels.Set(d.PodLabels)) {
			continue
		}
		services = append(services, service.Object.Name)
		if service.Type == corev1.ServiceTypeLoadBalancer || service.Type == corev1.ServiceTypeNodePort {
			ways = append(ways, string(service.Type)+" "+service.Object.Name)
		}
	}
	for _, i := range s.Ingresses {
		if i.Object.Namespace == namespace && slices.ContainsFunc(i.Services, func(name string) bool { return slices.Contains(services, name) }) {
			ways = append(ways, "Ingress "+i.Object.Name)
		}
	}
	return ways, gap
}
