// Copyright The kubectl-dapr-prod Authors.
// SPDX-License-Identifier: Apache-2.0

package snapshot

import "encoding/json"

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
	Values     *SchemaOfValues    `json:"additionalProperties"`
}

// SchemaOfValues is the schema of what a map holds, empty where it may hold anything.
type SchemaOfValues struct{ Schema }

// UnmarshalJSON takes a schema, or true and false, which OpenAPI allows in its place.
func (s *SchemaOfValues) UnmarshalJSON(text []byte) error {
	var anything bool
	if json.Unmarshal(text, &anything) == nil {
		return nil
	}
	return json.Unmarshal(text, &s.Schema)
}

// At returns the schema of a field, named from the top; nil where there is none.
// The items of a list, and the values of a map, are what its name stands for.
func (s *Schema) At(path ...string) *Schema {
	for _, name := range path {
		if s != nil && s.Items != nil {
			s = s.Items
		}
		if s != nil && s.Values != nil {
			s = &s.Values.Schema
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
