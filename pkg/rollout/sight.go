// Copyright The kubectl-dapr-prod Authors.
// SPDX-License-Identifier: Apache-2.0

package rollout

import (
	"regexp"
	"strings"

	appsv1 "k8s.io/api/apps/v1"
	corev1 "k8s.io/api/core/v1"
	"k8s.io/apimachinery/pkg/apis/meta/v1/unstructured"
	"k8s.io/kubectl/pkg/polymorphichelpers"
	deploymentutil "k8s.io/kubectl/pkg/util/deployment"
)

// sight is what one look at a workload tells of its rollout.
type sight struct {
	// line is how far it is, mostly in kubectl's words.
	line string
	// done tells that it has ended, well or pending.
	done bool
	// pending is why not all Pods follow the template, where that is no failure.
	pending string
	// refused is the server's word on the Pods that it does not take.
	refused string
}

// words are the whole of how far it is.
func (s sight) words() string { return s.line + s.because("; ") }

// because is the server's word behind a joint; empty where it takes all Pods.
func (s sight) because(joint string) string {
	if s.refused == "" {
		return ""
	}
	return joint + "new Pods are refused: " + s.refused
}

// look tells how far the rollout is, of a state of the workload that the server sent.
func (w Write) look(now *unstructured.Unstructured) (sight, error) {
	switch {
	case now.GetUID() != w.App.GetUID() || now.GetDeletionTimestamp() != nil:
		return sight{}, w.gone()
	case now.GetGeneration() < w.App.GetGeneration():
		return sight{}, nil // from a cache that has not seen the write yet
	case kindOf(now) == rollouts:
		return w.lookAtRollout(now)
	}
	if why := idle(now); why != "" {
		return sight{done: true, pending: why}, nil
	}
	viewer, err := polymorphichelpers.StatusViewerFor(kindOf(now))
	if err != nil {
		return sight{}, err
	}
	if kindOf(now) != deployments {
		line, done, err := viewer.Status(now, 0)
		seen := sight{line: trimmed(line), done: done}
		if done {
			seen.pending = outside(now)
		}
		return seen, err
	}
	d := as[appsv1.Deployment](now)
	seen := sight{refused: refusal(d)}
	if w.overdue(d) {
		return seen, fail(ErrDeadline, "%s made no progress within its progressDeadlineSeconds%s", name(now), seen.because(": "))
	}
	line, done, err := viewer.Status(withoutDeadline(now), 0)
	seen.line, seen.done = trimmed(line), done
	if done {
		seen.refused = "" // which was said of the Pods before, and is not taken back at once
	}
	return seen, err
}

// outside says which Pods a rollout that has ended did not reach, although kubectl
// calls it complete; empty where it reached all.
func outside(w *unstructured.Unstructured) string {
	switch kindOf(w) {
	case statefulSets:
		return withPartition(w)
	case daemonSets:
		if replicas(w) == 0 {
			return name(w) + " runs on no node: the change takes effect when a node wants its Pod"
		}
	}
	return ""
}

// overdue tells whether the controller has lost its patience with this rollout. What
// it said of an earlier one stands in the status until the new one makes progress,
// above all where it goes back to a ReplicaSet that was there before.
func (w Write) overdue(d *appsv1.Deployment) bool {
	now := deploymentutil.GetDeploymentCondition(d.Status, appsv1.DeploymentProgressing)
	if d.Generation > d.Status.ObservedGeneration || now == nil || now.Reason != deploymentutil.TimedOutReason {
		return false
	}
	before := deploymentutil.GetDeploymentCondition(as[appsv1.Deployment](w.App).Status, appsv1.DeploymentProgressing)
	return before == nil || before.Reason != now.Reason || before.Message != now.Message || !before.LastUpdateTime.Equal(&now.LastUpdateTime)
}

// withoutDeadline is a Deployment without the word that its time is up, which would
// be all that kubectl looks at.
func withoutDeadline(now *unstructured.Unstructured) *unstructured.Unstructured {
	conditions, _, _ := unstructured.NestedSlice(now.Object, "status", "conditions")
	kept := []any{}
	for _, c := range conditions {
		if c, ok := c.(map[string]any); ok && c["type"] != string(appsv1.DeploymentProgressing) {
			kept = append(kept, c)
		}
	}
	now = now.DeepCopy()
	_ = unstructured.SetNestedSlice(now.Object, kept, "status", "conditions")
	return now
}

// refusal is what the server says to the Pods of a Deployment; empty where it takes them.
func refusal(d *appsv1.Deployment) string {
	if c := deploymentutil.GetDeploymentCondition(d.Status, appsv1.DeploymentReplicaFailure); c != nil && c.Status == corev1.ConditionTrue {
		return line(c.Message)
	}
	return ""
}

// itsName is what kubectl calls a workload in its lines.
var itsName = regexp.MustCompile(`(deployment|daemon set) "[^"]*" `)

// trimmed is kubectl's line as part of a sentence that names the workload already.
func trimmed(line string) string {
	line = itsName.ReplaceAllString(strings.TrimSuffix(strings.TrimSpace(line), "..."), "")
	if strings.HasPrefix(line, "W") {
		return "w" + line[1:]
	}
	return line
}
