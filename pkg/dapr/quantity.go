// Copyright The kubectl-dapr-prod Authors.
// SPDX-License-Identifier: Apache-2.0

package dapr

import (
	"fmt"
	"regexp"

	"k8s.io/apimachinery/pkg/api/resource"
)

// absurdExponent finds exponents for which the parser of Kubernetes works out a
// number of millions of digits: "1e-9999999999" keeps it busy for hours.
var absurdExponent = regexp.MustCompile(`[eE][-+]?[0-9]{4,}$`)

// ParseQuantity is the parser of Kubernetes, but for values that would hold it up.
func ParseQuantity(s string) (resource.Quantity, error) {
	if absurdExponent.MatchString(s) {
		return resource.Quantity{}, fmt.Errorf("%w: the exponent is too large", resource.ErrFormatWrong)
	}
	return resource.ParseQuantity(s)
}
