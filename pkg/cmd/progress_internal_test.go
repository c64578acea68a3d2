// Copyright The kubectl-dapr-prod Authors.
// SPDX-License-Identifier: Apache-2.0

package cmd

import (
	"bytes"
	"testing"
)

func TestThousands(t *testing.T) {
	t.Parallel()
	for n, want := range map[int]string{0: "0", 999: "999", 1000: "1,000", 1234567: "1,234,567"} {
		if got := thousands(n); got != want {
			t.Errorf("%d: %s, want %s", n, got, want)
		}
	}
}

// TestProgress: the line makes room for others, and nothing of it is left.
func TestProgress(t *testing.T) {
	t.Parallel()
	var out bytes.Buffer
	p := &progress{Writer: &out, fd: ^uintptr(0)}
	p.say("Reading %s", "pods")
	p.show() // as if the time had come
	if _, err := p.Write([]byte("above\n")); err != nil {
		t.Fatal(err)
	}
	p.say("more\x1b[31m")
	p.close()
	p.say("nothing")
	const blank = "\r            \r"
	want := "Reading pods" + blank + "above\nReading pods" + blank + "more^[[31m" + "\r          \r"
	if got := out.String(); got != want {
		t.Errorf("got  %q\nwant %q", got, want)
	}
	if newProgress(&out) != nil {
		t.Error("a buffer is no terminal")
	}
}
