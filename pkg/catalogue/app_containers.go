// Copyright The kubectl-dapr-prod Authors.
// SPDX-License-Identifier: Apache-2.0

package catalogue

import (
	"slices"

	corev1 "k8s.io/api/core/v1"

	"github.com/dapr-prod/kubectl-dapr-prod/pkg/dapr"
	"github.com/dapr-prod/kubectl-dapr-prod/pkg/guideline"
	"github.com/dapr-prod/kubectl-dapr-prod/pkg/snapshot"
)

// has is how an app comes by the token that daprd asks for.
type has int

const (
	nothing has = iota
	// perhaps: there is something that was not read, and that may hold it.
	perhaps
	writtenThere
	otherSecret
	// sameSecret: one of its containers is given the Secret, by whatever name.
	sameSecret
)

// tokenOfApp looks through the template for the Secret of ref. One container is
// enough: the others may have nothing to say to Dapr.
func tokenOfApp(app *guideline.App, ref *corev1.SecretKeySelector) has {
	if app.Template == nil || app.Template.Spec == nil {
		return perhaps
	}
	spec := app.Template.Spec
	best := nothing
	if dapr.Truthy(app.Template.Annotations[snapshot.VaultInject]) {
		best = perhaps
	}
	for _, v := range spec.Volumes {
		switch {
		case holds(v, ref.Name):
			best = sameSecret
		case v.CSI != nil:
			best = max(best, perhaps)
		}
	}
	for _, c := range slices.Concat(spec.Containers, spec.InitContainers) {
		if c.Name != dapr.SidecarContainer {
			best = max(best, tokenOfContainer(&c, ref))
		}
	}
	return best
}

func tokenOfContainer(c *corev1.Container, ref *corev1.SecretKeySelector) has {
	found := nothing
	for _, from := range c.EnvFrom {
		if from.SecretRef != nil && from.SecretRef.Name == ref.Name {
			found = sameSecret
		}
		found = max(found, perhaps)
	}
	for _, e := range c.Env {
		if e.ValueFrom != nil && e.ValueFrom.SecretKeyRef != nil && e.ValueFrom.SecretKeyRef.Name == ref.Name && e.ValueFrom.SecretKeyRef.Key == ref.Key {
			return sameSecret
		}
	}
	switch g := apiTokenOf.in(c); {
	case g.none():
		return found
	case g.written():
		return max(found, writtenThere)
	case g.ref() != nil:
		return max(found, otherSecret)
	default:
		return max(found, perhaps)
	}
}

// holds tells whether a volume shows a Secret.
func holds(v corev1.Volume, secret string) bool {
	if v.Secret != nil {
		return v.Secret.SecretName == secret
	}
	return v.Projected != nil && slices.ContainsFunc(v.Projected.Sources, func(s corev1.VolumeProjection) bool {
		return s.Secret != nil && s.Secret.Name == secret
	})
}
