// Copyright The kubectl-dapr-prod Authors.
// SPDX-License-Identifier: Apache-2.0

package catalogue_test

import (
	"bytes"
	"fmt"
	"io"
	"strings"
	"testing"

	"github.com/rogpeppe/go-internal/txtar"

	"github.com/dapr-prod/kubectl-dapr-prod/pkg/catalogue"
	"github.com/dapr-prod/kubectl-dapr-prod/pkg/evaluate"
	"github.com/dapr-prod/kubectl-dapr-prod/pkg/guideline"
	"github.com/dapr-prod/kubectl-dapr-prod/pkg/report"
)

// marker begins every secret of the cases of component-secrets; number is the one
// that is no text, inName the one that somebody took for a part of the name.
const (
	marker = "M4RKER"
	number = "8472658472"
	inName = "N4ME"
)

// TestSecretsAreNotShown runs all guidelines over the cases of component-secrets:
// no value may come out again, in whatever way the snapshot or the report is printed.
func TestSecretsAreNotShown(t *testing.T) {
	t.Parallel()
	archive, err := txtar.ParseFile("component_secrets.txtar")
	if err != nil {
		t.Fatal(err)
	}
	seen := 0
	for i := 0; i < len(archive.Files); i += 2 {
		input := string(archive.Files[i].Data)
		if !strings.Contains(input, marker) && !strings.Contains(input, number) {
			continue
		}
		seen++
		c := newCase(t, input)
		s := c.read()
		e := evaluate.Run(s, catalogue.All(), evaluate.Options{
			Scopes:  []guideline.Scope{guideline.Apps, guideline.ControlPlane, guideline.Cluster},
			Edition: c.edition,
		})
		printed := map[string]string{
			"the snapshot":        fmt.Sprintf("%v %+v %#v", s, s, s),
			"the snapshot itself": fmt.Sprintf("%v %+v %#v", *s, *s, *s),
		}
		for _, o := range s.DaprObjects {
			printed["the object "+o.Object.Name] = fmt.Sprintf("%v %+v %#v %s", o, o, o, o.Settings)
		}
		for _, app := range s.Apps {
			printed["the app "+app.Object.Name] = fmt.Sprintf("%v %+v %#v %s", app, app, app.Pods, app.Annotations)
		}
		for _, j := range e.Judgements {
			printed["a judgement"] += strings.Join([]string{j.Message, j.Remedy, j.Field, j.Container, j.Object.String(), "\n"}, " ")
		}
		r := report.New(e, report.Tool{})
		for name, write := range map[string]func(io.Writer, *report.Report, report.Options) error{
			"JSON": report.JSON, "YAML": report.YAML, "the table": report.Table, "the wide table": report.Wide,
		} {
			var b bytes.Buffer
			if err := write(&b, r, report.Options{}); err != nil {
				t.Fatal(err)
			}
			printed[name] = b.String()
		}
		for where, text := range printed {
			for _, secret := range []string{marker, number, inName} {
				if secret == inName && (strings.Contains(where, "snapshot") || strings.Contains(where, "object")) {
					continue // names are kept as they are, and masked when they are told
				}
				if at := strings.Index(text, secret); at >= 0 {
					t.Errorf("%s: %s shows a secret: …%s…", archive.Files[i].Name, where, text[max(0, at-80):min(len(text), at+80)])
				}
			}
		}
	}
	if seen < 10 {
		t.Errorf("%d cases with a secret in them", seen)
	}
}
