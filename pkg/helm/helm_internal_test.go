// Copyright The kubectl-dapr-prod Authors.
// SPDX-License-Identifier: Apache-2.0

package helm

import (
	"encoding/base64"
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"reflect"
	"strings"
	"testing"

	chart "helm.sh/helm/v4/pkg/chart/v2"
	release "helm.sh/helm/v4/pkg/release/v1"
	apierrors "k8s.io/apimachinery/pkg/api/errors"
	"k8s.io/apimachinery/pkg/runtime/schema"
	"k8s.io/apimachinery/pkg/util/validation/field"
)

const planted = "s3cr3t-MARKER-9f2c"

const secretManifest = `
apiVersion: v1
kind: Secret
metadata: {name: dapr-trust-bundle}
stringData: {issuer.key: "` + planted + `-key"}
`

func recordOf(values map[string]any) *release.Release {
	return &release.Release{Name: "dapr", Namespace: "dapr-system", Config: values, Manifest: secretManifest}
}

func TestMaskOfTexts(t *testing.T) {
	t.Parallel()
	m := newMask(recordOf(map[string]any{
		"password": planted, "pem": "-----BEGIN KEY-----\n" + planted + "two\n-----END KEY-----\n", "pin": 12345678.0,
		"list": []any{map[string]any{"token": planted + "\t3"}}, "log": "info", "short": "ab",
	}))
	m.trust("apiVersion: v1\nkind: ConfigMap\nmetadata: {name: c}\ndata: {level: info}\n")
	for text, want := range map[string]string{
		"nothing is here, ab info":                              "nothing is here, ab info",
		"value " + planted + " is wrong":                        "value *** is wrong",
		fmt.Sprintf("value %q is wrong", planted+"\t3"):         `value "***" is wrong`,
		base64.StdEncoding.EncodeToString([]byte(planted)):      "***",
		"line: " + planted + "two":                              "line: ***",
		"key " + planted + "-key":                               "key ***",
		"the PIN is 12345678":                                   "the PIN is ***",
		"cannot unmarshal !!str `s3cr3t-...` into bool":         "cannot unmarshal !!str `***` into bool",
		"Deployment dapr-system/dapr-sentry: dapr has no space": "Deployment dapr-system/dapr-sentry: dapr has no space",
	} {
		if got := m.text(text); got != want {
			t.Errorf("%q is shown as %q, not %q", text, got, want)
		}
	}
	if err := m.error(fmt.Errorf("%s: %w", planted, errMoved)); !errors.Is(err, errMoved) || strings.Contains(err.Error(), planted) {
		t.Errorf("the error is %v", err)
	}
}

func TestMaskOfObjects(t *testing.T) {
	t.Parallel()
	m := newMask(recordOf(map[string]any{"a": planted}))
	m.trust("apiVersion: v1\nkind: ConfigMap\nmetadata: {name: c}\ndata: {level: info, next: debug}\n")
	objects, err := objectsIn(`
apiVersion: v1
kind: ConfigMap
metadata: {name: mine, namespace: n}
data: {level: info, other: ` + planted + `, third: from-a-value, empty: ""}
---
apiVersion: v1
kind: ConfigMap
metadata: {name: mine, namespace: n}
data: {level: debug, other: ` + planted + `, third: another, empty: ""}
---
apiVersion: v1
kind: Secret
metadata: {name: s}
data: {level: info}
`)
	if err != nil {
		t.Fatal(err)
	}
	c := m.change(objectOf(objects[0]), objects[0], objects[1])
	if got := c.Diff(); !strings.HasPrefix(got, "@@ ") || strings.Contains(got, planted) || !strings.Contains(got, "-  level: info\n+  level: debug\n") || !strings.Contains(got, "*** (another value)") {
		t.Errorf("the diff is\n%s", got)
	}
	if secret := m.object(objects[2], nil); secret["data"].(map[string]any)["level"] != Mask {
		t.Errorf("a Secret is shown: %v", secret)
	}
}

func TestWithoutValue(t *testing.T) {
	t.Parallel()
	path := field.NewPath("spec")
	for _, err := range []*field.Error{
		field.Invalid(path, planted, "must not: be"), field.Invalid(path, map[string]any{"a": planted, "b": []any{planted}}, "must not: be"),
		field.Invalid(path, []string{planted}, "must not: be"), field.NotSupported(path, planted, []string{"must not: be"}),
		field.Duplicate(path, planted), field.Forbidden(path, "must not: be"), field.Required(path, "must not: be"), field.Invalid(path, 7, "must not: be"),
	} {
		status := apierrors.NewInvalid(schema.GroupKind{Group: "apps", Kind: "StatefulSet"}, "placement", field.ErrorList{err})
		got := said(fmt.Errorf("failed: %w", status))
		if strings.Contains(got, planted) || !strings.HasPrefix(got, "spec: ") {
			t.Errorf("%v is said as %q", err, got)
		}
		if err.Detail != "" && !strings.HasSuffix(got, "must not: be") && !strings.Contains(got, `"must not: be"`) {
			t.Errorf("%v is said as %q, without the reason", err, got)
		}
	}
}

// TestWithoutWords: an error of a gateway that says nothing is not an empty one.
func TestWithoutWords(t *testing.T) {
	t.Parallel()
	gateway := apierrors.NewGenericServerResponse(http.StatusBadGateway, "patch", schema.GroupResource{Resource: "deployments"}, "orders", "", 0, true)
	if got := said(fmt.Errorf("failed: %w", gateway)); !strings.HasPrefix(got, "failed: ") {
		t.Errorf("it is said as %q", got)
	}
}

func TestOneLine(t *testing.T) {
	t.Parallel()
	for text, want := range map[string]string{
		"one: two":                        "one: two",
		"a not ready, message: \n\nended": "a not ready; ended",
		"1\n2\n3\n4\n5\n6":                "1; 2; 3; 4; 5; 6",
		"1\n2\n3\n4\n5\n6\n7\nended":      "1; 2; 3; 4; 5; 2 more; ended",
	} {
		if got := oneLine(text); got != want {
			t.Errorf("%q is said as %q, not %q", text, got, want)
		}
	}
}

func TestEffective(t *testing.T) {
	t.Parallel()
	for _, c := range []struct{ name, additions, present, defaults, want string }{
		{"a null that takes away", `{"a":{"b":null}}`, `{"a":{"b":1}}`, `{}`, `{"a":{"b":null}}`},
		{"a null that takes a default away", `{"a":{"b":null}}`, `{}`, `{"a":{"b":1}}`, `{"a":{"b":null}}`},
		{"a null for nothing", `{"a":{"b":null},"c":1}`, `{"a":{}}`, `{"a":{}}`, `{"c":1}`},
		{"a null for a null", `{"a":null}`, `{"a":null}`, `{}`, `{}`},
		{"an empty map", `{"a":{}}`, `{}`, `{}`, `{"a":{}}`},
	} {
		var additions, present, defaults, want map[string]any
		for into, text := range map[*map[string]any]string{&additions: c.additions, &present: c.present, &defaults: c.defaults, &want: c.want} {
			if err := json.Unmarshal([]byte(text), into); err != nil {
				t.Fatal(err)
			}
		}
		if got := effective(additions, present, defaults); !reflect.DeepEqual(got, want) {
			t.Errorf("%s: %v, not %v", c.name, got, want)
		}
	}
}

func TestDefaults(t *testing.T) {
	t.Parallel()
	parent := &chart.Chart{Metadata: &chart.Metadata{Name: "dapr"}, Values: map[string]any{"part": map[string]any{"a": "parent"}}}
	parent.AddDependency(&chart.Chart{Metadata: &chart.Metadata{Name: "part"}, Values: map[string]any{"a": "part", "b": "part"}})
	want := map[string]any{"part": map[string]any{"a": "parent", "b": "part"}}
	if got, err := defaults(parent); err != nil || !reflect.DeepEqual(got, want) {
		t.Errorf("%v, %v, not %v", got, err, want)
	}
	parent.Dependencies()[0].Values["c"] = make(chan int)
	if _, err := defaults(parent); err == nil || err.Error() != "chart part has values that are no JSON (*json.UnsupportedTypeError)" {
		t.Errorf("%v", err)
	}
}

func TestKept(t *testing.T) {
	t.Parallel()
	before := map[string]any{"a": map[string]any{"b": 1.0, "c": nil}, "l": []any{"x"}, "s": "text"}
	for _, c := range []struct {
		name             string
		additions, after map[string]any
		lost             bool
	}{
		{"nothing", nil, before, false},
		{"added", map[string]any{"a": map[string]any{"d": 1.0}}, map[string]any{"a": map[string]any{"b": 1.0, "c": nil, "d": 1.0}, "l": []any{"x"}, "s": "text"}, false},
		{"set anew", map[string]any{"s": "new"}, map[string]any{"a": before["a"], "l": before["l"], "s": "new"}, false},
		{"taken away", map[string]any{"s": nil}, map[string]any{"a": before["a"], "l": before["l"]}, false},
		{"gone", nil, map[string]any{"a": before["a"], "l": before["l"]}, true},
		{"changed", nil, map[string]any{"a": before["a"], "l": []any{"y"}, "s": "text"}, true},
		{"a map for a text", map[string]any{"s": map[string]any{"x": 1.0}}, map[string]any{"a": before["a"], "l": before["l"], "s": map[string]any{"x": 1.0}}, true},
		{"a text for a map", map[string]any{"a": "x"}, map[string]any{"a": "x", "l": before["l"], "s": "text"}, true},
	} {
		if err := kept(before, c.additions, c.after); errors.Is(err, errLost) != c.lost {
			t.Errorf("%s: %v", c.name, err)
		}
	}
}
