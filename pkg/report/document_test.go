// Copyright The kubectl-dapr-prod Authors.
// SPDX-License-Identifier: Apache-2.0

package report_test

import (
	"bytes"
	"os"
	"testing"

	"github.com/dapr-prod/kubectl-dapr-prod/pkg/catalogue"
	"github.com/dapr-prod/kubectl-dapr-prod/pkg/report"
)

// TestDocument holds docs/guidelines.md against the catalogue.
func TestDocument(t *testing.T) {
	t.Parallel()
	const path = "../../docs/guidelines.md"
	var b bytes.Buffer
	if err := report.Document(&b, catalogue.All()); err != nil {
		t.Fatal(err)
	}
	if *update {
		if err := os.WriteFile(path, b.Bytes(), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	there, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	if !bytes.Equal(there, b.Bytes()) {
		t.Errorf("%s is not what the catalogue says: make docs writes it", path)
	}
}
