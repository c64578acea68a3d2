// Copyright The kubectl-dapr-prod Authors.
// SPDX-License-Identifier: Apache-2.0

package catalogue

import (
	"fmt"
	"slices"
	"strings"
	"unicode"

	"github.com/dapr/dapr/pkg/injector/annotations"
	corev1 "k8s.io/api/core/v1"

	"github.com/dapr-prod/kubectl-dapr-prod/pkg/dapr"
	"github.com/dapr-prod/kubectl-dapr-prod/pkg/guideline"
	"github.com/dapr-prod/kubectl-dapr-prod/pkg/quantity"
	"github.com/dapr-prod/kubectl-dapr-prod/pkg/snapshot"
)

// mendSoftMemoryLimit writes GOMEMLIMIT into dapr.io/env, beside what is there.
func mendSoftMemoryLimit(app *guideline.App) guideline.Remedy {
	judge := func(d daprd) guideline.Result { return judgeSoftMemoryLimit(app, d.container) }
	return byTemplate(app, judge, func() guideline.Remedy { return softMemoryLimit(app) }, annotations.KeyEnv)
}

func softMemoryLimit(app *guideline.App) guideline.Remedy {
	return writeSoftLimit(app, func() (value, why string) { return softLimitOf(app) })
}

// writeSoftLimit sets GOMEMLIMIT in dapr.io/env to a value, or says why that is not known.
func writeSoftLimit(app *guideline.App, of func() (value, why string)) guideline.Remedy {
	set := app.Template.Annotations
	if why := unclearSoftLimit(app, set); why != "" {
		return guideline.LeaveTo(why)
	}
	value, why := of()
	if why != "" {
		return guideline.LeaveTo(why)
	}
	env, err := dapr.SetEnv(set[annotations.KeyEnv], quantity.GoMemoryLimitVariable, value)
	if err != nil {
		return guideline.LeaveTo(err.Error())
	}
	r := guideline.Annotate(annotations.KeyEnv, env)
	if breaks := brokenReferences(app); breaks != "" {
		r = r.Only(breaks).Risking(breaks)
	}
	was := set[annotations.KeyEnv]
	if end := strings.TrimRightFunc(was, unicode.IsSpace); len(variablesIn(was)[quantity.GoMemoryLimitVariable]) == 0 && len(end) > 1 && strings.HasSuffix(end, ",") {
		r = r.Risking("the comma at the end of dapr.io/env goes, which was part of the last value")
	}
	return r
}

// softLimitOf is 90 % of the memory limit of the next Pod's sidecar, or why that is
// not known.
func softLimitOf(app *guideline.App) (value, why string) {
	d := simulated(app).container
	_, own := app.Sidecar.Simulation.Container.Resources.Limits[corev1.ResourceMemory]
	if gap := app.Gap(snapshot.LimitRanges); !own && gap != nil && gap.Reason != snapshot.NotInInput {
		return "", fmt.Sprintf("the memory limit that holds is not known: %s; set dapr.io/sidecar-memory-limit first, see sidecar-resources", gap)
	}
	limit, limited := d.limit(corev1.ResourceMemory)
	switch bytes := limit.Value(); {
	case !limited:
		return "", "there is no memory limit to take 90 % of: set one first, see sidecar-resources, or take GOMEMLIMIT out of dapr.io/env"
	case bytes < leastMemory:
		return "", "first correct the memory limit, see sidecar-quantities"
	default:
		return quantity.InMiB(int64(wantedShare * float64(bytes))), ""
	}
}

// unclearSoftLimit says why it is not clear what somebody meant with GOMEMLIMIT, so
// that nothing is written over it; empty where it is.
func unclearSoftLimit(app *guideline.App, set map[string]string) string {
	variables := variablesIn(set[annotations.KeyEnv])
	if len(variablesIn(set[annotations.KeyEnvFromSecret])[quantity.GoMemoryLimitVariable]) > 0 {
		return "GOMEMLIMIT is in dapr.io/env-from-secret, which has the last word: set it there, or take it out"
	}
	for name := range variables {
		if bare := strings.TrimSpace(name); bare != name && bare == quantity.GoMemoryLimitVariable || bare != quantity.GoMemoryLimitVariable && strings.EqualFold(bare, quantity.GoMemoryLimitVariable) {
			return "dapr.io/env has it in other letters or with blanks in its name, which Go does not know: write GOMEMLIMIT="
		}
	}
	if misplaced(app) {
		return "dapr.io/env names GOMEMLIMIT, but not as a variable of its own: separate the variables with a comma, without blanks in names"
	}
	for _, value := range variables[quantity.GoMemoryLimitVariable] {
		if strings.ContainsAny(strings.TrimSuffix(value, ","), ",=\r\n") {
			return "the value of GOMEMLIMIT in dapr.io/env goes on with something else, which the injector does not take apart: separate the variables with a comma"
		}
	}
	return ""
}

// variablesIn are the variables of dapr.io/env or dapr.io/env-from-secret, with all
// values that each is given.
func variablesIn(env string) map[string][]string {
	all := map[string][]string{}
	for _, element := range dapr.SplitEnv(env) {
		if name, value, found := strings.Cut(element, "="); found {
			all[name] = append(all[name], value)
		}
	}
	return all
}

// brokenReferences says which references the first variable in dapr.io/env may
// break: with it the injector publishes the list of those that envRef may name
// (pkg/runtime/processor/secret). Empty where there is a list already, or no reference.
func brokenReferences(app *guideline.App) string {
	const then = "the first variable in dapr.io/env ends references to those that are not in it"
	d := simulated(app).container
	if _, listed := lastEnv(d.Container, dapr.EnvKeysEnv); listed {
		return ""
	}
	release := releaseOf(app, d)
	for _, kind := range []struct {
		name     string
		resource snapshot.Resource
		since    int
	}{
		{snapshot.KindComponent, snapshot.Components, 0},
		{snapshot.KindHTTPEndpoint, snapshot.HTTPEndpoints, 0},
		{snapshot.KindMCPServer, snapshot.MCPServers, 18},
	} {
		if !release.AtLeast(1, kind.since, 0) {
			continue
		}
		for _, o := range app.Snapshot.DaprObjectsOf(app.Object.Namespace, kind.name) {
			refers := slices.ContainsFunc(o.Settings, func(s snapshot.Setting) bool { return s.Env != "" })
			if refers && o.Reaches(dapr.Flag(d.Container, "app-id", "")) {
				return fmt.Sprintf("%s %s refers to a variable of daprd by envRef, and %s", kind.name, o.Object.Name, then)
			}
		}
		if gap := app.Gap(kind.resource); gap != nil && gap.Reason != snapshot.NotInInput && gap.Reason != snapshot.Unserved {
			return fmt.Sprintf("whether something refers to a variable of daprd by envRef is not known (%s), and %s", gap, then)
		}
	}
	return ""
}
