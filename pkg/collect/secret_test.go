// Copyright The kubectl-dapr-prod Authors.
// SPDX-License-Identifier: Apache-2.0

package collect

import (
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/x509"
	"crypto/x509/pkix"
	"encoding/base64"
	"encoding/pem"
	"fmt"
	"math/big"
	"slices"
	"strings"
	"testing"
	"time"

	"sigs.k8s.io/yaml"

	"github.com/dapr-prod/kubectl-dapr-prod/pkg/snapshot"
)

// authority is a certificate that was made for a test, with its key.
type authority struct {
	certificate *x509.Certificate
	key         *ecdsa.PrivateKey
}

// newAuthority makes a certificate that parent signs or, where that is nil, itself.
func newAuthority(t *testing.T, name string, parent *authority) *authority {
	t.Helper()
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	template := &x509.Certificate{
		SerialNumber: big.NewInt(1), Subject: pkix.Name{CommonName: name}, IsCA: true, BasicConstraintsValid: true, KeyUsage: x509.KeyUsageCertSign,
		NotBefore: time.Date(2026, 1, 1, 0, 0, 0, 0, time.UTC), NotAfter: time.Date(2027, 1, 1, 0, 0, 0, 0, time.UTC),
	}
	made := &authority{template, key}
	if parent == nil {
		parent = made
	}
	der, err := x509.CreateCertificate(rand.Reader, template, parent.certificate, key.Public(), parent.key)
	if err != nil {
		t.Fatal(err)
	}
	if made.certificate, err = x509.ParseCertificate(der); err != nil {
		t.Fatal(err)
	}
	return made
}

func (a *authority) pem() string {
	return string(pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: a.certificate.Raw}))
}

func (a *authority) keyPEM(t *testing.T) string {
	t.Helper()
	der, err := x509.MarshalPKCS8PrivateKey(a.key)
	if err != nil {
		t.Fatal(err)
	}
	return string(pem.EncodeToMemory(&pem.Block{Type: "PRIVATE KEY", Bytes: der}))
}

// bundleObjects are the two objects dapr-trust-bundle as manifests; nil leaves one out.
func bundleObjects(t *testing.T, configMap, secret map[string]string) string {
	t.Helper()
	var all []string
	add := func(kind string, data map[string]string) {
		if data == nil {
			return
		}
		text, err := yaml.Marshal(map[string]any{
			"apiVersion": "v1", "kind": kind, "metadata": map[string]any{"name": "dapr-trust-bundle", "namespace": "dapr-system"}, "data": data,
		})
		if err != nil {
			t.Fatal(err)
		}
		all = append(all, string(text))
	}
	encoded := map[string]string{}
	for name, value := range secret {
		encoded[name] = base64.StdEncoding.EncodeToString([]byte(value))
	}
	add("ConfigMap", configMap)
	if secret != nil {
		add("Secret", encoded)
	}
	return strings.Join(all, "---\n")
}

// sentryWith is a Sentry with arguments.
func sentryWith(args string) string {
	return "---\n" + `apiVersion: apps/v1
kind: Deployment
metadata: {name: dapr-sentry, namespace: dapr-system, labels: {app: dapr-sentry}}
spec:
  template:
    metadata: {annotations: {dapr.io/control-plane: sentry}}
    spec: {containers: [{name: dapr-sentry, image: "ghcr.io/dapr/sentry:1.18.3", args: [` + args + "]}]}\n"
}

func TestTrustBundle(t *testing.T) {
	t.Parallel()
	root, other := newAuthority(t, "root", nil), newAuthority(t, "other", nil)
	between := newAuthority(t, "between", root)
	issuer := newAuthority(t, "issuer", between)
	chain, key := issuer.pem()+between.pem(), issuer.keyPEM(t)
	for _, test := range []struct {
		name, input string
		// want is the roots of the ConfigMap, those of the Secret, the issuer's chain,
		// whether the roots are the same, and what is wrong.
		want string
	}{
		{
			"both", bundleObjects(t, map[string]string{"ca.crt": root.pem()}, map[string]string{"ca.crt": root.pem(), "issuer.crt": chain, "issuer.key": key}),
			"root; root; issuer between; true; []; []",
		},
		{
			"the Secret first", bundleObjects(t, nil, map[string]string{"ca.crt": root.pem(), "issuer.crt": chain, "issuer.key": key}) + "---\n" + bundleObjects(t, map[string]string{"ca.crt": root.pem()}, nil),
			"root; root; issuer between; true; []; []",
		},
		{"the ConfigMap alone", bundleObjects(t, map[string]string{"ca.crt": root.pem() + other.pem()}, nil), "root other; ; ; false; []; []"},
		{"the Secret alone", bundleObjects(t, nil, map[string]string{"ca.crt": root.pem(), "issuer.crt": chain}), "; root; issuer between; false; []; []"},
		{
			"other text", bundleObjects(t, map[string]string{"ca.crt": root.pem() + "\n"}, map[string]string{"ca.crt": root.pem()}),
			"root; root; ; false; []; []",
		},
		{
			"other names", bundleObjects(t, map[string]string{"ca.crt": root.pem()}, map[string]string{"ca.crt": root.pem(), "tls.crt": chain, "tls.key": key}) +
				sentryWith(`--issuer-ca-filename, ca.crt, --issuer-certificate-filename, tls.crt, --issuer-key-filename=tls.key`),
			"root; root; issuer between; true; []; []",
		},
		{
			"another name of the roots, which sidecars do not know", bundleObjects(t, map[string]string{"ca.crt": root.pem()}, map[string]string{"root.pem": other.pem(), "issuer.crt": chain}) +
				sentryWith(`--issuer-ca-filename=/credentials/root.pem`),
			"root; other; issuer between; false; []; []",
		},
		{
			"problems", bundleObjects(t, map[string]string{"ca.crt": key + root.pem()}, map[string]string{"ca.crt": "to do", "issuer.crt": "-----BEGIN CERTIFICATE-----\nMIIB\n-----END CERTIFICATE-----\n"}),
			"root; ; ; false; [ca.crt holds a private key, where there should be certificates only]; [ca.crt holds text that is not PEM issuer.crt holds a certificate that cannot be read]",
		},
		{"empty", bundleObjects(t, map[string]string{}, map[string]string{}), "; ; ; false; []; []"},
	} {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			s, errs := read(t, Manifests{Filenames: []string{"-"}, In: strings.NewReader(test.input)})
			b := s.TrustBundle("dapr-system")
			if b == nil || errs != nil {
				t.Fatalf("%v, %q", b, errs)
			}
			got := fmt.Sprintf("%s; %s; %s; %t; %v; %v", subjects(b.Anchors), subjects(b.SecretRoots), subjects(b.Issuer), b.SameRoots, b.Problems, b.SecretProblems)
			if got != test.want {
				t.Errorf("got  %s\nwant %s", got, test.want)
			}
			if text := fmt.Sprintf("%+v %+v", s.Secrets, s.TrustBundles); strings.Contains(text, "PRIVATE KEY") {
				t.Error("the key was kept")
			}
		})
	}
}

func subjects(all []*x509.Certificate) string {
	var names []string
	for _, c := range all {
		names = append(names, c.Subject.CommonName)
	}
	return strings.Join(names, " ")
}

func TestSecretsAreNamesAndLengths(t *testing.T) {
	t.Parallel()
	input := `apiVersion: v1
kind: Secret
metadata: {name: tokens, namespace: shop}
data: {token: aHVzaC1odXNoCg==, empty: ""}
stringData: {other: hush-hush}
`
	s, errs := read(t, Manifests{Filenames: []string{"-"}, In: strings.NewReader(input)})
	got := s.Secret("shop", "tokens")
	if got == nil || errs != nil {
		t.Fatalf("%v, %q", got, errs)
	}
	want := map[string]snapshot.SecretKey{"token": {Length: 10, EndsInNewline: true}, "empty": {}, "other": {Length: 9}}
	if fmt.Sprint(got.Keys) != fmt.Sprint(want) {
		t.Errorf("got %v, want %v", got.Keys, want)
	}
	if strings.Contains(fmt.Sprintf("%+v", s), "hush") {
		t.Error("a value was kept")
	}
	if s.TrustBundle("shop") != nil || slices.ContainsFunc(s.Gaps, func(g snapshot.Gap) bool { return g.Resource == snapshot.Secrets }) {
		t.Error("taken for a trust bundle, or for a gap")
	}
}
