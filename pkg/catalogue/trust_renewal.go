// Copyright The kubectl-dapr-prod Authors.
// SPDX-License-Identifier: Apache-2.0

package catalogue

import (
	"crypto/x509"
	"slices"

	"github.com/dapr-prod/kubectl-dapr-prod/pkg/dapr"
	"github.com/dapr-prod/kubectl-dapr-prod/pkg/guideline"
	"github.com/dapr-prod/kubectl-dapr-prod/pkg/sidecar"
	"github.com/dapr-prod/kubectl-dapr-prod/pkg/snapshot"
)

// thenApps is what follows once there are new certificates, and newRoot what comes before
// where their root is another.
const (
	thenApps = "; then harden trust-anchors restarts the apps that do not know the new root"
	newRoot  = "; for a new root let ca.crt hold the old one and the new one first, restart the apps with harden trust-anchors, and take the old one out once all of them know both"
)

// renewing says how certificates that end are renewed, which depends on who made them, of
// those as well that last for long still. A result that says itself what to do keeps that.
func renewing(r guideline.Result, install *guideline.Install, b *snapshot.TrustBundle) guideline.Result {
	if r.Outcome != guideline.Failed && r.Outcome != guideline.Passed || r.Remedy != "" {
		return r
	}
	roots := b.Anchors
	if len(roots) == 0 {
		roots = b.SecretRoots
	}
	injector, _ := sidecar.InjectorOf(install.Snapshot, install.ControlPlane)
	domain := injector.TrustDomain
	switch {
	case keptByOthers(install):
		return r.Do("%s", "whoever keeps them under names of its own, such as cert-manager, is to renew them; dapr-sentry reads them again by itself"+newRoot)
	case len(roots) > 0 && slices.ContainsFunc(roots, func(c *x509.Certificate) bool { return !madeByDapr(c, domain) }):
		return r.Do("%s", "you made them: sign a new issuer with your root, and hand it over with dapr mtls renew-certificate -k --ca-root-certificate ca.crt "+
			"--issuer-public-certificate issuer.crt --issuer-private-key issuer.key --restart"+newRoot)
	case len(roots) > 0:
		return r.Do("%s", "Dapr made them: dapr mtls renew-certificate -k --valid-until 365 --restart makes new ones and restarts the control plane"+thenApps)
	default:
		return r
	}
}

// keptByOthers tells whether Sentry is told of entries that are not Dapr's own.
func keptByOthers(install *guideline.Install) bool {
	w := install.Workload(dapr.Sentry)
	if w == nil || w.Container == nil {
		return false
	}
	_, issuer, key := dapr.BundleEntries(w.Container)
	_, ownIssuer, ownKey := dapr.BundleEntries(nil)
	return issuer != ownIssuer || key != ownKey
}

// madeByDapr tells whether a root is one that Sentry made, which has its trust domain for
// an organization and no other name (pkg/sentry/server/ca/bundle), or Dapr's CLI.
func madeByDapr(c *x509.Certificate, domain string) bool {
	s := c.Subject
	if len(s.Organization) != 1 || len(s.OrganizationalUnit)+len(s.Country)+len(s.Province)+len(s.Locality) > 0 {
		return false
	}
	return s.Organization[0] == "dapr.io/sentry" || s.Organization[0] == domain && s.CommonName == ""
}
