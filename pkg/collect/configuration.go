// Copyright The kubectl-dapr-prod Authors.
// SPDX-License-Identifier: Apache-2.0

package collect

import (
	"cmp"
	"encoding/json"
	"fmt"
	"strconv"

	"k8s.io/apimachinery/pkg/apis/meta/v1/unstructured"

	"github.com/dapr-prod/kubectl-dapr-prod/pkg/snapshot"
)

// configuration is the part of a Dapr Configuration that guidelines judge.
type configuration struct {
	Spec struct {
		MTLS          enabled  `json:"mtls"`
		Metrics       enabled  `json:"metrics"`
		Metric        enabled  `json:"metric"`
		Tracing       *tracing `json:"tracing"`
		AccessControl *struct {
			DefaultAction string `json:"defaultAction"`
			TrustDomain   string `json:"trustDomain"`
			Policies      []struct {
				AppID         string `json:"appId"`
				DefaultAction string `json:"defaultAction"`
				TrustDomain   string `json:"trustDomain"`
				Namespace     string `json:"namespace"`
			} `json:"policies"`
		} `json:"accessControl"`
		Secrets struct {
			Scopes []struct {
				StoreName      string   `json:"storeName"`
				DefaultAccess  string   `json:"defaultAccess"`
				AllowedSecrets []string `json:"allowedSecrets"`
				DeniedSecrets  []string `json:"deniedSecrets"`
			} `json:"scopes"`
		} `json:"secrets"`
	} `json:"spec"`
}

type enabled struct {
	Enabled *bool `json:"enabled"`
}

type tracing struct {
	SamplingRate string `json:"samplingRate"`
	Stdout       bool   `json:"stdout"`
	Zipkin       struct {
		EndpointAddress string `json:"endpointAddress"`
	} `json:"zipkin"`
	OTel struct {
		EndpointAddress string `json:"endpointAddress"`
		Protocol        string `json:"protocol"`
		Headers         []pair `json:"headers"`
	} `json:"otel"`
}

func (f *facts) addConfiguration(o *unstructured.Unstructured, src snapshot.Source) error {
	c := snapshot.Configuration{Object: objectOf(o), Source: src, Annotations: ownKeys(o.GetAnnotations())}
	content, err := json.Marshal(o.Object)
	if err != nil {
		return fmt.Errorf("%s: %w", c.Object, err)
	}
	var read configuration
	if err := json.Unmarshal(content, &read); err != nil {
		return fmt.Errorf("%s: %w", c.Object, withoutValue(err))
	}
	spec := &read.Spec
	c.MTLS, c.Metrics, c.Metric = spec.MTLS.Enabled, spec.Metrics.Enabled, spec.Metric.Enabled
	if t := spec.Tracing; t != nil {
		c.Tracing = &snapshot.Tracing{
			SamplingRate: t.SamplingRate,
			Stdout:       t.Stdout,
			OTel:         snapshot.Conceal(t.OTel.EndpointAddress),
			OTelProtocol: t.OTel.Protocol,
			Zipkin:       snapshot.Conceal(t.Zipkin.EndpointAddress),
		}
	}
	if a := spec.AccessControl; a != nil {
		c.AccessControl = &snapshot.AccessControl{DefaultAction: a.DefaultAction, TrustDomain: a.TrustDomain}
		for _, p := range a.Policies {
			c.AccessControl.Policies = append(c.AccessControl.Policies, snapshot.AccessPolicy(p))
		}
	}
	for _, s := range spec.Secrets.Scopes {
		c.SecretScopes = append(c.SecretScopes, snapshot.SecretScope{
			Store: s.StoreName, DefaultAccess: s.DefaultAccess, Allowed: s.AllowedSecrets, Denied: s.DeniedSecrets,
		})
	}
	c.Settings = spec.Tracing.settings()
	var before configuration
	// A copy that cannot be read holds nothing that could be judged.
	if text := o.GetAnnotations()[lastApplied]; text != "" && json.Unmarshal([]byte(text), &before) == nil {
		c.LastApplied = before.Spec.Tracing.settings()
	}
	f.configurations = append(f.configurations, c)
	return nil
}

// settings are the addresses and headers of tracing.
func (t *tracing) settings() []snapshot.Setting {
	if t == nil {
		return nil
	}
	var all []snapshot.Setting
	for _, a := range []struct{ name, field, value string }{
		{"endpointAddress", "spec.tracing.otel.endpointAddress", t.OTel.EndpointAddress},
		{"endpointAddress", "spec.tracing.zipkin.endpointAddress", t.Zipkin.EndpointAddress},
	} {
		if a.value != "" {
			all = append(all, snapshot.Setting{Name: a.name, Field: a.field, Part: snapshot.Address, Value: snapshot.Conceal(a.value)})
		}
	}
	for i, p := range t.OTel.Headers {
		all = append(all, p.setting("spec.tracing.otel.headers["+cmp.Or(p.Name, strconv.Itoa(i))+"].value", snapshot.Header))
	}
	return all
}
