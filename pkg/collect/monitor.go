// Copyright The kubectl-dapr-prod Authors.
// SPDX-License-Identifier: Apache-2.0

package collect

import (
	"encoding/json"
	"fmt"

	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/apis/meta/v1/unstructured"
	"k8s.io/apimachinery/pkg/util/intstr"

	"github.com/dapr-prod/kubectl-dapr-prod/pkg/snapshot"
)

// monitorEndpoint is one endpoint of a PodMonitor or a ServiceMonitor.
type monitorEndpoint struct {
	Port       string              `json:"port"`
	PortNumber *int32              `json:"portNumber"`
	TargetPort *intstr.IntOrString `json:"targetPort"`
}

// addMonitor keeps a PodMonitor or a ServiceMonitor.
func (f *facts) addMonitor(o *unstructured.Unstructured, src snapshot.Source) error {
	content, err := json.Marshal(o.Object)
	if err != nil {
		return fmt.Errorf("%s: %w", objectOf(o), err)
	}
	var read struct {
		Spec struct {
			Selector          *metav1.LabelSelector `json:"selector"`
			NamespaceSelector struct {
				Any        bool     `json:"any"`
				MatchNames []string `json:"matchNames"`
			} `json:"namespaceSelector"`
			PodMetricsEndpoints []monitorEndpoint `json:"podMetricsEndpoints"`
			Endpoints           []monitorEndpoint `json:"endpoints"`
		} `json:"spec"`
	}
	if err := json.Unmarshal(content, &read); err != nil {
		return fmt.Errorf("%s: %w", objectOf(o), withoutValue(err))
	}
	kept := snapshot.Monitor{
		Object: objectOf(o), Source: src,
		AnyNamespace: read.Spec.NamespaceSelector.Any,
		Namespaces:   read.Spec.NamespaceSelector.MatchNames,
	}
	if kept.Selector, err = snapshot.NewSelector(read.Spec.Selector); err != nil {
		return fmt.Errorf("%s: selector: %w", kept.Object, err)
	}
	for _, e := range append(read.Spec.PodMetricsEndpoints, read.Spec.Endpoints...) {
		switch {
		case e.Port != "":
			kept.Ports = append(kept.Ports, e.Port)
		case e.PortNumber != nil:
			kept.Ports = append(kept.Ports, fmt.Sprint(*e.PortNumber))
		case e.TargetPort != nil:
			kept.Ports = append(kept.Ports, e.TargetPort.String())
		default:
			kept.Ports = append(kept.Ports, "")
		}
	}
	f.monitors = append(f.monitors, kept)
	return nil
}
