// Copyright The kubectl-dapr-prod Authors.
// SPDX-License-Identifier: Apache-2.0

package fix

import (
	"context"
	"crypto/x509"
	"errors"
	"fmt"
	"strings"

	corev1 "k8s.io/api/core/v1"
	apierrors "k8s.io/apimachinery/pkg/api/errors"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/apis/meta/v1/unstructured"
	"k8s.io/client-go/kubernetes"

	"github.com/dapr-prod/kubectl-dapr-prod/pkg/collect"
	"github.com/dapr-prod/kubectl-dapr-prod/pkg/guideline"
	"github.com/dapr-prod/kubectl-dapr-prod/pkg/plan"
	"github.com/dapr-prod/kubectl-dapr-prod/pkg/secret"
	"github.com/dapr-prod/kubectl-dapr-prod/pkg/sidecar"
)

// tryPod asks the server what it would make of a Pod of a step's new template. The
// Pod carries the simulated sidecar already, since the injector of a dry run may not
// answer to who asks; LimitRanges, Pod Security and other webhooks do. What the
// server says against it, or that it would not say, becomes the state of the step.
func tryPod(ctx context.Context, core kubernetes.Interface, step *plan.Step) error {
	pod, err := podOf(step)
	if err != nil {
		step.State, step.Why = plan.Refused, fmt.Sprintf("no Pod comes of the new template: %s", err)
		return nil
	}
	tried, err := core.CoreV1().Pods(pod.Namespace).Create(ctx, pod, metav1.CreateOptions{DryRun: []string{metav1.DryRunAll}})
	switch {
	case err == nil:
		step.Pod = tried
	case ctx.Err() != nil || !answered(err):
		return err
	case unasked(err):
		step.Pod = pod // what it takes of quotas and nodes can be told all the same
		step.State, step.Why = plan.Unproven, fmt.Sprintf("a Pod of the new template could not be tried: %s", statusOf(err))
	default:
		step.State, step.Why = plan.Refused, fmt.Sprintf("the server refuses Pods of the new template: %s", statusOf(err))
	}
	return nil
}

// podOf is a Pod of a step's new template as the injector hands it on.
func podOf(step *plan.Step) (*corev1.Pod, error) {
	t, err := collect.TemplateOf(step.Next, step.Path)
	if err != nil {
		return nil, err
	}
	pod := &corev1.Pod{ObjectMeta: metav1.ObjectMeta{
		GenerateName: step.App.Name + "-",
		Namespace:    step.App.Namespace,
		Labels:       t.Labels,
		Annotations:  t.Annotations,
	}, Spec: t.Spec}
	if step.App.Kind == "StatefulSet" {
		// The injector takes an app ID from it where there is none.
		pod.Name, pod.GenerateName = step.App.Name+"-0", ""
		pod.Spec.Volumes = append(pod.Spec.Volumes, claimed(step)...)
	}
	after := step.After
	if after.Sidecar.Simulation.State == sidecar.Injected {
		if pod, err = after.Injector.Inject(pod, roots(after)); err != nil {
			return nil, err
		}
	}
	if pod.Name != "" {
		// The Pod of that name is there.
		pod.Name, pod.GenerateName = "", step.App.Name+"-"
	}
	return pod, nil
}

// claimed are the volumes that the controller of a StatefulSet adds to its Pods.
func claimed(step *plan.Step) []corev1.Volume {
	templates, _, _ := unstructured.NestedSlice(step.Next.Object, "spec", "volumeClaimTemplates")
	var all []corev1.Volume
	for _, t := range templates {
		fields, _ := t.(map[string]any)
		name, _, _ := unstructured.NestedString(fields, "metadata", "name")
		all = append(all, corev1.Volume{Name: name, VolumeSource: corev1.VolumeSource{
			PersistentVolumeClaim: &corev1.PersistentVolumeClaimVolumeSource{ClaimName: name + "-" + step.App.Name + "-0"},
		}})
	}
	return all
}

// roots are those that the injector gives to new sidecars.
func roots(app *guideline.App) []*x509.Certificate {
	if b := app.Snapshot.TrustBundle(app.Injector.Namespace); b != nil {
		return b.Anchors
	}
	return nil
}

// unasked tells whether the server did not try the Pod at all: who asks may not
// make Pods, or a webhook of the cluster takes no dry runs.
func unasked(err error) bool {
	return apierrors.IsForbidden(err) && strings.Contains(err.Error(), "cannot create resource") ||
		apierrors.IsBadRequest(err) && strings.Contains(err.Error(), "dry run")
}

// answered tells whether it was the server that said no.
func answered(err error) bool {
	var status apierrors.APIStatus
	return errors.As(err, &status) && !apierrors.IsUnauthorized(err)
}

// statusOf is the server's sentence, or that of a webhook behind it, which may repeat
// what it was asked about.
func statusOf(err error) string {
	text := err.Error()
	var status apierrors.APIStatus
	if errors.As(err, &status) {
		text = status.Status().Message
	}
	return discreet(text)
}

// discreet is a text of others, withheld where it carries a secret by its form.
func discreet(text string) string {
	if secret.CarriesSecret(strings.Join(strings.Fields(text), " ")) {
		return "(not printed: it may hold a secret)"
	}
	return text
}
