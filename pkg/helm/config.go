// Copyright The kubectl-dapr-prod Authors.
// SPDX-License-Identifier: Apache-2.0

package helm

import (
	"context"
	"fmt"
	"log/slog"
	"net/http"
	"os"

	"helm.sh/helm/v4/pkg/action"
	"helm.sh/helm/v4/pkg/cli"
	"helm.sh/helm/v4/pkg/kube"
	"k8s.io/cli-runtime/pkg/genericclioptions"
	"k8s.io/client-go/rest"
)

// configuration is Helm's for one release, as the helm program would have it: records
// are where HELM_DRIVER says.
func configuration(getter genericclioptions.RESTClientGetter, namespace string) (*action.Configuration, error) {
	config := action.NewConfiguration(action.ConfigurationSetLogger(slog.DiscardHandler))
	if err := config.Init(getter, namespace, os.Getenv("HELM_DRIVER")); err != nil {
		return nil, err
	}
	client, isClient := config.KubeClient.(*kube.Client)
	if !isClient {
		return nil, fmt.Errorf("helm has no client for Kubernetes but %T", config.KubeClient)
	}
	// Otherwise objects without a namespace would go to that of the kubeconfig.
	client.Namespace = namespace
	return config, nil
}

// settings are Helm's own: where it keeps repositories, credentials and charts.
func settings() *cli.EnvSettings { return cli.New() }

// connection is a way to a cluster with the requests changed.
type connection struct {
	genericclioptions.RESTClientGetter
	wrap     func(http.RoundTripper) http.RoundTripper
	warnings rest.WarningHandlerWithContext
}

// ToRESTConfig is that of the user, with the requests changed.
func (c connection) ToRESTConfig() (*rest.Config, error) {
	config, err := c.RESTClientGetter.ToRESTConfig()
	if err != nil {
		return nil, err
	}
	config = rest.CopyConfig(config)
	config.WarningHandler, config.WarningHandlerWithContext = nil, c.warnings
	config.QPS = -1 // the requests come one after the other, and the server has its own limits
	config.Wrap(c.wrap)
	return config, nil
}

// rehearsing is a connection on which nothing is ever written: whatever would write
// is a dry run. Requests end with the context.
func rehearsing(ctx context.Context, getter genericclioptions.RESTClientGetter, w rest.WarningHandlerWithContext) connection {
	return connection{RESTClientGetter: getter, warnings: w, wrap: func(next http.RoundTripper) http.RoundTripper {
		return roundTripper(func(r *http.Request) (*http.Response, error) {
			if err := ctx.Err(); err != nil {
				return nil, err
			}
			if r.Method != http.MethodGet && r.Method != http.MethodHead {
				r = dry(r)
			}
			return next.RoundTrip(r)
		})
	}}
}

// dry makes a dry run of a request. A deletion loses its body, its options with it: where
// there is one, the server does not look at the address for options, and would delete.
func dry(r *http.Request) *http.Request {
	closed := r.Body
	r = r.Clone(r.Context())
	query := r.URL.Query()
	query.Set("dryRun", "All")
	r.URL.RawQuery = query.Encode()
	if r.Method == http.MethodDelete && closed != nil {
		_ = closed.Close()
		r.Body, r.GetBody, r.ContentLength = nil, nil, 0
	}
	return r
}

// writing is a connection as it is, but that warnings of the server are dropped: they
// were heard in the rehearsal. Nothing is sent any more once the context has ended.
func writing(ctx context.Context, getter genericclioptions.RESTClientGetter) connection {
	return connection{RESTClientGetter: getter, warnings: rest.NoWarnings{}, wrap: func(next http.RoundTripper) http.RoundTripper {
		return roundTripper(func(r *http.Request) (*http.Response, error) {
			if err := ctx.Err(); err != nil {
				return nil, err
			}
			return next.RoundTrip(r)
		})
	}}
}

type roundTripper func(*http.Request) (*http.Response, error)

// RoundTrip sends one request.
func (f roundTripper) RoundTrip(r *http.Request) (*http.Response, error) { return f(r) }

// heard gathers what the server warns of.
type heard struct{ all []string }

// HandleWarningHeaderWithContext takes one warning in.
func (h *heard) HandleWarningHeaderWithContext(_ context.Context, code int, _, text string) {
	if code == 299 && text != "" {
		h.all = append(h.all, text)
	}
}

// take gives what was heard since the last time.
func (h *heard) take() []string {
	all := h.all
	h.all = nil
	return all
}
