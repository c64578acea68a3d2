// Copyright The kubectl-dapr-prod Authors.
// SPDX-License-Identifier: Apache-2.0

package cmd

import (
	"errors"
	"fmt"
	"slices"
	"strings"

	"github.com/dapr-prod/kubectl-dapr-prod/pkg/collect"
	"github.com/dapr-prod/kubectl-dapr-prod/pkg/evaluate"
	"github.com/dapr-prod/kubectl-dapr-prod/pkg/guideline"
	"github.com/dapr-prod/kubectl-dapr-prod/pkg/report"
	"github.com/dapr-prod/kubectl-dapr-prod/pkg/snapshot"
)

// nothingOfDapr says that there was nothing of Dapr to judge in a live cluster,
// which is no clean bill of health.
func (o *CheckOptions) nothingOfDapr(e *evaluate.Evaluation) error {
	s := e.Snapshot
	apps := slices.Contains(o.Scopes, guideline.Apps) && len(e.Apps)+len(s.DaprObjects) > 0
	other := slices.Contains(o.Scopes, guideline.ControlPlane) || slices.Contains(o.Scopes, guideline.Cluster)
	controlPlane := other && len(s.ControlPlanes) > 0
	if apps || controlPlane || !s.Live || !o.looks(snapshot.InApps) && !o.looks(snapshot.InControlPlane) {
		return nil
	}
	if gap := anyGap(s); gap != nil {
		return nothingJudged(*gap)
	}
	if len(s.ControlPlanes) > 0 {
		return fmt.Errorf("nothing could be judged: there is no Dapr app %s", o.Where)
	}
	return errors.New("nothing could be judged: there is no Dapr in this cluster, neither a control plane nor an app that asks for a sidecar")
}

// nothingJudged says that what could not be read leaves nothing to judge.
func nothingJudged(gap snapshot.Gap) error {
	return fmt.Errorf("nothing could be judged: %s: ask for a role that may read Dapr and its apps, as %s rbac prints one, or name a namespace that you may read with -n", gap, displayName)
}

// looks tells whether workloads were listed at a place, for any of the guidelines.
func (o *CheckOptions) looks(place snapshot.Place) bool {
	return slices.Contains(readsOf(o.Guidelines, o.Scopes), snapshot.Read{Resource: snapshot.Deployments, Place: place})
}

// nothingToRehearse says that no control plane is older than the release that it
// was to be judged as.
func (o *CheckOptions) nothingToRehearse(s *snapshot.Snapshot) error {
	l, live := o.Reader.(collect.Live)
	if !live || !l.As.Known() {
		return nil
	}
	for _, cp := range s.ControlPlanes {
		if cp.Rehearsed.Known() || cp.Assumed {
			return nil
		}
	}
	for _, cp := range s.ControlPlanes {
		if cp.Version.Known() {
			return fmt.Errorf("--dapr-version %s is no upgrade: the control plane in %s runs %s: leave the flag out to check what runs", l.As, cp.Namespace, cp.Version)
		}
	}
	if gap := anyGap(s); gap != nil {
		return fmt.Errorf("--dapr-version: no control plane was seen that could be judged as upgraded: %s", gap)
	}
	return errors.New("--dapr-version: there is no control plane that could be judged as upgraded")
}

// anyGap returns what could not be read, Deployments before all else.
func anyGap(s *snapshot.Snapshot) *snapshot.Gap {
	for i := range s.Gaps {
		if s.Gaps[i].Resource == snapshot.Deployments {
			return &s.Gaps[i]
		}
	}
	if len(s.Gaps) > 0 {
		return &s.Gaps[0]
	}
	return nil
}

// withoutDapr tells that manifests hold nothing of Dapr that is judged, which is
// fine: a CI job may feed everything.
func withoutDapr(s *snapshot.Snapshot) bool {
	return !s.Live && len(s.Apps)+len(s.DaprObjects)+len(s.Configurations) == 0 && !hasControlPlane(s)
}

// verdict is how a check ended whose report is out.
func (o *CheckOptions) verdict(r *report.Report) error {
	judged := r.Summary.Pass + r.Summary.Fail + r.Summary.Ignored
	switch {
	case judged == 0 && r.Summary.Unknown > 0:
		return fmt.Errorf("nothing could be judged: %s", firstReason(r))
	case o.RequireComplete && r.Summary.Unknown > 0:
		return fmt.Errorf("%d outcomes are unknown, and --require-complete asks for all: --show=all says why", r.Summary.Unknown)
	}
	if _, live := o.Reader.(collect.Live); live && len(r.Apps) == 0 && slices.Contains(o.Scopes, guideline.Apps) && o.looks(snapshot.InApps) {
		fmt.Fprintf(o.ErrOut, "There is no Dapr app %s.\n", o.Where)
	}
	for _, result := range r.Results {
		if result.Outcome == guideline.Failed && o.FailOn > 0 && result.Severity >= o.FailOn {
			return errFindings
		}
	}
	return nil
}

// hasControlPlane tells whether the input holds a control plane, and not only an
// assumption about one.
func hasControlPlane(s *snapshot.Snapshot) bool {
	return slices.ContainsFunc(s.ControlPlanes, func(cp snapshot.ControlPlane) bool { return len(cp.Workloads) > 0 })
}

func firstReason(r *report.Report) string {
	for _, result := range r.Results {
		if result.Outcome == guideline.Unjudged {
			return result.Message
		}
	}
	return "no guideline applies"
}

// nextCommand is what to do after reading the table.
func (o *CheckOptions) nextCommand(r *report.Report, l report.Options, wide bool) string {
	var lines []string
	cluster, live := o.Reader.(collect.Live)
	if wide {
		l.Width = 0 // it is laid out as in a pipe
	}
	if first := report.First(r, l); first != "" {
		lines = append(lines, fmt.Sprintf("Next: %s explain %s", displayName, first))
	}
	switch {
	case live && closes(r, false):
		lines = append(lines, fmt.Sprintf("%s fix %s--dry-run=server shows what can be closed from here.", displayName, whereFlag(cluster.Namespace)))
	case live && closes(r, true): // fix says itself what it leaves to harden
		lines = append(lines, fmt.Sprintf("%s harden %s--dry-run=server shows what is open of the security section.", displayName, whereFlag(cluster.Namespace)))
	}
	if r.Summary.Unknown > 0 && l.Show != report.ShowAll {
		lines = append(lines, "Add --show=all to see what is unknown, and why.")
	}
	if len(lines) > 0 && r.Summary.Fail > 0 && !wide && l.Show != report.ShowApps {
		lines = append(lines, "Add -o wide to name every object, and to see how each is fixed.")
	}
	switch {
	case len(lines) > 0:
	case !live:
		lines = append(lines, "Next: "+displayName+" check, in the cluster")
	case cluster.Namespace != "":
		lines = append(lines, "Next: "+displayName+" check -A")
	default:
		lines = append(lines, "Next: "+displayName+" check -A --show=apps")
	}
	return strings.Join(lines, "\n")
}

// closes tells whether there is anything that fix might close in the apps, or harden.
func closes(r *report.Report, hardens bool) bool {
	return slices.ContainsFunc(r.Results, func(result report.Result) bool {
		g, err := findGuideline(result.Guideline)
		return result.Outcome == guideline.Failed && err == nil && g.Mend != nil && g.ClosedBy(hardens) &&
			slices.ContainsFunc(r.Apps, func(app report.App) bool { return app.Is(result.Object) })
	})
}

// whereFlag is what names the place of a check to another command.
func whereFlag(namespace string) string {
	if namespace == "" {
		return "-A "
	}
	return "-n " + namespace + " "
}
