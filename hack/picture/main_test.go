// Copyright The kubectl-dapr-prod Authors.
// SPDX-License-Identifier: Apache-2.0

//go:build linux

package main

import (
	"bytes"
	"encoding/xml"
	"errors"
	"io"
	"os"
	"path/filepath"
	"strings"
	"testing"
)

// TestPictures: the pictures in the documents are of what the commands print now.
func TestPictures(t *testing.T) {
	t.Chdir("../..")
	for name, command := range pictures {
		want, err := picture(command)
		if err != nil {
			t.Fatalf("%s: %v", command, err)
		}
		if strings.Contains(string(want), "\x1b") {
			t.Errorf("%s has a sequence in it that is not drawn", name)
		}
		there, err := os.ReadFile(filepath.Join("docs/images", name))
		if err != nil || !bytes.Equal(there, want) {
			t.Errorf("docs/images/%s is not what the command prints: make picture writes it (%v)", name, err)
		}
	}
}

// TestDraw: colours become classes, text stays text, and each run stands at its column.
func TestDraw(t *testing.T) {
	t.Parallel()
	svg := string(draw("check <x>", "\x1b[31m2 errors\x1b[0m, \x1b[33m1 <warning>\n  still yellow\x1b[0m\n"))
	for _, want := range []string{
		`<title>check &lt;x&gt;</title>`,
		`<text x="14.0" y="45.5" textLength="62.4" class="red">2 errors</text>`,
		`<text x="76.4" y="45.5" textLength="7.8">,</text>`,
		`<text x="92.0" y="45.5" textLength="85.8" class="yellow">1 &lt;warning&gt;</text>`,
		`<text x="29.6" y="63.5" textLength="93.6" class="yellow">still yellow</text>`,
	} {
		if !strings.Contains(svg, want) {
			t.Errorf("there is no %s in\n%s", want, svg)
		}
	}
	d := xml.NewDecoder(strings.NewReader(svg))
	for {
		if _, err := d.Token(); errors.Is(err, io.EOF) {
			return
		} else if err != nil {
			t.Fatal(err)
		}
	}
}
