// Copyright The kubectl-dapr-prod Authors.
// SPDX-License-Identifier: Apache-2.0

package cmd

import (
	"errors"
	"fmt"
	"slices"
	"strings"

	"github.com/spf13/cobra"
	"k8s.io/apimachinery/pkg/labels"
	cmdutil "k8s.io/kubectl/pkg/cmd/util"

	"github.com/dapr-prod/kubectl-dapr-prod/pkg/collect"
	"github.com/dapr-prod/kubectl-dapr-prod/pkg/evaluate"
	"github.com/dapr-prod/kubectl-dapr-prod/pkg/guideline"
	"github.com/dapr-prod/kubectl-dapr-prod/pkg/plan"
)

// ObjectFlags is what was typed about objects of dapr.io.
type ObjectFlags struct {
	// Apps are the app IDs that an object is to be for.
	Apps []string
	// FromMetrics takes those that were seen using it.
	FromMetrics bool
	// Prometheus is the one that is read, as by sizing.
	Prometheus PrometheusFlags
}

// AddFlags declares the flags.
func (f *ObjectFlags) AddFlags(cmd *cobra.Command) {
	flags := cmd.Flags()
	flags.StringSliceVar(&f.Apps, "apps", f.Apps, "With component-scopes: the app IDs that the component is to be for, separated by commas.")
	flags.BoolVar(&f.FromMetrics, "from-metrics", f.FromMetrics, "With component-scopes: the apps that were seen using each component in Dapr's own metrics, read from a Prometheus or, where there is none, from the Pods.")
	f.Prometheus.AddFlags(cmd)
}

// given is the first of the flags that was given; empty where none was.
func (f *ObjectFlags) given(changed func(string) bool) string {
	for _, name := range []string{"apps", "from-metrics"} {
		if changed(name) {
			return name
		}
	}
	return f.Prometheus.given(changed)
}

// ofObjects are the guidelines that are closed in objects of dapr.io.
var ofObjects = []string{componentSecrets, componentScopes}

// aboutObjects tells whether such a guideline was named.
func aboutObjects(args []string) bool {
	return slices.ContainsFunc(args, func(arg string) bool { return slices.Contains(ofObjects, arg) })
}

// notOfObjects are the flags that mean nothing where objects of dapr.io are changed.
var notOfObjects = []flagReason{
	{"kustomize", "is not closed by an overlay, since what stands in a base stays there: give the files of the base to -f"},
	{"revert", "is not taken back by its name: --revert JOURNAL stands alone"},
	{"scope", "is not about control planes: leave out --scope"},
	{"selector", "is about objects that no app owns: name them, as in component/statestore, in place of -l"},
	{"all-apps", "is about objects, and not about apps: leave out --all-apps"},
	{"rotate", "makes no tokens: leave out --rotate"},
	{"profile", "is of no profile, and done only where it is named: leave out --profile"},
	{"helm-upgrade", "is not closed by a value of Dapr's chart: leave out --helm-upgrade"},
	{"max-parallel", "restarts nothing: leave out --max-parallel"},
	{"timeout", "waits for nothing: leave out --timeout"},
	{"output-dir", "is written as a JSON patch by -o json: leave out --output-dir"},
}

// toObjectRun turns what was typed into what a run over objects of dapr.io needs.
func (f *FixFlags) toObjectRun(cmd *cobra.Command, args []string) (*ObjectRun, error) {
	g, typed, err := f.Harden.Objects.guideline(cmd, args, f.Output)
	if err != nil {
		return nil, err
	}
	if err := oneNamespace(typed, f.AllNamespaces); err != nil {
		return nil, err
	}
	objects := &f.Harden.Objects
	store, err := objects.Prometheus.dial(cmd.Flags().Changed)
	if err != nil {
		return nil, err
	}
	run, err := f.toRun(cmd, args, f.Output, f.IOStreams)
	if err != nil {
		return nil, err
	}
	now, err := takenAt()
	if err != nil {
		return nil, err
	}
	all := []*guideline.Guideline{g}
	in := []guideline.Scope{guideline.Apps}
	check := CheckFlags{Config: f.Config, IOStreams: f.IOStreams, AllNamespaces: f.AllNamespaces, ChunkSize: cmdutil.DefaultChunkSize}
	live, err := check.live(labels.Everything(), now, readsOf(all, in))
	if err != nil {
		return nil, err
	}
	o := &ObjectRun{WriteRun: run, Guideline: g, Output: f.Output}
	if err := o.connect(live.(collect.Live)); err != nil {
		return nil, err
	}
	if o.Objects, err = resolveObjects(cmd.Context(), o.Reader.Config, typed); err != nil {
		return nil, err
	}
	o.Plan = plan.Options{Guidelines: all, Named: []string{g.ID}, Hardens: true, Evaluation: evaluate.Options{Scopes: in, Known: guidelineNames()}}
	if g.ID == componentScopes {
		o.Scopes = &scoping{Apps: objects.Apps, Prometheus: store, Labels: objects.Prometheus.Labels, Config: o.Reader.Config, Now: now}
	}
	return o, nil
}

// guideline is the one that was named, and the objects beside it.
func (f *ObjectFlags) guideline(cmd *cobra.Command, args []string, output string) (g *guideline.Guideline, objects []string, err error) {
	for _, arg := range args {
		switch {
		case strings.Contains(arg, "/"):
			objects = append(objects, arg)
		case g != nil:
			return nil, nil, fmt.Errorf("%s changes objects of dapr.io, and is done alone: name %s in another run", args[slices.IndexFunc(args, func(a string) bool { return slices.Contains(ofObjects, a) })], arg)
		default:
			if g, err = findGuideline(arg); err != nil {
				return nil, nil, err
			}
		}
	}
	if !slices.Contains(ofObjects, g.ID) {
		return nil, nil, fmt.Errorf("%s is closed in objects of dapr.io: name it alone", g.ID)
	}
	for _, flag := range notOfObjects {
		if cmd.Flags().Changed(flag.name) {
			return nil, nil, fmt.Errorf("%s %s", g.ID, flag.why)
		}
	}
	return g, objects, f.possible(cmd, g.ID, objects, output)
}

// possible refuses what does not go together.
func (f *ObjectFlags) possible(cmd *cobra.Command, id string, objects []string, output string) error {
	named := cmd.Flags().Changed("apps")
	switch {
	case output == asComponent || output == helmOutput || output == "name":
		return fmt.Errorf("%s is written as yaml or json, JSON patches, and not as %s", id, output)
	case id != componentScopes && f.given(cmd.Flags().Changed) != "":
		return fmt.Errorf("--%s is about %s: name that", f.given(cmd.Flags().Changed), componentScopes)
	case id != componentScopes:
		return nil
	case cmd.Flags().Changed("filename"):
		return fmt.Errorf("%s is closed in a cluster alone: write scopes: [APP, APP] into the manifest by hand, beside spec", id)
	case named && f.FromMetrics:
		return errors.New("--apps names the apps, and --from-metrics looks for them: leave one of them out")
	case !named && !f.FromMetrics:
		return fmt.Errorf("%s cuts off every app that it does not list, so it is told which use the component: name them with --apps, or have --from-metrics show who was seen using it", id)
	case f.Prometheus.given(cmd.Flags().Changed) != "" && !f.FromMetrics:
		return fmt.Errorf("--%s goes with --from-metrics", f.Prometheus.given(cmd.Flags().Changed))
	case named && slices.Contains(f.Apps, ""):
		return errors.New("--apps has an empty name in it: separate app IDs by one comma")
	case named && len(f.Apps) == 0:
		return errors.New("--apps names no app")
	case named && len(objects) == 0:
		return errors.New("--apps is for the components that are named: say which, as in component/statestore")
	}
	return nil
}
