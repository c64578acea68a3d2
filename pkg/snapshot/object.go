// Copyright The kubectl-dapr-prod Authors.
// SPDX-License-Identifier: Apache-2.0

package snapshot

import (
	"cmp"
	"strings"

	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/labels"
	"k8s.io/apimachinery/pkg/runtime/schema"

	"github.com/dapr-prod/kubectl-dapr-prod/pkg/edit"
)

// Object names one object of the cluster or of the input.
type Object struct {
	APIVersion string `json:"apiVersion"`
	Kind       string `json:"kind"`
	Namespace  string `json:"namespace,omitempty"`
	Name       string `json:"name"`
}

// Group is the API group of o; empty for the core group.
func (o Object) Group() string {
	gv, err := schema.ParseGroupVersion(o.APIVersion)
	if err != nil {
		return ""
	}
	return gv.Group
}

// String is the object as messages name it: "Deployment shop/orders".
func (o Object) String() string {
	if o.Namespace == "" {
		return o.Kind + " " + o.Name
	}
	return o.Kind + " " + o.Namespace + "/" + o.Name
}

// Compare orders objects by namespace, kind, name and API version.
func (o Object) Compare(p Object) int {
	return cmp.Or(
		strings.Compare(o.Namespace, p.Namespace),
		strings.Compare(o.Kind, p.Kind),
		strings.Compare(o.Name, p.Name),
		strings.Compare(o.APIVersion, p.APIVersion),
	)
}

// Source is the place of an object in the input; zero for live objects.
type Source struct {
	// File is the path as it was given; "-" is standard input.
	File string
	// Line is where the object begins, counted from 1.
	Line int
	// Fields holds the lines of fields below the object, by path, for example
	// "spec.template.metadata.annotations[dapr.io/app-id]".
	Fields map[string]int
	// Spot is where in the text of File the object stands.
	Spot edit.Spot
}

// LineOf is the line of field, or of the object where that is not known.
func (s Source) LineOf(field string) int {
	if line, ok := s.Fields[field]; ok {
		return line
	}
	return s.Line
}

// Selector is a label selector, ready to be matched.
type Selector struct {
	selector labels.Selector
}

// NewSelector compiles s; a nil s selects everything.
func NewSelector(s *metav1.LabelSelector) (*Selector, error) {
	if s == nil {
		return nil, nil
	}
	compiled, err := metav1.LabelSelectorAsSelector(s)
	if err != nil {
		return nil, err
	}
	return &Selector{compiled}, nil
}

// Matches tells whether the labels are selected. A nil Selector matches all.
func (s *Selector) Matches(set map[string]string) bool {
	return s == nil || s.selector.Matches(labels.Set(set))
}

// String is the selector in kubectl's syntax.
func (s *Selector) String() string {
	if s == nil {
		return ""
	}
	return s.selector.String()
}
