// Copyright The kubectl-dapr-prod Authors.
// SPDX-License-Identifier: Apache-2.0

package catalogue

import (
	"fmt"
	"maps"
	"slices"
	"strconv"

	"github.com/dapr/dapr/pkg/injector/annotations"
	corev1 "k8s.io/api/core/v1"
	"k8s.io/apimachinery/pkg/util/intstr"

	"github.com/dapr-prod/kubectl-dapr-prod/pkg/dapr"
	"github.com/dapr-prod/kubectl-dapr-prod/pkg/guideline"
	"github.com/dapr-prod/kubectl-dapr-prod/pkg/sidecar"
	"github.com/dapr-prod/kubectl-dapr-prod/pkg/snapshot"
)

// scrapeTarget is a port with metrics, and what its Pods are found by.
type scrapeTarget struct {
	namespace           string
	labels, annotations map[string]string
	// ports are those that the container names.
	ports []corev1.ContainerPort
	port  int32
	// said tells that dapr.io/enable-metrics is "true", for all Pods that run so.
	said bool
	// withdrawn is the Service of Dapr's operator where the template has the operator
	// take its annotations for Prometheus off; empty otherwise.
	withdrawn string
}

// scrapeTargetOf is the metrics' port of a sidecar.
func scrapeTargetOf(app *guideline.App, d daprd) scrapeTarget {
	t := scrapeTarget{namespace: app.Object.Namespace, ports: d.Ports, port: metricsPort(d.container)}
	if !d.runs {
		t.labels, t.annotations = app.Template.Labels, app.Template.Scrape
		t.said = app.Template.Annotations[annotations.KeyEnableMetrics] == "true"
		if app.Sidecar.Simulation.State == sidecar.Manual {
			return t
		}
		set, _ := annotated(app)
		t.withdrawn = withdrawn(set)
		// The injector writes these over the template's (pkg/injector/patcher/sidecar_patcher.go).
		t.labels = map[string]string{}
		maps.Copy(t.labels, app.Template.Labels)
		t.labels["dapr.io/sidecar-injected"] = "true"
		t.labels[annotations.KeyAppID] = set[annotations.KeyAppID]
		t.labels["dapr.io/metrics-enabled"] = strconv.FormatBool(hasFlag(d.Container, "enable-metrics"))
		return t
	}
	t.said = true
	for _, p := range app.Pods {
		if p.Sidecar != nil && &p.Sidecar.Container == d.Container {
			t.labels, t.annotations = p.Labels, p.Scrape
			t.said = t.said && p.Annotations[annotations.KeyEnableMetrics] == "true"
		}
	}
	return t
}

// withdrawn is the Service whose annotations the operator takes off, as the template
// asks (pkg/operator/handlers/dapr_handler.go, createDaprServiceValues).
func withdrawn(set map[string]string) string {
	enabled := set[annotations.KeyEnableMetrics]
	if _, own := set[annotations.KeySidecarSvcAnnotations]; own || enabled == "" || dapr.Truthy(enabled) {
		return ""
	}
	return set[annotations.KeyAppID] + "-dapr"
}

// scrapedBy names what asks for a scrape of the port; empty for nothing.
func (t scrapeTarget) scrapedBy(s *snapshot.Snapshot) string {
	if t.annotatedFor(t.annotations) {
		return "annotations prometheus.io/* of the Pods"
	}
	for i := range s.Monitors {
		m := &s.Monitors[i]
		if m.Sees(t.namespace) && m.Object.Kind == "PodMonitor" && m.Selector.Matches(t.labels) &&
			slices.ContainsFunc(m.Ports, t.named) {
			return m.Object.String()
		}
	}
	for service := range s.ServicesOf(t.namespace) {
		if !t.behind(service) {
			continue
		}
		if t.annotatedFor(service.Annotations) && service.Object.Name != t.withdrawn {
			return fmt.Sprintf("annotations prometheus.io/* of %s", service.Object)
		}
		for i := range s.Monitors {
			if m := &s.Monitors[i]; m.Sees(t.namespace) && m.Object.Kind == "ServiceMonitor" && m.Selector.Matches(service.Labels) && t.through(service, m.Ports) {
				return m.Object.String()
			}
		}
	}
	return ""
}

// annotatedFor tells whether annotations ask for a scrape of the port; where they
// name none, every port of the Pod is scraped.
func (t scrapeTarget) annotatedFor(set map[string]string) bool {
	port := set["prometheus.io/port"]
	return set["prometheus.io/scrape"] == "true" && (port == "" || port == strconv.Itoa(int(t.port)))
}

// is tells whether a port, by its number or its name, is the one with metrics.
func (t scrapeTarget) is(port intstr.IntOrString) bool {
	if port.Type == intstr.Int {
		return port.IntVal == t.port
	}
	return slices.ContainsFunc(t.ports, func(p corev1.ContainerPort) bool { return p.Name == port.StrVal && p.ContainerPort == t.port })
}

// named tells whether what a PodMonitor says of a port means the one with metrics;
// where it says nothing, all ports that the container names are scraped.
func (t scrapeTarget) named(port string) bool {
	if port == "" {
		return slices.ContainsFunc(t.ports, func(p corev1.ContainerPort) bool { return p.ContainerPort == t.port })
	}
	return t.is(intstr.Parse(port))
}

// behind tells whether a Service leads to the Pods.
func (t scrapeTarget) behind(service *snapshot.Service) bool {
	for key, value := range service.Selector {
		if got, found := t.labels[key]; !found || got != value {
			return false
		}
	}
	return len(service.Selector) > 0
}

// through tells whether one of the ports that a ServiceMonitor names leads to the metrics.
func (t scrapeTarget) through(service *snapshot.Service, names []string) bool {
	return slices.ContainsFunc(service.Ports, func(p corev1.ServicePort) bool {
		to := p.TargetPort
		if to == (intstr.IntOrString{}) {
			to = intstr.FromInt32(p.Port)
		}
		return t.is(to) && (slices.Contains(names, p.Name) || slices.Contains(names, to.String()) || slices.Contains(names, ""))
	})
}

// hiddenScrape is the gap that leaves open what scrapes Pods of a namespace.
func hiddenScrape(s *snapshot.Snapshot, place snapshot.Place, namespace string) *snapshot.Gap {
	for _, r := range []snapshot.Resource{snapshot.PodMonitors, snapshot.ServiceMonitors} {
		if gap := s.Gap(snapshot.InCluster, r, namespace); gap != nil {
			return gap
		}
	}
	return s.Gap(place, snapshot.Services, namespace)
}

// hasFlag tells whether a flag is among the arguments.
func hasFlag(c *corev1.Container, name string) bool {
	return dapr.Flag(c, name, "") != ""
}
