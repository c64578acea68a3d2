// Copyright The kubectl-dapr-prod Authors.
// SPDX-License-Identifier: Apache-2.0

package manifest

import (
	"bytes"
	"errors"
	"math"
	"os"
	"path/filepath"
	"testing"

	appsv1 "k8s.io/api/apps/v1"
)

// FuzzRead holds that whatever comes in, something comes out: objects, an error
// for each part that is bad, or both, and lines that are in the input.
func FuzzRead(f *testing.F) {
	for _, test := range sameAsKubectl {
		f.Add([]byte(test.text))
	}
	files, _ := filepath.Glob("testdata/lines/*")
	for _, file := range files {
		content, err := os.ReadFile(file)
		if err != nil {
			f.Fatal(err)
		}
		f.Add(content)
	}
	f.Fuzz(func(t *testing.T, text []byte) {
		lines := bytes.Count(text, []byte{'\n'}) + 1
		if bytes.ContainsAny(text, "\r\u0085\u2028\u2029") || bytes.HasPrefix(text, []byte{0xFF}) || bytes.HasPrefix(text, []byte{0xFE}) {
			lines = math.MaxInt // what else ends a line in YAML, and other encodings
		}
		err := Input{Filenames: []string{"-"}, Stdin: bytes.NewReader(text)}.Read(t.Context(), func(d *Document) error {
			for path, line := range d.Lines(fields) {
				if line < 1 || line > lines {
					t.Errorf("%s: line %d of %d", path, line, lines)
				}
			}
			return d.Decode(&appsv1.Deployment{})
		})
		joined, several := err.(interface{ Unwrap() []error })
		if err == nil || !several || errors.Is(err, ErrNoObjects) {
			return
		}
		for _, e := range joined.Unwrap() {
			var document *Error
			if !errors.As(e, &document) || document.Line < 1 || document.Line > lines {
				t.Errorf("%v is not one of %d lines", e, lines)
			}
		}
	})
}
