// Copyright The kubectl-dapr-prod Authors.
// SPDX-License-Identifier: Apache-2.0

//go:build cluster

package fix_test

import (
	"context"
	"encoding/json"
	"fmt"
	"maps"
	"strconv"
	"sync"
	"testing"

	appsv1 "k8s.io/api/apps/v1"
	corev1 "k8s.io/api/core/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/apis/meta/v1/unstructured"
	"k8s.io/apimachinery/pkg/runtime"
	"k8s.io/apimachinery/pkg/runtime/schema"
	"k8s.io/utils/ptr"
	"sigs.k8s.io/yaml"

	"github.com/dapr-prod/kubectl-dapr-prod/test/cluster/kube"
)

// rolloutResource is where Argo's Rollouts are.
var rolloutResource = schema.GroupVersionResource{Group: "argoproj.io", Version: "v1alpha1", Resource: "rollouts"}

// rolloutsCRD is as much of Argo's as a Rollout needs. Its own keeps its status apart,
// and takes anything for most of its fields, too.
const rolloutsCRD = `
apiVersion: apiextensions.k8s.io/v1
kind: CustomResourceDefinition
metadata: {name: rollouts.argoproj.io}
spec:
  group: argoproj.io
  scope: Namespaced
  names: {kind: Rollout, plural: rollouts, singular: rollout}
  versions:
  - name: v1alpha1
    served: true
    storage: true
    subresources: {status: {}}
    schema: {openAPIV3Schema: {type: object, x-kubernetes-preserve-unknown-fields: true, properties: {
      spec: {type: object, x-kubernetes-preserve-unknown-fields: true},
      status: {type: object, x-kubernetes-preserve-unknown-fields: true}}}}
`

var rolloutsOnce sync.Once

// defineRollouts makes the kind known for the rest of all tests.
func defineRollouts(t testing.TB) {
	t.Helper()
	rolloutsOnce.Do(func() {
		ns := &kube.Namespace{Cluster: cluster, Name: "default"}
		ns.MustKubectl(t, rolloutsCRD, "apply", "-f", "-")
		ns.MustKubectl(t, "", "wait", "--for=condition=Established", "crd/rollouts.argoproj.io")
	})
}

// rolloutOf is the manifest of a Rollout with what a Deployment has.
func rolloutOf(t testing.TB, d *appsv1.Deployment) string {
	t.Helper()
	content, err := runtime.DefaultUnstructuredConverter.ToUnstructured(d)
	if err != nil {
		t.Fatal(err)
	}
	u := &unstructured.Unstructured{Object: content}
	u.SetAPIVersion("argoproj.io/v1alpha1")
	u.SetKind("Rollout")
	delete(u.Object, "status")
	unstructured.RemoveNestedField(u.Object, "metadata", "creationTimestamp")
	unstructured.RemoveNestedField(u.Object, "spec", "template", "metadata", "creationTimestamp")
	u.Object["spec"].(map[string]any)["strategy"] = map[string]any{"canary": map[string]any{}}
	text, err := yaml.Marshal(u.Object)
	if err != nil {
		t.Fatal(err)
	}
	return "---\n" + string(text)
}

// rolloutTo is the manifest of a Rollout that takes its template from a Deployment.
func rolloutTo(d *appsv1.Deployment) string {
	return fmt.Sprintf(`---
apiVersion: argoproj.io/v1alpha1
kind: Rollout
metadata: {name: %[1]s}
spec:
  replicas: 1
  workloadRef: {apiVersion: apps/v1, kind: Deployment, name: %[1]s}
  strategy: {blueGreen: {activeService: %[1]s}}
`, d.Name)
}

// replicaSetOf is the manifest of a ReplicaSet with the template of another object.
func replicaSetOf(t testing.TB, ns *kube.Namespace, object, app, path string) string {
	t.Helper()
	var taken corev1.PodTemplateSpec
	if err := json.Unmarshal([]byte(ns.MustKubectl(t, "", "get", object, "-o", "jsonpath="+path)), &taken); err != nil {
		t.Fatal(err)
	}
	text, err := yaml.Marshal(&appsv1.ReplicaSet{
		TypeMeta: metav1.TypeMeta{APIVersion: "apps/v1", Kind: "ReplicaSet"}, ObjectMeta: metav1.ObjectMeta{Name: app + "-abc"},
		Spec: appsv1.ReplicaSetSpec{Replicas: ptr.To(int32(1)), Selector: selector(app), Template: taken},
	})
	if err != nil {
		t.Fatal(err)
	}
	return string(text)
}

// playArgo says of the namespace's Rollouts what their controller does, as far as
// somebody waits for it: that it has seen them, and that they are healthy.
func playArgo(t testing.TB, ns *kube.Namespace) {
	t.Helper()
	rollouts := ns.Dynamic.Resource(rolloutResource).Namespace(ns.Name)
	deployments := ns.Client.AppsV1().Deployments(ns.Name)
	healthy := func(ctx context.Context) {
		list, err := rollouts.List(ctx, metav1.ListOptions{})
		if err != nil {
			return // the test is at its end
		}
		for i := range list.Items {
			r := &list.Items[i]
			status := map[string]any{"phase": "Healthy", "observedGeneration": strconv.FormatInt(r.GetGeneration(), 10)}
			if name, _, _ := unstructured.NestedString(r.Object, "spec", "workloadRef", "name"); name != "" {
				if d, err := deployments.Get(ctx, name, metav1.GetOptions{}); err == nil {
					status["workloadObservedGeneration"] = strconv.FormatInt(d.Generation, 10)
				}
			}
			if was, _ := r.Object["status"].(map[string]any); maps.Equal(was, status) {
				continue
			}
			r.Object["status"] = status
			_, _ = rollouts.UpdateStatus(ctx, r, metav1.UpdateOptions{}) // seen again where it was written meanwhile
		}
	}
	ctx, stop := context.WithCancel(t.Context())
	t.Cleanup(stop)
	seen, err := rollouts.Watch(ctx, metav1.ListOptions{})
	if err != nil {
		t.Fatal(err)
	}
	followed, err := deployments.Watch(ctx, metav1.ListOptions{})
	if err != nil {
		t.Fatal(err)
	}
	go func() {
		healthy(ctx)
		for open := true; open; {
			select {
			case _, open = <-seen.ResultChan():
			case _, open = <-followed.ResultChan():
			}
			healthy(ctx)
		}
	}()
}
