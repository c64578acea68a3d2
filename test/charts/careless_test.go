// Copyright The kubectl-dapr-prod Authors.
// SPDX-License-Identifier: Apache-2.0

//go:build charts

package charts_test

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
	"testing"
	"time"

	"sigs.k8s.io/yaml"
)

// TestCareless has the newest chart installed as nobody should, so that what the
// chart does well by itself is seen to fail, too.
func TestCareless(t *testing.T) {
	values := filepath.Join(t.TempDir(), "values.yaml")
	content, err := os.ReadFile("testdata/careless.yaml")
	if err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(values, append(content, agingCertificates(t)...), 0o600); err != nil {
		t.Fatal(err)
	}
	kubeconfig := start(t, []string{"--limit-critical", "--helm-values", values})
	kubectl := func(args ...string) { run(t, kubeconfig, "kubectl", args...) }
	kubectl("apply", "-f", "testdata/careless-neighbours.yaml")
	kubectl("rollout", "status", "--timeout=5m", "-n", "dapr-system", "deployment/redis", "deployment/dapr-dashboard")
	kubectl("rollout", "status", "--timeout=5m", "-n", "batch", "deployment/reports")
	// As maintenance leaves it that nobody ends.
	kubectl("cordon", "worker-c")
	// As an upgrade with Helm from 1.17 leaves it, which touches no definition.
	kubectl("delete", "customresourcedefinition", "mcpservers.dapr.io", "workflowaccesspolicies.dapr.io")
	// As a neighbour leaves it that had a quota of that name, too. The Pods that are
	// there stay; the next one is refused.
	kubectl("delete", "resourcequota", "-n", "dapr-system", "system-critical-quota")
	kubectl("delete", "pod", "-n", "dapr-system", "-l", "app=dapr-sentry")
	kubectl("wait", "--timeout=5m", "-n", "dapr-system", "deployment/dapr-sentry", "--for=condition=ReplicaFailure")
	golden(t, "testdata/"+releases[len(releases)-1]+"-careless.txt", reportOn(t, kubeconfig))
}

// agingCertificates are values of the chart: an issuer and its root which end in
// two months.
func agingCertificates(t *testing.T) []byte {
	t.Helper()
	root, rootKey := certificate(t, "shop root", nil, nil)
	issuer, issuerKey := certificate(t, "shop issuer", root, rootKey)
	key, err := x509.MarshalPKCS8PrivateKey(issuerKey)
	if err != nil {
		t.Fatal(err)
	}
	write := func(kind string, content []byte) string {
		return string(pem.EncodeToMemory(&pem.Block{Type: kind, Bytes: content}))
	}
	text, err := yaml.Marshal(map[string]any{"dapr_sentry": map[string]any{"tls": map[string]any{
		"root": map[string]string{"certPEM": write("CERTIFICATE", root.Raw)},
		"issuer": map[string]string{
			"certPEM": write("CERTIFICATE", issuer.Raw),
			"keyPEM":  write("PRIVATE KEY", key),
		},
	}}})
	if err != nil {
		t.Fatal(err)
	}
	return text
}

// certificate makes one of an authority, signed by itself if there is no parent.
func certificate(t *testing.T, name string, parent *x509.Certificate, parentKey *ecdsa.PrivateKey) (*x509.Certificate, *ecdsa.PrivateKey) {
	t.Helper()
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	now := time.Now()
	made := &x509.Certificate{
		SerialNumber: big.NewInt(now.UnixNano()),
		Subject:      pkix.Name{CommonName: name},
		// Half a day more, so that the days are 60 until the test is over.
		NotBefore: now.Add(-300 * 24 * time.Hour), NotAfter: now.Add(60*24*time.Hour + 12*time.Hour),
		IsCA: true, BasicConstraintsValid: true,
		KeyUsage: x509.KeyUsageCertSign | x509.KeyUsageCRLSign,
	}
	if parent == nil {
		parent, parentKey = made, key
	}
	content, err := x509.CreateCertificate(rand.Reader, made, parent, &key.PublicKey, parentKey)
	if err != nil {
		t.Fatal(err)
	}
	if made, err = x509.ParseCertificate(content); err != nil {
		t.Fatal(err)
	}
	return made, key
}
