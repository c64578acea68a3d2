// Copyright The kubectl-dapr-prod Authors.
// SPDX-License-Identifier: Apache-2.0

package catalogue_test

import (
	"context"
	"fmt"
	"os"
	"slices"
	"strconv"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/rogpeppe/go-internal/txtar"
	"k8s.io/apimachinery/pkg/api/resource"
	"sigs.k8s.io/yaml"

	"github.com/dapr-prod/kubectl-dapr-prod/pkg/catalogue"
	"github.com/dapr-prod/kubectl-dapr-prod/pkg/collect"
	"github.com/dapr-prod/kubectl-dapr-prod/pkg/dapr"
	"github.com/dapr-prod/kubectl-dapr-prod/pkg/guideline"
	"github.com/dapr-prod/kubectl-dapr-prod/pkg/snapshot"
)

// object is one object of an input.
type object = map[string]any

// testCase is an input and what its directives say of it.
type testCase struct {
	t       *testing.T
	live    bool
	version dapr.Version
	edition guideline.Edition
	// namespace is the one whose apps were asked for; empty means all.
	namespace string
	// selected tells that only some workloads were asked for.
	selected bool
	// as is the release that a live cluster is judged as.
	as dapr.Version
	// now is the time of reading.
	now time.Time
	// kubernetes is the API server's version.
	kubernetes string
	// release is Helm's record of the control plane.
	release *snapshot.Release
	gaps    []snapshot.Gap
	objects []object
	// gone are the fixtures' objects that are left out, as "Kind name".
	gone []string
	// uses is what the sidecars of Pods use.
	uses map[string]snapshot.Amount
	// said is what the owner of the apps tells.
	said guideline.Said
}

// snapshotOf reads an input as collect reads manifests, and then makes of it
// what the directives say.
func snapshotOf(t *testing.T, input string) *snapshot.Snapshot {
	t.Helper()
	return newCase(t, input).read()
}

func newCase(t *testing.T, input string) *testCase {
	t.Helper()
	c := &testCase{t: t, version: dapr.NewestVersion(), edition: guideline.Newer, now: time.Date(2026, 11, 21, 12, 0, 0, 0, time.UTC)}
	for line := range strings.Lines(input) {
		directive, is := strings.CutPrefix(strings.TrimSpace(line), "#")
		if !is {
			break
		}
		if words := strings.Fields(directive); len(words) > 0 {
			c.directive(words[0], words[1:])
		}
	}
	for _, patch := range documents(t, input) {
		c.add(patch)
	}
	c.objects = slices.DeleteFunc(c.objects, func(o object) bool {
		return slices.Contains(c.gone, fmt.Sprint(o["kind"], " ", metadata(o)["name"]))
	})
	return c
}

// directive takes one comment line above an input.
func (c *testCase) directive(word string, args []string) {
	c.t.Helper()
	switch word {
	case "live":
		c.live = true
	case "dapr":
		c.version = dapr.Version{}
		if args[0] != "unknown" {
			c.version = version(c.t, args[0])
		}
	case "as":
		c.as = version(c.t, args[0])
	case "namespace":
		c.namespace = args[0]
	case "selected":
		c.selected = true
	case "at":
		now, err := time.Parse(time.DateOnly, args[0])
		if err != nil {
			c.t.Fatal(err)
		}
		c.now = now
	case "kubernetes":
		c.kubernetes = args[0]
	case "edition":
		c.edition = guideline.Edition(args[0])
	case "release":
		c.release = c.record(args[0], args[1:])
	case "values":
		c.release.Values = args
	case "with":
		c.objects = append(c.objects, fixture(c.t, args[0], args[1:])...)
	case "without":
		c.gone = append(c.gone, strings.Join(args, " "))
	case "said":
		c.said = guideline.Said{NoSecretAPI: slices.Contains(args, "no-secret-api"), UnusedToken: slices.Contains(args, "unused-token"), Restricted: slices.Contains(args, "restricted")}
	case "uses":
		if c.uses == nil {
			c.uses = map[string]snapshot.Amount{}
		}
		c.uses[args[0]] = snapshot.Amount{CPU: resource.MustParse(args[1]), Memory: resource.MustParse(args[2])}
	case "forbidden", "unserved", "failed":
		gap := snapshot.Gap{Resource: resourceNamed(c.t, args[0]), Place: snapshot.Place(args[1]), Reason: snapshot.GapReason(word)}
		if len(args) > 2 && args[2] != "-" {
			gap.Namespace = args[2]
		}
		if len(args) > 3 {
			gap.Name = args[3]
		}
		if word == "failed" {
			gap.Detail = "connection refused"
		}
		c.gaps = append(c.gaps, gap)
	default:
		c.t.Fatalf("no such directive: %s", word)
	}
}

// record is a release whose manifest is a fixture.
func (c *testCase) record(name string, args []string) *snapshot.Release {
	c.t.Helper()
	cp := (&testCase{t: c.t, version: c.version, objects: fixture(c.t, name, args)}).read().ControlPlanes[0]
	r := &snapshot.Release{Namespace: cp.Namespace, Name: "dapr", Revision: 1, Status: "deployed", Workloads: cp.Workloads}
	for i := range r.Workloads {
		r.Workloads[i].Source = snapshot.Source{}
	}
	for _, arg := range args {
		switch key, value, _ := strings.Cut(arg, "="); key {
		case "status":
			r.Status = value
		case "version":
			r.ChartVersion, r.AppVersion = value, value
		case "revision":
			r.Revision, _ = strconv.Atoi(value)
		}
	}
	return r
}

func version(t *testing.T, s string) dapr.Version {
	t.Helper()
	v, err := dapr.ParseVersion(s)
	if err != nil {
		t.Fatal(err)
	}
	return v
}

func resourceNamed(t *testing.T, name string) snapshot.Resource {
	t.Helper()
	for _, g := range catalogue.All() {
		for _, read := range g.Reads {
			if read.Resource.Resource == name {
				return read.Resource
			}
		}
	}
	t.Fatalf("no guideline reads %s", name)
	return snapshot.Resource{}
}

var fixtures = sync.OnceValues(func() (*txtar.Archive, error) { return txtar.ParseFile("testdata/fixtures.txtar") })

// fixture returns the objects of a fixture. Its first line holds the defaults of
// its parameters, which stand in it as $name.
func fixture(t *testing.T, name string, args []string) []object {
	t.Helper()
	archive, err := fixtures()
	if err != nil {
		t.Fatal(err)
	}
	for _, f := range archive.Files {
		if f.Name != name {
			continue
		}
		text := string(f.Data)
		defaults, _, _ := strings.Cut(text, "\n")
		return documents(t, os.Expand(text, func(parameter string) string {
			for _, arg := range slices.Backward(slices.Concat(strings.Fields(strings.TrimPrefix(defaults, "#")), args)) {
				if key, value, _ := strings.Cut(arg, "="); key == parameter {
					return value
				}
			}
			t.Fatalf("fixture %s: no default for %s", name, parameter)
			return ""
		}))
	}
	t.Fatalf("no such fixture: %s", name)
	return nil
}

func documents(t *testing.T, text string) []object {
	t.Helper()
	var all []object
	for part := range strings.SplitSeq("\n"+withCertificates(t, text), "\n---\n") {
		var o object
		if err := yaml.UnmarshalStrict([]byte(part), &o); err != nil {
			t.Fatalf("%v in:\n%s", err, part)
		}
		if o != nil {
			all = append(all, o)
		}
	}
	return all
}

func metadata(o object) object {
	m, _ := o["metadata"].(object)
	return m
}

// add takes an object of the input. One without apiVersion is a merge patch to
// the fixture's object of its kind and name.
func (c *testCase) add(o object) {
	c.t.Helper()
	if o["apiVersion"] != nil {
		c.objects = append(c.objects, o)
		return
	}
	for _, into := range c.objects {
		if into["kind"] == o["kind"] && metadata(into)["name"] == metadata(o)["name"] {
			merge(into, o)
			return
		}
	}
	c.t.Fatalf("no fixture has the %s %s", o["kind"], metadata(o)["name"])
}

// merge is a JSON merge patch.
func merge(into, patch object) {
	for key, value := range patch {
		inner, isObject := value.(object)
		old, wasObject := into[key].(object)
		switch {
		case value == nil:
			delete(into, key)
		case isObject && wasObject:
			merge(old, inner)
		default:
			into[key] = value
		}
	}
}

// read makes the snapshot.
func (c *testCase) read() *snapshot.Snapshot {
	c.t.Helper()
	var text strings.Builder
	for _, o := range c.objects {
		one, err := yaml.Marshal(o)
		if err != nil {
			c.t.Fatal(err)
		}
		text.WriteString("---\n")
		text.Write(one)
	}
	m := collect.Manifests{
		Filenames: []string{"-"},
		In:        strings.NewReader(text.String()),
		Version:   c.version,
		Now:       c.now,
	}
	s, err := m.Read(context.Background())
	if err != nil {
		c.t.Fatal(err)
	}
	if c.live {
		s.Live, s.Context, s.Gaps = true, "prod", nil
		// What manifests leave open, a cluster tells.
		s.ControlPlanes = slices.DeleteFunc(s.ControlPlanes, func(cp snapshot.ControlPlane) bool { return len(cp.Workloads) == 0 })
		for i := range s.ControlPlanes {
			if cp := &s.ControlPlanes[i]; cp.Assumed {
				cp.Version, cp.Assumed = dapr.Version{}, false
			}
		}
	}
	c.use(s)
	s.KubernetesVersion, s.Namespace, s.Selected = c.kubernetes, c.namespace, c.selected
	for i := range s.ControlPlanes {
		if cp := &s.ControlPlanes[i]; c.release != nil && cp.Namespace == c.release.Namespace {
			cp.Release = c.release
		}
	}
	for i := range s.ControlPlanes {
		if cp := &s.ControlPlanes[i]; c.as.Known() {
			cp.Rehearsed, cp.Version = cp.Version, c.as
		}
	}
	s.Gaps = append(s.Gaps, c.gaps...)
	slices.SortFunc(s.Gaps, snapshot.Gap.Compare)
	return s
}

// use gives each Pod what its sidecar uses.
func (c *testCase) use(s *snapshot.Snapshot) {
	for name, amount := range c.uses {
		used := false
		for _, app := range s.Apps {
			for i := range app.Pods {
				if app.Pods[i].Name == name {
					app.Pods[i].Usage, used = &amount, true
				}
			}
		}
		if !used {
			c.t.Fatalf("no Pod %s, of which it is said what it uses", name)
		}
	}
}
