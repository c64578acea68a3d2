// Copyright The kubectl-dapr-prod Authors.
// SPDX-License-Identifier: Apache-2.0

//go:build cluster

package cluster_test

import (
	"context"
	"fmt"
	"net/http"
	"os/exec"
	"regexp"
	"slices"
	"strings"
	"testing"

	corev1 "k8s.io/api/core/v1"
	"k8s.io/apimachinery/pkg/api/resource"
	"k8s.io/apimachinery/pkg/labels"
	"k8s.io/client-go/rest"
	"k8s.io/client-go/tools/clientcmd"

	"github.com/dapr-prod/kubectl-dapr-prod/pkg/collect"
	"github.com/dapr-prod/kubectl-dapr-prod/pkg/snapshot"
	"github.com/dapr-prod/kubectl-dapr-prod/test/cluster/kube"
)

// readUsage reads apps, what their sidecars use, and what nodes have left.
func readUsage(t *testing.T, config *rest.Config, namespace string) *snapshot.Snapshot {
	t.Helper()
	reads := slices.Concat(snapshot.Apps(), snapshot.Usage(), snapshot.Capacity())
	s, err := collect.Live{Config: config, Namespace: namespace, Selector: labels.Everything(), ChunkSize: 500, Reads: reads}.Read(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	return s
}

// TestUsage: what metrics-server says of daprd, wherever it stands in the Pod, and
// not what it says of the app beside it.
func TestUsage(t *testing.T) {
	t.Parallel()
	ns := cluster.Namespace(t)
	busy := on("busy")
	busy["kwok.x-k8s.io/usage-memory"], busy["kwok.x-k8s.io/usage-memory.daprd"] = "3Gi", "700Mi"
	busy["kwok.x-k8s.io/usage-cpu"], busy["kwok.x-k8s.io/usage-cpu.daprd"] = "2", "250m"
	ns.Apply(t, deployment("busy", 2, busy), deployment("native", 1, on("native", "enable-native-sidecar", "true")), deployment("asleep", 0, on("asleep")))
	ns.Ready(t)

	want := map[string]string{"busy": "250m 700Mi", "native": "5m 40Mi"}
	var s *snapshot.Snapshot
	kube.Eventually(t, "the usage of 3 Pods", func(context.Context) (bool, string, error) {
		s = readUsage(t, cluster.Config, ns.Name)
		known, now := 0, ""
		for _, a := range s.Apps {
			for _, p := range a.Pods {
				if p.Usage != nil {
					known++
					now += fmt.Sprintf("%s %s %s; ", p.Name, &p.Usage.CPU, &p.Usage.Memory)
				}
			}
		}
		return known == 3, now, nil
	})
	if len(s.Apps) != 3 || s.Gap(snapshot.InApps, snapshot.PodMetrics, ns.Name) != nil {
		t.Errorf("%d apps, gaps %v", len(s.Apps), s.Gaps)
	}
	for _, a := range s.Apps {
		for _, p := range a.Pods {
			cpu, memory, _ := strings.Cut(want[a.Object.Name], " ")
			if p.Usage.Memory.Cmp(resource.MustParse(memory)) != 0 {
				t.Errorf("%s: memory %s, want %s", p.Name, &p.Usage.Memory, memory)
			}
			// It is a rate over some seconds.
			if got, about := p.Usage.CPU.AsApproximateFloat64(), resource.MustParse(cpu); got < about.AsApproximateFloat64()*0.7 || got > about.AsApproximateFloat64()*1.5 {
				t.Errorf("%s: CPU %s, want about %s", p.Name, &p.Usage.CPU, cpu)
			}
		}
	}
}

// TestUsageGaps: a cluster without metrics-server, one whose metrics-server is
// down, and a user who may see neither usage nor the Pods of others.
func TestUsageGaps(t *testing.T) {
	t.Parallel()
	ns := someApps(t)
	user := rest.CopyConfig(cluster.Config)
	user.Impersonate.UserName = cluster.User().MayList(t, ns.Name, ofApps()...).MayList(t, "", snapshot.Nodes).Name
	answering := func(code int, reason, message string) *rest.Config {
		f := cluster.Front(t)
		f.With(func(w http.ResponseWriter, r *http.Request) bool {
			return strings.HasPrefix(r.URL.Path, "/apis/metrics.k8s.io/") && kube.Status(w, code, reason, message)
		})
		config, err := clientcmd.BuildConfigFromFlags("", f.Kubeconfig)
		if err != nil {
			t.Fatal(err)
		}
		return config
	}
	for _, tt := range []struct {
		name   string
		config *rest.Config
		usage  string
		pods   string
	}{
		{"not there", answering(http.StatusNotFound, "NotFound", "the server could not find the requested resource"), "the server does not serve pods.metrics.k8s.io: is metrics-server installed?", ""},
		{"down", answering(http.StatusServiceUnavailable, "ServiceUnavailable", "service unavailable"), "cannot read pods.metrics.k8s.io in namespace " + ns.Name + ": service unavailable", ""},
		{"forbidden", user, "not allowed to list pods.metrics.k8s.io in namespace " + ns.Name, "not allowed to list pods in all namespaces"},
	} {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			s := readUsage(t, tt.config, ns.Name)
			if gap := s.Gap(snapshot.InApps, snapshot.PodMetrics, ns.Name); gap == nil || gap.String() != tt.usage {
				t.Errorf("usage: %v, want %s", gap, tt.usage)
			}
			if gap := s.Gap(snapshot.InCluster, snapshot.Pods, ""); (gap == nil) != (tt.pods == "") || gap != nil && gap.String() != tt.pods {
				t.Errorf("pods: %v, want %s", gap, tt.pods)
			}
			if len(s.Apps) != 3 || len(s.Nodes) == 0 || (s.Nodes[0].Free() == nil) != (tt.pods != "") {
				t.Errorf("%d apps, nodes %+v", len(s.Apps), s.Nodes)
			}
		})
	}
}

// allocated is what kubectl describe tells of a node's requests.
var allocated = regexp.MustCompile(`(?s)Allocatable:.*?  cpu: +(\S+)\n.*?  memory: +(\S+)\n.*Allocated resources:.*?\n  cpu +(\S+) .*?\n  memory +(\S+) `)

// TestCapacity holds what nodes have left against what kubectl says.
func TestCapacity(t *testing.T) {
	t.Parallel()
	ns := cluster.Namespace(t)
	always, container := corev1.ContainerRestartPolicyAlways, func(name, cpu, memory string) corev1.Container {
		return corev1.Container{Name: name, Image: "registry.example.com/a:1", Resources: corev1.ResourceRequirements{Requests: resources(cpu, memory)}}
	}
	odd := deployment("odd", 3, settled("odd", "enable-native-sidecar", "true"))
	odd.Spec.Template.Spec.Containers = []corev1.Container{container("app", "70m", "30Mi")}
	odd.Spec.Template.Spec.InitContainers = []corev1.Container{container("beside", "10m", "10Mi"), container("before", "900m", "20Mi")}
	odd.Spec.Template.Spec.InitContainers[0].RestartPolicy = &always
	whole := deployment("whole", 3, settled("whole"))
	whole.Spec.Template.Spec.Resources = &corev1.ResourceRequirements{Requests: resources("700m", "600Mi")}
	ns.Apply(t, odd, whole)
	ns.Ready(t)

	for _, namespace := range []string{ns.Name, ""} {
		for _, name := range []string{"worker-a", "worker-b", "worker-c"} {
			// Other tests put Pods there, too: what counts is a moment of quiet.
			kube.Eventually(t, "the requests on "+name, func(context.Context) (bool, string, error) {
				before := describe(t, name)
				s := readUsage(t, cluster.Config, namespace)
				i := slices.IndexFunc(s.Nodes, func(n snapshot.Node) bool { return n.Name == name })
				if i < 0 || s.Nodes[i].Free() == nil {
					return false, "", fmt.Errorf("nothing is known of it: %v", s.Gaps)
				}
				node, after := &s.Nodes[i], describe(t, name)
				now := fmt.Sprintf("%s of %s, kubectl says %s, then %s", text(node.Requested), text(&node.Allocatable), text(before.Requested), text(after.Requested))
				return text(before.Requested) == text(after.Requested) && text(node.Requested) == text(after.Requested) &&
					text(&node.Allocatable) == text(&after.Allocatable) && text(node.Free()) == text(after.Free()), now, nil
			})
		}
	}
}

// text is an amount in one spelling.
func text(a *snapshot.Amount) string {
	return fmt.Sprintf("%dm %d", a.CPU.MilliValue(), a.Memory.Value())
}

// describe is a node as kubectl describes it.
func describe(t *testing.T, name string) *snapshot.Node {
	t.Helper()
	command := exec.CommandContext(t.Context(), cluster.Kubectl, "--kubeconfig", cluster.Kubeconfig, "describe", "node", name)
	out, err := command.Output()
	if err != nil {
		t.Fatal(err)
	}
	found := allocated.FindStringSubmatch(string(out))
	if found == nil {
		t.Fatalf("kubectl describes nodes in another way:\n%s", out)
	}
	parse := func(cpu, memory string) snapshot.Amount {
		return snapshot.Amount{CPU: resource.MustParse(cpu), Memory: resource.MustParse(memory)}
	}
	requested := parse(found[3], found[4])
	return &snapshot.Node{Name: name, Allocatable: parse(found[1], found[2]), Requested: &requested}
}
