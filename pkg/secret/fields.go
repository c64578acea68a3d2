// Copyright The kubectl-dapr-prod Authors.
// SPDX-License-Identifier: Apache-2.0

package secret

import (
	_ "embed"
	"encoding/json"
	"slices"
	"strings"
	"sync"
)

// Tier says on whose word a field is taken for a secret.
type Tier int

// The tiers, from the least sure to the surest.
const (
	// NotSecret is a field that no table names.
	NotSecret Tier = iota
	// Guessed is a field whose name sounds like a secret, of a component that no
	// table has, such as a pluggable one.
	Guessed
	// Conditional is a field that is secret only if its value carries a password:
	// a URL or a connection string.
	Conditional
	// Public is a field that Dapr flags although all it holds is an identifier or
	// a certificate.
	Public
	// Curated is a field that is a secret although Dapr does not flag it.
	Curated
	// Flagged is a field that Dapr's own metadata calls sensitive.
	Flagged
)

// Field is what is known of one field of a component.
type Field struct {
	Tier Tier
	// Name is the field's name as Dapr spells it. An alias leads to the field that
	// it stands for.
	Name string
	// OrPath tells that the field takes the path of a file as well.
	OrPath bool
}

// fieldsJSON holds the fields of components-contrib, the types as daprd registers
// them. A field is its name, then its aliases. What Dapr flags is taken from the
// metadata.yaml files; "curated", "conditional" and "public" are not Dapr's word.
//
//go:embed fields.json
var fieldsJSON []byte

type component struct {
	// Like names another component that has the same fields.
	Like        string
	Profiles    []string
	Flagged     []string
	Curated     []string
	Conditional []string
	OrPath      []string
}

type table struct {
	// Profiles are the ways to authenticate that many components share.
	Profiles   map[string][]string
	Public     []string
	Components map[string]component
}

// components holds the fields by "type/version" and then by the name, in lower case.
var components = sync.OnceValue(func() map[string]map[string]Field {
	all := map[string]map[string]Field{}
	t := decode()
	for key, c := range t.Components {
		if c.Like != "" {
			c = t.Components[c.Like]
		}
		all[key] = t.fields(c)
	}
	return all
})

func decode() table {
	var t table
	if err := json.Unmarshal(fieldsJSON, &t); err != nil {
		// The table is part of the program, and a test reads it.
		panic(err)
	}
	return t
}

func (t table) fields(c component) map[string]Field {
	fields := map[string]Field{}
	add := func(tier Tier, names []string) {
		for _, line := range names {
			spellings := strings.Fields(line)
			f := Field{Tier: tier, Name: spellings[0], OrPath: slices.Contains(c.OrPath, spellings[0])}
			if slices.Contains(t.Public, f.Name) {
				f.Tier = Public
			}
			for _, s := range spellings {
				fields[strings.ToLower(s)] = f
			}
		}
	}
	add(Conditional, c.Conditional)
	add(Curated, c.Curated)
	for _, profile := range c.Profiles {
		add(Flagged, t.Profiles[profile])
	}
	add(Flagged, c.Flagged)
	return fields
}

// Lookup returns what is known of the field name of a component. Of a type that
// the table does not have, the name is guessed at.
func Lookup(componentType, version, name string) Field {
	key, lower := registered(strings.ToLower(componentType)), strings.ToLower(name)
	if strings.HasPrefix(key, "state.") {
		// Every state store takes these (pkg/encryption), and no metadata names them.
		for _, encryption := range []string{"primaryEncryptionKey", "secondaryEncryptionKey"} {
			if strings.EqualFold(name, encryption) {
				return Field{Tier: Flagged, Name: encryption}
			}
		}
	}
	versions := tablesOf(key, strings.ToLower(version))
	if len(versions) == 0 {
		return guess(name)
	}
	found := Field{Name: name}
	for _, fields := range versions {
		if f, ok := fields[lower]; ok && f.Tier > found.Tier {
			found = f
		}
	}
	return found
}

// Known tells whether the table has the component type, in whatever version.
func Known(componentType string) bool {
	return len(tablesOf(registered(strings.ToLower(componentType)), "")) > 0
}

// tablesOf returns the fields of a version: daprd takes "", v0 and v1 for the
// same where there is one version. Of a version that is not known, the fields of
// all versions are taken, so that none is missed.
func tablesOf(componentType, version string) []map[string]Field {
	switch version {
	case "", "v0":
		version = "v1"
	}
	all := components()
	if fields, ok := all[componentType+"/"+version]; ok {
		return []map[string]Field{fields}
	}
	var tables []map[string]Field
	for _, v := range []string{"v1", "v2"} {
		if fields, ok := all[componentType+"/"+v]; ok {
			tables = append(tables, fields)
		}
	}
	return tables
}

// registered is the name under which daprd registers a type that the metadata of
// components-contrib names otherwise.
func registered(componentType string) string {
	kind, name, _ := strings.Cut(componentType, ".")
	switch {
	case kind == "middleware" && !strings.HasPrefix(name, "http."):
		return "middleware.http." + name
	case kind == "crypto" && slices.Contains([]string{"jwks", "localstorage", "kubernetes.secrets"}, name):
		return "crypto.dapr." + name
	case componentType == "secretstores.aws.secretsmanager":
		return "secretstores.aws.secretmanager"
	default:
		return componentType
	}
}
