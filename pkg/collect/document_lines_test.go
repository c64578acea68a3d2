// Copyright The kubectl-dapr-prod Authors.
// SPDX-License-Identifier: Apache-2.0

package collect

import (
	"maps"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/dapr-prod/kubectl-dapr-prod/pkg/snapshot"
)

// TestLines holds the lines of all fields against the text: the line of a field
// must bear its name.
func TestLines(t *testing.T) {
	files, err := filepath.Glob("testdata/lines/*")
	if err != nil || len(files) == 0 {
		t.Fatal("no files", err)
	}
	for _, file := range files {
		content, err := os.ReadFile(file)
		if err != nil {
			t.Fatal(err)
		}
		t.Run(filepath.Base(file), func(t *testing.T) { checkFile(t, string(content)) })
		t.Run(filepath.Base(file)+" of Windows", func(t *testing.T) {
			checkFile(t, "\ufeff"+strings.ReplaceAll(string(content), "\n", "\r\n"))
		})
	}
}

func checkFile(t *testing.T, content string) {
	t.Helper()
	text := strings.Split(content, "\n")
	s, errs := read(t, Manifests{Filenames: []string{"-"}, In: strings.NewReader(content)})
	if errs != nil || len(s.Apps) == 0 {
		t.Fatal("no apps", errs)
	}
	marks := 0
	for _, a := range s.Apps {
		checkLines(t, text, a.Source)
		for key := range a.Template.Annotations {
			if path := a.Template.AnnotationPath(key); a.Source.Fields[path] == 0 {
				t.Errorf("%s: no line of %s", a.Object, path)
			}
		}
		for key := range a.Annotations {
			if path := "metadata.annotations[" + key + "]"; a.Source.Fields[path] == 0 {
				t.Errorf("%s: no line of %s", a.Object, path)
			}
		}
		marks += checkMarks(t, text, a)
	}
	if want := strings.Count(content, "# at: "); marks != want {
		t.Errorf("%d of %d marks were checked", marks, want)
	}
}

func checkLines(t *testing.T, text []string, src snapshot.Source) {
	t.Helper()
	if first := text[src.Line-1]; !strings.Contains(first, "{") && !strings.Contains(first, ":") || strings.HasPrefix(first, "#") {
		t.Errorf("the object does not begin on line %d: %q", src.Line, first)
	}
	for _, path := range slices.Sorted(maps.Keys(src.Fields)) {
		name := path[strings.LastIndexAny(path, ".[")+1:]
		if open := strings.LastIndexByte(path, '['); strings.HasSuffix(path, "]") {
			name = strings.TrimSuffix(path[open+1:], "]")
			if strings.HasSuffix(path[:open], "ontainers") {
				name = "" // an item begins with any of its keys
			}
		}
		line := src.Fields[path]
		if line < 1 || line > len(text) || !strings.Contains(text[line-1], name) {
			t.Errorf("%s is not on line %d", path, line)
		}
	}
}

// checkMarks looks for comments "at: PATH of NAME", which stand on the lines of
// what they name.
func checkMarks(t *testing.T, text []string, a snapshot.App) (checked int) {
	t.Helper()
	for i, line := range text {
		_, mark, found := strings.Cut(line, "# at: ")
		path, name, _ := strings.Cut(mark, " of ")
		if !found || strings.TrimSpace(name) != a.Object.Name {
			continue
		}
		checked++
		got := a.Source.Line
		if path != "." {
			got = a.Source.Fields[path]
		}
		if got != i+1 {
			t.Errorf("%s of %s: got line %d, want %d", path, name, got, i+1)
		}
	}
	return checked
}
