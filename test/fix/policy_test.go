// Copyright The kubectl-dapr-prod Authors.
// SPDX-License-Identifier: Apache-2.0

//go:build cluster

package fix_test

import (
	"context"
	"strings"
	"testing"

	admissionv1 "k8s.io/api/admissionregistration/v1"
	corev1 "k8s.io/api/core/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/types"

	"github.com/dapr-prod/kubectl-dapr-prod/test/cluster/kube"
)

// matching are a kind of object of one namespace, as policies match them.
func matching(ns *kube.Namespace, group, resource string, operation admissionv1.OperationType) *admissionv1.MatchResources {
	return &admissionv1.MatchResources{
		NamespaceSelector: &metav1.LabelSelector{MatchLabels: map[string]string{corev1.LabelMetadataName: ns.Name}},
		ResourceRules: []admissionv1.NamedRuleWithOperations{{RuleWithOperations: admissionv1.RuleWithOperations{
			Operations: []admissionv1.OperationType{operation},
			Rule:       admissionv1.Rule{APIGroups: []string{group}, APIVersions: []string{"v1"}, Resources: []string{resource}},
		}}},
	}
}

// forbid refuses what does not fulfil a condition, and returns when it does: when the
// server refuses try as a dry run.
func forbid(t *testing.T, ns *kube.Namespace, match *admissionv1.MatchResources, condition, message string, try func(context.Context) error) {
	t.Helper()
	api := ns.Client.AdmissionregistrationV1()
	policy := &admissionv1.ValidatingAdmissionPolicy{ObjectMeta: object(ns.Name), Spec: admissionv1.ValidatingAdmissionPolicySpec{
		MatchConstraints: match, Validations: []admissionv1.Validation{{Expression: condition, Message: message}},
	}}
	if _, err := api.ValidatingAdmissionPolicies().Create(t.Context(), policy, metav1.CreateOptions{}); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		_ = api.ValidatingAdmissionPolicies().Delete(context.Background(), ns.Name, metav1.DeleteOptions{})
	})
	binding := &admissionv1.ValidatingAdmissionPolicyBinding{ObjectMeta: object(ns.Name), Spec: admissionv1.ValidatingAdmissionPolicyBindingSpec{
		PolicyName: ns.Name, ValidationActions: []admissionv1.ValidationAction{admissionv1.Deny},
	}}
	if _, err := api.ValidatingAdmissionPolicyBindings().Create(t.Context(), binding, metav1.CreateOptions{}); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		_ = api.ValidatingAdmissionPolicyBindings().Delete(context.Background(), ns.Name, metav1.DeleteOptions{})
	})
	kube.Eventually(t, "the policy", func(ctx context.Context) (bool, string, error) {
		err := try(ctx)
		return err != nil && strings.Contains(err.Error(), message), "", nil
	})
}

// TestForbidden: what a policy says of the Pods, which it does not say of their
// Deployment, and what it says of the Deployment.
func TestForbidden(t *testing.T) {
	t.Parallel()
	t.Run("Pods", func(t *testing.T) {
		t.Parallel()
		ns := cluster.Namespace(t)
		apply(t, ns, deployment("orders", 0, on("orders")))
		const message = "no limits for daprd here"
		forbid(t, ns, matching(ns, "", "pods", admissionv1.Create), "!object.spec.containers.exists(c, c.name == 'daprd' && has(c.resources.limits))", message, func(ctx context.Context) error {
			pod := &corev1.Pod{ObjectMeta: object("try"), Spec: template("try", nil).Spec}
			pod.Spec.Containers[0].Name, pod.Spec.Containers[0].Resources.Limits = "daprd", memory("1Gi")
			_, err := ns.Client.CoreV1().Pods(ns.Name).Create(ctx, pod, metav1.CreateOptions{DryRun: []string{metav1.DryRunAll}})
			return err
		})
		refused(t, ns, "orders", 1, "because the server refuses Pods of the new template: pods \"orders-", "sidecar-resources")
		refused(t, ns, "orders", 1, message, "sidecar-resources")
		done(t, "sidecar-seccomp", "-n", ns.Name)
	})
	t.Run("Deployments", func(t *testing.T) {
		t.Parallel()
		ns := cluster.Namespace(t)
		apply(t, ns, deployment("orders", 0, on("orders")))
		const message = "resources of sidecars are set by the platform"
		forbid(t, ns, matching(ns, "apps", "deployments", admissionv1.Update), "!('dapr.io/sidecar-cpu-limit' in object.spec.template.metadata.annotations)", message, func(ctx context.Context) error {
			return annotate(ctx, ns, "orders", "dapr.io/sidecar-cpu-limit", "1", true)
		})
		refused(t, ns, "orders", 1, message, "sidecar-resources")
	})
}

// annotate sets an annotation on the template of a Deployment, or tries it.
func annotate(ctx context.Context, ns *kube.Namespace, name, key, value string, dryRun bool) error {
	options := metav1.PatchOptions{}
	if dryRun {
		options.DryRun = []string{metav1.DryRunAll}
	}
	patch := []byte(`{"spec":{"template":{"metadata":{"annotations":{"` + key + `":"` + value + `"}}}}}`)
	_, err := ns.Client.AppsV1().Deployments(ns.Name).Patch(ctx, name, types.MergePatchType, patch, options)
	return err
}

// mutate changes Deployments of a namespace on their way in, and returns when it
// does: when a dry run of annotation key comes back with another template.
func mutate(t *testing.T, ns *kube.Namespace, key, condition, patch string) {
	t.Helper()
	api := ns.Client.AdmissionregistrationV1()
	policy := &admissionv1.MutatingAdmissionPolicy{ObjectMeta: object(ns.Name), Spec: admissionv1.MutatingAdmissionPolicySpec{
		MatchConstraints:   matching(ns, "apps", "deployments", admissionv1.Update),
		MatchConditions:    []admissionv1.MatchCondition{{Name: "set", Expression: condition}},
		Mutations:          []admissionv1.Mutation{{PatchType: admissionv1.PatchTypeJSONPatch, JSONPatch: &admissionv1.JSONPatch{Expression: patch}}},
		ReinvocationPolicy: admissionv1.NeverReinvocationPolicy,
	}}
	if _, err := api.MutatingAdmissionPolicies().Create(t.Context(), policy, metav1.CreateOptions{}); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		_ = api.MutatingAdmissionPolicies().Delete(context.Background(), ns.Name, metav1.DeleteOptions{})
	})
	binding := &admissionv1.MutatingAdmissionPolicyBinding{ObjectMeta: object(ns.Name), Spec: admissionv1.MutatingAdmissionPolicyBindingSpec{PolicyName: ns.Name}}
	if _, err := api.MutatingAdmissionPolicyBindings().Create(t.Context(), binding, metav1.CreateOptions{}); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		_ = api.MutatingAdmissionPolicyBindings().Delete(context.Background(), ns.Name, metav1.DeleteOptions{})
	})
	kube.Eventually(t, "the policy", func(ctx context.Context) (bool, string, error) {
		body := []byte(`{"spec":{"template":{"metadata":{"annotations":{"` + key + `":"RuntimeDefault"}}}}}`)
		d, err := ns.Client.AppsV1().Deployments(ns.Name).Patch(ctx, "orders", types.MergePatchType, body, metav1.PatchOptions{DryRun: []string{metav1.DryRunAll}})
		if err != nil {
			return false, err.Error(), nil
		}
		set := d.Spec.Template.Annotations
		return set[key] != "RuntimeDefault" || len(set) != 3, "", nil
	})
}

// TestMutated: a change that something takes away on its way in does not close its
// finding, and one that something adds to may open another. Both are dropped, and the
// plan says so.
func TestMutated(t *testing.T) {
	t.Parallel()
	const key = "dapr.io/sidecar-seccomp-profile-type"
	const set = "'" + key + "' in object.spec.template.metadata.annotations"
	const at = "/spec/template/metadata/annotations/dapr.io~1"
	for _, tt := range []struct {
		name, patch, why string
		// others tells that the remedies beside it are made: they open nothing.
		others bool
	}{
		{"taken away", `[JSONPatch{op: "remove", path: "` + at + `sidecar-seccomp-profile-type"}]`, "it would not close the finding: no seccomp profile", true},
		{"changed", `[JSONPatch{op: "replace", path: "` + at + `sidecar-seccomp-profile-type", value: "Unconfined"}]`, `it would not close the finding: seccomp profile "Unconfined" confines nothing`, true},
		{"added to", `[JSONPatch{op: "add", path: "` + at + `sidecar-memory-limit", value: "10MB"}]`, `it would open another finding: sidecar-quantities, dapr.io/sidecar-memory-limit "10MB" is not a quantity`, false},
	} {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			ns := cluster.Namespace(t)
			apply(t, ns, deployment("orders", 0, on("orders")))
			settled(t, ns, "orders")
			mutate(t, ns, key, set, tt.patch)
			refused(t, ns, "orders", 1, tt.why, "sidecar-seccomp")
			if o := kube.Run(t, "fix", "sidecar-seccomp", "sidecar-resources", "-n", ns.Name, "--yes", "--timeout=3m"); o.Code != 1 || strings.Contains(o.Stdout, "1 of 1 changes written") != tt.others || !strings.Contains(unwrapped(o.Stdout), tt.why) {
				t.Errorf("exit code %d\n%s%s", o.Code, o.Stdout, o.Stderr)
			}
		})
	}
}
