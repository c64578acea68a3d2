// Copyright The kubectl-dapr-prod Authors.
// SPDX-License-Identifier: Apache-2.0

package guideline

import (
	"fmt"
	"strings"

	"github.com/dapr-prod/kubectl-dapr-prod/pkg/snapshot"
)

// Severity is how bad it is not to keep a guideline.
type Severity int

// The severities, the least first.
const (
	// Info is worth knowing.
	Info Severity = iota + 1
	// Warning is strongly recommended.
	Warning
	// Error will break, or is open.
	Error
)

var severityNames = map[Severity]string{Info: "info", Warning: "warning", Error: "error"}

// Severities returns the names that ParseSeverity takes, the worst first.
func Severities() []string { return []string{"error", "warning", "info"} }

// ParseSeverity reads "error", "warning" or "info".
func ParseSeverity(s string) (Severity, error) {
	for severity, name := range severityNames {
		if s == name {
			return severity, nil
		}
	}
	return 0, fmt.Errorf("unknown severity %q: use %s", s, strings.Join(Severities(), ", "))
}

// String is the severity's name.
func (s Severity) String() string { return severityNames[s] }

// MarshalText makes a severity its name in JSON and YAML.
func (s Severity) MarshalText() ([]byte, error) { return []byte(s.String()), nil }

// UnmarshalText is the reverse of MarshalText.
func (s *Severity) UnmarshalText(text []byte) (err error) {
	*s, err = ParseSeverity(string(text))
	return err
}

// Outcome is what became of a guideline on one object.
type Outcome string

// The outcomes. Only a Passed guideline was seen to be kept.
const (
	Passed  Outcome = "pass"
	Failed  Outcome = "fail"
	Skipped Outcome = "skip"
	// Unjudged: what is needed for a verdict could not be read.
	Unjudged Outcome = "unknown"
	// Ignored: the object asks not to be judged.
	Ignored Outcome = "ignored"
)

// Result is what a guideline says of one object.
type Result struct {
	Outcome Outcome
	// Severity is set where it is another than the guideline's own.
	Severity Severity
	// Origin is set where it is another than the guideline's own.
	Origin Origin
	// Object is set where it is another than the one that was judged.
	Object *snapshot.Object
	// Source is set with Object: where in the input that one is.
	Source *snapshot.Source
	// Container and Field are the place in the object; may be empty.
	Container, Field string
	// Message is one sentence about what was seen; for a skip or an unknown, why.
	Message string
	// Remedy is one sentence on what to do; empty takes the guideline's own.
	Remedy string
}

// Pass is a kept guideline.
func Pass(format string, args ...any) Result { return result(Passed, format, args) }

// Fail is a guideline that is not kept.
func Fail(format string, args ...any) Result { return result(Failed, format, args) }

// Skip is a guideline that does not apply, and why.
func Skip(format string, args ...any) Result { return result(Skipped, format, args) }

// Unknown is a guideline that cannot be judged, and why.
func Unknown(format string, args ...any) Result { return result(Unjudged, format, args) }

// Hidden is a guideline that cannot be judged because of a gap.
func Hidden(gap *snapshot.Gap) Result { return Unknown("%s", gap) }

func result(o Outcome, format string, args []any) Result {
	return Result{Outcome: o, Message: fmt.Sprintf(format, args...)}
}

// As gives the result another severity than the guideline's own.
func (r Result) As(s Severity) Result { r.Severity = s; return r }

// From says who asks for this one, where it is not who asks for the guideline.
func (r Result) From(o Origin) Result { r.Origin = o; return r }

// At says which field of the object the result is about.
func (r Result) At(field string) Result { r.Field = field; return r }

// In says which container the result is about.
func (r Result) In(container string) Result { r.Container = container; return r }

// On says which other object the result is about, and where that one is written.
func (r Result) On(o snapshot.Object, src snapshot.Source) Result {
	r.Object, r.Source = &o, &src
	return r
}

// Do says what closes the gap, where it is not what the guideline says in general.
func (r Result) Do(format string, args ...any) Result {
	r.Remedy = fmt.Sprintf(format, args...)
	return r
}
