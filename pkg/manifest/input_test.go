// Copyright The kubectl-dapr-prod Authors.
// SPDX-License-Identifier: Apache-2.0

package manifest

import (
	"cmp"
	"context"
	"errors"
	"io"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/rogpeppe/go-internal/txtar"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
)

// folderOf writes the files of an archive into a folder of their own and goes there.
func folderOf(t *testing.T, archive string) {
	t.Helper()
	t.Chdir(t.TempDir())
	for _, f := range txtar.Parse([]byte(archive)).Files {
		if err := os.MkdirAll(filepath.Dir(f.Name), 0o700); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(f.Name, f.Data, 0o600); err != nil {
			t.Fatal(err)
		}
	}
}

func configMap(name string) string {
	return "apiVersion: v1\nkind: ConfigMap\nmetadata: {name: " + name + "}\n"
}

// read returns the objects read, as "NAME FILE; …", and what is wrong with the rest.
func read(t *testing.T, in Input) (objects string, errs []string) {
	t.Helper()
	var all []string
	err := in.Read(t.Context(), func(d *Document) error {
		var o metav1.PartialObjectMetadata
		if err := d.Decode(&o); err != nil {
			return err
		}
		all = append(all, o.Name+" "+d.File)
		return nil
	})
	if err != nil {
		errs = strings.Split(err.Error(), "\n")
	}
	return strings.Join(all, "; "), errs
}

func TestInputs(t *testing.T) {
	archive := "-- a.yaml --\n" + configMap("a") + "-- b.txt --\n" + configMap("b") +
		"-- dir/c.yml --\n" + configMap("c") + "-- dir/d.json --\n" +
		`{"apiVersion":"v1","kind":"ConfigMap","metadata":{"name":"d"}}` +
		"\n-- dir/e.txt --\nnot: read\n-- dir/sub/f.yaml --\n" + configMap("f") +
		"-- empty/readme.md --\n-- empty/sub/g.yaml --\n" + configMap("g") +
		"-- comments.yaml --\n# nothing\n---\n-- kustomized/kustomization.yaml --\nresources: [x]\n-- kustomized/h.yaml --\n" + configMap("h") +
		"-- only/kustomization.yaml --\napiVersion: kustomize.config.k8s.io/v1beta1\nkind: Kustomization\n"
	for _, test := range []struct {
		name      string
		filenames []string
		recursive bool
		stdin     string
		objects   string
		errs      []string
	}{
		{name: "file", filenames: []string{"a.yaml"}, objects: "a a.yaml"},
		{name: "any extension", filenames: []string{"b.txt"}, objects: "b b.txt"},
		{name: "folder", filenames: []string{"dir"}, objects: "c dir/c.yml; d dir/d.json"},
		{name: "folders in it", filenames: []string{"./dir/"}, recursive: true, objects: "c dir/c.yml; d dir/d.json; f dir/sub/f.yaml"},
		{name: "pattern", filenames: []string{"[ab].*"}, objects: "a a.yaml; b b.txt"},
		{name: "stdin", filenames: []string{"-", "a.yaml"}, objects: "in -; a a.yaml"},
		{name: "twice", filenames: []string{"a.yaml", "./a.yaml"}, objects: "a a.yaml; a ./a.yaml"},
		{name: "kustomization among manifests", filenames: []string{"kustomized"}, objects: "h kustomized/h.yaml"},
		{name: "kustomization", filenames: []string{"kustomized/kustomization.yaml"}, errs: []string{"kustomized/kustomization.yaml:1: a kustomization is not a manifest, have it built: -k kustomized"}},
		{name: "nothing but a kustomization", filenames: []string{"only"}, errs: []string{"the input (only) holds no objects: have the kustomization in it built: -k only"}},
		{name: "kustomization from elsewhere", filenames: []string{"a.yaml", "-"}, stdin: "apiVersion: kustomize.config.k8s.io/v1beta1\nkind: Kustomization\n", objects: "a a.yaml", errs: []string{"-:1: Kustomization: a kustomization is not a manifest, have it built: -k DIR"}},
		{name: "missing", filenames: []string{"x.yaml", "a.yaml"}, objects: "a a.yaml", errs: []string{"x.yaml: no such file or folder: check the path"}},
		{name: "bad pattern", filenames: []string{"[", "a.yaml"}, objects: "a a.yaml", errs: []string{`[: neither a file nor a pattern: close what [ or \ opens`}},
		{name: "empty folder", filenames: []string{"empty", "a.yaml"}, objects: "a a.yaml", errs: []string{"empty: no manifest (.json, .yaml, .yml) is in this folder: name another, or add -R to look into the folders in it"}},
		{name: "not empty with -R", filenames: []string{"empty"}, recursive: true, objects: "g empty/sub/g.yaml"},
		{name: "comments", filenames: []string{"comments.yaml"}, errs: []string{"the input (comments.yaml) holds no objects: name a file, folder or URL with Kubernetes manifests"}},
		{name: "comments and others", filenames: []string{"comments.yaml", "a.yaml"}, objects: "a a.yaml"},
		{name: "stdin twice", filenames: []string{"-", "-"}, errs: []string{"standard input (-) is named twice, and can be read once: name it once"}},
		{name: "nothing named", errs: []string{"no file is named: use -f"}},
		{name: "bad URL", filenames: []string{"http://me:secret@host:x/"}, errs: []string{"http://***: not a URL: check it, and what is to be escaped in it"}},
		{name: "bad port", filenames: []string{"http://host:x/"}, errs: []string{`http://host:x/: not a URL: invalid port ":x" after host`}},
		{name: "no scheme of ours", filenames: []string{"HTTP://me:secret@host/a?token=secret"}, errs: []string{"http://host/a?***: no such file or folder: check the path"}},
	} {
		t.Run(test.name, func(t *testing.T) {
			folderOf(t, archive)
			got, errs := read(t, Input{Filenames: test.filenames, Recursive: test.recursive, Stdin: strings.NewReader(cmp.Or(test.stdin, configMap("in")))})
			if got != test.objects {
				t.Errorf("objects: got %q, want %q", got, test.objects)
			}
			if !slices.Equal(errs, test.errs) {
				t.Errorf("errors:\n got %q\nwant %q", errs, test.errs)
			}
		})
	}
}

// TestNamed: what is not there is found without anything being read.
func TestNamed(t *testing.T) {
	folderOf(t, "-- a.yaml --\n: not a manifest\n-- dir/b.yaml --\n")
	for _, test := range []struct {
		filenames []string
		want      string
	}{
		{filenames: []string{"a.yaml", "dir", "d*", "-", "https://127.0.0.1:1/c.yaml"}},
		{[]string{"a.yaml", "c.yaml", "["}, "c.yaml: no such file or folder: check the path"},
		{[]string{"["}, `[: neither a file nor a pattern: close what [ or \ opens`},
	} {
		got := ""
		if err := Named(test.filenames); err != nil {
			got = err.Error()
		}
		if got != test.want {
			t.Errorf("%q: got %q, want %q", test.filenames, got, test.want)
		}
	}
}

func TestUnreadable(t *testing.T) {
	folderOf(t, "-- a.yaml --\n"+configMap("a")+"-- d/b.yaml --\n"+configMap("b"))
	if err := os.Symlink("d", "link"); err != nil {
		t.Fatal(err)
	}
	if err := os.Symlink("nowhere", "d/c.yaml"); err != nil {
		t.Fatal(err)
	}
	if err := os.Symlink("..", "d/e.yaml"); err != nil {
		t.Fatal(err)
	}
	got, errs := read(t, Input{Filenames: []string{"link"}})
	if want := "b link/b.yaml"; got != want {
		t.Errorf("got %q, want %q", got, want)
	}
	if want := []string{"link/c.yaml: cannot be read: no such file or directory", "link/e.yaml: cannot be read: is a directory"}; !slices.Equal(errs, want) {
		t.Errorf("got %q, want %q", errs, want)
	}
}

func TestURL(t *testing.T) {
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if r.URL.Path != "/a.yaml" {
			http.NotFound(w, r)
			return
		}
		_, _ = io.WriteString(w, configMap("a"))
	}))
	defer server.Close()
	got, errs := read(t, Input{Filenames: []string{server.URL + "/a.yaml", strings.Replace(server.URL, "http://", "http://me:secret@", 1) + "/b.yaml", "http://127.0.0.1:1/c.yaml"}})
	if want := "a " + server.URL + "/a.yaml"; got != want {
		t.Errorf("got %q, want %q", got, want)
	}
	want := server.URL + "/b.yaml: the server answers 404 Not Found: check the URL"
	if len(errs) != 2 || errs[0] != want || errs[1] != "http://127.0.0.1:1/c.yaml: cannot be fetched, connection refused: check the address" {
		t.Errorf("got %q, want %q and one of port 1", errs, want)
	}
}

func TestStopsWhenCancelled(t *testing.T) {
	ctx, cancel := context.WithCancel(context.Background())
	in, hold := io.Pipe()
	defer hold.Close()
	time.AfterFunc(20*time.Millisecond, cancel)
	done := make(chan error)
	go func() {
		done <- Input{Filenames: []string{"-"}, Stdin: in}.Read(ctx, func(*Document) error { return nil })
	}()
	select {
	case err := <-done:
		if !errors.Is(err, context.Canceled) {
			t.Errorf("got %v", err)
		}
	case <-time.After(10 * time.Second):
		t.Fatal("it waits for standard input")
	}
}
