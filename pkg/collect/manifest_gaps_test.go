// Copyright The kubectl-dapr-prod Authors.
// SPDX-License-Identifier: Apache-2.0

package collect

import (
	"strings"
	"testing"

	"github.com/dapr-prod/kubectl-dapr-prod/pkg/snapshot"
)

func TestManifestsGaps(t *testing.T) {
	limits := "---\napiVersion: v1\nkind: LimitRange\nmetadata: {name: l, namespace: a}\n"
	configuration := "---\napiVersion: dapr.io/v1alpha1\nkind: Configuration\nmetadata: {name: NAME}\n"
	for _, test := range []struct {
		name, text string
		resource   snapshot.Resource
		want       string
	}{
		{"no limit ranges", "", snapshot.LimitRanges, "apps , control-plane "},
		{"limit ranges of one namespace", limits, snapshot.LimitRanges, "apps b, apps c"},
		{"limit ranges of two", limits + strings.Replace(limits, "space: a", "space: c", 1), snapshot.LimitRanges, "apps b"},
		{"no configurations", "", snapshot.Configurations, "apps , control-plane "},
		{"an app's configuration", strings.Replace(configuration, "NAME", "tracing", 1), snapshot.Configurations, "control-plane "},
		{"the control plane's", strings.Replace(configuration, "NAME", "daprsystem", 1), snapshot.Configurations, ""},
	} {
		t.Run(test.name, func(t *testing.T) {
			in := strings.Join([]string{deployment("x", "a"), deployment("x", "b"), deployment("z", "b"), deployment("x", "c")}, "---\n") + test.text
			s, errs := read(t, Manifests{Filenames: []string{"-"}, In: strings.NewReader(in)})
			var hidden []string
			for _, g := range s.Gaps {
				if g.Resource == test.resource {
					hidden = append(hidden, string(g.Place)+" "+g.Namespace)
				}
			}
			if got := strings.Join(hidden, ", "); got != test.want || errs != nil {
				t.Errorf("got %q (%q), want %q", got, errs, test.want)
			}
		})
	}
}
