// Copyright The kubectl-dapr-prod Authors.
// SPDX-License-Identifier: Apache-2.0

package collect

import (
	"bytes"
	"errors"
	"os"
	"path/filepath"
	"testing"
)

// FuzzManifests holds that whatever comes in, something comes out: a snapshot,
// an error for each part that is bad, or both, and lines that are in the input.
func FuzzManifests(f *testing.F) {
	for _, test := range sameAsKubectl {
		f.Add([]byte(test.text))
	}
	f.Add([]byte(deployment("a", "b") + "---\n" + deploymentWith("x: 1")))
	files, _ := filepath.Glob("testdata/lines/*")
	for _, file := range files {
		content, err := os.ReadFile(file)
		if err != nil {
			f.Fatal(err)
		}
		f.Add(content)
	}
	f.Fuzz(func(t *testing.T, text []byte) {
		s, err := Manifests{Filenames: []string{"-"}, In: bytes.NewReader(text)}.Read(t.Context())
		if s == nil && !errors.Is(err, ErrNoObjects) {
			t.Fatalf("no snapshot, and %v", err)
		}
		lines := bytes.Count(text, []byte{'\n'}) + 1
		if bytes.ContainsAny(text, "\r\u0085\u2028\u2029") || bytes.HasPrefix(text, []byte{0xFF}) || bytes.HasPrefix(text, []byte{0xFE}) {
			return // what else ends a line in YAML, and other encodings
		}
		if joined, ok := err.(interface{ Unwrap() []error }); ok {
			for _, e := range joined.Unwrap() {
				var document *DocumentError
				if !errors.As(e, &document) || document.Line < 1 || document.Line > lines {
					t.Errorf("%v is not one of %d lines", e, lines)
				}
			}
		}
		if s == nil {
			return
		}
		for _, a := range s.Apps {
			for path, line := range a.Source.Fields {
				if line < 1 || line > lines {
					t.Errorf("%s: line %d of %d", path, line, lines)
				}
			}
		}
	})
}
