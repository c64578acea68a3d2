// Copyright The kubectl-dapr-prod Authors.
// SPDX-License-Identifier: Apache-2.0

//go:build charts

package helm_test

import (
	"encoding/json"
	"fmt"
	"maps"
	"strings"

	corev1 "k8s.io/api/core/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/apis/meta/v1/unstructured"
	"k8s.io/apimachinery/pkg/runtime/schema"
	"k8s.io/client-go/dynamic"

	"github.com/dapr-prod/kubectl-dapr-prod/pkg/helm"
)

// contents is what stands in each object of a control plane, by its kind and name, without
// what the server keeps and what controllers note there. Records of Helm are no such objects.
func (b *bench) contents() map[string]string {
	b.t.Helper()
	config, err := b.getter.ToRESTConfig()
	if err != nil {
		b.t.Fatal(err)
	}
	client, err := dynamic.NewForConfig(config)
	if err != nil {
		b.t.Fatal(err)
	}
	all := map[string]string{}
	for _, of := range []schema.GroupVersion{{Version: "v1"}, {Group: "apps", Version: "v1"}, {Group: "policy", Version: "v1"}, {Group: "rbac.authorization.k8s.io", Version: "v1"}, {Group: "admissionregistration.k8s.io", Version: "v1"}, {Group: "dapr.io", Version: "v1alpha1"}} {
		for _, resource := range contained[of.Group] {
			list, err := client.Resource(of.WithResource(resource)).List(b.t.Context(), metav1.ListOptions{})
			if err != nil {
				b.t.Fatal(err)
			}
			for i := range list.Items {
				o := &list.Items[i]
				mine := o.GetNamespace() == namespace || o.GetAnnotations()["meta.helm.sh/release-name"] == name
				if mine && !strings.HasPrefix(o.GetName(), record) {
					all[fmt.Sprintf("%s %s/%s", o.GetKind(), o.GetNamespace(), o.GetName())] = text(b, o)
				}
			}
		}
	}
	return all
}

// record is how the names of Helm's records begin.
const record = "sh.helm.release.v1."

// contained are the resources that Dapr's chart has objects of, by their groups.
var contained = map[string][]string{
	"":                             {"secrets", "configmaps", "services", "serviceaccounts", "resourcequotas"},
	"apps":                         {"deployments", "statefulsets"},
	"policy":                       {"poddisruptionbudgets"},
	"rbac.authorization.k8s.io":    {"roles", "rolebindings", "clusterroles", "clusterrolebindings"},
	"admissionregistration.k8s.io": {"mutatingwebhookconfigurations"},
	"dapr.io":                      {"configurations"},
}

// text is an object as JSON, without what others than its authors write to it.
func text(b *bench, o *unstructured.Unstructured) string {
	b.t.Helper()
	labels, annotations := o.GetLabels(), o.GetAnnotations()
	delete(annotations, "deployment.kubernetes.io/revision")
	delete(o.Object, "status")
	o.Object["metadata"] = map[string]any{"labels": labels, "annotations": annotations}
	text, err := json.Marshal(o)
	if err != nil {
		b.t.Fatal(err)
	}
	return string(text)
}

// stand is a release as it is: its newest revision, and all of it.
type stand struct {
	revision int
	status   string
	values   string
	contents map[string]string
}

func (b *bench) stand() stand {
	b.t.Helper()
	revision, status := b.newest()
	values, err := json.Marshal(b.valuesOf(0))
	if err != nil {
		b.t.Fatal(err)
	}
	return stand{revision, status, string(values), b.contents()}
}

// back is the command that takes a release back to where it stood.
func (s stand) back() string { return helm.RollbackCommand(namespace, name, s.revision) }

// same tells whether all of a release is the same; the number of its revision may be another.
func (s stand) same(other stand) bool {
	return s.status == other.status && s.values == other.values && maps.Equal(s.contents, other.contents)
}

// whole tells what of an upgrade is neither as it was nor as it is to be.
func whole(was, will, is map[string]string) (torn []string) {
	for object, now := range is {
		if now != was[object] && now != will[object] {
			torn = append(torn, object+" is "+now)
		}
	}
	for object := range was {
		if is[object] == "" && will[object] != "" {
			torn = append(torn, object+" is gone")
		}
	}
	return torn
}

// recordOf is the record of a revision.
func (b *bench) recordOf(revision int) *corev1.Secret {
	b.t.Helper()
	record, err := b.client.CoreV1().Secrets(namespace).Get(b.t.Context(), fmt.Sprintf("%s%s.v%d", record, name, revision), metav1.GetOptions{})
	if err != nil {
		b.t.Fatal(err)
	}
	return record
}

// forget takes all revisions after one out of Helm's records, and puts that one back as it
// was: the next run asks for the same then.
func (b *bench) forget(first *corev1.Secret) {
	b.t.Helper()
	secrets := b.client.CoreV1().Secrets(namespace)
	list, err := secrets.List(b.t.Context(), metav1.ListOptions{LabelSelector: "owner=helm"})
	if err != nil {
		b.t.Fatal(err)
	}
	for i := range list.Items {
		one := &list.Items[i]
		if one.Name == first.Name {
			one.Data, one.Labels = first.Data, first.Labels
			_, err = secrets.Update(b.t.Context(), one, metav1.UpdateOptions{})
		} else {
			err = secrets.Delete(b.t.Context(), one.Name, metav1.DeleteOptions{})
		}
		if err != nil {
			b.t.Fatal(err)
		}
	}
}
