// Copyright The kubectl-dapr-prod Authors.
// SPDX-License-Identifier: Apache-2.0

package docs_test

import (
	"go/ast"
	"go/parser"
	"go/token"
	"io/fs"
	"net/url"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"
)

var (
	link    = regexp.MustCompile(`\]\(([^)\s]+)\)`)
	code    = regexp.MustCompile("\\[`([A-Za-z.]+)`\\]\\(([^)]+\\.go)\\)")
	heading = regexp.MustCompile(`(?m)^#+ +(.*)$`)
	fence   = regexp.MustCompile("(?ms)^ *```.*?^ *```$")
	// named is a path of this repository in the running text.
	named = regexp.MustCompile("`((?:cmd|docs|examples|hack|pkg|plugins|test)/[A-Za-z0-9_./-]+)`")
	// notAnchor is what GitHub leaves out of a heading's anchor.
	notAnchor = regexp.MustCompile(`[^\p{L}\p{N}_ -]`)
)

// documents are all pages of the repository, from its top folder.
func documents(t *testing.T) []string {
	t.Helper()
	var all []string
	err := filepath.WalkDir("..", func(path string, d fs.DirEntry, err error) error {
		switch {
		case err != nil:
			return err
		case d.IsDir() && (d.Name() == "testdata" || d.Name() == "bin" || d.Name() == "dist" || len(d.Name()) > 2 && d.Name()[0] == '.'):
			return filepath.SkipDir
		case strings.HasSuffix(path, ".md"):
			all = append(all, path)
		}
		return nil
	})
	if err != nil || len(all) < 15 {
		t.Fatalf("%d documents: %v", len(all), err)
	}
	return all
}

func read(t *testing.T, path string) string {
	t.Helper()
	text, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	return string(text)
}

// TestLinks: what a page links to or names is there, the heading as well.
func TestLinks(t *testing.T) {
	t.Parallel()
	for _, page := range documents(t) {
		text := fence.ReplaceAllString(read(t, page), "")
		for _, found := range link.FindAllStringSubmatch(text, -1) {
			target, err := url.Parse(found[1])
			if err != nil || target.IsAbs() {
				continue
			}
			path := filepath.Join(filepath.Dir(page), target.Path)
			if target.Path == "" {
				path = page
			}
			if _, err := os.Stat(path); err != nil {
				t.Errorf("%s links to %s: %v", page, found[1], err)
			} else if target.Fragment != "" && !slices.Contains(anchors(read(t, path)), target.Fragment) {
				t.Errorf("%s links to %s: there is no such heading", page, found[1])
			}
		}
		for _, found := range named.FindAllStringSubmatch(text, -1) {
			_, fromTop := os.Stat(filepath.Join("..", found[1]))
			_, fromHere := os.Stat(filepath.Join(filepath.Dir(page), found[1]))
			if fromTop != nil && fromHere != nil && !invented[found[1]] {
				t.Errorf("%s names %s: %v", page, found[1], fromTop)
			}
		}
	}
}

// invented are the paths of an example.
var invented = map[string]bool{"pkg/catalogue/sidecar_json_logs.go": true}

// anchors are the anchors that GitHub gives to the headings of a page.
func anchors(page string) []string {
	var all []string
	for _, found := range heading.FindAllStringSubmatch(fence.ReplaceAllString(page, ""), -1) {
		all = append(all, strings.ReplaceAll(notAnchor.ReplaceAllString(strings.ToLower(found[1]), ""), " ", "-"))
	}
	return all
}

// TestCode: what a link to a Go file names is declared in it.
func TestCode(t *testing.T) {
	t.Parallel()
	seen := 0
	for _, page := range documents(t) {
		for _, found := range code.FindAllStringSubmatch(read(t, page), -1) {
			seen++
			file := filepath.Join(filepath.Dir(page), found[2])
			if !slices.Contains(declared(t, file), found[1]) {
				t.Errorf("%s says that %s is in %s", page, found[1], file)
			}
		}
	}
	if seen == 0 {
		t.Error("no page names code")
	}
}

// declared are the names that a Go file declares, methods with their receivers.
func declared(t *testing.T, path string) []string {
	t.Helper()
	file, err := parser.ParseFile(token.NewFileSet(), path, nil, parser.SkipObjectResolution)
	if err != nil {
		t.Error(err)
		return nil
	}
	var all []string
	for _, d := range file.Decls {
		switch d := d.(type) {
		case *ast.FuncDecl:
			all = append(all, receiver(d)+d.Name.Name)
		case *ast.GenDecl:
			for _, s := range d.Specs {
				switch s := s.(type) {
				case *ast.TypeSpec:
					all = append(all, s.Name.Name)
				case *ast.ValueSpec:
					for _, name := range s.Names {
						all = append(all, name.Name)
					}
				}
			}
		}
	}
	return all
}

// receiver is what stands before the name of a method.
func receiver(f *ast.FuncDecl) string {
	if f.Recv == nil {
		return ""
	}
	kind := f.Recv.List[0].Type
	if pointer, ok := kind.(*ast.StarExpr); ok {
		kind = pointer.X
	}
	if name, ok := kind.(*ast.Ident); ok {
		return name.Name + "."
	}
	return ""
}
