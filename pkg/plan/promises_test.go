// Copyright The kubectl-dapr-prod Authors.
// SPDX-License-Identifier: Apache-2.0

package plan_test

import (
	"maps"
	"math/rand/v2"
	"reflect"
	"slices"
	"strings"
	"testing"

	"github.com/dapr/dapr/pkg/injector/annotations"

	"github.com/dapr-prod/kubectl-dapr-prod/pkg/catalogue"
	"github.com/dapr-prod/kubectl-dapr-prod/pkg/dapr"
	"github.com/dapr-prod/kubectl-dapr-prod/pkg/evaluate"
	"github.com/dapr-prod/kubectl-dapr-prod/pkg/guideline"
	"github.com/dapr-prod/kubectl-dapr-prod/pkg/plan"
	"github.com/dapr-prod/kubectl-dapr-prod/pkg/snapshot"
)

// clusters is how many are made up.
const clusters = 300

// TestPromises plans for clusters that are made up, with the guidelines of the
// catalogue, and carries the plan out: what it was to close is closed, nothing else
// fails that did not, no other variable is touched, and there is nothing more to do.
func TestPromises(t *testing.T) {
	t.Parallel()
	t.Run("fix", func(t *testing.T) {
		t.Parallel()
		promises(t, options, mendable(false)...)
	})
	t.Run("harden", func(t *testing.T) {
		t.Parallel()
		promises(t, hardening, "api-token")
	})
}

// mendable are the guidelines that fix closes, or harden.
func mendable(hardens bool) []string {
	var ids []string
	for _, g := range catalogue.All() {
		if g.Mend != nil && g.Hardens == hardens {
			ids = append(ids, g.ID)
		}
	}
	return ids
}

// hardening are the options of harden for all apps.
func hardening(guidelines []*guideline.Guideline, named ...string) plan.Options {
	o := options(guidelines, named...)
	o.Hardens, o.Restricted = true, true
	o.Chosen = func(snapshot.Object) bool { return true }
	return o
}

// promises plans with these options for the clusters; reached are the guidelines that
// have to be closed and left at times.
func promises(t *testing.T, options func([]*guideline.Guideline, ...string) plan.Options, reached ...string) {
	mendable := mendable(options(nil).Hardens)
	closed, left := map[string]int{}, map[string]int{}
	for seed := range uint64(clusters) {
		m := maker{rand.New(rand.NewPCG(seed, 5))}
		s := m.cluster()
		named := pick(m, nil, mendable, []string{pick(m, mendable...)}, []string{pick(m, mendable...), pick(m, mendable...)})
		untouched := maker{rand.New(rand.NewPCG(seed, 5))}.cluster()
		p := plan.Make(s, options(catalogue.All(), named...))
		if !reflect.DeepEqual(s, untouched) {
			t.Errorf("seed %d: the snapshot was changed", seed)
		}
		if problems := brokenPromises(s, p, options, named); len(problems) > 0 {
			t.Fatalf("seed %d, named %v:\n%s\n%s", seed, named, strings.Join(problems, "\n"), shown(s))
		}
		for _, c := range p.Changes {
			for _, g := range c.Remedies {
				closed[g.ID]++
			}
		}
		for _, l := range p.Left {
			left[l.Guideline.ID]++
		}
	}
	t.Logf("closed %v, left %v", closed, left)
	for _, id := range reached {
		if closed[id] == 0 || left[id] == 0 {
			t.Errorf("%s is closed %d times and left %d times: what is made up does not reach everything", id, closed[id], left[id])
		}
	}
}

// brokenPromises are in words.
func brokenPromises(s *snapshot.Snapshot, p *plan.Plan, options func([]*guideline.Guideline, ...string) plan.Options, named []string) []string {
	var problems []string
	say := func(parts ...string) { problems = append(problems, strings.Join(parts, " ")) }
	again := plan.Make(carriedOut(s, p), options(catalogue.All(), named...))
	for i := range again.Changes {
		say("a second plan has more to do:", again.Changes[i].String())
	}
	open := map[snapshot.Object]map[string]guideline.Severity{}
	// What does not apply, now or once the Pods are gone, may be revealed.
	restarted := *s
	restarted.Apps = slices.Clone(s.Apps)
	for i := range restarted.Apps {
		restarted.Apps[i].Pods = nil
	}
	for _, j := range append(evaluate.Run(&restarted, catalogue.All(), options(nil).Evaluation).Judgements, p.Before.Judgements...) {
		if open[j.Object] == nil {
			open[j.Object] = map[string]guideline.Severity{}
		}
		switch id := j.Guideline.ID; j.Outcome {
		case guideline.Failed:
			open[j.Object][id] = max(open[j.Object][id], j.Severity)
		case guideline.Skipped:
			open[j.Object][id] = guideline.Error
		}
	}
	for _, j := range again.Before.Judgements {
		if j.Outcome != guideline.Failed {
			continue
		}
		// What apps share may be judged by the Pods that run.
		isApp := slices.ContainsFunc(s.Apps, func(a snapshot.App) bool { return a.Object == j.Object })
		if isApp && j.Severity > open[j.Object][j.Guideline.ID] {
			say(j.Object.String(), j.Guideline.ID, "is opened:", j.Message)
		}
		for _, c := range p.Changes {
			if c.App == j.Object && slices.ContainsFunc(c.Closes, func(k evaluate.Judgement) bool { return k.Guideline == j.Guideline && k.Field == j.Field }) {
				say(j.Object.String(), j.Guideline.ID, "was to be closed, and fails:", j.Message)
			}
		}
	}
	for i := range p.Changes {
		problems = append(problems, misdeeds(p, &p.Changes[i], len(named) == 0)...)
	}
	for _, l := range p.Left {
		if l.Why == "" {
			say("nothing says why this is left:", l.Message)
		}
	}
	return problems
}

// unasked are the annotations that may be written where nobody named a guideline.
var unasked = []string{
	annotations.KeyCPURequest, annotations.KeyCPULimit, annotations.KeyMemoryRequest, annotations.KeyMemoryLimit,
	annotations.KeyEnv, annotations.KeySidecarSeccompProfileType,
}

// misdeeds are what a change should not do, whatever it closes.
func misdeeds(p *plan.Plan, c *plan.Change, asked bool) []string {
	var problems []string
	say := func(parts ...string) {
		problems = append(problems, c.App.String()+" "+strings.Join(parts, " "))
	}
	if len(c.Sets()) == 0 || len(c.Remedies) == 0 || len(c.Closes) == 0 {
		say("is changed for nothing:", c.String())
	}
	for _, a := range c.Annotations {
		if a.Was != nil && *a.Was == a.Value {
			say("is given what it has:", a.Key)
		}
		was, there := c.Before.Template.Annotations[a.Key]
		if !there {
			was = c.Before.Annotations[a.Key]
		}
		if a.Key == annotations.KeyEnv && !slices.Equal(otherVariables(was), otherVariables(a.Value)) {
			say("has other variables than before:", a.Value, "and not", was)
		}
		// The apps of harden were named.
		if asked && !p.Hardens && !slices.Contains(unasked, a.Key) {
			say("is given, unasked,", a.Key)
		}
	}
	if asked && c.Before.Sidecar.Running() != c.After.Sidecar.Running() {
		say("starts injection, unasked")
	}
	return problems
}

// otherVariables are the elements of dapr.io/env but for GOMEMLIMIT; a comma at the
// end does not count.
func otherVariables(env string) []string {
	return slices.DeleteFunc(dapr.SplitEnv(strings.TrimSuffix(strings.TrimSpace(env), ",")), func(element string) bool {
		return element == "" || strings.HasPrefix(element, "GOMEMLIMIT=")
	})
}

// carriedOut is a snapshot in which a plan was carried out: the templates have their
// annotations, and new Pods are still to come.
func carriedOut(s *snapshot.Snapshot, p *plan.Plan) *snapshot.Snapshot {
	next := *s
	next.Apps = slices.Clone(s.Apps)
	var changes []*plan.Change
	for i := range p.Changes {
		c := &p.Changes[i]
		changes = append(changes, c)
		app := &next.Apps[slices.IndexFunc(next.Apps, func(a snapshot.App) bool { return a.Object == c.App })]
		template := *app.Template
		template.Annotations = maps.Clone(template.Annotations)
		for _, a := range c.Annotations {
			template.Annotations[a.Key] = a.Value
		}
		template.Spec = c.After.Template.Spec
		app.Template, app.Pods, app.Denials = &template, nil, nil
	}
	return plan.WithSecrets(&next, changes...)
}
