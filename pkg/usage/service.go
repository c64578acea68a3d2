// Copyright The kubectl-dapr-prod Authors.
// SPDX-License-Identifier: Apache-2.0

package usage

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"slices"
	"strconv"
	"strings"
	"time"

	corev1 "k8s.io/api/core/v1"
	apierrors "k8s.io/apimachinery/pkg/api/errors"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/client-go/kubernetes"
	"k8s.io/client-go/rest"
)

const (
	// servicesPage is how many Services are listed at a time.
	servicesPage = 500
	// mostServices is how many that look like a Prometheus are asked.
	mostServices = 8
	// shortPatience is how long each of them may take to say what it has.
	shortPatience = 15 * time.Second
)

// Service is one in the cluster that looks like a Prometheus.
type Service struct {
	Namespace, Name string
	// Port is its name or, where it has none, its number; Scheme http or https.
	Port, Scheme string
	// Path is where the API is.
	Path string
	// Kind is what it is: Prometheus, Thanos, Mimir, VictoriaMetrics.
	Kind string

	rank int
}

func (s Service) String() string {
	return fmt.Sprintf("%s, Service %s/%s:%s", s.Kind, s.Namespace, s.Name, s.Port)
}

// Cluster reaches a Prometheus inside a cluster.
type Cluster struct{ config *rest.Config }

// NewCluster is the cluster of a config, with the rights of its user.
func NewCluster(config *rest.Config) Cluster { return Cluster{config} }

// Dial is the Prometheus behind a Service, reached through the API server's proxy:
// its user must be allowed to get services/proxy. Nobody can be logged in at the
// Prometheus itself that way, since the login is that of the API server.
func (c Cluster) Dial(s Service) (*Prometheus, error) {
	transport, err := rest.TransportFor(c.config)
	if err != nil {
		return nil, err
	}
	client, err := kubernetes.NewForConfig(c.config)
	if err != nil {
		return nil, err
	}
	name := s.Name + ":" + s.Port
	if s.Scheme == "https" {
		name = "https:" + name
	}
	base := client.CoreV1().RESTClient().Get().Namespace(s.Namespace).Resource("services").Name(name).
		SubResource("proxy").Suffix(s.Path).URL()
	p := NewPrometheus(base, transport)
	p.Name = s.String()
	return p, nil
}

// Find looks for a Prometheus in the cluster that knows the selected containers:
// among the Services with the labels and ports that Prometheus, VictoriaMetrics,
// Thanos and Mimir are installed with. Where none knows them, it is the first that
// answers. The sentences say of the others why not they; without any Prometheus
// the error does.
func (c Cluster) Find(ctx context.Context, s Selection, at time.Time) (*Prometheus, []string, error) {
	all, err := c.Services(ctx)
	if err != nil {
		return nil, nil, err
	}
	var tried []string
	var empty *Prometheus
	for _, service := range all[:min(len(all), mostServices)] {
		p, err := c.Dial(service)
		if err != nil {
			return nil, tried, err
		}
		p.Patience = shortPatience
		found, err := p.Probe(ctx, s, at)
		p.Patience = patience
		switch {
		case ctx.Err() != nil:
			return nil, tried, ctx.Err()
		case err != nil:
			tried = append(tried, err.Error())
		case found.Series > 0:
			return p, tried, nil
		default:
			tried = append(tried, p.Name+" knows none of the containers")
			if empty == nil {
				empty = p
			}
		}
	}
	switch {
	case empty != nil:
		return empty, tried, nil
	case len(tried) > 0:
		return nil, tried, errors.New("no Prometheus in the cluster answers: " + tried[0])
	}
	return nil, nil, errors.New("no Service in the cluster has the labels of a Prometheus")
}

// Services lists those that look like a Prometheus, the likeliest first.
func (c Cluster) Services(ctx context.Context) ([]Service, error) {
	client, err := kubernetes.NewForConfig(c.config)
	if err != nil {
		return nil, err
	}
	all, err := candidates(ctx, client, "")
	if apierrors.IsForbidden(err) {
		for _, namespace := range []string{"monitoring", "prometheus", "observability"} {
			if here, denied := candidates(ctx, client, namespace); denied == nil {
				all, err = append(all, here...), nil
			}
		}
	}
	if err != nil {
		return nil, fmt.Errorf("no Prometheus can be looked for in the cluster: %w", err)
	}
	slices.SortStableFunc(all, func(a, b Service) int {
		return cmp.Or(a.rank-b.rank, strings.Compare(a.Namespace, b.Namespace), strings.Compare(a.Name, b.Name))
	})
	return all, nil
}

func candidates(ctx context.Context, client kubernetes.Interface, namespace string) ([]Service, error) {
	var all []Service
	opts := metav1.ListOptions{Limit: servicesPage}
	for {
		page, err := client.CoreV1().Services(namespace).List(ctx, opts)
		if apierrors.IsResourceExpired(err) && opts.Limit > 0 {
			all, opts = nil, metav1.ListOptions{} // in one piece, which does not expire
			continue
		}
		if err != nil {
			return nil, err
		}
		for i := range page.Items {
			if s, is := candidate(&page.Items[i]); is {
				all = append(all, s)
			}
		}
		if opts.Continue = page.Continue; opts.Continue == "" {
			return all, nil
		}
	}
}

// install is how a store is known that is installed a usual way.
type install struct {
	kind string
	// labels that its Service has; without any, name does.
	labels map[string]string
	name   string
	path   string
}

// installs are the likeliest first: those that hold this cluster alone, and the
// Services that a chart makes before those that the operator does.
var installs = []install{
	{kind: "Prometheus", labels: map[string]string{"app": "kube-prometheus-stack-prometheus"}},
	{kind: "Prometheus", labels: map[string]string{"app": "rancher-monitoring-prometheus"}},
	{kind: "Prometheus", labels: map[string]string{"app": "prometheus-operator-prometheus"}},
	{kind: "Prometheus", labels: map[string]string{"app.kubernetes.io/name": "prometheus", "app.kubernetes.io/component": "server"}},
	{kind: "Prometheus", labels: map[string]string{"app.kubernetes.io/name": "prometheus", "app.kubernetes.io/component": "prometheus"}},
	{kind: "Prometheus", labels: map[string]string{"app": "prometheus", "component": "server"}},
	{kind: "Prometheus", labels: map[string]string{"app": "prometheus-server"}},
	{kind: "Prometheus", labels: map[string]string{"app.kubernetes.io/name": "prometheus"}},
	{kind: "Prometheus", labels: map[string]string{"app": "prometheus"}},
	{kind: "Prometheus", name: "prometheus-server"},
	{kind: "Prometheus", name: "prometheus"},
	{kind: "Prometheus", labels: map[string]string{"operated-prometheus": "true"}},
	{kind: "VictoriaMetrics", labels: map[string]string{"app.kubernetes.io/name": "vmsingle"}},
	{kind: "VictoriaMetrics", labels: map[string]string{"app.kubernetes.io/name": "victoria-metrics-single"}},
	{kind: "Thanos", labels: map[string]string{"app.kubernetes.io/name": "thanos", "app.kubernetes.io/component": "query-frontend"}},
	{kind: "Thanos", labels: map[string]string{"app.kubernetes.io/name": "thanos", "app.kubernetes.io/component": "query"}},
	{kind: "Thanos", labels: map[string]string{"app.kubernetes.io/name": "thanos-query"}},
	{kind: "VictoriaMetrics", labels: map[string]string{"app.kubernetes.io/name": "vmselect"}, path: "/select/0/prometheus"},
	{kind: "VictoriaMetrics", labels: map[string]string{"app.kubernetes.io/component": "vmselect"}, path: "/select/0/prometheus"},
	{kind: "Mimir", labels: map[string]string{"app.kubernetes.io/name": "mimir", "app.kubernetes.io/component": "query-frontend"}, path: "/prometheus"},
}

// usualPorts are the names and numbers of the port that the API is at.
var usualPorts = []string{"web", "http-web", "http", "query", "http-query", "http-metrics", "https", "9090", "80", "8428", "8429", "8481", "8080", "10902"}

// candidate tells whether a Service looks like a Prometheus.
func candidate(s *corev1.Service) (Service, bool) {
	if s.Spec.Type == corev1.ServiceTypeExternalName {
		return Service{}, false // the proxy leads to Pods alone
	}
	for rank, i := range installs {
		if !i.matches(s) {
			continue
		}
		port := portOf(s)
		if port == nil {
			return Service{}, false
		}
		found := Service{
			Namespace: s.Namespace, Name: s.Name, Port: cmp.Or(port.Name, strconv.Itoa(int(port.Port))),
			Scheme: "http", Path: i.path, Kind: i.kind, rank: rank,
		}
		if port.Name == "https" || port.Port == 443 || port.AppProtocol != nil && strings.EqualFold(*port.AppProtocol, "https") {
			found.Scheme = "https"
		}
		return found, true
	}
	return Service{}, false
}

func (i install) matches(s *corev1.Service) bool {
	for name, value := range i.labels {
		if s.Labels[name] != value {
			return false
		}
	}
	return i.labels != nil || s.Name == i.name
}

// portOf is the port of a Service that the API is at, if one is.
func portOf(s *corev1.Service) *corev1.ServicePort {
	for _, usual := range usualPorts {
		for i := range s.Spec.Ports {
			if p := &s.Spec.Ports[i]; p.Name == usual || strconv.Itoa(int(p.Port)) == usual {
				return p
			}
		}
	}
	if len(s.Spec.Ports) == 1 && cmp.Or(s.Spec.Ports[0].Protocol, corev1.ProtocolTCP) == corev1.ProtocolTCP {
		return &s.Spec.Ports[0]
	}
	return nil
}
