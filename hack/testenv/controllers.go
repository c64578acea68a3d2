// Copyright The kubectl-dapr-prod Authors.
// SPDX-License-Identifier: Apache-2.0

package main

import (
	"context"
	"time"

	corev1 "k8s.io/api/core/v1"
	"k8s.io/apimachinery/pkg/api/resource"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
)

// startControllers starts the controller manager and the scheduler. Each
// controller must act under a service account of its own, as in real clusters:
// Dapr's injector injects only Pods that certain service accounts create.
func (c *cluster) startControllers() error {
	manager, err := c.userKubeconfig("system:kube-controller-manager")
	if err != nil {
		return err
	}
	scheduler, err := c.userKubeconfig("system:kube-scheduler")
	if err != nil {
		return err
	}
	common := []string{"--leader-elect=false", "--secure-port=0", "--kube-api-qps=200", "--kube-api-burst=400", "--profiling=false"}
	if _, err := c.processes.start(program{
		name: "kube-controller-manager", path: c.tools["kube-controller-manager"],
		args: append([]string{
			"--kubeconfig=" + manager,
			"--use-service-account-credentials=true",
			"--service-account-private-key-file=" + c.tokenKey,
			"--root-ca-file=" + c.caFile,
		}, common...),
	}); err != nil {
		return err
	}
	_, err = c.processes.start(program{
		name: "kube-scheduler", path: c.tools["kube-scheduler"],
		args: append([]string{"--kubeconfig=" + scheduler}, common...),
	})
	return err
}

// createNodes makes three workers, each in a zone of its own, so that spreading
// over nodes and zones can be judged.
func (c *cluster) createNodes(ctx context.Context) error {
	capacity := corev1.ResourceList{
		corev1.ResourceCPU:              resource.MustParse("64"),
		corev1.ResourceMemory:           resource.MustParse("256Gi"),
		corev1.ResourceEphemeralStorage: resource.MustParse("1Ti"),
		corev1.ResourcePods:             resource.MustParse("1000"),
	}
	version, err := c.version()
	if err != nil {
		return err
	}
	for _, letter := range []string{"a", "b", "c"} {
		name := "worker-" + letter
		node := &corev1.Node{
			ObjectMeta: metav1.ObjectMeta{
				Name: name,
				Labels: map[string]string{
					corev1.LabelHostname:       name,
					corev1.LabelOSStable:       "linux",
					corev1.LabelArchStable:     "amd64",
					corev1.LabelTopologyRegion: "region",
					corev1.LabelTopologyZone:   "zone-" + letter,
				},
				Annotations: map[string]string{
					// Where metrics-server finds the usage that kwok makes up.
					"metrics.k8s.io/resource-metrics-path": "/metrics/nodes/" + name + "/metrics/resource",
				},
			},
			Status: corev1.NodeStatus{
				Capacity: capacity, Allocatable: capacity,
				NodeInfo: corev1.NodeSystemInfo{KubeletVersion: version},
			},
		}
		if _, err := c.client.CoreV1().Nodes().Create(ctx, node, metav1.CreateOptions{}); err != nil {
			return err
		}
	}
	return nil
}

// waitDefaultAccount waits for what Pods in the default namespace need.
func (c *cluster) waitDefaultAccount(ctx context.Context) error {
	return waitFor(ctx, "service account default/default", 60*time.Second, func(ctx context.Context) error {
		_, err := c.client.CoreV1().ServiceAccounts("default").Get(ctx, "default", metav1.GetOptions{})
		return err
	})
}
