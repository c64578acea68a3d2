// Copyright The kubectl-dapr-prod Authors.
// SPDX-License-Identifier: Apache-2.0

package usage

import (
	"bufio"
	"bytes"
	"context"
	"fmt"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"sync"
	"time"

	"golang.org/x/sync/errgroup"
	corev1 "k8s.io/api/core/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/client-go/kubernetes"

	"github.com/dapr-prod/kubectl-dapr-prod/pkg/dapr"
)

// podsAtOnce is how many Pods are asked at a time.
const podsAtOnce = 8

// PodUses asks the sidecars of some namespaces themselves, through the API server's proxy:
// its user must be allowed to get pods/proxy. They count from their start on. An app one
// of whose sidecars could not be asked is not among the watched, and a sentence says why.
func (c Cluster) PodUses(ctx context.Context, namespaces []string) (Uses, []string, error) {
	client, err := kubernetes.NewForConfig(c.config)
	if err != nil {
		return Uses{}, nil, err
	}
	all := podUses{watched: map[Watched]time.Time{}, missed: map[Watched]bool{}}
	for _, namespace := range namespaces {
		pods, err := client.CoreV1().Pods(namespace).List(ctx, metav1.ListOptions{})
		if err != nil {
			return Uses{}, nil, err
		}
		group, ctx := errgroup.WithContext(ctx)
		group.SetLimit(podsAtOnce)
		for i := range pods.Items {
			if pod := &pods.Items[i]; pod.Status.Phase == corev1.PodRunning {
				group.Go(func() error {
					all.ask(ctx, client, pod)
					return ctx.Err()
				})
			}
		}
		if err := group.Wait(); err != nil {
			return Uses{}, nil, err
		}
	}
	return all.result(), all.said(), nil
}

// podUses gathers what Pods say.
type podUses struct {
	mutex     sync.Mutex
	used      []Use
	watched   map[Watched]time.Time
	missed    map[Watched]bool
	sentences []string
}

// ask asks one Pod, if it has a sidecar.
func (u *podUses) ask(ctx context.Context, client kubernetes.Interface, pod *corev1.Pod) {
	sidecar, since := sidecarOf(pod)
	if sidecar == nil {
		return
	}
	of := Watched{Namespace: pod.Namespace, App: dapr.Flag(sidecar, "app-id", "")}
	port := dapr.Flag(sidecar, "metrics-port", "9090")
	text, err := client.CoreV1().Pods(pod.Namespace).ProxyGet("http", pod.Name, port, "metrics", nil).DoRaw(ctx)
	used, counts := usesIn(text, pod.Namespace)
	u.mutex.Lock()
	defer u.mutex.Unlock()
	switch {
	case err != nil:
		u.missed[of] = true
		u.sentences = append(u.sentences, fmt.Sprintf("Pod %s/%s: its metrics were not read: %s", pod.Namespace, pod.Name, oneLine(err.Error())))
	case !counts:
		u.missed[of] = true
		u.sentences = append(u.sentences, fmt.Sprintf("Pod %s/%s: its metrics are not those of a sidecar", pod.Namespace, pod.Name))
	default:
		u.used = append(u.used, used...)
		// All of them were watched from the start of the last one on.
		if last, seen := u.watched[of]; !seen || since.After(last) {
			u.watched[of] = since
		}
	}
}

// sidecarOf is the daprd of a Pod that runs, and since when; nil where there is none.
func sidecarOf(pod *corev1.Pod) (*corev1.Container, time.Time) {
	for _, list := range [][]corev1.Container{pod.Spec.Containers, pod.Spec.InitContainers} {
		i := slices.IndexFunc(list, func(c corev1.Container) bool { return c.Name == dapr.SidecarContainer })
		if i < 0 {
			continue
		}
		for _, s := range slices.Concat(pod.Status.ContainerStatuses, pod.Status.InitContainerStatuses) {
			if s.Name == dapr.SidecarContainer && s.State.Running != nil {
				return &list[i], s.State.Running.StartedAt.Time
			}
		}
	}
	return nil, time.Time{}
}

var (
	countLine = regexp.MustCompile(`^` + componentCounts + `\{(.*)\} ([^ ]+)`)
	labelPair = regexp.MustCompile(`(\w+)="((?:[^"\\]|\\.)*)"`)
)

// usesIn are the uses that the metrics of a sidecar tell, in Prometheus' text format, and
// whether it is a sidecar's.
func usesIn(text []byte, namespace string) (used []Use, sidecars bool) {
	lines := bufio.NewScanner(bytes.NewReader(text))
	lines.Buffer(nil, len(text)+1)
	for lines.Scan() {
		line := lines.Text()
		sidecars = sidecars || strings.HasPrefix(line, "dapr_")
		match := countLine.FindStringSubmatch(line)
		if match == nil {
			continue
		}
		if n, err := strconv.ParseFloat(match[2], 64); err != nil || n <= 0 {
			continue
		}
		use := Use{Namespace: namespace}
		for _, pair := range labelPair.FindAllStringSubmatch(match[1], -1) {
			switch pair[1] {
			case "app_id":
				use.App = pair[2]
			case "component":
				use.Component = pair[2]
			}
		}
		if use.App != "" && use.Component != "" {
			used = append(used, use)
		}
	}
	return used, sidecars
}

// result is what was gathered.
func (u *podUses) result() Uses {
	uses := Uses{Name: "the Pods themselves", Period: "the time since each sidecar started", Used: u.used}
	for of, since := range u.watched {
		if !u.missed[of] {
			of.Since = since
			uses.Watched = append(uses.Watched, of)
		}
	}
	slices.SortFunc(uses.Watched, func(a, b Watched) int {
		return strings.Compare(a.Namespace+"/"+a.App, b.Namespace+"/"+b.App)
	})
	return uses
}

func (u *podUses) said() []string {
	slices.Sort(u.sentences)
	return u.sentences
}
