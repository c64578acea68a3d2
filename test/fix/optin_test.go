// Copyright The kubectl-dapr-prod Authors.
// SPDX-License-Identifier: Apache-2.0

//go:build cluster

package fix_test

import (
	"fmt"
	"slices"
	"strings"
	"testing"

	"k8s.io/apimachinery/pkg/types"

	"github.com/dapr-prod/kubectl-dapr-prod/test/cluster/kube"
)

// TestStartsInjection: what starts injection is done where it is named, and only that.
func TestStartsInjection(t *testing.T) {
	t.Parallel()
	ns := cluster.Namespace(t)
	frontend := deployment("frontend", 1, nil)
	frontend.Annotations = on("frontend", "enabled", "yes", "app-port", "8080")
	apply(t, ns, frontend, deployment("notifications", 1, on("notifications", "enabled", "yes")))
	ns.Ready(t)
	before := everything(t, ns)
	asked := fixed(t, ns, 0, "--yes")
	says(t, asked.Stdout, "Nothing to write.", "Done only where it is named:",
		"- fix dapr-annotations ("+ns.Name+"/deployment/frontend): it starts injection",
		"- fix sidecar-injected ("+ns.Name+"/deployment/notifications): it starts injection")
	// What is to be moved first is not promised by the name of what that closes.
	other := fixed(t, ns, 0, "sidecar-injected", "deployment/frontend", "--yes")
	says(t, other.Stdout, "Nothing to write.", "- fix dapr-annotations ("+ns.Name+"/deployment/frontend): it starts injection")
	sameVersions(t, "fix without a name", before, everything(t, ns))

	named := fixed(t, ns, 0, "sidecar-injected", "deployment/notifications", "--yes")
	says(t, named.Stdout, "-        dapr.io/enabled: \"yes\"", "+        dapr.io/enabled: \"true\"",
		"reveals   api-token: ", "risk      the Pods have run without a sidecar so far", "takes dapr.io/enabled over from kubectl-client-side-apply")
	after := everything(t, ns)
	asksFor(t, annotationsOf(after["Deployment/notifications"]), on("notifications"))
	if was, is := before["Deployment/frontend"], after["Deployment/frontend"]; was.GetGeneration() != is.GetGeneration() {
		t.Error("frontend was written, which nobody named")
	}
	fixed(t, ns, 0, "dapr-annotations", "--yes")
	ns.Ready(t)
	after = everything(t, ns)
	asksFor(t, annotationsOf(after["Deployment/frontend"]), on("frontend", "app-port", "8080"))
	if got := after["Deployment/frontend"].GetAnnotations()["dapr.io/enabled"]; got != "yes" {
		t.Errorf("what stands on the object was to stay: %q", got)
	}
	for _, p := range ns.Pods(t) {
		if sidecarOf(&p) == nil {
			t.Errorf("%s has no sidecar", p.Name)
		}
	}
	check := kube.Check(t, "-n", ns.Name)
	for _, app := range []string{"frontend", "notifications"} {
		check.Expect(t, "sidecar-injected", "Deployment/"+app, "pass", "1 of 1 running Pods have daprd")
		// What the new sidecar would lack comes along.
		check.Expect(t, "sidecar-seccomp", "Deployment/"+app, "pass", "")
	}
	check.Expect(t, "dapr-annotations", "Deployment/frontend", "pass", "")
}

// asksFor holds annotations against those that are to be among them.
func asksFor(t testing.TB, set, want map[string]string) {
	t.Helper()
	for key, value := range want {
		if set[key] != value {
			t.Errorf("%s is %q, want %q", key, set[key], value)
		}
	}
}

// older is an image of a sidecar that a control plane of today does not give.
const older = "ghcr.io/dapr/daprd:1.17.2"

// TestRestartsStale: Pods with an older sidecar than new ones get are made anew where
// that is named, one workload after the other, and nothing else of them changes.
func TestRestartsStale(t *testing.T) {
	t.Parallel()
	ns := cluster.Namespace(t)
	names := []string{"billing", "orders", "stock"}
	apply(t, ns, deployment("billing", 1, on("billing")), deployment("orders", 2, on("orders")), claiming("stock", 2, on("stock")),
		deployment("fresh", 1, on("fresh")), deployment("pinned", 1, on("pinned", "sidecar-image", older)))
	ns.Ready(t)
	for _, name := range names {
		age(t, ns, name)
	}
	before, pods := everything(t, ns), podIDs(t, ns)
	kube.Check(t, "-n", ns.Name).Expect(t, "sidecar-version", "Deployment/orders", "fail", "1.17.2")
	unasked := fixed(t, ns, 1, "--dry-run=server", "-o", "name", "deployment/orders", "sidecar-version")
	says(t, unasked.Stdout, "deployment.apps/orders\n")

	run := fixed(t, ns, 0, "sidecar-version", "--yes")
	says(t, run.Stdout, "daprd goes from 1.17.2 to "+cluster.Dapr.Version, "restarts 2 Pods", "+        dapr-prod.github.io/restarted-at: ",
		"3 of 3 changes written and seen to hold.", "/deployment/pinned: take dapr.io/sidecar-image off the Pod template")
	oneByOne(t, run.Stderr, ns, "Deployment billing", "Deployment orders", "StatefulSet stock")
	ns.Ready(t)
	now := podIDs(t, ns)
	for name, id := range pods {
		stale := slices.ContainsFunc(names, func(app string) bool { return strings.HasPrefix(name, app+"-") })
		if stays := now[name] == id; stays == stale {
			t.Errorf("Pod %s stays: %t, want %t", name, stays, !stale)
		}
	}
	for _, name := range names {
		for _, p := range podsOf(t, ns, name) {
			if c := sidecarOf(&p); c == nil || c.Image == older {
				t.Errorf("%s runs the older image", p.Name)
			}
		}
	}
	if is := everything(t, ns)["Deployment/fresh"]; is.GetResourceVersion() != before["Deployment/fresh"].GetResourceVersion() {
		t.Error("fresh was written, which is not stale")
	}
	says(t, fixed(t, ns, 0, "sidecar-version", "--yes").Stdout, "Nothing to write.")
}

func podIDs(t testing.TB, ns *kube.Namespace) map[string]types.UID {
	t.Helper()
	all := map[string]types.UID{}
	for _, p := range ns.Pods(t) {
		if p.DeletionTimestamp == nil {
			all[p.Name] = p.UID
		}
	}
	return all
}

// oneByOne holds the progress of a run against the order of its workloads: none is
// spoken of before the one in front of it has been judged again.
func oneByOne(t testing.TB, progress string, ns *kube.Namespace, workloads ...string) {
	t.Helper()
	at := 0
	for line := range strings.Lines(progress) {
		if at == len(workloads) {
			break
		}
		for _, later := range workloads[at+1:] {
			_, name, _ := strings.Cut(later, " ")
			if strings.Contains(line, name) {
				t.Errorf("%s was begun before %s had ended:\n%s", later, workloads[at], progress)
			}
		}
		kind, name, _ := strings.Cut(workloads[at], " ")
		if strings.TrimSpace(line) == fmt.Sprintf("%s %s/%s: judged again, and holds", kind, ns.Name, name) {
			at++
		}
	}
	if at < len(workloads) {
		t.Errorf("%s was not judged again:\n%s", workloads[at], progress)
	}
}
