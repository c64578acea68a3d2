// Copyright The kubectl-dapr-prod Authors.
// SPDX-License-Identifier: Apache-2.0

package overlay

import (
	"fmt"
	"path/filepath"
	"regexp"
	"strings"

	"github.com/dapr-prod/kubectl-dapr-prod/pkg/manifest"
)

// known are what kustomize says, and what is said of it here; the first that is found counts.
// Its errors hold whole patches and generators, in which there may be secrets: nothing of
// them is repeated but what is matched.
var known = []struct {
	says *regexp.Regexp
	why  string
}{
	{regexp.MustCompile(`hit ([0-9a-z.]+) timeout running '[^ '\n]*git`), "a remote base was not fetched within $1: copy it into a folder"},
	{regexp.MustCompile(`failed to run '[^ '\n]*git`), "a remote base cannot be fetched with git"},
	{regexp.MustCompile(`no 'git' program|exec: "git"`), "a base is in a repository, and git is not there to fetch it"},
	{regexp.MustCompile(`HTTP Error: status code (\d+)`), "a remote resource cannot be fetched, the server answers $1"},
	{regexp.MustCompile(`dial tcp|no such host|connection refused|evalsymlink failure on '[^'\n]*https?:/`), "a remote resource cannot be fetched"},
	{regexp.MustCompile(`kustomization.yaml is empty`), "its kustomization, or that of a base, is empty"},
	{regexp.MustCompile(`unable to find one of 'kustomization.yaml', [^/\n]*'([^'\n]*)'`), "no kustomization.yaml is in $1"},
	{regexp.MustCompile(`Found multiple kustomization files under: ([^\s"]+)`), "more than one kustomization is in $1"},
	{regexp.MustCompile(`evalsymlink failure on '([^'\n]*)'`), "$1 is not there"},
	{regexp.MustCompile(`security; file '([^'\n]*)' is not in or below '([^'\n]*)'`), "$1 is not in or below $2, and it reads no other files"},
	{regexp.MustCompile(`cycle detected: candidate root '([^'\n]*)'`), "$1 is a base of itself"},
	{regexp.MustCompile(`no matches for \w+ ([\w./\[\]-]+)`), "a patch is for $1, which is not among its resources"},
	{regexp.MustCompile(`multiple matches for \w+ ([\w./\[\]-]+)`), "a patch is for $1, which is there more than once"},
	{regexp.MustCompile(`may not add resource with an already registered id: ([\w./\[\]-]+)`), "$1 is among its resources twice"},
	{regexp.MustCompile(`unknown field \\*"(\w+)\\*"`), "the kustomization has a field \"$1\" that kustomize does not know"},
	{regexp.MustCompile(`unable to parse SM or JSON patch`), "a patch in it is neither a strategic merge nor a JSON patch"},
	{regexp.MustCompile(`yaml: |(?i)malformed ?yaml`), "a file in it is malformed YAML"},
}

// explain says in one sentence why a kustomization is not built.
func (o *Overlay) explain(err error) error {
	text := err.Error()
	if o.root == "" && strings.Contains(text, "evalsymlink failure") {
		return fmt.Errorf("-k %s: no such folder: check the path", manifest.Printable(o.Dir))
	}
	for _, k := range known {
		m := k.says.FindStringSubmatchIndex(text)
		if m == nil {
			continue
		}
		return o.unbuilt(o.named(string(k.says.ExpandString(nil, k.why, text, m))))
	}
	return o.unbuilt("kustomize refuses it")
}

// paths are those that kustomize makes of what it is given.
var paths = regexp.MustCompile(`(^| )/[^ ,]+`)

// named names files as the folder was named.
func (o *Overlay) named(why string) string {
	return paths.ReplaceAllStringFunc(why, func(path string) string {
		path, spaced := strings.CutPrefix(path, " ")
		if inside, err := filepath.Rel(o.root, path); err == nil && o.root != "" {
			path = filepath.Join(o.Dir, inside)
		}
		if spaced {
			return " " + path
		}
		return path
	})
}

// unbuilt names the command that says more, which may print what is in the files.
func (o *Overlay) unbuilt(why string) error {
	dir := manifest.Printable(o.Dir)
	return fmt.Errorf("cannot build %s, %s: kubectl kustomize %s says more", dir, why, dir)
}
