// Copyright The kubectl-dapr-prod Authors.
// SPDX-License-Identifier: Apache-2.0

package report

import (
	"slices"
	"strings"

	"github.com/dapr/dapr/pkg/injector/annotations"
	corev1 "k8s.io/api/core/v1"
	"k8s.io/apimachinery/pkg/apis/meta/v1/unstructured"

	"github.com/dapr-prod/kubectl-dapr-prod/pkg/dapr"
	"github.com/dapr-prod/kubectl-dapr-prod/pkg/plan"
	"github.com/dapr-prod/kubectl-dapr-prod/pkg/secret"
)

// shownFields are the fields of an object whose text is known to be no secret: names
// of things, and words that Kubernetes gives. All other text is masked.
var shownFields = []string{
	"apiVersion", "kind", "name", "namespace", "image", "imagePullPolicy", "protocol", "restartPolicy", "dnsPolicy", "schedulerName",
	"serviceAccountName", "serviceAccount", "mountPath", "subPath", "type", "key", "operator", "effect", "fieldPath", "claimName", "secretName",
	"containerPort", "port", "targetPort", "path", "scheme", "terminationMessagePath", "terminationMessagePolicy", "priorityClassName",
	"scopeName", "values", "maxSurge", "maxUnavailable", "schedule", "concurrencyPolicy", "podManagementPolicy", "storage", "cpu", "memory",
}

// shownMaps are maps from names to text of which the same is true.
var shownMaps = []string{"labels", "matchLabels", "nodeSelector", "limits", "requests"}

// stored is an object as people read it: without what the server keeps for itself,
// and with a mask for everything that might be a secret.
func stored(u *unstructured.Unstructured) map[string]any {
	o := u.DeepCopy()
	delete(o.Object, "status")
	for _, field := range []string{"managedFields", "resourceVersion", "generation", "uid", "creationTimestamp", "selfLink"} {
		unstructured.RemoveNestedField(o.Object, "metadata", field)
	}
	unstructured.RemoveNestedField(o.Object, "metadata", "annotations", corev1.LastAppliedConfigAnnotation)
	masked, _ := mask("", o.Object).(map[string]any)
	return masked
}

// mask hides text that is not known to be harmless below a field.
func mask(field string, value any) any {
	switch v := value.(type) {
	case map[string]any:
		masked := make(map[string]any, len(v))
		for key, one := range v {
			text, isText := one.(string)
			switch {
			case field == "annotations" && isText:
				masked[key] = shownAnnotation(key, text)
			case slices.Contains(shownMaps, field) && isText:
				masked[key] = text
			default:
				masked[key] = mask(key, one)
			}
		}
		return masked
	case []any:
		masked := make([]any, len(v))
		for i, one := range v {
			masked[i] = mask(field, one)
		}
		return masked
	case string:
		if slices.Contains(shownFields, field) && !secret.CarriesSecret(v) || v == "" {
			return v
		}
		return Mask
	default:
		return v
	}
}

// shownAnnotation is the value of an annotation as it may be printed: Dapr's own and
// ours, but for the values of dapr.io/env.
func shownAnnotation(key, value string) string {
	switch {
	case value == "":
		return value
	case key == annotations.KeyEnv:
		return shownEnv(value)
	case key == plan.RestartedAt, dapr.KnowsAnnotation(key) && !secret.CarriesSecret(value):
		return value
	default:
		return Mask
	}
}

// shownEnv is the value of dapr.io/env with a mask for every value that is not
// known to be harmless.
func shownEnv(value string) string {
	var shown []string
	for _, pair := range dapr.SplitEnv(value) {
		name, text, assigned := strings.Cut(pair, "=")
		switch fits := harmless[name]; {
		case !assigned:
			shown = append(shown, Mask)
		case fits != nil && fits(text):
			shown = append(shown, pair)
		default:
			shown = append(shown, name+"="+Mask)
		}
	}
	return strings.Join(shown, ",")
}
