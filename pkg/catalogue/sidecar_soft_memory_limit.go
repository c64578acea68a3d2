// Copyright The kubectl-dapr-prod Authors.
// SPDX-License-Identifier: Apache-2.0

package catalogue

import (
	"fmt"
	"math"
	"regexp"
	"slices"
	"strconv"
	"strings"

	"github.com/dapr/dapr/pkg/injector/annotations"
	corev1 "k8s.io/api/core/v1"

	"github.com/dapr-prod/kubectl-dapr-prod/pkg/dapr"
	"github.com/dapr-prod/kubectl-dapr-prod/pkg/guideline"
	"github.com/dapr-prod/kubectl-dapr-prod/pkg/quantity"
	"github.com/dapr-prod/kubectl-dapr-prod/pkg/secret"
	"github.com/dapr-prod/kubectl-dapr-prod/pkg/snapshot"
)

// The soft limit's share of the memory limit. The page asks for 0.9, "to leave
// 5-10% for other services"; below lowShare the garbage collector works for nothing (ours).
const (
	wantedShare = 0.9
	highShare   = 0.95
	lowShare    = 0.7
)

var sidecarSoftMemoryLimit = &guideline.Guideline{
	ID:       "sidecar-soft-memory-limit",
	Title:    "the sidecar has a soft memory limit below its memory limit",
	Severity: guideline.Warning,
	Origin:   guideline.Page,
	Section:  "Setting soft memory limits on Dapr sidecar",
	Docs:     page + "#setting-soft-memory-limits-on-dapr-sidecar",
	Why: "Without GOMEMLIMIT Go lets the heap double before it collects, so that a sidecar is killed for memory that it could have given back. " +
		"A value that Go cannot read, such as 900Mi, ends daprd at start.",
	Judged: "GOMEMLIMIT in the environment of daprd, in Go's own grammar, as a share of the memory limit that holds: 0.7 to 0.95 passes. " +
		"Malformed, or above the limit, is an error. A sidecar without a memory limit needs none.",
	Fix:   "add GOMEMLIMIT to dapr.io/env on the Pod template, 90 % of the memory limit, with the suffix MiB, not Mi",
	Traps: "Go knows MiB and not Mi, and daprd ends at start over a value that it cannot read. A comma before NAME= splits dapr.io/env even inside a value. The first variable there makes the injector publish a list of those that components may refer to by envRef.",
	Reads: readsSidecars(
		snapshot.Read{Resource: snapshot.LimitRanges, Place: snapshot.InApps},
		snapshot.Read{Resource: snapshot.Components, Place: snapshot.InApps},
		snapshot.Read{Resource: snapshot.HTTPEndpoints, Place: snapshot.InApps},
		snapshot.Read{Resource: snapshot.MCPServers, Place: snapshot.InApps},
	),
	Mend: mendSoftMemoryLimit,
	App: func(app *guideline.App) []guideline.Result {
		judge := func(app *guideline.App, d container) guideline.Result {
			return judgeSoftMemoryLimit(app, d).At(annotationField(app, annotations.KeyEnv))
		}
		if c := app.Sidecar.Simulated; c != nil {
			if _, own := c.Resources.Limits[corev1.ResourceMemory]; own {
				// A LimitRange fills in what is missing, and changes nothing else.
				return sidecars(app, func(d container) guideline.Result { return judge(app, d) })
			}
		}
		return underLimitRanges(app, judge)
	},
}

func judgeSoftMemoryLimit(app *guideline.App, d container) guideline.Result {
	limit, limited := d.limit(corev1.ResourceMemory)
	env, set := lastEnv(d.Container, quantity.GoMemoryLimitVariable)
	switch {
	case !set && !limited:
		return guideline.Skip("no memory limit")
	case !set && misplaced(app):
		return guideline.Fail("no GOMEMLIMIT: dapr.io/env names it, but not as a variable of its own").
			Do("separate the variables of dapr.io/env with a comma, without blanks in names")
	case !set:
		return guideline.Fail("no GOMEMLIMIT for a memory limit of %s", &limit).
			Do("%s", forLimit(limit, "add GOMEMLIMIT=%s to dapr.io/env on the Pod template"))
	case env.ValueFrom != nil:
		return guideline.Unknown("GOMEMLIMIT comes from a Secret, which is not read")
	}
	soft, off, ok := quantity.GoMemoryLimit(env.Value)
	written := quantity.GoMemoryLimitVariable
	if secret.Harmless(env.Value) {
		written += "=" + env.Value
	}
	switch {
	case !ok:
		return guideline.Fail("%s is not a value that Go can read: daprd ends at start", written).As(guideline.Error).
			Do("%s", forLimit(limit, "write the bytes as a whole number with B, KiB, MiB, GiB or TiB, such as %s"))
	case soft == 0 && !off:
		return guideline.Fail("GOMEMLIMIT=%s: the garbage collector never rests", env.Value).As(guideline.Error).
			Do("%s", forLimit(limit, setSoftLimit))
	case !limited:
		return guideline.Skip("no memory limit")
	case off:
		return guideline.Fail("GOMEMLIMIT is off, for a memory limit of %s", &limit).Do("%s", forLimit(limit, setSoftLimit))
	}
	share := float64(soft) / float64(limit.Value())
	say := func(what string) guideline.Result {
		return guideline.Fail("GOMEMLIMIT=%s is %s of the memory limit of %s: %s", env.Value, percent(share), &limit, what).
			Do("%s", forLimit(limit, setSoftLimit))
	}
	switch {
	case share > 1:
		return say("the sidecar is killed before it collects").As(guideline.Error)
	case share > highShare:
		return say("too close to leave room for what is not heap")
	case share < lowShare:
		return say("the garbage collector works harder than it needs to").As(guideline.Info)
	default:
		return guideline.Pass("GOMEMLIMIT=%s is %s of the memory limit of %s", env.Value, percent(share), &limit)
	}
}

// percent writes a share with one decimal at most.
func percent(share float64) string {
	return strconv.FormatFloat(math.Round(1000*share)/10, 'f', -1, 64) + " %"
}

const setSoftLimit = "set GOMEMLIMIT=%s in dapr.io/env"

// forLimit is a remedy with the value that the page asks for, where there is one: of
// a memory limit that no daprd starts with 90 % is no advice.
func forLimit(limit resourceQuantity, remedy string) string {
	switch bytes := limit.Value(); {
	case bytes == 0:
		return fmt.Sprintf(remedy, "900MiB")
	case bytes < leastMemory:
		return "first correct the memory limit, see sidecar-quantities"
	default:
		return fmt.Sprintf(remedy, quantity.InMiB(int64(wantedShare*float64(bytes))))
	}
}

// lastEnv returns a variable; of several with the same name the last one counts.
func lastEnv(c *corev1.Container, name string) (corev1.EnvVar, bool) {
	for _, e := range slices.Backward(c.Env) {
		if e.Name == name {
			return e, true
		}
	}
	return corev1.EnvVar{}, false
}

// goMemoryLimitName finds the variable's name as a word of its own.
var goMemoryLimitName = regexp.MustCompile(`\bGOMEMLIMIT\b`)

// misplaced tells whether GOMEMLIMIT was written in dapr.io/env and yet is no
// variable of its own.
func misplaced(app *guideline.App) bool {
	set, _ := annotated(app)
	if !goMemoryLimitName.MatchString(set[annotations.KeyEnv]) {
		return false
	}
	return !slices.ContainsFunc(dapr.SplitEnv(set[annotations.KeyEnv]), func(pair string) bool {
		return strings.HasPrefix(pair, "GOMEMLIMIT=")
	})
}
