// Copyright The kubectl-dapr-prod Authors.
// SPDX-License-Identifier: Apache-2.0

package main

import (
	"context"
	"errors"

	corev1 "k8s.io/api/core/v1"
	storagev1 "k8s.io/api/storage/v1"
	apierrors "k8s.io/apimachinery/pkg/api/errors"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
)

const (
	storageClassName = "standard"
	// selectedNode is set by the scheduler when a Pod that needs the claim has
	// found its node.
	selectedNode = "volume.kubernetes.io/selected-node"
)

// createStorageClass makes the default storage class: Dapr's scheduler claims
// volumes without naming one. As in most clouds a volume is made when a Pod
// first needs it; that also spares the cluster events about unbound claims.
func (c *cluster) createStorageClass(ctx context.Context) error {
	binding, expandable := storagev1.VolumeBindingWaitForFirstConsumer, true
	class := &storagev1.StorageClass{
		ObjectMeta: metav1.ObjectMeta{
			Name:        storageClassName,
			Annotations: map[string]string{"storageclass.kubernetes.io/is-default-class": "true"},
		},
		Provisioner:          "testenv",
		VolumeBindingMode:    &binding,
		AllowVolumeExpansion: &expandable,
	}
	_, err := c.client.StorageV1().StorageClasses().Create(ctx, class, metav1.CreateOptions{})
	return err
}

// provisionVolumes plays the storage driver: every claim that a Pod waits
// for gets a volume of exactly the size it asks for.
func (c *cluster) provisionVolumes(ctx context.Context) error {
	claims, err := c.client.CoreV1().PersistentVolumeClaims("").List(ctx, metav1.ListOptions{ResourceVersion: "0"})
	if err != nil {
		return err
	}
	var failed []error
	for _, claim := range claims.Items {
		class := claim.Spec.StorageClassName
		wanted := class != nil && *class == storageClassName && claim.Annotations[selectedNode] != ""
		if !wanted || claim.Status.Phase != corev1.ClaimPending || claim.Spec.VolumeName != "" {
			continue
		}
		_, err := c.client.CoreV1().PersistentVolumes().Create(ctx, volumeFor(&claim), metav1.CreateOptions{})
		if err != nil && !apierrors.IsAlreadyExists(err) {
			failed = append(failed, err)
		}
	}
	return errors.Join(failed...)
}

func volumeFor(claim *corev1.PersistentVolumeClaim) *corev1.PersistentVolume {
	name := "pvc-" + string(claim.UID)
	return &corev1.PersistentVolume{
		ObjectMeta: metav1.ObjectMeta{Name: name},
		Spec: corev1.PersistentVolumeSpec{
			StorageClassName: storageClassName,
			Capacity:         corev1.ResourceList{corev1.ResourceStorage: claim.Spec.Resources.Requests[corev1.ResourceStorage]},
			AccessModes:      claim.Spec.AccessModes,
			ClaimRef: &corev1.ObjectReference{
				APIVersion: "v1", Kind: "PersistentVolumeClaim",
				Namespace: claim.Namespace, Name: claim.Name, UID: claim.UID,
			},
			// Nothing ever mounts it, so nothing needs reclaiming.
			PersistentVolumeReclaimPolicy: corev1.PersistentVolumeReclaimRetain,
			PersistentVolumeSource:        corev1.PersistentVolumeSource{HostPath: &corev1.HostPathVolumeSource{Path: "/nonexistent/" + name}},
		},
	}
}
