// Copyright The kubectl-dapr-prod Authors.
// SPDX-License-Identifier: Apache-2.0

//go:build cluster

package fix_test

import (
	"strings"
	"testing"

	"k8s.io/apimachinery/pkg/runtime/schema"

	"github.com/dapr-prod/kubectl-dapr-prod/test/cluster/kube"
)

// using is what a sidecar uses, as the test cluster's kubelets tell it.
func using(set map[string]string, resource, amount string) map[string]string {
	set["kwok.x-k8s.io/usage-"+resource+".daprd"] = amount
	return set
}

// TestUse: resources are set unasked where the sidecars use less than that; where one
// uses more they are not, whoever asks and whatever else is done; where it is not
// known they are for those who ask.
func TestUse(t *testing.T) {
	t.Parallel()
	ns := cluster.Namespace(t)
	apply(t, ns,
		deployment("modest", 2, using(on("modest"), "memory", "700Mi")),
		deployment("greedy", 1, using(on("greedy"), "memory", "1100Mi")),
		deployment("hot", 1, using(on("hot"), "cpu", "500m")))
	ns.Ready(t)
	measured(t, ns)
	apply(t, ns, deployment("idle", 0, on("idle")))

	blind := cluster.User()
	for _, group := range []string{"", "apps", "batch", "dapr.io", "events.k8s.io", "admissionregistration.k8s.io"} {
		blind.MayList(t, "", schema.GroupResource{Group: group, Resource: "*"})
		blind.May(t, "get", "", schema.GroupResource{Group: group, Resource: "*"})
	}
	const unknown = "what its sidecars use is not known"
	for _, args := range [][]string{{}, {"sidecar-resources", "deployment/modest"}} {
		o := kube.Run(t, append([]string{"fix", "-n", ns.Name, "--dry-run=client", "--as", blind.Name}, args...)...)
		text, named := unwrapped(o.Stdout), len(args) > 0
		if o.Code != 1 || strings.Contains(text, "sidecar-cpu-limit") != named || strings.Contains(text, "its use was not seen") != named || strings.Contains(text, unknown) == named {
			t.Errorf("%v: exit code %d\n%s%s", args, o.Code, o.Stdout, o.Stderr)
		}
	}

	refused(t, ns, "greedy", 0, "a sidecar uses 1100Mi of memory", "sidecar-resources", "deployment/greedy")
	o := done(t, "-n", ns.Name, "--max-parallel=4")
	text := unwrapped(o.Stdout)
	for _, want := range []string{
		"they add 200m CPU and 500Mi of memory to the requests of 2 Pods",
		"killed above 1000Mi of memory: the highest use seen is ", " of CPU and 700Mi of memory",
		"sidecar-resources, " + ns.Name + "/deployment/greedy: a sidecar uses 1100Mi of memory, more than the 1000Mi that the page starts with as the limit: choose by what it uses",
		" of CPU, more than the 300m that the page starts with as the limit: choose by what it uses",
		"fix sidecar-resources (" + ns.Name + "/deployment/idle): " + unknown,
	} {
		if !strings.Contains(text, want) {
			t.Errorf("the plan does not say %q\n%s", want, o.Stdout)
		}
	}
	for name, set := range map[string]bool{"modest": true, "greedy": false, "hot": false, "idle": false} {
		annotations := settled(t, ns, name).Spec.Template.Annotations
		if _, limited := annotations["dapr.io/sidecar-memory-limit"]; limited != set || annotations["dapr.io/sidecar-seccomp-profile-type"] == "" {
			t.Errorf("%s: %v", name, annotations)
		}
	}
}
