// Copyright The kubectl-dapr-prod Authors.
// SPDX-License-Identifier: Apache-2.0

package sidecar_test

import (
	"encoding/json"
	"flag"
	"maps"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	corev1 "k8s.io/api/core/v1"

	"github.com/dapr-prod/kubectl-dapr-prod/pkg/dapr"
	"github.com/dapr-prod/kubectl-dapr-prod/pkg/sidecar"
	"github.com/dapr-prod/kubectl-dapr-prod/pkg/snapshot"
)

// answers is set by make injectors, which builds the injectors themselves.
var answers = flag.String("answers", "", "folder with what the injectors of older releases answered; writes testdata/injected anew")

// notFollowed are the fields of the container in which the simulation does not
// follow the injector of a release, and why that is right. Each stands for all
// paths that begin with it.
var notFollowed = []struct {
	path string
	of   func(dapr.Version) bool
	why  string
}{
	{"env[DAPR_TRUST_ANCHORS]", always, "the roots are judged on their own, and no template tells them"},
	{"volumeMounts[dapr-identity-token]", always, "an injector that runs in no Pod has no token, and then gives none"},
	{"env[DAPR_SCHEDULER_HOST_ADDRESS", before(17), "it lists the replicas that the injector found when it started"},
	{"env[DAPR_SKIP_REMINDER_MIGRATION]", before(17), "a setting of the injector for one upgrade, which nothing judges"},
	{"env[DAPR_CERT_", before(14), "a certificate for sidecars of 1.11, another for each Pod"},
	{"env[SENTRY_LOCAL_IDENTITY]", before(14), "it goes with that certificate"},
	{"args[--placement-host-address]", before(15), "nothing judges it; quotes around it stayed"},
}

func always(dapr.Version) bool { return true }

// before is true of the releases before 1.minor.
func before(minor int) func(dapr.Version) bool {
	return func(v dapr.Version) bool { return !v.AtLeast(1, minor, 0) }
}

// corpus is testdata/injected/pods.json, as hack/injectors reads it too.
type corpus struct {
	Injectors map[string]struct {
		Env                 map[string]string
		NoMTLS, NoScheduler bool
	}
	Pods []struct {
		Case, Injector string
		Pod            corev1.Pod
	}
}

// answer is what becomes of a Pod. In the golden files the container is written
// as what it has otherwise than that of the case "plain" of the same injector,
// with null for what it has not.
type answer struct {
	State     string             `json:"state"`
	Reason    string             `json:"reason,omitempty"`
	Native    bool               `json:"native,omitempty"`
	Container map[string]*string `json:"container,omitempty"`
}

func readCorpus(t *testing.T) corpus {
	t.Helper()
	return readJSON[corpus](t, filepath.Join("testdata", "injected", "pods.json"))
}

func readJSON[T any](t *testing.T, path string) (v T) {
	t.Helper()
	text, err := os.ReadFile(path)
	if err == nil {
		err = json.Unmarshal(text, &v)
	}
	if err != nil {
		t.Fatalf("%s: %v", path, err)
	}
	return v
}

// goldenReleases are those whose injectors were asked.
func goldenReleases(t *testing.T) (all []dapr.Version) {
	t.Helper()
	files, err := filepath.Glob(filepath.Join("testdata", "injected", "1.*.json"))
	if err != nil || len(files) < 2 {
		t.Fatalf("%d golden files: %v", len(files), err)
	}
	for _, file := range files {
		all = append(all, version(t, strings.TrimSuffix(filepath.Base(file), ".json")))
	}
	return all
}

// plain is the case whose container those of the same injector are held against.
func plain(injector string) string {
	if injector == "default" {
		return "plain"
	}
	return injector + ": plain"
}

func TestInjectorsOfReleases(t *testing.T) {
	t.Parallel()
	all := readCorpus(t)
	if *answers != "" {
		writeGolden(t, all)
	}
	needed := make([]bool, len(notFollowed))
	for _, v := range goldenReleases(t) {
		golden := readJSON[map[string]answer](t, filepath.Join("testdata", "injected", v.String()+".json"))
		if len(golden) != len(all.Pods) {
			t.Errorf("%s: %d Pods of %d: run make injectors", v, len(golden), len(all.Pods))
		}
		for _, c := range all.Pods {
			want, base := golden[c.Case], maps.Clone(golden[plain(c.Injector)].Container)
			if want.State == "injected" {
				maps.Copy(base, want.Container)
				want.Container = base
			}
			if want.State == "injected" && holdsDaprd(&c.Pod) {
				want = answer{State: "denied", Reason: "beside its init container daprd the injector adds a container of that name"}
			}
			got := simulated(t, all.injector(t, c.Injector, v), &c.Pod)
			for _, difference := range differences(v, got, want, needed) {
				t.Errorf("%s, %s: %s", v, c.Case, difference)
			}
		}
	}
	for i, n := range notFollowed {
		if !needed[i] {
			t.Errorf("%s (%s) is followed everywhere: strike it off the list", n.path, n.why)
		}
	}
}

// holdsDaprd tells whether the server refuses a Pod that gets another daprd.
func holdsDaprd(pod *corev1.Pod) bool {
	return slices.ContainsFunc(pod.Spec.InitContainers, func(c corev1.Container) bool { return c.Name == dapr.SidecarContainer })
}

// injector is one of the corpus, of release v, read as from a cluster.
func (c corpus) injector(t *testing.T, name string, v dapr.Version) sidecar.Injector {
	t.Helper()
	settings := c.Injectors[name]
	if name == "default" {
		return sidecar.DefaultInjector("dapr-system", v)
	}
	container := &corev1.Container{}
	for _, key := range slices.Sorted(maps.Keys(settings.Env)) {
		container.Env = append(container.Env, corev1.EnvVar{Name: key, Value: settings.Env[key]})
	}
	if settings.NoScheduler {
		container.Args = []string{"--scheduler-enabled=false"}
	}
	on := !settings.NoMTLS
	s := &snapshot.Snapshot{Configurations: []snapshot.Configuration{{Object: snapshot.Object{Namespace: "dapr-system", Name: dapr.SystemConfiguration}, MTLS: &on}}}
	plane := plane(v, container)
	plane.Namespace = "dapr-system"
	in, read := sidecar.InjectorOf(s, plane)
	if !read {
		t.Fatalf("the injector %s is not read", name)
	}
	return in
}

func simulated(t testing.TB, in sidecar.Injector, pod *corev1.Pod) answer {
	owner := snapshot.Object{APIVersion: "v1", Kind: "Pod", Namespace: "shop", Name: pod.Name}
	s := in.Simulate(owner, &snapshot.Template{
		Object: owner, Annotations: pod.Annotations, Labels: pod.Labels, Spec: &pod.Spec, GeneratedName: pod.Name == "",
	})
	switch s.State {
	case sidecar.Off, sidecar.Manual:
		return answer{State: "not injected"}
	case sidecar.Injected:
		text, err := json.Marshal(s.Container)
		if err != nil {
			t.Fatal(err)
		}
		return answer{State: string(s.State), Native: s.Native, Container: flat(t, text)}
	default:
		return answer{State: string(s.State), Reason: s.Reason}
	}
}

// differences says where got differs from want, but for what is not followed. It
// marks the entries of that list without which it would say more.
func differences(v dapr.Version, got, want answer, needed []bool) []string {
	if got.State != want.State || got.Reason != want.Reason || got.Native != want.Native {
		return []string{"is " + got.String() + ", want " + want.String()}
	}
	show := func(value *string) string {
		if value == nil {
			return "nothing"
		}
		return *value
	}
	var all []string
	paths := maps.Clone(got.Container)
	maps.Copy(paths, want.Container)
next:
	for _, path := range slices.Sorted(maps.Keys(paths)) {
		g, w := show(got.Container[path]), show(want.Container[path])
		if g == w {
			continue
		}
		for i, n := range notFollowed {
			if n.of(v) && strings.HasPrefix(path, n.path) {
				needed[i] = true
				continue next
			}
		}
		all = append(all, path+" is "+g+", want "+w)
	}
	return all
}

func (a answer) String() string {
	text, _ := json.Marshal(answer{State: a.State, Reason: a.Reason, Native: a.Native})
	return string(text)
}

// TestGenerationsStandForReleases: whatever Pod it is, the injector of a release
// gives it what that of some generation gives it, in all that is judged.
func TestGenerationsStandForReleases(t *testing.T) {
	t.Parallel()
	judged := func(in sidecar.Injector, pod *corev1.Pod) string {
		in.Image = "daprd"
		a := simulated(t, in, pod)
		maps.DeleteFunc(a.Container, func(path string, _ *string) bool {
			return !slices.ContainsFunc([]string{"image", "resources", "securityContext", "env", "args[--enable-mtls]", "args[--disable-builtin-k8s-secret-store]"},
				func(field string) bool { return strings.HasPrefix(path, field) })
		})
		text, _ := json.Marshal(a)
		return string(text)
	}
	all := readCorpus(t)
	for _, v := range goldenReleases(t) {
		for _, c := range all.Pods {
			in := all.injector(t, c.Injector, v)
			want := judged(in, &c.Pod)
			if !slices.ContainsFunc(in.Generations(), func(g sidecar.Injector) bool { return judged(g, &c.Pod) == want }) {
				t.Errorf("%s, %s: no generation gives %s", v, c.Case, want)
			}
		}
	}
}

func TestCorpusNamesEveryAnnotation(t *testing.T) {
	t.Parallel()
	set := map[string]bool{}
	for _, c := range readCorpus(t).Pods {
		for key := range c.Pod.Annotations {
			set[key] = true
		}
	}
	for _, key := range dapr.Annotations() {
		if !set[key] {
			t.Errorf("no Pod has %s", key)
		}
	}
}
