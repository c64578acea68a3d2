// Copyright The kubectl-dapr-prod Authors.
// SPDX-License-Identifier: Apache-2.0

//go:build cluster

package harden_test

import (
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/x509"
	"crypto/x509/pkix"
	"encoding/pem"
	"math/big"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	corev1 "k8s.io/api/core/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"

	"github.com/dapr-prod/kubectl-dapr-prod/pkg/guideline"
	"github.com/dapr-prod/kubectl-dapr-prod/test/cluster/kube"
)

const (
	enableMTLS   = "--enable-mtls"
	trustAnchors = "DAPR_TRUST_ANCHORS"
)

// TestStale: a Pod that was made before mTLS was switched on, or before the control plane
// had another root, is made anew where that is asked for, and not unasked.
func TestStale(t *testing.T) {
	t.Parallel()
	anchors, err := os.ReadFile(cluster.Dapr.TrustAnchors)
	if err != nil {
		t.Fatal(err)
	}
	for id, test := range map[string]struct {
		// older makes a sidecar what it was before.
		older func(t *testing.T, daprd *corev1.Container)
		// now tells whether a sidecar is as the control plane has it.
		now         func(daprd *corev1.Container) bool
		open, risks string
	}{
		"mtls": {
			older: func(_ *testing.T, daprd *corev1.Container) {
				daprd.Args = slices.DeleteFunc(daprd.Args, func(arg string) bool { return arg == enableMTLS })
			},
			now:  func(daprd *corev1.Container) bool { return slices.Contains(daprd.Args, enableMTLS) },
			open: "daprd runs without --enable-mtls", risks: "calls fail between Pods with and without mTLS, until all apps have restarted",
		},
		"trust-anchors": {
			older: func(t *testing.T, daprd *corev1.Container) {
				daprd.Env[slices.IndexFunc(daprd.Env, isAnchors)].Value = anotherRoot(t)
			},
			now: func(daprd *corev1.Container) bool {
				i := slices.IndexFunc(daprd.Env, isAnchors)
				return i >= 0 && strings.TrimSpace(daprd.Env[i].Value) == strings.TrimSpace(string(anchors))
			},
			open: "daprd does not trust the root that signed the control plane's issuer", risks: "restart",
		},
	} {
		t.Run(id, func(t *testing.T) {
			t.Parallel()
			ns := cluster.Namespace(t)
			apply(t, ns, open("orders", 1))
			older(t, ns, func(daprd *corev1.Container) { test.older(t, daprd) })
			was := podOf(t, ns)
			if test.now(containerOf(t, was, "daprd")) {
				t.Fatal("the Pod is as the control plane has it now")
			}
			kube.Check(t, "-n", ns.Name).Expect(t, id, "Deployment/orders", guideline.Failed, test.open)
			dapr(t, "harden", "-n", ns.Name, "--yes")
			if is := podOf(t, ns); is.UID != was.UID {
				t.Fatal("it is made anew, though nobody asked")
			}
			journal := filepath.Join(t.TempDir(), "journal")
			ends(t, dapr(t, "harden", id, "-n", ns.Name, "--yes", "--journal", journal), 0, test.risks, "1 of 1 changes written and seen to hold")
			is := podOf(t, ns)
			if is.UID == was.UID || !test.now(containerOf(t, is, "daprd")) {
				t.Errorf("its Pod is not as the control plane has it now: %v", containerOf(t, is, "daprd"))
			}
			kube.Check(t, "-n", ns.Name).Expect(t, id, "Deployment/orders", guideline.Passed, "")
			ends(t, dapr(t, "harden", id, "-n", ns.Name, "--yes"), 0, "Nothing to write")
			ends(t, dapr(t, "harden", "--revert", journal, "--yes"), 0)
		})
	}
}

func isAnchors(e corev1.EnvVar) bool { return e.Name == trustAnchors }

// older puts another Pod in the place of the one of orders, with a sidecar as it was once.
// The Deployment has it as its own: it takes in what is there when it is made.
func older(t *testing.T, ns *kube.Namespace, set func(daprd *corev1.Container)) {
	t.Helper()
	now, d := podOf(t, ns), get(t, ns, "orders")
	pod := &corev1.Pod{ObjectMeta: metav1.ObjectMeta{Name: now.Name + "-older", Labels: now.Labels, Annotations: now.Annotations}, Spec: *now.Spec.DeepCopy()}
	pod.Spec.NodeName = ""
	set(&pod.Spec.Containers[slices.IndexFunc(pod.Spec.Containers, func(c corev1.Container) bool { return c.Name == "daprd" })])
	ns.MustKubectl(t, "", "delete", "deployment,replicaset", "--all", "--cascade=orphan")
	if _, err := ns.Client.CoreV1().Pods(ns.Name).Create(t.Context(), pod, metav1.CreateOptions{}); err != nil {
		t.Fatal(err)
	}
	ns.MustKubectl(t, "", "delete", "pod", now.Name, "--grace-period=0", "--force")
	d.ObjectMeta = metav1.ObjectMeta{Name: d.Name, Labels: d.Labels}
	apply(t, ns, d)
	if is := podOf(t, ns); is.Name != pod.Name || len(is.OwnerReferences) != 1 {
		t.Fatalf("the Deployment has Pod %s, of %v", is.Name, is.OwnerReferences)
	}
}

// anotherRoot is the certificate of a root that signed nothing.
func anotherRoot(t *testing.T) string {
	t.Helper()
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	root := &x509.Certificate{
		SerialNumber: big.NewInt(1), Subject: pkix.Name{CommonName: "another root"}, NotBefore: time.Now(), NotAfter: time.Now().Add(24 * 365 * time.Hour),
		IsCA: true, BasicConstraintsValid: true, KeyUsage: x509.KeyUsageCertSign,
	}
	content, err := x509.CreateCertificate(rand.Reader, root, root, &key.PublicKey, key)
	if err != nil {
		t.Fatal(err)
	}
	return string(pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: content}))
}
