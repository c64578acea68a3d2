// Copyright The kubectl-dapr-prod Authors.
// SPDX-License-Identifier: Apache-2.0

package sidecar

import (
	"bytes"
	"crypto/x509"
	"encoding/json"
	"encoding/pem"
	"errors"

	corev1 "k8s.io/api/core/v1"
)

// errNotInjected: a Pod comes back from the injector as it was.
var errNotInjected = errors.New("dapr's injector adds no sidecar to it")

// Inject returns a Pod as the injector hands it on to the API server, with its
// sidecar, volumes and labels; roots are those that the sidecar is given. The Pod is
// left as it is. It is an error where the injector refuses it, or adds no sidecar.
func (in Injector) Inject(pod *corev1.Pod, roots []*x509.Certificate) (*corev1.Pod, error) {
	silence()
	asking := pod.DeepCopy()
	asking.Annotations = in.annotations(pod.Annotations)
	config := in.config(asking)
	config.CurrentTrustAnchors = pemOf(roots)
	patch, err := config.GetPatch()
	if err != nil {
		return nil, err
	}
	raw, err := json.Marshal(pod)
	if err != nil {
		return nil, err
	}
	if raw, err = patch.Apply(raw); err != nil {
		return nil, err
	}
	injected := &corev1.Pod{}
	if err := json.Unmarshal(raw, injected); err != nil {
		return nil, err
	}
	c, _ := find(&injected.Spec)
	if c == nil {
		return nil, errNotInjected
	}
	in.correct(c)
	return injected, nil
}

// pemOf writes certificates one after the other.
func pemOf(all []*x509.Certificate) []byte {
	var text bytes.Buffer
	for _, c := range all {
		text.Write(pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: c.Raw}))
	}
	return text.Bytes()
}
