// Copyright The kubectl-dapr-prod Authors.
// SPDX-License-Identifier: Apache-2.0

package rollout

import (
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	corev1 "k8s.io/api/core/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"sigs.k8s.io/yaml"
)

// pod is one with a status.
func pod(t *testing.T, name, status string) *corev1.Pod {
	t.Helper()
	p := &corev1.Pod{}
	if err := yaml.UnmarshalStrict([]byte(status), p); err != nil {
		t.Fatal(err)
	}
	p.Name = name
	return p
}

func TestOfPod(t *testing.T) {
	t.Parallel()
	const running = "status: {phase: Running, containerStatuses: [{name: app, image: '', imageID: '', ready: false, restartCount: 0, state: {running: {}}}]}"
	in := func(state string) string {
		return "status: {phase: Pending, containerStatuses: [{name: daprd, image: '', imageID: '', ready: false, restartCount: 3, " + state + "}]}"
	}
	for _, tt := range []struct{ name, pod, warning, want string }{
		{"ready", "status: {phase: Running, conditions: [{type: Ready, status: 'True'}]}", "", ""},
		{"on its way out", "metadata: {deletionTimestamp: '2026-01-01T00:00:00Z'}\nstatus: {phase: Pending}", "", ""},
		{"ended well", "status: {phase: Succeeded}", "", ""},
		{"evicted", "status: {phase: Failed, reason: Evicted, message: The node was low on resource}", "", "it failed, Evicted: The node was low on resource"},
		{
			"no node", "status: {phase: Pending, conditions: [{type: PodScheduled, status: 'False', reason: Unschedulable, message: '0/3 nodes are available: 3 Insufficient cpu.'}]}", "",
			"no node takes it: 0/3 nodes are available: 3 Insufficient cpu.",
		},
		{"gated", "status: {phase: Pending, conditions: [{type: PodScheduled, status: 'False', reason: SchedulingGated, message: Scheduling is blocked}]}", "", "no node takes it, SchedulingGated: Scheduling is blocked"},
		{"no image", in("state: {waiting: {reason: ImagePullBackOff, message: Back-off pulling image daprd}}"), "", "container daprd cannot start, ImagePullBackOff: Back-off pulling image daprd"},
		{"no secret", in(`state: {waiting: {reason: CreateContainerConfigError, message: secret "orders-db-v2-password" not found}}`), "", `container daprd cannot start, CreateContainerConfigError: secret "orders-db-v2-password" not found`},
		{"no program", in("state: {waiting: {reason: RunContainerError, message: 'exec: \"sh -c TOKEN=hunter2\"'}}"), "", "container daprd cannot start, RunContainerError: " + withheld},
		{
			"again and again", in(`state: {waiting: {reason: CrashLoopBackOff, message: back-off}}, lastState: {terminated: {exitCode: 1, reason: Error, message: "level=info\nlevel=fatal bad app ID\n"}}`), "",
			"container daprd ends again and again (CrashLoopBackOff), the last time with exit code 1: level=fatal bad app ID",
		},
		{
			"out of memory", in(`state: {waiting: {reason: CrashLoopBackOff}}, lastState: {terminated: {exitCode: 137, reason: OOMKilled}}`), "",
			"container daprd ends again and again (CrashLoopBackOff), the last time with exit code 137 (OOMKilled)",
		},
		{"ended", in(`state: {terminated: {exitCode: 2, reason: Error, message: "password: hunter2"}}`), "", "container daprd ended with exit code 2: password: ***"},
		{"init ended well", "status: {phase: Pending, initContainerStatuses: [{name: migrate, image: '', imageID: '', ready: true, restartCount: 0, state: {terminated: {exitCode: 0}}}]}", "", "its containers have not been started yet"},
		{"between two ends", in(`state: {running: {}}, lastState: {terminated: {exitCode: 1}}`), "", "container daprd was started anew, the last time with exit code 1"},
		{"not ready", running, "", "container app runs and is not ready"},
		{"not ready, and why", running, "Unhealthy/Readiness probe failed: HTTP probe failed with statuscode: 500", "container app runs and is not ready, Unhealthy: Readiness probe failed: HTTP probe failed with statuscode: 500"},
		{"not ready, and who said it", running, "Unhealthy/Readiness probe failed: token swordfish", "container app runs and is not ready, Unhealthy: Readiness probe failed: token ***"},
		{"not started", "status: {phase: Pending}", `FailedMount/secret "orders-db-v2-credentials" not found`, `its containers have not been started yet, FailedMount: secret "orders-db-v2-credentials" not found`},
		{"behind an init container", "status: {phase: Pending, initContainerStatuses: [{name: migrate, image: '', imageID: '', ready: false, restartCount: 0, state: {running: {}}}]}", "", "its containers wait for init container migrate, which runs"},
		{"behind a gate", "spec: {containers: [], readinessGates: [{conditionType: a/b}]}\nstatus: {phase: Running, conditions: [{type: ContainersReady, status: 'True'}, {type: Ready, status: 'False'}]}", "", "its containers are ready, but nobody has opened its readiness gates: a/b"},
	} {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			var warning *corev1.Event
			if reason, message, found := strings.Cut(tt.warning, "/"); found {
				warning = &corev1.Event{Reason: reason, Message: message}
			}
			got := sentences(ofPod(pod(t, "a", tt.pod), warning))
			want := []string{"Pod a: " + tt.want}
			if tt.want == "" {
				want = nil
			}
			if !slices.Equal(got, want) {
				t.Errorf("got %q, want %q", got, want)
			}
		})
	}
}

func TestSentences(t *testing.T) {
	t.Parallel()
	var all []reason
	for i := range 9 {
		all = append(all, reason{rank: notYet, pod: fmt.Sprint("p", i), text: "container a runs and is not ready"})
	}
	all = append(all, all[3], reason{rank: noNode, pod: "z", text: "no node takes it"}, reason{rank: refusedPods, text: "new Pods are refused: no"})
	want := []string{"new Pods are refused: no", "Pod z: no node takes it", "9 Pods such as p0: container a runs and is not ready"}
	if got := sentences(all); !slices.Equal(got, want) {
		t.Errorf("got %q", got)
	}
	all = nil
	for i := range 7 {
		all = append(all, reason{rank: ended, pod: "p", text: fmt.Sprint("container ", i, " ended")})
	}
	if got := sentences(all); len(got) != handful+1 || got[0] != "Pod p: container 0 ended" || got[handful] != "and 2 more" {
		t.Errorf("got %q", got)
	}
}

func TestRefusal(t *testing.T) {
	t.Parallel()
	at := func(second int) metav1.Time { return metav1.NewTime(time.Unix(int64(second), 0)) }
	event := func(reason, message string, second int) corev1.Event {
		return corev1.Event{InvolvedObject: corev1.ObjectReference{UID: "a"}, Reason: reason, Message: message, LastTimestamp: at(second)}
	}
	pods := []corev1.Pod{{ObjectMeta: metav1.ObjectMeta{CreationTimestamp: at(5)}}}
	for _, tt := range []struct {
		name   string
		own    string
		events []corev1.Event
		want   string
	}{
		{"none", "", nil, ""},
		{"its own word", "no", []corev1.Event{event(failedCreate, "older", 9)}, "no"},
		{"the last event", "", []corev1.Event{event(failedCreate, "second", 9), event(failedCreate, "first", 7)}, "second"},
		{"in the second of the last Pod", "", []corev1.Event{event(failedCreate, "same", 5)}, "same"},
		{"of a Pod that was made since", "", []corev1.Event{event(failedCreate, "older", 4)}, ""},
		{"of something else", "", []corev1.Event{event("FailedDelete", "x", 9)}, ""},
	} {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			got := sentences((&maker{uid: "a", refused: tt.own}).refusal(pods, tt.events))
			if tt.want == "" && got != nil || tt.want != "" && !slices.Equal(got, []string{"new Pods are refused: " + tt.want}) {
				t.Errorf("got %q, want %q", got, tt.want)
			}
		})
	}
	other := []corev1.Event{{InvolvedObject: corev1.ObjectReference{UID: "b"}, Reason: failedCreate, Message: "x", LastTimestamp: at(9)}}
	if got := (&maker{uid: "a"}).refusal(nil, other); got != nil {
		t.Errorf("the word on another: %v", got)
	}
}
