// Copyright The kubectl-dapr-prod Authors.
// SPDX-License-Identifier: Apache-2.0

package helm

import (
	"io"
	"net/http"
	"strings"
	"testing"

	"k8s.io/client-go/rest"
)

// TestRehearsing sends what would write: the server must see nothing but dry runs.
func TestRehearsing(t *testing.T) {
	t.Parallel()
	const options = `{"kind":"DeleteOptions","apiVersion":"v1","propagationPolicy":"Background"}`
	for _, tt := range []struct{ method, body, query, sent string }{
		{http.MethodGet, "", "", ""},
		{http.MethodPatch, `{"spec":{}}`, "All", `{"spec":{}}`},
		{http.MethodPost, `{"kind":"Role"}`, "All", `{"kind":"Role"}`},
		{http.MethodDelete, "", "All", ""},
		// The API server looks at the query only where there is no body.
		{http.MethodDelete, options, "All", ""},
	} {
		var seen *http.Request
		way := rehearsing(t.Context(), nil, rest.NoWarnings{}).wrap(roundTripper(func(r *http.Request) (*http.Response, error) {
			seen = r
			return &http.Response{}, nil
		}))
		request, err := http.NewRequestWithContext(t.Context(), tt.method, "https://server/api?fieldManager=helm", strings.NewReader(tt.body))
		if err != nil {
			t.Fatal(err)
		}
		answer, err := way.RoundTrip(request)
		if err != nil {
			t.Fatal(err)
		}
		if answer.Body != nil {
			_ = answer.Body.Close()
		}
		var sent []byte
		if seen.Body != nil {
			sent, _ = io.ReadAll(seen.Body)
		}
		if got := seen.URL.Query().Get("dryRun"); got != tt.query || string(sent) != tt.sent || seen.URL.Query().Get("fieldManager") != "helm" {
			t.Errorf("%s %s is sent as %q with %q", tt.method, tt.body, seen.URL.RawQuery, sent)
		}
		if int64(len(sent)) != seen.ContentLength && seen.ContentLength >= 0 {
			t.Errorf("%s %s: %d bytes are announced, %d sent", tt.method, tt.body, seen.ContentLength, len(sent))
		}
	}
}
