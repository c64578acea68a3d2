// Copyright The kubectl-dapr-prod Authors.
// SPDX-License-Identifier: Apache-2.0

package main

import (
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"time"

	authenticationv1 "k8s.io/api/authentication/v1"
	corev1 "k8s.io/api/core/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/types"
	"k8s.io/client-go/kubernetes"
)

// tokenLifetime outlasts any test and most demos.
const tokenLifetime = 7 * 24 * time.Hour

// component is a part of Dapr's control plane that runs as a process here. The
// process stands for one of the Pods that the chart made: it takes arguments,
// environment and rights from it, and differs only in where it runs.
type component struct {
	name       string // of the program
	deployment string // in the chart, and the name of its main container
	account    string // its service account
}

var (
	sentry   = component{name: "sentry", deployment: "dapr-sentry", account: "dapr-sentry"}
	injector = component{name: "injector", deployment: "dapr-sidecar-injector", account: "dapr-injector"}
	operator = component{name: "operator", deployment: "dapr-operator", account: "dapr-operator"}
)

// host is what a component needs around it.
type host struct {
	client  kubernetes.Interface
	api     endpoint
	proxy   string // of the cluster network, for Sentry's cluster name
	dir     string // for credentials
	anchors string // file with Sentry's root certificates
}

// program prepares a component as the process of a Pod: extra arguments and
// variables come last, and so win over the Pod's.
func (h host) program(ctx context.Context, c component, pod *corev1.Pod, path string, args, env []string) (program, error) {
	container, err := c.container(pod)
	if err != nil {
		return program{}, err
	}
	token, err := h.requestToken(ctx, c, authenticationv1.TokenRequestSpec{})
	if err != nil {
		return program{}, err
	}
	kubeconfig := filepath.Join(h.dir, c.name+".kubeconfig")
	if err := writeKubeconfig(kubeconfig, h.api, identity{user: c.account, token: token}); err != nil {
		return program{}, err
	}
	p := program{name: c.deployment, path: path, args: append(slices.Clone(container.Args), "--enable-metrics=false")}
	for _, v := range container.Env {
		value, err := variable(v)
		if err != nil {
			return program{}, fmt.Errorf("pod %s: %w", pod.Name, err)
		}
		p.env = append(p.env, value)
	}
	p.env = append(p.env,
		"KUBECONFIG="+kubeconfig,
		// Dapr insists on its image's user, also outside of an image.
		"DAPR_UNSAFE_SKIP_CONTAINER_UID_GID_CHECK=true",
	)
	if c != operator { // it has no such flag
		p.args = append(p.args, "--kubeconfig", kubeconfig)
	}
	if c != sentry {
		tokenFile, err := h.sentryToken(ctx, c, pod)
		if err != nil {
			return program{}, err
		}
		p.env = append(p.env,
			"DAPR_SENTRY_TOKEN_FILE="+tokenFile,
			"DAPR_TRUST_ANCHORS_FILE="+h.anchors,
			"HTTPS_PROXY="+h.proxy,
			"NO_PROXY=127.0.0.1,localhost",
		)
	}
	p.args, p.env = append(p.args, args...), append(p.env, env...)
	return p, nil
}

// pod chooses the Pod that the component's process stands for: the one it stood
// for before as long as that lives, else the newest. It may be none.
func (h host) pod(ctx context.Context, c component, before types.UID) (*corev1.Pod, error) {
	pods, err := h.client.CoreV1().Pods(daprNamespace).List(ctx, metav1.ListOptions{LabelSelector: "app=" + c.deployment})
	if err != nil {
		return nil, err
	}
	var newest *corev1.Pod
	for _, pod := range pods.Items {
		if pod.DeletionTimestamp != nil || pod.Status.Phase != corev1.PodRunning {
			continue
		}
		if pod.UID == before {
			return &pod, nil
		}
		if newest == nil || newest.CreationTimestamp.Before(&pod.CreationTimestamp) {
			newest = &pod
		}
	}
	return newest, nil
}

// waitPod waits for the first Pod of a component.
func (h host) waitPod(ctx context.Context, c component) (*corev1.Pod, error) {
	var found *corev1.Pod
	err := waitFor(ctx, "pod of "+c.deployment, daprStartLimit, func(ctx context.Context) error {
		var err error
		found, err = h.pod(ctx, c, "")
		if err == nil && found == nil {
			err = errors.New("there is none that runs")
		}
		return err
	})
	return found, err
}

func (c component) container(pod *corev1.Pod) (corev1.Container, error) {
	for _, container := range pod.Spec.Containers {
		if container.Name == c.deployment {
			return container, nil
		}
	}
	return corev1.Container{}, fmt.Errorf("pod %s has no container %s", pod.Name, c.deployment)
}

// variable reads an environment variable of the chart as NAME=VALUE.
func variable(v corev1.EnvVar) (string, error) {
	if v.ValueFrom == nil {
		return v.Name + "=" + v.Value, nil
	}
	if field := v.ValueFrom.FieldRef; field != nil && field.FieldPath == "metadata.namespace" {
		return v.Name + "=" + daprNamespace, nil
	}
	return "", fmt.Errorf("variable %s has a source that testenv does not know: add it to variable()", v.Name)
}

// sentryToken writes the token by which Sentry knows the component. Sentry
// accepts only tokens that are bound to a Pod.
func (h host) sentryToken(ctx context.Context, c component, pod *corev1.Pod) (string, error) {
	token, err := h.requestToken(ctx, c, authenticationv1.TokenRequestSpec{
		Audiences:      []string{"spiffe://cluster.local/ns/" + daprNamespace + "/dapr-sentry"},
		BoundObjectRef: &authenticationv1.BoundObjectReference{Kind: "Pod", APIVersion: "v1", Name: pod.Name, UID: pod.UID},
	})
	if err != nil {
		return "", err
	}
	path := filepath.Join(h.dir, c.name+".token")
	return path, os.WriteFile(path, []byte(token), 0o600)
}

func (h host) requestToken(ctx context.Context, c component, spec authenticationv1.TokenRequestSpec) (string, error) {
	seconds := int64(tokenLifetime.Seconds())
	spec.ExpirationSeconds = &seconds
	reply, err := h.client.CoreV1().ServiceAccounts(daprNamespace).CreateToken(ctx, c.account,
		&authenticationv1.TokenRequest{Spec: spec}, metav1.CreateOptions{})
	if err != nil {
		return "", fmt.Errorf("token for service account %s: %w", c.account, err)
	}
	return reply.Status.Token, nil
}
