// Copyright The kubectl-dapr-prod Authors.
// SPDX-License-Identifier: Apache-2.0

package catalogue

import (
	"fmt"
	"strings"

	"github.com/dapr/dapr/pkg/injector/annotations"
	"k8s.io/apimachinery/pkg/api/resource"

	"github.com/dapr-prod/kubectl-dapr-prod/pkg/guideline"
	"github.com/dapr-prod/kubectl-dapr-prod/pkg/sidecar"
	"github.com/dapr-prod/kubectl-dapr-prod/pkg/snapshot"
)

// mendSidecarResources sets what is missing to what the page starts with, and leaves
// alone what somebody wrote.
func mendSidecarResources(app *guideline.App) guideline.Remedy {
	judge := func(d daprd) guideline.Result { return judgeFourSettings(app, d.container) }
	return byTemplate(app, judge, func() guideline.Remedy { return startingResources(app) }, sidecar.ResourceAnnotations()...)
}

const (
	chooseByUse    = "choose by what it uses"
	resourcesOfPod = "resources are set for the Pod as a whole: how much of them daprd gets is to be decided there"
)

// startingResources are the page's numbers for what the next Pod's sidecar lacks.
func startingResources(app *guideline.App) guideline.Remedy {
	d := simulated(app).container
	set := map[string]string{}
	if gap := app.Gap(snapshot.LimitRanges); gap != nil && gap.Reason != snapshot.NotInInput {
		return guideline.LeaveTo(fmt.Sprintf("what the namespace's LimitRanges ask for is not known: %s", gap))
	}
	if r := podList(d.podResources); len(r.Limits)+len(r.Requests) > 0 {
		return guideline.LeaveTo(resourcesOfPod)
	}
	wrong := failing(judgeSidecarQuantities(app))
	if len(sidecar.BadQuantities(app.Template.Annotations)) > 0 {
		return guideline.LeaveTo("what was meant is not guessed: " + wrong)
	}
	for _, s := range missingSettings(d) {
		if app.Template.Annotations[s.key] != "" {
			return guideline.LeaveTo(fmt.Sprintf("%s is zero, which is none: take it off, or give it a number", s.key))
		}
		if request, asked := d.request(s.resource); asked && request.Cmp(resource.MustParse(s.page)) > 0 {
			return guideline.LeaveTo(fmt.Sprintf("its %s request of %s is above %s, which the page starts with as the limit: %s", s.resource, &request, s.page, chooseByUse))
		}
		set[s.key] = s.page
	}
	switch problem := failing(judgeSidecarQuantities(with(app, set))); {
	case problem != "" && problem == wrong:
		return guideline.LeaveTo("correct first what sidecar-quantities finds: " + wrong)
	case problem != "":
		return guideline.LeaveTo(fmt.Sprintf("the page's numbers do not fit (%s): %s", problem, chooseByUse))
	}
	return heedingUse(app, set)
}

// risksOfResources says what may go wrong with settings, in view of what was seen of
// the use.
func risksOfResources(set map[string]string, seen string) []string {
	both := func(cpu, cpuKey, memory, memoryKey string) string {
		var parts []string
		if value := set[cpuKey]; value != "" {
			parts = append(parts, cpu+value+" of CPU")
		}
		if value := set[memoryKey]; value != "" {
			parts = append(parts, memory+value+" of memory")
		}
		return strings.Join(parts, " and ")
	}
	var risks []string
	if limits := both("throttled above ", annotations.KeyCPULimit, "killed above ", annotations.KeyMemoryLimit); limits != "" {
		risks = append(risks, fmt.Sprintf("the sidecar is %s: %s", limits, seen))
	}
	if requests := both("", annotations.KeyCPURequest, "", annotations.KeyMemoryRequest); requests != "" {
		risks = append(risks, fmt.Sprintf("each Pod asks for %s more, and waits where no node has that free", requests))
	}
	return risks
}
