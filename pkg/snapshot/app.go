// Copyright The kubectl-dapr-prod Authors.
// SPDX-License-Identifier: Apache-2.0

package snapshot

import (
	"time"

	corev1 "k8s.io/api/core/v1"
	"k8s.io/apimachinery/pkg/types"

	"github.com/dapr-prod/kubectl-dapr-prod/pkg/dapr"
)

// App is a workload that has, or asks for, a Dapr sidecar. It is known by its
// top owner: the Deployment, not the ReplicaSet or the Pod.
type App struct {
	Object Object
	UID    types.UID
	Source Source
	// Annotations are those of the object itself, where Dapr does not look.
	Annotations Annotations
	// Template is nil where the owner is of a kind that is not read.
	Template *Template
	// Replicas is how many Pods are wanted; nil where the kind has no such number.
	Replicas *int32
	Pods     []Pod
	// Used is HighestUse as it was while there were Pods, where a plan has taken them
	// away to be made anew; nil elsewhere.
	Used *Amount
	// Denials are the server's refusals to make Pods of this app, newest first,
	// each text once.
	Denials []Denial
}

// HighestUse is the most that one of the app's sidecars uses, of CPU and of memory;
// nil where that is known of none.
func (a *App) HighestUse() *Amount {
	highest := a.Used
	for i := range a.Pods {
		switch use := a.Pods[i].Usage; {
		case use == nil:
		case highest == nil:
			highest = use
		default:
			most := highest.Most(*use)
			highest = &most
		}
	}
	return highest
}

// Template is a Pod template and the place where it is written.
type Template struct {
	// Object holds the template: the App's own, or what a Rollout refers to.
	Object Object
	Source Source
	// Path is where in Object it stands, for example "spec.template"; empty for
	// a bare Pod.
	Path        string
	Annotations Annotations
	Labels      map[string]string
	// Scrape are the annotations prometheus.io/*.
	Scrape map[string]string
	Spec   *corev1.PodSpec
	// GeneratedName tells that this is a bare Pod with a generateName only: it has
	// no name yet when the injector sees it. Object.Name is the generateName then.
	GeneratedName bool
}

// AnnotationPath is the field of the template's annotation key.
func (t *Template) AnnotationPath(key string) string {
	if t.Path == "" {
		return "metadata.annotations[" + key + "]"
	}
	return t.Path + ".metadata.annotations[" + key + "]"
}

// Pod is a Pod of an app that is neither finished nor being deleted.
type Pod struct {
	Name    string
	Created time.Time
	// Annotations are Dapr's annotations on the Pod.
	Annotations Annotations
	Labels      map[string]string
	// Scrape are the annotations prometheus.io/*.
	Scrape map[string]string
	// ImageID is the image that daprd runs, as the kubelet reports it; empty where it
	// has not.
	ImageID string
	// Sidecar is the daprd container; nil if there is none. Pods with the same
	// container, but for names that the server makes up, share one Sidecar.
	Sidecar *Sidecar
	// Started is when the kubelet last started daprd, and Killed when it ended before
	// that for want of memory (OOMKilled); zero where it has not, or says nothing of it.
	Started, Killed time.Time
	// Usage is what daprd uses; nil where that was not read, or not measured yet.
	Usage *Amount
}

// Sidecar is a daprd container as it stands in Pods.
type Sidecar struct {
	Container corev1.Container
	// Native tells that it stands among the init containers.
	Native bool
	// PodResources are resources set for the Pod as a whole (Kubernetes 1.32 on).
	PodResources *corev1.ResourceRequirements
	// PodSecurity is what holds for all containers of the Pod.
	PodSecurity *corev1.PodSecurityContext
	// OS is spec.os.name of the Pod; empty when it is not set.
	OS corev1.OSName
	// Grace is terminationGracePeriodSeconds of the Pod; nil when it is not set.
	Grace *int64
}

// WatchedPod is a Pod that carries dapr.io/enabled and has no container daprd. Only
// native sidecars are among its init containers.
type WatchedPod struct {
	Object Object
	// Enabled is the value of the annotation.
	Enabled string
	Labels  map[string]string
}

// Condemned tells whether the watchdog deletes the Pod: it asks for a sidecar, and has
// no label of the injector's or the watchdog's own (Dapr's pkg/operator/watchdog.go).
func (p *WatchedPod) Condemned() bool {
	_, injected := p.Labels["dapr.io/sidecar-injected"]
	_, patched := p.Labels["dapr.io/watchdog-patched"]
	return !injected && !patched && dapr.Truthy(p.Enabled)
}

// Denial is why the server refused to make a Pod.
type Denial struct {
	Reason  string
	Message string
	Time    time.Time
	// Current tells that it stands in the workload's own status, and so still
	// holds; an event may be about Pods that were made since.
	Current bool
}
