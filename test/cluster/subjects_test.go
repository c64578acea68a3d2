// Copyright The kubectl-dapr-prod Authors.
// SPDX-License-Identifier: Apache-2.0

//go:build cluster

package cluster_test

import (
	"encoding/json"
	"fmt"
	"maps"
	"math/rand/v2"
	"slices"

	corev1 "k8s.io/api/core/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"

	"github.com/dapr-prod/kubectl-dapr-prod/pkg/snapshot"
)

// subject is one Pod to be, as the program sees it and as the injector does.
type subject struct {
	owner    snapshot.Object
	template *snapshot.Template
}

// newSubject makes one up.
func newSubject(r *rand.Rand) subject {
	keys := slices.Sorted(maps.Keys(pools))
	object := snapshot.Object{
		Kind:      oneOf(r, []string{"Deployment", "Deployment", "StatefulSet", "DaemonSet", "Job", "CronJob", "Pod", "ReplicaSet", "Rollout"}),
		Namespace: oneOf(r, []string{"shop", "default", "a"}),
		Name:      oneOf(r, []string{"orders", "a", "orders.v2", "a-name-that-is-as-long-as-the-names-of-people-who-like-long-names", "1"}),
	}
	object.APIVersion = map[string]string{
		"Pod": "v1", "Job": "batch/v1", "CronJob": "batch/v1", "Rollout": "argoproj.io/v1alpha1",
	}[object.Kind]
	if object.APIVersion == "" {
		object.APIVersion = "apps/v1"
	}
	return subject{owner: object, template: &snapshot.Template{
		Object:      object,
		Annotations: annotationsFor(r, keys),
		Labels:      oneOf(r, []map[string]string{nil, {}, {"app": "orders"}, {"dapr.io/sidecar-injected": "true"}}),
		Spec:        newSpec(r),
	}}
}

func newSpec(r *rand.Rand) *corev1.PodSpec {
	spec := &corev1.PodSpec{ServiceAccountName: oneOf(r, []string{"", "default", "orders"})}
	names := []string{"app", "app", "app", "side", "dapr", "Daprd", "daprd2"}
	if r.IntN(25) == 0 {
		names = []string{"daprd"}
	}
	for range r.IntN(4) {
		spec.Containers = append(spec.Containers, newContainer(r, oneOf(r, names)))
	}
	if r.IntN(25) != 0 {
		names = []string{"init", "wait"}
	}
	for range r.IntN(3) {
		spec.InitContainers = append(spec.InitContainers, newContainer(r, oneOf(r, names)))
	}
	for _, name := range []string{"data", "cache", "dapr-identity-token", "dapr-unix-domain-socket", "dapr-components-sockets"} {
		if r.IntN(3) == 0 {
			spec.Volumes = append(spec.Volumes, corev1.Volume{Name: name, VolumeSource: corev1.VolumeSource{EmptyDir: &corev1.EmptyDirVolumeSource{}}})
		}
	}
	for range r.IntN(3) {
		spec.Tolerations = append(spec.Tolerations, oneOf(r, []corev1.Toleration{
			{Key: "aws", Effect: corev1.TaintEffectNoSchedule},
			{Key: "aws", Operator: corev1.TolerationOpExists},
			{Key: "azure.com/aci", Effect: corev1.TaintEffectNoSchedule},
			{Operator: corev1.TolerationOpExists},
		}))
	}
	if r.IntN(6) == 0 {
		automount := r.IntN(2) == 0
		spec.AutomountServiceAccountToken = &automount
	}
	return spec
}

func newContainer(r *rand.Rand, name string) corev1.Container {
	c := corev1.Container{Name: name, Image: "registry.example.com/app:1"}
	if r.IntN(3) == 0 {
		c.Env = []corev1.EnvVar{{Name: oneOf(r, []string{"DAPR_HTTP_PORT", "APP_PROTOCOL", "PORT"}), Value: "1"}}
	}
	if r.IntN(4) == 0 {
		c.VolumeMounts = []corev1.VolumeMount{{Name: "data", MountPath: oneOf(r, []string{"/data", "/var/run/sock"})}}
	}
	return c
}

// pod is the Pod as the API server sends it for admission: only StatefulSets
// and people name their Pods, all other names are made after admission.
func (s subject) pod() *corev1.Pod {
	pod := &corev1.Pod{
		TypeMeta:   metav1.TypeMeta{APIVersion: "v1", Kind: "Pod"},
		ObjectMeta: metav1.ObjectMeta{Namespace: s.owner.Namespace, Annotations: s.template.Annotations, Labels: s.template.Labels},
		Spec:       *s.template.Spec,
	}
	switch s.owner.Kind {
	case "Pod":
		pod.Name = s.owner.Name
	case "StatefulSet":
		pod.Name = s.owner.Name + "-0"
	default:
		pod.GenerateName = s.owner.Name + "-"
	}
	return pod
}

// without is s without one of its annotations.
func (s subject) without(key string) subject {
	t := *s.template
	t.Annotations = maps.Clone(t.Annotations)
	delete(t.Annotations, key)
	return subject{owner: s.owner, template: &t}
}

func (s subject) String() string {
	set, _ := json.Marshal(s.template.Annotations)
	spec, _ := json.Marshal(s.template.Spec)
	return fmt.Sprintf("%s with annotations %s, spec %s", s.owner, set, spec)
}
