// Copyright The kubectl-dapr-prod Authors.
// SPDX-License-Identifier: Apache-2.0

package manifest

import (
	"os"
	"path/filepath"
	"strings"
	"testing"

	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
)

// fields are a choice of those of any workload.
var fields = func() Fields {
	meta := Fields{"name": nil, "annotations": {"[]": nil}, "labels": {"[]": nil}}
	containers := Fields{"[]": {"*": nil}}
	template := Fields{"metadata": meta, "spec": {"containers": containers}}
	return Fields{"metadata": meta, "spec": {
		"replicas":    nil,
		"containers":  containers,
		"template":    template,
		"jobTemplate": {"spec": {"template": template}},
	}}
}()

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
	marks := 0
	err := Input{Filenames: []string{"-"}, Stdin: strings.NewReader(content)}.Read(t.Context(), func(d *Document) error {
		var o metav1.PartialObjectMetadata
		if err := d.Decode(&o); err != nil {
			return err
		}
		lines := d.Lines(fields)
		lines["."] = d.Line()
		checkLines(t, text, lines)
		for key := range o.Annotations {
			if path := "metadata.annotations[" + key + "]"; lines[path] == 0 {
				t.Errorf("%s: no line of %s", o.Name, path)
			}
		}
		marks += checkMarks(t, text, o.Name, lines)
		return nil
	})
	if err != nil {
		t.Error(err)
	}
	if want := strings.Count(content, "# at: "); marks != want {
		t.Errorf("%d of %d marks were checked", marks, want)
	}
}

func checkLines(t *testing.T, text []string, lines map[string]int) {
	t.Helper()
	if first := text[lines["."]-1]; !strings.Contains(first, "{") && !strings.Contains(first, ":") || strings.HasPrefix(first, "#") {
		t.Errorf("the object does not begin on line %d: %q", lines["."], first)
	}
	for path, line := range lines {
		name := path[strings.LastIndexAny(path, ".[")+1:]
		if open := strings.LastIndexByte(path, '['); strings.HasSuffix(path, "]") {
			name = strings.TrimSuffix(path[open+1:], "]")
			if strings.HasSuffix(path[:open], "ontainers") {
				name = "" // an item begins with any of its keys
			}
		}
		if line < 1 || line > len(text) || !strings.Contains(text[line-1], name) {
			t.Errorf("%s is not on line %d", path, line)
		}
	}
}

// checkMarks looks for comments "at: PATH of NAME", which stand on the lines of
// what they name.
func checkMarks(t *testing.T, text []string, object string, lines map[string]int) (checked int) {
	t.Helper()
	for i, line := range text {
		_, mark, found := strings.Cut(line, "# at: ")
		path, name, _ := strings.Cut(mark, " of ")
		if !found || strings.TrimSpace(name) != object {
			continue
		}
		checked++
		if got := lines[path]; got != i+1 {
			t.Errorf("%s of %s: got line %d, want %d", path, name, got, i+1)
		}
	}
	return checked
}
