// Copyright The kubectl-dapr-prod Authors.
// SPDX-License-Identifier: Apache-2.0

package collect

import (
	"crypto/x509"
	"encoding/pem"
	"fmt"
	"maps"
	"strings"

	corev1 "k8s.io/api/core/v1"

	"github.com/dapr-prod/kubectl-dapr-prod/pkg/dapr"
	"github.com/dapr-prod/kubectl-dapr-prod/pkg/snapshot"
)

// The entries of the two objects dapr-trust-bundle that are no keys.
const (
	rootsEntry  = "ca.crt"
	issuerEntry = "issuer.crt"
)

// addSecret keeps names and lengths and, of the trust bundle, its certificates.
func (f *facts) addSecret(s *corev1.Secret, src snapshot.Source) {
	kept := snapshot.Secret{Namespace: s.Namespace, Name: s.Name, Source: src, Keys: map[string]snapshot.SecretKey{}}
	data := maps.Clone(s.Data)
	for key, value := range s.StringData {
		if data == nil {
			data = map[string][]byte{}
		}
		data[key] = []byte(value)
	}
	for key, value := range data {
		text := string(value)
		kept.Keys[key] = snapshot.SecretKey{
			Length:        len(text),
			EndsInNewline: strings.HasSuffix(text, "\n") || strings.HasSuffix(text, "\r"),
		}
	}
	f.secrets = append(f.secrets, kept)
	if s.Name != dapr.TrustBundle {
		return
	}
	b := snapshot.TrustBundle{Namespace: s.Namespace}
	b.SecretRoots = certificates(data[rootsEntry], "Secret "+s.Name+", "+rootsEntry, &b.Problems)
	b.Issuer = certificates(data[issuerEntry], "Secret "+s.Name+", "+issuerEntry, &b.Problems)
	f.trustBundles = append(f.trustBundles, b)
}

func (f *facts) addConfigMap(c *corev1.ConfigMap, src snapshot.Source) {
	if c.Name != dapr.TrustBundle {
		return
	}
	b := snapshot.TrustBundle{Namespace: c.Namespace, ConfigMap: named("v1", "ConfigMap", &c.ObjectMeta), Source: src, Text: c.Data[rootsEntry]}
	b.Anchors = certificates([]byte(b.Text), "ConfigMap "+c.Name+", "+rootsEntry, &b.Problems)
	f.trustBundles = append(f.trustBundles, b)
}

// joinTrustBundles makes one of the ConfigMap and the Secret of each namespace.
// A Secret alone is kept too: it tells of the certificates all the same.
func joinTrustBundles(parts []snapshot.TrustBundle) []snapshot.TrustBundle {
	var all []snapshot.TrustBundle
	at := map[string]int{}
	for _, p := range parts {
		i, found := at[p.Namespace]
		if !found {
			at[p.Namespace] = len(all)
			all = append(all, p)
			continue
		}
		b := &all[i]
		if p.ConfigMap.Name != "" {
			b.ConfigMap, b.Source, b.Text, b.Anchors = p.ConfigMap, p.Source, p.Text, p.Anchors
		} else {
			b.SecretRoots, b.Issuer = p.SecretRoots, p.Issuer
		}
		b.Problems = append(b.Problems, p.Problems...)
	}
	return all
}

// certificates reads PEM. What is no certificate is named in problems.
func certificates(text []byte, where string, problems *[]string) []*x509.Certificate {
	var all []*x509.Certificate
	for rest := text; len(strings.TrimSpace(string(rest))) > 0; {
		block, next := pem.Decode(rest)
		if block == nil {
			*problems = append(*problems, where+": holds text that is not PEM")
			break
		}
		rest = next
		if block.Type != "CERTIFICATE" {
			*problems = append(*problems, fmt.Sprintf("%s: holds a %s, where there should be certificates only", where, strings.ToLower(block.Type)))
			continue
		}
		c, err := x509.ParseCertificate(block.Bytes)
		if err != nil {
			*problems = append(*problems, where+": holds a certificate that cannot be read")
			continue
		}
		all = append(all, c)
	}
	return all
}
