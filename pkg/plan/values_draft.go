// Copyright The kubectl-dapr-prod Authors.
// SPDX-License-Identifier: Apache-2.0

package plan

import (
	"fmt"
	"reflect"
	"slices"
	"strings"

	"github.com/dapr-prod/kubectl-dapr-prod/pkg/evaluate"
	"github.com/dapr-prod/kubectl-dapr-prod/pkg/guideline"
	"github.com/dapr-prod/kubectl-dapr-prod/pkg/snapshot"
)

// driftGuideline is the one that tells where a cluster is not as Helm has it.
const driftGuideline = "declared-values"

// valuesDraft is a plan of values in the making.
type valuesDraft struct {
	Options
	before *evaluate.Evaluation
	// said is why a guideline's values are not taken.
	said map[Remedy]Left
	// offered are the values that are not taken for want of being named.
	offered []asking
}

// asking is what a guideline asks for.
type asking struct {
	guideline *guideline.Guideline
	guideline.Values
}

// install is a control plane with the apps that belong to it.
func (d *valuesDraft) install(cp *snapshot.ControlPlane) *guideline.Install {
	install := &guideline.Install{ControlPlane: cp, Snapshot: d.before.Snapshot, Edition: d.before.Edition}
	for _, app := range d.before.Apps {
		if app.Install != nil && app.Install.Namespace == cp.Namespace {
			install.Apps = append(install.Apps, app)
		}
	}
	return install
}

// values are those of one control plane.
func (d *valuesDraft) values(install *guideline.Install) Values {
	v := Values{ControlPlane: install.ControlPlane, Keeper: install.Keeper()}
	var asked []asking
	for _, g := range d.Guidelines {
		if g.Values == nil || !d.failing(g, install) {
			continue
		}
		made, key := g.Values(install), forInstall(install.Namespace, g)
		switch named := slices.Contains(d.Named, g.ID); {
		case made.Person != "":
			d.said[key] = Left{Why: made.Person}
		case len(made.Set) == 0 || len(d.Named) > 0 && !named:
		case made.OptIn != "" && !named:
			d.said[key] = Left{Why: made.OptIn, By: g}
			d.offered = append(d.offered, asking{g, made})
		default:
			asked = append(asked, asking{g, made})
		}
	}
	asked = d.agreed(install, asked)
	v.add(asked)
	for _, j := range d.before.Judgements {
		if slices.ContainsFunc(asked, func(a asking) bool { return a.closes(j) }) && d.about(j, install) {
			v.Closes = append(v.Closes, j)
		}
	}
	v.Blocked = blocked(install)
	return v
}

// failing tells whether a guideline has anything to find fault with.
func (d *valuesDraft) failing(g *guideline.Guideline, install *guideline.Install) bool {
	return slices.ContainsFunc(d.before.Judgements, func(j evaluate.Judgement) bool {
		return j.Guideline == g && j.Outcome == guideline.Failed && d.about(j, install)
	})
}

// about tells whether a judgement is about an install or its apps. What is about the
// cluster is about each of them.
func (d *valuesDraft) about(j evaluate.Judgement, install *guideline.Install) bool {
	if j.Object.Namespace == install.Namespace || j.Guideline.Cluster != nil {
		return true
	}
	return slices.ContainsFunc(install.Apps, func(app *guideline.App) bool { return app.Object == j.Object })
}

// closes tells whether a finding is closed by the values.
func (a asking) closes(j evaluate.Judgement) bool {
	switch {
	case j.Guideline != a.guideline || j.Outcome != guideline.Failed:
		return false
	case a.Closes == nil:
		return a.guideline.ControlPlane != nil || a.guideline.Cluster != nil
	default:
		return a.Closes(j.Object, j.Result)
	}
}

// agreed are the askings without those that contradict each other: who names one of the
// guidelines decides.
func (d *valuesDraft) agreed(install *guideline.Install, asked []asking) []asking {
	var kept []asking
	for i, a := range asked {
		why := ""
		for k, b := range asked {
			if text := contradiction(a, b); i != k && text != "" && why == "" {
				why = text
			}
		}
		if why == "" {
			kept = append(kept, a)
			continue
		}
		d.said[forInstall(install.Namespace, a.guideline)] = Left{Why: why}
	}
	return kept
}

// contradiction says why two askings do not go together; empty where they do.
func contradiction(a, b asking) string {
	for _, x := range a.Set {
		for _, y := range b.Set {
			same := x.Path == y.Path
			switch {
			case same && !reflect.DeepEqual(x.Value, y.Value):
				return fmt.Sprintf("it wants %s=%v, and %s wants %v: name one of the two", x.Path, x.Value, b.guideline.ID, y.Value)
			case !same && (strings.HasPrefix(x.Path, y.Path+".") || strings.HasPrefix(y.Path, x.Path+".")):
				return fmt.Sprintf("it wants %s, and %s wants %s: name one of the two", x.Path, b.guideline.ID, y.Path)
			}
		}
	}
	return ""
}

// rest are the findings that no value of a plan closes.
func (d *valuesDraft) rest(p *ValuesPlan) (drift []evaluate.Judgement, left []Left) {
	for _, j := range d.before.Judgements {
		closed := p.Closes(j)
		named := len(d.Named) == 0 || slices.Contains(d.Named, j.Guideline.ID)
		drifted := j.Guideline.ID == driftGuideline && j.Outcome == guideline.Failed && j.Origin == guideline.Ours
		switch {
		case drifted:
			drift = append(drift, j)
		case j.Outcome != guideline.Failed || closed || !named:
		case d.ofApp(j):
			// Whatever falls short there is for fix without a scope, but for what values close.
			if slices.ContainsFunc(d.offered, func(a asking) bool { return a.closes(j) }) {
				left = append(left, d.why(j))
			}
		default:
			left = append(left, d.why(j))
		}
	}
	return drift, left
}

// ofApp tells whether a finding is about an app.
func (d *valuesDraft) ofApp(j evaluate.Judgement) bool {
	return slices.ContainsFunc(d.before.Apps, func(app *guideline.App) bool { return app.Object == j.Object })
}

func sameFinding(a, b evaluate.Judgement) bool {
	return a.Guideline.ID == b.Guideline.ID && a.Object == b.Object && a.Field == b.Field && a.Message == b.Message
}

// why says why a finding stays.
func (d *valuesDraft) why(j evaluate.Judgement) Left {
	for _, cp := range d.before.Snapshot.ControlPlanes {
		said, is := d.said[forInstall(cp.Namespace, j.Guideline)]
		offered := func(a asking) bool { return a.closes(j) }
		if is && (said.By == nil || slices.ContainsFunc(d.offered, offered)) {
			said.Judgement = j
			return said
		}
	}
	if j.Guideline.Provide != nil {
		for i := range d.before.Snapshot.ControlPlanes {
			cp := &d.before.Snapshot.ControlPlanes[i]
			made := j.Guideline.Provide(&guideline.Install{ControlPlane: cp, Snapshot: d.before.Snapshot, Edition: d.before.Edition})
			if cp.Namespace == j.Object.Namespace && made.Quota != nil {
				return Left{Judgement: j, Why: "no value closes it, and fix without a scope makes ResourceQuota " + made.Quota.Name}
			}
		}
	}
	return Left{Judgement: j, Why: j.Remedy}
}
