// Copyright The kubectl-dapr-prod Authors.
// SPDX-License-Identifier: Apache-2.0

package cmd

import (
	"errors"
	"fmt"
	"slices"
	"strings"

	"github.com/dapr-prod/kubectl-dapr-prod/pkg/evaluate"
	"github.com/dapr-prod/kubectl-dapr-prod/pkg/guideline"
	"github.com/dapr-prod/kubectl-dapr-prod/pkg/report"
	"github.com/dapr-prod/kubectl-dapr-prod/pkg/snapshot"
)

// nothingJudged says that there was nothing of Dapr to judge in a live cluster,
// which is no clean bill of health. Manifests without Dapr are fine: a CI job
// may feed everything.
func (o *CheckOptions) nothingJudged(e *evaluate.Evaluation) error {
	s := e.Snapshot
	apps := slices.Contains(o.Scopes, guideline.Apps) && len(e.Apps) > 0
	controlPlane := slices.Contains(o.Scopes, guideline.ControlPlane) && len(s.ControlPlanes) > 0
	if apps || controlPlane || !s.Live {
		return nil
	}
	for _, g := range s.Gaps {
		return fmt.Errorf("nothing could be judged: %s, for example; %s", &g, "ask for a role that may")
	}
	where := "in this cluster"
	if s.Namespace != "" {
		where = "in namespace " + s.Namespace
	}
	if len(s.ControlPlanes) > 0 {
		return fmt.Errorf("nothing could be judged: there is no Dapr app %s; -A looks everywhere", where)
	}
	return errors.New("nothing could be judged: there is no Dapr in this cluster, neither a control plane nor an app that asks for a sidecar")
}

// verdict is how a check ended whose report is out.
func (o *CheckOptions) verdict(r *report.Report, s *snapshot.Snapshot) error {
	judged := r.Summary.Pass + r.Summary.Fail + r.Summary.Skip + r.Summary.Ignored
	switch {
	case !s.Live && len(s.Apps) == 0 && !hasControlPlane(s):
		fmt.Fprintln(o.ErrOut, "There is nothing of Dapr in the input.")
		return nil
	case s.Live && judged == 0:
		return fmt.Errorf("nothing could be judged: %s", firstReason(r))
	case o.RequireComplete && r.Summary.Unknown > 0:
		return fmt.Errorf("%d outcomes are unknown, and --require-complete asks for all: --show=all says why", r.Summary.Unknown)
	}
	if s.Live && len(s.Apps) == 0 && slices.Contains(o.Scopes, guideline.Apps) {
		fmt.Fprintf(o.ErrOut, "There is no Dapr app in namespace %s: -A looks everywhere.\n", s.Namespace)
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
func nextCommand(r *report.Report, l report.Options) string {
	var lines []string
	for _, result := range r.Results {
		if result.Outcome == guideline.Failed && result.Severity >= l.Severity {
			lines = append(lines, fmt.Sprintf("%s explain %s", displayName, result.Guideline))
			break
		}
	}
	if r.Summary.Unknown > 0 && l.Show == report.ShowFindings {
		lines = append(lines, displayName+" check --show=all")
	}
	return strings.Join(lines, "\n")
}
