// Copyright The kubectl-dapr-prod Authors.
// SPDX-License-Identifier: Apache-2.0

//go:build charts

package helm_test

import (
	"fmt"
	"maps"
	"net/http"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"helm.sh/helm/v4/pkg/action"
	hkube "helm.sh/helm/v4/pkg/kube"
	corev1 "k8s.io/api/core/v1"
	"k8s.io/apimachinery/pkg/util/sets"
	"k8s.io/apiserver/pkg/endpoints/request"

	"github.com/dapr-prod/kubectl-dapr-prod/test/cluster/kube"
)

// newFront is a server before the one of a bench.
func (b *bench) newFront() *kube.Front {
	b.t.Helper()
	c, err := kube.OpenFile(filepath.Join(filepath.Dir(b.kubeconfig), "state.json"))
	if err != nil {
		b.t.Fatal(err)
	}
	return c.Front(b.t)
}

// sweep lets requests of an upgrade fail, one after the other.
type sweep struct {
	*bench
	front   *kube.Front
	command []string
	// was is the release before an upgrade, first its record, and will the release after it.
	was, will stand
	first     *corev1.Secret
	turns     int
}

// upgrades are the commands, and the kinds of requests that fail in each part of them. What
// is read for the plan, and tried, is in test/faults as well. With DAPR_PROD_FAULTS=1 each
// kind fails.
var upgrades = []struct {
	args []string
	at   map[string][]string
}{
	{[]string{"fix", "--scope=control-plane", "control-plane-ha", "injector-watchdog"}, map[string][]string{
		"plan":  {"list record", "try to patch deployments"},
		"begin": {"list record", "/apis", "get statefulsets"},
		"write": {"create record", "patch poddisruptionbudgets", "get deployments", "patch deployments", "patch deployments", "patch statefulsets"},
		"wait":  {"watch deployments", "list replicasets"},
		"end":   {"update record v1", "update record v2", "update record v2"},
		"after": {"list deployments", "list record"},
	}},
	{[]string{"harden", "default-secret-reader"}, map[string][]string{
		"delete": {"get roles", "delete roles", "delete rolebindings"},
	}},
}

// order is that of the parts of a run.
var order = []string{"plan", "begin", "write", "delete", "wait", "end", "after"}

// TestFaults: whatever goes wrong with a request of an upgrade, the release is upgraded; or
// one sentence says that it is not, and it is as it was, or the way back is said, then and
// when it is tried again, and leads to where it was.
func TestFaults(t *testing.T) {
	b := newBench(t, "1.18.3", users)
	front, was := b.newFront(), b.stand()
	for _, u := range upgrades {
		t.Run(u.args[0], func(t *testing.T) {
			s := &sweep{bench: b.with(t), front: front, was: was, first: b.recordOf(was.revision)}
			s.command = append(slices.Clone(u.args), "--helm-upgrade", "--chart", b.chart, "--kubeconfig", front.Kubeconfig, "--yes")
			asks := front.Asks(func() {
				if o := kube.Run(t, s.command...); o.Code != 0 {
					t.Fatalf("without a fault: exit code %d\n%s%s", o.Code, o.Stdout, o.Stderr)
				}
			})
			s.will = s.stand()
			s.restore("without a fault")
			parts := parts(t, asks)
			for _, part := range order {
				for _, kind := range kinds(t, parts[part], u.at[part]) {
					s.sweep(part, ofKind(t, parts[part], kind))
				}
			}
		})
	}
}

// kinds are those that fail of a part.
func kinds(t *testing.T, asks, some []string) []string {
	t.Helper()
	if os.Getenv("DAPR_PROD_FAULTS") != "1" {
		return some
	}
	var all []string
	for _, ask := range asks {
		all = append(all, kindOf(t, ask))
	}
	return slices.Compact(slices.Sorted(slices.Values(all)))
}

// sweep lets a request fail, in ways that take turns. Of those that store something every
// other one is done all the same; the record that is the lock fails in some ways.
func (s *sweep) sweep(part, which string) {
	faults := map[string]func(http.ResponseWriter, *http.Request){}
	for name, answer := range kube.Answers {
		faults[name] = func(w http.ResponseWriter, _ *http.Request) { answer(w) }
	}
	names := slices.Sorted(maps.Keys(faults))
	faults[half], faults[lost] = s.front.Lost(true), s.front.Lost(false)
	ways := []string{names[s.turns%len(names)]}
	switch {
	case strings.Contains(which, "POST"):
		ways = []string{"500", half, lost}
	case s.turns%4 == 1:
		ways = []string{half}
	case s.turns%4 == 3 && strings.HasPrefix(which, "stores: "):
		ways = []string{lost}
	}
	s.turns++
	for _, way := range ways {
		s.fails(part+": "+way+" at "+which, which, faults[way])
	}
}

const (
	half = "the half of an answer"
	lost = "an answer that is lost"
)

// impatient does not wait for long for what cannot be seen to be ready.
const impatient = "--timeout=5s"

// fails runs the command while a request fails, and holds what it says and what it has done
// against what may be.
func (s *sweep) fails(what, which string, answer func(http.ResponseWriter, *http.Request)) {
	s.t.Helper()
	s.front.Breaking(which, answer)
	o := s.outcome(s.program(append(slices.Clone(s.command), impatient)...))
	s.front.With(nil)
	is := s.stand()
	wrong := func(format string, args ...any) {
		s.t.Helper()
		s.t.Errorf("%s: %s; exit code %d\n%s%s", what, fmt.Sprintf(format, args...), o.Code, o.Stdout, o.Stderr)
	}
	if torn := whole(s.was.contents, s.will.contents, is.contents); len(torn) > 0 {
		wrong("neither as it was nor as it is to be: %v", torn)
	}
	if o.Code == 2 && !oneSentence(o.Stderr) || o.Code > 2 {
		wrong("not one clear sentence")
	}
	done := strings.Contains(o.Stdout, fmt.Sprintf("Revision %d of release %s is deployed.", s.will.revision, name))
	switch {
	case done || o.Code == 0:
		judged := o.Code == 0 || strings.Contains(o.Stderr, "error: it is deployed, and could not be judged again: ")
		if !is.same(s.will) || !judged || !strings.Contains(o.Stderr, "To take it back: "+s.was.back()) {
			wrong("it is %s at revision %d, and not as it is to be", is.status, is.revision)
		}
	case is.revision == s.was.revision:
		said := strings.Contains(o.Stderr, "Nothing is written") || o.Code == 2 && !strings.Contains(o.Stderr, "Upgrading release")
		if !is.same(s.was) || !said {
			wrong("it is %s at revision %d, and not as it was", is.status, is.revision)
		}
	case o.Code != 2 || !strings.Contains(o.Stderr, s.was.back()):
		wrong("it is %s at revision %d, and the way back is not said", is.status, is.revision)
	default:
		s.again(what, is)
	}
	s.t.Logf("%s: exit code %d, %s at revision %d: %s", what, o.Code, is.status, is.revision, o.Stderr)
	if is.revision > s.was.revision {
		s.restore(what)
	}
}

// again runs the command once more on a release that was left in the middle.
func (s *sweep) again(what string, left stand) {
	s.t.Helper()
	o := kube.Run(s.t, append(slices.Clone(s.command), impatient)...)
	s.silent(o.Stdout + o.Stderr)
	says := fmt.Sprintf("Nothing is written: release %s in namespace %s is %s at revision %d", name, namespace, left.status, left.revision)
	if is := s.stand(); o.Code != 1 || !is.same(left) || !strings.Contains(o.Stderr, says) || !strings.Contains(o.Stderr, s.was.back()) {
		s.t.Errorf("%s: the next run, of what is %s at revision %d: exit code %d\n%s%s", what, left.status, left.revision, o.Code, o.Stdout, o.Stderr)
	}
}

// oneSentence tells whether what is said ends with one error, and holds no other.
func oneSentence(stderr string) bool {
	text := "\n" + strings.TrimSuffix(stderr, "\n")
	first := strings.Index(text, "\nerror: ")
	return first >= 0 && first == strings.LastIndex(text, "\n") && !strings.Contains(text, "goroutine")
}

var infos = &request.RequestInfoFactory{APIPrefixes: sets.NewString("api", "apis"), GrouplessAPIPrefixes: sets.NewString("api")}

// kindOf is what a request of kube.Ask asks for, but for the name.
func kindOf(t *testing.T, ask string) string {
	stores := strings.HasPrefix(ask, "stores: ")
	words := strings.Fields(strings.TrimPrefix(ask, "stores: "))
	r, err := http.NewRequest(words[0], words[1], nil)
	if err != nil {
		t.Fatal(err)
	}
	info, err := infos.NewRequestInfo(r)
	if err != nil {
		t.Fatal(err)
	}
	if !info.IsResourceRequest {
		return words[1]
	}
	kind := info.Verb + " " + info.Resource
	switch {
	case len(words) == 4 && words[2] == "true":
		kind = "watch " + info.Resource
	case info.Verb == "update" && strings.HasPrefix(info.Name, record):
		kind = "update record " + info.Name[strings.LastIndex(info.Name, ".")+1:]
	case strings.HasPrefix(info.Name, record), strings.Contains(ask, "owner=helm"), stores && info.Verb == "create" && info.Resource == "secrets":
		kind = info.Verb + " record"
	case !stores && words[0] != "GET" && words[len(words)-2] == "true":
		kind = "compare " + info.Resource
	case !stores && words[0] != "GET":
		kind = "try to " + kind
	}
	return kind
}

// parts are the requests of a run: those of the plan, those between it and the first that
// stores anything, those that write the objects, the deletions, those while it is waited, the
// records at the end, and those of the report after it.
func parts(t *testing.T, all []string) map[string][]string {
	t.Helper()
	found := map[string][]string{}
	part := "plan"
	for i, ask := range all {
		kind := kindOf(t, ask)
		switch {
		case strings.HasPrefix(kind, "create record"):
			part = "write"
		case part == "plan" && !slices.ContainsFunc(all[i:], func(later string) bool { return strings.Contains(later, " All ") }):
			part = "begin"
		case part == "write" && (strings.HasPrefix(kind, "delete") || i+1 < len(all) && strings.HasPrefix(kindOf(t, all[i+1]), "delete")):
			part = "delete"
		case part == "write" && kind == "/api", part == "delete" && kind == "/api":
			part = "wait"
		case strings.HasPrefix(kind, "update record"):
			part = "end"
		case part == "end":
			part = "after"
		}
		found[part] = append(found[part], ask)
	}
	return found
}

// ofKind is the first request of a kind.
func ofKind(t *testing.T, asks []string, kind string) string {
	t.Helper()
	i := slices.IndexFunc(asks, func(ask string) bool { return kindOf(t, ask) == kind })
	if i < 0 {
		t.Fatalf("nothing asks to %s in %q", kind, asks)
	}
	return asks[i]
}

// restore takes the release back as a run says, and holds it against what it was.
func (s *sweep) restore(what string) {
	s.t.Helper()
	rollback := action.NewRollback(s.helms())
	rollback.Version, rollback.WaitStrategy = s.was.revision, hkube.HookOnlyStrategy
	if err := rollback.Run(name); err != nil {
		s.t.Fatalf("%s: the way back: %v", what, err)
	}
	is := s.stand()
	if !is.same(s.was) {
		s.t.Fatalf("%s: after the way back it is %s, with %s, and not as it was: %v", what, is.status, is.values, whole(s.was.contents, nil, is.contents))
	}
	s.forget(s.first)
}
