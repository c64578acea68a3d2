// Copyright The kubectl-dapr-prod Authors.
// SPDX-License-Identifier: Apache-2.0

package plan_test

import (
	"fmt"
	"maps"
	"slices"
	"strings"
	"testing"
	"time"

	corev1 "k8s.io/api/core/v1"

	"github.com/dapr-prod/kubectl-dapr-prod/pkg/evaluate"
	"github.com/dapr-prod/kubectl-dapr-prod/pkg/guideline"
	"github.com/dapr-prod/kubectl-dapr-prod/pkg/plan"
	"github.com/dapr-prod/kubectl-dapr-prod/pkg/snapshot"
)

// wants is a guideline that wants an annotation of its own name on the template, and
// does not apply where there is one with "no-" before it.
func wants(id string, mend func(*guideline.App) guideline.Remedy) *guideline.Guideline {
	return &guideline.Guideline{
		ID: id, Severity: guideline.Warning, Fix: "write " + id, Mend: mend,
		App: func(app *guideline.App) []guideline.Result {
			switch set := app.Template.Annotations; {
			case set["no-"+id] != "":
				return []guideline.Result{guideline.Skip("no %s", id)}
			case set[id] == "":
				return []guideline.Result{guideline.Fail("%s is missing", id).At(id)}
			default:
				return []guideline.Result{guideline.Pass("there")}
			}
		},
	}
}

// fails is a guideline that fails, with a severity, where an annotation is there.
func fails(id, key string, s guideline.Severity) *guideline.Guideline {
	return &guideline.Guideline{
		ID: id, Severity: guideline.Warning, Fix: "take it off",
		App: func(app *guideline.App) []guideline.Result {
			if app.Template.Annotations[key] != "" {
				return []guideline.Result{guideline.Fail("%s is there", key).As(s)}
			}
			return []guideline.Result{guideline.Pass("not there")}
		},
	}
}

// reveals is the same for the annotation a, but that it does not apply without it.
func reveals(id string, s guideline.Severity) *guideline.Guideline {
	g := fails(id, "a", s)
	judge := g.App
	g.App = func(app *guideline.App) []guideline.Result {
		if app.Template.Annotations["a"] == "" {
			return []guideline.Result{guideline.Skip("not there")}
		}
		return judge(app)
	}
	return g
}

// sets is the remedy that sets annotations, given as "key=value".
func sets(pairs ...string) func(*guideline.App) guideline.Remedy {
	return func(*guideline.App) guideline.Remedy {
		r := guideline.Remedy{Annotations: map[string]string{}}
		for _, pair := range pairs {
			key, value, _ := strings.Cut(pair, "=")
			r.Annotations[key] = value
		}
		return r.Risking("risk of " + pairs[0])
	}
}

func asked(mend func(*guideline.App) guideline.Remedy) func(*guideline.App) guideline.Remedy {
	return func(app *guideline.App) guideline.Remedy { return mend(app).Only("it hurts") }
}

func left(why string) func(*guideline.App) guideline.Remedy {
	return func(*guideline.App) guideline.Remedy { return guideline.LeaveTo(why) }
}

// restarts fails where Pods run.
func restarts() *guideline.Guideline {
	return &guideline.Guideline{
		ID: "old", Severity: guideline.Warning, Fix: "restart",
		App: func(app *guideline.App) []guideline.Result {
			if len(app.Pods) > 0 {
				return []guideline.Result{guideline.Fail("%d Pods are old", len(app.Pods))}
			}
			return []guideline.Result{guideline.Pass("no Pods")}
		},
		Mend: func(*guideline.App) guideline.Remedy { return guideline.Remedy{Restart: true} },
	}
}

func with(g *guideline.Guideline, change func(*guideline.Guideline)) *guideline.Guideline {
	change(g)
	return g
}

// app is one of a kind, with annotations on its template given as "key=value".
func app(kind, name string, pairs ...string) snapshot.App {
	version := map[string]string{"CronJob": "batch/v1", "Job": "batch/v1", "Pod": "v1", "Rollout": "argoproj.io/v1alpha1"}[kind]
	if version == "" {
		version = "apps/v1"
	}
	o := snapshot.Object{APIVersion: version, Kind: kind, Namespace: "shop", Name: name}
	t := &snapshot.Template{Object: o, Path: "spec.template", Annotations: snapshot.Annotations{}, Spec: &corev1.PodSpec{}}
	for _, pair := range pairs {
		key, value, _ := strings.Cut(pair, "=")
		t.Annotations[key] = value
	}
	return snapshot.App{Object: o, UID: "uid", Template: t, Pods: []snapshot.Pod{{Name: name + "-1"}}}
}

// afterA is the remedy that sets b once it sees a on the template.
func afterA(app *guideline.App) guideline.Remedy {
	if app.Template.Annotations["a"] == "" {
		return guideline.Remedy{}
	}
	return guideline.Annotate("b", "1")
}

// joins is the remedy that writes its word behind what the annotation env holds.
func joins(word string) func(*guideline.App) guideline.Remedy {
	return func(app *guideline.App) guideline.Remedy {
		return guideline.Annotate("env", strings.TrimPrefix(app.Template.Annotations["env"]+","+word, ","))
	}
}

// holds is a guideline that wants a word in the annotation env.
func holds(word string) *guideline.Guideline {
	return &guideline.Guideline{
		ID: word, Severity: guideline.Warning, Fix: "write it", Mend: joins(word),
		App: func(app *guideline.App) []guideline.Result {
			if !slices.Contains(strings.Split(app.Template.Annotations["env"], ","), word) {
				return []guideline.Result{guideline.Fail("no %s", word).At("env/" + word)}
			}
			return []guideline.Result{guideline.Pass("there")}
		},
	}
}

// closing is a guideline whose remedy closes the finding of another as well, where it
// is named.
func closing(id, other string) *guideline.Guideline {
	g := wants(id, asked(sets(id+"=1", other+"=1")))
	g.MendsToo = []string{other}
	return g
}

func TestMake(t *testing.T) {
	t.Parallel()
	type list = []*guideline.Guideline
	deployment := app("Deployment", "web")
	for _, tt := range []struct {
		name       string
		guidelines list
		named      []string
		app        snapshot.App
		want       string
	}{
		{
			"one change for all remedies, sorted",
			list{wants("b", sets("b=1")), wants("a", sets("a=1", "z=2")), wants("c", nil)},
			nil, app("Deployment", "web", "z=1"),
			"change a=1 b=1 z=2(1); for b a; closes a b; risks risk of b=1, risk of a=1\nleft c: write c",
		},
		{"a risk is said once", list{wants("a", sets("a=1")), wants("b", func(*guideline.App) guideline.Remedy { return guideline.Annotate("b", "1").Risking("risk of a=1") })}, nil, deployment, "change a=1 b=1; for a b; closes a b; risks risk of a=1"},
		{"nothing falls short", list{wants("a", sets("a=1"))}, nil, app("Deployment", "web", "a=1"), ""},
		{"what one brings about the next one sees", list{wants("b", afterA), wants("a", sets("a=1"))}, nil, deployment, "change a=1 b=1; for a b; closes a b; risks risk of a=1"},
		{"both write one annotation", list{holds("x"), holds("y")}, nil, deployment, "change env=x,y; for x y; closes x y"},
		{"three write one annotation", list{holds("x"), holds("y"), holds("z")}, nil, deployment, "change env=x,y,z; for x y z; closes x y z"},

		{"for those who ask", list{wants("a", asked(sets("a=1"))), wants("b", sets("b=1"))}, nil, deployment, "change b=1; for b; closes b; risks risk of b=1\nleft a, if named: it hurts"},
		{"and somebody asks", list{wants("a", asked(sets("a=1"))), wants("b", sets("b=1"))}, []string{"a"}, deployment, "change a=1; for a; closes a; risks risk of a=1"},
		{"by another for those who ask", list{wants("a", nil), closing("b", "a")}, nil, deployment, "left a, if b is named: it hurts\nleft b, if named: it hurts"},
		{"and somebody asks for it in the name of the first", list{wants("a", afterA), closing("b", "a")}, []string{"a"}, deployment, "left a, if b is named: it hurts"},
		{"of others nothing is said", list{wants("a", sets("a=1")), wants("b", left("no"))}, []string{"a"}, deployment, "change a=1; for a; closes a; risks risk of a=1"},
		{"what comes of the plan itself is mended too", list{reveals("late", guideline.Warning), with(fails("b", "a", guideline.Warning), func(g *guideline.Guideline) {
			g.App = func(app *guideline.App) []guideline.Result {
				if set := app.Template.Annotations; set["a"] != "" && set["b"] == "" {
					return []guideline.Result{guideline.Fail("no b")}
				}
				return []guideline.Result{guideline.Skip("no a")}
			}
			g.Mend = sets("b=1")
		}), wants("a", sets("a=1"))}, []string{"a"}, deployment, "change a=1 b=1; for a b; closes a; reveals late; risks risk of a=1, risk of b=1"},
		{"a person", list{wants("a", left("think first")), wants("b", nil)}, nil, deployment, "left a: think first\nleft b: write b"},
		{"a person at first, and not for all of it", list{wants("a", sets("a=1")), with(wants("b", func(app *guideline.App) guideline.Remedy {
			if app.Template.Annotations["a"] == "" {
				return guideline.LeaveTo("first a")
			}
			return guideline.Annotate("b", "1")
		}), func(g *guideline.Guideline) {
			judge := g.App
			g.App = func(app *guideline.App) []guideline.Result {
				return append(judge(app), guideline.Fail("and c").At("c"))
			}
		})}, nil, deployment, "change a=1 b=1; for a b; closes a b; risks risk of a=1\nleft b: write b"},
		{"no remedy after all", list{wants("a", func(*guideline.App) guideline.Remedy { return guideline.Remedy{} })}, nil, deployment, "left a: write a"},
		{"security has a command of its own", list{with(wants("a", nil), func(g *guideline.Guideline) { g.Hardens = true })}, nil, deployment, "left a: write a"},

		{"a Job", list{wants("a", asked(sets("a=1")))}, nil, app("Job", "web"), "left a: the template of a Job cannot be changed: delete the Job and make it again from a manifest with the change"},
		{"a Pod", list{wants("a", sets("a=1"))}, nil, app("Pod", "web"), "left a: nobody makes this Pod anew: delete it and make it again from a manifest with the change, better as a Deployment"},
		{"a ReplicaSet", list{wants("a", sets("a=1"))}, nil, app("ReplicaSet", "web"), "left a: a ReplicaSet keeps the Pods that it has: change the manifest, and delete its Pods"},
		{"a kind of another group", list{wants("a", sets("a=1"))}, nil, changed(app("StatefulSet", "web"), func(a *snapshot.App) {
			a.Object.APIVersion, a.Template.Object.APIVersion = "apps.kruise.io/v1", "apps.kruise.io/v1"
		}), "left a: this tool does not write a StatefulSet: change its template where it is made"},
		{"a CronJob", list{wants("a", sets("a=1"))}, nil, app("CronJob", "web"), "change a=1; for a; closes a; risks risk of a=1"},
		{"a Rollout", list{wants("a", sets("a=1"))}, nil, app("Rollout", "web"), "change a=1; for a; closes a; risks risk of a=1"},

		{"it does not close", list{wants("a", sets("b=1")), wants("c", sets("c=1"))}, nil, deployment, "change c=1; for c; closes c; risks risk of c=1\nleft a: it would not close the finding: a is missing"},
		{"it moves the finding", list{with(wants("a", sets("a=1")), func(g *guideline.Guideline) {
			judge := g.App
			g.App = func(app *guideline.App) []guideline.Result {
				if app.Template.Annotations["a"] != "" {
					return []guideline.Result{guideline.Fail("now b").At("b")}
				}
				return judge(app)
			}
		})}, nil, deployment, "left a: it would not close the finding: now b"},
		{"it opens another", list{wants("a", sets("a=1")), fails("x", "a", guideline.Info)}, nil, deployment, "left a: it would open another finding: x, a is there"},
		{"it makes another worse", list{wants("a", sets("a=1")), with(fails("x", "a", guideline.Error), func(g *guideline.Guideline) {
			judge := g.App
			g.App = func(app *guideline.App) []guideline.Result {
				return append(judge(app), guideline.Fail("as ever").As(guideline.Warning))
			}
		})}, nil, deployment, "left a: it would open another finding: x, a is there\nleft x: take it off"},
		{"it opens another, and the others do not", list{wants("b", sets("b=1")), wants("a", sets("a=1")), wants("c", sets("c=1")), fails("x", "a", guideline.Info)}, nil, deployment, "change b=1 c=1; for b c; closes b c; risks risk of b=1, risk of c=1\nleft a: it would open another finding: x, a is there"},
		{"two open another", list{wants("a", sets("a=1", "x=1")), wants("b", sets("b=1", "x=1")), fails("x", "x", guideline.Info)}, nil, deployment, "left a: it would open another finding: x, x is there\nleft b: it would open another finding: x, x is there"},
		{"it reveals a warning", list{wants("a", sets("a=1")), reveals("x", guideline.Warning)}, nil, deployment, "change a=1; for a; closes a; reveals x; risks risk of a=1"},
		{"it reveals an error", list{wants("a", sets("a=1")), reveals("x", guideline.Error)}, nil, deployment, "left a: it would open another finding: x, a is there"},
		{"it reveals what the Pods that run leave open", list{wants("a", sets("a=1")), with(reveals("x", guideline.Warning), func(g *guideline.Guideline) {
			judge := g.App
			g.App = func(app *guideline.App) []guideline.Result {
				if len(app.Pods) > 0 {
					return []guideline.Result{guideline.Unknown("Pods")}
				}
				return judge(app)
			}
		})}, nil, deployment, "change a=1; for a; closes a; reveals x; risks risk of a=1"},
		{"a restart opens it", list{wants("a", sets("a=1")), with(fails("x", "a", guideline.Error), func(g *guideline.Guideline) {
			g.App = func(app *guideline.App) []guideline.Result {
				if len(app.Pods) > 0 {
					return []guideline.Result{guideline.Pass("Pods")}
				}
				return []guideline.Result{guideline.Fail("no Pods come back")}
			}
		})}, nil, deployment, "left a: it would open another finding: x, no Pods come back"},
		{"it reveals an error of security", list{wants("a", sets("a=1")), with(reveals("x", guideline.Error), func(g *guideline.Guideline) { g.Hardens = true })}, nil, deployment, "change a=1; for a; closes a; reveals x; risks risk of a=1"},

		{"an error is kept", list{wants("a", sets("a=1")), fails("x", "x", guideline.Error), fails("y", "x", guideline.Warning)}, nil, app("Deployment", "web", "x=1"), "change a=1; for a; closes a; risks risk of a=1, new Pods come with errors that stay: x\nleft x: take it off\nleft y: take it off"},
		{"an error is kept, and no Pod runs", list{wants("a", sets("a=1")), fails("x", "x", guideline.Error)}, nil, changed(app("Deployment", "web", "x=1"), func(a *snapshot.App) { a.Pods = nil }), "change a=1; for a; closes a; risks risk of a=1\nleft x: take it off"},
		{"a restart", list{restarts()}, nil, deployment, "change dapr-prod.github.io/restarted-at=2026-11-21T12:00:00Z; for old; closes old"},
		{"a restart that comes by itself", list{restarts(), wants("a", sets("a=1"))}, nil, deployment, "change a=1; for old a; closes a old; risks risk of a=1"},
		{"a restart for those who ask, that comes by itself", list{with(restarts(), func(g *guideline.Guideline) { g.Mend = asked(g.Mend) }), wants("a", sets("a=1"))}, nil, deployment, "change a=1; for a; closes a old; risks risk of a=1"},
		{"a restart again", list{restarts()}, nil, app("Deployment", "web", plan.RestartedAt+"=x"), "change dapr-prod.github.io/restarted-at=2026-11-21T12:00:00Z(x); for old; closes old"},

		{"another's finding too", list{with(wants("a", sets("a=1", "b=1")), func(g *guideline.Guideline) { g.MendsToo = []string{"b"} }), wants("b", nil)}, []string{"a"}, app("Deployment", "web", "no-a=1"), "change a=1 b=1; for a; closes b; risks risk of a=1"},
		{"why another's finding is left", list{with(wants("a", left("of a")), func(g *guideline.Guideline) { g.MendsToo = []string{"b", "c"} }), wants("b", left("of b")), wants("c", nil)}, nil, deployment, "left a: of a\nleft b: of b\nleft c: of a"},
		{"two that undo each other", list{wants("a", sets("a=1", "no-b=", "b=")), wants("b", sets("b=1", "a="))}, nil, deployment, "change a= b=1; for b; closes b; risks risk of b=1\nleft a: it would not close the finding: a is missing"},
	} {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			p := plan.Make(of(tt.app), options(tt.guidelines, tt.named...))
			if got := written(p); got != tt.want {
				t.Errorf("got:\n%s\nwant:\n%s", got, tt.want)
			}
		})
	}
}

func changed(a snapshot.App, change func(*snapshot.App)) snapshot.App {
	change(&a)
	return a
}

func TestMakeForSeveralApps(t *testing.T) {
	t.Parallel()
	s := of(app("Deployment", "a"), app("Deployment", "b", "a=1"), app("StatefulSet", "a"))
	o := options([]*guideline.Guideline{wants("a", sets("a=1"))})
	want := []string{"Deployment shop/a: a", "StatefulSet shop/a: a"}
	if got := changes(plan.Make(s, o)); !slices.Equal(got, want) {
		t.Errorf("got %v, want %v", got, want)
	}
	// One that is refused, and one that nobody wants.
	o.Refused = map[plan.Remedy]string{{App: s.Apps[0].Object, Guideline: "a"}: "the server says no"}
	p := plan.Make(s, o)
	if got := changes(p); !slices.Equal(got, want[1:]) || len(p.Left) != 1 || p.Left[0].Why != "the server says no" || p.Left[0].Object != s.Apps[0].Object {
		t.Errorf("changes %v, left %v", got, p.Left)
	}
	if len(o.Refused) != 1 {
		t.Errorf("the options were changed: %v", o.Refused)
	}
	o.Wanted = func(o snapshot.Object) bool { return o.Kind == "Deployment" }
	if p := plan.Make(s, o); len(p.Changes) != 0 || len(p.Left) != 1 {
		t.Errorf("changes %v, left %v, and the only app that is wanted is refused", changes(p), p.Left)
	}
	for i := range s.Apps {
		if _, set := s.Apps[i].Template.Annotations["a"]; set != (i == 1) || len(s.Apps[i].Pods) != 1 {
			t.Errorf("the snapshot was changed: %+v", s.Apps[i])
		}
	}
}

// TestUnfit: what the server makes of a change may not be what was planned.
func TestUnfit(t *testing.T) {
	t.Parallel()
	s := of(app("Deployment", "web"))
	o := options([]*guideline.Guideline{wants("a", sets("a=1")), wants("b", sets("b=1")), fails("x", "x", guideline.Warning)})
	p := plan.Make(s, o)
	remedy := func(id string) plan.Remedy { return plan.Remedy{App: s.Apps[0].Object, Guideline: id} }
	for _, tt := range []struct {
		name  string
		after snapshot.App
		want  map[plan.Remedy]string
	}{
		{"as planned", app("Deployment", "web", "a=1", "b=1"), map[plan.Remedy]string{}},
		{"somebody takes one off", app("Deployment", "web", "a=1"), map[plan.Remedy]string{remedy("b"): "it would not close the finding: b is missing"}},
		{"something comes with it", app("Deployment", "web", "a=1", "b=1", "x=1"), map[plan.Remedy]string{
			remedy("a"): "it would open another finding: x, x is there", remedy("b"): "it would open another finding: x, x is there",
		}},
	} {
		if got := p.Unfit(evaluate.Run(of(tt.after), o.Guidelines, o.Evaluation)); !maps.Equal(got, tt.want) {
			t.Errorf("%s: %v, want %v", tt.name, got, tt.want)
		}
	}
}

func changes(p *plan.Plan) []string {
	var all []string
	for i := range p.Changes {
		all = append(all, p.Changes[i].String())
	}
	return all
}

func of(apps ...snapshot.App) *snapshot.Snapshot {
	return &snapshot.Snapshot{TakenAt: time.Date(2026, 11, 21, 12, 0, 0, 0, time.UTC), Live: true, Apps: apps}
}

func options(guidelines []*guideline.Guideline, named ...string) plan.Options {
	return plan.Options{Guidelines: guidelines, Named: named, Evaluation: evaluate.Options{Scopes: []guideline.Scope{guideline.Apps}}}
}

// written is a plan for one app, a line for the change and one for each finding left.
func written(p *plan.Plan) string {
	var lines []string
	ids := func(judgements []evaluate.Judgement) string {
		var all []string
		for _, j := range judgements {
			all = append(all, j.Guideline.ID)
		}
		return strings.Join(all, " ")
	}
	for _, c := range p.Changes {
		line := "change"
		for _, a := range c.Annotations {
			line += " " + a.Key + "=" + a.Value
			if a.Was != nil {
				line += "(" + *a.Was + ")"
			}
		}
		line += "; for"
		for _, g := range c.Remedies {
			line += " " + g.ID
		}
		line += "; closes " + ids(c.Closes)
		if len(c.Reveals) > 0 {
			line += "; reveals " + ids(c.Reveals)
		}
		if len(c.Risks) > 0 {
			line += "; risks " + strings.Join(c.Risks, ", ")
		}
		lines = append(lines, line)
	}
	for _, l := range p.Left {
		asked := ""
		switch {
		case l.By == l.Guideline:
			asked = ", if named"
		case l.By != nil:
			asked = ", if " + l.By.ID + " is named"
		}
		lines = append(lines, fmt.Sprintf("left %s%s: %s", l.Guideline.ID, asked, l.Why))
	}
	return strings.Join(lines, "\n")
}
