// Copyright The kubectl-dapr-prod Authors.
// SPDX-License-Identifier: Apache-2.0

package daprobject

import (
	"cmp"
	"encoding/json"
	"strconv"
	"strings"

	"k8s.io/apimachinery/pkg/apis/meta/v1/unstructured"

	"github.com/dapr-prod/kubectl-dapr-prod/pkg/snapshot"
)

// field is a place of a kind in which names have values that a secretKeyRef can take
// the place of.
type field struct {
	path []string
	part snapshot.SettingPart
	// alone tells that it is one value without a name, and no list of them.
	alone bool
}

// fields are those of the kinds that Dapr's operator resolves references in
// (pkg/operator/api of Dapr 1.18.3).
var fields = map[string][]field{
	snapshot.KindComponent: {{path: []string{"spec", "metadata"}, part: snapshot.Metadata}},
	snapshot.KindHTTPEndpoint: {
		{path: []string{"spec", "headers"}, part: snapshot.Header},
		{path: alonePath, part: snapshot.Key, alone: true},
	},
	snapshot.KindMCPServer: {
		{path: []string{"spec", "endpoint", "streamableHTTP", "headers"}, part: snapshot.Header},
		{path: []string{"spec", "endpoint", "sse", "headers"}, part: snapshot.Header},
		{path: []string{"spec", "endpoint", "stdio", "env"}, part: snapshot.Variable},
	},
	kindConfiguration: {{path: []string{"spec", "tracing", "otel", "headers"}, part: snapshot.Header}},
}

const kindConfiguration = "Configuration"

// entry is one name with a value in an object.
type entry struct {
	field
	// index is its place in the list, from 0.
	index int
	// content is the entry itself, not a copy.
	content map[string]any
}

// entries are all of an object, in the order in which they stand there.
func entries(kind string, object map[string]any) []entry {
	var all []entry
	for _, f := range fields[kind] {
		at, found, err := unstructured.NestedFieldNoCopy(object, f.path...)
		if !found || err != nil {
			continue
		}
		if content, isMap := at.(map[string]any); isMap && f.alone {
			all = append(all, entry{field: f, content: content})
		}
		list, _ := at.([]any)
		for i := range list {
			if content, isMap := list[i].(map[string]any); isMap && !f.alone {
				all = append(all, entry{field: f, index: i, content: content})
			}
		}
	}
	return all
}

// addressPaths lead to the addresses of the kinds, in which credentials may stand.
var addressPaths = map[string][][]string{
	snapshot.KindHTTPEndpoint: {{"spec", "baseUrl"}},
	snapshot.KindMCPServer:    {{"spec", "endpoint", "streamableHTTP", "url"}, {"spec", "endpoint", "sse", "url"}},
	kindConfiguration:         {{"spec", "tracing", "otel", "endpointAddress"}, {"spec", "tracing", "zipkin", "endpointAddress"}},
}

// addresses are those of an object, as guidelines judge them. No reference can take the
// place of one.
func addresses(kind string, object map[string]any) []snapshot.Setting {
	var all []snapshot.Setting
	for _, path := range addressPaths[kind] {
		if text, found, err := unstructured.NestedString(object, path...); found && err == nil {
			all = append(all, snapshot.Setting{Name: path[len(path)-1], Field: strings.Join(path, "."), Part: snapshot.Address, Value: snapshot.Conceal(text)})
		}
	}
	return all
}

// name is what the entry is called; a private key has no name of its own.
func (e *entry) name() string {
	if e.alone {
		return e.path[len(e.path)-1]
	}
	name, _ := e.content["name"].(string)
	return name
}

// place is where the value stands, as reports name it.
func (e *entry) place() string {
	path := strings.Join(e.path, ".")
	if !e.alone {
		path += "[" + cmp.Or(e.name(), strconv.Itoa(e.index)) + "]"
	}
	return path + ".value"
}

// ref are the name and the key of secretKeyRef; empty without one.
func (e *entry) ref() (name, key string) {
	ref, _ := e.content["secretKeyRef"].(map[string]any)
	name, _ = ref["name"].(string)
	key, _ = ref["key"].(string)
	return name, key
}

// raw is the value as it stands in JSON; empty where there is none.
func (e *entry) raw() string {
	value, found := e.content["value"]
	if !found || value == nil {
		return ""
	}
	raw, err := json.Marshal(value)
	if err != nil {
		return ""
	}
	return string(raw)
}

// setting is the entry as guidelines judge it.
func (e *entry) setting() snapshot.Setting {
	s := snapshot.Setting{Name: e.name(), Field: e.place(), Part: e.part, Value: snapshot.Conceal(taken(e.raw()))}
	s.SecretName, s.SecretKey = e.ref()
	s.Env, _ = e.content["envRef"].(string)
	return s
}

// taken is what daprd makes of a value in JSON: what stands in quotes loses them
// (common.DynamicValue.String of Dapr), everything else is its JSON.
func taken(raw string) string {
	if text, err := strconv.Unquote(raw); err == nil {
		return text
	}
	return raw
}

// Moves tells whether secrets may stand in objects of a kind, and move out of them.
func Moves(apiVersion, kind string) bool {
	return len(fields[kind]) > 0 && strings.HasPrefix(apiVersion, "dapr.io/")
}
