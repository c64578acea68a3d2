// Copyright The kubectl-dapr-prod Authors.
// SPDX-License-Identifier: Apache-2.0

package main

import (
	"crypto/tls"
	"crypto/x509"
	"os"
	"strings"
	"testing"
)

// TestAggregationArgs: what the API server shows to metrics-server is signed by
// the authority that metrics-server is told of, and by that alone: with the
// cluster's any user could speak for any other.
func TestAggregationArgs(t *testing.T) {
	ca, err := newAuthority()
	if err != nil {
		t.Fatal(err)
	}
	c := &cluster{pki: t.TempDir(), ca: ca}
	args, err := c.aggregationArgs()
	if err != nil {
		t.Fatal(err)
	}
	value := map[string]string{}
	for _, arg := range args {
		name, is, _ := strings.Cut(arg, "=")
		value[name] = is
	}
	pair, err := tls.LoadX509KeyPair(value["--proxy-client-cert-file"], value["--proxy-client-key-file"])
	if err != nil {
		t.Fatal(err)
	}
	front, err := os.ReadFile(value["--requestheader-client-ca-file"])
	if err != nil {
		t.Fatal(err)
	}
	for name, authority := range map[string][]byte{"front": front, "cluster": ca.pem} {
		roots := x509.NewCertPool()
		roots.AppendCertsFromPEM(authority)
		_, err := pair.Leaf.Verify(x509.VerifyOptions{Roots: roots, KeyUsages: []x509.ExtKeyUsage{x509.ExtKeyUsageClientAuth}})
		if (err == nil) != (name == "front") {
			t.Errorf("verified by the %s authority: %v", name, err)
		}
	}
	if got, want := pair.Leaf.Subject.CommonName, value["--requestheader-allowed-names"]; got != want {
		t.Errorf("the name is %q, allowed is %q", got, want)
	}
}
