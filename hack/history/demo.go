// Copyright The kubectl-dapr-prod Authors.
// SPDX-License-Identifier: Apache-2.0

package main

import (
	"iter"
	"strings"
	"time"
)

// podList is what kubectl get pods -o json prints.
type podList struct {
	Items []struct {
		Metadata struct {
			Namespace, Name string
			Labels          map[string]string
		}
		Spec struct{ Containers, InitContainers []struct{ Name string } }
	}
}

// rollout is how long ago the Pods of the demo were made; those before them are gone.
const rollout = 5 * 24 * time.Hour

const sidecar = "daprd"

// shapes are those of the demo's sidecars, by the label app of their Pods.
var shapes = map[string]shape{
	"orders":   wave(0.18, 140*mib),
	"payments": throttled(0.3, 90*mib),
	// It leaks, as its manifest says.
	"inventory":     leak(0.03, 80*mib, 20*mib),
	"notifications": spiky(0.4, 70*mib),
	"checkout":      killed(0.05, 500*mib),
	"frontend":      constant(0.02, 45*mib),
}

// services are those of the control plane, by the name of their containers.
var services = map[string]shape{
	"dapr-operator":         constant(0.02, 55*mib),
	"dapr-sidecar-injector": spiky(0.2, 38*mib),
	"dapr-sentry":           constant(0.01, 34*mib),
	"dapr-placement-server": constant(0.03, 45*mib),
	"dapr-scheduler-server": wave(0.35, 310*mib),
}

// gone are Pods of former rollouts, by namespace and name, with the label app that they had.
// Of some workloads of the shop there is no Pod with a sidecar now.
var gone = []struct{ pod, app string }{
	{"orders-6b8d4f5c9-4kx7p", "orders"},
	{"orders-6b8d4f5c9-9wmzt", "orders"},
	{"orders-6b8d4f5c9-tqv2l", "orders"},
	{"notifications-5c9d8b6f4-8hjrn", "notifications"},
	{"checkout-7f9c5d8b4-2l5vx", "checkout"},
	{"checkout-7f9c5d8b4-qz6ds", "checkout"},
}

// demo are the containers of the demo's cluster.
func demo(now podList, end time.Time) iter.Seq[container] {
	return func(yield func(container) bool) {
		made := end.Add(-rollout)
		for _, g := range gone {
			c := container{namespace: "shop", pod: g.pod, from: end.Add(-long), to: made}
			if !yield(c.dapr(shapes[g.app])) || !yield(c.app(g.app)) {
				return
			}
		}
		for _, pod := range now.Items {
			c := container{namespace: pod.Metadata.Namespace, pod: pod.Metadata.Name, from: made, to: end}
			if strings.HasSuffix(c.pod, "-0") || strings.HasSuffix(c.pod, "-1") || strings.HasSuffix(c.pod, "-2") {
				c.from = end.Add(-long) // a StatefulSet keeps the names
			}
			for _, init := range pod.Spec.InitContainers {
				if init.Name == sidecar {
					native := c.dapr(shapes[pod.Metadata.Labels["app"]])
					native.native = true
					if !yield(native) {
						return
					}
				}
			}
			for _, one := range pod.Spec.Containers {
				if !yield(c.named(one.Name, pod.Metadata.Labels["app"])) {
					return
				}
			}
		}
	}
}

// named is the Pod's container of a name.
func (c container) named(name, app string) container {
	if name == sidecar {
		return c.dapr(shapes[app])
	}
	c = c.app(name)
	if service := services[name]; service != nil {
		c.shape = service
	}
	return c
}

// dapr is the Pod's sidecar.
func (c container) dapr(s shape) container {
	c.name, c.sidecar, c.shape = sidecar, true, s
	if s == nil {
		c.shape = constant(0.01, 40*mib)
	}
	return c
}

// app is the Pod's own container.
func (c container) app(name string) container {
	c.name, c.shape = name, wave(0.05, 96*mib)
	return c
}
