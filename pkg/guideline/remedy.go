// Copyright The kubectl-dapr-prod Authors.
// SPDX-License-Identifier: Apache-2.0

package guideline

import "github.com/dapr-prod/kubectl-dapr-prod/pkg/field"

// Remedy is what closes an app's gap on its Pod template, or why a person has to.
// The zero Remedy is nothing to do.
type Remedy struct {
	// Annotations are set on the Pod template.
	Annotations map[string]string
	// Fields are set in the Pod template beside its annotations.
	Fields []Field
	// Secrets are made in the app's namespace before the template is written.
	Secrets []NewSecret
	// Leaves are Secrets of the app's namespace that the template refers to no more. They
	// are deleted once nothing uses them, if this program made them.
	Leaves []string
	// Restart makes the Pods anew from the template that there is.
	Restart bool
	// OptIn says why this is done only where somebody names the guideline; empty
	// where it is safe unasked.
	OptIn string
	// ByApp says why this is done only for apps that somebody names; empty where it may
	// be done for any.
	ByApp string
	// Along makes an exception to OptIn: it is done unasked as well where the finding
	// comes of the plan itself, which somebody asked for.
	Along bool
	// Person says why it is not done at all, and what a person does instead; nothing
	// else is set then.
	Person string
	// Risks are sentences about what may go wrong.
	Risks []string
}

// Nothing tells that there is nothing to do.
func (r Remedy) Nothing() bool {
	return len(r.Annotations) == 0 && len(r.Fields) == 0 && !r.Restart && r.Person == ""
}

// Annotate is a remedy that sets one annotation on the Pod template.
func Annotate(key, value string) Remedy {
	return Remedy{Annotations: map[string]string{key: value}}
}

// LeaveTo is no remedy: a person has to do it.
func LeaveTo(person string) Remedy { return Remedy{Person: person} }

// Only makes it one for those who name the guideline.
func (r Remedy) Only(why string) Remedy { r.OptIn = why; return r }

// Risking says what may go wrong.
func (r Remedy) Risking(what string) Remedy { r.Risks = append(r.Risks, what); return r }

// Field is one field of a Pod template.
type Field struct {
	// Path leads to it from the template, as in spec.automountServiceAccountToken.
	Path field.Path
	// Value is a tree of JSON. It may refer to a secret, and holds none.
	Value any
}

// NewSecret is a Secret that is to be made.
type NewSecret struct {
	Name string
	// Keys get a random token each, which is made when the Secret is written: no plan
	// holds it.
	Keys []string
}

// TokenLength is the length of such a token: 32 random bytes in base64url.
const TokenLength = 43

// Said is what the owner of apps tells whoever mends them, and no object shows.
type Said struct {
	// Rotate asks for new tokens in the place of those that there are.
	Rotate bool
}
