// Copyright The kubectl-dapr-prod Authors.
// SPDX-License-Identifier: Apache-2.0

package catalogue

import (
	"crypto/x509"
	"slices"
	"strings"

	corev1 "k8s.io/api/core/v1"

	"github.com/dapr-prod/kubectl-dapr-prod/pkg/dapr"
	"github.com/dapr-prod/kubectl-dapr-prod/pkg/guideline"
	"github.com/dapr-prod/kubectl-dapr-prod/pkg/snapshot"
)

// newOnes is what comes of a trust bundle that Sentry does not take for whole.
const newOnes = "at its next start Sentry makes new certificates of its own, which running sidecars do not trust"

// judgeIssuer judges the Secret, from which Sentry has what it signs with.
func judgeIssuer(install *guideline.Install, b *snapshot.TrustBundle) guideline.Result {
	secret := install.Snapshot.Secret(install.Namespace, dapr.TrustBundle)
	gap := install.Snapshot.GapOf(snapshot.InControlPlane, snapshot.Secrets, install.Namespace, dapr.TrustBundle)
	switch {
	case secret == nil && gap != nil:
		return guideline.Unknown("the issuer's certificate, which may end before its root, was not seen: %s", gap)
	case secret == nil && !install.Snapshot.Live:
		return guideline.Unknown("the issuer's certificate, which may end before its root, was not seen: Secret %s: not in the input", dapr.TrustBundle)
	case secret == nil:
		return guideline.Fail("there is no Secret %s, without which Sentry does not start", dapr.TrustBundle).Do("upgrade the Helm release of Dapr, whose chart brings it")
	}
	var sentry *corev1.Container
	if w := install.Workload(dapr.Sentry); w != nil {
		sentry = w.Container
	}
	roots, issuer, key := dapr.BundleEntries(sentry)
	var missing []string
	for _, name := range []string{roots, issuer, key} {
		if _, found := secret.Keys[name]; !found {
			missing = append(missing, name)
		}
	}
	switch {
	case len(missing) == 3 && !install.Snapshot.Live:
		return guideline.Skip("empty: Sentry makes its own certificates when it starts")
	case len(missing) > 0 && sentry == nil:
		return guideline.Unknown("lacks %s, and under which names Sentry keeps its certificates was not seen", strings.Join(missing, ", "))
	case len(missing) > 0:
		return guideline.Fail("lacks %s: %s", strings.Join(missing, ", "), newOnes).At("data").
			Do("put in what is missing before dapr-sentry is restarted; where the entries have other names, tell Dapr by the Helm value global.issuerFilenames")
	case len(b.SecretProblems) > 0:
		return guideline.Fail("%s", b.SecretProblems[0]).At("data").Do("let %s hold the roots, and %s the issuer's certificate with its chain, as PEM", roots, issuer)
	case len(b.SecretRoots) == 0 || len(b.Issuer) == 0:
		return guideline.Fail("%s or %s holds no certificate: Sentry does not start", roots, issuer).At("data").Do("write the certificates into it")
	case b.ConfigMap.Name != "" && !b.SameRoots:
		return guideline.Fail("%s is not the same text as in ConfigMap %s: %s", roots, dapr.TrustBundle, newOnes).At("data[" + roots + "]").
			Do("write the same text, byte by byte, into both before dapr-sentry is restarted")
	}
	return judgeChain(install, b).At("data[" + issuer + "]")
}

// judgeChain judges the issuer's certificate and what lies between it and a root.
func judgeChain(install *guideline.Install, b *snapshot.TrustBundle) guideline.Result {
	if bad := notSelfSigned(b.SecretRoots); bad != nil {
		return refusedRoot(bad)
	}
	issuer := b.Issuer[0]
	roots := rootsOf(b.Issuer, b.SecretRoots)
	switch {
	case !issuer.IsCA:
		return guideline.Fail("the issuer's certificate, %s, is not one of an authority: what it signs is not trusted", nameOf(issuer)).
			Do("make one with basicConstraints CA:TRUE and keyUsage keyCertSign (isCA: true for cert-manager)")
	case !inOrder(b.Issuer):
		return guideline.Fail("the chain of the issuer's certificate is not in order, each signed by the next: Sentry does not start with it").
			Do("write the issuer's own certificate first, then the one that signed it, and so on")
	case len(roots) == 0:
		return guideline.Fail("none of the roots signed the issuer's certificate, %s, which names %s as its issuer: Sentry does not start with it", nameOf(issuer), issuer.Issuer).
			Do("put the root that signed it into ca.crt of the Secret and of the ConfigMap, or an issuer of the root that is there")
	}
	chain := b.Issuer
	if len(b.Anchors) == 0 {
		// The roots of the ConfigMap were not seen, and are judged here.
		chain = append(chain[:len(chain):len(chain)], slices.MaxFunc(roots, laterEnd))
	}
	first := slices.MinFunc(chain, laterEnd)
	for _, c := range chain {
		if install.Snapshot.TakenAt.Before(c.NotBefore) {
			first = c
		}
	}
	r := judgeInTime("issuer's certificate", first, install.Snapshot.TakenAt)
	if r.Outcome == guideline.Passed {
		r.Message += ", signed by " + nameOf(roots[0])
	}
	return r
}

func laterEnd(a, b *x509.Certificate) int { return a.NotAfter.Compare(b.NotAfter) }
