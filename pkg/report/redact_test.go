// Copyright The kubectl-dapr-prod Authors.
// SPDX-License-Identifier: Apache-2.0

package report_test

import (
	"reflect"
	"testing"

	corev1 "k8s.io/api/core/v1"

	"github.com/dapr-prod/kubectl-dapr-prod/pkg/report"
)

func TestRedacted(t *testing.T) {
	tests := []struct {
		name, value, want string
	}{
		{"API_KEY", "hunter2", report.Mask},
		{"API_KEY", "", ""},
		{"DAPR_TRUST_ANCHORS", "-----BEGIN CERTIFICATE-----", report.Mask},
		{"namespace", "shop", report.Mask},
		{"NAMESPACE", "shop", "shop"},
		{"NAMESPACE", "Shop", report.Mask},
		{"NAMESPACE", "shop\n", report.Mask},
		{"POD_NAME", "orders-7c9.x2x", "orders-7c9.x2x"},
		{"POD_NAME", "p@ss", report.Mask},
		{"DAPR_CONTROLPLANE_NAMESPACE", "dapr-system", "dapr-system"},
		{"DAPR_CONTROLPLANE_NAMESPACE", "dapr system", report.Mask},
		{"DAPR_CONTROLPLANE_TRUST_DOMAIN", "cluster.local", "cluster.local"},
		{"DAPR_CONTROLPLANE_TRUST_DOMAIN", "a/b", report.Mask},
		{"DAPR_ENV_KEYS", "API_KEY GOMEMLIMIT", "API_KEY GOMEMLIMIT"},
		{"DAPR_ENV_KEYS", "API_KEY=hunter2", report.Mask},
		{"DAPR_HOST_IP", "10.0.0.1", "10.0.0.1"},
		{"DAPR_HOST_IP", "fe80::1", "fe80::1"},
		{"DAPR_HOST_IP", "fe80::1%hunter2", report.Mask},
		{"GOMEMLIMIT", "900MiB", "900MiB"},
		{"GOMEMLIMIT", "900Mi", "900Mi"},
		{"GOMEMLIMIT", "off", "off"},
		{"GOMEMLIMIT", "1073741824", "1073741824"},
		{"GOMEMLIMIT", "0.9GiB", "0.9GiB"},
		{"GOMEMLIMIT", "900bytes", report.Mask},
		{"GOMEMLIMIT", "hunter2", report.Mask},
		{"GOGC", "50", "50"},
		{"GOGC", "off", "off"},
		{"GOGC", "50%", report.Mask},
		{"GOMAXPROCS", "2", "2"},
		{"GOMAXPROCS", "two", report.Mask},
		{"GODEBUG", "gctrace=1,http2client=0", "gctrace=1,http2client=0"},
		{"GODEBUG", "password=Hunter2!", report.Mask},
		{"DAPR_COMPONENT_SOCKETS_FOLDER", "/tmp/dapr-components-sockets", "/tmp/dapr-components-sockets"},
		{"DAPR_COMPONENT_SOCKETS_FOLDER", "hunter2", report.Mask},
		{"SSL_CERT_DIR", "/etc/ssl/certs:/certs", "/etc/ssl/certs:/certs"},
		{"SSL_CERT_DIR", "/certs?token=hunter2", report.Mask},
	}
	for _, test := range tests {
		t.Run(test.name+"="+test.value, func(t *testing.T) {
			c := &corev1.Container{Env: []corev1.EnvVar{{Name: test.name, Value: test.value}}}
			if got := report.Redacted(c).Env[0].Value; got != test.want {
				t.Errorf("got %q, want %q", got, test.want)
			}
		})
	}
}

func TestRedactedTwice(t *testing.T) {
	c := &corev1.Container{Env: []corev1.EnvVar{{Name: "GOGC", Value: "50"}, {Name: "GOMAXPROCS", Value: "2"}, {Name: "GOGC", Value: "60"}}}
	got := report.Redacted(c).Env
	if got[0].Value != report.Mask || got[1].Value != "2" || got[2].Value != report.Mask {
		t.Errorf("got %+v", got)
	}
}

// TestRedactedNames: dapr.io/env "postgres://admin:S3cr3t@db?sslmode=off,A=1"
// makes a variable whose name holds the secret.
func TestRedactedNames(t *testing.T) {
	const name = "postgres://admin:S3cr3t@db?sslmode"
	for _, keys := range []string{name + " A", "S3cr3t A"} {
		c := &corev1.Container{Env: []corev1.EnvVar{{Name: name, Value: "off"}, {Name: "GOGC", Value: "50"}, {Name: "DAPR_ENV_KEYS", Value: keys}}}
		want := []corev1.EnvVar{{Name: report.Mask, Value: report.Mask}, {Name: "GOGC", Value: "50"}, {Name: "DAPR_ENV_KEYS", Value: report.Mask}}
		once := report.Redacted(c)
		if !reflect.DeepEqual(once.Env, want) {
			t.Errorf("got %+v", once.Env)
		}
		if twice := report.Redacted(once); !reflect.DeepEqual(twice, once) {
			t.Errorf("twice: %+v", twice.Env)
		}
	}
}

func TestRedactedKeepsTheRest(t *testing.T) {
	header := func(value string) corev1.ProbeHandler {
		return corev1.ProbeHandler{HTTPGet: &corev1.HTTPGetAction{HTTPHeaders: []corev1.HTTPHeader{{Name: "Authorization", Value: value}}}}
	}
	hook := func(value string) *corev1.LifecycleHandler {
		return &corev1.LifecycleHandler{HTTPGet: header(value).HTTPGet}
	}
	container := func(value string) *corev1.Container {
		c := daprd("1.18.3", "100m", "", "", "1Gi")
		c.Env[1].Value = value
		c.Env = append(c.Env, corev1.EnvVar{Name: "TOKEN", ValueFrom: &corev1.EnvVarSource{
			SecretKeyRef: &corev1.SecretKeySelector{LocalObjectReference: corev1.LocalObjectReference{Name: "t"}, Key: "token"},
		}})
		c.LivenessProbe = &corev1.Probe{ProbeHandler: header(value)}
		c.ReadinessProbe = &corev1.Probe{ProbeHandler: header(value)}
		c.StartupProbe = &corev1.Probe{ProbeHandler: header(value)}
		c.Lifecycle = &corev1.Lifecycle{PostStart: hook(value), PreStop: hook(value)}
		return c
	}
	c := container("hunter2")
	if got, want := report.Redacted(c), container(report.Mask); !reflect.DeepEqual(got, want) {
		t.Errorf("got  %+v\nwant %+v", got, want)
	}
	if !reflect.DeepEqual(c, container("hunter2")) {
		t.Error("the original was changed")
	}
	if report.Redacted(nil) != nil {
		t.Error("something was made of nothing")
	}
}
