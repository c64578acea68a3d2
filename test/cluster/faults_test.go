// Copyright The kubectl-dapr-prod Authors.
// SPDX-License-Identifier: Apache-2.0

//go:build cluster

package cluster_test

import (
	"fmt"
	"net/http"
	"slices"
	"strings"
	"sync/atomic"
	"testing"

	"github.com/dapr-prod/kubectl-dapr-prod/pkg/guideline"
	"github.com/dapr-prod/kubectl-dapr-prod/test/cluster/kube"
)

func lists(r *http.Request, resource string) bool { return strings.HasSuffix(r.URL.Path, "/"+resource) }

// TestExpiredContinueToken: a list whose pages no longer fit together starts
// again, and in one piece where that happens every time.
func TestExpiredContinueToken(t *testing.T) {
	t.Parallel()
	ns, front := someApps(t), cluster.Front(t)
	args := []string{"check", "-n", ns.Name, "-o", "json", "--kubeconfig", front.Kubeconfig, "--chunk-size=1"}
	for _, times := range []int32{1, 2, 100} {
		var refused, whole atomic.Int32
		expires := func(w http.ResponseWriter, r *http.Request) bool {
			if !lists(r, "namespaces/"+ns.Name+"/deployments") {
				return false
			}
			if r.URL.Query().Get("limit") == "" {
				whole.Add(1)
			}
			if r.URL.Query().Get("continue") == "" || refused.Load() >= times {
				return false
			}
			refused.Add(1)
			return kube.Status(w, http.StatusGone, "Expired", "The provided continue parameter is too old")
		}
		alikeWith(t, front, fmt.Sprintf("%d expired tokens", times), args, func() {
			refused.Store(0)
			whole.Store(0)
			front.With(expires)
		})
		if refused.Load() == 0 || times == 100 && whole.Load() != 1 {
			t.Errorf("%d tokens were refused, and the list was asked for in one piece %d times", refused.Load(), whole.Load())
		}
	}
}

// alikeWith fails the test where a run before a fault is not the run behind it.
func alikeWith(t *testing.T, front *kube.Front, what string, args []string, fault func()) {
	t.Helper()
	kube.Alike(t, what, func() kube.Outcome {
		front.With(nil)
		return kube.Run(t, args...)
	}, func() kube.Outcome {
		fault()
		return kube.Run(t, args...)
	})
}

func TestTooManyRequests(t *testing.T) {
	t.Parallel()
	ns, front := someApps(t), cluster.Front(t)
	args := []string{"check", "-n", ns.Name, "-o", "json", "--kubeconfig", front.Kubeconfig}
	var refused, answered atomic.Int32
	alikeWith(t, front, "a server that asks for patience", args, func() {
		refused.Store(0)
		answered.Store(0)
		front.With(func(w http.ResponseWriter, r *http.Request) bool {
			if !lists(r, "pods") {
				return false
			}
			if refused.Add(1) > 2 {
				answered.Add(1)
				return false
			}
			w.Header().Set("Retry-After", "1")
			return kube.Status(w, http.StatusTooManyRequests, "TooManyRequests", "the server has received too many requests")
		})
	})
	if answered.Load() == 0 {
		t.Error("the server was not asked again")
	}
}

// TestOneListFails: what it hides is unknown, and the rest is judged.
func TestOneListFails(t *testing.T) {
	t.Parallel()
	ns, front := someApps(t), cluster.Front(t)
	front.With(func(w http.ResponseWriter, r *http.Request) bool {
		return lists(r, "limitranges") && kube.Status(w, http.StatusInternalServerError, "InternalError", "the conversion webhook is down")
	})
	check := kube.Check(t, "-n", ns.Name, "--kubeconfig", front.Kubeconfig)
	check.Expect(t, "sidecar-resources", "Deployment/asleep", guideline.Unjudged, "the conversion webhook is down")
	check.Expect(t, "sidecar-resources", "Deployment/orders", guideline.Failed, "no CPU and memory settings")
	check.Expect(t, "sidecar-resources", "Deployment/payments", guideline.Passed, "")
	check.Expect(t, "sidecar-injected", "Deployment/asleep", guideline.Passed, "")
	other := func(gap string) bool { return !strings.Contains(gap, "limitranges") }
	if len(check.Cluster.Gaps) != 2 || slices.ContainsFunc(check.Cluster.Gaps, other) || check.Code != 1 {
		t.Errorf("exit code %d, gaps %q", check.Code, check.Cluster.Gaps)
	}
}

// TestMissingAPIs: without Argo Rollouts there are no Rollouts, which hides
// nothing; without Dapr's CRDs nobody knows what the Configuration says.
func TestMissingAPIs(t *testing.T) {
	t.Parallel()
	ns, front := someApps(t), cluster.Front(t)
	args := []string{"-n", ns.Name, "--kubeconfig", front.Kubeconfig}
	var rollouts atomic.Int32
	front.With(func(_ http.ResponseWriter, r *http.Request) bool {
		if lists(r, "rollouts") {
			rollouts.Add(1)
		}
		return false
	})
	if check := kube.Check(t, args...); len(check.Cluster.Gaps) > 0 || rollouts.Load() == 0 {
		t.Errorf("gaps %q, Rollouts asked for %d times", check.Cluster.Gaps, rollouts.Load())
	}

	front.With(func(w http.ResponseWriter, r *http.Request) bool {
		if !strings.HasPrefix(r.URL.Path, "/apis/dapr.io/") {
			return false
		}
		http.NotFound(w, r)
		return true
	})
	check := kube.Check(t, args...)
	check.Expect(t, "mtls", "Configuration/daprsystem", guideline.Unjudged, "the server does not serve configurations.dapr.io")
	check.Expect(t, "mtls", "Deployment/payments", guideline.Passed, "")
	check.Expect(t, "mtls", "Deployment/asleep", guideline.Unjudged, "configurations.dapr.io")
	check.Expect(t, "control-plane-ha", "Deployment/dapr-operator", guideline.Failed, "")
}

// TestServerGivesUp: where the server cannot be asked at all, there is one
// sentence and no verdict.
func TestServerGivesUp(t *testing.T) {
	t.Parallel()
	ns, front := someApps(t), cluster.Front(t)
	args := []string{"-n", ns.Name, "--kubeconfig", front.Kubeconfig}
	for name, c := range map[string]struct {
		fault    func(http.ResponseWriter, *http.Request) bool
		sentence string
	}{
		"cut in the middle": {func(w http.ResponseWriter, r *http.Request) bool { return lists(r, "pods") && cut(w) }, "broke off"},
		"unauthorized": {func(w http.ResponseWriter, _ *http.Request) bool {
			return kube.Status(w, http.StatusUnauthorized, "Unauthorized", "Unauthorized")
		}, "the server does not accept these credentials"},
		"unauthorized later": {func(w http.ResponseWriter, r *http.Request) bool {
			return lists(r, "events") && kube.Status(w, http.StatusUnauthorized, "Unauthorized", "Unauthorized")
		}, "the server does not accept these credentials"},
		"another server": {func(w http.ResponseWriter, _ *http.Request) bool {
			_, _ = w.Write([]byte("<html>It works!</html>"))
			return true
		}, "is not a Kubernetes API server"},
	} {
		t.Run(name, func(t *testing.T) {
			front.With(c.fault)
			expectFailure(t, args, c.sentence)
		})
	}
	if strings.Contains(logged.String(), "reading response body") {
		t.Errorf("beside the sentence, the client's own log is written:\n%s", &logged)
	}
}

// cut promises more than it sends and hangs up.
func cut(w http.ResponseWriter) bool {
	w.Header().Set("Content-Type", "application/vnd.kubernetes.protobuf")
	w.Header().Set("Content-Length", "100000")
	_, _ = w.Write([]byte("k8s"))
	_ = http.NewResponseController(w).Flush()
	panic(http.ErrAbortHandler)
}
