// Copyright The kubectl-dapr-prod Authors.
// SPDX-License-Identifier: Apache-2.0

package report

import (
	"encoding/json"
	"fmt"
	"io"
	"slices"
	"strings"

	"sigs.k8s.io/yaml"

	"github.com/dapr-prod/kubectl-dapr-prod/pkg/plan"
)

// PatchYAML writes the changes of a plan as patches, a document each, for kubectl
// patch --patch-file and for kustomize; what is made is written as a whole. Those that
// are refused are left out.
func PatchYAML(w io.Writer, p *Planned, _ Options) error {
	for i, step := range patched(p) {
		text, err := patchOf(step)
		if err != nil {
			return err
		}
		if i > 0 {
			text = "---\n" + text
		}
		if _, err := io.WriteString(w, text); err != nil {
			return err
		}
	}
	return nil
}

// PatchJSON writes the same as PatchYAML as JSON, one document after the other.
func PatchJSON(w io.Writer, p *Planned, _ Options) error {
	encoder := json.NewEncoder(w)
	encoder.SetIndent("", "    ")
	encoder.SetEscapeHTML(false)
	for _, step := range patched(p) {
		if err := encoder.Encode(step.Patch(Printed)); err != nil {
			return err
		}
	}
	return nil
}

// PatchName writes the objects that would be written, each once, as kubectl's -o name does.
func PatchName(w io.Writer, p *Planned, _ Options) error {
	var names []string
	for _, step := range patched(p) {
		if name := escape(qualified(step.Object)); !slices.Contains(names, name) {
			names = append(names, name)
		}
	}
	return writeLines(w, names)
}

// Unprinted are what is missing from patches, since it is or may be secret: annotations,
// and the Secrets that they refer to.
func Unprinted(p *Planned) []string {
	var all []string
	for _, step := range patched(p) {
		for _, a := range step.Annotations {
			if !Printed(a) {
				all = append(all, unprinted(step, a))
			}
		}
		for _, s := range step.Secrets {
			if s.Into == "" && s.Found == nil {
				all = append(all, needed(s))
			}
		}
	}
	return all
}

// needed says what has to be there before a patch, and how it is made without a token on
// the command line or on the screen.
func needed(s plan.Secret) string {
	var entries string
	for _, key := range s.Keys {
		entries += fmt.Sprintf(" --from-file=%s=/dev/stdin", key)
	}
	return fmt.Sprintf("%s has to be there first: openssl rand -hex 32 | tr -d '\\n' | kubectl create secret generic %s -n %s%s", s.Object, s.Object.Name, s.Object.Namespace, entries)
}

// patched are the steps that a patch is written for.
func patched(p *Planned) []*plan.Step {
	var all []*plan.Step
	for i := range p.Steps {
		if step := &p.Steps[i]; step.State != plan.Refused {
			all = append(all, step)
		}
	}
	return all
}

// Printed tells whether an annotation's value may be printed as it is, and written into
// another file.
func Printed(a plan.Annotation) bool { return Shown(a) == a.Value }

// Shown is an annotation's value as it may be printed.
func Shown(a plan.Annotation) string { return shownAnnotation(a.Key, a.Value) }

func unprinted(step *plan.Step, a plan.Annotation) string {
	return fmt.Sprintf("%s: %s is not in the patch, since it holds values that may be secret: let it become %s", step.Object, a.Key, shownAnnotation(a.Key, a.Value))
}

// patchOf is a step's patch as YAML, with a comment for what is not in it.
func patchOf(step *plan.Step) (string, error) {
	var text strings.Builder
	for _, a := range step.Annotations {
		if !Printed(a) {
			fmt.Fprintf(&text, "# %s\n", escape(unprinted(step, a)))
		}
	}
	for _, s := range step.Secrets {
		if s.Into == "" && s.Found == nil {
			fmt.Fprintf(&text, "# %s\n", escape(needed(s)))
		}
	}
	if step.Creation != nil {
		text.WriteString("# not there yet: for kubectl create -f, and the resources of kustomize\n")
	}
	patch, err := yaml.Marshal(step.Patch(Printed))
	text.Write(patch)
	return text.String(), err
}
