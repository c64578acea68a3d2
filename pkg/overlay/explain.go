// Copyright The kubectl-dapr-prod Authors.
// SPDX-License-Identifier: Apache-2.0

package overlay

import (
	"fmt"
	"regexp"
	"strings"

	"github.com/dapr-prod/kubectl-dapr-prod/pkg/manifest"
)

// known are what kustomize says, the innermost cause first, and what is said of it here.
// Its errors hold whole patches and generators, in which there may be secrets: nothing of
// them is repeated but what is matched.
var known = []struct {
	says *regexp.Regexp
	why  string
}{
	{regexp.MustCompile(`unable to find one of '[^']*'[^']*'([^'\n]*)'`), "no kustomization.yaml is in $1"},
	{regexp.MustCompile(`Found multiple kustomization files under: ([^\s"]+)`), "more than one kustomization is in $1"},
	{regexp.MustCompile(`evalsymlink failure on '([^'\n]*)'`), "$1 is not there"},
	{regexp.MustCompile(`security; file '([^'\n]*)' is not in or below '([^'\n]*)'`), "$1 is not in or below $2, and it reads no other files"},
	{regexp.MustCompile(`cycle detected: candidate root '([^'\n]*)'`), "$1 is a base of itself"},
	{regexp.MustCompile(`(?:no matches for|no resource matches strategic merge patch)\D{0,12}?"?((?:[A-Z]\w*\.[\w./\[\]-]+))`), "a patch is for $1, which is not among its resources"},
	{regexp.MustCompile(`multiple matches for \w+ ([\w./\[\]-]+)`), "a patch is for $1, which is there more than once"},
	{regexp.MustCompile(`may not add resource with an already registered id: ([\w./\[\]-]+)`), "$1 is among its resources twice"},
	{regexp.MustCompile(`unknown field \\*"(\w+)\\*"`), "the kustomization has a field \"$1\" that kustomize does not know"},
	{regexp.MustCompile(`fork/exec|exec: \\*"git\\*"|no 'git' program`), "a base is in a repository, and git is not there to fetch it"},
	{regexp.MustCompile(`hit ([0-9a-z.]+) timeout running '([^ '\n]*git)`), "a remote base was not fetched within $1: copy it into a folder"},
	{regexp.MustCompile(`failed to run '[^ '\n]*git`), "a remote base cannot be fetched with git"},
	{regexp.MustCompile(`status code (\d+)`), "a remote resource cannot be fetched, the server answers $1"},
	{regexp.MustCompile(`dial tcp|no such host|connection refused`), "a remote resource cannot be fetched: is the network there?"},
	{regexp.MustCompile(`(?:yaml: |malformed ?yaml|MalformedYAMLError)(?:.{0,80}?line (\d+))?`), "a file in it is malformed YAML"},
	{regexp.MustCompile(`unable to parse SM or JSON patch`), "a patch in it is neither a strategic merge nor a JSON patch"},
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
		return o.unbuilt(string(k.says.ExpandString(nil, k.why, text, m)))
	}
	return o.unbuilt("kustomize refuses it")
}

// unbuilt names the command that says more, which may print what is in the files.
func (o *Overlay) unbuilt(why string) error {
	dir := manifest.Printable(o.Dir)
	return fmt.Errorf("cannot build %s, %s: kubectl kustomize %s says more", dir, why, dir)
}
