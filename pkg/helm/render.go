// Copyright The kubectl-dapr-prod Authors.
// SPDX-License-Identifier: Apache-2.0

package helm

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"maps"
	"reflect"
	"slices"
	"strings"

	"helm.sh/helm/v4/pkg/action"
	"helm.sh/helm/v4/pkg/chart/common/util"
	chart "helm.sh/helm/v4/pkg/chart/v2"
	release "helm.sh/helm/v4/pkg/release/v1"
)

// errLost says that an upgrade would lose values of the release.
var errLost = errors.New("the upgrade would lose values of the release")

// values say what a chart is rendered with.
type values struct {
	additions map[string]any
	// alone leaves the present values out.
	alone bool
}

// render renders a chart as the upgrade will, with the release's values and additions
// over them, and with lookup in the cluster. Nothing is written.
func (r *Release) render(ctx context.Context, config *action.Configuration, c *Chart, v values) (*release.Release, error) {
	fresh, err := c.fresh()
	if err != nil {
		return nil, err
	}
	upgrade := action.NewUpgrade(config)
	upgrade.Namespace = r.Namespace
	upgrade.DryRunStrategy = action.DryRunServer // the strategy that has lookup
	upgrade.ResetThenReuseValues, upgrade.ResetValues = !v.alone, v.alone
	additions, err := copied(v.additions)
	if err != nil {
		return nil, err
	}
	rendered, err := upgrade.RunWithContext(ctx, r.Name, fresh, additions)
	if err != nil {
		return nil, r.mask.error(err)
	}
	next, known := rendered.(*release.Release)
	if !known {
		return nil, fmt.Errorf("helm rendered the unknown type %T", rendered)
	}
	if next.Version != r.Revision+1 {
		return nil, errMoved
	}
	return next, nil
}

// copied is a deep copy with the types that a values file gives: Helm merges into what
// it is given, and a template takes a number of another type for another value. The
// error, of values that are no JSON, has none of them in it.
func copied(values map[string]any) (map[string]any, error) {
	next := map[string]any{}
	text, err := json.Marshal(values)
	if err == nil && len(values) > 0 {
		err = json.Unmarshal(text, &next)
	}
	if err != nil {
		return nil, fmt.Errorf("values that are no JSON (%T)", err)
	}
	return next, nil
}

// sameValues tells whether two trees of values are one.
func sameValues(a, b map[string]any) (bool, error) {
	one, err := copied(a)
	if err != nil {
		return false, err
	}
	other, err := copied(b)
	return reflect.DeepEqual(one, other), err
}

// effective are the additions that say anything beside the release and a chart.
func (r *Release) effective(additions map[string]any, c *chart.Chart) (map[string]any, error) {
	own, err := copied(additions)
	if err != nil {
		return nil, err
	}
	ofChart, err := defaults(c)
	return effective(own, r.record.Config, ofChart), err
}

// effective are additions without the nulls that take nothing away: Helm would keep
// them among the values, and where the chart has no such value either, render them.
func effective(additions map[string]any, present ...map[string]any) map[string]any {
	next := map[string]any{}
	for key, value := range additions {
		var below []map[string]any
		there := false
		for _, one := range present {
			was, has := one[key]
			there = there || has && was != nil
			if inner, isMap := was.(map[string]any); isMap {
				below = append(below, inner)
			}
		}
		inner, isMap := value.(map[string]any)
		switch {
		case isMap:
			if kept := effective(inner, below...); len(kept) > 0 || len(inner) == 0 {
				next[key] = kept
			}
		case value != nil || there:
			next[key] = value
		}
	}
	return next
}

// defaults are the values of a chart, those of its parts under their names.
func defaults(c *chart.Chart) (map[string]any, error) {
	all, err := copied(c.Values)
	if err != nil {
		return nil, fmt.Errorf("chart %s has %w", c.Name(), err)
	}
	for _, part := range c.Dependencies() {
		below, isMap := all[part.Name()].(map[string]any)
		if !isMap {
			below = map[string]any{}
		}
		// What the chart says of its part wins over what the part says of itself.
		itsOwn, err := defaults(part)
		if err != nil {
			return nil, err
		}
		all[part.Name()] = util.MergeTables(below, itsOwn)
	}
	return all, nil
}

// kept is an errLost, with the paths, if a value of before is not in after although
// nothing was said of it.
func kept(before, additions, after map[string]any) error {
	lost := missing(before, additions, after, "")
	if len(lost) == 0 {
		return nil
	}
	return fmt.Errorf("%s: %w", strings.Join(lost, ", "), errLost)
}

func missing(before, additions, after map[string]any, prefix string) []string {
	var lost []string
	for _, key := range slices.Sorted(maps.Keys(before)) {
		was, path := before[key], prefix+key
		addition, said := additions[key]
		is, there := after[key]
		wasMap, wasIsMap := was.(map[string]any)
		isMap, isIsMap := is.(map[string]any)
		addedMap, addedIsMap := addition.(map[string]any)
		switch {
		case wasIsMap && isIsMap:
			lost = append(lost, missing(wasMap, addedMap, isMap, path+".")...)
		case said && (addition == nil || was == nil), said && !wasIsMap && !addedIsMap: // set anew, or taken away
		case !there || !reflect.DeepEqual(was, is):
			lost = append(lost, path)
		}
	}
	return lost
}
