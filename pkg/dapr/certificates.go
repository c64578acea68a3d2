// Copyright The kubectl-dapr-prod Authors.
// SPDX-License-Identifier: Apache-2.0

package dapr

import (
	"crypto/x509"
	"encoding/pem"
	"path"
	"strings"

	corev1 "k8s.io/api/core/v1"
)

// TrustAnchorsEnv is the variable of the sidecar that holds the roots that it
// trusts, as they were when its Pod was made.
const TrustAnchorsEnv = "DAPR_TRUST_ANCHORS"

// RootsEntry is where the sidecars' roots stand in the trust bundle, whatever
// Sentry is told.
const RootsEntry = "ca.crt"

// BundleEntries are the names under which Sentry keeps its certificates and its
// key in the trust bundle (Helm value global.issuerFilenames). A nil container has
// no arguments.
func BundleEntries(sentry *corev1.Container) (roots, issuer, key string) {
	if sentry == nil {
		sentry = &corev1.Container{}
	}
	name := func(flag, unset string) string { return path.Base(Flag(sentry, flag, unset)) }
	return name("issuer-ca-filename", RootsEntry), name("issuer-certificate-filename", "issuer.crt"), name("issuer-key-filename", "issuer.key")
}

// Certificates reads PEM. Problems say what in it is no certificate; text around
// the certificates is allowed, as everywhere.
func Certificates(text []byte) (all []*x509.Certificate, problems []string) {
	for {
		block, rest := pem.Decode(text)
		if block == nil {
			break
		}
		text = rest
		if block.Type != "CERTIFICATE" {
			problems = append(problems, "holds a "+strings.ToLower(block.Type)+", where there should be certificates only")
			continue
		}
		c, err := x509.ParseCertificate(block.Bytes)
		if err != nil {
			problems = append(problems, "holds a certificate that cannot be read")
			continue
		}
		all = append(all, c)
	}
	if len(all) == 0 && len(problems) == 0 && strings.TrimSpace(string(text)) != "" {
		problems = append(problems, "holds text that is not PEM")
	}
	return all, problems
}
