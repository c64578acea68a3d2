// Copyright The kubectl-dapr-prod Authors.
// SPDX-License-Identifier: Apache-2.0

package sidecar

import (
	"encoding/json"
	"slices"
	"strconv"
	"strings"

	"github.com/dapr/dapr/pkg/injector/patcher"
	corev1 "k8s.io/api/core/v1"

	"github.com/dapr-prod/kubectl-dapr-prod/pkg/dapr"
	"github.com/dapr-prod/kubectl-dapr-prod/pkg/snapshot"
)

// Injector is what decides, beside the Pod itself, which sidecar a Pod gets:
// the release of the injector and how it is set.
type Injector struct {
	// Namespace is the control plane's.
	Namespace string
	Version   dapr.Version
	// MTLS is the switch of the system Configuration (daprsystem).
	MTLS bool
	// TrustDomain is the control plane's.
	TrustDomain string

	Image                  string
	PullPolicy             corev1.PullPolicy
	RunAsNonRoot           bool
	ReadOnlyRootFilesystem bool
	DropAllCapabilities    bool
	NativeSidecar          bool
	DownwardAPIs           bool
	RunAsUser, RunAsGroup  *int64
	// EntrypointTolerations make the sidecar keep its command apart from its arguments.
	EntrypointTolerations []corev1.Toleration

	ClusterDomain    string
	SchedulerEnabled bool
	// Placement is the address of the actors' service; empty when actors are off.
	Placement string
	// ActorsService and RemindersService are "name:address", or empty.
	ActorsService, RemindersService string
}

// DefaultInjector is an injector as the chart of that release sets it when no
// value is given.
func DefaultInjector(namespace string, v dapr.Version) Injector {
	return injectorFrom(namespace, v, &corev1.Container{})
}

// InjectorOf reads the settings of a control plane's injector from its
// Deployment and from the system Configuration. Where the release could not be
// read, or is newer than the tables, it is judged as the newest known one; one
// that is older as the oldest. It
// returns false when there is no injector to read them from.
func InjectorOf(s *snapshot.Snapshot, cp *snapshot.ControlPlane) (Injector, bool) {
	v := cp.Version
	switch {
	case !v.Known() || v.NewerThanTables():
		v = dapr.NewestVersion()
	case v.OlderThanTables():
		v = dapr.OldestVersion()
	}
	in := DefaultInjector(cp.Namespace, v)
	w := cp.Workload(dapr.Injector)
	read := w != nil && w.Container != nil
	if read {
		in = injectorFrom(cp.Namespace, v, w.Container)
	}
	if cp.Rehearsed.Known() {
		in.Image = dapr.ImageOf(in.Image, cp.Version)
	}
	// A missing object or field means on (pkg/injector/service/pod_patch.go, mTLSEnabled).
	if c := s.Configuration(cp.Namespace, dapr.SystemConfiguration); c != nil && c.MTLS != nil {
		in.MTLS = *c.MTLS
	}
	return in, read
}

// injectorFrom reads the settings as the injector does: pkg/injector/service/config.go
// for the environment, cmd/injector/options for the arguments.
func injectorFrom(namespace string, v dapr.Version, c *corev1.Container) Injector {
	env := func(name, unset string) string {
		for _, e := range slices.Backward(c.Env) {
			if e.Name == name && e.ValueFrom == nil && e.Value != "" {
				return e.Value
			}
		}
		return unset
	}
	flag := func(name, unset string) string { return dapr.Flag(c, name, unset) }
	integer := func(s string) *int64 {
		n, err := strconv.ParseInt(s, 10, 64)
		if err != nil {
			return nil
		}
		return &n
	}

	in := Injector{
		Namespace:              namespace,
		Version:                v,
		MTLS:                   true,
		TrustDomain:            env("DAPR_CONTROL_PLANE_TRUST_DOMAIN", "cluster.local"),
		Image:                  env("SIDECAR_IMAGE", "ghcr.io/dapr/daprd:"+v.String()),
		PullPolicy:             pullPolicy(env("SIDECAR_IMAGE_PULL_POLICY", "IfNotPresent")),
		RunAsNonRoot:           dapr.Truthy(env("SIDECAR_RUN_AS_NON_ROOT", "true")),
		ReadOnlyRootFilesystem: dapr.Truthy(env("SIDECAR_READ_ONLY_ROOT_FILESYSTEM", "true")),
		DropAllCapabilities:    dapr.Truthy(env("SIDECAR_DROP_ALL_CAPABILITIES", "false")),
		NativeSidecar:          dapr.Truthy(env("NATIVE_SIDECAR_ENABLED", "false")) && v.AtLeast(1, 18, 0),
		DownwardAPIs:           dapr.Truthy(env("ENABLE_K8S_DOWNWARD_APIS", "false")),
		RunAsUser:              integer(env("SIDECAR_RUN_AS_USER", "")),
		RunAsGroup:             integer(env("SIDECAR_RUN_AS_GROUP", "")),
		ClusterDomain:          env("KUBE_CLUSTER_DOMAIN", "cluster.local"),
		SchedulerEnabled:       v.AtLeast(1, 14, 0) && dapr.Truthy(flag("scheduler-enabled", "true")),
	}
	// Text that is not a list of tolerations is ignored as a whole, as the injector ignores it.
	var tolerations []corev1.Toleration
	if json.Unmarshal([]byte(env("IGNORE_ENTRYPOINT_TOLERATIONS", "[]")), &tolerations) == nil {
		in.EntrypointTolerations = tolerations
	}

	address := func(name, value string) string {
		service, err := patcher.NewService(value)
		if err != nil {
			return ""
		}
		return name + service.Address(namespace, in.ClusterDomain)
	}
	// Before 1.15.4 the injector read the switch and did not heed it (Dapr's release notes).
	if !v.AtLeast(1, 15, 4) || dapr.Truthy(env("ACTORS_ENABLED", "true")) {
		switch name := env("ACTORS_SERVICE_NAME", "placement"); name {
		case "placement":
			in.Placement = address("", env("ACTORS_SERVICE_ADDRESS", "dapr-placement-server:50005"))
		default:
			in.ActorsService = address(name+":", env("ACTORS_SERVICE_ADDRESS", ""))
		}
	}
	if name := env("REMINDERS_SERVICE_NAME", "default"); name != "default" {
		in.RemindersService = address(name+":", env("REMINDERS_SERVICE_ADDRESS", ""))
	}
	return in
}

func pullPolicy(s string) corev1.PullPolicy {
	switch s {
	case "Always", "Never":
		return corev1.PullPolicy(s)
	default:
		return corev1.PullIfNotPresent
	}
}

// service returns the address of one of the control plane's services.
func (in Injector) service(s patcher.Service) string {
	return s.Address(in.Namespace, in.ClusterDomain)
}

// Opposite is the injector with each setting that changes what guidelines judge
// turned round: where the settings could not be read, what holds for an
// injector and for its opposite holds.
func (in Injector) Opposite() Injector {
	in.MTLS = !in.MTLS
	in.RunAsNonRoot = !in.RunAsNonRoot
	in.ReadOnlyRootFilesystem = !in.ReadOnlyRootFilesystem
	in.DropAllCapabilities = !in.DropAllCapabilities
	in.NativeSidecar = !in.NativeSidecar && in.Version.AtLeast(1, 18, 0)
	return in
}

// Generations is the injector in each generation of the releases covered: where
// the release could not be read, what holds for all of them holds.
func (in Injector) Generations() []Injector {
	var all []Injector
	for _, v := range dapr.Generations() {
		c := in
		c.Version = v
		c.NativeSidecar = in.NativeSidecar && v.AtLeast(1, 18, 0)
		all = append(all, c)
	}
	return all
}

// DaprNamespaceOf is the namespace of the control plane that injected c, or empty.
func DaprNamespaceOf(c *corev1.Container) string {
	for _, e := range c.Env {
		if e.Name == dapr.ControlPlaneNamespaceEnv {
			return strings.TrimSpace(e.Value)
		}
	}
	return ""
}
