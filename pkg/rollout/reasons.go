// Copyright The kubectl-dapr-prod Authors.
// SPDX-License-Identifier: Apache-2.0

package rollout

import (
	"context"
	"fmt"
	"slices"
	"time"

	appsv1 "k8s.io/api/apps/v1"
	corev1 "k8s.io/api/core/v1"
	apierrors "k8s.io/apimachinery/pkg/api/errors"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/apis/meta/v1/unstructured"
	"k8s.io/apimachinery/pkg/types"
)

// failedCreate is the reason of the events that tell that a Pod was refused.
const failedCreate = "FailedCreate"

// Reasons are why the Pods of the template that a workload has now do not come up: one
// sentence each, each once, worst first, and no more than a handful. They are read
// anew; of app only the name counts. Where something could not be read, a sentence at
// the end says so. They are safe to print as they are: nothing in them is obeyed by a
// terminal, and what a container said is given only as far as it holds no secret by
// its looks.
func (c *Client) Reasons(ctx context.Context, app *unstructured.Unstructured) []string {
	objects, err := c.client(app)
	if err != nil {
		return []string{err.Error()}
	}
	live, err := objects.Get(ctx, app.GetName(), metav1.GetOptions{})
	if apierrors.IsNotFound(err) {
		return []string{name(app) + " is gone"}
	}
	if err != nil {
		return []string{unread(name(app), err)}
	}
	m, err := c.maker(ctx, live)
	switch {
	case err != nil:
		return []string{unread("what makes its Pods", err)}
	case m == nil:
		return []string{"nothing has made Pods of the new template yet"}
	}
	return c.reasons(ctx, app.GetNamespace(), m)
}

// unread says what could not be read.
func unread(what string, err error) string {
	return fmt.Sprintf("%s could not be read: %s", what, line(err.Error()))
}

func (c *Client) reasons(ctx context.Context, namespace string, m *maker) []string {
	var gaps []string
	pods, err := c.core.CoreV1().Pods(namespace).List(ctx, metav1.ListOptions{LabelSelector: metav1.FormatLabelSelector(m.selector)})
	if err != nil {
		gaps = append(gaps, unread("its Pods", err))
		pods = &corev1.PodList{}
	}
	events, err := c.core.CoreV1().Events(namespace).List(ctx, metav1.ListOptions{FieldSelector: "type=" + corev1.EventTypeWarning})
	if err != nil {
		gaps = append(gaps, unread("the warnings of the namespace", err))
		events = &corev1.EventList{}
	}
	own := slices.DeleteFunc(pods.Items, func(p corev1.Pod) bool {
		owner := metav1.GetControllerOf(&p)
		return owner == nil || owner.UID != m.uid
	})
	all := m.refusal(own, events.Items)
	for i := range own {
		p := &own[i]
		if m.revision == "" || p.Labels[appsv1.ControllerRevisionHashLabelKey] == m.revision {
			all = append(all, ofPod(p, newest(events.Items, p.UID, func(e *corev1.Event) bool { return e.Reason != failedCreate }))...)
		} else if m.ordered && !holds(p, corev1.PodReady) && p.DeletionTimestamp == nil {
			all = append(all, reason{rank: refusedPods, pod: p.Name, text: "it is of an earlier template and not ready, and the StatefulSet makes no Pod anew before it is: delete it"})
		}
	}
	return append(sentences(all), gaps...)
}

// refusal is the server's word on Pods that were not made. An event tells of one that
// may have been made since: it counts where no Pod is newer.
func (m *maker) refusal(pods []corev1.Pod, events []corev1.Event) []reason {
	message := m.refused
	if e := newest(events, m.uid, func(e *corev1.Event) bool { return e.Reason == failedCreate }); message == "" && e != nil {
		newer := slices.ContainsFunc(pods, func(p corev1.Pod) bool { return p.CreationTimestamp.After(seen(e)) })
		if !newer {
			message = e.Message
		}
	}
	if message == "" {
		return nil
	}
	return []reason{{rank: refusedPods, text: "new Pods are refused: " + line(message)}}
}

// newest is the last event about an object that fits; nil where there is none.
func newest(events []corev1.Event, about types.UID, fits func(*corev1.Event) bool) *corev1.Event {
	var last *corev1.Event
	for i := range events {
		if e := &events[i]; e.InvolvedObject.UID == about && fits(e) && (last == nil || seen(last).Before(seen(e))) {
			last = e
		}
	}
	return last
}

// seen is when an event happened last.
func seen(e *corev1.Event) time.Time {
	all := []time.Time{e.LastTimestamp.Time, e.EventTime.Time, e.CreationTimestamp.Time}
	if e.Series != nil {
		all = append(all, e.Series.LastObservedTime.Time)
	}
	return slices.MaxFunc(all, time.Time.Compare)
}
