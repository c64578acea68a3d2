// Copyright The kubectl-dapr-prod Authors.
// SPDX-License-Identifier: Apache-2.0

package dapr_test

import (
	"strings"
	"testing"

	kitstrings "github.com/dapr/kit/strings"
	corev1 "k8s.io/api/core/v1"

	"github.com/dapr-prod/kubectl-dapr-prod/pkg/dapr"
)

func TestEnabled(t *testing.T) {
	t.Parallel()
	for value, want := range map[string]struct{ wide, strict bool }{
		"true": {true, true}, "True": {true, true}, "TRUE": {true, true},
		"yes": {true, false}, "Y": {true, false}, "on": {true, false}, "1": {true, false}, "t": {true, false}, " true ": {true, false}, "true\n": {true, false},
		"false": {}, "no": {}, "": {}, "ture": {}, "enabled": {}, "T rue": {}, "0": {},
	} {
		for _, version := range []string{"1.13.6", "1.16.19", "1.17.2"} {
			if got := dapr.Enabled(value, parse(t, version)); got != want.wide {
				t.Errorf("Enabled(%q, %s) = %v", value, version, got)
			}
		}
		for _, version := range []string{"1.17.3", "1.17.13", "1.18.0", "1.19.0"} {
			if got := dapr.Enabled(value, parse(t, version)); got != want.strict {
				t.Errorf("Enabled(%q, %s) = %v", value, version, got)
			}
		}
		if dapr.Truthy(value) != kitstrings.IsTruthy(value) {
			t.Errorf("Truthy(%q) is not what Dapr takes for true", value)
		}
		if dapr.Truthy(value) && dapr.Falsy(value) {
			t.Errorf("%q is both", value)
		}
	}
}

func TestFlag(t *testing.T) {
	t.Parallel()
	for _, tt := range []struct {
		name          string
		command, args []string
		want          string
	}{
		{"not there", nil, []string{"/injector", "--other", "x"}, "unset"},
		{"apart", nil, []string{"--flag", "x"}, "x"},
		{"with an equals sign", nil, []string{"--flag=x"}, "x"},
		{"with two equals signs", nil, []string{"--flag=a=b"}, "a=b"},
		{"empty", nil, []string{"--flag=", "x"}, ""},
		{"one hyphen", nil, []string{"-flag", "x"}, "x"},
		{"alone at the end", nil, []string{"--flag"}, "true"},
		{"alone before another", nil, []string{"--flag", "--other"}, "true"},
		{"a negative number", nil, []string{"--flag", "-1", "--other"}, "-1"},
		{"the last counts", nil, []string{"--flag=a", "--flag", "b"}, "b"},
		{"in the command", []string{"/injector", "--flag", "x"}, nil, "x"},
		{"of a longer name", nil, []string{"--flag-more=x"}, "unset"},
		{"its name as a value", nil, []string{"--other", "flag", "x"}, "unset"},
		{"without hyphens", nil, []string{"flag=x"}, "unset"},
		{"under the debugger", []string{"/dlv"}, []string{"--listen=:40000", "--flag=dlv", "exec", "/injector", "--", "--flag", "x"}, "x"},
		{"the debugger's own", []string{"/dlv"}, []string{"--flag=dlv", "exec", "/injector", "--", "--other"}, "unset"},
	} {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			if got := dapr.Flag(&corev1.Container{Command: tt.command, Args: tt.args}, "flag", "unset"); got != tt.want {
				t.Errorf("got %q, want %q", got, tt.want)
			}
		})
	}
}

func TestSwitch(t *testing.T) {
	t.Parallel()
	for args, want := range map[string]bool{
		"--other=true":            false,
		"--switch":                true,
		"--switch --other":        true,
		"--switch=false":          false,
		"--switch=true":           true,
		"--switch=1":              true,
		"--switch=F":              false,
		"--switch=yes":            false,
		"--switch false":          true,
		"--switch --switch=false": false,
		"-switch":                 true,
		"switch":                  false,
	} {
		if got := dapr.Switch(&corev1.Container{Args: strings.Fields("/placement " + args)}, "switch", false); got != want {
			t.Errorf("%s: got %v, want %v", args, got, want)
		}
	}
	if !dapr.Switch(&corev1.Container{}, "switch", true) {
		t.Error("what is not there does not read as unset")
	}
}

func TestNearest(t *testing.T) {
	t.Parallel()
	words := []string{"placement", "scheduler", "sentry"}
	for s, want := range map[string]string{"placment": "placement", "SENTRY": "sentry", "schedular": "scheduler", "operator": "", "": ""} {
		if got := dapr.Nearest(s, words); got != want {
			t.Errorf("Nearest(%q) = %q, want %q", s, got, want)
		}
	}
}
