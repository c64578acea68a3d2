// Copyright The kubectl-dapr-prod Authors.
// SPDX-License-Identifier: Apache-2.0

package apply

import (
	"encoding/base64"
	"errors"
	"regexp"
	"strings"
	"testing"

	apierrors "k8s.io/apimachinery/pkg/api/errors"
	"k8s.io/apimachinery/pkg/runtime/schema"
	"sigs.k8s.io/yaml"

	"github.com/dapr-prod/kubectl-dapr-prod/pkg/guideline"
)

func TestToken(t *testing.T) {
	t.Parallel()
	seen := map[string]bool{}
	for range 1000 {
		one := NewToken()
		if !regexp.MustCompile(`^[A-Za-z0-9_-]+$`).MatchString(one) || len(one) != guideline.TokenLength || seen[one] {
			t.Fatalf("a token of %d bytes, seen before: %t", len(one), seen[one])
		}
		seen[one] = true
	}
}

// TestDiscreet: a webhook that repeats the token is not repeated, and what its answer
// means is kept.
func TestDiscreet(t *testing.T) {
	t.Parallel()
	value := NewToken()
	encoded := base64.StdEncoding.EncodeToString([]byte(value))
	data := map[string]any{"token": encoded}
	for _, said := range []string{value, encoded} {
		no := apierrors.NewForbidden(schema.GroupResource{Resource: "secrets"}, "orders", errors.New("I do not like "+said))
		if err := discreet(no, data); strings.Contains(err.Error(), said) || !refused(err) {
			t.Errorf("it says %v, refused: %t", err, refused(err))
		}
		if err := discreet(errors.New("lost "+said), data); strings.Contains(err.Error(), said) || refused(err) {
			t.Errorf("it says %v, refused: %t", err, refused(err))
		}
	}
	if other := errors.New("another reason"); !errors.Is(discreet(other, data), other) {
		t.Error("an error that says nothing of it is another")
	}
}

func TestRefers(t *testing.T) {
	t.Parallel()
	for text, want := range map[string]bool{
		"spec: {template: {spec: {containers: [{env: [{name: A, valueFrom: {secretKeyRef: {name: s, key: token}}}]}]}}}": true,
		"spec: {containers: [{envFrom: [{secretRef: {name: s}}]}]}":                                                      true,
		"spec: {volumes: [{name: v, secret: {secretName: s}}]}":                                                          true,
		"spec: {volumes: [{name: v, projected: {sources: [{secret: {name: s}}]}}]}":                                      true,
		"spec: {imagePullSecrets: [{name: s}]}":                                                                          true,
		"metadata: {annotations: {dapr.io/api-token-secret: s}}":                                                         true,
		"metadata: {annotations: {dapr.io/env-from-secret: 'A=s:token'}}":                                                true,
		"spec: {metadata: [{name: password, secretKeyRef: {name: s, key: password}}]}":                                   true,
		"metadata: {name: s}": false,
		"spec: {containers: [{name: s, env: [{name: s, value: s}]}]}":                                   false,
		"spec: {volumes: [{name: s, configMap: {name: s}}]}":                                            false,
		"spec: {containers: [{env: [{name: A, valueFrom: {secretKeyRef: {name: other, key: s}}}]}]}":    false,
		"metadata: {annotations: {note: s}}":                                                            false,
		"spec: {containers: [{env: [{name: A, valueFrom: {configMapKeyRef: {name: s, key: token}}}]}]}": false,
	} {
		var object map[string]any
		if err := yaml.Unmarshal([]byte(text), &object); err != nil {
			t.Fatal(err)
		}
		if got := refers("", object, "s"); got != want {
			t.Errorf("%s: %t, want %t", text, got, want)
		}
	}
}
