// Copyright The kubectl-dapr-prod Authors.
// SPDX-License-Identifier: Apache-2.0

package snapshot

// Definition is one CustomResourceDefinition of Dapr.
type Definition struct {
	// Name is PLURAL.dapr.io.
	Name     string
	Source   Source
	Versions []DefinitionVersion
}

// DefinitionVersion is one version of a Definition.
type DefinitionVersion struct {
	Name            string
	Served, Storage bool
	Schema          *Schema
}

// Schema is what is kept of an OpenAPI schema: which fields there are, and which
// of them must be set.
type Schema struct {
	Required   []string           `json:"required"`
	Properties map[string]*Schema `json:"properties"`
	Items      *Schema            `json:"items"`
}

// At returns the schema of a field, named from the top; nil where there is none.
// The items of a list are what its name stands for.
func (s *Schema) At(path ...string) *Schema {
	for _, name := range path {
		if s != nil && s.Items != nil {
			s = s.Items
		}
		if s == nil {
			return nil
		}
		s = s.Properties[name]
	}
	return s
}

// Definition returns the CustomResourceDefinition of that name, or nil.
func (s *Snapshot) Definition(name string) *Definition {
	for i := range s.Definitions {
		if s.Definitions[i].Name == name {
			return &s.Definitions[i]
		}
	}
	return nil
}
