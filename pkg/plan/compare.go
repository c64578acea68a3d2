// Copyright The kubectl-dapr-prod Authors.
// SPDX-License-Identifier: Apache-2.0

package plan

import (
	"fmt"
	"slices"
	"strings"

	"github.com/dapr-prod/kubectl-dapr-prod/pkg/evaluate"
	"github.com/dapr-prod/kubectl-dapr-prod/pkg/guideline"
	"github.com/dapr-prod/kubectl-dapr-prod/pkg/snapshot"
)

// verdicts are the judgements of one object, by guideline.
type verdicts map[string][]evaluate.Judgement

// failed are the failures of one guideline.
func (v verdicts) failed(id string) []evaluate.Judgement {
	var all []evaluate.Judgement
	for _, j := range v[id] {
		if j.Outcome == guideline.Failed {
			all = append(all, j)
		}
	}
	return all
}

// open are the failures of one guideline after a change, and what is not known of it
// then though it was before: nobody has seen that closed.
func (v verdicts) open(id string, before verdicts) []evaluate.Judgement {
	unknown := func(j evaluate.Judgement) bool { return j.Outcome == guideline.Unjudged }
	all := v.failed(id)
	if slices.ContainsFunc(before[id], unknown) {
		return all
	}
	for _, j := range v[id] {
		if unknown(j) {
			all = append(all, j)
		}
	}
	return all
}

// closed are the failures of before that after does not have. One that only moved
// to another field is not closed.
func closed(before, after []evaluate.Judgement) []evaluate.Judgement {
	var all []evaluate.Judgement
	for _, j := range before {
		same := func(k evaluate.Judgement) bool { return k.Field == j.Field }
		moved := func(k evaluate.Judgement) bool {
			return !slices.ContainsFunc(before, func(b evaluate.Judgement) bool { return b.Field == k.Field })
		}
		if !slices.ContainsFunc(after, same) && !slices.ContainsFunc(after, moved) {
			all = append(all, j)
		}
	}
	return all
}

// standing is how an app is judged without a change: as it is, and as a restart
// alone would leave it, with Pods still to come.
type standing struct{ is, restarted verdicts }

// standingsOf are those of the apps whose template was read.
func standingsOf(s *snapshot.Snapshot, before *evaluate.Evaluation, o Options) map[snapshot.Object]standing {
	restarts := map[int]*edit{}
	for i := range s.Apps {
		if s.Apps[i].Template != nil {
			restarts[i] = &edit{restart: true}
		}
	}
	is, restarted := byObject(before), byObject(evaluate.Run(revised(s, restarts, nil), o.Guidelines, o.Evaluation))
	all := map[snapshot.Object]standing{}
	for i := range restarts {
		app := s.Apps[i].Object
		all[app] = standing{is[app], restarted[app]}
	}
	return all
}

// idle tells whether a guideline does not apply in one of the two.
func (s standing) idle(id string) bool { return skipped(s.is[id]) || skipped(s.restarted[id]) }

// opened says which guidelines were kept, or not known to be broken, and fail after;
// or fail worse than before. What did not apply before is revealed and not opened,
// unless it breaks what the change brings: an error, but for those of security, which
// tell of what is open.
func opened(before standing, after verdicts) []string {
	var all []string
	for id := range after {
		now := worst(after.failed(id))
		if before.idle(id) && (now.Severity < guideline.Error || now.Guideline.Hardens) {
			continue
		}
		if now.Severity > worst(before.is.failed(id)).Severity {
			all = append(all, fmt.Sprintf("%s, %s", id, now.Message))
		}
	}
	slices.Sort(all)
	return all
}

// revealed are the failures of guidelines that did not apply before.
func revealed(before standing, after verdicts) []evaluate.Judgement {
	var all []evaluate.Judgement
	for id := range after {
		if before.idle(id) && len(before.is.failed(id)) == 0 {
			all = append(all, after.failed(id)...)
		}
	}
	slices.SortFunc(all, evaluate.Compare)
	return all
}

// skipped tells whether a guideline did not apply, and nothing else.
func skipped(all []evaluate.Judgement) bool {
	return len(all) > 0 && !slices.ContainsFunc(all, func(j evaluate.Judgement) bool { return j.Outcome != guideline.Skipped })
}

// worst is the worst of failures; the zero Judgement where there is none.
func worst(all []evaluate.Judgement) evaluate.Judgement {
	var found evaluate.Judgement
	for _, j := range all {
		if j.Severity > found.Severity {
			found = j
		}
	}
	return found
}

// broken tells which remedies for one app do not keep what they promise, and why.
func broken(before standing, after verdicts, app snapshot.Object, remedies []*guideline.Guideline) map[Remedy]string {
	bad := map[Remedy]string{}
	if others := opened(before, after); len(others) > 0 {
		for _, g := range remedies {
			bad[Remedy{app, g.ID}] = "it would open another finding: " + strings.Join(others, "; ")
		}
		return bad
	}
	for _, g := range remedies {
		if left := unclosed(before.is, after, g); left != "" {
			bad[Remedy{app, g.ID}] = "it would not close the finding: " + left
		}
	}
	return bad
}

// unclosed is what a remedy leaves of the findings that it is for; empty where it
// closes one.
func unclosed(before, after verdicts, g *guideline.Guideline) string {
	left := ""
	for _, id := range mends(g) {
		was, is := before.failed(id), after.open(id, before)
		if len(closed(was, is)) > 0 || len(was) == 0 && len(is) == 0 && id == g.ID && skipped(before[id]) {
			return ""
		}
		if len(is) > 0 {
			left = is[0].Message
		}
	}
	if left == "" && len(before.failed(g.ID)) == 0 {
		return "" // it closes what another remedy would have opened
	}
	return left
}

// mends are the guidelines whose failures a remedy closes.
func mends(g *guideline.Guideline) []string { return append([]string{g.ID}, g.MendsToo...) }
