// Copyright The kubectl-dapr-prod Authors.
// SPDX-License-Identifier: Apache-2.0

//go:build release

package main

import (
	"archive/tar"
	"bytes"
	"compress/gzip"
	"errors"
	"io"
	"os"
	"os/exec"
	"path"
	"path/filepath"
	"runtime"
	"strings"
	"testing"
)

// built is what GoReleaser left. After make release-linux that is the archive of one
// machine; for the others the manifest is rendered from stand-ins.
func built(t *testing.T) (p *plugin, folder string) {
	t.Helper()
	tag, err := tagOf("../../dist")
	if err != nil {
		t.Fatalf("%v: make release-snapshot or make release-linux comes before", err)
	}
	folder = dist(t, strings.TrimPrefix(tag, "v"))
	archives, err := filepath.Glob("../../dist/*.tar.gz")
	if err != nil || len(archives) == 0 {
		t.Fatalf("there is no archive in dist: %v", err)
	}
	for _, archive := range archives {
		content, err := os.ReadFile(archive)
		if err != nil {
			t.Fatal(err)
		}
		write(t, folder, filepath.Base(archive), string(content))
	}
	var text bytes.Buffer
	if err := render(&text, krewTemplate, folder); err != nil {
		t.Fatal(err)
	}
	if p, err = parse(text.Bytes()); err != nil {
		t.Fatal(err)
	}
	if whole, err := os.ReadFile("../../dist/krew/dapr-prod.yaml"); err == nil && !bytes.Equal(whole, text.Bytes()) {
		t.Errorf("dist/krew/dapr-prod.yaml is not of these archives:\n%s\nwant\n%s", whole, text.Bytes())
	}
	return p, folder
}

// extract takes an archive apart as krew does, which takes folders and files, and
// nothing that leads out of the folder.
func extract(t *testing.T, archive, folder string) map[string]os.FileMode {
	t.Helper()
	f, err := os.Open(archive)
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	unzipped, err := gzip.NewReader(f)
	if err != nil {
		t.Fatal(err)
	}
	modes := map[string]os.FileMode{}
	for r := tar.NewReader(unzipped); ; {
		header, err := r.Next()
		if errors.Is(err, io.EOF) {
			return modes
		}
		if err != nil {
			t.Fatal(err)
		}
		if header.Typeflag != tar.TypeReg || !filepath.IsLocal(header.Name) || path.Clean(header.Name) != header.Name {
			t.Fatalf("krew does not take %q of type %c", header.Name, header.Typeflag)
		}
		mode := header.FileInfo().Mode()
		modes[header.Name] = mode
		content, err := io.ReadAll(r)
		if err == nil {
			err = os.WriteFile(filepath.Join(folder, header.Name), content, mode)
		}
		if err != nil {
			t.Fatal(err)
		}
	}
}

// TestArchives: each holds the program, the licence and the completion, and nothing else.
func TestArchives(t *testing.T) {
	t.Parallel()
	p, folder := built(t)
	for _, platform := range p.Spec.Platforms {
		archive := filepath.Join(folder, path.Base(platform.URI))
		if info, err := os.Stat(archive); err != nil || info.Size() < 1000 {
			t.Logf("%s was not built", platform.on())
			continue
		}
		modes := extract(t, archive, t.TempDir())
		for name, mode := range map[string]os.FileMode{platform.Bin: 0o755, "kubectl_complete-dapr_prod": 0o755, "LICENSE": 0o644} {
			if modes[name] != mode {
				t.Errorf("%s: %s has the mode %v, want %v", platform.on(), name, modes[name], mode)
			}
		}
		if len(modes) != 3 {
			t.Errorf("%s holds %v", platform.on(), modes)
		}
	}
}

// TestInstalled: installed as krew does it, the plugin runs under kubectl.
func TestInstalled(t *testing.T) {
	t.Parallel()
	if runtime.GOOS != "linux" {
		t.Skip("krew makes no links elsewhere")
	}
	p, folder := built(t)
	root := t.TempDir()
	bin := filepath.Join(root, "bin")
	store := filepath.Join(root, "store", p.Metadata.Name, p.Spec.Version)
	for _, dir := range []string{bin, store} {
		if err := os.MkdirAll(dir, 0o755); err != nil {
			t.Fatal(err)
		}
	}
	extract(t, filepath.Join(folder, archiveOf(p.Spec.Version, runtime.GOOS+"/"+runtime.GOARCH)), store)
	link := "kubectl-" + strings.ReplaceAll(p.Metadata.Name, "-", "_")
	if err := os.Symlink(filepath.Join(store, link), filepath.Join(bin, link)); err != nil {
		t.Fatal(err)
	}
	// krew links one program; the completion is for the user to put on PATH.
	if err := os.Symlink(filepath.Join(store, "kubectl_complete-dapr_prod"), filepath.Join(bin, "kubectl_complete-dapr_prod")); err != nil {
		t.Fatal(err)
	}
	kubectl, err := filepath.Abs("../../bin/kubectl")
	if err != nil {
		t.Fatal(err)
	}
	run := func(args ...string) string {
		c := exec.CommandContext(t.Context(), kubectl, args...)
		c.Env = []string{"PATH=" + bin + ":" + filepath.Dir(kubectl) + ":/usr/bin:/bin", "HOME=" + root}
		var stderr bytes.Buffer
		c.Stderr = &stderr
		out, err := c.Output()
		if err != nil {
			t.Errorf("kubectl %q: %v\n%s", args, err, stderr.Bytes())
		}
		return string(out)
	}
	if out := run("dapr-prod", "version"); !strings.Contains(out, "Plugin: "+strings.TrimPrefix(p.Spec.Version, "v")+"\n") {
		t.Errorf("the version is not %s:\n%s", p.Spec.Version, out)
	}
	if out := run("__complete", "dapr-prod", "che"); !strings.HasPrefix(out, "check\t") {
		t.Errorf("che becomes\n%s", out)
	}
	if out := run("dapr-prod", "check", "-f", "../../examples/shop", "--fail-on=never"); !strings.Contains(out, "sidecar-injected") {
		t.Errorf("the shop is checked as\n%s", out)
	}
}
