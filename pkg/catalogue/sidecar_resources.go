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
	Mend:  mendSidecarResources,
}

// What the page starts with: "Sidecar resource settings", "CPU: limit 300m, request
// 100m; memory: limit 1000Mi, request 250Mi".
const (
	pageCPURequest    = "100m"
	pageCPULimit      = "300m"
	pageMemoryRequest = "250Mi"
	pageMemoryLimit   = "1000Mi"
)

// sidecarSetting is one of the four settings of a sidecar's resources, with what
// the page starts with.
type sidecarSetting struct {
	name, key string
	resource  corev1.ResourceName
	of        func(container, corev1.ResourceName) (resourceQuantity, bool)
	page      string
}

var sidecarSettings = []sidecarSetting{
	{"CPU request", annotations.KeyCPURequest, corev1.ResourceCPU, container.request, pageCPURequest},
	{"CPU limit", annotations.KeyCPULimit, corev1.ResourceCPU, container.limit, pageCPULimit},
	{"memory request", annotations.KeyMemoryRequest, corev1.ResourceMemory, container.request, pageMemoryRequest},
	{"memory limit", annotations.KeyMemoryLimit, corev1.ResourceMemory, container.limit, pageMemoryLimit},
}

// missingSettings are those of the four that do not hold for a sidecar.
func missingSettings(d container) []sidecarSetting {
	var missing []sidecarSetting
	for _, s := range sidecarSettings {
		if _, set := s.of(d, s.resource); !set {
			missing = append(missing, s)
		}
	}
	return missing
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
	missing := missingSettings(d)
	var names []string
	for _, s := range missing {
		names = append(names, s.name)
	}
	switch {
	case len(missing) == 0:
		_, _, bad := badQuantity(app)
		if set, _ := annotated(app); anyResource(set) && !bad {
			return guideline.Pass("CPU and memory have requests and limits")
		}
		return guideline.Pass("CPU and memory have requests and limits, not from annotations but from the namespace or the Pod")
	case len(missing) < 4:
		return guideline.Fail("no %s", strings.Join(names, ", no ")).As(guideline.Warning).At(annotationField(app, missing[0].key))
	}
	if key, value, bad := badQuantity(app); bad {
		return guideline.Fail("no CPU and memory settings: all four are dropped, because %s %s is not a quantity", key, secret.Shown(value)).
			At(annotationField(app, key)).Do("write %s as a Kubernetes quantity, such as 300m or 1000Mi", key)
	}
	return guideline.Fail("no CPU and memory settings").At(annotationField(app, missing[0].key))
}
