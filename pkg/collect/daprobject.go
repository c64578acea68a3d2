// Copyright The kubectl-dapr-prod Authors.
// SPDX-License-Identifier: Apache-2.0

package collect

import (
	"cmp"
	"encoding/json"
	"fmt"
	"strconv"
	"strings"

	"k8s.io/apimachinery/pkg/apis/meta/v1/unstructured"

	"github.com/dapr-prod/kubectl-dapr-prod/pkg/snapshot"
)

// lastApplied is where kubectl apply keeps a copy of what it was given.
const lastApplied = "kubectl.kubernetes.io/last-applied-configuration"

// daprObject is the shape of everything of dapr.io that sidecars load by themselves.
type daprObject struct {
	Scopes []string `json:"scopes"`
	Auth   struct {
		SecretStore string `json:"secretStore"`
	} `json:"auth"`
	Spec struct {
		Type         string `json:"type"`
		Version      string `json:"version"`
		IgnoreErrors bool   `json:"ignoreErrors"`
		// Metadata is a list in Components and a map in Subscriptions, of which nothing is kept.
		Metadata json.RawMessage `json:"metadata"`
		// Of an HTTPEndpoint.
		BaseURL   string `json:"baseUrl"`
		Headers   []pair `json:"headers"`
		ClientTLS struct {
			PrivateKey *pair `json:"privateKey"`
		} `json:"clientTLS"`
		// Of an MCPServer.
		Endpoint struct {
			StreamableHTTP *mcpEndpoint `json:"streamableHTTP"`
			SSE            *mcpEndpoint `json:"sse"`
			Stdio          struct {
				Env []pair `json:"env"`
			} `json:"stdio"`
		} `json:"endpoint"`
	} `json:"spec"`
}

type mcpEndpoint struct {
	URL     string `json:"url"`
	Headers []pair `json:"headers"`
	Auth    struct {
		SecretStore string `json:"secretStore"`
		OAuth2      struct {
			SecretKeyRef *secretKeyRef `json:"secretKeyRef"`
		} `json:"oauth2"`
	} `json:"auth"`
}

// pair is Dapr's NameValuePair.
type pair struct {
	Name         string          `json:"name"`
	Value        json.RawMessage `json:"value"`
	SecretKeyRef *secretKeyRef   `json:"secretKeyRef"`
	EnvRef       string          `json:"envRef"`
}

type secretKeyRef struct {
	Name string `json:"name"`
	Key  string `json:"key"`
}

func (f *facts) addDaprObject(o *unstructured.Unstructured, src snapshot.Source) error {
	kept := snapshot.DaprObject{Object: objectOf(o), Source: src, Annotations: ownKeys(o.GetAnnotations())}
	content, err := json.Marshal(o.Object)
	if err != nil {
		return fmt.Errorf("%s: %w", kept.Object, err)
	}
	var read daprObject
	if err := json.Unmarshal(content, &read); err != nil {
		return fmt.Errorf("%s: %w", kept.Object, withoutValue(err))
	}
	kept.Type, kept.Version, kept.IgnoreErrors = read.Spec.Type, read.Spec.Version, read.Spec.IgnoreErrors
	kept.Scopes, kept.SecretStore = read.Scopes, read.Auth.SecretStore
	for _, e := range []*mcpEndpoint{read.Spec.Endpoint.StreamableHTTP, read.Spec.Endpoint.SSE} {
		if e != nil && e.Auth.SecretStore != "" {
			kept.SecretStore = e.Auth.SecretStore
		}
	}
	if kept.Settings, err = settings(&read); err != nil {
		return fmt.Errorf("%s: %w", kept.Object, withoutValue(err))
	}
	var before daprObject
	// A copy that cannot be read holds nothing that could be judged.
	if text := o.GetAnnotations()[lastApplied]; text != "" && json.Unmarshal([]byte(text), &before) == nil {
		kept.LastApplied, _ = settings(&before)
	}
	f.daprObjects = append(f.daprObjects, kept)
	return nil
}

// settings are all names with values of an object.
func settings(o *daprObject) ([]snapshot.Setting, error) {
	var all []snapshot.Setting
	add := func(list []pair, path string, part snapshot.SettingPart) {
		for i, p := range list {
			all = append(all, p.setting(path+"["+cmp.Or(p.Name, strconv.Itoa(i))+"].value", part))
		}
	}
	if raw := strings.TrimSpace(string(o.Spec.Metadata)); strings.HasPrefix(raw, "[") {
		var metadata []pair
		if err := json.Unmarshal([]byte(raw), &metadata); err != nil {
			return nil, err
		}
		add(metadata, "spec.metadata", snapshot.Metadata)
	}
	address := func(url, path string) {
		if url != "" {
			all = append(all, snapshot.Setting{Name: path[strings.LastIndex(path, ".")+1:], Field: path, Part: snapshot.Address, Value: snapshot.Conceal(url)})
		}
	}
	address(o.Spec.BaseURL, "spec.baseUrl")
	add(o.Spec.Headers, "spec.headers", snapshot.Header)
	if key := o.Spec.ClientTLS.PrivateKey; key != nil {
		key.Name = "privateKey"
		all = append(all, key.setting("spec.clientTLS.privateKey.value", snapshot.Key))
	}
	mcp := func(e *mcpEndpoint, path string) {
		if e == nil {
			return
		}
		address(e.URL, path+".url")
		add(e.Headers, path+".headers", snapshot.Header)
		if ref := e.Auth.OAuth2.SecretKeyRef; ref != nil {
			all = append(all, snapshot.Setting{
				Name: "oauth2", Field: path + ".auth.oauth2.secretKeyRef", Part: snapshot.Key, SecretName: ref.Name, SecretKey: ref.Key,
			})
		}
	}
	mcp(o.Spec.Endpoint.StreamableHTTP, "spec.endpoint.streamableHTTP")
	mcp(o.Spec.Endpoint.SSE, "spec.endpoint.sse")
	add(o.Spec.Endpoint.Stdio.Env, "spec.endpoint.stdio.env", snapshot.Variable)
	return all, nil
}

func (p pair) setting(field string, part snapshot.SettingPart) snapshot.Setting {
	s := snapshot.Setting{Name: p.Name, Field: field, Part: part, Value: snapshot.Conceal(textOf(p.Value)), Env: p.EnvRef}
	if p.SecretKeyRef != nil {
		s.SecretName, s.SecretKey = p.SecretKeyRef.Name, p.SecretKeyRef.Key
	}
	return s
}

// textOf is a value as daprd hands it on: a string is itself, anything else its JSON.
func textOf(raw json.RawMessage) string {
	var text string
	if json.Unmarshal(raw, &text) == nil {
		return text
	}
	if string(raw) == "null" {
		return ""
	}
	return string(raw)
}

// withoutValue keeps of a decoding error which field has the wrong type: its own
// text may quote the value.
func withoutValue(err error) error {
	if wrong, ok := err.(*json.UnmarshalTypeError); ok { //nolint:errorlint // as encoding/json returns it
		return fmt.Errorf("%s is a %s, where there should be a %s", wrong.Field, strings.Fields(wrong.Value)[0], wrong.Type.Kind())
	}
	return fmt.Errorf("it cannot be read as JSON")
}

// objectOf names an object.
func objectOf(o *unstructured.Unstructured) snapshot.Object {
	return snapshot.Object{APIVersion: o.GetAPIVersion(), Kind: o.GetKind(), Namespace: o.GetNamespace(), Name: o.GetName()}
}
