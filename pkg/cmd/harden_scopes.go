// Copyright The kubectl-dapr-prod Authors.
// SPDX-License-Identifier: Apache-2.0

package cmd

import (
	"cmp"
	"context"
	"fmt"
	"maps"
	"slices"
	"strings"
	"time"

	"k8s.io/apimachinery/pkg/apis/meta/v1/unstructured"
	"k8s.io/apimachinery/pkg/util/duration"
	"k8s.io/client-go/rest"

	"github.com/dapr-prod/kubectl-dapr-prod/pkg/catalogue"
	"github.com/dapr-prod/kubectl-dapr-prod/pkg/dapr"
	"github.com/dapr-prod/kubectl-dapr-prod/pkg/daprobject"
	"github.com/dapr-prod/kubectl-dapr-prod/pkg/evaluate"
	"github.com/dapr-prod/kubectl-dapr-prod/pkg/guideline"
	"github.com/dapr-prod/kubectl-dapr-prod/pkg/plan"
	"github.com/dapr-prod/kubectl-dapr-prod/pkg/usage"
)

// scopeWindow is how far back a Prometheus is asked: some apps run once a week, and many
// stores keep two weeks.
const scopeWindow = 15 * 24 * time.Hour

// scoping says which apps an object is to be for.
type scoping struct {
	// Apps are those that were named; empty asks metrics.
	Apps []string
	// Prometheus is the one that was named; nil where one is looked for in the cluster.
	Prometheus *usage.Prometheus
	// Labels are those that the series of the cluster have in a store of several.
	Labels map[string]string
	Config *rest.Config
	Now    time.Time
}

// change gives the change of an object, and says what the lists of apps rest on.
func (s *scoping) change(ctx context.Context, e *evaluate.Evaluation) (func(*unstructured.Unstructured) plan.ObjectStep, []string, error) {
	apps := map[string][]*guideline.App{}
	for _, app := range e.Apps {
		apps[app.Object.Namespace] = append(apps[app.Object.Namespace], app)
	}
	in := func(name string) *guideline.Namespace {
		return &guideline.Namespace{Name: name, Snapshot: e.Snapshot, Edition: e.Edition, Apps: apps[name]}
	}
	if len(s.Apps) > 0 {
		return func(live *unstructured.Unstructured) plan.ObjectStep {
			return s.named(live, in(live.GetNamespace()))
		}, nil, nil
	}
	if len(apps) == 0 {
		return func(live *unstructured.Unstructured) plan.ObjectStep {
			return s.seen(live, in(live.GetNamespace()), usage.Uses{})
		}, []string{"no app was read, so no metrics were asked for"}, nil
	}
	uses, said, err := s.uses(ctx, slices.Sorted(maps.Keys(apps)))
	if err != nil {
		return nil, nil, err
	}
	return func(live *unstructured.Unstructured) plan.ObjectStep {
		return s.seen(live, in(live.GetNamespace()), uses)
	}, append(s.evidence(uses), said...), nil
}

// named is an object for the apps that were named.
func (s *scoping) named(live *unstructured.Unstructured, ns *guideline.Namespace) plan.ObjectStep {
	ids, hidden := idsOf(ns)
	step := plan.ObjectStep{Scoping: daprobject.NewScoping(live, s.Apps, ids)}
	switch strange := step.Scoping.Strange; {
	case hidden == "" && len(strange) > 0:
		step.State, step.Why = plan.Refused, fmt.Sprintf("no app of the namespace has the ID %s: it has %s", guessed(strange, ids), cmp.Or(strings.Join(ids, ", "), "none"))
	case len(strange) > 0:
		step.Notes = append(step.Notes, fmt.Sprintf("no app that was seen has the ID %s", guessed(strange, ids)))
		fallthrough
	case hidden != "":
		step.Notes = append(step.Notes, "there may be more apps, which lose it: "+hidden)
	}
	return step
}

// guessed are app IDs that none has, each with the one that may have been meant.
func guessed(strange, ids []string) string {
	all := slices.Clone(strange)
	for i, id := range strange {
		if near := dapr.Nearest(id, ids); near != "" {
			all[i] += " (did you mean " + near + "?)"
		}
	}
	return strings.Join(all, ", ")
}

// seen is an object for the apps that were seen using it.
func (s *scoping) seen(live *unstructured.Unstructured, ns *guideline.Namespace, uses usage.Uses) plan.ObjectStep {
	ids, hidden := idsOf(ns)
	var apps, unwatched []string
	for _, u := range uses.Used {
		if u.Component == live.GetName() && u.Namespace == live.GetNamespace() {
			apps = append(apps, u.App)
		}
	}
	for _, id := range ids {
		if !slices.ContainsFunc(uses.Watched, func(w usage.Watched) bool { return w.App == id && w.Namespace == live.GetNamespace() }) {
			unwatched = append(unwatched, id)
		}
	}
	step := plan.ObjectStep{Scoping: daprobject.NewScoping(live, apps, ids)}
	if len(ids) == 0 && hidden == "" {
		step.State, step.Why = plan.Refused, "no app is in its namespace"
		return step
	}
	why := ""
	switch uncounted := daprobject.Uncounted(live, ns.Snapshot.DaprObjectsOf(live.GetNamespace())); {
	case uncounted != "":
		why = uncounted
	case hidden != "":
		why = "there may be apps that were not watched: " + hidden
	case len(unwatched) > 0:
		why = "nothing is known of what was not watched: " + strings.Join(unwatched, ", ")
	case len(apps) == 0:
		why = "no app was seen using it"
	case len(step.Scoping.Strange) > 0:
		why = "it was used by what is no app of the namespace now: " + strings.Join(step.Scoping.Strange, ", ")
	}
	if why != "" {
		step.State, step.Why = plan.Refused, why+"; name the apps that use it with --apps"
		return step
	}
	if block, _, _ := strings.Cut(strings.ToLower(typeOf(live)), "."); slices.Contains(waitedFor, block) {
		step.Notes = append(step.Notes, "an app that waits for what comes from it, and got nothing yet, was not seen")
	}
	return step
}

// waitedFor are the building blocks that call apps, which is counted when it happens:
// topics, input bindings, changes of a configuration.
var waitedFor = []string{"pubsub", "bindings", "configuration"}

func typeOf(live *unstructured.Unstructured) string {
	text, _, _ := unstructured.NestedString(live.Object, "spec", "type")
	return text
}

// idsOf are the app IDs of a namespace, and why there may be more.
func idsOf(ns *guideline.Namespace) (ids []string, hidden string) {
	ids, hidden = catalogue.AppIDs(ns)
	slices.Sort(ids)
	return slices.Compact(ids), hidden
}

// evidence says what was asked and seen, and how old it is.
func (s *scoping) evidence(uses usage.Uses) []string {
	asked := uses.Name + ", asked for " + uses.Period
	if len(uses.Watched) == 0 {
		return []string{"no app, by " + asked}
	}
	var all []string
	for _, w := range uses.Watched {
		all = append(all, fmt.Sprintf("%s/%s was watched since %s (%s), by %s", w.Namespace, w.App,
			w.Since.UTC().Format(time.RFC3339), duration.HumanDuration(s.Now.Sub(w.Since)), asked))
	}
	if len(uses.Used) == 0 {
		all = append(all, "none of them used a component")
	}
	return append(all, "what an app does more seldom than that was not seen")
}

// uses reads who uses what: from a Prometheus that was named, or that is in the cluster,
// or from the Pods.
func (s *scoping) uses(ctx context.Context, namespaces []string) (usage.Uses, []string, error) {
	selection := usage.Selection{Namespaces: namespaces, Containers: []string{dapr.SidecarContainer}, Labels: s.Labels}
	if s.Prometheus != nil {
		if _, err := s.Prometheus.Probe(ctx, selection, s.Now); err != nil {
			return usage.Uses{}, nil, fmt.Errorf("--prometheus-url: %w", err)
		}
		uses, err := s.Prometheus.Uses(ctx, selection, scopeWindow, s.Now)
		return uses, nil, err
	}
	cluster := usage.NewCluster(s.Config)
	uses, why := s.stored(ctx, cluster, selection)
	if why == "" {
		return uses, nil, nil
	}
	uses, said, err := cluster.PodUses(ctx, namespaces)
	return uses, append([]string{why + ", so the Pods were asked"}, said...), err
}

// stored reads who uses what from a Prometheus in the cluster, or says why not.
func (s *scoping) stored(ctx context.Context, cluster usage.Cluster, selection usage.Selection) (usage.Uses, string) {
	store, _, err := cluster.Find(ctx, selection, s.Now)
	if err != nil {
		return usage.Uses{}, err.Error()
	}
	uses, err := store.Uses(ctx, selection, scopeWindow, s.Now)
	switch {
	case err != nil:
		return uses, err.Error()
	case len(uses.Watched) == 0:
		return uses, store.Name + " counts no use of components"
	}
	return uses, ""
}
