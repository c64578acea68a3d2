// Copyright The kubectl-dapr-prod Authors.
// SPDX-License-Identifier: Apache-2.0

package evaluate

import (
	"fmt"
	"runtime"
	"slices"
	"strings"

	"github.com/dapr/dapr/pkg/injector/annotations"
	"golang.org/x/sync/errgroup"

	"github.com/dapr-prod/kubectl-dapr-prod/pkg/dapr"
	"github.com/dapr-prod/kubectl-dapr-prod/pkg/guideline"
	"github.com/dapr-prod/kubectl-dapr-prod/pkg/sidecar"
	"github.com/dapr-prod/kubectl-dapr-prod/pkg/snapshot"
)

// apps judges every app, and says where apps may have been missed.
func (e *Evaluation) apps(guidelines []*guideline.Guideline) {
	sameID := byID(e.Snapshot.Apps)
	e.Apps = make([]*guideline.App, len(e.Snapshot.Apps))
	judged := make([][]Judgement, len(e.Snapshot.Apps))
	// Each app by itself: they are many, and a simulation of the injector takes its time.
	var all errgroup.Group
	all.SetLimit(runtime.GOMAXPROCS(0))
	for i := range e.Snapshot.Apps {
		app := &e.Snapshot.Apps[i]
		all.Go(func() error {
			judged[i] = make([]Judgement, 0, len(guidelines)) // most say one thing
			views := e.views(app, sameID[idOf(app)])
			e.Apps[i] = views[0]
			for _, g := range guidelines {
				if g.App != nil {
					judged[i] = appended(judged[i], g, app.Object, sourceOf(app), e.judge(g, views))
				}
			}
			return nil
		})
	}
	_ = all.Wait() // none of them fails
	e.Judgements = slices.Concat(judged...)
	e.hiddenApps(guidelines)
}

// judge runs one guideline on all that an app may be. Where that makes a
// difference, the Pods that run give the verdict; where they do not either, only
// what fails in any case is known.
func (e *Evaluation) judge(g *guideline.Guideline, views []*guideline.App) []guideline.Result {
	common, agreed := inAll(g, views)
	if agreed {
		return common
	}
	if len(views[0].Sidecar.Observed) > 0 {
		observed := make([]*guideline.App, len(views))
		for i, view := range views {
			only := *view
			only.Sidecar = view.Sidecar.ObservedOnly()
			observed[i] = &only
		}
		if common, agreed = inAll(g, observed); agreed {
			return common
		}
	}
	common = slices.DeleteFunc(common, func(r guideline.Result) bool { return r.Outcome != guideline.Failed })
	return append(common, guideline.Unknown("%s", e.undecided(views[0])))
}

// inAll returns the results that a guideline comes to on every view, and whether
// these are all that it comes to.
func inAll(g *guideline.Guideline, views []*guideline.App) (common []guideline.Result, agreed bool) {
	common, agreed = g.App(views[0]), true
	for _, view := range views[1:] {
		results := g.App(view)
		agreed = agreed && slices.EqualFunc(common, results, same)
		common = slices.DeleteFunc(common, func(r guideline.Result) bool {
			return !slices.ContainsFunc(results, func(s guideline.Result) bool { return same(r, s) })
		})
	}
	return common, agreed
}

// same tells whether two results are the same verdict; their words may differ.
func same(r, s guideline.Result) bool {
	return r.Outcome == s.Outcome && r.Severity == s.Severity && r.Field == s.Field && r.Container == s.Container
}

// undecided says why it depends.
func (e *Evaluation) undecided(app *guideline.App) string {
	for _, r := range []snapshot.Resource{snapshot.Deployments, snapshot.Configurations} {
		if gap := e.Snapshot.Gap(snapshot.InControlPlane, r, app.Injector.Namespace); gap != nil {
			return "depends on how the control plane is set: " + gap.String()
		}
	}
	if !e.Snapshot.Live {
		return "depends on how the control plane is set: not in the input"
	}
	return "depends on the release of Dapr, which the control plane's images do not tell"
}

// views are the app under each injector that it may meet: one where the control
// plane was read, several where that is not known.
func (e *Evaluation) views(app *snapshot.App, sameID []snapshot.Object) []*guideline.App {
	webhook := e.webhook(app)
	install, injectors, hidden := e.injectors(app, webhook)
	var views []*guideline.App
	for _, in := range injectors {
		view := &guideline.App{
			App:      app,
			Snapshot: e.Snapshot,
			Edition:  e.Edition,
			Sidecar:  sidecar.Of(app, in, webhook, e.Snapshot),
			Injector: in,
			Said:     e.said,
			Install:  install,
			Webhook:  webhook,
			SameID:   sameID,
		}
		if hidden && len(view.Sidecar.Observed) > 0 {
			// Compared with a guess, every Pod would look odd.
			view.Sidecar.Problems = nil
		}
		views = append(views, view)
	}
	return views
}

// webhook is the one that is called for the app's Pods, or the one that would
// be but for its selectors; nil where none was read.
func (e *Evaluation) webhook(app *snapshot.App) *snapshot.Webhook {
	var first *snapshot.Webhook
	for i := range e.Snapshot.Webhooks {
		w := &e.Snapshot.Webhooks[i]
		if first == nil {
			first = w
		}
		selected := app.Template == nil || w.ObjectSelector.Matches(app.Template.Labels)
		ns, read := e.Snapshot.Namespaces[app.Object.Namespace]
		if selected && (!read || w.NamespaceSelector.Matches(ns.Labels)) {
			return w
		}
	}
	return first
}

// injectors are those that the app may meet: of the control plane that the
// webhook calls, else of the only one, else of the one that its Pods were told.
// hidden tells that the settings were not read.
func (e *Evaluation) injectors(app *snapshot.App, webhook *snapshot.Webhook) (cp *snapshot.ControlPlane, all []sidecar.Injector, hidden bool) {
	namespace := ""
	switch {
	case webhook != nil:
		namespace = webhook.ControlPlane
	case len(e.Snapshot.ControlPlanes) == 1:
		namespace = e.Snapshot.ControlPlanes[0].Namespace
	default:
		for _, p := range app.Pods {
			if p.Sidecar != nil {
				namespace = sidecar.DaprNamespaceOf(&p.Sidecar.Container)
			}
		}
	}
	cp = e.Snapshot.ControlPlane(namespace)
	if assumed := e.assumed(); cp == nil && assumed != nil {
		cp = assumed // the webhook names another namespace, and the input holds no more
	}
	if cp == nil {
		in := sidecar.DefaultInjector(namespace, dapr.NewestVersion())
		return nil, withOpposites(in.Generations()), true
	}
	in, read := sidecar.InjectorOf(e.Snapshot, cp)
	all = []sidecar.Injector{in}
	if !cp.Version.Known() {
		all = in.Generations()
	}
	switch {
	case !read:
		all = withOpposites(all)
	case e.configurationHidden(namespace):
		for _, in := range slices.Clone(all) {
			in.MTLS = !in.MTLS
			all = append(all, in)
		}
	}
	return cp, all, !read
}

// assumed is the control plane that manifests are taken to meet, where they hold none.
func (e *Evaluation) assumed() *snapshot.ControlPlane {
	for i := range e.Snapshot.ControlPlanes {
		if cp := &e.Snapshot.ControlPlanes[i]; cp.Assumed && len(cp.Workloads) == 0 {
			return cp
		}
	}
	return nil
}

// configurationHidden tells whether there may be a system Configuration that was not read.
func (e *Evaluation) configurationHidden(namespace string) bool {
	if e.Snapshot.Configuration(namespace, dapr.SystemConfiguration) != nil {
		return false
	}
	return !e.Snapshot.Live || e.Snapshot.Gap(snapshot.InControlPlane, snapshot.Configurations, namespace) != nil
}

func withOpposites(all []sidecar.Injector) []sidecar.Injector {
	for _, in := range slices.Clone(all) {
		all = append(all, in.Opposite())
	}
	return all
}

// hiddenApps says, once a guideline, which workloads could not be listed.
func (e *Evaluation) hiddenApps(guidelines []*guideline.Guideline) {
	gaps := map[string][]string{}
	var namespaces []string
	for _, read := range snapshot.Apps() {
		for _, g := range e.Snapshot.Gaps {
			if g.Resource == read.Resource && g.Place == read.Place && g.Reason != snapshot.NotInInput {
				if gaps[g.Namespace] == nil {
					namespaces = append(namespaces, g.Namespace)
				}
				gaps[g.Namespace] = append(gaps[g.Namespace], fmt.Sprintf("%s (%s)", g.Resource, g.Reason))
			}
		}
	}
	for _, ns := range namespaces {
		object := snapshot.Object{APIVersion: "v1", Kind: "Namespace", Name: ns}
		if ns == "" {
			object = e.cluster()
		}
		for _, g := range guidelines {
			if g.App != nil {
				e.add(g, object, []guideline.Result{
					guideline.Unknown("there may be apps that were not seen, of what could not be listed: %s", strings.Join(gaps[ns], ", ")),
				})
			}
		}
	}
}

// IsCluster tells whether an object stands for all that was asked for.
func IsCluster(o snapshot.Object) bool { return o.APIVersion == "v1" && o.Kind == "Cluster" }

// cluster stands for all that was asked for.
func (e *Evaluation) cluster() snapshot.Object {
	name := e.Snapshot.Context
	if name == "" {
		name = "current"
	}
	return snapshot.Object{APIVersion: "v1", Kind: "Cluster", Name: name}
}

type appID struct{ namespace, id string }

// idOf is an app's ID, where its template gives one.
func idOf(app *snapshot.App) appID {
	if app.Template == nil || app.Template.Annotations[annotations.KeyAppID] == "" {
		return appID{}
	}
	return appID{app.Object.Namespace, app.Template.Annotations[annotations.KeyAppID]}
}

func byID(apps []snapshot.App) map[appID][]snapshot.Object {
	all := map[appID][]snapshot.Object{}
	for i := range apps {
		if id := idOf(&apps[i]); id != (appID{}) {
			all[id] = append(all[id], apps[i].Object)
		}
	}
	return all
}

// sourceOf is where the app's template is written, or else the app.
func sourceOf(app *snapshot.App) *snapshot.Source {
	if app.Template != nil {
		return &app.Template.Source
	}
	return &app.Source
}
