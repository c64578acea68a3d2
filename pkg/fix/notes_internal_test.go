// Copyright The kubectl-dapr-prod Authors.
// SPDX-License-Identifier: Apache-2.0

package fix

import (
	"slices"
	"testing"

	"github.com/dapr-prod/kubectl-dapr-prod/pkg/apply"
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
