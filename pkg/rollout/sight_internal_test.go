// Copyright The kubectl-dapr-prod Authors.
// SPDX-License-Identifier: Apache-2.0

package rollout

import (
	"errors"
	"strings"
	"testing"

	"k8s.io/apimachinery/pkg/apis/meta/v1/unstructured"
	"sigs.k8s.io/yaml"
)

// read is the object that a text is.
func read(t *testing.T, text string) *unstructured.Unstructured {
	t.Helper()
	content, err := yaml.YAMLToJSON([]byte(text))
	if err != nil {
		t.Fatal(err)
	}
	u := &unstructured.Unstructured{}
	if err := u.UnmarshalJSON(content); err != nil {
		t.Fatal(err)
	}
	return u
}

// The first is what was written, the second what is seen.
const (
	written = `
apiVersion: apps/v1
kind: Deployment
metadata: {namespace: shop, name: orders, uid: a, generation: 5}
spec: {replicas: 2}
status:
  observedGeneration: 4
`
	canary = `
apiVersion: argoproj.io/v1alpha1
kind: Rollout
metadata: {namespace: shop, name: orders, uid: a, generation: 5}
spec: {replicas: 2, strategy: {canary: {steps: [{setWeight: 20}, {pause: {duration: 1h}}, {pause: {}}]}}}
`
	late = `
  conditions:
  - {type: Available, status: "True"}
  - {type: Progressing, status: "False", reason: ProgressDeadlineExceeded, message: ReplicaSet "orders-1" has timed out progressing., lastUpdateTime: 2026-01-01T00:00:00Z}
`
)

func TestLook(t *testing.T) {
	t.Parallel()
	up := strings.Replace(written, "observedGeneration: 4", "{observedGeneration: 5, replicas: 2, updatedReplicas: 2, availableReplicas: 2}", 1)
	half := strings.Replace(written, "observedGeneration: 4", "observedGeneration: 5\n  replicas: 3\n  updatedReplicas: 1\n  availableReplicas: 2", 1)
	refused := half + "  conditions:\n  - {type: ReplicaFailure, status: \"True\", reason: FailedCreate, message: exceeded quota}\n"
	before := strings.Replace(up, "availableReplicas: 2}", `availableReplicas: 2, conditions: [{type: ReplicaFailure, status: "True", message: exceeded quota}]}`, 1)
	for _, tt := range []struct {
		name, before, now string
		// line, pending and refused are parts of what is seen; done whether it has ended.
		line, pending, refused string
		done                   bool
		err                    error
	}{
		{name: "not taken in yet", before: written, now: written, line: "waiting for deployment spec update to be observed"},
		{name: "of a cache that is behind", before: written, now: strings.Replace(up, "generation: 5", "generation: 4", 1)},
		{name: "of a write after ours", before: written, now: strings.Replace(half, "generation: 5", "generation: 6", 1), line: "waiting for deployment spec update"},
		{name: "up", before: written, now: up, line: "successfully rolled out", done: true},
		{name: "half", before: written, now: half, line: "1 out of 2 new replicas have been updated"},
		{name: "refused", before: written, now: refused, line: "1 out of 2 new replicas", refused: "exceeded quota"},
		{name: "refused before", before: written, now: before, line: "successfully rolled out", done: true},
		{name: "another of that name", before: written, now: strings.Replace(up, "uid: a", "uid: b", 1), err: ErrGone},
		{name: "on its way out", before: written, now: strings.Replace(up, "uid: a", "uid: a, deletionTimestamp: 2026-01-01T00:00:00Z", 1), err: ErrGone},
		{name: "late", before: written, now: half + late, err: ErrDeadline},
		{name: "late, and refused", before: written, now: refused + strings.Replace(late, "  conditions:\n", "", 1), err: ErrDeadline, refused: "exceeded quota"},
		{name: "late before", before: written + late, now: half + late, line: "1 out of 2 new replicas have been updated"},
		{name: "late again", before: written + late, now: half + strings.Replace(late, "orders-1", "orders-2", 1), err: ErrDeadline},
		{name: "late, not of this", before: written, now: written + late, line: "waiting for deployment spec update"},
		{name: "paused meanwhile", before: written, now: strings.Replace(half, "replicas: 2}", "replicas: 2, paused: true}", 1), done: true, pending: "is paused"},
		{name: "scaled down meanwhile", before: written, now: strings.Replace(half, "replicas: 2}", "replicas: 0}", 1), done: true, pending: "no replicas"},

		{name: "rollout, nobody there", before: canary, now: canary, line: "waiting for the rollout spec update to be observed"},
		{name: "rollout, not taken in yet", before: canary, now: canary + `status: {observedGeneration: "4", phase: Degraded}`, line: "waiting for the rollout spec update to be observed"},
		{name: "rollout, up", before: canary, now: canary + `status: {observedGeneration: "5", phase: Healthy}`, line: "is healthy", done: true},
		{name: "rollout, half", before: canary, now: canary + `status: {observedGeneration: "5", phase: Progressing, message: more replicas need to be updated}`, line: "more replicas need to be updated"},
		{name: "rollout, degraded", before: canary, now: canary + `status: {observedGeneration: "5", phase: Degraded, message: "RolloutAborted: x"}`, err: ErrDegraded},
		{
			name: "rollout, degraded before", before: canary + `status: {observedGeneration: "4", phase: Degraded, message: "RolloutAborted: x"}`,
			now: canary + `status: {observedGeneration: "5", phase: Degraded, message: "RolloutAborted: x"}`, line: "to finish: RolloutAborted: x",
		},
		{
			name: "rollout, degraded again", before: canary + `status: {observedGeneration: "4", phase: Degraded, message: "RolloutAborted: x"}`,
			now: canary + `status: {observedGeneration: "5", phase: Degraded, message: "RolloutAborted: y"}`, err: ErrDegraded,
		},
		{name: "rollout, for promotion", before: canary, now: canary + `status: {observedGeneration: "5", phase: Paused, currentStepIndex: 2, pauseConditions: [{reason: CanaryPauseStep}]}`, done: true, pending: "somebody to promote it"},
		{name: "rollout, for a time", before: canary, now: canary + `status: {observedGeneration: "5", phase: Paused, message: CanaryPauseStep, currentStepIndex: 1, pauseConditions: [{reason: CanaryPauseStep}]}`, pending: "goes on by itself", line: "pauses for a time"},
		{name: "rollout, by its analysis", before: canary, now: canary + `status: {observedGeneration: "5", phase: Paused, currentStepIndex: 1, pauseConditions: [{reason: InconclusiveAnalysisRun}]}`, done: true, pending: "promote"},
		{name: "rollout, just promoted", before: canary, now: canary + `status: {observedGeneration: "5", phase: Paused, controllerPause: true}`, line: "waiting for rollout"},
		{name: "rollout, paused by hand", before: canary, now: strings.Replace(canary, "replicas: 2,", "replicas: 2, paused: true,", 1) + `status: {observedGeneration: "5", phase: Paused}`, done: true, pending: "is paused"},
		{name: "rollout, blue-green for a time", before: canary, now: strings.Replace(canary, "canary: {steps", "blueGreen: {autoPromotionSeconds: 30, x", 1) + `status: {observedGeneration: "5", phase: Paused, pauseConditions: [{reason: BlueGreenPause}]}`, pending: "goes on by itself", line: "pauses for a time"},
	} {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			got, err := Write{App: read(t, tt.before)}.look(read(t, tt.now))
			if !errors.Is(err, tt.err) || err != nil && tt.err == nil {
				t.Fatalf("error %v, want %v", err, tt.err)
			}
			if err != nil && !strings.HasPrefix(err.Error(), name(read(t, tt.now))+" ") {
				t.Errorf("error %q", err)
			}
			if tt.refused != "" && err != nil && !strings.Contains(err.Error(), tt.refused) {
				t.Errorf("error %q without %q", err, tt.refused)
			}
			if !strings.Contains(got.line, tt.line) || (got.line == "") != (tt.line == "") || got.done != tt.done || got.refused != tt.refused {
				t.Errorf("got %+v", got)
			}
			if !strings.Contains(got.pending, tt.pending) || (got.pending == "") != (tt.pending == "") {
				t.Errorf("pending %q, want %q", got.pending, tt.pending)
			}
		})
	}
}

// A Rollout whose template stands in a Deployment is of the same generation before and
// after the write.
func TestLookAtReferred(t *testing.T) {
	t.Parallel()
	w := Write{App: read(t, canary), Template: read(t, written)}
	for observed, done := range map[string]bool{"4": false, "5": true, "6": true, "": false} {
		got, err := w.look(read(t, canary+`status: {observedGeneration: "5", workloadObservedGeneration: "`+observed+`", phase: Healthy}`))
		if err != nil || got.done != done {
			t.Errorf("generation %q: %+v, %v", observed, got, err)
		}
	}
}

func TestLookAtSets(t *testing.T) {
	t.Parallel()
	const set = "apiVersion: apps/v1\nkind: StatefulSet\nmetadata: {namespace: shop, name: db, uid: a, generation: 2}\n"
	const daemon = "apiVersion: apps/v1\nkind: DaemonSet\nmetadata: {namespace: shop, name: log, uid: a, generation: 2}\nspec: {updateStrategy: {type: RollingUpdate}}\n"
	for _, tt := range []struct {
		name, now, line, pending string
		done                     bool
	}{
		{"set, half", set + "spec: {replicas: 3, updateStrategy: {type: RollingUpdate, rollingUpdate: {partition: 0}}}\nstatus: {observedGeneration: 2, readyReplicas: 2}", "waiting for 1 pods to be ready", "", false},
		{"set, up", set + "spec: {replicas: 3, updateStrategy: {type: RollingUpdate, rollingUpdate: {partition: 0}}}\nstatus: {observedGeneration: 2, readyReplicas: 3, updatedReplicas: 3}", "roll out complete", "", true},
		{"set, up to its partition", set + "spec: {replicas: 3, updateStrategy: {type: RollingUpdate, rollingUpdate: {partition: 2}}}\nstatus: {observedGeneration: 2, readyReplicas: 3, updatedReplicas: 1}", "complete: 1 new pods", "its first 2 Pods", true},
		{"set, OnDelete", set + "spec: {replicas: 3, updateStrategy: {type: OnDelete}}", "", "OnDelete", true},
		{"daemon, half", daemon + "status: {observedGeneration: 2, desiredNumberScheduled: 3, updatedNumberScheduled: 1}", "1 out of 3 new pods", "", false},
		{"daemon, up", daemon + "status: {observedGeneration: 2, desiredNumberScheduled: 3, updatedNumberScheduled: 3, numberAvailable: 3}", "successfully rolled out", "", true},
		{"daemon, nowhere", daemon + "status: {observedGeneration: 2}", "successfully rolled out", "runs on no node", true},
	} {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			now := read(t, tt.now)
			got, err := Write{App: now}.look(now)
			if err != nil || got.done != tt.done || !strings.Contains(got.line, tt.line) || !strings.Contains(got.pending, tt.pending) || (got.pending == "") != (tt.pending == "") {
				t.Errorf("got %+v, %v", got, err)
			}
		})
	}
}
