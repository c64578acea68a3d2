// Copyright The kubectl-dapr-prod Authors.
// SPDX-License-Identifier: Apache-2.0

package catalogue

import (
	"crypto/x509"

	"github.com/dapr-prod/kubectl-dapr-prod/pkg/dapr"
	"github.com/dapr-prod/kubectl-dapr-prod/pkg/guideline"
	"github.com/dapr-prod/kubectl-dapr-prod/pkg/snapshot"
)

// renew is what there is to do about certificates that end.
const renew = "renew the certificates in the way they were made, with dapr mtls renew-certificate -k --valid-until 365 --restart where Dapr made them, " +
	"then restart every app of this control plane: sidecars keep the roots that they started with"

var trustAnchors = &guideline.Guideline{
	ID:       "trust-anchors",
	Title:    "the control plane's certificates are valid for months, and running sidecars know the roots",
	Severity: guideline.Error,
	Origin:   guideline.DaprDocs,
	Section:  "Security",
	Hardens:  true,
	Docs:     "https://docs.dapr.io/operations/security/mtls/",
	Why: "When the issuer or its root expires no sidecar gets an identity any more, and calls between apps stop. " +
		"Nothing renews them by itself: those that Dapr makes end after a year.",
	Judged: "The roots in ConfigMap dapr-trust-bundle; issuer and chain in the Secret of that name, under the names that Sentry is told (global.issuerFilenames), whoever made them: " +
		"whether one of the roots signed them, which ends first (error below 30 days, warning below 90), whether both hold the same roots, byte by byte, or Sentry makes new ones when it starts. " +
		"DAPR_TRUST_ANCHORS of every running sidecar, certificate by certificate.",
	Fix: renew,
	Traps: "While roots are changed there are several, and an old one that expires does no harm: what counts is the root of the issuer, which only the Secret shows. " +
		"Whether the issuer's key belongs to its certificate is not looked at: keys are not read.",
	Reads: readsSidecars(
		snapshot.Read{Resource: snapshot.ConfigMaps, Place: snapshot.InControlPlane},
		snapshot.Read{Resource: snapshot.Secrets, Place: snapshot.InControlPlane},
	),
	ControlPlane: func(install *guideline.Install) []guideline.Result {
		b := bundleOf(install.Snapshot, install.Namespace)
		object := snapshot.Object{APIVersion: "v1", Kind: "ConfigMap", Namespace: install.Namespace, Name: dapr.TrustBundle}
		results := []guideline.Result{renewing(judgeRoots(install, b), install, b).On(object, b.Source)}
		object.Kind = "Secret"
		src := snapshot.Source{}
		if s := install.Snapshot.Secret(install.Namespace, dapr.TrustBundle); s != nil {
			src = s.Source
		}
		return append(results, renewing(judgeIssuer(install, b), install, b).On(object, src))
	},
	App:  judgeKnownRoots,
	Mend: mendStaleRoots,
}

// bundleOf is the trust bundle of a control plane, empty where none was read.
func bundleOf(s *snapshot.Snapshot, namespace string) *snapshot.TrustBundle {
	if b := s.TrustBundle(namespace); b != nil {
		return b
	}
	return &snapshot.TrustBundle{Namespace: namespace}
}

// judgeRoots judges the ConfigMap, from which the injector and the sidecars have
// their roots.
func judgeRoots(install *guideline.Install, b *snapshot.TrustBundle) guideline.Result {
	there := b.ConfigMap.Name != ""
	switch gap := install.Gap(snapshot.ConfigMaps); {
	case !there && gap != nil:
		return guideline.Hidden(gap)
	case !there && !install.Snapshot.Live:
		return guideline.Unknown("ConfigMap %s: not in the input", dapr.TrustBundle)
	case !there:
		return guideline.Fail("there is no ConfigMap %s: the injector and the operator have no roots", dapr.TrustBundle).
			Do("upgrade the Helm release of Dapr, whose chart brings it")
	case len(b.Problems) > 0:
		return guideline.Fail("%s", b.Problems[0]).At("data").Do("let it hold the roots alone, the same text as in the Secret")
	case len(b.Anchors) == 0 && !install.Snapshot.Live:
		return guideline.Skip("empty: Sentry makes its own certificates when it starts")
	case len(b.Anchors) == 0:
		return guideline.Fail("holds no root: sidecars cannot be injected").At("data").Do("see kubectl logs -n %s deployment/%s", install.Namespace, dapr.Sentry)
	}
	if bad := notSelfSigned(b.Anchors); bad != nil {
		return refusedRoot(bad).At("data")
	}
	return judgeRootsInTime(b.Anchors, rootsOf(b.Issuer, b.Anchors), install).At("data")
}

func refusedRoot(c *x509.Certificate) guideline.Result {
	return guideline.Fail("%s is not signed by itself: Sentry refuses it as a root when it starts", nameOf(c)).
		Do("let ca.crt hold the root alone, and issuer.crt what lies between")
}
