// Copyright The kubectl-dapr-prod Authors.
// SPDX-License-Identifier: Apache-2.0

package journal_test

import (
	"encoding/json"
	"errors"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/dapr-prod/kubectl-dapr-prod/pkg/journal"
	"github.com/dapr-prod/kubectl-dapr-prod/pkg/snapshot"
)

// marker stands for a secret. It must never reach a file.
const marker = "s3cr3t-MARKER-9f2c"

var orders = snapshot.Object{APIVersion: "apps/v1", Kind: "Deployment", Namespace: "shop", Name: "orders"}

const env = "dapr.io/env"

func text(s string) *string { return &s }

// create makes a journal below folders that are not there yet.
func create(t *testing.T) *journal.Journal {
	t.Helper()
	folder := journal.Folder(filepath.Join(t.TempDir(), "state"), "")
	j, err := journal.Create(journal.NewPath(folder, time.Now()), journal.Header{Tool: "v1", Time: time.Unix(1, 0).UTC(), Context: "kind", Cluster: "abc"})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { j.Close() })
	return j
}

func begin(t *testing.T, j *journal.Journal, object snapshot.Object, changes ...journal.Change) int {
	t.Helper()
	id, err := j.Begin(object, "uid-1", "spec.template", changes)
	if err != nil {
		t.Fatal(err)
	}
	return id
}

func content(t *testing.T, j *journal.Journal) string {
	t.Helper()
	all, err := os.ReadFile(j.Path())
	if err != nil {
		t.Fatal(err)
	}
	return string(all)
}

func record(t *testing.T, j *journal.Journal) *journal.Record {
	t.Helper()
	r, err := journal.Read(j.Path())
	if err != nil {
		t.Fatal(err)
	}
	return r
}

func TestFile(t *testing.T) {
	t.Parallel()
	j := create(t)
	for path, mode := range map[string]os.FileMode{j.Path(): 0o600, filepath.Dir(j.Path()): 0o700 | os.ModeDir} {
		if info, err := os.Stat(path); err != nil || info.Mode() != mode {
			t.Errorf("%s: %v %v, want %v", path, info.Mode(), err, mode)
		}
	}
	before := content(t, j)
	if _, err := journal.Create(j.Path(), journal.Header{}); !errors.Is(err, os.ErrExist) {
		t.Errorf("a second journal in the same file: %v", err)
	}
	if content(t, j) != before {
		t.Error("it is overwritten")
	}
	r := record(t, j)
	if r.Format != journal.Format || r.Tool != "v1" || r.Context != "kind" || r.Cluster != "abc" || !r.Time.Equal(time.Unix(1, 0)) || len(r.Salt) != 16 {
		t.Errorf("header: %+v", r.Header)
	}
	if other := record(t, create(t)); string(other.Salt) == string(r.Salt) {
		t.Error("two journals have one salt")
	}
}

func TestFolder(t *testing.T) {
	t.Parallel()
	for _, test := range []struct{ state, home, want string }{
		{"/var/state", "/home/me", "/var/state/kubectl-dapr-prod"},
		{"", "/home/me", "/home/me/.local/state/kubectl-dapr-prod"},
		{"relative", "/home/me", "/home/me/.local/state/kubectl-dapr-prod"},
	} {
		if got := journal.Folder(test.state, test.home); got != filepath.FromSlash(test.want) {
			t.Errorf("%q %q: %s", test.state, test.home, got)
		}
	}
}

// TestRestore: whatever was there comes back byte by byte, and no file holds a secret.
func TestRestore(t *testing.T) {
	t.Parallel()
	for _, test := range []struct {
		name, key string
		was       *string
		set       string
		kept      bool // the value before stands in the file
	}{
		{name: "a key that was not there", key: env, set: "GOMEMLIMIT=900MiB"},
		{name: "a quantity", key: "dapr.io/sidecar-memory-limit", was: text("1.5Gi"), set: "1000Mi", kept: true},
		{name: "a word that is too long for a slip of the pen", key: "dapr.io/sidecar-seccomp-profile-type", was: text("Unconfined"), set: "RuntimeDefault", kept: true},
		{name: "addresses", key: "dapr.io/sidecar-listen-addresses", was: text("[::],0.0.0.0"), set: "[::1],127.0.0.1", kept: true},
		{name: "a duration", key: "dapr.io/block-shutdown-duration", was: text("1m30s"), set: "20s", kept: true},
		{name: "a time", key: "dapr-prod.github.io/restarted-at", was: text("2026-11-20T10:00:00Z"), set: "2026-11-21T10:00:00Z", kept: true},
		{name: "an empty value", key: env, was: text(""), set: "GOMEMLIMIT=900MiB", kept: true},
		{name: "blanks", key: env, was: text(" \n"), set: "GOMEMLIMIT=900MiB", kept: true},
		{name: "appended", key: env, was: text("PASSWORD=" + marker), set: "PASSWORD=" + marker + ",GOMEMLIMIT=900MiB"},
		{name: "appended after a comma", key: env, was: text("PASSWORD=" + marker + " , \n"), set: "PASSWORD=" + marker + " ,GOMEMLIMIT=900MiB"},
		{name: "appended after blanks", key: env, was: text("PASSWORD=" + marker + " , \n"), set: "PASSWORD=" + marker + ",GOMEMLIMIT=900MiB"},
		{name: "two appended", key: env, was: text("PASSWORD=" + marker + ","), set: "PASSWORD=" + marker + ",GOGC=50,GOMEMLIMIT=900MiB"},
		{name: "set in place", key: env, was: text("A=" + marker + ",GOMEMLIMIT= 900Mi ,B=2"), set: "A=" + marker + ",GOMEMLIMIT=900MiB,B=2"},
		{name: "set in place and appended", key: env, was: text("GOMEMLIMIT=900Mi,B=" + marker + ","), set: "GOMEMLIMIT=900MiB,B=" + marker + ",GOGC=50"},
		{name: "harmless all in all", key: env, was: text("GOMEMLIMIT=900Mi,GOGC=50"), set: "GOMEMLIMIT=900MiB,GOGC=50", kept: true},
		{name: "a short word where anything may stand", key: env, was: text("PASSWORD=hunter"), set: "PASSWORD=hunter,GOMEMLIMIT=900MiB"},
	} {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			j := create(t)
			begin(t, j, orders, journal.Change{Key: test.key, Set: test.set, Was: test.was})
			file := content(t, j)
			if strings.Contains(file, marker) || strings.Contains(file, "hunter") {
				t.Errorf("the secret is in the journal:\n%s", file)
			}
			w := record(t, j).Writes[0]
			f := &w.Fields[0]
			if f.Was != nil && (f.Was.Text != nil) != test.kept {
				t.Errorf("the value before is kept: %v\n%s", !test.kept, file)
			}
			was, state, err := w.Restore(f, &test.set)
			if err != nil || state != journal.AsSet || !same(was, test.was) {
				t.Errorf("restored: %v %v %v", was, state, err)
			}
			if _, state, err := w.Restore(f, test.was); err != nil || state != journal.AsBefore {
				t.Errorf("as before: %v %v", state, err)
			}
			for _, other := range []*string{text(test.set + " "), text("other")} {
				if _, state, _ := w.Restore(f, other); state != journal.Changed {
					t.Errorf("%q: %v", *other, state)
				}
			}
			if _, state, _ := w.Restore(f, nil); test.was != nil && state != journal.Changed {
				t.Errorf("removed: %v", state)
			}
		})
	}
}

func same(a, b *string) bool {
	return a == nil && b == nil || a != nil && b != nil && *a == *b
}

func TestUndoError(t *testing.T) {
	t.Parallel()
	for _, test := range []struct{ name, key, was, set string }{
		{"another annotation", "dapr.io/config", marker, "tracing"},
		{"a long number", "dapr.io/app-port", "12345678901234567890", "80"},
		{"a variable that goes", env, "A=" + marker + ",B=2", "B=2"},
		{"a variable that may be secret", env, "A=" + marker + ",B=2", "A=***,B=2"},
	} {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			j := create(t)
			before := content(t, j)
			var undo *journal.UndoError
			if _, err := j.Begin(orders, "uid-1", "spec.template", []journal.Change{{Key: test.key, Set: test.set, Was: &test.was}}); !errors.As(err, &undo) || undo.Key != test.key || strings.Contains(err.Error(), marker) {
				t.Errorf("error: %v", err)
			}
			if content(t, j) != before {
				t.Error("something is written")
			}
		})
	}
}

// TestTampered: an undo that does not give what was is not used.
func TestTampered(t *testing.T) {
	t.Parallel()
	j := create(t)
	set := "A=" + marker + ",GOMEMLIMIT=900MiB"
	begin(t, j, orders, journal.Change{Key: env, Set: set, Was: text("A=" + marker + ",")})
	path := filepath.Join(t.TempDir(), "copy")
	if err := os.WriteFile(path, []byte(strings.Replace(content(t, j), `"tail":","`, `"tail":", "`, 1)), 0o600); err != nil {
		t.Fatal(err)
	}
	r, err := journal.Read(path)
	if err != nil {
		t.Fatal(err)
	}
	if was, _, err := r.Writes[0].Restore(&r.Writes[0].Fields[0], &set); err == nil || was != nil || strings.Contains(err.Error(), marker) {
		t.Errorf("restored %v: %v", was, err)
	}
}

func TestMarks(t *testing.T) {
	t.Parallel()
	j := create(t)
	change := journal.Change{Key: "dapr.io/log-as-json", Set: "true", Managers: []journal.Manager{{Name: "kubectl-edit", Operation: "Update", APIVersion: "apps/v1"}}}
	payments := orders
	payments.Name = "payments"
	for i, object := range []snapshot.Object{orders, payments, orders, orders} {
		id := begin(t, j, object, change)
		mark := map[int]func(int) error{0: j.Written, 1: j.Refused, 2: j.Written}[i]
		if mark == nil {
			continue // killed before anybody knew
		}
		if err := mark(id); err != nil {
			t.Fatal(err)
		}
	}
	groups := record(t, j).Groups()
	if len(groups) != 1 || groups[0].Object != orders || groups[0].UID != "uid-1" {
		t.Fatalf("groups: %+v", groups)
	}
	var written []bool
	for _, w := range groups[0].Writes {
		written = append(written, w.Written)
	}
	if len(written) != 3 || written[0] || !written[1] || !written[2] {
		t.Errorf("written, newest first: %v", written)
	}
	if got := groups[0].Writes[0].Fields[0].Managers; len(got) != 1 || got[0] != change.Managers[0] {
		t.Errorf("managers: %v", got)
	}
}

// TestWrote: a journal knows whether anything in it could be undone.
func TestWrote(t *testing.T) {
	t.Parallel()
	j := create(t)
	refused := begin(t, j, orders, journal.Change{Key: env, Set: "GOGC=50"})
	if !j.Wrote() {
		t.Error("nobody knows yet whether it is written")
	}
	if err := j.Refused(refused); err != nil || j.Wrote() {
		t.Errorf("it was refused: %v", err)
	}
	begin(t, j, orders, journal.Change{Key: env, Set: "GOGC=50"})
	if !j.Wrote() {
		t.Error("the second may be written")
	}
}

// TestCut cuts a journal off at every byte: it can always be read, up to the last
// line that is whole.
func TestCut(t *testing.T) {
	t.Parallel()
	j := create(t)
	for range 2 {
		if err := j.Written(begin(t, j, orders, journal.Change{Key: env, Set: "GOGC=50"})); err != nil {
			t.Fatal(err)
		}
	}
	whole := content(t, j)
	header := strings.Index(whole, "\n") + 1
	path := filepath.Join(t.TempDir(), "cut")
	for end := range len(whole) {
		if err := os.WriteFile(path, []byte(whole[:end]), 0o600); err != nil {
			t.Fatal(err)
		}
		r, err := journal.Read(path)
		if (err != nil) != (end < header) {
			t.Fatalf("cut at %d: %v", end, err)
		}
		if err == nil && r.Cut == strings.HasSuffix(whole[:end], "\n") {
			t.Fatalf("cut at %d: %t", end, r.Cut)
		}
		if err == nil && len(r.Writes) != strings.Count(whole[:end], "\n{\"write\":")-unfinished(whole[:end]) {
			t.Fatalf("cut at %d: %d writes in\n%s", end, len(r.Writes), whole[:end])
		}
	}
}

// unfinished is 1 where the last line is half of one about a write.
func unfinished(text string) int {
	last := text[strings.LastIndex(text, "\n")+1:]
	if strings.HasPrefix(last, `{"write":`) {
		return 1
	}
	return 0
}

func TestNoJournal(t *testing.T) {
	t.Parallel()
	header, err := json.Marshal(map[string]any{"journal": journal.Header{Format: journal.Format}})
	if err != nil {
		t.Fatal(err)
	}
	for _, test := range []struct{ name, content, want string }{
		{"empty", "", "this is no journal"},
		{"another file", "apiVersion: v1\n", "line 1 is no line of a journal"},
		{"another document", "{}\n", "this is no journal"},
		{"a newer one", `{"journal":{"format":"kubectl-dapr-prod/journal/v2"}}` + "\n", `has the format "kubectl-dapr-prod/journal/v2"`},
		{"damaged", string(header) + "\n{\"wri\n{}\n", "line 2 is no line of a journal"},
		{"an unknown line", string(header) + "\n{\"more\":1}\n", "line 2 is no line of a journal"},
	} {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			path := filepath.Join(t.TempDir(), "journal")
			if err := os.WriteFile(path, []byte(test.content), 0o600); err != nil {
				t.Fatal(err)
			}
			if _, err := journal.Read(path); err == nil || !strings.Contains(err.Error(), test.want) || !strings.Contains(err.Error(), path) {
				t.Errorf("error: %v", err)
			}
		})
	}
}
