// Copyright The kubectl-dapr-prod Authors.
// SPDX-License-Identifier: Apache-2.0

package plan

import (
	"fmt"
	"reflect"
	"slices"
	"strings"

	"github.com/dapr-prod/kubectl-dapr-prod/pkg/dapr"
	"github.com/dapr-prod/kubectl-dapr-prod/pkg/guideline"
	"github.com/dapr-prod/kubectl-dapr-prod/pkg/snapshot"
)

// FileValues are the values that a file of values lacks, as a new install would have
// them.
type FileValues struct {
	// Values are to be written: where nothing stands yet, or in the place of what the
	// chart has by itself.
	Values
	// Wanted are all that were asked for, those that stand there among them.
	Wanted []Addition
	// Stay are those that are left to a person, sorted by their paths.
	Stay []Staying
	// Left are the guidelines that a person has to see to.
	Left []Left
}

// Staying is a value that is not written.
type Staying struct {
	Addition
	// Why says why, without the value that stands there.
	Why string
	// Named tells that naming a guideline writes it.
	Named bool
}

// MakeFileValues holds a file of values, as JSON has it, against what guidelines want of
// a new install of a release. Those that are named decide, if there are any, and take
// the place of any other value.
func MakeFileValues(tree map[string]any, release dapr.Version, guidelines []*guideline.Guideline, named []string) FileValues {
	if len(named) > 0 {
		guidelines = slices.DeleteFunc(slices.Clone(guidelines), func(g *guideline.Guideline) bool { return !slices.Contains(named, g.ID) })
	}
	install := &guideline.Install{ControlPlane: &snapshot.ControlPlane{Version: release}, Written: tree}
	var p FileValues
	p.Values, p.Left = newValues(install, guidelines)
	p.Wanted, p.Additions = p.Additions, nil
	for _, a := range p.Wanted {
		switch v := a.against(tree, len(named) > 0); {
		case v.why != "":
			p.Stay = append(p.Stay, Staying{Addition: a, Why: v.why, Named: v.named})
		case v.write:
			p.Additions = append(p.Additions, a)
		}
	}
	return p
}

// Drop takes a value out of what is to be written.
func (p *FileValues) Drop(path, why string) {
	i := slices.IndexFunc(p.Additions, func(a Addition) bool { return a.Path == path })
	p.Stay = append(p.Stay, Staying{Addition: p.Additions[i], Why: why})
	p.Additions = slices.Delete(slices.Clone(p.Additions), i, i+1)
	slices.SortFunc(p.Stay, func(a, b Staying) int { return strings.Compare(a.Path, b.Path) })
}

// verdict is what becomes of a value: it is written, left for a reason, or there.
type verdict struct {
	write bool
	why   string
	// named tells that it is written where its guideline is named.
	named bool
}

// against is what becomes of a value that meets the values of a file.
func (a Addition) against(tree map[string]any, named bool) verdict {
	names := a.names()
	in := tree
	for i, name := range names[:len(names)-1] {
		inner, stands := in[name]
		path := strings.Join(names[:i+1], ".")
		next, isMap := inner.(map[string]any)
		switch {
		case !stands:
			return a.missing()
		case inner == nil:
			return verdict{why: nullAt(path)}
		case !isMap:
			return verdict{why: path + " is no mapping, and the chart wants one: correct it first"}
		}
		in = next
	}
	is, stands := in[names[len(names)-1]]
	switch {
	case !stands:
		return a.missing()
	case reflect.DeepEqual(is, a.asRead()), is != nil && a.Serves != nil && a.Serves(is):
		return verdict{}
	case is == nil:
		return verdict{why: nullAt(a.Path)}
	case a.Value.Value == nil:
		return verdict{why: "the guideline wants none: take the line out, or keep it if it was measured"}
	case named || slices.ContainsFunc(a.Over, func(own any) bool { return fmt.Sprint(own) == fmt.Sprint(is) }):
		return verdict{write: true}
	default:
		return verdict{why: "somebody has written down another value", named: true}
	}
}

// missing writes a value where nothing stands, unless that is what is wanted.
func (a Addition) missing() verdict { return verdict{write: a.Value.Value != nil} }

func nullAt(path string) string {
	return path + " is null, which takes out what the chart has there: take the line out, or write a value"
}

// asRead is the value as JSON has it.
func (a Addition) asRead() any {
	if number, isNumber := a.Value.Value.(int64); isNumber {
		return float64(number)
	}
	return a.Value.Value
}
