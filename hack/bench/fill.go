// Copyright The kubectl-dapr-prod Authors.
// SPDX-License-Identifier: Apache-2.0

//go:build unix

package main

import (
	"context"
	"fmt"
	"os"
	"time"

	"golang.org/x/sync/errgroup"
	appsv1 "k8s.io/api/apps/v1"
	corev1 "k8s.io/api/core/v1"
	apierrors "k8s.io/apimachinery/pkg/api/errors"
	"k8s.io/apimachinery/pkg/api/resource"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/util/wait"
	"k8s.io/client-go/kubernetes"
	"k8s.io/utils/ptr"
)

const (
	replicas = 3
	// podsOfNode is what a node of testenv has room for.
	podsOfNode = 1000
	// slowest is how long the cluster may take to fill.
	slowest = 40 * time.Minute
)

// nameOf is the name of a namespace.
func nameOf(i int) string { return fmt.Sprintf("bench-%03d", i) }

// fill makes the cluster large, and returns when all Pods run.
func fill(ctx context.Context, client kubernetes.Interface) error {
	if err := addNodes(ctx, client); err != nil {
		return err
	}
	group, filling := errgroup.WithContext(ctx)
	group.SetLimit(4)
	for i := range *namespaces {
		group.Go(func() error { return fillNamespace(filling, client, nameOf(i)) })
	}
	if err := group.Wait(); err != nil {
		return err
	}
	want := *namespaces * *deployments * replicas
	return wait.PollUntilContextTimeout(ctx, 10*time.Second, slowest, false, func(ctx context.Context) (bool, error) {
		ready, err := readyPods(ctx, client)
		fmt.Fprintf(os.Stderr, "%d of %d Pods are ready\n", ready, want)
		return ready >= want, err
	})
}

// addNodes makes nodes like those that there are until there is room.
func addNodes(ctx context.Context, client kubernetes.Interface) error {
	like, err := client.CoreV1().Nodes().Get(ctx, "worker-a", metav1.GetOptions{})
	if err != nil {
		return err
	}
	for i := range *namespaces**deployments*replicas/podsOfNode + 1 {
		name := fmt.Sprintf("bench-%d", i)
		node := &corev1.Node{
			ObjectMeta: metav1.ObjectMeta{Name: name, Labels: like.Labels, Annotations: like.Annotations},
			Status:     corev1.NodeStatus{Capacity: like.Status.Capacity, Allocatable: like.Status.Allocatable, NodeInfo: like.Status.NodeInfo},
		}
		if _, err := client.CoreV1().Nodes().Create(ctx, node, metav1.CreateOptions{}); err != nil && !apierrors.IsAlreadyExists(err) {
			return err
		}
	}
	return nil
}

func fillNamespace(ctx context.Context, client kubernetes.Interface, name string) error {
	ns := &corev1.Namespace{ObjectMeta: metav1.ObjectMeta{Name: name}}
	if _, err := client.CoreV1().Namespaces().Create(ctx, ns, metav1.CreateOptions{}); err != nil && !apierrors.IsAlreadyExists(err) {
		return err
	}
	for i := range *deployments {
		if _, err := client.AppsV1().Deployments(name).Create(ctx, deployment(i), metav1.CreateOptions{}); err != nil && !apierrors.IsAlreadyExists(err) {
			return err
		}
	}
	return nil
}

// deployment is one as people write it: with a sidecar, or not; with resources for it,
// with some of them, or with none.
func deployment(i int) *appsv1.Deployment {
	name := fmt.Sprintf("app-%02d", i)
	labels := map[string]string{"app": name, "team": fmt.Sprint(i % 7)}
	annotations := map[string]string{}
	if i%5 != 4 {
		annotations["dapr.io/enabled"] = "true"
		annotations["dapr.io/app-id"] = name
		annotations["dapr.io/app-port"] = "8080"
		annotations["dapr.io/log-as-json"] = "true"
	}
	if i%5 == 1 || i%5 == 2 {
		annotations["dapr.io/sidecar-memory-limit"] = "1000Mi"
	}
	if i%5 == 2 {
		annotations["dapr.io/sidecar-cpu-request"] = "100m"
		annotations["dapr.io/sidecar-memory-request"] = "250Mi"
		annotations["dapr.io/env"] = "GOMEMLIMIT=900MiB"
	}
	env := make([]corev1.EnvVar, 20)
	for i := range env {
		env[i] = corev1.EnvVar{Name: fmt.Sprintf("SETTING_%d", i), Value: "what an app is told of its world"}
	}
	return &appsv1.Deployment{
		ObjectMeta: metav1.ObjectMeta{Name: name, Labels: labels},
		Spec: appsv1.DeploymentSpec{
			Replicas: ptr.To(int32(replicas)),
			Selector: &metav1.LabelSelector{MatchLabels: map[string]string{"app": name}},
			Template: corev1.PodTemplateSpec{
				ObjectMeta: metav1.ObjectMeta{Labels: labels, Annotations: annotations},
				Spec: corev1.PodSpec{Containers: []corev1.Container{{
					Name: "app", Image: "registry.example.com/shop/" + name + ":1.4.2", Env: env,
					Ports: []corev1.ContainerPort{{ContainerPort: 8080}},
					Resources: corev1.ResourceRequirements{Requests: corev1.ResourceList{
						corev1.ResourceCPU: resource.MustParse("10m"), corev1.ResourceMemory: resource.MustParse("64Mi"),
					}},
				}}},
			},
		},
	}
}

// readyPods counts the Pods of the benchmark that are ready.
func readyPods(ctx context.Context, client kubernetes.Interface) (int, error) {
	ready := 0
	for i := range *namespaces {
		list, err := client.AppsV1().Deployments(nameOf(i)).List(ctx, metav1.ListOptions{})
		if err != nil {
			return 0, err
		}
		for _, d := range list.Items {
			ready += int(d.Status.ReadyReplicas)
		}
	}
	return ready, nil
}
