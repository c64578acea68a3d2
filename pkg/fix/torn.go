// Copyright The kubectl-dapr-prod Authors.
// SPDX-License-Identifier: Apache-2.0

package fix

import (
	"fmt"
	"slices"
	"strings"

	"github.com/dapr/dapr/pkg/injector/annotations"

	"github.com/dapr-prod/kubectl-dapr-prod/pkg/dapr"
	"github.com/dapr-prod/kubectl-dapr-prod/pkg/plan"
)

// torn says what the next kubectl apply breaks where the manifest has a token's Secret
// as it was, in the annotation or in a variable: daprd and the app need the same. putBack
// are the annotations and fields that it puts back.
func torn(change *plan.Change, putBack []string) []string {
	var all []string
	for _, pair := range [][2]string{{annotations.KeyAPITokenSecret, dapr.APITokenEnv}, {annotations.KeyAppTokenSecret, dapr.AppTokenEnv}} {
		annotation, variable := pair[0], ".env["+pair[1]+"]"
		isVariable := func(key string) bool { return strings.HasSuffix(key, variable) }
		given := 0
		for _, f := range change.Fields {
			if isVariable(f.Path.String()) {
				given++
			}
		}
		daprd, back := slices.Contains(putBack, annotation), 0
		for _, key := range putBack {
			if isVariable(key) {
				back++
			}
		}
		switch {
		case daprd && (back == 0 || back < given):
			all = append(all, fmt.Sprintf("your next kubectl apply gives daprd the old token (%s) and leaves the app the new one, and every call is refused (401): change the manifest first", annotation))
		case !daprd && back > 0:
			all = append(all, fmt.Sprintf("your next kubectl apply gives the app the old token (%s) and leaves daprd the new one, and every call is refused (401): change the manifest first", pair[1]))
		case daprd && len(change.Leaves) > 0:
			all = append(all, fmt.Sprintf("your next kubectl apply names the old Secret again (%s), which is gone then, and no Pod starts: change the manifest first", annotation))
		}
	}
	return all
}
