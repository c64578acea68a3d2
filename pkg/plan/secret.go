// Copyright The kubectl-dapr-prod Authors.
// SPDX-License-Identifier: Apache-2.0

package plan

import (
	"slices"

	"github.com/dapr/dapr/pkg/injector/annotations"
	corev1 "k8s.io/api/core/v1"
	"k8s.io/apimachinery/pkg/apis/meta/v1/unstructured"

	"github.com/dapr-prod/kubectl-dapr-prod/pkg/guideline"
	"github.com/dapr-prod/kubectl-dapr-prod/pkg/snapshot"
)

// Secret is a Secret that is to be made. What it holds is made up when it is written:
// no plan holds it.
type Secret struct {
	Object snapshot.Object
	// Keys get a random token each.
	Keys []string
	// Into says in words where it is written, if that is not the cluster.
	Into string
	// Found is the Secret, without what it holds, where a run that was cut off has made it
	// already and nothing uses it: it is taken over.
	Found *unstructured.Unstructured
}

// SecretNamed is the Secret of that name.
func SecretNamed(namespace, name string) snapshot.Object {
	return snapshot.Object{APIVersion: "v1", Kind: "Secret", Namespace: namespace, Name: name}
}

// Content is the Secret without what is secret.
func (s *Secret) Content() *unstructured.Unstructured {
	return &unstructured.Unstructured{Object: map[string]any{
		"apiVersion": s.Object.APIVersion,
		"kind":       s.Object.Kind,
		"metadata":   map[string]any{"name": s.Object.Name, "namespace": s.Object.Namespace},
		"type":       string(corev1.SecretTypeOpaque),
	}}
}

// known is what guidelines see of the Secret once it is there.
func (s *Secret) known() snapshot.Secret {
	known := snapshot.Secret{Namespace: s.Object.Namespace, Name: s.Object.Name, Made: true, Keys: map[string]snapshot.SecretKey{}}
	for _, key := range s.Keys {
		known.Keys[key] = snapshot.SecretKey{Length: guideline.TokenLength}
	}
	return known
}

func secretsOf(all []guideline.NewSecret, namespace string) []Secret {
	var secrets []Secret
	for _, s := range all {
		secrets = append(secrets, Secret{Object: SecretNamed(namespace, s.Name), Keys: s.Keys})
	}
	return secrets
}

func secretsNamed(names []string, namespace string) []snapshot.Object {
	var all []snapshot.Object
	for _, name := range names {
		all = append(all, SecretNamed(namespace, name))
	}
	return all
}

// WithSecrets is a snapshot with the Secrets that changes make.
func WithSecrets(s *snapshot.Snapshot, changes ...*Change) *snapshot.Snapshot {
	var more []snapshot.Secret
	for _, c := range changes {
		for i := range c.Secrets {
			more = append(more, c.Secrets[i].known())
		}
	}
	return withSecrets(s, more)
}

// withSecrets is a snapshot with more Secrets, each in the place of one of its name.
func withSecrets(s *snapshot.Snapshot, more []snapshot.Secret) *snapshot.Snapshot {
	next := *s
	next.Secrets = slices.DeleteFunc(slices.Clone(s.Secrets), func(is snapshot.Secret) bool {
		return slices.ContainsFunc(more, func(n snapshot.Secret) bool { return n.Namespace == is.Namespace && n.Name == is.Name })
	})
	next.Secrets = append(next.Secrets, more...)
	return &next
}

// namesSecret tells whether the value of an annotation is the name of a Secret that is
// there.
func namesSecret(s *snapshot.Snapshot, namespace, key, value string) bool {
	return (key == annotations.KeyAPITokenSecret || key == annotations.KeyAppTokenSecret) && s.Secret(namespace, value) != nil
}
