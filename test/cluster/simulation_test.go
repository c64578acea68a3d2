// Copyright The kubectl-dapr-prod Authors.
// SPDX-License-Identifier: Apache-2.0

//go:build cluster

package cluster_test

import (
	"math/rand/v2"
	"os"
	"slices"
	"strconv"
	"testing"

	corev1 "k8s.io/api/core/v1"
	"k8s.io/apimachinery/pkg/api/equality"
	"k8s.io/apimachinery/pkg/labels"
	"k8s.io/apimachinery/pkg/util/diff"

	"github.com/dapr-prod/kubectl-dapr-prod/pkg/catalogue"
	"github.com/dapr-prod/kubectl-dapr-prod/pkg/collect"
	"github.com/dapr-prod/kubectl-dapr-prod/pkg/sidecar"
	"github.com/dapr-prod/kubectl-dapr-prod/pkg/snapshot"
)

// The variables that set how many Pods are made up, and from which seed.
const (
	reviewsVariable = "DAPR_PROD_REVIEWS"
	seedVariable    = "DAPR_PROD_SEED"
)

// TestSimulationIsTheInjector holds the simulation against Dapr's own injector:
// for Pods that are made up, both must do the same, to the last field.
func TestSimulationIsTheInjector(t *testing.T) {
	r := seeded(t)
	in := injectorOf(t, nil)
	client := newInjectorClient(t, cluster.InjectorURL)
	states := map[sidecar.State]int{}
	seen := map[string]int{}
	reviews := reviews(t, 3000)
	for range reviews {
		s := newSubject(r)
		states[compare(t, client, in, s)]++
		for key := range s.template.Annotations {
			seen[key]++
		}
	}
	t.Logf("%d reviews: %v", reviews, states)
	for _, state := range []sidecar.State{sidecar.Injected, sidecar.Denied, sidecar.Off, sidecar.Manual} {
		if states[state] < reviews/100 {
			t.Errorf("only %d of %d Pods came out as %s: the Pods that are made up do not reach everything", states[state], reviews, state)
		}
	}
	for key := range pools {
		if seen[key] < reviews/100 {
			t.Errorf("only %d of %d Pods had the annotation %s", seen[key], reviews, key)
		}
	}
}

// seeded is a source of chance that can be set, and says how.
func seeded(t *testing.T) *rand.Rand {
	t.Helper()
	seed := rand.Uint64()
	if text := os.Getenv(seedVariable); text != "" {
		var err error
		if seed, err = strconv.ParseUint(text, 10, 64); err != nil {
			t.Fatalf("%s: %v", seedVariable, err)
		}
	}
	t.Logf("to see the same again: %s=%d", seedVariable, seed)
	return rand.New(rand.NewPCG(seed, 0))
}

func reviews(t *testing.T, usual int) int {
	t.Helper()
	text := os.Getenv(reviewsVariable)
	if text == "" {
		return usual
	}
	n, err := strconv.Atoi(text)
	if err != nil {
		t.Fatalf("%s: %v", reviewsVariable, err)
	}
	return n
}

// compare asks the injector and the simulation, and stops at a difference with
// the fewest annotations that show it.
func compare(t *testing.T, client *injectorClient, in sidecar.Injector, s subject) sidecar.State {
	t.Helper()
	state, difference := differ(t, client, in, s)
	if difference == "" {
		return state
	}
	for smaller := true; smaller; {
		smaller = false
		for key := range s.template.Annotations {
			if _, d := differ(t, client, in, s.without(key)); d != "" {
				s, difference, smaller = s.without(key), d, true
				break
			}
		}
	}
	t.Fatalf("simulation and injector differ (- injector, + simulation):\n%s\nfor %s", difference, s)
	return state
}

// differ says how simulation and injector differ, if they do.
func differ(t *testing.T, client *injectorClient, in sidecar.Injector, s subject) (state sidecar.State, difference string) {
	t.Helper()
	before := s.pod().DeepCopy()
	simulated := in.Simulate(s.owner, s.template)
	if !equality.Semantic.DeepEqual(before, s.pod()) {
		t.Fatalf("the simulation changed the template of %s", s)
	}
	real := client.ask(t, s)
	real.Container = withoutAnchors(real.Container)
	simulated.Container = withoutAnchors(simulated.Container)
	simulated.Refuser = "" // the one that answers does not name itself
	if simulated.State == sidecar.Injected {
		withoutToken(t, simulated.Container)
	}
	if equality.Semantic.DeepEqual(real, simulated) {
		return real.State, ""
	}
	return real.State, diff.Diff(real, simulated)
}

// withoutAnchors is c without the value of the trust anchors, which only the
// cluster knows.
func withoutAnchors(c *corev1.Container) *corev1.Container {
	if c == nil {
		return nil
	}
	c = c.DeepCopy()
	if i := slices.IndexFunc(c.Env, func(e corev1.EnvVar) bool { return e.Name == "DAPR_TRUST_ANCHORS" }); i >= 0 {
		c.Env[i].Value = ""
	}
	return c
}

// withoutToken takes out the mount that the injector adds where it runs with a
// token of its own: as a process beside the cluster it has none, in a Pod it
// always has (pkg/injector/service/pod_patch.go, DisableTokenVolume).
func withoutToken(t *testing.T, c *corev1.Container) {
	t.Helper()
	token := corev1.VolumeMount{Name: "dapr-identity-token", ReadOnly: true, MountPath: "/var/run/secrets/dapr.io/sentrytoken"}
	i := slices.IndexFunc(c.VolumeMounts, func(m corev1.VolumeMount) bool { return equality.Semantic.DeepEqual(m, token) })
	if i < 0 {
		t.Fatal("the simulated sidecar has no token to prove who it is")
	}
	c.VolumeMounts = slices.Delete(c.VolumeMounts, i, i+1)
}

// read reads everything that any guideline needs of a namespace.
func read(t *testing.T, namespace string) *snapshot.Snapshot {
	t.Helper()
	var reads []snapshot.Read
	for _, g := range catalogue.All() {
		for _, read := range g.Reads {
			if !slices.Contains(reads, read) {
				reads = append(reads, read)
			}
		}
	}
	s, err := collect.Live{Config: cluster.Config, Namespace: namespace, Selector: labels.Everything(), ChunkSize: 500, Reads: reads}.Read(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	return s
}

// injectorOf reads the settings of the cluster's injector, with these variables
// in place of its own.
func injectorOf(t *testing.T, env []corev1.EnvVar) sidecar.Injector {
	t.Helper()
	s := read(t, "default")
	cp := s.ControlPlane(cluster.Dapr.Namespace)
	if cp == nil {
		t.Fatalf("no control plane was found in %s", cluster.Dapr.Namespace)
	}
	if w := cp.Workload("dapr-sidecar-injector"); w != nil {
		for _, v := range env {
			w.Container.Env = slices.DeleteFunc(w.Container.Env, func(e corev1.EnvVar) bool { return e.Name == v.Name })
		}
		w.Container.Env = append(w.Container.Env, env...)
	}
	in, found := sidecar.InjectorOf(s, cp)
	if !found {
		t.Fatal("the injector's settings were not found")
	}
	return in
}
