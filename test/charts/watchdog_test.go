// Copyright The kubectl-dapr-prod Authors.
// SPDX-License-Identifier: Apache-2.0

//go:build charts

package charts_test

import (
	"context"
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	corev1 "k8s.io/api/core/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/labels"
	"k8s.io/client-go/kubernetes"
	"k8s.io/client-go/tools/clientcmd"

	"github.com/dapr-prod/kubectl-dapr-prod/pkg/collect"
	"github.com/dapr-prod/kubectl-dapr-prod/pkg/snapshot"
	"github.com/dapr-prod/kubectl-dapr-prod/test/cluster/kube"
)

// TestWatchdogDeletesWhatIsForetold: Dapr's own operator, with its watchdog on, deletes
// the Pods that were foretold, and no others.
func TestWatchdogDeletesWhatIsForetold(t *testing.T) {
	kubeconfig := start(t, []string{"--watchdog"})
	config, err := clientcmd.BuildConfigFromFlags("", kubeconfig)
	if err != nil {
		t.Fatal(err)
	}
	client := kubernetes.NewForConfigOrDie(config)
	injector := func(replicas string) {
		run(t, kubeconfig, "kubectl", "scale", "-n", "dapr-system", "deployment/dapr-sidecar-injector", "--replicas="+replicas)
		run(t, kubeconfig, "kubectl", "wait", "-n", "dapr-system", "deployment/dapr-sidecar-injector", "--timeout=5m", "--for=jsonpath={.spec.replicas}="+replicas)
	}
	injector("0") // without an injector that is ready the watchdog does nothing
	kube.Eventually(t, "the end of the injector", func(ctx context.Context) (bool, string, error) {
		d, err := client.AppsV1().Deployments("dapr-system").Get(ctx, "dapr-sidecar-injector", metav1.GetOptions{})
		return err == nil && d.Status.ReadyReplicas == 0, "", err
	})
	pod := func(name, enabled string, set map[string]string, change func(*corev1.Pod)) {
		t.Helper()
		made := &corev1.Pod{
			ObjectMeta: metav1.ObjectMeta{Name: name, Labels: set, Annotations: map[string]string{"dapr.io/enabled": enabled}},
			Spec:       corev1.PodSpec{Containers: []corev1.Container{{Name: "app", Image: "app"}}},
		}
		if change != nil {
			change(made)
		}
		if _, err := client.CoreV1().Pods("default").Create(t.Context(), made, metav1.CreateOptions{}); err != nil {
			t.Fatal(err)
		}
	}
	daprd := corev1.Container{Name: "daprd", Image: "daprd"}
	pod("yes", "yes", nil, nil)
	pod("on", "ON", nil, nil)
	pod("one", "1", map[string]string{"dapr.io/app-id": "one"}, nil)
	pod("native", "t", nil, func(p *corev1.Pod) { p.Spec.InitContainers = []corev1.Container{daprd} })
	pod("ended", "y", nil, nil)
	pod("no", "no", nil, nil)
	pod("enabled", "enabled", nil, nil)
	pod("empty", "", nil, nil)
	pod("injected", "yes", map[string]string{"dapr.io/sidecar-injected": "false"}, nil)
	pod("patched", "yes", map[string]string{"dapr.io/watchdog-patched": ""}, nil)
	pod("daprd", "yes", nil, func(p *corev1.Pod) { p.Spec.Containers = append(p.Spec.Containers, daprd) })
	run(t, kubeconfig, "kubectl", "patch", "pod", "ended", "--subresource=status", "--type=merge", "-p", `{"status":{"phase":"Succeeded"}}`)

	live := collect.Live{Config: config, Selector: labels.Everything(), Reads: snapshot.Apps(), Now: time.Now()}
	s, err := live.Read(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	var foretold []string
	for _, p := range s.Watched {
		if p.Condemned() {
			foretold = append(foretold, p.Object.Name)
		}
	}
	if want := []string{"ended", "native", "on", "one", "yes"}; !slices.Equal(foretold, want) {
		t.Errorf("foretold %v, want %v", foretold, want)
	}
	before := podNames(t, client)
	if o := kube.Run(t, "fix", "--scope=control-plane", "--kubeconfig", kubeconfig); strings.Contains(o.Stdout, "watchInterval: ") {
		t.Errorf("it offers the watchdog all the same:\n%s%s", o.Stdout, o.Stderr)
	}

	injector("1")
	gone := func(what string, names ...string) {
		kube.Eventually(t, what, func(context.Context) (bool, string, error) {
			now := podNames(t, client)
			left := slices.DeleteFunc(slices.Clone(names), func(n string) bool { return !slices.Contains(now, n) })
			return len(left) == 0, fmt.Sprint(left), nil
		})
	}
	gone("the end of those foretold", foretold...)
	// A Pod that is made now falls to the next pass: then the first one is over.
	pod("last", "yes", nil, nil)
	gone("the next pass", "last")
	after := podNames(t, client)
	for _, name := range before {
		if slices.Contains(foretold, name) == slices.Contains(after, name) {
			t.Errorf("Pod %s: foretold %t, there %t", name, slices.Contains(foretold, name), slices.Contains(after, name))
		}
	}
}

func podNames(t *testing.T, client kubernetes.Interface) []string {
	t.Helper()
	list, err := client.CoreV1().Pods("default").List(t.Context(), metav1.ListOptions{})
	if err != nil {
		t.Fatal(err)
	}
	var names []string
	for i := range list.Items {
		names = append(names, list.Items[i].Name)
	}
	return names
}
