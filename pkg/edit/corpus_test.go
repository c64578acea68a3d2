// Copyright The kubectl-dapr-prod Authors.
// SPDX-License-Identifier: Apache-2.0

package edit_test

import (
	"bytes"
	"flag"
	"os"
	"path/filepath"
	"reflect"
	"slices"
	"strings"
	"testing"

	"github.com/rogpeppe/go-internal/diff"
	"k8s.io/apimachinery/pkg/apis/meta/v1/unstructured"

	"github.com/dapr-prod/kubectl-dapr-prod/pkg/edit"
	"github.com/dapr-prod/kubectl-dapr-prod/pkg/manifest"
)

var update = flag.Bool("update", false, "write the files *.want anew")

// written is what the tests write into each Deployment.
var written = []struct{ key, value string }{
	{"dapr.io/enabled", "true"},
	{"dapr.io/env", "GOMEMLIMIT=900MiB,GREETING=it's \"me\""},
	{"dapr.io/sidecar-cpu-request", "100m"},
	{"dapr.io/sidecar-memory-request", "250Mi"},
}

var annotations = []string{"spec", "template", "metadata", "annotations"}

func sets() []edit.Set {
	var all []edit.Set
	for _, a := range written {
		all = append(all, edit.Set{Path: append(annotations[:4:4], a.key), Value: a.value})
	}
	return all
}

// TestCorpus writes into manifests as people write them. What is not written stays,
// byte for byte; what is read then is what was to be written; and a second time there is
// nothing to do.
func TestCorpus(t *testing.T) {
	t.Parallel()
	files, err := filepath.Glob("testdata/corpus/*.*")
	if err != nil || len(files) == 0 {
		t.Fatal("no corpus")
	}
	for _, file := range files {
		if strings.HasSuffix(file, ".want") || strings.HasSuffix(file, ".gitattributes") {
			continue
		}
		t.Run(filepath.Base(file), func(t *testing.T) {
			t.Parallel()
			before, err := os.ReadFile(file)
			if err != nil {
				t.Fatal(err)
			}
			after := write(t, file, before)
			if again := write(t, file, after); !bytes.Equal(again, after) {
				t.Errorf("a second time:\n%s", diff.Diff("once", after, "twice", again))
			}
			untouched(t, before, after)
			golden(t, file+".want", after)
		})
	}
}

// write writes into all Deployments of a text, and holds what is read then against
// what was to be written.
func write(t *testing.T, file string, before []byte) []byte {
	t.Helper()
	was, spots := read(t, file, before)
	var all []edit.Object
	for i, o := range was {
		if o["kind"] != "Deployment" {
			continue
		}
		all = append(all, edit.Object{Spot: spots[i], Sets: sets()})
		metadata, _, _ := unstructured.NestedFieldNoCopy(o, annotations[:3]...)
		if metadata == nil {
			unstructured.RemoveNestedField(o, annotations[:3]...)
		}
		if notes, _, _ := unstructured.NestedFieldNoCopy(o, annotations...); notes == nil {
			unstructured.RemoveNestedField(o, annotations...)
		}
		for _, a := range written {
			if err := unstructured.SetNestedField(o, a.value, append(annotations[:4:4], a.key)...); err != nil {
				t.Fatal(err)
			}
		}
	}
	after, errs := edit.Write(before, all)
	for _, err := range errs {
		if err != nil {
			t.Fatal(err)
		}
	}
	is, _ := read(t, file, after)
	if !reflect.DeepEqual(was, is) {
		t.Fatalf("not what was to be written:\n%s", diff.Diff("before", before, "after", after))
	}
	return after
}

// read are the objects of a text, and where they stand. Those that take their kind from
// their list are given it.
func read(t *testing.T, file string, text []byte) (all []map[string]any, spots []edit.Spot) {
	t.Helper()
	path := filepath.Join(t.TempDir(), filepath.Base(file))
	if err := os.WriteFile(path, text, 0o600); err != nil {
		t.Fatal(err)
	}
	err := manifest.Input{Filenames: []string{path}}.Read(t.Context(), func(d *manifest.Document) error {
		var o map[string]any
		if err := d.Decode(&o); err != nil {
			return err
		}
		o["kind"], o["apiVersion"] = d.Kind, d.APIVersion
		all, spots = append(all, o), append(spots, d.Spot)
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	return all, spots
}

// untouched holds that all lines are there, in their order, but those with something
// that was written, and those that a comma has been put behind.
func untouched(t *testing.T, before, after []byte) {
	t.Helper()
	words := []string{"annotations", "metadata", "dapr.io/", "true", "yes", "or no", "=", "a\":", "orders #"}
	for _, line := range gone(slices.Collect(bytes.Lines(before)), slices.Collect(bytes.Lines(after))) {
		withComma := append(bytes.TrimRight(line, "\r\n"), ',')
		if !bytes.Contains(after, withComma) && !slices.ContainsFunc(words, func(word string) bool { return bytes.Contains(line, []byte(word)) }) {
			t.Errorf("a line is gone: %q", line)
		}
	}
}

// gone are the lines that are not in the longest sequence that both have.
func gone(before, after [][]byte) [][]byte {
	longest := make([][]int, len(before)+1)
	longest[len(before)] = make([]int, len(after)+1)
	for i := len(before) - 1; i >= 0; i-- {
		longest[i] = make([]int, len(after)+1)
		for j := len(after) - 1; j >= 0; j-- {
			longest[i][j] = max(longest[i+1][j], longest[i][j+1])
			if bytes.Equal(before[i], after[j]) {
				longest[i][j] = longest[i+1][j+1] + 1
			}
		}
	}
	var all [][]byte
	for i, j := 0, 0; i < len(before); {
		switch {
		case j < len(after) && bytes.Equal(before[i], after[j]):
			i, j = i+1, j+1
		case j < len(after) && longest[i][j+1] >= longest[i+1][j]:
			j++
		default:
			all = append(all, slices.Clone(before[i]))
			i++
		}
	}
	return all
}

func golden(t *testing.T, file string, got []byte) {
	t.Helper()
	if *update {
		if err := os.WriteFile(file, got, 0o600); err != nil {
			t.Fatal(err)
		}
	}
	want, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	if !bytes.Equal(got, want) {
		t.Errorf("%s", diff.Diff(file, want, "got", got))
	}
}
