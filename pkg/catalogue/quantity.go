// Copyright The kubectl-dapr-prod Authors.
// SPDX-License-Identifier: Apache-2.0

package catalogue

import (
	"k8s.io/apimachinery/pkg/api/resource"

	"github.com/dapr-prod/kubectl-dapr-prod/pkg/guideline"
	"github.com/dapr-prod/kubectl-dapr-prod/pkg/sidecar"
)

type resourceQuantity = resource.Quantity

// Sizes in bytes.
const mebibyte = 1 << 20

// anyResource tells whether one of the four resource annotations is set. An
// empty value is none.
func anyResource(set map[string]string) bool {
	for _, key := range sidecar.ResourceAnnotations() {
		if set[key] != "" {
			return true
		}
	}
	return false
}

// badQuantity returns the first resource annotation that does not parse.
func badQuantity(app *guideline.App) (key, value string, bad bool) {
	set, _ := annotated(app)
	keys := sidecar.BadQuantities(set)
	if len(keys) == 0 || app.Sidecar.Simulation.State == sidecar.Manual { // then nobody reads them
		return "", "", false
	}
	return keys[0], set[keys[0]], true
}
