// Copyright The kubectl-dapr-prod Authors.
// SPDX-License-Identifier: Apache-2.0

package cmd

import (
	"slices"
	"strings"

	"github.com/spf13/cobra"
	cmdutil "k8s.io/kubectl/pkg/cmd/util"
	"k8s.io/kubectl/pkg/util/completion"

	"github.com/dapr-prod/kubectl-dapr-prod/pkg/catalogue"
)

// objectKinds are completed where an object of dapr.io is named.
var objectKinds = []string{"component", "configuration", "httpendpoint", "mcpserver", "resiliency", "subscription", "workflowaccesspolicy"}

// completeMendable completes the names of guidelines that the command closes, and the
// objects that it is to close them in.
func (f *FixFlags) completeMendable(_ *cobra.Command, args []string, typed string) ([]string, cobra.ShellCompDirective) {
	objects := f.Harden != nil && aboutObjects(args)
	if kind, name, named := strings.Cut(typed, "/"); named {
		var words []string
		for _, found := range completion.CompGetResource(cmdutil.NewFactory(f.Config), kind, name) {
			words = append(words, kind+"/"+found)
		}
		return words, cobra.ShellCompDirectiveNoFileComp
	}
	var words []string
	if !objects { // which are closed alone
		words = f.guidelinesFor(args, typed)
	}
	if len(words) > 0 {
		return words, cobra.ShellCompDirectiveNoFileComp
	}
	kinds := sizedKinds
	if objects {
		kinds = objectKinds
	}
	for _, kind := range kinds {
		if strings.HasPrefix(kind, typed) {
			words = append(words, kind+"/")
		}
	}
	return words, cobra.ShellCompDirectiveNoFileComp | cobra.ShellCompDirectiveNoSpace
}

// guidelinesFor are the guidelines that the command closes and that were not named yet.
func (f *FixFlags) guidelinesFor(args []string, typed string) []string {
	var words []string
	for _, g := range catalogue.All() {
		mends := g.Fixable()
		if f.Harden != nil {
			mends = notHardened(g) == nil || g.Objects != "" && len(args) == 0
		}
		if mends && strings.HasPrefix(g.ID, typed) && !slices.Contains(args, g.ID) {
			words = append(words, g.ID+"\t"+g.Title)
		}
	}
	return words
}
