// Copyright The kubectl-dapr-prod Authors.
// SPDX-License-Identifier: Apache-2.0

package sidecar

import (
	"encoding/json"
	"fmt"
	"io"
	"maps"
	"sync"

	"github.com/dapr/dapr/pkg/injector/annotations"
	injectorconsts "github.com/dapr/dapr/pkg/injector/consts"
	"github.com/dapr/dapr/pkg/injector/patcher"
	"github.com/dapr/kit/logger"
	corev1 "k8s.io/api/core/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"

	"github.com/dapr-prod/kubectl-dapr-prod/pkg/dapr"
	"github.com/dapr-prod/kubectl-dapr-prod/pkg/snapshot"
)

// State is what the injector does with a Pod.
type State string

// The states of a Simulation.
const (
	// Injected: the Pod gets a sidecar.
	Injected State = "injected"
	// Off: the Pod does not ask for one.
	Off State = "off"
	// Manual: the template itself holds a container named daprd.
	Manual State = "manual"
	// Denied: the injector or the API server refuses the Pod, so that it is never made.
	Denied State = "denied"
	// Excluded: the webhook's selectors leave the Pod out.
	Excluded State = "excluded"
	// Unread: there is no template to simulate, or nothing is known of the
	// injector and running Pods give the verdict instead.
	Unread State = "unread"
)

// Simulation is what the injector makes of a Pod template.
type Simulation struct {
	State State
	// Reason says why there is no sidecar, for Denied and Excluded, and for Off
	// where somebody wanted one.
	Reason string
	// Refuser is who refuses the Pod, for Denied.
	Refuser string
	// Container is daprd as the injector returns it; nil without a sidecar.
	Container *corev1.Container
	// Native tells that it becomes an init container.
	Native bool
}

// Running tells whether Pods of the template get a daprd container.
func (s Simulation) Running() bool { return s.Container != nil }

// The Refusers of a Simulation.
const (
	InjectorRefuses = "Dapr's injector"
	ServerRefuses   = "the API server"
)

// silence stops the patcher from logging to standard output, which belongs to
// the report.
var silence = sync.OnceFunc(func() { logger.NewLogger("dapr.injector").SetOutput(io.Discard) })

// Simulate puts a Pod of the template through the injector's own code. The
// template is left as it is.
func (in Injector) Simulate(owner snapshot.Object, t *snapshot.Template) Simulation {
	silence()
	if t.Spec == nil {
		return Simulation{State: Unread}
	}
	enabled := dapr.Enabled(t.Annotations[annotations.KeyEnabled], in.Version)
	switch c, native := find(t.Spec); {
	case c != nil && enabled && native && in.overlooksNative():
		return Simulation{State: Denied, Refuser: ServerRefuses, Reason: "beside its init container daprd the injector adds a container of that name"}
	case c != nil:
		return Simulation{State: Manual, Container: c, Native: native}
	case !enabled:
		return Simulation{State: Off}
	}

	pod := &corev1.Pod{
		ObjectMeta: metav1.ObjectMeta{
			Name:        podName(owner, t),
			Namespace:   owner.Namespace,
			Annotations: in.annotations(t.Annotations),
			Labels:      maps.Clone(t.Labels),
		},
		Spec: *t.Spec,
	}
	config := in.config(pod)
	patch, err := config.GetPatch()
	if err != nil {
		return Simulation{State: Denied, Refuser: InjectorRefuses, Reason: err.Error()}
	}
	for _, op := range patch {
		path, _ := op.Path()
		native := path == patcher.PatchPathInitContainers+"/-"
		if !native && path != patcher.PatchPathContainers+"/-" {
			continue
		}
		c := &corev1.Container{}
		if raw := op["value"]; raw != nil && json.Unmarshal(*raw, c) == nil && c.Name == dapr.SidecarContainer {
			in.correct(c)
			return Simulation{State: Injected, Container: c, Native: native}
		}
	}
	return Simulation{State: Denied, Refuser: InjectorRefuses, Reason: "Dapr's injector returned no sidecar"}
}

// config is the injector's configuration for one Pod, filled as
// pkg/injector/service/pod_patch.go fills it.
func (in Injector) config(pod *corev1.Pod) *patcher.SidecarConfig {
	c := patcher.NewSidecarConfig(pod)
	c.Mode = injectorconsts.ModeKubernetes
	c.Namespace = pod.Namespace
	c.MTLSEnabled = in.MTLS
	c.Identity = pod.Namespace + ":" + pod.Spec.ServiceAccountName
	c.IgnoreEntrypointTolerations = in.EntrypointTolerations
	c.ImagePullPolicy = in.PullPolicy
	c.OperatorAddress = in.service(patcher.ServiceAPI)
	c.SentryAddress = in.service(patcher.ServiceSentry)
	c.RunAsNonRoot = in.RunAsNonRoot
	c.RunAsUser = in.RunAsUser
	c.RunAsGroup = in.RunAsGroup
	c.ReadOnlyRootFilesystem = in.ReadOnlyRootFilesystem
	c.EnableK8sDownwardAPIs = in.DownwardAPIs
	c.SidecarDropALLCapabilities = in.DropAllCapabilities
	c.ControlPlaneNamespace = in.Namespace
	c.ControlPlaneTrustDomain = in.TrustDomain
	c.SentrySPIFFEID = fmt.Sprintf("spiffe://%s/ns/%s/dapr-sentry", in.TrustDomain, in.Namespace)
	c.KubeClusterDomain = in.ClusterDomain
	c.SchedulerEnabled = in.SchedulerEnabled
	c.EnableNativeSidecar = in.NativeSidecar
	c.PlacementAddress = in.Placement
	c.ActorsService = in.ActorsService
	c.RemindersService = in.RemindersService
	c.SidecarImage = in.Image
	in.defaults(c)
	c.SetFromPodAnnotations()
	return c
}

// podName is the name that a Pod of owner has when the webhook sees it: bare
// Pods and StatefulSets' Pods have one, all others get theirs later.
func podName(owner snapshot.Object, t *snapshot.Template) string {
	switch {
	case owner.Group() == "" && owner.Kind == "Pod" && !t.GeneratedName:
		return owner.Name
	case owner.Group() == "apps" && owner.Kind == "StatefulSet":
		return owner.Name + "-0"
	default:
		return ""
	}
}

// find returns the daprd container of a Pod, and whether it is a native sidecar.
func find(spec *corev1.PodSpec) (c *corev1.Container, native bool) {
	if spec == nil {
		return nil, false
	}
	for i := range spec.Containers {
		if spec.Containers[i].Name == dapr.SidecarContainer {
			return &spec.Containers[i], false
		}
	}
	for i := range spec.InitContainers {
		if spec.InitContainers[i].Name == dapr.SidecarContainer {
			return &spec.InitContainers[i], true
		}
	}
	return nil, false
}
