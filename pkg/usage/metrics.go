// Copyright The kubectl-dapr-prod Authors.
// SPDX-License-Identifier: Apache-2.0

package usage

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"slices"
	"strings"
	"time"

	corev1 "k8s.io/api/core/v1"
	apierrors "k8s.io/apimachinery/pkg/api/errors"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/client-go/kubernetes"
	"k8s.io/client-go/rest"

	"github.com/dapr-prod/kubectl-dapr-prod/pkg/quantity"
	"github.com/dapr-prod/kubectl-dapr-prod/pkg/snapshot"
)

const (
	metricsGroup = "metrics.k8s.io"
	// betweenReadings is how often metrics.k8s.io is asked: as often as metrics-server
	// looks, unless it is told otherwise.
	betweenReadings = 15 * time.Second
)

// PodReading is what metrics.k8s.io says of one Pod.
type PodReading struct {
	Metadata   struct{ Namespace, Name string } `json:"metadata"`
	Timestamp  metav1.Time                      `json:"timestamp"`
	Containers []ContainerReading               `json:"containers"`
}

// ContainerReading is what it says of one container, in its own words.
type ContainerReading struct {
	Name  string                         `json:"name"`
	Usage map[corev1.ResourceName]string `json:"usage"`
}

// Amount is what the words mean.
func (c ContainerReading) Amount() (snapshot.Amount, error) {
	var amount snapshot.Amount
	var err error
	if amount.CPU, err = quantity.Parse(c.Usage[corev1.ResourceCPU]); err != nil {
		return amount, fmt.Errorf("CPU %q: %w", c.Usage[corev1.ResourceCPU], err)
	}
	if amount.Memory, err = quantity.Parse(c.Usage[corev1.ResourceMemory]); err != nil {
		return amount, fmt.Errorf("memory %q: %w", c.Usage[corev1.ResourceMemory], err)
	}
	return amount, nil
}

// MetricsAPI reads metrics.k8s.io, as metrics-server serves it.
type MetricsAPI struct {
	client kubernetes.Interface
	// version is the one that is served; empty until somebody asked.
	version string
}

// NewMetricsAPI is the one of a cluster, read with the rights of the config's user.
func NewMetricsAPI(config *rest.Config) (*MetricsAPI, error) {
	client, err := kubernetes.NewForConfig(config)
	if err != nil {
		return nil, err
	}
	return &MetricsAPI{client: client}, nil
}

// Progress is how far a watch is.
type Progress struct {
	// Elapsed of Of have passed.
	Elapsed, Of time.Duration
	// Pods is how many were seen, Samples how many samples of CPU they have.
	Pods, Samples int
	// Err is why the last reading failed.
	Err error
}

// Read is one reading: a sample of CPU and one of Memory for each container.
func (m *MetricsAPI) Read(ctx context.Context, s Selection) ([]Series, error) {
	w := newWatch(s)
	if err := m.read(ctx, w); err != nil {
		return nil, err
	}
	return w.series(), nil
}

// Watch reads again and again for a time, and tells progress after each reading.
// A reading that fails is passed over, unless all do. Where the context ends
// early, what was read until then is the result.
func (m *MetricsAPI) Watch(ctx context.Context, s Selection, duration time.Duration, progress func(Progress)) ([]Series, error) {
	w := newWatch(s)
	began := time.Now()
	ticks := time.NewTicker(betweenReadings)
	defer ticks.Stop()
	var failed error
	for ended := false; !ended; {
		err := m.read(ctx, w)
		if ctx.Err() != nil {
			break
		}
		if failed = err; errors.As(err, new(unservedError)) && len(w.all) == 0 {
			return nil, err
		}
		elapsed := time.Since(began)
		progress(Progress{Elapsed: min(elapsed, duration), Of: duration, Pods: len(w.pods), Samples: w.samples, Err: err})
		ended = elapsed >= duration
		if ended {
			break
		}
		ended = !wait(ctx, ticks.C, duration-elapsed)
	}
	if len(w.all) > 0 {
		return w.series(), nil
	}
	if err := ctx.Err(); err != nil {
		return nil, err
	}
	return nil, failed
}

// wait waits for the next tick or, if that is sooner, the end; false where the
// context ends first.
func wait(ctx context.Context, tick <-chan time.Time, left time.Duration) bool {
	last := time.NewTimer(left)
	defer last.Stop()
	select {
	case <-ctx.Done():
		return false
	case <-tick:
	case <-last.C:
	}
	return true
}

// unservedError says that there is nobody who measures.
type unservedError struct{ sentence string }

func (e unservedError) Error() string { return e.sentence }

// read reads once.
func (m *MetricsAPI) read(ctx context.Context, w *watch) error {
	if err := m.negotiate(ctx); err != nil {
		return err
	}
	namespaces := w.Namespaces
	if len(namespaces) == 0 {
		namespaces = []string{""}
	}
	for _, namespace := range namespaces {
		path := "/apis/" + metricsGroup + "/" + m.version
		if namespace != "" {
			path += "/namespaces/" + namespace
		}
		content, err := m.get(ctx, path+"/pods")
		if err != nil {
			return refusal(err)
		}
		var list struct{ Items []PodReading }
		if err := json.Unmarshal(content, &list); err != nil {
			return errors.New(metricsGroup + " answers with something that is not a list of readings")
		}
		for i := range list.Items {
			if err := w.add(&list.Items[i]); err != nil {
				return err
			}
		}
	}
	return nil
}

// get is the content of a path.
func (m *MetricsAPI) get(ctx context.Context, path string) ([]byte, error) {
	answer := m.client.CoreV1().RESTClient().Get().AbsPath(path).SetHeader("Accept", "application/json").Do(ctx)
	if err := answer.Error(); err != nil { // in the server's words, which Raw does not have
		return nil, err
	}
	return answer.Raw()
}

// negotiate finds the newest version that is served.
func (m *MetricsAPI) negotiate(ctx context.Context) error {
	if m.version != "" {
		return nil
	}
	content, err := m.get(ctx, "/apis/"+metricsGroup)
	if err != nil {
		return refusal(err)
	}
	var group metav1.APIGroup
	if err := json.Unmarshal(content, &group); err != nil {
		return errors.New(metricsGroup + " does not say which versions it has")
	}
	for _, version := range []string{"v1", "v1beta1"} {
		if slices.ContainsFunc(group.Versions, func(v metav1.GroupVersionForDiscovery) bool { return v.Version == version }) {
			m.version = version
			return nil
		}
	}
	return unservedError{metricsGroup + " is served in no version that is known here"}
}

// refusal says why there is no reading.
func refusal(err error) error {
	switch {
	case apierrors.IsNotFound(err):
		return unservedError{metricsGroup + " is not served: no metrics-server runs in the cluster"}
	case apierrors.IsForbidden(err):
		return unservedError{metricsGroup + " may not be read: " + oneLine(err.Error())}
	case apierrors.IsServiceUnavailable(err):
		return errors.New(metricsGroup + " does not answer: its metrics-server is not ready")
	case errors.Is(err, context.Canceled), errors.Is(err, context.DeadlineExceeded):
		return err
	}
	return fmt.Errorf("%s cannot be read: %s", metricsGroup, oneLine(err.Error()))
}

// watch is what was read so far.
type watch struct {
	Selection
	all     map[string]*Series
	pods    map[string]bool
	samples int
}

func newWatch(s Selection) *watch {
	return &watch{Selection: s, all: map[string]*Series{}, pods: map[string]bool{}}
}

// add keeps a reading of a Pod that is newer than the last.
func (w *watch) add(p *PodReading) error {
	own := slices.ContainsFunc(p.Containers, func(c ContainerReading) bool { return slices.Contains(w.Containers, c.Name) })
	if !own || p.Timestamp.IsZero() {
		return nil
	}
	for _, c := range p.Containers {
		if slices.Contains(w.Containers, c.Name) == w.Beside {
			continue
		}
		amount, err := c.Amount()
		if err != nil {
			return fmt.Errorf("%s of Pod %s/%s: %w", metricsGroup, p.Metadata.Namespace, p.Metadata.Name, err)
		}
		w.pods[p.Metadata.Namespace+"/"+p.Metadata.Name] = true
		if w.put(p, c.Name, CPU, amount.CPU.AsApproximateFloat64()) {
			w.samples++
		}
		w.put(p, c.Name, Memory, amount.Memory.AsApproximateFloat64())
	}
	return nil
}

// put tells whether a sample is a new one.
func (w *watch) put(p *PodReading, container string, m Metric, value float64) bool {
	key := strings.Join([]string{p.Metadata.Namespace, p.Metadata.Name, container, string(m)}, "/")
	s := w.all[key]
	if s == nil {
		s = &Series{Metric: m, Namespace: p.Metadata.Namespace, Pod: p.Metadata.Name, Container: container}
		w.all[key] = s
	}
	at := p.Timestamp.UTC()
	if n := len(s.Samples); value < 0 || n > 0 && !at.After(s.Samples[n-1].At) {
		return false
	}
	s.Samples = append(s.Samples, Sample{At: at, Value: value})
	return true
}

// series are in the order of namespace, Pod, container and metric.
func (w *watch) series() []Series {
	keys := make([]string, 0, len(w.all))
	for key := range w.all {
		keys = append(keys, key)
	}
	slices.Sort(keys)
	all := make([]Series, len(keys))
	for i, key := range keys {
		all[i] = *w.all[key]
	}
	return all
}
