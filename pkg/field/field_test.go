// Copyright The kubectl-dapr-prod Authors.
// SPDX-License-Identifier: Apache-2.0

package field_test

import (
	"errors"
	"reflect"
	"testing"

	"sigs.k8s.io/yaml"

	"github.com/dapr-prod/kubectl-dapr-prod/pkg/field"
)

func tree(t *testing.T, text string) map[string]any {
	t.Helper()
	var object map[string]any
	if err := yaml.Unmarshal([]byte(text), &object); err != nil {
		t.Fatal(err)
	}
	return object
}

var port = field.Path{"containers", field.Named("app"), "env", field.Named("PORT")}

func TestSetAndRemove(t *testing.T) {
	t.Parallel()
	value := map[string]any{"name": "PORT", "value": "80"}
	for _, test := range []struct {
		name, was, is, back string
		path                field.Path
		value               any
	}{
		{"into an element", "containers: [{name: app, image: a}]", "containers: [{name: app, image: a, env: [{name: PORT, value: '80'}]}]", "containers: [{name: app, image: a}]", port, value},
		{"beside another", "containers: [{name: app, env: [{name: A}]}]", "containers: [{name: app, env: [{name: A}, {name: PORT, value: '80'}]}]", "containers: [{name: app, env: [{name: A}]}]", port, value},
		{"in the place of one", "containers: [{name: app, env: [{name: PORT, value: '1'}, {name: A}]}]", "containers: [{name: app, env: [{name: PORT, value: '80'}, {name: A}]}]", "containers: [{name: app, env: [{name: A}]}]", port, value},
		{"into nothing", "{a: 1}", "{a: 1, containers: [{name: app, env: [{name: PORT, value: '80'}]}]}", "{a: 1}", port, value},
		{"a field", "{}", "automount: false", "{}", field.Path{"automount"}, false},
		{"of a list of others", "containers: [{name: web}]", "containers: [{name: web}, {name: app, env: [{name: PORT, value: '80'}]}]", "containers: [{name: web}]", port, value},
	} {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			object := tree(t, test.was)
			if err := field.Set(object, test.path, test.value); err != nil {
				t.Fatal(err)
			}
			if want := tree(t, test.is); !reflect.DeepEqual(object, want) {
				t.Errorf("it is %v, want %v", object, want)
			}
			if got := field.Get(object, test.path); !reflect.DeepEqual(got, test.value) {
				t.Errorf("read %v, want %v", got, test.value)
			}
			field.Remove(object, test.path)
			if want := tree(t, test.back); len(object)+len(want) > 0 && !reflect.DeepEqual(object, want) {
				t.Errorf("it is %v, want %v", object, want)
			}
		})
	}
}

func TestShape(t *testing.T) {
	t.Parallel()
	for _, text := range []string{"containers: app", "containers: [{name: app, env: {}}]", "containers: {app: {}}"} {
		if err := field.Set(tree(t, text), port, map[string]any{}); !errors.Is(err, field.ErrShape) {
			t.Errorf("%s: %v", text, err)
		}
		if got := field.Get(tree(t, text), port); got != nil {
			t.Errorf("%s: %v", text, got)
		}
		object := tree(t, text)
		if field.Remove(object, port); !reflect.DeepEqual(object, tree(t, text)) {
			t.Errorf("%s became %v", text, object)
		}
	}
}

func TestString(t *testing.T) {
	t.Parallel()
	for want, path := range map[string]field.Path{
		"spec.containers[app].env[PORT]":    append(field.Path{"spec"}, port...),
		"metadata.annotations[dapr.io/app]": {"metadata", "annotations", "dapr.io/app"},
		"spec.automountServiceAccountToken": {"spec", "automountServiceAccountToken"},
		"spec.template.metadata.labels[a]":  {"spec", "template", "metadata", "labels", "a"},
	} {
		if got := path.String(); got != want {
			t.Errorf("%s, want %s", got, want)
		}
	}
}
