// Copyright The kubectl-dapr-prod Authors.
// SPDX-License-Identifier: Apache-2.0

package cmd

import (
	"errors"
	"fmt"
	"net/http"
	"strings"

	"github.com/spf13/cobra"

	"github.com/dapr-prod/kubectl-dapr-prod/pkg/usage"
)

// PrometheusFlags say which Prometheus is read, and how it lets somebody in.
type PrometheusFlags struct {
	URL           string
	TokenFile     string
	BasicAuthFile string
	CAFile        string
	Headers       []string
	Labels        map[string]string
}

// AddFlags declares them.
func (f *PrometheusFlags) AddFlags(cmd *cobra.Command) {
	flags := cmd.Flags()
	flags.StringVar(&f.URL, "prometheus-url", f.URL, "The Prometheus, or store with its API, to read; without it one is looked for in the cluster, and reached through the API server. One that is named has to answer.")
	flags.StringVar(&f.TokenFile, "prometheus-token-file", f.TokenFile, "A file with the bearer token for --prometheus-url.")
	flags.StringVar(&f.BasicAuthFile, "prometheus-basic-auth-file", f.BasicAuthFile, "A file with the line USER:PASSWORD for --prometheus-url.")
	flags.StringVar(&f.CAFile, "prometheus-ca-file", f.CAFile, "A file with the certificates, in PEM, that --prometheus-url is trusted by.")
	flags.StringArrayVar(&f.Headers, "prometheus-header", f.Headers, "A header for --prometheus-url, as NAME=VALUE; may be given several times.")
	flags.StringToStringVar(&f.Labels, "prometheus-label", f.Labels, "A label, as NAME=VALUE, that the series of this cluster have in a store of several, such as cluster=production; may be given several times.")
	flags.Lookup("prometheus-label").DefValue = "" // none, which help does not spell out
	for _, name := range []string{"prometheus-url", "prometheus-header", "prometheus-label"} {
		complete(cmd, name, cobra.NoFileCompletions)
	}
}

var (
	// prometheusLogin are the flags that go with a URL.
	prometheusLogin = []string{"prometheus-token-file", "prometheus-basic-auth-file", "prometheus-ca-file", "prometheus-header"}
	prometheusFlags = append([]string{"prometheus-url", "prometheus-label"}, prometheusLogin...)
)

// given is the first of the flags that was given; empty where none was.
func (f *PrometheusFlags) given(changed func(string) bool) string {
	for _, name := range prometheusFlags {
		if changed(name) {
			return name
		}
	}
	return ""
}

// dial is the Prometheus that was named; nil where none was.
func (f *PrometheusFlags) dial(changed func(string) bool) (*usage.Prometheus, error) {
	if !changed("prometheus-url") {
		for _, name := range prometheusLogin {
			if changed(name) {
				return nil, fmt.Errorf("--%s goes with --prometheus-url: one that is found in the cluster is reached through the API server, by your login there", name)
			}
		}
		return nil, nil
	}
	access := usage.Access{BearerTokenFile: f.TokenFile, BasicAuthFile: f.BasicAuthFile, CAFile: f.CAFile, Headers: http.Header{}}
	for _, header := range f.Headers {
		name, value, both := strings.Cut(header, "=")
		if !both {
			return nil, errors.New("--prometheus-header takes NAME=VALUE, such as X-Scope-OrgID=team")
		}
		access.Headers.Add(name, value)
	}
	p, err := access.Dial(f.URL)
	if err != nil {
		return nil, fmt.Errorf("--prometheus-url: %w", err)
	}
	return p, nil
}
