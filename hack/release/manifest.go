// Copyright The kubectl-dapr-prod Authors.
// SPDX-License-Identifier: Apache-2.0

package main

import (
	"errors"
	"fmt"
	"path/filepath"
	"regexp"
	"slices"
	"strings"

	"sigs.k8s.io/yaml"
)

// plugin is a manifest as krew reads it.
type plugin struct {
	APIVersion string `json:"apiVersion"`
	Kind       string `json:"kind"`
	Metadata   struct {
		Name string `json:"name"`
	} `json:"metadata"`
	Spec struct {
		Version          string     `json:"version"`
		Homepage         string     `json:"homepage"`
		ShortDescription string     `json:"shortDescription"`
		Description      string     `json:"description"`
		Caveats          string     `json:"caveats"`
		Platforms        []platform `json:"platforms"`
	} `json:"spec"`
}

// platform is where to get the plugin for one machine.
type platform struct {
	Selector struct {
		MatchLabels map[string]string `json:"matchLabels"`
	} `json:"selector"`
	URI    string `json:"uri"`
	SHA256 string `json:"sha256"`
	Bin    string `json:"bin"`
	Files  []struct {
		From string `json:"from"`
		To   string `json:"to"`
	} `json:"files,omitempty"`
}

// on tells of which machine it is, as in "linux/amd64".
func (p platform) on() string {
	return p.Selector.MatchLabels["os"] + "/" + p.Selector.MatchLabels["arch"]
}

// supported are the machines that a release is for.
var supported = []string{"darwin/amd64", "darwin/arm64", "linux/amd64", "linux/arm64", "windows/amd64", "windows/arm64"}

var (
	versions = regexp.MustCompile(`^v(0|[1-9]\d*)\.(0|[1-9]\d*)\.(0|[1-9]\d*)(-[0-9A-Za-z-]+(\.[0-9A-Za-z-]+)*)?$`)
	sums     = regexp.MustCompile(`^[a-f0-9]{64}$`)
)

// parse reads a manifest, and holds it against what krew, its index and those who
// review for that ask for. krew itself is no module that could be asked.
func parse(text []byte) (*plugin, error) {
	var p plugin
	if err := yaml.UnmarshalStrict(text, &p); err != nil {
		return nil, err
	}
	var errs []error
	want := func(holds bool, format string, args ...any) {
		if !holds {
			errs = append(errs, fmt.Errorf(format, args...))
		}
	}
	want(p.APIVersion == "krew.googlecontainertools.github.com/v1alpha2" && p.Kind == "Plugin", "it is a %s of %s", p.Kind, p.APIVersion)
	want(p.Metadata.Name == "dapr-prod", "it is called %q", p.Metadata.Name)
	want(versions.MatchString(p.Spec.Version), "version %q is no v and a semantic version", p.Spec.Version)
	short := p.Spec.ShortDescription
	want(short != "" && len(short) <= 50 && !strings.ContainsAny(short, "\r\n"), "the short description has %d characters: one line of 50 at most", len(short))
	want(p.Spec.Description != "" && p.Spec.Homepage != "", "there is no description or no homepage")
	for line := range strings.Lines(p.Spec.Description) {
		want(len(line) <= 81, "a line of the description is longer than 80: %s", line)
	}
	var machines []string
	for _, platform := range p.Spec.Platforms {
		machines = append(machines, platform.on())
		errs = append(errs, platform.check(p.Spec.Version))
	}
	slices.Sort(machines)
	want(slices.Equal(machines, supported), "it is for %v, want %v", machines, supported)
	return &p, errors.Join(errs...)
}

// check holds the part for one machine against krew's rules.
func (p platform) check(version string) error {
	var errs []error
	want := func(holds bool, what string) {
		if !holds {
			errs = append(errs, fmt.Errorf("%s: %s", p.on(), what))
		}
	}
	want(len(p.Selector.MatchLabels) == 2, "the selector takes os and arch, and nothing else")
	want(strings.HasPrefix(p.URI, "https://") && strings.HasSuffix(p.URI, ".tar.gz"), "the archive is no .tar.gz behind https: "+p.URI)
	want(strings.Count(p.URI, version) == 2, "the address is not that of "+version+": "+p.URI)
	want(sums.MatchString(p.SHA256), "the sum is no 64 lower-case hexadecimal digits: "+p.SHA256)
	for _, f := range p.Files {
		want(f.To == filepath.Clean(f.To), "no clean path: "+f.To)
	}
	bin := "kubectl-dapr_prod"
	if p.Selector.MatchLabels["os"] == "windows" {
		bin += ".exe"
	}
	want(p.Bin == bin, "the program is called "+p.Bin)
	return errors.Join(errs...)
}
