// Copyright The kubectl-dapr-prod Authors.
// SPDX-License-Identifier: Apache-2.0

package catalogue_test

import (
	"crypto/ed25519"
	"crypto/sha256"
	"crypto/x509"
	"crypto/x509/pkix"
	"encoding/json"
	"encoding/pem"
	"math/big"
	"regexp"
	"strings"
	"testing"
	"time"
)

// certificate is one that cases name, as in "ca.crt: pem(root)" or, for several in
// one entry, "pem(root, old-root)". Cases are of 2026-11-21T12:00:00Z.
type certificate struct {
	// parent signs it; empty signs itself.
	parent     string
	subject    pkix.Name
	from, till string
	leaf       bool
}

// certificates are always the same: their keys come from their names, and Ed25519
// needs no random numbers to sign.
var certificates = map[string]certificate{
	// As Sentry makes them.
	"root":   {subject: pkix.Name{Organization: []string{"cluster.local"}}, from: "2026-05-01T00:00:00Z", till: "2027-05-01T00:00:00Z"},
	"issuer": {parent: "root", subject: sentry, from: "2026-05-01T00:00:00Z", till: "2027-05-01T00:00:00Z"},
	// The next ones, of the same names.
	"new-root":   {subject: pkix.Name{Organization: []string{"cluster.local"}}, from: "2026-11-01T00:00:00Z", till: "2027-11-01T00:00:00Z"},
	"new-issuer": {parent: "new-root", subject: sentry, from: "2026-11-01T00:00:00Z", till: "2027-11-01T00:00:00Z"},
	// Roots near their end.
	"root-90d":     {subject: pkix.Name{CommonName: "90 days"}, from: "2026-01-01T00:00:00Z", till: "2027-02-19T12:00:00Z"},
	"root-89d":     {subject: pkix.Name{CommonName: "89 days"}, from: "2026-01-01T00:00:00Z", till: "2027-02-19T11:59:59Z"},
	"root-30d":     {subject: pkix.Name{CommonName: "30 days"}, from: "2026-01-01T00:00:00Z", till: "2026-12-21T12:00:00Z"},
	"root-29d":     {subject: pkix.Name{CommonName: "29 days"}, from: "2026-01-01T00:00:00Z", till: "2026-12-21T11:59:59Z"},
	"root-1d":      {subject: pkix.Name{CommonName: "1 day"}, from: "2026-01-01T00:00:00Z", till: "2026-11-22T11:00:00Z"},
	"root-expired": {subject: pkix.Name{CommonName: "expired"}, from: "2025-11-20T00:00:00Z", till: "2026-11-20T00:00:00Z"},
	"root-future":  {subject: pkix.Name{CommonName: "future"}, from: "2026-12-01T00:00:00Z", till: "2027-12-01T00:00:00Z"},
	"nameless":     {from: "2026-05-01T00:00:00Z", till: "2027-05-01T00:00:00Z"},
	// Issuers of root.
	"issuer-29d":     {parent: "root", subject: sentry, from: "2026-05-01T00:00:00Z", till: "2026-12-21T11:59:59Z"},
	"issuer-89d":     {parent: "root", subject: sentry, from: "2026-05-01T00:00:00Z", till: "2027-02-19T11:59:59Z"},
	"issuer-expired": {parent: "root", subject: sentry, from: "2026-05-01T00:00:00Z", till: "2026-11-20T00:00:00Z"},
	"issuer-future":  {parent: "root", subject: sentry, from: "2026-12-01T00:00:00Z", till: "2027-04-01T00:00:00Z"},
	// Of 90 days, as cert-manager makes them, and renews them when a third is left.
	"short-60d":     {parent: "root", subject: sentry, from: "2026-10-22T12:00:00Z", till: "2027-01-20T12:00:00Z"},
	"short-29d":     {parent: "root", subject: sentry, from: "2026-09-21T12:00:00Z", till: "2026-12-20T12:00:00Z"},
	"short-9d":      {parent: "root", subject: sentry, from: "2026-09-01T12:00:00Z", till: "2026-11-30T12:00:00Z"},
	"leaf":          {parent: "root", subject: sentry, from: "2026-05-01T00:00:00Z", till: "2027-05-01T00:00:00Z", leaf: true},
	"issuer-of-29d": {parent: "root-29d", subject: sentry, from: "2026-05-01T00:00:00Z", till: "2026-12-21T11:59:59Z"},
	"old-issuer":    {parent: "root-expired", subject: sentry, from: "2025-11-20T00:00:00Z", till: "2026-11-20T00:00:00Z"},
	// Somebody's own.
	"corp-root":         {subject: pkix.Name{CommonName: "Example Root", Organization: []string{"Example"}}, from: "2020-01-01T00:00:00Z", till: "2040-01-01T00:00:00Z"},
	"acme-30d":          {subject: pkix.Name{Organization: []string{"Acme"}}, from: "2026-01-01T00:00:00Z", till: "2026-12-21T12:00:00Z"},
	"corp-intermediate": {parent: "corp-root", subject: pkix.Name{CommonName: "Example Kubernetes"}, from: "2025-01-01T00:00:00Z", till: "2030-01-01T00:00:00Z"},
	"corp-issuer":       {parent: "corp-intermediate", subject: pkix.Name{CommonName: "Example Dapr"}, from: "2026-10-01T00:00:00Z", till: "2027-10-01T00:00:00Z"},
}

var sentry = pkix.Name{Organization: []string{"spiffe://cluster.local/ns/dapr-system/dapr-sentry"}}

func keyOf(name string) ed25519.PrivateKey {
	seed := sha256.Sum256([]byte(name))
	return ed25519.NewKeyFromSeed(seed[:])
}

func (c certificate) template(t *testing.T, name string) *x509.Certificate {
	t.Helper()
	date := func(s string) time.Time {
		d, err := time.Parse(time.RFC3339, s)
		if err != nil {
			t.Fatal(err)
		}
		return d
	}
	serial := sha256.Sum256([]byte(name))
	made := &x509.Certificate{
		SerialNumber: new(big.Int).SetBytes(serial[:8]), Subject: c.subject, NotBefore: date(c.from), NotAfter: date(c.till),
		KeyUsage: x509.KeyUsageDigitalSignature, BasicConstraintsValid: true,
	}
	if !c.leaf {
		made.IsCA, made.KeyUsage = true, made.KeyUsage|x509.KeyUsageCertSign
	}
	return made
}

// pemOf is the PEM text of a certificate.
func pemOf(t *testing.T, name string) string {
	t.Helper()
	c, found := certificates[name]
	if !found {
		t.Fatalf("no such certificate: %s", name)
	}
	parent := name
	if c.parent != "" {
		parent = c.parent
	}
	der, err := x509.CreateCertificate(nil, c.template(t, name), certificates[parent].template(t, parent), keyOf(name).Public(), keyOf(parent))
	if err != nil {
		t.Fatal(err)
	}
	return string(pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: der}))
}

var pemCall = regexp.MustCompile(`pem\(([a-z0-9, -]+)\)`)

// withCertificates writes certificates in place of their names.
func withCertificates(t *testing.T, text string) string {
	t.Helper()
	return pemCall.ReplaceAllStringFunc(text, func(call string) string {
		var all strings.Builder
		for name := range strings.SplitSeq(pemCall.FindStringSubmatch(call)[1], ",") {
			all.WriteString(pemOf(t, strings.TrimSpace(name)))
		}
		quoted, err := json.Marshal(all.String())
		if err != nil {
			t.Fatal(err)
		}
		return string(quoted)
	})
}
