// Copyright The kubectl-dapr-prod Authors.
// SPDX-License-Identifier: Apache-2.0

package cmd

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"

	"github.com/spf13/cobra"
	"k8s.io/cli-runtime/pkg/printers"

	"github.com/dapr-prod/kubectl-dapr-prod/pkg/catalogue"
	"github.com/dapr-prod/kubectl-dapr-prod/pkg/guideline"
	"github.com/dapr-prod/kubectl-dapr-prod/pkg/manifest"
	"github.com/dapr-prod/kubectl-dapr-prod/pkg/snapshot"
)

// SizingFiles is what sizing needs to put its recommendations into manifests: they are
// measured in the cluster, and written to the files.
type SizingFiles struct {
	*SizingOptions
	Writing            FixFiles
	AllowLowConfidence bool
}

// toFiles turns what was typed into what is needed to plan for manifests.
func (f *SizingFlags) toFiles(cmd *cobra.Command, args []string) (*SizingFiles, error) {
	changed := cmd.Flags().Changed
	if f.Apply.Do {
		return nil, errors.New("--apply writes to the cluster, and -f names manifests: --write writes those")
	}
	if err := f.planOutput(); err != nil {
		return nil, err
	}
	if err := f.Apply.Files.possible(cmd, ofWriting); err != nil {
		return nil, err
	}
	if err := manifest.Named(f.Apply.Files.Filenames); err != nil { // before the time that a watch takes
		return nil, err
	}
	o := &SizingFiles{AllowLowConfidence: f.Apply.AllowLowConfidence}
	o.Writing = FixFiles{Write: f.Apply.Files.Write, Patch: f.Output == "yaml" || f.Output == "json", IOStreams: f.IOStreams}
	var err error
	if f.Output != "" && f.Output != asDiff {
		if o.Writing.Print, err = planOutputs.of(f.Output); err != nil {
			return nil, err
		}
	}
	if o.SizingOptions, err = f.measuring(cmd.Context(), changed, args); err != nil {
		return nil, err
	}
	check := CheckFlags{Config: f.Config, IOStreams: f.IOStreams, Filenames: f.Apply.Files.Filenames, Recursive: f.Apply.Files.Recursive}
	if o.Writing.Reader, err = check.manifests(o.Reader.Selector, o.Reader.Now, changed); err != nil {
		return nil, err
	}
	if o.Reader.Namespace != "" {
		o.Writing.Reader.Namespace = o.Reader.Namespace // an object that names none goes there, as with kubectl
	}
	o.Writing.Objects, o.Writing.Where = o.Objects, where(o.Writing.Reader)
	o.Writing.Layout = o.Layout
	return o, nil
}

// Run measures and recommends, shows the plan for the manifests, and writes it where
// that was asked for.
func (o *SizingFiles) Run(ctx context.Context) error {
	s, err := o.prepare(ctx)
	if err != nil || len(s.Apps) == 0 {
		return err
	}
	tellSource(o.Writing.sentences(), o.report(s))
	if err := ctx.Err(); err != nil {
		return err
	}
	for _, cp := range s.Before.Snapshot.ControlPlanes {
		if cp.Version.Known() && !cp.Assumed {
			o.Writing.Reader.Version = cp.Version
		}
	}
	o.Writing.Plan = o.plan(scopeOf(nil, "", true), s, o.AllowLowConfidence)
	p, err := o.Writing.Prepare(ctx)
	if err != nil {
		return err
	}
	o.tellUnmatched(s, p.Before.Apps)
	return o.Writing.manifests(ctx, p)
}

// tellUnmatched names the apps that were measured and are not in the input, and those of
// the input that were not measured: nothing is guessed of either.
func (o *SizingFiles) tellUnmatched(s *sized, input []*guideline.App) {
	tell := func(apps, among []*guideline.App, one, several string) {
		var names []string
		for _, app := range apps {
			same := func(other *guideline.App) bool { return catalogue.SameApp(app.Object, other.Object) }
			if !slices.ContainsFunc(among, same) && o.asked(app.Object) {
				names = append(names, app.Object.String())
			}
		}
		if text := listedBriefly(names, one, several); text != "" {
			fmt.Fprintln(o.ErrOut, printers.EscapeTerminal(text))
		}
	}
	tell(s.Apps, input, "was measured, and is not in the input", "were measured, and are not in the input")
	tell(input, s.Apps, "was not measured, and is left as it is", "were not measured, and are left as they are")
}

// asked tells whether an app is among those that were asked about.
func (o *SizingOptions) asked(object snapshot.Object) bool {
	return len(o.Objects) == 0 || slices.ContainsFunc(o.Objects, func(n named) bool { return n.is(object) })
}

// listedBriefly is a sentence about some things, of which it names the first few.
func listedBriefly(names []string, one, several string) string {
	switch len(names) {
	case 0:
		return ""
	case 1:
		return fmt.Sprintf("%s %s.", names[0], one)
	default:
		return fmt.Sprintf("%s %s.", firstOf(names), several)
	}
}

// firstOf names the first few, and counts the rest.
func firstOf(names []string) string {
	const few = 5
	if rest := len(names) - few; rest > 0 {
		return fmt.Sprintf("%s, and %d more", strings.Join(names[:few], ", "), rest)
	}
	return strings.Join(names, ", ")
}
