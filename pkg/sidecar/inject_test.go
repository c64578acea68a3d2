// Copyright The kubectl-dapr-prod Authors.
// SPDX-License-Identifier: Apache-2.0

package sidecar_test

import (
	"crypto/x509"
	"reflect"
	"slices"
	"strings"
	"testing"

	corev1 "k8s.io/api/core/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"

	"github.com/dapr-prod/kubectl-dapr-prod/pkg/dapr"
	"github.com/dapr-prod/kubectl-dapr-prod/pkg/sidecar"
)

// inject puts a Pod of the template through the whole injector.
func inject(t *testing.T, v string, roots []*x509.Certificate, set ...string) (*corev1.Pod, error) {
	t.Helper()
	from := template(set...)
	pod := &corev1.Pod{ObjectMeta: metav1.ObjectMeta{Namespace: "shop", GenerateName: "orders-", Annotations: from.Annotations}, Spec: *from.Spec}
	return sidecar.DefaultInjector("dapr-system", version(t, v)).Inject(pod, roots)
}

func daprdOf(spec corev1.PodSpec) (all []corev1.Container) {
	for _, c := range slices.Concat(spec.Containers, spec.InitContainers) {
		if c.Name == dapr.SidecarContainer {
			all = append(all, c)
		}
	}
	return all
}

// TestInjectSimulates: the whole Pod has the one sidecar that Simulate tells of.
func TestInjectSimulates(t *testing.T) {
	t.Parallel()
	for _, v := range []string{"1.13.6", "1.15.0", "1.16.2", "1.18.3"} {
		for _, set := range [][]string{
			nil,
			{"sidecar-memory-limit=1000Mi", "env=A=1,GOMEMLIMIT=900MiB"},
			{"enable-native-sidecar=true"},
			{"unix-domain-socket-path=/sockets"},
			{"sidecar-memory-limit=1000MB"},
		} {
			want := simulate(t, v, set...)
			pod, err := inject(t, v, nil, set...)
			if err != nil {
				t.Fatalf("%s %v: %v", v, set, err)
			}
			got := daprdOf(pod.Spec)
			if len(got) != 1 || !reflect.DeepEqual(got[0], *want.Container) {
				t.Errorf("%s %v:\n%v\n%v", v, set, got, want.Container)
			}
			for _, c := range got {
				for _, m := range c.VolumeMounts {
					if !slices.ContainsFunc(pod.Spec.Volumes, func(v corev1.Volume) bool { return v.Name == m.Name }) {
						t.Errorf("%s %v: no volume %s", v, set, m.Name)
					}
				}
			}
		}
	}
}

func TestInjectRoots(t *testing.T) {
	t.Parallel()
	pod, err := inject(t, "1.18.3", []*x509.Certificate{{Raw: []byte("one")}, {Raw: []byte("two")}})
	if err != nil {
		t.Fatal(err)
	}
	i := slices.IndexFunc(daprdOf(pod.Spec)[0].Env, func(e corev1.EnvVar) bool { return e.Name == dapr.TrustAnchorsEnv })
	if i < 0 || strings.Count(daprdOf(pod.Spec)[0].Env[i].Value, "BEGIN CERTIFICATE") != 2 {
		t.Errorf("the sidecar has no roots: %v", daprdOf(pod.Spec)[0].Env)
	}
}

func TestInjectRefuses(t *testing.T) {
	t.Parallel()
	if pod, err := inject(t, "1.18.3", nil, "app-id=Orders"); err == nil {
		t.Errorf("an app ID that is no DNS label is injected: %v", pod.Spec.Containers)
	}
}
