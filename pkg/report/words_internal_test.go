// Copyright The kubectl-dapr-prod Authors.
// SPDX-License-Identifier: Apache-2.0

package report

import (
	"slices"
	"strings"
	"testing"

	"github.com/dapr-prod/kubectl-dapr-prod/pkg/snapshot"
)

func TestWrap(t *testing.T) {
	tests := []struct {
		name, text string
		width      int
		want       []string
	}{
		{"nothing", "", 10, []string{""}},
		{"fits", "one two", 7, []string{"one two"}},
		{"one too many", "one two", 6, []string{"one", "two"}},
		{"no word is broken", "seven is eight", 8, []string{"seven is", "eight"}},
		{"unless it is too long", "an extraordinary word", 6, []string{"an", "extrao", "rdinar", "y word"}},
		{"wide characters", "日本語 日本", 7, []string{"日本語", "日本"}},
		{"wide and too long", "日本語", 3, []string{"日", "本", "語"}},
		{"wider than the width", "日本", 1, []string{"日", "本"}},
		{"an address stays in one piece", "see https://docs.dapr.io/operations now", 8, []string{"see", "https://docs.dapr.io/operations", "now"}},
		{"nor do they where a word is broken", "\x1b[31mextraordinary\x1b[0m fox", 7, []string{"\x1b[31mextraor", "dinary\x1b[0m", "fox"}},
		{"a mark stays with the last word", "one two three *", 7, []string{"one two", "three *"}},
		{"and takes that word along", "one two *", 8, []string{"one", "two *"}},
		{"and its end, if that is too long", "extraordinary *", 13, []string{"extraordinar", "y *"}},
		{"elsewhere it is a word", "a * b", 2, []string{"a", "*", "b"}},
		{"colours take no room", "\x1b[31mred\x1b[0m fox", 7, []string{"\x1b[31mred\x1b[0m fox"}},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			if got := wrap(test.text, test.width); !slices.Equal(got, test.want) {
				t.Errorf("got %q, want %q", got, test.want)
			}
		})
	}
}

func TestEscape(t *testing.T) {
	tests := map[string]string{
		"plain":                         "plain",
		"Größe ≥ 3 日本 👍":                "Größe ≥ 3 日本 👍",
		`C:\new`:                        `C:\new`,
		"\x1b[31m":                      "^[[31m",
		"a\r\nb\tc":                     `a\r\nb\tc`,
		"\x00\x07\x7f":                  `\x00\x07\x7f`,
		"\u009b31m":                     `\u009b31m`,
		"\u202eevil\u202c":              `\u202eevil\u202c`,
		"a\u200bb\u00a0c\u2028d":        `a\u200bb\u00a0c\u2028d`,
		"\U000e0041":                    `\U000e0041`,
		"\xff\xc3(":                     `\xff\xc3(`,
		"a replacement: \ufffd is fine": "a replacement: \ufffd is fine",
	}
	for text, want := range tests {
		if got := escape(text); got != want {
			t.Errorf("escape(%q) is %q, want %q", text, got, want)
		}
	}
}

func TestMarkdown(t *testing.T) {
	tests := map[string]string{
		"no word of it is code, and GOMEMLIMIT of 1.17.3 in a ConfigMap neither": "",
		"a * and a <b> and an `":                         `a \* and a \<b> and an \` + "`",
		"set dapr_x.y=2m, then (--z).":                   "set `dapr_x.y=2m`, then (`--z`).",
		`set dapr.io/env: "true" on it`:                  "set `dapr.io/env`: \"true\" on it",
		"gRPC, not kube-* nor a.*":                       "gRPC, not `kube-*` nor `a.*`",
		"readOnly, In [a]; see limits.x":                 "`readOnly`, In `[a]`; see `limits.x`",
		`by kubectl create a N --b=c="$(d -e 3)" in it`:  "by `kubectl create a N --b=c=\"$(d -e 3)\"` in it",
		"with kubectl roll deployment/x in the end":      "with `kubectl roll deployment/x` in the end",
		"dapr mtls -k --until 365 --restart where it is": "`dapr mtls -k --until 365 --restart` where it is",
		"in a helm upgrade (1.17), and kubectl's":        "",
	}
	for text, want := range tests {
		if want == "" {
			want = text
		}
		if got := markdown(text); got != want {
			t.Errorf("%q is %s, want %s", text, got, want)
		}
	}
}

func TestVersion(t *testing.T) {
	tests := map[string]string{
		"":                    "",
		"daprio/daprd":        "",
		"daprio/daprd:1.18.3": "1.18.3",
		"registry:5000/daprio/daprd:1.18.3-mariner":                             "1.18.3-mariner",
		"registry:5000/daprio/daprd":                                            "",
		"daprd:1.18.3@sha256:" + strings.Repeat("a", 64):                        "1.18.3",
		"registry:5000/daprd@sha256:0123456789abcdef" + strings.Repeat("a", 48): "sha256:0123456789ab",
	}
	for image, want := range tests {
		if got := version(image); got != want {
			t.Errorf("version(%q) is %q, want %q", image, got, want)
		}
	}
}

func TestState(t *testing.T) {
	tests := map[string]Sidecar{
		"injected":   {State: "injected"},
		"native":     {State: "injected", Native: true},
		"none":       {State: "off"},
		"manual":     {State: "manual"},
		"denied":     {State: "denied"},
		"excluded":   {State: "excluded"},
		"unknown":    {State: "unread"},
		"running":    {State: "unread", Observed: []Observed{{}}},
		"missing":    {State: "injected", Without: []string{"a"}},
		"partly:2/3": {State: "injected", Native: true, Observed: []Observed{{Pods: []string{"a", "b"}, Native: true}}, Without: []string{"c"}},
	}
	for want, s := range tests {
		if got := state(s); got != want {
			t.Errorf("%+v is %q, want %q", s, got, want)
		}
	}
	for _, s := range []string{"off", "denied", "excluded"} {
		if got := state(Sidecar{State: s, Observed: []Observed{{Pods: []string{"a"}}}, Without: []string{"b"}}); got != "running" {
			t.Errorf("Pods run the sidecar, the template is %s, and the state is %q", s, got)
		}
	}
	if got := state(Sidecar{State: "injected", Native: true, Observed: []Observed{{}}}); got != "injected" {
		t.Errorf("Pods run the sidecar as a container, and the state is %q", got)
	}
}

// TestPattern: two findings are alike where only values and the names of their
// own object differ.
func TestPattern(t *testing.T) {
	orders := snapshot.Object{Kind: "Deployment", Namespace: "shop", Name: "orders"}
	carts := snapshot.Object{Kind: "Deployment", Namespace: "bank", Name: "carts"}
	tests := []struct {
		name, a, b string
		alike      bool
	}{
		{"the same", "no CPU limit", "no CPU limit", true},
		{"another demand", "no CPU limit", "no memory limit", false},
		{"quantities", "GOMEMLIMIT=900MiB of 1000Mi", "GOMEMLIMIT=90MiB of 100Mi", true},
		{"quoted", `the value "a, \"b\"" is odd`, `the value "" is odd`, true},
		{"another setting", `cpu-limit "x" is odd`, `memory-limit "x" is odd`, false},
		{"its name", "Pods of orders", "Pods of carts", true},
		{"its Pods", "without daprd: orders-abc-x", "without daprd: carts-def-y", true},
		{"its namespace", "in namespace shop", "in namespace bank", true},
		{"an object of its namespace", "also shop/canary", "also bank/other", true},
		{"the name of another", "also carts", "also orders", false},
		{"more of them", "1, 2", "1, 2, 3", false},
		{"a blank more", "a b", "ab", false},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			if alike := pattern(test.a, orders) == pattern(test.b, carts); alike != test.alike {
				t.Errorf("alike is %v", alike)
			}
		})
	}
	if pattern("mounts /a", snapshot.Object{Name: "x"}) == pattern("mounts /b", snapshot.Object{Name: "x"}) {
		t.Error("an object without a namespace takes words for its own")
	}
}
