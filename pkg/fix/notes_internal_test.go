// Copyright The kubectl-dapr-prod Authors.
// SPDX-License-Identifier: Apache-2.0

package fix

import (
	"slices"
	"strings"
	"testing"

	"github.com/dapr-prod/kubectl-dapr-prod/pkg/apply"
	"github.com/dapr-prod/kubectl-dapr-prod/pkg/field"
	"github.com/dapr-prod/kubectl-dapr-prod/pkg/plan"
	"github.com/dapr-prod/kubectl-dapr-prod/pkg/snapshot"
)

// TestNotes: what is said of several fields is said once for each who set them.
func TestNotes(t *testing.T) {
	t.Parallel()
	for _, test := range []struct {
		name   string
		result apply.Result
		want   []string
	}{
		{name: "nothing"},
		{
			name: "one field",
			result: apply.Result{
				TakenOver: []apply.Conflict{{Manager: "tuner", Operation: "Apply", Key: "dapr.io/env"}},
				PutBack:   []string{"dapr.io/env"},
			},
			want: []string{
				"takes dapr.io/env over from tuner",
				"the next server-side apply by tuner meets a conflict over dapr.io/env: change it there, too",
				"your manifest has dapr.io/env as it was: change it there, or the next kubectl apply puts it back",
			},
		},
		{
			name: "several fields of two managers",
			result: apply.Result{
				TakenOver: []apply.Conflict{
					{Manager: "kubectl", Operation: "Update", Key: "dapr.io/env"},
					{Manager: "tuner", Operation: "Apply", Key: "dapr.io/env"},
					{Manager: "tuner", Operation: "Apply", Key: "dapr.io/config"},
					{Manager: "tuner", Operation: "Apply", Key: "dapr.io/config"},
				},
				PutBack: []string{"dapr.io/env", "dapr.io/config"},
			},
			want: []string{
				"takes dapr.io/env over from kubectl",
				"takes dapr.io/env, dapr.io/config over from tuner",
				"the next server-side apply by tuner meets a conflict over dapr.io/env, dapr.io/config: change them there, too",
				"your manifest has these as they were: dapr.io/env, dapr.io/config: change them there, or the next kubectl apply puts them back",
			},
		},
	} {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			if got := notes(test.result); !slices.Equal(got, test.want) {
				t.Errorf("got\n%q\nwant\n%q", got, test.want)
			}
		})
	}
}

// TestTorn: what kubectl apply puts back is a risk where daprd and the app need the same.
func TestTorn(t *testing.T) {
	t.Parallel()
	const key = "dapr.io/api-token-secret"
	variable := func(container string) field.Path {
		return field.Path{"spec", "containers", field.Named(container), "env", field.Named("DAPR_API_TOKEN")}
	}
	both := []plan.Field{{Path: variable("app")}, {Path: variable("cache")}}
	app, cache := variable("app").String(), variable("cache").String()
	for _, test := range []struct {
		name    string
		change  plan.Change
		putBack []string
		want    string
	}{
		{"nothing", plan.Change{Fields: both}, nil, ""},
		{"something else", plan.Change{Fields: both}, []string{"dapr.io/env"}, ""},
		{"all of it", plan.Change{Fields: both}, []string{key, app, cache}, ""},
		{"all of it, and the Secret goes", plan.Change{Fields: both, Leaves: []snapshot.Object{{Kind: "Secret"}}}, []string{key, app, cache}, "no Pod starts"},
		{"daprd alone", plan.Change{Fields: both}, []string{key}, "gives daprd the old token"},
		{"daprd and one container", plan.Change{Fields: both}, []string{key, app}, "gives daprd the old token"},
		{"daprd, whose app has the new one already", plan.Change{}, []string{key}, "gives daprd the old token"},
		{"the app alone", plan.Change{Fields: both}, []string{app, cache}, "gives the app the old token"},
	} {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			got := strings.Join(torn(&test.change, test.putBack), "; ")
			if test.want == "" && got != "" || !strings.Contains(got, test.want) {
				t.Errorf("got %q, want %q", got, test.want)
			}
		})
	}
}
