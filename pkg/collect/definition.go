// Copyright The kubectl-dapr-prod Authors.
// SPDX-License-Identifier: Apache-2.0

package collect

import (
	"encoding/json"
	"fmt"
	"strings"

	"k8s.io/apimachinery/pkg/apis/meta/v1/unstructured"

	"github.com/dapr-prod/kubectl-dapr-prod/pkg/snapshot"
)

// addDefinition keeps a CustomResourceDefinition of Dapr's.
func (f *facts) addDefinition(o *unstructured.Unstructured, src snapshot.Source) error {
	if !strings.HasSuffix(o.GetName(), "."+snapshot.Components.Group) {
		return nil
	}
	content, err := json.Marshal(o.Object)
	if err != nil {
		return fmt.Errorf("%s: %w", objectOf(o), err)
	}
	var read struct {
		Spec struct {
			Versions []struct {
				Name    string `json:"name"`
				Served  bool   `json:"served"`
				Storage bool   `json:"storage"`
				Schema  struct {
					OpenAPIV3Schema *snapshot.Schema `json:"openAPIV3Schema"`
				} `json:"schema"`
			} `json:"versions"`
		} `json:"spec"`
	}
	if err := json.Unmarshal(content, &read); err != nil {
		return fmt.Errorf("%s: %w", objectOf(o), withoutValue(err))
	}
	kept := snapshot.Definition{Name: o.GetName(), Source: src}
	for _, v := range read.Spec.Versions {
		kept.Versions = append(kept.Versions, snapshot.DefinitionVersion{
			Name: v.Name, Served: v.Served, Storage: v.Storage, Schema: v.Schema.OpenAPIV3Schema,
		})
	}
	f.definitions = append(f.definitions, kept)
	return nil
}
