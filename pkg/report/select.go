// Copyright The kubectl-dapr-prod Authors.
// SPDX-License-Identifier: Apache-2.0

package report

import (
	"slices"
	"strings"

	"github.com/dapr-prod/kubectl-dapr-prod/pkg/guideline"
	"github.com/dapr-prod/kubectl-dapr-prod/pkg/snapshot"
)

// shown are the results that a table holds, in the report's order.
func shown(r *Report, o Options) []Result {
	most := r.Summary.Fail
	if o.Show == ShowAll {
		most = len(r.Results)
	}
	results := make([]Result, 0, most)
	for _, result := range r.Results {
		if below(result, o) || o.Show != ShowAll && result.Outcome != guideline.Failed {
			continue
		}
		results = append(results, result)
	}
	return results
}

// First returns the guideline that falls short and that the table names first, on
// a terminal or in a pipe; nothing where none is shown.
func First(r *Report, o Options) string {
	falls := func(result Result) bool { return result.Outcome == guideline.Failed && !below(result, o) }
	first := slices.IndexFunc(r.Results, falls)
	switch {
	case first < 0:
		return ""
	case o.piped():
		return r.Results[first].Guideline
	}
	fails := slices.DeleteFunc(shown(r, o), func(result Result) bool { return result.Outcome != guideline.Failed })
	return sections(fails, newNames(r))[0].parts[0].guideline
}

// below tells whether a result is a fail of less than the severity asked for.
func below(result Result, o Options) bool {
	return result.Outcome == guideline.Failed && result.Severity < o.Severity
}

// rank orders results by how much they want to be read: fails, the worst first,
// then what is not known, then the rest.
func rank(r Result) int {
	const afterFails = int(guideline.Error)
	switch r.Outcome {
	case guideline.Failed:
		return int(guideline.Error - r.Severity)
	case guideline.Unjudged:
		return afterFails
	case guideline.Ignored:
		return afterFails + 1
	case guideline.Passed:
		return afterFails + 2
	default:
		return afterFails + 3
	}
}

// reference is an object as kubectl takes it, without its group:
// "deployment/orders".
func reference(o snapshot.Object) string { return strings.ToLower(o.Kind) + "/" + o.Name }

// place is an object with its namespace: "shop/deployment/orders".
func place(o snapshot.Object) string {
	if o.Namespace == "" {
		return reference(o)
	}
	return o.Namespace + "/" + reference(o)
}
