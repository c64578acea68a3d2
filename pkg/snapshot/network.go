// Copyright The kubectl-dapr-prod Authors.
// SPDX-License-Identifier: Apache-2.0

package snapshot

import (
	"iter"

	corev1 "k8s.io/api/core/v1"
)

// Service is what tells who reaches what: a webhook's target, a dashboard that is
// open to the world, a target of a ServiceMonitor.
type Service struct {
	Object      Object
	Source      Source
	Type        corev1.ServiceType
	Labels      map[string]string
	Annotations map[string]string
	// Selector is empty for a Service whose endpoints somebody else writes.
	Selector map[string]string
	Ports    []corev1.ServicePort
}

// Endpoints are the ready addresses behind a Service, of all its EndpointSlices.
type Endpoints struct {
	Namespace, Service string
	Ready              int
}

// Ingress is one Ingress, and the Services of its namespace that it leads to.
type Ingress struct {
	Object   Object
	Source   Source
	Services []string
}

// Service returns the named Service, or nil.
func (s *Snapshot) Service(namespace, name string) *Service {
	for i := range s.Services {
		if o := s.Services[i].Object; o.Namespace == namespace && o.Name == name {
			return &s.Services[i]
		}
	}
	return nil
}

// ServicesOf are the Services of a namespace.
func (s *Snapshot) ServicesOf(namespace string) iter.Seq[*Service] {
	return func(yield func(*Service) bool) {
		for i := range s.Services {
			if v := &s.Services[i]; v.Object.Namespace == namespace && !yield(v) {
				return
			}
		}
	}
}

// ReadyEndpoints counts the ready addresses behind a Service.
func (s *Snapshot) ReadyEndpoints(namespace, service string) int {
	ready := 0
	for _, e := range s.Endpoints {
		if e.Namespace == namespace && e.Service == service {
			ready += e.Ready
		}
	}
	return ready
}

// Monitor is a PodMonitor or a ServiceMonitor of the Prometheus operator.
type Monitor struct {
	Object Object
	Source Source
	// AnyNamespace and Namespaces are where it looks; with neither, in its own.
	AnyNamespace bool
	Namespaces   []string
	// Selector selects Pods or Services.
	Selector *Selector
	// Ports are the names, or numbers, of the ports that are scraped; an empty one is
	// every port.
	Ports []string
}

// Sees tells whether a monitor looks into a namespace.
func (m *Monitor) Sees(namespace string) bool {
	if m.AnyNamespace {
		return true
	}
	if len(m.Namespaces) == 0 {
		return m.Object.Namespace == namespace
	}
	for _, n := range m.Namespaces {
		if n == namespace {
			return true
		}
	}
	return false
}
