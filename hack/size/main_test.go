// Copyright The kubectl-dapr-prod Authors.
// SPDX-License-Identifier: Apache-2.0

package main

import "testing"

func TestModuleOf(t *testing.T) {
	t.Parallel()
	modules := map[string]bool{"k8s.io/api": true, "gopkg.in/yaml.v3": true, "helm.sh/helm/v4": true, "k8s.io/client-go": true}
	for symbol, want := range map[string]string{
		"k8s.io/api/core/v1.(*PodSpec).Unmarshal":                             "k8s.io/api",
		"k8s.io/apimachinery/pkg/runtime.Encode":                              "Go's own library and runtime",
		"gopkg.in/yaml%2ev3.Marshal":                                          "gopkg.in/yaml.v3",
		"helm.sh/helm/v4/pkg/action.(*Upgrade).RunWithContext":                "helm.sh/helm/v4",
		"k8s.io/client-go/gentype.(*Client[go.shape.*k8s.io/api/core/v1]).Do": "k8s.io/client-go",
		"slices.insertionSortCmpFunc[go.shape.struct { k8s.io/api/core/v1 }]": "Go's own library and runtime",
		"runtime.main": "Go's own library and runtime",
	} {
		if got := moduleOf(symbol, modules); got != want {
			t.Errorf("%s is of %q, want %q", symbol, got, want)
		}
	}
}
