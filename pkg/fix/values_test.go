// Copyright The kubectl-dapr-prod Authors.
// SPDX-License-Identifier: Apache-2.0

package fix_test

import (
	"bytes"
	"strings"
	"testing"

	"github.com/dapr-prod/kubectl-dapr-prod/pkg/catalogue"
	"github.com/dapr-prod/kubectl-dapr-prod/pkg/dapr"
	"github.com/dapr-prod/kubectl-dapr-prod/pkg/fix"
	"github.com/dapr-prod/kubectl-dapr-prod/pkg/manifest"
	"github.com/dapr-prod/kubectl-dapr-prod/pkg/report"
)

// FuzzValues holds that a file of values is either left as it is, with a reason, or has
// nothing to be written a second time; and that no word of it is shown that is not the
// guidelines' or the chart's.
func FuzzValues(f *testing.F) {
	for _, text := range []string{
		"global:\n  ha: {enabled: false} # sesame\n  token: sesame\n",
		"global:\r\n  ha:\r\n    enabled: true\r\n  x: |\r\n    sesame\r\n",
		"\ufeffdapr_operator:\n    watchInterval: '0'",
		"{\"dapr_operator\": {\"watchInterval\": \"sesame\"}}",
		"{\n\t\"global\": {\n\t\t\"ha\": {}\n\t}\n}\n",
		"a: &a {x: sesame}\nglobal: *a\ndapr_sentry: {resources: {<<: *a}}\n",
		"dapr_sentry:\ndapr_placement: ~\n# sesame\ndapr_rbac: null # sesame\n",
		"--- # sesame\nglobal: {}\n---\nsesame: {}\n",
		"dapr_operator:\n- sesame\n",
		"dapr_scheduler: {cluster: {storageSize: !!str sesame}}\n",
	} {
		f.Add([]byte(text))
	}
	values := fix.Values{Release: dapr.NewestVersion(), Guidelines: catalogue.All(), Comment: report.AskedFor}
	f.Fuzz(func(t *testing.T, text []byte) {
		p, err := values.Prepare(manifest.Text{Name: "values.yaml", Content: text})
		if err != nil {
			if strings.Contains(err.Error(), "sesame") {
				t.Errorf("%q: %v", text, err)
			}
			return
		}
		if len(p.Additions) == 0 && !bytes.Equal(p.Next, text) {
			t.Errorf("nothing to write, and it is another:\n%q\n%q", text, p.Next)
		}
		again, err := values.Prepare(manifest.Text{Name: "values.yaml", Content: p.Next})
		if err != nil || len(again.Additions) > 0 || !bytes.Equal(again.Next, p.Next) {
			t.Errorf("a second time: %v\n%q\n%q", err, text, p.Next)
		}
		var shown bytes.Buffer
		file := report.ValuesFile{FileValues: &p.FileValues, Name: "values.yaml", Text: text, Next: p.Next}
		if err := report.ValuesFiles(&shown, []report.ValuesFile{file}, report.Options{}); err != nil {
			t.Fatal(err)
		}
		if strings.Contains(shown.String(), "sesame") && !bytes.Contains(text, []byte("sesame:")) && !bytes.Contains(text, []byte("\"sesame\":")) {
			t.Errorf("%q\n%s", text, shown.String())
		}
	})
}
