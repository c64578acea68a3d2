// Copyright The kubectl-dapr-prod Authors.
// SPDX-License-Identifier: Apache-2.0

package usage

import (
	"context"
	"fmt"
	"slices"
	"strconv"
	"time"

	"k8s.io/apimachinery/pkg/util/duration"
)

// Use is an app that was seen to use a component, by what its sidecar counts.
type Use struct{ Namespace, App, Component string }

// Watched is an app whose sidecars' metrics were seen, from a time on.
type Watched struct {
	Namespace, App string
	Since          time.Time
}

// Uses is who was seen to use what.
type Uses struct {
	// Name says in words where that was read, and Period of which time.
	Name, Period string
	Used         []Use
	Watched      []Watched
}

// componentCounts are the counters that sidecars have of components (pkg/diagnostics/
// component_monitoring.go of Dapr): they are there from the first time on.
const componentCounts = "dapr_component_.+_count"

// in tells whether a namespace is selected. A query cannot ask for it where a sidecar's own
// label may have either name.
func (s Selection) in(namespace string) bool {
	return len(s.Namespaces) == 0 || slices.Contains(s.Namespaces, namespace)
}

// Uses asks who used which component in a time before at. Of an app that was not watched
// it says nothing.
func (p *Prometheus) Uses(ctx context.Context, s Selection, window time.Duration, at time.Time) (Uses, error) {
	found := Uses{Name: p.Name, Period: fmt.Sprintf("the %s before %s", duration.HumanDuration(window), at.UTC().Format(time.RFC3339))}
	w := strconv.Itoa(int(window.Seconds())) + "s"
	by := "by (namespace, exported_namespace, app_id, component, __name__)"
	in := func(more ...string) string {
		return Selection{Labels: s.Labels}.join(usual, append(more, `app_id!=""`))
	}
	if err := p.instant(ctx, "group "+by+" (last_over_time("+in(`__name__=~"`+componentCounts+`"`, `component!=""`)+"["+w+"]) > 0)", at); err != nil {
		return found, err
	}
	for _, r := range p.held.results {
		if r.to > r.from && r.component != "" && s.in(r.namespace) {
			found.Used = append(found.Used, Use{r.namespace, r.app, r.component})
		}
	}
	// The first time within the window, to the hour.
	query := fmt.Sprintf("min %s (min_over_time(timestamp(%s%s)[%s:1h]))", by, daprLoaded, in(), w)
	if err := p.instant(ctx, query, at); err != nil {
		return found, err
	}
	for _, r := range p.held.results {
		if r.to > r.from && s.in(r.namespace) {
			found.Watched = append(found.Watched, Watched{r.namespace, r.app, time.Unix(int64(p.held.values[r.from]), 0)})
		}
	}
	return found, nil
}
