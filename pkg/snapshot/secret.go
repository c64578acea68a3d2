// Copyright The kubectl-dapr-prod Authors.
// SPDX-License-Identifier: Apache-2.0

package snapshot

import "crypto/x509"

// Manager is the field manager that this program writes as.
const Manager = "kubectl-dapr-prod"

// Secret is what is kept of a Secret: never a value.
type Secret struct {
	Namespace, Name string
	Source          Source
	Keys            map[string]SecretKey
	// Made tells that this program made it, and that nobody else has written to it since.
	Made bool
}

// SecretKey is what is kept of one entry.
type SecretKey struct {
	// Length counts bytes.
	Length int
	// EndsInNewline tells that the last byte is a line feed or a carriage return.
	EndsInNewline bool
}

// Secret returns what is known of a Secret that was asked for by name; nil where
// there is none, or GapOf tells that it was not read.
func (s *Snapshot) Secret(namespace, name string) *Secret {
	for i := range s.Secrets {
		if one := &s.Secrets[i]; one.Namespace == namespace && one.Name == name {
			return one
		}
	}
	return nil
}

// Concealed is text that may be a secret. Whatever prints it prints asterisks;
// Text is for those who judge it.
type Concealed struct {
	text string
}

// Conceal keeps text from being printed.
func Conceal(text string) Concealed { return Concealed{text} }

// Text is what is concealed: to be looked at, never to be shown.
func (c Concealed) Text() string { return c.text }

// String is three asterisks, or empty for an empty text.
func (c Concealed) String() string {
	if c.text == "" {
		return ""
	}
	return "***"
}

// GoString is String, so that %#v shows nothing either.
func (c Concealed) GoString() string { return c.String() }

// MarshalText is String, for JSON and YAML.
func (c Concealed) MarshalText() ([]byte, error) { return []byte(c.String()), nil }

// TrustBundle is the certificates of one control plane: of the ConfigMap and, where
// that may be read, the Secret dapr-trust-bundle.
type TrustBundle struct {
	Namespace string
	// ConfigMap is where sidecars' roots come from.
	ConfigMap Object
	Source    Source
	// Anchors are its roots, Problems what in it is no certificate.
	Anchors  []*x509.Certificate
	Problems []string
	// SecretRoots are the Secret's, and Issuer is the issuer's certificate there with
	// the chain that leads to a root; empty where the Secret was not read.
	SecretRoots, Issuer []*x509.Certificate
	SecretProblems      []string
	// SameRoots tells that both hold their roots in the same text, byte by byte.
	SameRoots bool
}

// TrustBundle returns the certificates of the control plane in namespace, or nil.
func (s *Snapshot) TrustBundle(namespace string) *TrustBundle {
	for i := range s.TrustBundles {
		if s.TrustBundles[i].Namespace == namespace {
			return &s.TrustBundles[i]
		}
	}
	return nil
}
