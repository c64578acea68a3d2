// Copyright The kubectl-dapr-prod Authors.
// SPDX-License-Identifier: Apache-2.0

package report

import (
	"bytes"
	"crypto/sha256"
	"embed"
	"encoding/base64"
	"html/template"
	"io"
)

//go:embed html
var pages embed.FS

// htmlPage is a page that needs nothing beside itself.
type htmlPage struct {
	Title string
	// Policy is the Content-Security-Policy: what the page holds itself may act, and
	// nothing is loaded from anywhere.
	Policy string
	Style  template.CSS
	Script template.JS
	// View is what the content shows. Its texts are printable.
	View any
}

// writeHTML writes a page: content is the name of its template, script of its program,
// empty where it needs none.
func writeHTML(w io.Writer, title, content, script string, view any) error {
	style, err := pages.ReadFile("html/page.css")
	if err != nil {
		return err
	}
	// Both are files of this package.
	p := htmlPage{Title: title, View: view, Style: template.CSS(style)} //nolint:gosec // see above
	p.Policy = "default-src 'none'; img-src data:; base-uri 'none'; form-action 'none'; style-src " + digest(style)
	if script != "" {
		program, err := pages.ReadFile("html/" + script)
		if err != nil {
			return err
		}
		p.Script = template.JS(program) //nolint:gosec // see above
		p.Policy += "; script-src " + digest(program)
	}
	page, err := template.ParseFS(pages, "html/page.html", "html/"+content)
	if err != nil {
		return err
	}
	var b bytes.Buffer
	if err := page.Execute(&b, p); err != nil {
		return err
	}
	_, err = w.Write(b.Bytes())
	return err
}

// digest names a style or a program in a policy.
func digest(text []byte) string {
	sum := sha256.Sum256(text)
	return "'sha256-" + base64.StdEncoding.EncodeToString(sum[:]) + "'"
}

// printables are texts as a page shows them.
func printables(texts []string) []string {
	var shown []string
	for _, one := range texts {
		shown = append(shown, escape(one))
	}
	return shown
}
