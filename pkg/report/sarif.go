// Copyright The kubectl-dapr-prod Authors.
// SPDX-License-Identifier: Apache-2.0

package report

import (
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"io"
	"net/url"
	"path"
	"strings"
	"time"

	"github.com/dapr-prod/kubectl-dapr-prod/pkg/guideline"
)

// projectPage is where this tool is found.
const projectPage = "https://github.com/dapr-prod/kubectl-dapr-prod"

// SARIF writes the report for code scanning, in SARIF 2.1.0: what falls short are its
// results, the guidelines its rules. What is unknown, or could not be read, is a
// notification of the run. What is ignored is left out: not everybody who reads such
// files knows suppressions, and who does not would raise an alert.
func SARIF(w io.Writer, r *Report, o Options) error {
	s := newSARIF(r, o)
	for _, result := range r.Results {
		switch {
		case below(result, o):
		case result.Outcome == guideline.Failed:
			s.run.Results = append(s.run.Results, s.result(result))
		case result.Outcome == guideline.Unjudged:
			s.unknown(result)
		}
	}
	encoder := json.NewEncoder(w)
	encoder.SetIndent("", "  ")
	encoder.SetEscapeHTML(false)
	return encoder.Encode(sarifLog{Schema: sarifSchema, Version: "2.1.0", Runs: []sarifRun{s.run}})
}

// sarifWriter makes the one run of a document.
type sarifWriter struct {
	run sarifRun
	// rules are the places of guidelines among the rules.
	rules map[string]int
	// times counts fingerprints, of which each may be there once.
	times map[string]int
}

func newSARIF(r *Report, o Options) *sarifWriter {
	s := &sarifWriter{rules: map[string]int{}, times: map[string]int{}, run: sarifRun{
		Tool:    sarifTool{sarifDriver{Name: "kubectl-dapr-prod", Version: escape(r.Tool.Version), InformationURI: projectPage, Rules: []sarifRule{}}},
		Results: []sarifResult{}, ColumnKind: "utf16CodeUnits",
	}}
	call := sarifInvocation{ExecutionSuccessful: true, EndTimeUTC: r.TakenAt.UTC().Format(time.RFC3339), Notifications: []sarifNotification{}}
	for _, gap := range r.Cluster.Gaps {
		call.Notifications = append(call.Notifications, sarifNotification{Level: "warning", Message: sarifText("not everything could be read: " + gap)})
	}
	s.run.Invocations = []sarifInvocation{call}
	for _, g := range o.Guidelines {
		s.rules[g.ID] = len(s.run.Tool.Driver.Rules)
		s.run.Tool.Driver.Rules = append(s.run.Tool.Driver.Rules, ruleOf(g))
	}
	return s
}

// ruleOf is a guideline as a rule, with what explain says of it as its help.
func ruleOf(g *guideline.Guideline) sarifRule {
	var plain, marked []string
	for _, p := range paragraphsOf(g) {
		plain = append(plain, escape(p.head+". "+p.text))
		marked = append(marked, "**"+p.head+".** "+prose(p.text))
	}
	return sarifRule{
		ID: escape(g.ID), ShortDescription: sarifText(g.Title), FullDescription: sarifText(g.Why),
		Help:          &sarifHelp{Text: strings.Join(plain, "\n\n"), Markdown: strings.Join(marked, "\n\n")},
		HelpURI:       webAddress(g.Docs),
		Configuration: sarifConfiguration{Level: levelOf(g.Severity)},
		Properties:    sarifRuleProperties{Tags: []string{"dapr", "kubernetes", string(g.Origin)}},
	}
}

// levelOf is a severity in the words of SARIF.
func levelOf(s guideline.Severity) string {
	if s == guideline.Info {
		return "note"
	}
	return s.String()
}

// rule is the place of a result's guideline, which is made where it is not among those
// that are known.
func (s *sarifWriter) rule(result Result) sarifRuleReference {
	i, found := s.rules[result.Guideline]
	if !found {
		i = len(s.run.Tool.Driver.Rules)
		s.rules[result.Guideline] = i
		s.run.Tool.Driver.Rules = append(s.run.Tool.Driver.Rules, sarifRule{
			ID: escape(result.Guideline), HelpURI: webAddress(result.Docs),
			ShortDescription: sarifText(result.Guideline), FullDescription: sarifText(result.Guideline),
			Configuration: sarifConfiguration{Level: levelOf(result.Severity)},
			Properties:    sarifRuleProperties{Tags: []string{"dapr", "kubernetes", string(result.Origin)}},
		})
	}
	return sarifRuleReference{ID: escape(result.Guideline), Index: i}
}

func (s *sarifWriter) result(result Result) sarifResult {
	rule := s.rule(result)
	text := fmt.Sprintf("%s: %s.", place(result.Object), result.Message)
	if result.Remedy != "" {
		text += " Fix: " + result.Remedy
	}
	return sarifResult{
		RuleID: rule.ID, RuleIndex: rule.Index, Level: levelOf(result.Severity), Message: sarifText(text),
		Locations:    []sarifLocation{locationOf(result)},
		Fingerprints: map[string]string{"daprProd/v1": s.fingerprint(result)},
		Properties:   sarifResultProperties{Field: escape(result.Field), Container: escape(result.Container)},
	}
}

func (s *sarifWriter) unknown(result Result) {
	rule := s.rule(result)
	call := &s.run.Invocations[0]
	call.Notifications = append(call.Notifications, sarifNotification{
		Level: "warning", AssociatedRule: &rule, Locations: []sarifLocation{locationOf(result)},
		Message: sarifText(fmt.Sprintf("%s: not known: %s", place(result.Object), result.Message)),
	})
}

// fingerprint stays the same while the finding does: neither its line nor its words
// count, nor where else something is found.
func (s *sarifWriter) fingerprint(result Result) string {
	o := result.Object
	file := ""
	if result.Source != nil {
		file = path.Clean(result.Source.File)
	}
	sum := func(more string) string {
		h := sha256.Sum256([]byte(strings.Join([]string{
			result.Guideline, o.Group(), o.Kind, o.Namespace, o.Name, result.Container, result.Field, file, more,
		}, "\x00")))
		return hex.EncodeToString(h[:16])
	}
	first := sum("")
	s.times[first]++
	if n := s.times[first]; n > 1 {
		return sum(fmt.Sprint(n))
	}
	return first
}

// locationOf is the object, and where in the input it is written if it is in a file.
func locationOf(result Result) sarifLocation {
	name := qualified(result.Object)
	if result.Object.Namespace != "" {
		name = result.Object.Namespace + "/" + name
	}
	l := sarifLocation{Logical: []sarifLogical{{Name: escape(result.Object.Name), FullyQualifiedName: escape(name), Kind: "resource"}}}
	if src := result.Source; src != nil && src.File != "-" {
		l.Physical = &sarifPhysical{Artifact: artifactOf(src.File)}
		if src.Line > 0 {
			l.Physical.Region = &sarifRegion{StartLine: src.Line}
		}
	}
	return l
}

// artifactOf is a file as it was named: relative to where the command ran, which is the
// root of the sources, absolute, or a URL.
func artifactOf(file string) sarifArtifact {
	if strings.Contains(file, "://") {
		return sarifArtifact{URI: webAddress(file)}
	}
	file = path.Clean(strings.ReplaceAll(file, `\`, "/"))
	if path.IsAbs(file) {
		return sarifArtifact{URI: (&url.URL{Scheme: "file", Path: file}).String()}
	}
	return sarifArtifact{URI: (&url.URL{Path: file}).String(), URIBaseID: "%SRCROOT%"}
}

// webAddress is an address, or nothing where it is none.
func webAddress(address string) string {
	u, err := url.Parse(address)
	if err != nil || u.Scheme == "" || u.Host == "" {
		return ""
	}
	return u.String()
}

// sarifText is a text without what would be taken for a link.
func sarifText(text string) sarifMessage {
	return sarifMessage{Text: escape(strings.ReplaceAll(text, "](", "] ("))}
}
