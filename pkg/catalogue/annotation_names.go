// Copyright The kubectl-dapr-prod Authors.
// SPDX-License-Identifier: Apache-2.0

package catalogue

import (
	"fmt"
	"maps"
	"slices"
	"strings"

	"github.com/dapr-prod/kubectl-dapr-prod/pkg/dapr"
	"github.com/dapr-prod/kubectl-dapr-prod/pkg/guideline"
)

// judgeAnnotationNames finds names that the release does not know.
func judgeAnnotationNames(app *guideline.App, set map[string]string, field func(string) string) []guideline.Result {
	var results []guideline.Result
	var unknown []string
	for _, key := range slices.Sorted(maps.Keys(set)) {
		switch {
		case !dapr.IsAnnotation(key):
		case !dapr.KnowsAnnotation(key):
			unknown = append(unknown, key)
		default:
			if since, reads := dapr.AnnotationSince(key, app.Injector.Version); !reads {
				results = append(results, guideline.Fail("%s is read from Dapr %s on; this is %s, which passes over it", key, since, app.Injector.Version).
					As(guideline.Warning).At(field(key)).Do("upgrade Dapr, or do without"))
			}
		}
	}
	if len(unknown) == 0 {
		return results
	}
	at := field(unknown[0])
	for i, key := range unknown[:min(most, len(unknown))] {
		if near := dapr.NearestAnnotation(key); near != "" {
			unknown[i] = fmt.Sprintf("%s (did you mean %s?)", key, near)
		}
	}
	return append(results, guideline.Fail("unknown to Dapr: %s", some(unknown)).As(guideline.Info).At(at))
}

// most is how many words some lists.
const most = 5

// some lists the first few words.
func some(words []string) string {
	return listed(words[:min(most, len(words))], len(words))
}

// listed lists words, and says how many there are beside them.
func listed(words []string, all int) string {
	text := strings.Join(words, ", ")
	if all > len(words) {
		text += fmt.Sprintf(" and %d more", all-len(words))
	}
	return text
}
