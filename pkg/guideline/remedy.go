// Copyright The kubectl-dapr-prod Authors.
// SPDX-License-Identifier: Apache-2.0

package guideline

// Remedy is what closes an app's gap on its Pod template, or why a person has to.
// The zero Remedy is nothing to do.
type Remedy struct {
	// Annotations are set on the Pod template.
	Annotations map[string]string
	// Restart makes the Pods anew from the template that there is.
	Restart bool
	// OptIn says why this is done only where somebody names the guideline; empty
	// where it is safe unasked.
	OptIn string
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
	return len(r.Annotations) == 0 && !r.Restart && r.Person == ""
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
