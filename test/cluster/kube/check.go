// Copyright The kubectl-dapr-prod Authors.
// SPDX-License-Identifier: Apache-2.0

package kube

import (
	"bytes"
	"encoding/json"
	"io"
	"os"
	"strings"
	"sync"
	"testing"

	"k8s.io/cli-runtime/pkg/genericiooptions"

	"github.com/dapr-prod/kubectl-dapr-prod/pkg/cmd"
	"github.com/dapr-prod/kubectl-dapr-prod/pkg/guideline"
	"github.com/dapr-prod/kubectl-dapr-prod/pkg/report"
)

// Outcome is what became of one run of the command.
type Outcome struct {
	Code           int
	Stdout, Stderr string
}

// one lets one command run at a time: kubectl keeps the factory of its
// completion in a variable of its package.
var one sync.Mutex

// Run runs the command in this process.
func Run(t testing.TB, args ...string) Outcome {
	t.Helper()
	streams, _, stdout, stderr := genericiooptions.NewTestIOStreams()
	code := RunOn(streams, args...)
	return Outcome{Code: code, Stdout: stdout.String(), Stderr: stderr.String()}
}

// RunOn runs the command in this process on other streams, and returns its exit code.
func RunOn(streams genericiooptions.IOStreams, args ...string) int {
	one.Lock()
	defer one.Unlock()
	var stdout, stderr strings.Builder
	defer func() { Note(args, stdout.String(), stderr.String()) }()
	streams.Out, streams.ErrOut = both(streams.Out, &stdout), both(streams.ErrOut, &stderr)
	return cmd.Run(append([]string{"kubectl-dapr_prod"}, args...), streams)
}

// both writes what goes to a stream to a text as well. A file stays what it is, since it
// may be a terminal: who made it notes what was written.
func both(stream io.Writer, text *strings.Builder) io.Writer {
	if _, is := stream.(*os.File); is {
		return stream
	}
	return io.MultiWriter(stream, text)
}

// Checked is a check's report, with the run that gave it.
type Checked struct {
	Outcome
	*report.Report
}

// Check runs check and reads its report.
func Check(t testing.TB, args ...string) Checked {
	t.Helper()
	o := Run(t, append([]string{"check", "-o", "json"}, args...)...)
	c := Checked{Outcome: o, Report: &report.Report{}}
	if o.Code > 1 {
		t.Fatalf("check %s: exit code %d\n%s%s", strings.Join(args, " "), o.Code, o.Stdout, o.Stderr)
	}
	decoder := json.NewDecoder(bytes.NewBufferString(o.Stdout))
	decoder.DisallowUnknownFields()
	if err := decoder.Decode(c.Report); err != nil {
		t.Fatalf("check %s: %v\n%s", strings.Join(args, " "), err, o.Stdout)
	}
	return c
}

// Of are the results of a guideline on the object of that kind and name, such as
// "Deployment/orders".
func (c Checked) Of(guideline, object string) []report.Result {
	var found []report.Result
	for _, r := range c.Results {
		if r.Guideline == guideline && r.Object.Kind+"/"+r.Object.Name == object {
			found = append(found, r)
		}
	}
	return found
}

// Expect holds the worst result of a guideline on an object against what it
// should be: its outcome, and a part of its message.
func (c Checked) Expect(t testing.TB, id, object string, outcome guideline.Outcome, message string) report.Result {
	t.Helper()
	results := c.Of(id, object)
	if len(results) == 0 {
		t.Errorf("%s says nothing of %s", id, object)
		return report.Result{}
	}
	if r := results[0]; r.Outcome != outcome || !strings.Contains(r.Message, message) {
		t.Errorf("%s on %s: %s %q, want %s with %q", id, object, r.Outcome, r.Message, outcome, message)
	}
	return results[0]
}

// App is the app of that kind and name.
func (c Checked) App(t testing.TB, object string) report.App {
	t.Helper()
	for _, a := range c.Apps {
		if a.Kind+"/"+a.Name == object {
			return a
		}
	}
	t.Fatalf("%s is no app; these are: %v", object, c.Names())
	return report.App{}
}

// Names are the apps, as "Deployment/orders".
func (c Checked) Names() []string {
	names := []string{}
	for _, a := range c.Apps {
		names = append(names, a.Kind+"/"+a.Name)
	}
	return names
}
