// Copyright The kubectl-dapr-prod Authors.
// SPDX-License-Identifier: Apache-2.0

// Command release fills in the manifest for krew from the archives in a folder, as
// krew-release-bot does from those of a release, but without a network:
//
//	release .krew.yaml dist > dist/krew/dapr-prod.yaml
package main

import (
	"crypto/sha256"
	"encoding/json"
	"fmt"
	"io"
	"os"
	"path"
	"path/filepath"
	"strings"
	"text/template"
)

func main() {
	if len(os.Args) != 3 {
		fmt.Fprintln(os.Stderr, "usage: release TEMPLATE DIST")
		os.Exit(2)
	}
	if err := render(os.Stdout, os.Args[1], os.Args[2]); err != nil {
		fmt.Fprintln(os.Stderr, "error:", err)
		os.Exit(1)
	}
}

// render writes the manifest of the archives that GoReleaser left in a folder.
func render(w io.Writer, manifest, dist string) error {
	tag, err := tagOf(dist)
	if err != nil {
		return err
	}
	text, err := os.ReadFile(manifest)
	if err != nil {
		return err
	}
	data := struct{ TagName string }{tag}
	t, err := template.New(filepath.Base(manifest)).Funcs(template.FuncMap{
		"addURIAndSha": func(address, tag string) (string, error) { return addressAndSum(address, tag, dist) },
	}).Parse(string(text))
	if err != nil {
		return err
	}
	return t.Execute(w, data)
}

// tagOf is the tag that the archives are named after.
func tagOf(dist string) (string, error) {
	text, err := os.ReadFile(filepath.Join(dist, "metadata.json"))
	if err != nil {
		return "", fmt.Errorf("%w: goreleaser writes it", err)
	}
	var metadata struct {
		Version string `json:"version"`
	}
	if err := json.Unmarshal(text, &metadata); err != nil || metadata.Version == "" {
		return "", fmt.Errorf("%s/metadata.json tells no version: %w", dist, err)
	}
	return "v" + metadata.Version, nil
}

// addressAndSum is the address of an archive, which is a template itself, and the sum of
// the file of that name in the folder; indented as the manifest is.
func addressAndSum(address, tag, dist string) (string, error) {
	t, err := template.New("address").Parse(address)
	if err != nil {
		return "", err
	}
	var b strings.Builder
	if err := t.Execute(&b, struct{ TagName string }{tag}); err != nil {
		return "", err
	}
	sum, err := sumOf(filepath.Join(dist, path.Base(b.String())))
	return fmt.Sprintf("uri: %s\n    sha256: %s", b.String(), sum), err
}

func sumOf(archive string) (string, error) {
	f, err := os.Open(archive)
	if err != nil {
		return "", err
	}
	defer f.Close()
	sum := sha256.New()
	if _, err := io.Copy(sum, f); err != nil {
		return "", err
	}
	return fmt.Sprintf("%x", sum.Sum(nil)), nil
}
