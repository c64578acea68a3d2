// Copyright The kubectl-dapr-prod Authors.
// SPDX-License-Identifier: Apache-2.0

package report

import (
	"fmt"
	"io"
	"slices"
	"strings"

	"sigs.k8s.io/yaml"

	"github.com/dapr-prod/kubectl-dapr-prod/pkg/guideline"
	"github.com/dapr-prod/kubectl-dapr-prod/pkg/plan"
	"github.com/dapr-prod/kubectl-dapr-prod/pkg/snapshot"
)

// AdditionsFile is the name under which the values are meant to be kept.
const AdditionsFile = "dapr-values.yaml"

// additionsBeside is that name where the values that there are have a file of their own.
const additionsBeside = "dapr-additions.yaml"

// chartRepository is where Dapr's charts are.
const chartRepository = "https://dapr.github.io/helm-charts/"

// HelmValues writes what is added to the values of a chart as a file for helm: the
// additions alone, each with the guidelines that ask for it, below what to do with it.
// What the values are already is nowhere in it: it may hold keys.
func HelmValues(w io.Writer, v *plan.Values, _ Options) error {
	lines := comment(headOf(v))
	tree, err := treeLines(v)
	if err != nil {
		return err
	}
	return writeLines(w, append(lines, tree...))
}

// headOf is what stands above the values.
func headOf(v *plan.Values) []string {
	lines := []string{fmt.Sprintf("Values to add to the chart of Dapr %s in namespace %s.", chartVersion(v), escape(v.ControlPlane.Namespace))}
	if v.New {
		lines = []string{fmt.Sprintf("Values for Dapr's chart %s, as the production guidelines ask.", chartVersion(v))}
	}
	if v.Blocked != "" {
		lines = append(lines, "First: "+escape(v.Blocked)+".")
	}
	switch commands := Commands(v); {
	case len(commands) > 0:
		lines = append(lines, "", fmt.Sprintf("Keep them as %s, and add them with:", fileOf(v)), "")
		for _, c := range commands {
			lines = append(lines, "  "+c)
		}
	default:
		lines = append(lines, escape(v.Commit())+".")
	}
	if save := SaveCommand(v); save != "" {
		lines = append(lines, "", "The values that the release has already are not in here. This saves them, to be",
			"kept like a secret, since there may be keys among them:", "", "  "+save)
	}
	for _, o := range v.Restart {
		if o == v.Restart[0] {
			lines = append(lines, "", "Then make these Pods anew, which keep what they were made with:", "")
		}
		lines = append(lines, "  "+RestartCommand(o))
	}
	lines = append(lines, "")
	for _, g := range guidelinesOf(v) {
		lines = append(lines, g.ID+": "+g.Title)
	}
	return lines
}

// comment makes lines comments.
func comment(lines []string) []string {
	commented := make([]string, len(lines))
	for i, line := range lines {
		commented[i] = strings.TrimRight("# "+line, " ")
	}
	return commented
}

// guidelinesOf are those that ask for values, each once, by their names.
func guidelinesOf(v *plan.Values) []*guideline.Guideline {
	var all []*guideline.Guideline
	for _, a := range v.Additions {
		for _, g := range a.For {
			if !slices.Contains(all, g) {
				all = append(all, g)
			}
		}
	}
	slices.SortFunc(all, func(a, b *guideline.Guideline) int { return strings.Compare(a.ID, b.ID) })
	return all
}

// treeLines are the additions as YAML, a value a line, with who asks for it behind it.
func treeLines(v *plan.Values) ([]string, error) {
	var lines, open []string
	for i := range v.Additions {
		a := &v.Additions[i]
		names := strings.Split(a.Path, ".")
		same := 0
		for same < len(open) && same < len(names)-1 && open[same] == names[same] {
			same++
		}
		open = names[:len(names)-1]
		for depth := same; depth < len(open); depth++ {
			if depth == 0 && len(lines) > 0 {
				lines = append(lines, "")
			}
			lines = append(lines, margin(depth)+open[depth]+":")
		}
		value, err := yaml.Marshal(a.Value.Value)
		if err != nil {
			return nil, err
		}
		lines = append(lines, fmt.Sprintf("%s%s: %s # %s", margin(len(open)), names[len(open)], strings.TrimSpace(string(value)), AskedFor(a)))
	}
	return lines, nil
}

func margin(depth int) string { return strings.Repeat("  ", depth) }

// AskedFor says who asks for a value, and what else is to be known of it.
func AskedFor(a *plan.Addition) string {
	var ids []string
	for _, g := range a.For {
		ids = append(ids, g.ID)
	}
	text := strings.Join(ids, ", ")
	if a.Note != "" {
		text += " (" + a.Note + ")"
	}
	return text
}

// Commands are those that add the values; none where that is not for helm.
func Commands(v *plan.Values) []string {
	if !v.Helm() {
		return nil
	}
	repository := "helm repo add dapr " + chartRepository
	if v.New {
		return []string{repository, fmt.Sprintf("helm install dapr dapr/dapr --namespace %s --create-namespace --version %s -f %s",
			v.ControlPlane.Namespace, chartVersion(v), fileOf(v))}
	}
	r := v.ControlPlane.Release
	return []string{repository, fmt.Sprintf("helm upgrade %s dapr/dapr --namespace %s --version %s --reset-then-reuse-values -f %s",
		escape(r.Name), escape(r.Namespace), chartVersion(v), fileOf(v))}
}

// SaveCommand is the one that saves the values that a release has; empty where Helm has
// no record of them.
func SaveCommand(v *plan.Values) string {
	r := v.ControlPlane.Release
	if v.New || r == nil {
		return ""
	}
	return fmt.Sprintf("helm get values %s --namespace %s -o yaml > %s", escape(r.Name), escape(r.Namespace), AdditionsFile)
}

// fileOf is the name of the file that the commands speak of.
func fileOf(v *plan.Values) string {
	if v.New {
		return AdditionsFile
	}
	return additionsBeside
}

// chartVersion is the version that an upgrade keeps.
func chartVersion(v *plan.Values) string {
	if r := v.ControlPlane.Release; r != nil && r.ChartVersion != "" {
		return escape(r.ChartVersion)
	}
	return escape(v.ControlPlane.Version.String())
}

// RestartCommand makes the Pods of an app anew.
func RestartCommand(o snapshot.Object) string {
	switch o.Kind {
	case "Deployment", "StatefulSet", "DaemonSet":
		return fmt.Sprintf("kubectl rollout restart --namespace %s %s/%s", escape(o.Namespace), strings.ToLower(o.Kind), escape(o.Name))
	default:
		return "the Pods of " + escape(o.String()) + ": delete them, and have them made anew"
	}
}
