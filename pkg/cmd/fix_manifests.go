// Copyright The kubectl-dapr-prod Authors.
// SPDX-License-Identifier: Apache-2.0

package cmd

import (
	"errors"
	"fmt"
	"strings"

	"github.com/spf13/cobra"
	"github.com/spf13/pflag"
	"k8s.io/apimachinery/pkg/runtime/schema"
	cmdutil "k8s.io/kubectl/pkg/cmd/util"

	"github.com/dapr-prod/kubectl-dapr-prod/pkg/collect"
	"github.com/dapr-prod/kubectl-dapr-prod/pkg/dapr"
	"github.com/dapr-prod/kubectl-dapr-prod/pkg/fix"
)

// ManifestFlags say which manifests are changed in place of a cluster, and whether
// they are written.
type ManifestFlags struct {
	Filenames   []string
	Recursive   bool
	DaprVersion string
	Write       bool
	// ValuesFiles are files of values of Dapr's chart, whatever their keys.
	ValuesFiles []string
}

// AddFlags declares the flags.
func (f *ManifestFlags) AddFlags(cmd *cobra.Command) {
	f.addSources(cmd, "Filename, directory, or URL of manifests, or of values of Dapr's chart, to fix instead of a cluster; - for standard input.")
	flags := cmd.Flags()
	flags.StringArrayVar(&f.ValuesFiles, "values-file", f.ValuesFiles, "A file of values of Dapr's chart to fix, for a new install, if -f would not tell it by its keys. May be given several times.")
	flags.BoolVar(&f.Write, "write", f.Write, "Write the changes into the files of -f and --values-file, or into the overlay of -k as a component of patches, without asking.")
	flags.StringVar(&f.DaprVersion, "dapr-version", f.DaprVersion, "The Dapr release that manifests will meet, if they hold no control plane (default: the newest known, "+dapr.NewestVersion().String()+"); of values of Dapr's chart the one that they are to install.")
	complete(cmd, "dapr-version", cobra.FixedCompletions(dapr.ReleaseNames(), cobra.ShellCompDirectiveNoFileComp))
}

// addSources declares those that name manifests.
func (f *ManifestFlags) addSources(cmd *cobra.Command, usage string) {
	cmdutil.AddJsonFilenameFlag(cmd.Flags(), &f.Filenames, usage)
	cmd.Flags().BoolVarP(&f.Recursive, "recursive", "R", f.Recursive, "Process the directory used in -f, --filename recursively.")
}

// needFiles refuses what goes with manifests alone.
func needFiles(flags *pflag.FlagSet) error {
	for _, flag := range []struct{ name, why string }{
		{"recursive", "-R goes with -f DIRECTORY: without -f the cluster is fixed"},
		{"write", "--write goes with -f and -k: without them the cluster is fixed, and --yes writes without asking"},
		{"dapr-version", "--dapr-version goes with -f and -k: a cluster has a release of its own"},
	} {
		if flags.Changed(flag.name) {
			return errors.New(flag.why)
		}
	}
	return nil
}

// ofClusters are the flags of fix that mean nothing where there is no cluster, and why.
var ofClusters = append([]flagReason{
	{"all-namespaces", "-A does not go with -f: manifests are all fixed, whatever their namespace"},
	{"revert", "--revert does not go with -f: of files it is version control that brings back what was"},
}, ofWriting...)

// possibleInFiles refuses what does not go with manifests.
func (f *FixFlags) possibleInFiles(cmd *cobra.Command) error {
	if f.Output == asComponent || f.OutputDir != "" {
		return errors.New("-o kustomize does not go with -f: the files themselves are changed, and -k makes a component of an overlay")
	}
	return f.Files.possible(cmd, ofClusters)
}

// possible refuses what does not go with manifests: flags of clusters, a server to be
// asked, and writing what is no file.
func (f *ManifestFlags) possible(cmd *cobra.Command, ofClusters []flagReason) error {
	for _, flag := range ofClusters {
		if cmd.Flags().Changed(flag.name) {
			return errors.New(flag.why)
		}
	}
	dryRun, err := cmdutil.GetDryRunStrategy(cmd)
	switch {
	case err != nil:
		return oneOf("--dry-run", cmd.Flag("dry-run").Value.String(), []string{"none", "client", "server"})
	case dryRun == cmdutil.DryRunServer:
		return errors.New("--dry-run=server does not go with -f, which asks no server: without --write nothing is written")
	case dryRun == cmdutil.DryRunClient && f.Write:
		return errors.New("--dry-run writes nothing, and --write writes: leave one of them out")
	}
	if !f.Write {
		return nil
	}
	for _, name := range f.Filenames {
		switch {
		case name == "-":
			return errors.New("--write does not go with -f -: standard input cannot be written, name the files")
		case strings.HasPrefix(name, "http://"), strings.HasPrefix(name, "https://"):
			return errors.New("--write does not go with the URL after -f, which is only read: download it first")
		}
	}
	return nil
}

// ToFixFiles turns what was typed into what is needed to fix manifests.
func (f *FixFlags) ToFixFiles(cmd *cobra.Command, args []string) (*FixFiles, error) {
	if err := f.possibleInFiles(cmd); err != nil {
		return nil, err
	}
	o := &FixFiles{Write: f.Files.Write, IOStreams: f.IOStreams}
	o.Patch = f.Output == "yaml" || f.Output == "json"
	var err error
	if f.Output != "" && f.Output != "diff" {
		if o.Print, err = planOutputs.of(f.Output); err != nil {
			return nil, err
		}
	}
	guidelines, typed, err := f.mendable(cmd.Flags().Changed, args)
	if err != nil {
		return nil, err
	}
	for _, name := range guidelines {
		if g, err := findGuideline(name); err == nil && g.Mend == nil {
			return nil, fmt.Errorf("%s is closed by a new object, which is no change of a file: fix %s without -f makes it, or writes it down with -o yaml", name, name)
		}
	}
	objects, err := namedInFiles(typed)
	if err != nil {
		return nil, err
	}
	reader, err := f.manifests(cmd.Flags().Changed)
	if err != nil {
		return nil, err
	}
	// What is made for a control plane is not for files.
	o.Files = fix.Files{Reader: reader, Plan: f.planOptions(guidelines, f.scopeOf(guidelines, "", true), objects)}
	if f.Harden != nil {
		if o.Secrets, err = f.Harden.Secrets.file(cmd.Flags().Changed, f); err != nil {
			return nil, err
		}
	}
	o.Objects, o.Where = objects, where(reader)
	o.Layout.Width, o.Layout.Color = terminal(f.Out)
	o.Values, err = f.valuesFiles(guidelines)
	o.Values.Alone = len(objects) == 0 && f.Selector == ""
	o.Values.Print = o.Print == nil
	return o, err
}

// manifests is the reader of the manifests that were named.
func (f *FixFlags) manifests(changed func(string) bool) (collect.Manifests, error) {
	selector, err := selectorOf(f.Selector)
	if err != nil {
		return collect.Manifests{}, err
	}
	now, err := takenAt()
	if err != nil {
		return collect.Manifests{}, err
	}
	check := CheckFlags{
		Config: f.Config, IOStreams: f.IOStreams,
		Filenames: f.Files.Filenames, Recursive: f.Files.Recursive, DaprVersion: f.Files.DaprVersion,
	}
	return check.manifests(selector, now, changed)
}

// kindsInFiles are the kinds of apps as they are typed, since no server is asked what
// it knows: their singular, and what else kubectl takes.
var kindsInFiles = []struct {
	kind  schema.GroupKind
	typed []string
}{
	{schema.GroupKind{Group: "apps", Kind: "Deployment"}, []string{"deploy"}},
	{schema.GroupKind{Group: "apps", Kind: "StatefulSet"}, []string{"sts"}},
	{schema.GroupKind{Group: "apps", Kind: "DaemonSet"}, []string{"ds"}},
	{schema.GroupKind{Group: "apps", Kind: "ReplicaSet"}, []string{"rs"}},
	{schema.GroupKind{Group: "batch", Kind: "CronJob"}, []string{"cj"}},
	{schema.GroupKind{Group: "batch", Kind: "Job"}, nil},
	{schema.GroupKind{Group: "argoproj.io", Kind: "Rollout"}, []string{"ro"}},
	{schema.GroupKind{Kind: "Pod"}, []string{"po"}},
	{schema.GroupKind{Group: "dapr.io", Kind: "Component"}, nil},
	{schema.GroupKind{Group: "dapr.io", Kind: "Configuration"}, nil},
	{schema.GroupKind{Group: "dapr.io", Kind: "HTTPEndpoint"}, nil},
	{schema.GroupKind{Group: "dapr.io", Kind: "MCPServer"}, nil},
}

// namedInFiles are the apps that were named, by KIND/NAME.
func namedInFiles(typed []string) ([]named, error) {
	var all []named
	for _, t := range typed {
		resource, name, _ := strings.Cut(t, "/")
		if resource == "" || name == "" || strings.Contains(name, "/") {
			return nil, fmt.Errorf("%q is no object: write it as KIND/NAME, such as deployment/orders", t)
		}
		kind, known := kindInFiles(strings.ToLower(resource))
		if !known {
			return nil, fmt.Errorf("%q is no kind of an app: write it as KIND/NAME, such as deployment/orders", resource)
		}
		all = append(all, named{kind: kind, name: name, typed: t})
	}
	return all, nil
}

func kindInFiles(resource string) (schema.GroupKind, bool) {
	resource, group, grouped := strings.Cut(resource, ".")
	for _, k := range kindsInFiles {
		if grouped && group != k.kind.Group {
			continue
		}
		singular := strings.ToLower(k.kind.Kind)
		for _, name := range append(k.typed, singular, singular+"s") {
			if name == resource {
				return k.kind, true
			}
		}
	}
	return schema.GroupKind{}, false
}
