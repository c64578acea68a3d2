// Copyright The kubectl-dapr-prod Authors.
// SPDX-License-Identifier: Apache-2.0

package report_test

import (
	"strings"
	"testing"

	"github.com/dapr-prod/kubectl-dapr-prod/pkg/guideline"
	"github.com/dapr-prod/kubectl-dapr-prod/pkg/report"
)

// known are guidelines that the results of shop are of, some of them.
func known() []*guideline.Guideline {
	app := func(*guideline.App) []guideline.Result { return nil }
	const docs = "https://docs.dapr.io/operations/hosting/kubernetes/kubernetes-production/"
	return []*guideline.Guideline{
		{
			ID: "sidecar-soft-memory-limit", Title: "GOMEMLIMIT is about 90 % of the sidecar's memory limit", Severity: guideline.Warning,
			Origin: guideline.Page, Section: "Enabling readOnlyRootFilesystem", Docs: docs, App: app,
			Why: "Go's garbage collector does not know of the limit of the container. It lets memory grow up to the limit, and the kernel ends daprd.",
			Fix: "set GOMEMLIMIT in dapr.io/env to 90 % of the limit, as in GOMEMLIMIT=900MiB",
		},
		{
			ID: "mtls", Title: "mTLS is on", Severity: guideline.Error, Origin: guideline.Page, Section: "mTLS", Docs: docs, App: app,
			Why: "Without it anybody in the cluster can call any app <in the name of another>.", Fix: "set spec.mtls.enabled to true",
		},
		{
			ID: "component-secrets", Title: "components keep no secrets in plain text", Severity: guideline.Error, Origin: guideline.DaprDocs, Docs: docs, App: app,
			Why: "Whoever may read the component, or its manifest, has the secret.", Fix: "put the value into a Secret, and refer to it with secretKeyRef",
		},
	}
}

// TestPageIsClosed: no page asks for anything beside itself.
func TestPageIsClosed(t *testing.T) {
	for name, page := range map[string]string{
		"check":  printed(t, report.HTML, shop(), report.Options{Guidelines: known()}),
		"sizing": sizingPage(t, busy()),
	} {
		if !strings.Contains(page, `content="default-src &#39;none&#39;; img-src data:;`) {
			t.Errorf("%s: no policy", name)
		}
		for _, asks := range []string{"src=", "@import", "url(", "<iframe", "<object", "fetch(", "http-equiv=\"refresh"} {
			if strings.Contains(page, asks) {
				t.Errorf("%s: %s", name, asks)
			}
		}
	}
}
