// Copyright The kubectl-dapr-prod Authors.
// SPDX-License-Identifier: Apache-2.0

package catalogue

import (
	"cmp"
	"crypto/x509"
	"slices"

	"github.com/dapr-prod/kubectl-dapr-prod/pkg/dapr"
	"github.com/dapr-prod/kubectl-dapr-prod/pkg/guideline"
	"github.com/dapr-prod/kubectl-dapr-prod/pkg/sidecar"
	"github.com/dapr-prod/kubectl-dapr-prod/pkg/snapshot"
)

// judgeKnownRoots judges the roots that running sidecars were given. New Pods get
// those of today.
func judgeKnownRoots(app *guideline.App) []guideline.Result {
	gap := app.Gap(snapshot.Pods)
	switch {
	case len(app.Sidecar.Observed) > 0:
		observed := *app
		observed.Sidecar = app.Sidecar.ObservedOnly()
		return sidecars(&observed, func(d container) guideline.Result { return judgeAnchorsOf(app, d) })
	case !app.Sidecar.Running():
		return []guideline.Result{guideline.Skip("%s", withoutSidecar(app))}
	case gap != nil && gap.Reason != snapshot.NotInInput:
		return []guideline.Result{guideline.Hidden(gap)}
	default:
		return []guideline.Result{guideline.Skip("no Pods run with a sidecar: new ones get the roots of today")}
	}
}

func judgeAnchorsOf(app *guideline.App, d container) guideline.Result {
	namespace := cmp.Or(sidecar.DaprNamespaceOf(d.Container), app.Injector.Namespace)
	b := bundleOf(app.Snapshot, namespace)
	current := b.Anchors
	if len(current) == 0 {
		current = b.SecretRoots
	}
	known, read := anchorsOf(d)
	switch gap := app.Snapshot.Gap(snapshot.InControlPlane, snapshot.ConfigMaps, namespace); {
	case !read:
		return guideline.Unknown("the roots that daprd trusts are not in its variable %s", dapr.TrustAnchorsEnv)
	case len(current) == 0 && gap != nil:
		return guideline.Hidden(gap)
	case len(current) == 0:
		return guideline.Unknown("the roots of the control plane in %s were not seen", cmp.Or(namespace, "an unknown namespace"))
	}
	trusted := func(c *x509.Certificate) bool { return slices.ContainsFunc(known, c.Equal) }
	trusts := len(current) - len(slices.DeleteFunc(slices.Clone(current), trusted))
	if trusts == len(current) {
		return guideline.Pass("daprd trusts the control plane's roots")
	}
	if issuing := rootsOf(b.Issuer, current); trusts == 0 || len(issuing) > 0 && !slices.ContainsFunc(issuing, trusted) {
		return guideline.Fail("daprd does not trust the root that signed the control plane's issuer: it gets no new identity, and cannot call Pods that were made since").
			Do("%s", restart(app.Object))
	}
	return guideline.Fail("daprd knows %d of the control plane's %d roots: once the issuer is one of the others it gets no new identity", trusts, len(current)).
		As(guideline.Warning).Do("%s", restart(app.Object))
}

// mendStaleRoots makes Pods anew that do not know all roots of their control plane, as
// sidecar-version does beside those with an old image.
func mendStaleRoots(app *guideline.App) guideline.Remedy {
	switch {
	case app.Sidecar.Simulated == nil || !staleRoots(app):
		return guideline.Remedy{}
	case !givesRoots(app):
		return guideline.LeaveTo(otherRootsUnknown)
	default:
		return renewal(app)
	}
}

// anchorsOf are the roots that a sidecar was given when its Pod was made.
func anchorsOf(d container) (known []*x509.Certificate, read bool) {
	for _, e := range d.Env {
		if e.Name == dapr.TrustAnchorsEnv {
			known, _ = dapr.Certificates([]byte(e.Value))
		}
	}
	return known, len(known) > 0
}
