// Copyright The kubectl-dapr-prod Authors.
// SPDX-License-Identifier: Apache-2.0

package cmd

import (
	"context"
	"errors"
	"fmt"
	"os"
	"slices"
	"strings"

	"github.com/spf13/cobra"
	"k8s.io/cli-runtime/pkg/genericiooptions"
	"k8s.io/cli-runtime/pkg/printers"

	"github.com/dapr-prod/kubectl-dapr-prod/pkg/catalogue"
	"github.com/dapr-prod/kubectl-dapr-prod/pkg/dapr"
	"github.com/dapr-prod/kubectl-dapr-prod/pkg/fix"
	"github.com/dapr-prod/kubectl-dapr-prod/pkg/manifest"
	"github.com/dapr-prod/kubectl-dapr-prod/pkg/report"
)

// ValuesFiles is what a fix of files of values of Dapr's chart needs to run.
type ValuesFiles struct {
	fix.Values
	// Files is the input among which such files are looked for.
	Files fix.Files
	// Names are files of values, whatever their keys.
	Names []string
	// Write puts the values into the files.
	Write bool
	// Print shows the plan; a run that prints patches leaves it out.
	Print bool
	// Alone tells that nothing selects apps, which values are not for.
	Alone  bool
	Layout report.Options

	genericiooptions.IOStreams
}

// valuesAlone tells whether it is files of values that are to be fixed, and nothing else.
func (f *FixFlags) valuesAlone(cmd *cobra.Command) bool {
	files := cmd.Flags().Changed("filename")
	return f.Scope == controlPlaneScope && files || cmd.Flags().Changed("values-file") && !files
}

// toValuesFiles turns what was typed into what is needed to fix files of values.
func (f *FixFlags) toValuesFiles(cmd *cobra.Command, args []string) (*ValuesFiles, error) {
	changed := cmd.Flags().Changed
	err := f.possibleInFiles(cmd)
	switch {
	case err != nil:
		return nil, err
	case changed("kustomize"):
		return nil, errors.New("-k builds manifests, and values of Dapr's chart are none: leave it out")
	case f.Selector != "":
		return nil, errors.New("-l does not go with values of Dapr's chart, which are for all apps")
	case f.Output != "" && f.Output != "diff":
		return nil, fmt.Errorf("-o %s does not go with files of values: a diff of them is shown, and --write writes it", f.Output)
	case changed("recursive") && !changed("filename"):
		return nil, errors.New("-R goes with -f DIRECTORY: --values-file names a file")
	}
	if err := noObjects(args); err != nil {
		return nil, err
	}
	named, err := closedByValues(args)
	if err != nil {
		return nil, err
	}
	o, err := f.valuesFiles(named)
	if err != nil {
		return nil, err
	}
	o.Alone, o.Print = true, true
	o.Files.Reader, err = f.manifests(func(name string) bool { return name == "filename" })
	return o, err
}

// valuesFiles is what becomes of files of values where some guidelines are named.
func (f *FixFlags) valuesFiles(named []string) (*ValuesFiles, error) {
	release, err := newRelease(&CheckFlags{DaprVersion: f.Files.DaprVersion}, dapr.NewestVersion())
	o := &ValuesFiles{Names: f.Files.ValuesFiles, Write: f.Files.Write, IOStreams: f.IOStreams}
	o.Values = fix.Values{Release: release, Guidelines: catalogue.All(), Named: named, Comment: report.AskedFor}
	o.Layout.Width, o.Layout.Color = terminal(f.Out)
	return o, err
}

// Run shows what the files lack, writes it where that was asked for, and says by its
// error how it ended.
func (o *ValuesFiles) Run(ctx context.Context) error {
	var found []manifest.Text
	var broken error
	if len(o.Files.Reader.Filenames) > 0 {
		found, broken = o.Files.ChartValues(ctx)
	}
	texts, err := o.beside(found)
	switch {
	case err != nil:
		return err
	case len(texts) == 0 && broken != nil:
		return broken
	case len(texts) == 0:
		return fmt.Errorf("the input (%s) holds no values of Dapr's chart: name their file with --values-file", strings.Join(o.printable(), ", "))
	}
	return worse(broken, o.fix(ctx, texts))
}

func (o *ValuesFiles) printable() []string {
	var names []string
	for _, name := range o.Files.Reader.Filenames {
		names = append(names, manifest.Printable(name))
	}
	return names
}

// beside are the files of values that were named, and those that were found.
func (o *ValuesFiles) beside(found []manifest.Text) ([]manifest.Text, error) {
	texts, err := readValues(o.Names)
	for _, text := range found {
		if !slices.ContainsFunc(texts, func(t manifest.Text) bool { return t.Name == text.Name }) {
			texts = append(texts, text)
		}
	}
	return texts, err
}

// readValues are the texts of files of values.
func readValues(names []string) ([]manifest.Text, error) {
	var all []manifest.Text
	for _, name := range names {
		content, err := os.ReadFile(name)
		if err != nil {
			var failed *os.PathError
			if errors.As(err, &failed) {
				err = failed.Err
			}
			return nil, fmt.Errorf("%s: cannot be read: %w", manifest.Printable(name), err)
		}
		all = append(all, manifest.Text{Name: name, File: true, Content: content, Values: true})
	}
	return all, nil
}

// fix plans for each of the texts, and shows and writes what comes of it. One that
// nothing can be said of does not keep the others.
func (o *ValuesFiles) fix(ctx context.Context, texts []manifest.Text) error {
	if !o.Alone {
		for _, text := range texts {
			fmt.Fprintln(o.ErrOut, printers.EscapeTerminal(text.Name+" holds values of Dapr's chart, which are for all apps: without a selection they are fixed, too."))
		}
		return nil
	}
	var all []*fix.PreparedValues
	var errs []error
	for _, text := range texts {
		p, err := o.Prepare(text)
		if err != nil {
			errs = append(errs, err)
			continue
		}
		all = append(all, p)
	}
	if len(all) == 0 {
		return errors.Join(errs...)
	}
	if err := o.show(all); err != nil {
		return err
	}
	if !o.Write {
		for _, p := range all {
			if len(p.Additions) > 0 {
				return worse(errors.Join(errs...), errPending)
			}
		}
		return errors.Join(errs...)
	}
	return errors.Join(append(errs, o.write(ctx, all))...)
}

func (o *ValuesFiles) show(all []*fix.PreparedValues) error {
	var files []report.ValuesFile
	for _, p := range all {
		files = append(files, report.ValuesFile{FileValues: &p.FileValues, Name: p.Name, Text: p.Content, Next: p.Next})
		if !o.Print && len(p.Additions) > 0 {
			fmt.Fprintln(o.ErrOut, printers.EscapeTerminal(fmt.Sprintf("%s lacks %d values of Dapr's chart, which no patch adds: without -o they are shown.", p.Name, len(p.Additions))))
		}
	}
	if !o.Print {
		return nil
	}
	if err := report.ValuesFiles(o.Out, files, o.Layout); err != nil {
		return fmt.Errorf("cannot write the plan: %w", err)
	}
	return nil
}

// write writes the files, and says what became of them.
func (o *ValuesFiles) write(ctx context.Context, all []*fix.PreparedValues) error {
	var errs []error
	written, wanted := 0, 0
	for _, p := range all {
		if len(p.Additions) == 0 {
			continue
		}
		wanted += len(p.Additions)
		if err := ctx.Err(); err != nil {
			errs = append(errs, err)
			break
		}
		if err := p.Write(); err != nil {
			errs = append(errs, err)
			continue
		}
		written += len(p.Additions)
		fmt.Fprintln(o.ErrOut, printers.EscapeTerminal("Wrote "+p.Name))
	}
	out := o.Out
	if !o.Print {
		out = o.ErrOut // standard output is for the patches
	}
	if wanted > 0 {
		fmt.Fprintf(out, "%d of %d values written.\n", written, wanted)
	}
	return errors.Join(errs...)
}
