// Copyright The kubectl-dapr-prod Authors.
// SPDX-License-Identifier: Apache-2.0

package cmd

import (
	"errors"
	"fmt"
	"slices"
	"strings"

	"github.com/spf13/cobra"

	"github.com/dapr-prod/kubectl-dapr-prod/pkg/catalogue"
	"github.com/dapr-prod/kubectl-dapr-prod/pkg/dapr"
	"github.com/dapr-prod/kubectl-dapr-prod/pkg/guideline"
	"github.com/dapr-prod/kubectl-dapr-prod/pkg/snapshot"
)

// scopes are the values of --scope.
var scopes = []struct {
	name   string
	scopes []guideline.Scope
}{
	{"all", []guideline.Scope{guideline.Apps, guideline.ControlPlane, guideline.Cluster}},
	{"apps", []guideline.Scope{guideline.Apps}},
	{"control-plane", []guideline.Scope{guideline.ControlPlane}},
	{"cluster", []guideline.Scope{guideline.Cluster}},
}

func scopeNames() []string {
	var names []string
	for _, s := range scopes {
		names = append(names, s.name)
	}
	return names
}

func parseScope(name string) ([]guideline.Scope, error) {
	for _, s := range scopes {
		if s.name == name {
			return s.scopes, nil
		}
	}
	return nil, oneOf("--scope", name, scopeNames())
}

// oneOf is the error for a word that a flag does not take.
func oneOf(flag, word string, words []string) error {
	return fmt.Errorf("%s takes no %q: use one of %s", flag, word, strings.Join(words, ", "))
}

// guidelineNames are the names of all guidelines.
func guidelineNames() []string {
	var names []string
	for _, g := range catalogue.All() {
		names = append(names, g.ID)
	}
	return names
}

// findGuideline returns the guideline of that name.
func findGuideline(name string) (*guideline.Guideline, error) {
	for _, g := range catalogue.All() {
		if g.ID == name {
			return g, nil
		}
	}
	if near := nearGuidelines(name); len(near) > 0 {
		return nil, fmt.Errorf("there is no guideline %q: did you mean %s?", name, strings.Join(near, " or "))
	}
	return nil, fmt.Errorf("there is no guideline %q: %s explain lists them", name, displayName)
}

// nearGuidelines are the guidelines that may have been meant: the one that looks
// most like the name, or else those, if they are few, in whose names it is a word.
func nearGuidelines(name string) []string {
	names := guidelineNames()
	if near := dapr.Nearest(name, names); near != "" {
		return []string{near}
	}
	const few = 4
	word := "-" + strings.NewReplacer("_", "-", " ", "-").Replace(strings.ToLower(name)) + "-"
	names = slices.DeleteFunc(names, func(id string) bool { return !strings.Contains("-"+id+"-", word) })
	if len(names) > few {
		return nil
	}
	return names
}

// selectGuidelines returns the guidelines that have something to say in the
// scopes: all, or the ones named, without those to be skipped.
func selectGuidelines(only, skip []string, in []guideline.Scope) ([]*guideline.Guideline, error) {
	given := only != nil
	only, skip = pieces(only), pieces(skip)
	if given && len(only) == 0 {
		return nil, errors.New("--guidelines names none: leave it out to apply all of them")
	}
	for _, name := range slices.Concat(only, skip) {
		if _, err := findGuideline(name); err != nil {
			return nil, err
		}
	}
	var selected []*guideline.Guideline
	for _, g := range catalogue.All() {
		named := len(only) == 0 || slices.Contains(only, g.ID)
		if named && !slices.Contains(skip, g.ID) && slices.ContainsFunc(in, g.In) {
			selected = append(selected, g)
		}
	}
	if len(selected) == 0 {
		return nil, fmt.Errorf("no guideline is left to apply by --scope, --guidelines and --skip-guidelines: %s explain lists them with their scopes", displayName)
	}
	return selected, nil
}

// pieces are the words of a comma-separated list. What a trailing comma or a blank
// after one leaves behind is none.
func pieces(list []string) []string {
	var words []string
	for _, word := range list {
		if word = strings.TrimSpace(word); word != "" {
			words = append(words, word)
		}
	}
	return words
}

// readsOf is everything that the guidelines declare to read, each read once. Where
// apps are not judged, nothing is read that a guideline needs to judge them; one that
// judges no app looks at them to judge something else.
func readsOf(guidelines []*guideline.Guideline, in []guideline.Scope) []snapshot.Read {
	apps := slices.Contains(in, guideline.Apps)
	var all []snapshot.Read
	for _, g := range guidelines {
		for _, read := range g.Reads {
			if !slices.Contains(all, read) && (apps || read.Place != snapshot.InApps || !g.In(guideline.Apps)) {
				all = append(all, read)
			}
		}
	}
	return all
}

// completeGuidelines completes a comma-separated list of guidelines.
func completeGuidelines(_ *cobra.Command, _ []string, typed string) ([]string, cobra.ShellCompDirective) {
	done, last := "", typed
	if comma := strings.LastIndex(typed, ","); comma >= 0 {
		done, last = typed[:comma+1], typed[comma+1:]
	}
	var words []string
	for _, g := range catalogue.All() {
		if strings.HasPrefix(g.ID, last) && !slices.Contains(strings.Split(done, ","), g.ID) {
			words = append(words, done+g.ID+"\t"+g.Title)
		}
	}
	return words, cobra.ShellCompDirectiveNoFileComp | cobra.ShellCompDirectiveNoSpace
}
