// Copyright The kubectl-dapr-prod Authors.
// SPDX-License-Identifier: Apache-2.0

package report_test

import (
	"bytes"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/dapr-prod/kubectl-dapr-prod/pkg/guideline"
	"github.com/dapr-prod/kubectl-dapr-prod/pkg/report"
)

// demands are guidelines as long as those of the catalogue.
func demands() []*guideline.Guideline {
	app := func(*guideline.App) []guideline.Result { return nil }
	install := func(*guideline.Install) []guideline.Result { return nil }
	address := "https://docs.dapr.io/operations/hosting/kubernetes/kubernetes-production/#" + strings.Repeat("long-", 10) + "anchor"
	return []*guideline.Guideline{
		{
			ID: "control-plane-priority-class", Title: "The control plane's Pods have a priority class, so that a full node evicts apps before them",
			Severity: guideline.Warning, Origin: guideline.Page, Section: "Deploying Dapr", Docs: address,
			Why:    "Without one a full node may evict the control plane before any app, see " + address + " for what follows from it.",
			Judged: "priorityClassName of each Pod template.", Fix: "helm upgrade --set global.priorityClassName=system-cluster-critical", ControlPlane: install,
		},
		{ID: "mtls", Title: "mTLS is on", Severity: guideline.Error, Origin: guideline.DaprDocs, Docs: address, App: app, ControlPlane: install},
	}
}

func TestExplainGolden(t *testing.T) {
	documents := map[string]func(b *bytes.Buffer) error{
		"guideline-80.txt": func(b *bytes.Buffer) error {
			return report.Guideline(b, demands()[0], report.Options{Width: 80})
		},
	}
	for _, width := range []int{0, 80, 120} {
		documents[fmt.Sprintf("catalogue-%d.txt", width)] = func(b *bytes.Buffer) error {
			err := report.Catalogue(b, demands(), report.Options{Width: width})
			for line := range strings.Lines(b.String()) {
				if len(line)-1 > width && width > 0 {
					t.Errorf("more than %d columns: %q", width, line)
				}
			}
			return err
		}
	}
	for name, write := range documents {
		t.Run(name, func(t *testing.T) {
			var b bytes.Buffer
			if err := write(&b); err != nil {
				t.Fatal(err)
			}
			path := filepath.Join("testdata", name)
			if *update {
				if err := os.WriteFile(path, b.Bytes(), 0o644); err != nil {
					t.Fatal(err)
				}
			}
			want, err := os.ReadFile(path)
			if err != nil {
				t.Fatal(err)
			}
			if b.String() != string(want) {
				t.Errorf("differs from %s (go test -update writes it anew):\n%s", path, &b)
			}
		})
	}
}
