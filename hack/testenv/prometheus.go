// Copyright The kubectl-dapr-prod Authors.
// SPDX-License-Identifier: Apache-2.0

package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"time"

	corev1 "k8s.io/api/core/v1"
	apierrors "k8s.io/apimachinery/pkg/api/errors"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/util/intstr"
	typedcorev1 "k8s.io/client-go/kubernetes/typed/core/v1"
)

const (
	prometheusNamespace = "monitoring"
	prometheusService   = "prometheus-server"
	prometheusPort      = 9090
)

// prometheusPrograms are built when somebody first wants a Prometheus: most tests
// do without, and it takes some minutes.
var prometheusPrograms = []binary{
	{name: "prometheus", module: prometheusModule, pkg: "github.com/prometheus/prometheus/cmd/prometheus"},
	{name: "history", module: prometheusModule, pkg: "./history"},
}

// prometheusOptions are what was typed behind prometheus.
type prometheusOptions struct {
	history, data, state string
	maxSamples           int
	detach, follow       bool
}

// prometheusCommand runs a Prometheus with the history that a file tells, until
// stdin closes. With --state it is in that cluster, too, as Service
// monitoring/prometheus-server with the labels of its chart.
func prometheusCommand(ctx context.Context, args []string) error {
	var o prometheusOptions
	flags := newFlags("prometheus")
	flags.StringVar(&o.history, "history", "", "file with one series a line, see tools/prometheus/history")
	flags.StringVar(&o.data, "data", "", "folder that keeps the history, which is written there once")
	flags.StringVar(&o.state, "state", "", "state.json of a cluster that it is to be in")
	flags.IntVar(&o.maxSamples, "max-samples", 0, "limit of samples in a query, as --query.max-samples")
	flags.BoolVar(&o.detach, "detach", false, "run in the background until the cluster of --state ends")
	flags.BoolVar(&o.follow, "follow", false, "run until the cluster of --state ends; what --detach starts")
	if err := parse(flags, args); err != nil {
		return err
	}
	if err := noArguments(flags); err != nil {
		return err
	}
	switch {
	case o.history == "":
		return usagef("prometheus needs --history")
	case (o.detach || o.follow) && o.state == "":
		return usagef("prometheus --detach needs --state")
	case o.detach:
		return detachPrometheus(ctx, args)
	}
	ctx, cancel := context.WithCancel(ctx)
	defer cancel()
	go func() { // whoever started it is gone, or wants it gone
		if o.follow {
			waitClusterEnd(ctx, o.state)
		} else {
			_, _ = io.Copy(io.Discard, os.Stdin)
		}
		cancel()
	}()
	err := servePrometheus(ctx, o)
	if ctx.Err() != nil {
		return nil
	}
	return err
}

func servePrometheus(ctx context.Context, o prometheusOptions) error {
	dir, err := os.MkdirTemp("", "testenv-prometheus-")
	if err != nil {
		return err
	}
	defer os.RemoveAll(dir)
	tools, err := ensureAll(ctx, prometheusPrograms)
	if err != nil {
		return err
	}
	if o.data == "" {
		o.data = filepath.Join(dir, "data")
	}
	if err := keepHistory(ctx, tools["history"], o.history, o.data); err != nil {
		return err
	}
	ctx, cancel := context.WithCancelCause(ctx)
	defer cancel(nil)
	processes, err := newSupervisor(dir, func(p *process) { cancel(p.exitReport()) })
	if err != nil {
		return err
	}
	defer processes.stop()
	port, err := startPrometheus(ctx, processes, tools["prometheus"], dir, o)
	if err != nil {
		return err
	}
	if o.state != "" {
		leave, err := enterCluster(ctx, o.state, loopback(port))
		if err != nil {
			return err
		}
		defer leave()
	}
	fmt.Println("http://" + loopback(port))
	<-ctx.Done()
	return context.Cause(ctx)
}

// keepHistory writes the history into a folder that has none yet.
func keepHistory(ctx context.Context, program, history, data string) error {
	if _, err := os.Stat(data); !errors.Is(err, os.ErrNotExist) {
		return err
	}
	partial := data + ".partial"
	if err := os.RemoveAll(partial); err != nil {
		return err
	}
	if err := writeHistory(ctx, program, history, partial); err != nil {
		return errors.Join(err, os.RemoveAll(partial))
	}
	return os.Rename(partial, data)
}

// writeHistory makes blocks of what the file tells.
func writeHistory(ctx context.Context, program, history, data string) error {
	in, err := os.Open(history)
	if err != nil {
		return err
	}
	defer in.Close()
	if err := os.MkdirAll(data, 0o755); err != nil {
		return err
	}
	cmd := exec.CommandContext(ctx, program, "--dir", data)
	cmd.Stdin = in
	if out, err := cmd.CombinedOutput(); err != nil {
		return fmt.Errorf("the history cannot be written: %w\n%s", err, out)
	}
	return nil
}

// startPrometheus starts one that scrapes nothing, and returns its port.
func startPrometheus(ctx context.Context, processes *supervisor, path, dir string, o prometheusOptions) (int, error) {
	port, err := freePort()
	if err != nil {
		return 0, err
	}
	config := filepath.Join(dir, "prometheus.yaml")
	if err := os.WriteFile(config, []byte("global: {}\n"), 0o600); err != nil {
		return 0, err
	}
	args := []string{
		"--config.file=" + config, "--storage.tsdb.path=" + o.data, "--web.listen-address=" + loopback(port),
		"--storage.tsdb.retention.time=10y", "--log.level=warn",
	}
	if o.maxSamples > 0 {
		args = append(args, "--query.max-samples="+strconv.Itoa(o.maxSamples))
	}
	started, err := processes.start(program{name: "prometheus", path: path, args: args})
	if err != nil {
		return 0, err
	}
	served, cancel := started.bound(ctx)
	defer cancel()
	return port, waitFor(served, "Prometheus", 60*time.Second, func(ctx context.Context) error {
		request, err := http.NewRequestWithContext(ctx, http.MethodGet, "http://"+loopback(port)+"/-/ready", nil)
		if err != nil {
			return err
		}
		response, err := http.DefaultClient.Do(request)
		if err != nil {
			return err
		}
		response.Body.Close()
		if response.StatusCode != http.StatusOK {
			return errors.New(response.Status)
		}
		return nil
	})
}

// enterCluster makes the Pod and the Service by which the cluster knows it, and the
// route to it; leave takes all away.
func enterCluster(ctx context.Context, statePath, local string) (leave func(), err error) {
	state, err := readState(statePath)
	if err != nil {
		return nil, err
	}
	h, err := state.host(filepath.Dir(statePath))
	if err != nil {
		return nil, err
	}
	core := h.client.CoreV1()
	route := ""
	leave = func() {
		ctx := context.WithoutCancel(ctx)
		_ = os.Remove(route)
		_ = core.Pods(prometheusNamespace).Delete(ctx, prometheusService, metav1.DeleteOptions{GracePeriodSeconds: new(int64)})
		// At last, since the next one waits for its end.
		_ = core.Services(prometheusNamespace).Delete(ctx, prometheusService, metav1.DeleteOptions{})
	}
	address, err := createPrometheus(ctx, core)
	if err == nil {
		route = routeFile(state.Dir, fmt.Sprintf("%s:%d", address, prometheusPort))
		err = os.MkdirAll(filepath.Dir(route), 0o755)
	}
	if err == nil {
		err = os.WriteFile(route, []byte(local), 0o600)
	}
	if err != nil {
		leave()
		return nil, err
	}
	return leave, nil
}

// createPrometheus makes the objects and waits until the Service leads to the Pod,
// whose address it returns. The API server's proxy goes
// to Pods alone, and by Endpoints, not by slices.
func createPrometheus(ctx context.Context, core typedcorev1.CoreV1Interface) (address string, err error) {
	namespace := &corev1.Namespace{ObjectMeta: metav1.ObjectMeta{Name: prometheusNamespace}}
	if _, err := core.Namespaces().Create(ctx, namespace, metav1.CreateOptions{}); err != nil && !apierrors.IsAlreadyExists(err) {
		return "", err
	}
	labels := map[string]string{"app.kubernetes.io/name": "prometheus", "app.kubernetes.io/component": "server"}
	named := metav1.ObjectMeta{Name: prometheusService, Namespace: prometheusNamespace, Labels: labels}
	service := &corev1.Service{ObjectMeta: named, Spec: corev1.ServiceSpec{
		Selector: labels,
		Ports:    []corev1.ServicePort{{Name: "http", Port: 80, TargetPort: intstr.FromInt32(prometheusPort)}},
	}}
	err = waitFor(ctx, "end of another test's Prometheus", 2*time.Minute, func(ctx context.Context) error {
		_, err := core.Services(prometheusNamespace).Create(ctx, service, metav1.CreateOptions{})
		return err
	})
	if err != nil {
		return "", err
	}
	pod := &corev1.Pod{ObjectMeta: named, Spec: corev1.PodSpec{Containers: []corev1.Container{{Name: "prometheus", Image: "prom/prometheus"}}}}
	err = waitFor(ctx, "Pod of Prometheus", 30*time.Second, func(ctx context.Context) error {
		// A new namespace has no service account at first, which refuses Pods.
		_, err := core.Pods(prometheusNamespace).Create(ctx, pod, metav1.CreateOptions{})
		return err
	})
	if err != nil {
		return "", err
	}
	err = waitFor(ctx, "endpoint of Prometheus", 30*time.Second, func(ctx context.Context) error {
		ends, err := core.Endpoints(prometheusNamespace).Get(ctx, prometheusService, metav1.GetOptions{})
		if err != nil {
			return err
		}
		if len(ends.Subsets) == 0 || len(ends.Subsets[0].Addresses) == 0 {
			return errors.New("it has no address")
		}
		address = ends.Subsets[0].Addresses[0].IP
		pod, err := core.Pods(prometheusNamespace).Get(ctx, prometheusService, metav1.GetOptions{})
		if err == nil && pod.Status.PodIP != address {
			err = errors.New("its address is that of another Pod") // of the one before
		}
		return err
	})
	return address, err
}
