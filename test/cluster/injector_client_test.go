// Copyright The kubectl-dapr-prod Authors.
// SPDX-License-Identifier: Apache-2.0

//go:build cluster

package cluster_test

import (
	"bytes"
	"crypto/tls"
	"crypto/x509"
	"encoding/json"
	"errors"
	"io"
	"net/http"
	"slices"
	"testing"

	admissionv1 "k8s.io/api/admission/v1"
	authenticationv1 "k8s.io/api/authentication/v1"
	corev1 "k8s.io/api/core/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/runtime"
	"k8s.io/apimachinery/pkg/types"

	"github.com/dapr-prod/kubectl-dapr-prod/pkg/sidecar"
)

// injectorClient asks one of Dapr's injectors what it does with a Pod.
type injectorClient struct {
	url  string
	http *http.Client
}

// newInjectorClient trusts what the API server trusts: the webhook's caBundle.
func newInjectorClient(t *testing.T, url string) *injectorClient {
	t.Helper()
	list, err := cluster.Client.AdmissionregistrationV1().MutatingWebhookConfigurations().List(t.Context(), metav1.ListOptions{})
	if err != nil {
		t.Fatal(err)
	}
	roots := x509.NewCertPool()
	for _, configuration := range list.Items {
		for _, w := range configuration.Webhooks {
			if w.Name == "sidecar-injector.dapr.io" && !roots.AppendCertsFromPEM(w.ClientConfig.CABundle) {
				t.Fatal("the injector's webhook has no caBundle")
			}
		}
	}
	config := &tls.Config{RootCAs: roots, ServerName: cluster.InjectorServerName, MinVersion: tls.VersionTLS12}
	transport := &http.Transport{TLSClientConfig: config}
	t.Cleanup(transport.CloseIdleConnections)
	return &injectorClient{url: url, http: &http.Client{Transport: transport}}
}

// ask returns what the injector did, in the words of a simulation.
func (c *injectorClient) ask(t *testing.T, s subject) sidecar.Simulation {
	t.Helper()
	raw, err := json.Marshal(s.pod())
	if err != nil {
		t.Fatal(err)
	}
	body, err := json.Marshal(&admissionv1.AdmissionReview{
		TypeMeta: metav1.TypeMeta{APIVersion: "admission.k8s.io/v1", Kind: "AdmissionReview"},
		Request: &admissionv1.AdmissionRequest{
			UID:       types.UID("4f2a8f3e-0000-4000-8000-000000000000"),
			Kind:      metav1.GroupVersionKind{Version: "v1", Kind: "Pod"},
			Resource:  metav1.GroupVersionResource{Version: "v1", Resource: "pods"},
			Namespace: s.owner.Namespace,
			Name:      s.pod().Name,
			Operation: admissionv1.Create,
			UserInfo: authenticationv1.UserInfo{
				Username: "system:serviceaccount:kube-system:replicaset-controller",
				Groups:   []string{"system:serviceaccounts", "system:serviceaccounts:kube-system", "system:authenticated"},
			},
			Object: runtime.RawExtension{Raw: raw},
		},
	})
	if err != nil {
		t.Fatal(err)
	}
	request, err := http.NewRequestWithContext(t.Context(), http.MethodPost, c.url, bytes.NewReader(body))
	if err != nil {
		t.Fatal(err)
	}
	request.Header.Set("Content-Type", "application/json")
	response, err := c.http.Do(request)
	if err != nil {
		t.Fatal(err)
	}
	defer response.Body.Close()
	answer, err := io.ReadAll(response.Body)
	if err != nil || response.StatusCode != http.StatusOK {
		t.Fatalf("the injector answered %s: %s (%v)", response.Status, answer, err)
	}
	var review admissionv1.AdmissionReview
	if err := json.Unmarshal(answer, &review); err != nil || review.Response == nil {
		t.Fatalf("the injector answered no review: %s (%v)", answer, err)
	}
	did, err := verdict(s, review.Response)
	if err != nil {
		t.Fatalf("%v: %s", err, answer)
	}
	return did
}

// verdict reads a review: what the patch adds is what counts.
func verdict(s subject, r *admissionv1.AdmissionResponse) (sidecar.Simulation, error) {
	if !r.Allowed {
		return sidecar.Simulation{State: sidecar.Denied, Reason: r.Result.Message}, nil
	}
	if len(r.Patch) == 0 {
		if c, native := daprdOf(s.template.Spec); c != nil {
			return sidecar.Simulation{State: sidecar.Manual, Container: c, Native: native}, nil
		}
		return sidecar.Simulation{State: sidecar.Off}, nil
	}
	var patch []struct {
		Op, Path string
		Value    json.RawMessage
	}
	if err := json.Unmarshal(r.Patch, &patch); err != nil {
		return sidecar.Simulation{}, err
	}
	for _, op := range patch {
		native := op.Path == "/spec/initContainers/-"
		if op.Op != "add" || !native && op.Path != "/spec/containers/-" {
			continue
		}
		c := &corev1.Container{}
		if err := json.Unmarshal(op.Value, c); err != nil {
			return sidecar.Simulation{}, err
		}
		if c.Name == "daprd" {
			return sidecar.Simulation{State: sidecar.Injected, Container: c, Native: native}, nil
		}
	}
	return sidecar.Simulation{}, errors.New("the patch adds no daprd")
}

// daprdOf is the daprd container of a Pod, and whether it is an init container.
func daprdOf(spec *corev1.PodSpec) (c *corev1.Container, native bool) {
	is := func(c corev1.Container) bool { return c.Name == "daprd" }
	if i := slices.IndexFunc(spec.Containers, is); i >= 0 {
		return &spec.Containers[i], false
	}
	if i := slices.IndexFunc(spec.InitContainers, is); i >= 0 {
		return &spec.InitContainers[i], true
	}
	return nil, false
}
