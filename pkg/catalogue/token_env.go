// Copyright The kubectl-dapr-prod Authors.
// SPDX-License-Identifier: Apache-2.0

package catalogue

import (
	"slices"

	"github.com/dapr/dapr/pkg/injector/annotations"
	corev1 "k8s.io/api/core/v1"

	"github.com/dapr-prod/kubectl-dapr-prod/pkg/dapr"
	"github.com/dapr-prod/kubectl-dapr-prod/pkg/guideline"
	"github.com/dapr-prod/kubectl-dapr-prod/pkg/snapshot"
)

// token is one of the two that daprd knows, by its variable and the annotation that
// fills it.
type token struct {
	env, annotation string
	// without says what a daprd without it does.
	without string
}

var (
	// apiTokenOf is what apps show to daprd, appTokenOf what daprd shows to its app.
	apiTokenOf = token{dapr.APITokenEnv, annotations.KeyAPITokenSecret, "daprd asks for no token: whoever reaches its ports may use Dapr in the app's name"}
	appTokenOf = token{dapr.AppTokenEnv, annotations.KeyAppTokenSecret, "daprd shows the app no token: the app cannot tell who calls"}
)

// given is a token as a container has it: none, an entry of a Secret, a text that
// stands there, or something else.
type given struct {
	variable *corev1.EnvVar
}

// in returns what a container has of a token. Of variables of one name the last counts.
func (t token) in(c *corev1.Container) given {
	for i := range slices.Backward(c.Env) {
		if c.Env[i].Name == t.env {
			return given{&c.Env[i]}
		}
	}
	return given{}
}

func (g given) none() bool {
	return g.variable == nil || g.variable.ValueFrom == nil && g.variable.Value == ""
}

func (g given) written() bool { return !g.none() && g.variable.ValueFrom == nil }

// ref is the entry of a Secret; nil where the token comes from elsewhere.
func (g given) ref() *corev1.SecretKeySelector {
	if g.variable == nil || g.variable.ValueFrom == nil {
		return nil
	}
	return g.variable.ValueFrom.SecretKeyRef
}

// asked tells whether a Secret was looked for: those that apps name for their
// tokens are, and no others.
func asked(app *guideline.App, name string) bool {
	named := func(set map[string]string) bool {
		return set[annotations.KeyAPITokenSecret] == name || set[annotations.KeyAppTokenSecret] == name
	}
	if app.Template != nil && named(app.Template.Annotations) {
		return true
	}
	return slices.ContainsFunc(app.Pods, func(p snapshot.Pod) bool { return named(p.Annotations) })
}

// secretEntry returns what is known of the entry of a Secret. Where it is not there,
// or was not read, it says so.
func secretEntry(app *guideline.App, ref *corev1.SecretKeySelector) (entry snapshot.SecretKey, r guideline.Result, found bool) {
	namespace := app.Object.Namespace
	secret := app.Snapshot.Secret(namespace, ref.Name)
	gap := app.Snapshot.GapOf(snapshot.InApps, snapshot.Secrets, namespace, ref.Name)
	switch {
	case secret == nil && gap != nil:
		return entry, guideline.Hidden(gap), false
	case secret == nil && !app.Snapshot.Live:
		return entry, guideline.Unknown("Secret %s: not in the input", ref.Name), false
	case secret == nil && !asked(app, ref.Name):
		return entry, guideline.Unknown("Secret %s was not looked for: no annotation for tokens names it", ref.Name), false
	case secret == nil:
		return entry, guideline.Fail("there is no Secret %s, without which daprd does not start", ref.Name).
			Do("make it, with the key %s; where something such as External Secrets makes it, see there why it has not", ref.Key), false
	}
	entry, found = secret.Keys[ref.Key]
	if !found {
		return entry, guideline.Fail("Secret %s has no key %s%s, and daprd does not start without", ref.Name, ref.Key, otherCase(secret, ref.Key)).
			Do("store the token under the key %s", ref.Key), false
	}
	return entry, guideline.Result{}, true
}
