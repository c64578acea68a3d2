// Copyright The kubectl-dapr-prod Authors.
// SPDX-License-Identifier: Apache-2.0

package apply_test

import (
	"strings"
	"testing"

	"k8s.io/apimachinery/pkg/apis/meta/v1/unstructured"
	"sigs.k8s.io/yaml"

	"github.com/dapr-prod/kubectl-dapr-prod/pkg/apply"
)

// object reads a manifest.
func object(t testing.TB, manifest string) *unstructured.Unstructured {
	t.Helper()
	u := &unstructured.Unstructured{}
	if err := yaml.Unmarshal([]byte(manifest), &u.Object); err != nil {
		t.Fatal(err)
	}
	return u
}

const (
	ownedHead = "apiVersion: apps/v1\nkind: Deployment\nmetadata:\n  name: orders\n  namespace: shop\n"
	// made is what a manager has that made the template.
	made = `{"f:spec":{"f:template":{"f:spec":{"f:containers":{"k:{\"name\":\"app\"}":{".":{},"f:image":{},"f:name":{}}}}}}}`
)

// manager is an entry of managedFields.
func manager(name, operation, fields string) string {
	return "  - {manager: " + name + ", operation: " + operation + ", apiVersion: apps/v1, fieldsType: FieldsV1, fieldsV1: " + fields + "}\n"
}

func TestOwnerOf(t *testing.T) {
	t.Parallel()
	for _, test := range []struct {
		name, manifest, owner, commit string
	}{
		{name: "nobody", manifest: ""},
		{name: "Helm", manifest: "  labels: {app.kubernetes.io/managed-by: Helm}\n  annotations: {meta.helm.sh/release-name: shop, meta.helm.sh/release-namespace: apps}\n", owner: "Helm release shop in namespace apps", commit: "values"},
		{name: "a chart's label, without a release", manifest: "  labels: {app.kubernetes.io/managed-by: Helm, app.kubernetes.io/instance: shop}\n"},
		{name: "a release that was left", manifest: "  annotations: {meta.helm.sh/release-name: shop}\n"},
		{name: "Argo CD, by its tracking ID", manifest: "  annotations: {argocd.argoproj.io/tracking-id: \"store:apps/Deployment:shop/orders\"}\n", owner: "Argo CD application store", commit: "Argo CD sync"},
		{name: "the tracking ID of another object", manifest: "  annotations: {argocd.argoproj.io/tracking-id: \"store:example.com/Order:shop/orders\"}\n"},
		{name: "Argo CD, by its label", manifest: "  labels: {argocd.argoproj.io/instance: store}\n", owner: "Argo CD application store"},
		{name: "a Kustomization", manifest: "  labels: {kustomize.toolkit.fluxcd.io/name: apps, kustomize.toolkit.fluxcd.io/namespace: flux-system}\n", owner: "Flux Kustomization apps in namespace flux-system", commit: "Flux reconcile"},
		{name: "a HelmRelease", manifest: "  labels: {helm.toolkit.fluxcd.io/name: shop, app.kubernetes.io/managed-by: Helm}\n  annotations: {meta.helm.sh/release-name: shop}\n", owner: "Flux HelmRelease shop", commit: "postRenderers"},
		{name: "an operator", manifest: "  ownerReferences: [{apiVersion: example.com/v1, kind: Order, name: orders, uid: x, controller: true}]\n", owner: "Order orders", commit: "put the change into the Order"},
		{name: "an owner that is no controller", manifest: "  ownerReferences: [{apiVersion: example.com/v1, kind: Order, name: orders, uid: x}]\n"},
		{name: "an add-on", manifest: "  labels: {addonmanager.kubernetes.io/mode: Reconcile}\n", owner: "the addon manager of the cluster"},
		{name: "kubectl", manifest: "  managedFields:\n" + manager("kubectl-client-side-apply", "Update", made) + manager("kubectl", "Apply", made)},
		{name: "this program and Kubernetes", manifest: "  managedFields:\n" + manager("kubectl-dapr-prod", "Apply", made) + manager("kube-controller-manager", "Update", made)},
		{name: "Argo CD, by what it applied", manifest: "  managedFields:\n" + manager("deployer", "Update", made) + manager("argocd-controller", "Apply", made), owner: "Argo CD (field manager argocd-controller)"},
		{name: "Terraform", manifest: "  managedFields:\n" + manager("HashiCorp", "Update", made), owner: "Terraform (field manager HashiCorp)"},
		{name: "Helm, by what it applied", manifest: "  managedFields:\n" + manager("helm", "Update", made), owner: "Helm (field manager helm)"},
		{name: "Pulumi", manifest: "  managedFields:\n" + manager("pulumi-kubernetes-1234abcd", "Apply", made), owner: "Pulumi (field manager pulumi-kubernetes-1234abcd)"},
		{name: "a program that nobody knows", manifest: "  managedFields:\n" + manager("deployer", "Update", made), owner: "the field manager deployer", commit: "what deployer applies"},
		{name: "one that sets an image", manifest: "  managedFields:\n" + manager("updater", "Update", `{"f:spec":{"f:template":{"f:spec":{"f:containers":{"k:{\"name\":\"app\"}":{"f:image":{}}}}}}}`)},
		{name: "one that restarts", manifest: "  managedFields:\n" + manager("k9s", "Update", `{"f:spec":{"f:template":{"f:metadata":{"f:annotations":{".":{},"f:kubectl.kubernetes.io/restartedAt":{}}}}}}`)},
		{name: "one whose template is one field", manifest: "  managedFields:\n" + manager("deployer", "Update", `{"f:spec":{"f:template":{}}}`), owner: "the field manager deployer"},
		{name: "one whose list is atomic", manifest: "  managedFields:\n" + manager("deployer", "Update", `{"f:spec":{"f:template":{"f:spec":{"f:containers":{}}}}}`), owner: "the field manager deployer"},
	} {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			owner := apply.OwnerOf(object(t, ownedHead+test.manifest))
			switch {
			case owner == nil && test.owner != "":
				t.Errorf("nobody; want %s", test.owner)
			case owner != nil && (owner.Name != test.owner || !strings.Contains(owner.Commit, test.commit)):
				t.Errorf("%+v; want %q", *owner, test.owner)
			}
		})
	}
}

func TestOwnerOfCronJob(t *testing.T) {
	t.Parallel()
	fields := strings.Replace(made, `"f:spec":{"f:template"`, `"f:spec":{"f:jobTemplate":{"f:spec":{"f:template"`, 1) + "}}"
	cron := object(t, strings.Replace(ownedHead, "Deployment", "CronJob", 1)+"  managedFields:\n"+manager("deployer", "Update", fields))
	if owner := apply.OwnerOf(cron); owner == nil {
		t.Error("nobody")
	}
}
