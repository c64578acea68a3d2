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

func TestAbsurd(t *testing.T) {
	for text, want := range map[string]bool{
		"1e9999": true, "1E-9999": true, "e1000": true, `{"cpu":"1e12345"}`: true, `{"cpu":1e12345}`: true, `"1e1234\u0039"`: true, ".5e+1000\n": true,
		"1e999": false, "": false, "e": false, "1e-": false, "1e+999": false,
		`"7fe35f3a-7ff9-4e1234-bc43"`: false, `"3e12345a"`: false, `"de12345"`: false, "2e1234Mi": false,
	} {
		if got := quantity.Absurd([]byte(text)); got != want {
			t.Errorf("%q: got %v, want %v", text, got, want)
		}
	}
}

// FuzzAbsurd holds that what is not absurd is a quantity, or none, within no time.
func FuzzAbsurd(f *testing.F) {
	for _, s := range []string{"1e-9999999999", "1E99999", "-.e+0001000", "1e1000Mi", "Kie9999", "1e9999-", "_1e9999"} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, s string) {
		if quantity.Absurd([]byte(s)) {
			return
		}
		if q, err := resource.ParseQuantity(s); err == nil && len(q.String()) > len(s)+2000 {
			t.Errorf("%q has %d digits", s, len(q.String()))
		}
	})
}
