// Copyright The kubectl-dapr-prod Authors.
// SPDX-License-Identifier: Apache-2.0

package collect

import (
	"crypto/sha256"
	"crypto/x509"
	"maps"
	"slices"
	"strings"

	corev1 "k8s.io/api/core/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"

	"github.com/dapr-prod/kubectl-dapr-prod/pkg/dapr"
	"github.com/dapr-prod/kubectl-dapr-prod/pkg/snapshot"
)

// bundlePart is one of the two objects dapr-trust-bundle of a namespace.
type bundlePart struct {
	namespace string
	// configMap is empty for the Secret.
	configMap snapshot.Object
	source    snapshot.Source
	entries   map[string]bundleEntry
}

// bundleEntry is what is kept of an entry: no text, which may be a key.
type bundleEntry struct {
	certificates []*x509.Certificate
	problems     []string
	digest       [sha256.Size]byte
}

func newBundleEntry(text []byte) bundleEntry {
	e := bundleEntry{digest: sha256.Sum256(text)}
	e.certificates, e.problems = dapr.Certificates(text)
	return e
}

// addSecret keeps names and lengths and, of the trust bundle, its certificates.
func (f *facts) addSecret(s *corev1.Secret, src snapshot.Source) {
	kept := snapshot.Secret{Namespace: s.Namespace, Name: s.Name, Source: src, Keys: map[string]snapshot.SecretKey{}, Made: made(s)}
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
	part := bundlePart{namespace: s.Namespace, entries: map[string]bundleEntry{}}
	for key, value := range data {
		part.entries[key] = newBundleEntry(value)
	}
	f.trustBundles = append(f.trustBundles, part)
}

// made tells whether nobody but this program has written to a Secret.
func made(s *corev1.Secret) bool {
	return len(s.ManagedFields) > 0 && !slices.ContainsFunc(s.ManagedFields, func(e metav1.ManagedFieldsEntry) bool { return e.Manager != snapshot.Manager })
}

// WithSecrets is a snapshot with Secrets that were not looked for when it was taken.
func WithSecrets(s *snapshot.Snapshot, secrets []*corev1.Secret) *snapshot.Snapshot {
	f := newFacts()
	for _, secret := range secrets {
		f.addSecret(secret, snapshot.Source{})
	}
	next := *s
	next.Secrets = append(slices.Clip(s.Secrets), f.secrets...)
	return &next
}

func (f *facts) addConfigMap(c *corev1.ConfigMap, src snapshot.Source) {
	if c.Name != dapr.TrustBundle {
		return
	}
	part := bundlePart{namespace: c.Namespace, configMap: named("v1", "ConfigMap", &c.ObjectMeta), source: src, entries: map[string]bundleEntry{}}
	for key, value := range c.Data {
		part.entries[key] = newBundleEntry([]byte(value))
	}
	f.trustBundles = append(f.trustBundles, part)
}

// joinTrustBundles makes one of the ConfigMap and the Secret of each namespace.
// A Secret alone is kept too: it tells of the certificates all the same. Under
// which names they stand, the Sentry of the namespace is told.
func (f *facts) joinTrustBundles() []snapshot.TrustBundle {
	var all []snapshot.TrustBundle
	digests := map[string][][sha256.Size]byte{}
	for _, p := range f.trustBundles {
		i := slices.IndexFunc(all, func(b snapshot.TrustBundle) bool { return b.Namespace == p.namespace })
		if i < 0 {
			i = len(all)
			all = append(all, snapshot.TrustBundle{Namespace: p.namespace})
		}
		b := &all[i]
		roots, issuer, _ := dapr.BundleEntries(f.sentryOf(p.namespace))
		if e, found := p.entries[roots]; found {
			digests[p.namespace] = append(digests[p.namespace], e.digest)
		}
		if p.configMap.Name != "" {
			if _, found := p.entries[roots]; !found {
				roots = dapr.RootsEntry
			}
			b.ConfigMap, b.Source, b.Anchors = p.configMap, p.source, p.entries[roots].certificates
			b.Problems = inEntry(roots, p.entries[roots].problems)
			continue
		}
		b.SecretRoots, b.Issuer = p.entries[roots].certificates, p.entries[issuer].certificates
		b.SecretProblems = slices.Concat(inEntry(roots, p.entries[roots].problems), inEntry(issuer, p.entries[issuer].problems))
	}
	for i := range all {
		d := digests[all[i].Namespace]
		all[i].SameRoots = len(d) == 2 && d[0] == d[1]
	}
	slices.SortFunc(all, func(a, b snapshot.TrustBundle) int { return strings.Compare(a.Namespace, b.Namespace) })
	return all
}

func (f *facts) sentryOf(namespace string) *corev1.Container {
	for i := range f.controlPlane {
		if w := &f.controlPlane[i]; w.Name == dapr.Sentry && w.Object.Namespace == namespace {
			return w.Container
		}
	}
	return nil
}

func inEntry(name string, problems []string) []string {
	var all []string
	for _, p := range problems {
		all = append(all, name+" "+p)
	}
	return all
}
