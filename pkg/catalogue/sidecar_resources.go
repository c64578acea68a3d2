// Copyright The kubectl-dapr-prod Authors.
// SPDX-License-Identifier: Apache-2.0

package catalogue

import (
	"strings"

	"github.com/dapr/dapr/pkg/injector/annotations"
	corev1 "k8s.io/api/core/v1"

	"github.com/dapr-prod/kubectl-dapr-prod/pkg/guideline"
	"github.com/dapr-prod/kubectl-dapr-prod/pkg/secret"
	"github.com/dapr-prod/kubectl-dapr-prod/pkg/snapshot"
)

var sidecarResources = &guideline.Guideline{
	ID:       "sidecar-resources",
	Title:    "the sidecar has CPU and memory requests and limits",
	Severity: guideline.Error,
	Origin:   guideline.Page,
	Section:  "Sidecar resource settings",
	Docs:     page + "#sidecar-resource-settings",
	Why: "A sidecar without settings takes what it can get: it is the first to be evicted when memory runs out on the node, " +
		"it can starve its neighbours, and an autoscaler that works with utilisation fails for the whole Pod.",
	Judged: "The daprd container that the next Pod gets, after Dapr's injector and the namespace's LimitRange, and those of the running Pods. " +
		"An error where none of the four is set, a warning where one is missing. Resources set for the Pod as a whole count.",
	Fix:   "set dapr.io/sidecar-cpu-request, -cpu-limit, -memory-request and -memory-limit on the Pod template; the page starts with 100m, 300m, 250Mi and 1000Mi",
	Traps: "One value that is no quantity drops all four settings without a word. A LimitRange can give what the annotations lack, and Pods keep what they were made with until they are made anew.",
	Reads: readsSidecars(snapshot.Read{Resource: snapshot.LimitRanges, Place: snapshot.InApps}),
	App:   judgeSidecarResources,
}

func judgeSidecarResources(app *guideline.App) []guideline.Result {
	results := underLimitRanges(app, judgeFourSettings)
	gap := app.Gap(snapshot.LimitRanges)
	if gap != nil && gap.Reason == snapshot.NotInInput && results[0].Outcome == guideline.Failed && len(app.Sidecar.Observed) == 0 {
		results[0].Message += " (a LimitRange of the namespace, which is not in the input, may set them)"
	}
	return results
}

func judgeFourSettings(app *guideline.App, d container) guideline.Result {
	var missing, keys []string
	for _, s := range []struct {
		name string
		key  string
		of   func(corev1.ResourceName) (resourceQuantity, bool)
		res  corev1.ResourceName
	}{
		{"CPU request", annotations.KeyCPURequest, d.request, corev1.ResourceCPU},
		{"CPU limit", annotations.KeyCPULimit, d.limit, corev1.ResourceCPU},
		{"memory request", annotations.KeyMemoryRequest, d.request, corev1.ResourceMemory},
		{"memory limit", annotations.KeyMemoryLimit, d.limit, corev1.ResourceMemory},
	} {
		if _, set := s.of(s.res); !set {
			missing, keys = append(missing, s.name), append(keys, s.key)
		}
	}
	switch {
	case len(missing) == 0:
		_, _, bad := badQuantity(app)
		if set, _ := annotated(app); anyResource(set) && !bad {
			return guideline.Pass("CPU and memory have requests and limits")
		}
		return guideline.Pass("CPU and memory have requests and limits, not from annotations but from the namespace or the Pod")
	case len(missing) < 4:
		return guideline.Fail("no %s", strings.Join(missing, ", no ")).As(guideline.Warning).At(annotationField(app, keys[0]))
	}
	if key, value, bad := badQuantity(app); bad {
		return guideline.Fail("no CPU and memory settings: all four are dropped, because %s %s is not a quantity", key, secret.Shown(value)).
			At(annotationField(app, key)).Do("write %s as a Kubernetes quantity, such as 300m or 1000Mi", key)
	}
	return guideline.Fail("no CPU and memory settings").At(annotationField(app, keys[0]))
}
