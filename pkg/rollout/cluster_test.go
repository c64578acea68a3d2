// Copyright The kubectl-dapr-prod Authors.
// SPDX-License-Identifier: Apache-2.0

//go:build cluster

package rollout_test

import (
	"context"
	"strings"
	"sync"
	"testing"
	"time"

	appsv1 "k8s.io/api/apps/v1"
	corev1 "k8s.io/api/core/v1"
	"k8s.io/apimachinery/pkg/api/resource"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/apis/meta/v1/unstructured"
	"k8s.io/apimachinery/pkg/runtime/schema"
	"k8s.io/apimachinery/pkg/types"
	"k8s.io/client-go/rest"
	"k8s.io/utils/ptr"
	"sigs.k8s.io/yaml"

	"github.com/dapr-prod/kubectl-dapr-prod/pkg/rollout"
	"github.com/dapr-prod/kubectl-dapr-prod/test/cluster/kube"
)

// patience is how long a rollout may take that is to come to its end.
const patience = 2 * time.Minute

// soon is how long one is waited for that never does.
const soon = 6 * time.Second

var open = sync.OnceValues(kube.Open)

// room is a namespace of the test's own with a client.
type room struct {
	*kube.Namespace
	*rollout.Client
}

func newRoom(t *testing.T) room {
	t.Helper()
	cluster, err := open()
	if err != nil {
		t.Fatal(err)
	}
	return room{Namespace: cluster.Namespace(t), Client: client(t, cluster.Config)}
}

func client(t *testing.T, config *rest.Config) *rollout.Client {
	t.Helper()
	c, err := rollout.New(config)
	if err != nil {
		t.Fatal(err)
	}
	return c
}

var plurals = map[string]schema.GroupVersionResource{
	"Deployment":  {Group: "apps", Version: "v1", Resource: "deployments"},
	"StatefulSet": {Group: "apps", Version: "v1", Resource: "statefulsets"},
	"DaemonSet":   {Group: "apps", Version: "v1", Resource: "daemonsets"},
	"CronJob":     {Group: "batch", Version: "v1", Resource: "cronjobs"},
}

// write merges a patch into a workload, and is what the server returned.
func (r room) write(t *testing.T, object, patch string) *unstructured.Unstructured {
	t.Helper()
	kind, name, _ := strings.Cut(object, "/")
	content, err := yaml.YAMLToJSON([]byte(patch))
	if err != nil {
		t.Fatal(err)
	}
	written, err := r.Dynamic.Resource(plurals[kind]).Namespace(r.Name).Patch(t.Context(), name, types.MergePatchType, content, metav1.PatchOptions{})
	if err != nil {
		t.Fatal(err)
	}
	return written
}

// annotate is a patch of the template, as a plan makes it.
const annotate = "spec: {template: {metadata: {annotations: {test/change: '1'}}}}"

// impossible is one after which no node takes a Pod.
const impossible = "spec: {template: {spec: {nodeSelector: {test/place: nowhere}}}}"

// possible takes it back.
const possible = "spec: {template: {spec: {nodeSelector: null}}}"

// watch is Watch, with what it said.
func (r room) watch(ctx context.Context, t *testing.T, written *unstructured.Unstructured, timeout time.Duration) (said []string, pending string, err error) {
	t.Helper()
	pending, err = r.Watch(ctx, rollout.Write{App: written}, timeout, func(line string) { said = append(said, line) })
	t.Logf("%q, pending %q, error %v", said, pending, err)
	return said, pending, err
}

// comesUp fails the test where a rollout does not come to its end.
func (r room) comesUp(t *testing.T, written *unstructured.Unstructured) {
	t.Helper()
	if said, pending, err := r.watch(t.Context(), t, written, patience); err != nil || pending != "" || len(said) == 0 {
		t.Fatalf("pending %q, error %v, %q", pending, err, r.Reasons(t.Context(), written))
	}
}

func template() corev1.PodTemplateSpec {
	return corev1.PodTemplateSpec{
		ObjectMeta: metav1.ObjectMeta{Labels: map[string]string{"app": "it"}},
		Spec:       corev1.PodSpec{Containers: []corev1.Container{{Name: "app", Image: "app:1"}}, TerminationGracePeriodSeconds: ptr.To(int64(0))},
	}
}

var selector = &metav1.LabelSelector{MatchLabels: map[string]string{"app": "it"}}

func deployment(name string, replicas int32) *appsv1.Deployment {
	return &appsv1.Deployment{
		ObjectMeta: metav1.ObjectMeta{Name: name},
		Spec:       appsv1.DeploymentSpec{Replicas: &replicas, Selector: selector, Template: template()},
	}
}

func statefulSet(name string, replicas int32) *appsv1.StatefulSet {
	return &appsv1.StatefulSet{
		ObjectMeta: metav1.ObjectMeta{Name: name},
		Spec:       appsv1.StatefulSetSpec{Replicas: &replicas, Selector: selector, Template: template()},
	}
}

func daemonSet(name string) *appsv1.DaemonSet {
	return &appsv1.DaemonSet{
		ObjectMeta: metav1.ObjectMeta{Name: name},
		Spec:       appsv1.DaemonSetSpec{Selector: selector, Template: template()},
	}
}

// quota lets the namespace have so many Pods. It returns when the server knows.
func (r room) quota(t *testing.T, pods string) {
	t.Helper()
	hard := corev1.ResourceList{corev1.ResourcePods: resource.MustParse(pods)}
	r.Apply(t, &corev1.ResourceQuota{ObjectMeta: metav1.ObjectMeta{Name: "few"}, Spec: corev1.ResourceQuotaSpec{Hard: hard}})
	kube.Eventually(t, "the quota", func(ctx context.Context) (bool, string, error) {
		q, err := r.Namespace.Client.CoreV1().ResourceQuotas(r.Name).Get(ctx, "few", metav1.GetOptions{})
		if err != nil {
			return false, "", err
		}
		return !q.Status.Hard.Pods().IsZero() || pods == "0" && len(q.Status.Hard) > 0, "no status", nil
	})
}

// hasReason waits until Reasons gives one that has these parts.
func (r room) hasReason(t *testing.T, app *unstructured.Unstructured, parts ...string) []string {
	t.Helper()
	var all []string
	kube.Eventually(t, "the reason "+strings.Join(parts, " … "), func(ctx context.Context) (bool, string, error) {
		all = r.Reasons(ctx, app)
		for _, reason := range all {
			fits := true
			for _, part := range parts {
				fits = fits && strings.Contains(reason, part)
			}
			if fits {
				return true, "", nil
			}
		}
		return false, strings.Join(all, "\n"), nil
	})
	return all
}
