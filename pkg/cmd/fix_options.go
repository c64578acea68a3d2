// Copyright The kubectl-dapr-prod Authors.
// SPDX-License-Identifier: Apache-2.0

package cmd

import (
	"context"
	"errors"
	"fmt"
	"io"
	"slices"
	"strings"

	"github.com/spf13/cobra"
	"k8s.io/apimachinery/pkg/api/meta"
	"k8s.io/apimachinery/pkg/runtime/schema"
	"k8s.io/client-go/discovery"
	"k8s.io/client-go/discovery/cached/memory"
	"k8s.io/client-go/rest"
	"k8s.io/client-go/restmapper"
	cmdutil "k8s.io/kubectl/pkg/cmd/util"

	"github.com/dapr-prod/kubectl-dapr-prod/pkg/collect"
	"github.com/dapr-prod/kubectl-dapr-prod/pkg/evaluate"
	"github.com/dapr-prod/kubectl-dapr-prod/pkg/guideline"
	"github.com/dapr-prod/kubectl-dapr-prod/pkg/kustomize"
	"github.com/dapr-prod/kubectl-dapr-prod/pkg/plan"
	"github.com/dapr-prod/kubectl-dapr-prod/pkg/report"
	"github.com/dapr-prod/kubectl-dapr-prod/pkg/snapshot"
)

// planPrinter writes a plan.
type planPrinter func(io.Writer, *report.Planned, report.Options) error

// planOutputs are the values of -o of commands that plan.
var planOutputs = formats[planPrinter]{
	{"diff", report.Plan},
	{"yaml", report.PatchYAML},
	{"json", report.PatchJSON},
	{"name", report.PatchName},
	{asComponent, report.Plan},
}

// asComponent is the value of -o for a folder, beside which the plan is printed.
const asComponent = "kustomize"

// helmOutput is the value of -o that writes a file of values for Dapr's chart.
const helmOutput = "helm"

// FixOptions is what a fix needs to run.
type FixOptions struct {
	WriteRun
	// RevertFrom is the journal of the run to take back; empty for a new run.
	RevertFrom string
	// OutputDir is the folder for a Component of patches, which is written instead of the
	// cluster, and Component what is in it already.
	OutputDir string
	Component *kustomize.Component
}

// named is an app that was named, and how.
type named struct {
	kind     schema.GroupKind
	resource schema.GroupResource
	name     string
	typed    string
}

func (n named) is(o snapshot.Object) bool {
	return n.name == o.Name && n.kind == schema.GroupKind{Group: o.Group(), Kind: o.Kind}
}

// ToOptions turns what was typed into what is needed.
func (f *FixFlags) ToOptions(cmd *cobra.Command, args []string) (*FixOptions, error) {
	if err := f.possible(cmd, args); err != nil {
		return nil, err
	}
	if err := needFiles(cmd.Flags()); err != nil {
		return nil, err
	}
	run, err := f.toRun(cmd, args, f.Output, f.IOStreams)
	if err != nil {
		return nil, err
	}
	o := &FixOptions{WriteRun: run, RevertFrom: f.Revert}
	if err := f.component(o); err != nil {
		return nil, err
	}
	guidelines, typed, err := f.mendable(cmd.Flags().Changed, args)
	if err != nil {
		return nil, err
	}
	if err := oneNamespace(typed, f.AllNamespaces); err != nil {
		return nil, err
	}
	scope, err := f.connect(o, guidelines, len(typed) > 0)
	if err != nil {
		return nil, err
	}
	if o.Objects, err = resolveObjects(cmd.Context(), o.Reader.Config, typed); err != nil {
		return nil, err
	}
	o.Plan = f.planOptions(guidelines, scope, o.Objects)
	return o, nil
}

// oneNamespace refuses objects that were named where all namespaces are asked for.
func oneNamespace(typed []string, all bool) error {
	if len(typed) > 0 && all {
		return fmt.Errorf("%s names one object, and -A asks for all namespaces: say with -n where it is", typed[0])
	}
	return nil
}

// possible refuses what does not go together.
func (f *FixFlags) possible(cmd *cobra.Command, args []string) error {
	switch {
	case f.Scope != appsScope:
		return oneOf("--scope", f.Scope, []string{appsScope, controlPlaneScope})
	case f.Output == helmOutput && f.Harden != nil:
		return fmt.Errorf("-o %s writes values for Dapr's chart: name a guideline that one closes, such as mtls", helmOutput)
	case f.Output == helmOutput:
		return fmt.Errorf("-o %s writes values for Dapr's chart, which close nothing in apps: it goes with --scope=%s", helmOutput, controlPlaneScope)
	case cmd.Flag("revert").Changed && f.Revert == "":
		return namesNoFile("revert")
	case f.Revert != "" && (len(args) > 0 || f.AllNamespaces || f.Selector != "" || f.Journal != ""),
		f.Revert != "" && (f.ForceConflicts || f.IncludeManaged || f.AllowUnproven || cmd.Flag("max-parallel").Changed):
		return errors.New("--revert takes back the whole run of a journal, one workload at a time: it goes with --dry-run, --yes and --timeout alone")
	case f.Revert != "" && f.Output != "":
		return errors.New("-o does not go with --revert, which writes no plan")
	}
	return nil
}

// connect finds the cluster, and tells what is judged there.
func (f *FixFlags) connect(o *FixOptions, named []string, objects bool) (fixScope, error) {
	selector, err := selectorOf(f.Selector)
	if err != nil {
		return fixScope{}, err
	}
	now, err := takenAt()
	if err != nil {
		return fixScope{}, err
	}
	check := CheckFlags{Config: f.Config, IOStreams: f.IOStreams, AllNamespaces: f.AllNamespaces, ChunkSize: cmdutil.DefaultChunkSize}
	live, err := check.live(selector, now, nil)
	if err != nil {
		return fixScope{}, err
	}
	reader := live.(collect.Live)
	scope := f.scopeOf(named, reader.Namespace, objects || !selector.Empty())
	reader.Reads, reader.OnlyHere = scope.reads()
	return scope, o.connect(reader)
}

// planOptions says what is to be closed: of the objects that were named, or of all.
func planOptions(guidelines []string, scope fixScope, objects []named) plan.Options {
	o := plan.Options{
		Guidelines: scope.guidelines,
		Named:      guidelines,
		Evaluation: evaluate.Options{Scopes: scope.scopes, ControlPlanes: scope.judges(), Known: guidelineNames()},
	}
	if len(objects) > 0 {
		o.Wanted = func(object snapshot.Object) bool {
			return slices.ContainsFunc(objects, func(n named) bool { return n.is(object) })
		}
	}
	return o
}

// planOptions says what is to be closed, and of which section.
func (f *FixFlags) planOptions(guidelines []string, scope fixScope, objects []named) plan.Options {
	o := planOptions(guidelines, scope, objects)
	if f.Harden != nil {
		f.Harden.into(&o)
	}
	return o
}

// scopeOf is the scope of a run. What is made for a control plane is not of the security
// section.
func (f *FixFlags) scopeOf(named []string, namespace string, selects bool) fixScope {
	s := scopeOf(named, namespace, selects || f.Harden != nil)
	s.hardens = f.Harden != nil
	return s
}

// mendable takes arguments apart into guidelines, which the command must be able to
// close, and objects.
func (f *FixFlags) mendable(changed func(string) bool, args []string) (guidelines, objects []string, err error) {
	for _, arg := range args {
		if strings.Contains(arg, "/") {
			objects = append(objects, arg)
			continue
		}
		g, err := findGuideline(arg)
		if err != nil {
			return nil, nil, fmt.Errorf("%w (an object is named as KIND/NAME)", err)
		}
		not := notFixed
		if f.Harden != nil {
			not = notHardened
		}
		if err := not(g); err != nil {
			return nil, nil, err
		}
		guidelines = append(guidelines, g.ID)
	}
	if f.Harden != nil {
		err = f.Harden.possible(changed, guidelines, objects)
	}
	return guidelines, objects, err
}

// notFixed says why fix does not close a guideline, and what does; nil where it does.
func notFixed(g *guideline.Guideline) error {
	switch {
	case g.Hardens && g.Mend != nil:
		return fmt.Errorf("%s is of the security section: %s harden %[1]s closes it", g.ID, displayName)
	case g.Hardens && g.Values != nil:
		return fmt.Errorf("%s is of the security section, which is for %s harden; a value of Dapr's chart closes it, which %[2]s fix --scope=%[3]s %[1]s shows", g.ID, displayName, controlPlaneScope)
	case g.Hardens:
		return fmt.Errorf("%s is of the security section, which is for %s harden: %[2]s explain %[1]s says what it takes", g.ID, displayName)
	case g.Mend == nil && g.Provide == nil && g.Values != nil:
		return fmt.Errorf("a value of Dapr's chart closes %s: %s fix --scope=%s %[1]s shows it", g.ID, displayName, controlPlaneScope)
	case !g.Fixable():
		return fmt.Errorf("nothing that fix writes closes %s: %s", g.ID, g.Fix)
	}
	return nil
}

// resolveObjects finds the kinds of the objects that were named, as kubectl does.
func resolveObjects(ctx context.Context, config *rest.Config, typed []string) ([]named, error) {
	if len(typed) == 0 {
		return nil, nil
	}
	mapper, err := mapperOf(config)
	if err != nil {
		return nil, err
	}
	var all []named
	for _, t := range typed {
		resource, name, _ := strings.Cut(t, "/")
		if resource == "" || name == "" || strings.Contains(name, "/") {
			return nil, fmt.Errorf("%q is no object: write it as KIND/NAME, such as deployment/orders", t)
		}
		kind, listed, err := kindOf(ctx, mapper, resource)
		switch {
		case err != nil && !meta.IsNoMatchError(err):
			return nil, err
		case err != nil:
			return nil, fmt.Errorf("the server knows no %q: write an object as KIND/NAME, such as deployment/orders", resource)
		}
		all = append(all, named{kind: kind, resource: listed, name: name, typed: t})
	}
	return all, nil
}

// mapperOf is kubectl's, but that a context ends what it asks.
func mapperOf(config *rest.Config) (meta.RESTMapperWithContext, error) {
	client, err := discovery.NewDiscoveryClientForConfig(config)
	if err != nil {
		return nil, err
	}
	known := discovery.ToCachedDiscoveryInterfaceWithContext(memory.NewMemCacheClient(client))
	return restmapper.NewShortcutExpanderWithContext(restmapper.NewDeferredDiscoveryRESTMapperWithContext(known), known, nil), nil
}

// kindOf is what a kind that was typed means, and what lists its objects.
func kindOf(ctx context.Context, mapper meta.RESTMapperWithContext, typed string) (schema.GroupKind, schema.GroupResource, error) {
	_, gr := schema.ParseResourceArg(typed)
	resource, err := mapper.ResourceForWithContext(ctx, gr.WithVersion(""))
	if err != nil {
		return schema.GroupKind{}, schema.GroupResource{}, err
	}
	gvk, err := mapper.KindForWithContext(ctx, resource)
	return gvk.GroupKind(), resource.GroupResource(), err
}
