// Copyright The kubectl-dapr-prod Authors.
// SPDX-License-Identifier: Apache-2.0

package report

import (
	"io"

	"sigs.k8s.io/yaml"
)

// YAML writes what JSON writes, as YAML.
func YAML(w io.Writer, r *Report, o Options) error {
	text, err := yaml.Marshal(document(r, o))
	if err != nil {
		return err
	}
	_, err = w.Write(text)
	return err
}
