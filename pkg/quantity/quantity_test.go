// Copyright The kubectl-dapr-prod Authors.
// SPDX-License-Identifier: Apache-2.0

package quantity_test

import (
	"testing"

	"k8s.io/apimachinery/pkg/api/resource"

	"github.com/dapr-prod/kubectl-dapr-prod/pkg/quantity"
)

func TestParse(t *testing.T) {
	for _, s := range []string{"100m", "1000Mi", "1e3", "1E-3", "0.25", "1G", "5E", "1e999"} {
		got, err := quantity.Parse(s)
		if want := resource.MustParse(s); err != nil || got.Cmp(want) != 0 {
			t.Errorf("%q: %v, %v", s, got, err)
		}
	}
	for _, s := range []string{"", "1000MB", " 100m", "1e-9999999999", "1E99999", "1e+12345"} {
		if q, err := quantity.Parse(s); err == nil {
			t.Errorf("%q is %v", s, q)
		}
	}
}
