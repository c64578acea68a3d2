// Copyright The kubectl-dapr-prod Authors.
// SPDX-License-Identifier: Apache-2.0

package report

import (
	"encoding/xml"
	"io"
	"strings"

	"github.com/dapr-prod/kubectl-dapr-prod/pkg/guideline"
)

// The parts of a document in JUnit's XML, which has no standard: these are what all
// who read it know.
type (
	junitSuites struct {
		XMLName  xml.Name      `xml:"testsuites"`
		Name     string        `xml:"name,attr"`
		Tests    int           `xml:"tests,attr"`
		Failures int           `xml:"failures,attr"`
		Errors   int           `xml:"errors,attr"`
		Skipped  int           `xml:"skipped,attr"`
		Suites   []*junitSuite `xml:"testsuite"`
	}

	junitSuite struct {
		Name      string      `xml:"name,attr"`
		Tests     int         `xml:"tests,attr"`
		Failures  int         `xml:"failures,attr"`
		Errors    int         `xml:"errors,attr"`
		Skipped   int         `xml:"skipped,attr"`
		Timestamp string      `xml:"timestamp,attr"`
		Cases     []junitCase `xml:"testcase"`
	}

	junitCase struct {
		ClassName string        `xml:"classname,attr"`
		Name      string        `xml:"name,attr"`
		File      string        `xml:"file,attr,omitempty"`
		Line      int           `xml:"line,attr,omitempty"`
		Failure   *junitFailure `xml:"failure"`
		Skipped   *junitSkipped `xml:"skipped"`
	}

	junitFailure struct {
		Message string `xml:"message,attr"`
		Type    string `xml:"type,attr"`
		Text    string `xml:",chardata"`
	}

	junitSkipped struct {
		Message string `xml:"message,attr"`
	}
)

// JUnit writes the report as CI servers read results of tests: a suite a guideline, a
// case an outcome. What falls short is a failure; what is unknown, ignored or does not
// apply is skipped, with the reason.
func JUnit(w io.Writer, r *Report, o Options) error {
	all := junitSuites{Name: "kubectl dapr-prod check"}
	of := map[string]*junitSuite{}
	for _, result := range r.Results {
		if below(result, o) {
			continue
		}
		suite := of[result.Guideline]
		if suite == nil {
			suite = &junitSuite{Name: escape(result.Guideline), Timestamp: r.TakenAt.UTC().Format("2006-01-02T15:04:05")}
			of[result.Guideline] = suite
			all.Suites = append(all.Suites, suite)
		}
		suite.add(result)
	}
	for _, suite := range all.Suites {
		all.Tests += suite.Tests
		all.Failures += suite.Failures
		all.Skipped += suite.Skipped
	}
	text, err := xml.MarshalIndent(all, "", "  ")
	if err != nil {
		return err
	}
	_, err = io.WriteString(w, xml.Header+string(text)+"\n")
	return err
}

func (s *junitSuite) add(result Result) {
	c := junitCase{ClassName: s.Name, Name: caseName(result)}
	if src := result.Source; src != nil {
		c.File, c.Line = escape(src.File), src.Line
	}
	s.Tests++
	switch result.Outcome {
	case guideline.Failed:
		s.Failures++
		c.Failure = &junitFailure{Message: escape(result.Message), Type: result.Severity.String(), Text: failureText(result)}
	case guideline.Unjudged:
		c.Skipped = &junitSkipped{"unknown: " + escape(result.Message)}
	case guideline.Ignored:
		c.Skipped = &junitSkipped{"ignored: " + escape(result.Reason)}
	case guideline.Skipped:
		c.Skipped = &junitSkipped{escape(result.Message)}
	}
	if c.Skipped != nil {
		s.Skipped++
	}
	s.Cases = append(s.Cases, c)
}

// caseName is the object, and the place in it.
func caseName(result Result) string {
	words := []string{place(result.Object)}
	for _, more := range []string{result.Container, result.Field} {
		if more != "" {
			words = append(words, more)
		}
	}
	return escape(strings.Join(words, " "))
}

// failureText is all that is known of a finding, a line each.
func failureText(result Result) string {
	lines := []string{escape(result.Message)}
	for _, more := range []struct{ what, text string }{
		{"Fix", result.Remedy}, {"Where", result.Source.String()}, {"Docs", result.Docs},
	} {
		if more.text != "" {
			lines = append(lines, more.what+": "+escape(more.text))
		}
	}
	return strings.Join(lines, "\n")
}
