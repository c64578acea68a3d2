// Copyright The kubectl-dapr-prod Authors.
// SPDX-License-Identifier: Apache-2.0

package report

import (
	"fmt"
	"strconv"
	"strings"

	corev1 "k8s.io/api/core/v1"
)

// appTable is one line an app. What is odd about it is the last column in a pipe
// and stands below on a terminal; where that is too narrow for the line, the app
// is named on a line of its own.
func appTable(r *Report, o Options) *grid {
	g := appLines(r, o, "VERSION", version)
	if o.piped() {
		return g
	}
	last := len(g.header) - 1
	if g.width(last) > o.Width {
		g = stacked(r, o)
	} else {
		g.header = g.header[:last]
		for i := range g.rows {
			g.rows[i].cells = g.rows[i].cells[:last]
		}
	}
	for i, app := range r.Apps {
		for _, problem := range app.Sidecar.Problems {
			g.rows[i].after = append(g.rows[i].after, hang("  ! ", escape(problem), o.Width)...)
		}
	}
	return g
}

// stacked is two lines an app: its name, then what is short.
func stacked(r *Report, o Options) *grid {
	const inset = "  "
	g := &grid{header: []string{inset + "APP ID", "PODS", "SIDECAR", "VERSION", "CPU REQ/LIM", "MEM REQ/LIM"}}
	for _, app := range r.Apps {
		name := appName(app)
		if !o.Namespaced {
			name = app.Namespace + "/" + name
		}
		c := effective(app.Sidecar)
		g.add(row{
			before: []string{painter(o.Color).paint(bold, escape(name))},
			cells: []string{
				inset + filled(app.AppID), pods(app), filled(state(app.Sidecar)), filled(version(image(c))),
				filled(pair(c, corev1.ResourceCPU)), filled(pair(c, corev1.ResourceMemory)),
			},
		})
	}
	return g
}

// wideAppTable has the whole image instead of its version.
func wideAppTable(r *Report, o Options) *grid {
	return appLines(r, o, "IMAGE", func(image string) string { return image })
}

// appLines is one line an app; what a column has to say of the sidecar's image is
// the caller's choice.
func appLines(r *Report, o Options, header string, says func(image string) string) *grid {
	g := &grid{header: []string{"NAMESPACE", "NAME", "APP ID", "PODS", "SIDECAR", header, "CPU REQ/LIM", "MEM REQ/LIM", "PROBLEMS"}}
	for _, app := range r.Apps {
		c := effective(app.Sidecar)
		g.add(row{cells: []string{
			filled(app.Namespace), escape(appName(app)), filled(app.AppID), pods(app), filled(state(app.Sidecar)), filled(says(image(c))),
			filled(pair(c, corev1.ResourceCPU)), filled(pair(c, corev1.ResourceMemory)),
			filled(strings.Join(app.Sidecar.Problems, "; ")),
		}})
	}
	if o.Namespaced {
		g.header = g.header[1:]
		for i := range g.rows {
			g.rows[i].cells = g.rows[i].cells[1:]
		}
	}
	return g
}

func appName(app App) string { return strings.ToLower(app.Kind) + "/" + app.Name }

// pods is running Pods of those wanted, where that number is known.
func pods(app App) string {
	running := strconv.Itoa(app.Pods)
	if app.Replicas == nil {
		return running
	}
	return running + "/" + strconv.Itoa(int(*app.Replicas))
}

// effective is the sidecar that counts: the one that most Pods run, or else the
// one that a Pod would get; nil without one.
func effective(s Sidecar) *corev1.Container {
	if len(s.Observed) > 0 {
		return &s.Observed[0].Container
	}
	return s.Simulated
}

func image(c *corev1.Container) string {
	if c == nil {
		return ""
	}
	return c.Image
}

// state says in one word what sidecar an app has: where Pods run, what they run.
func state(s Sidecar) string {
	native := s.Native
	if len(s.Observed) > 0 {
		native = s.Observed[0].Native
	}
	with := 0
	for _, o := range s.Observed {
		with += len(o.Pods)
	}
	gets := s.State == "injected" || s.State == "manual" || s.State == "unread"
	switch {
	case len(s.Observed) > 0 && !gets:
		return "running"
	case with > 0 && len(s.Without) > 0:
		// As kubectl writes "Init:0/1".
		return fmt.Sprintf("partly:%d/%d", with, with+len(s.Without))
	case len(s.Without) > 0:
		return "missing"
	case s.State == "injected" && native:
		return "native"
	case s.State == "off":
		return "none"
	case s.State == "unread" && len(s.Observed) > 0:
		return "running"
	case s.State == "unread":
		return "unknown"
	default:
		return s.State
	}
}

// version is the tag of an image, or the beginning of its digest.
func version(image string) string {
	name, digest, _ := strings.Cut(image, "@")
	name = name[strings.LastIndex(name, "/")+1:]
	if _, tag, tagged := strings.Cut(name, ":"); tagged {
		return tag
	}
	const enough = len("sha256:") + 12
	return digest[:min(len(digest), enough)]
}

// pair is request and limit of a resource: "100m/300m", "-" for one that is not set.
func pair(c *corev1.Container, name corev1.ResourceName) string {
	if c == nil {
		return ""
	}
	quantity := func(list corev1.ResourceList) string {
		q, set := list[name]
		if !set {
			return "-"
		}
		return q.String()
	}
	return quantity(c.Resources.Requests) + "/" + quantity(c.Resources.Limits)
}
