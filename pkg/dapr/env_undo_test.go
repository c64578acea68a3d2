// Copyright The kubectl-dapr-prod Authors.
// SPDX-License-Identifier: Apache-2.0

package dapr_test

import (
	"slices"
	"strings"
	"testing"

	"github.com/dapr-prod/kubectl-dapr-prod/pkg/dapr"
)

func TestRemoveEnv(t *testing.T) {
	t.Parallel()
	for _, test := range []struct {
		name, value, variable, tail, want string
		refused                           bool
	}{
		{name: "the last of several", value: "A=1,B=2,GOMEMLIMIT=900MiB", variable: "GOMEMLIMIT", want: "A=1,B=2"},
		{name: "with a comma in a value", value: "A=1,2,GOMEMLIMIT=900MiB", variable: "GOMEMLIMIT", want: "A=1,2"},
		{name: "with blanks before it", value: "A=1, \n GOMEMLIMIT=900MiB", variable: "GOMEMLIMIT", want: "A=1"},
		{name: "with what gave way to it", value: "A=1,GOMEMLIMIT=900MiB", variable: "GOMEMLIMIT", tail: " , ", want: "A=1 , "},
		{name: "the only one", value: "GOMEMLIMIT=900MiB", variable: "GOMEMLIMIT", tail: "  ", want: "  "},
		{name: "not the last", value: "GOMEMLIMIT=900MiB,A=1", variable: "GOMEMLIMIT", refused: true},
		{name: "not there", value: "A=1", variable: "GOMEMLIMIT", refused: true},
		{name: "no name", value: "A=1,", variable: "", refused: true},
	} {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			if got, ok := dapr.RemoveEnv(test.value, test.variable, test.tail); got != test.want || ok == test.refused {
				t.Errorf("%q, %v; want %q", got, ok, test.want)
			}
		})
	}
}

func TestRestoreEnv(t *testing.T) {
	t.Parallel()
	for _, test := range []struct {
		name, value   string
		element       int
		variable, was string
		want          string
		refused       bool
	}{
		{name: "in the middle", value: "A=1, B=2 ,C=3", element: 1, variable: "B", was: "9", want: "A=1, B=9,C=3"},
		{name: "with its blanks", value: "A=1, B=2,C=3", element: 1, variable: "B", was: " 9 ", want: "A=1, B= 9 ,C=3"},
		{name: "the first", value: " A = 1,B=2", element: 0, variable: "A", was: "x=y", want: " A =x=y,B=2"},
		{name: "the second of two of one name", value: "A=1,A=2", element: 1, variable: "A", was: "7", want: "A=1,A=7"},
		{name: "another name", value: "A=1,B=2", element: 1, variable: "A", refused: true},
		{name: "past the end", value: "A=1", element: 1, variable: "A", refused: true},
	} {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			if got, ok := dapr.RestoreEnv(test.value, test.element, test.variable, test.was); got != test.want || ok == test.refused {
				t.Errorf("%q, %v; want %q", got, ok, test.want)
			}
		})
	}
}

// FuzzEnvElements: both ways of cutting agree, and nothing is lost.
func FuzzEnvElements(f *testing.F) {
	for _, seed := range []string{"", "A=1", "A=1,B=2", " A = 1 , B=2,", "x,y,A=1,2,_b=3", ",A=1", "A=1,\n\tB==,C="} {
		f.Add(seed)
	}
	f.Fuzz(func(t *testing.T, value string) {
		var values []string
		for _, e := range dapr.EnvElements(value) {
			if e.Name != "" {
				values = append(values, e.Name+"="+strings.TrimSpace(e.Value))
			}
		}
		var want []string
		for _, e := range dapr.SplitEnv(value) {
			if name, v, found := strings.Cut(e, "="); found && strings.TrimSpace(name) != "" {
				want = append(want, strings.TrimSpace(name)+"="+strings.TrimSpace(v))
			}
		}
		if !slices.Equal(values, want) {
			t.Errorf("%q: %q, SplitEnv %q", value, values, want)
		}
	})
}
