// Copyright The kubectl-dapr-prod Authors.
// SPDX-License-Identifier: Apache-2.0

// Package snapshot holds what was read from a cluster or from manifests, at one
// time, reduced to what guidelines judge. A snapshot is filled by package
// collect, never changed afterwards, and knows no client, file or flag.
package snapshot

import (
	"crypto/x509"
	"time"

	corev1 "k8s.io/api/core/v1"
)

// Snapshot is everything that guidelines may look at.
type Snapshot struct {
	// TakenAt is the time of reading: the only clock that guidelines know.
	TakenAt time.Time
	// Live tells that a cluster was read; otherwise manifests were.
	Live bool
	// Context is the kubeconfig context of a live cluster.
	Context string
	// KubernetesVersion is the API server's, as in "v1.36.3"; empty if unknown.
	KubernetesVersion string
	// Namespace is the one that was asked for; empty means all.
	Namespace string
	// Selected tells that of all workloads only those with certain labels were read.
	Selected bool

	ControlPlanes []ControlPlane
	Apps          []App
	// Watched are the Pods that the watchdog of Dapr's operator takes a look at, whoever
	// made them and whether or not they have ended; only of a live cluster.
	Watched        []WatchedPod
	Namespaces     map[string]Namespace
	LimitRanges    []LimitRange
	Configurations []Configuration
	Webhooks       []Webhook
	DaprObjects    []DaprObject
	// Definitions are those of dapr.io.
	Definitions []Definition

	Nodes             []Node
	PriorityClasses   []PriorityClass
	DisruptionBudgets []DisruptionBudget
	ResourceQuotas    []ResourceQuota
	Autoscalers       []Autoscaler
	VolumeClaims      []VolumeClaim
	TrustBundles      []TrustBundle
	Services          []Service
	Endpoints         []Endpoints
	Ingresses         []Ingress
	// Monitors are PodMonitors and ServiceMonitors.
	Monitors        []Monitor
	Dashboards      []Dashboard
	ServiceAccounts []ServiceAccount
	// Roles and RoleBindings hold the cluster's as well, which have no namespace.
	Roles        []Role
	RoleBindings []RoleBinding
	// Secrets are those that were asked for by name and are there.
	Secrets []Secret

	// Asking are the objects that ask not to be judged, whatever else is kept of them.
	Asking []Asking
	// Gaps is what should have been read and was not.
	Gaps []Gap
}

// IgnoreAnnotation is how an object asks not to be judged by a guideline:
// "GUIDELINE=reason; GUIDELINE=reason".
const IgnoreAnnotation = "dapr-prod.github.io/ignore"

// Asking is an object that carries IgnoreAnnotation, and what it says.
type Asking struct {
	Object Object
	Source Source
	Value  string
}

// Namespace is what the injector's selectors and reports need of a namespace.
type Namespace struct {
	Name   string
	Labels map[string]string
}

// LimitRange is one LimitRange of a namespace, with the defaults that the API
// server gives to its items already filled in.
type LimitRange struct {
	Namespace, Name string
	Items           []corev1.LimitRangeItem
}

// Webhook is the injector's entry in a MutatingWebhookConfiguration.
type Webhook struct {
	// Object is the MutatingWebhookConfiguration that holds it.
	Object Object
	Source Source
	// ControlPlane is the namespace of the service that it calls, Service its name.
	ControlPlane, Service string
	// CABundle is what the API server trusts the service by; empty when nothing was
	// written.
	CABundle []*x509.Certificate
	// BadCABundle tells that there is one, and that it is no certificate.
	BadCABundle bool
	// FailurePolicy is "Ignore" or "Fail"; empty means Fail.
	FailurePolicy string
	// Rules select what it is called for; nil selectors select everything.
	NamespaceSelector, ObjectSelector *Selector
}

// ControlPlane returns the control plane installed in namespace, or nil.
func (s *Snapshot) ControlPlane(namespace string) *ControlPlane {
	for i := range s.ControlPlanes {
		if s.ControlPlanes[i].Namespace == namespace {
			return &s.ControlPlanes[i]
		}
	}
	return nil
}

// Configuration returns the named Configuration, or nil.
func (s *Snapshot) Configuration(namespace, name string) *Configuration {
	for i := range s.Configurations {
		if o := s.Configurations[i].Object; o.Namespace == namespace && o.Name == name {
			return &s.Configurations[i]
		}
	}
	return nil
}

// LimitRangesOf returns the LimitRanges of a namespace.
func (s *Snapshot) LimitRangesOf(namespace string) []LimitRange {
	var found []LimitRange
	for _, l := range s.LimitRanges {
		if l.Namespace == namespace {
			found = append(found, l)
		}
	}
	return found
}
