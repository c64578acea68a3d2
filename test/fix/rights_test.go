// Copyright The kubectl-dapr-prod Authors.
// SPDX-License-Identifier: Apache-2.0

//go:build cluster

package fix_test

import (
	"encoding/json"
	"net/http"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"k8s.io/apimachinery/pkg/runtime/schema"

	"github.com/dapr-prod/kubectl-dapr-prod/pkg/catalogue"
	"github.com/dapr-prod/kubectl-dapr-prod/pkg/journal"
	"github.com/dapr-prod/kubectl-dapr-prod/test/cluster/kube"
)

var (
	deployments = schema.GroupResource{Group: "apps", Resource: "deployments"}
	pods        = schema.GroupResource{Resource: "pods"}
)

// reader may read all that check reads, and Deployments by name, everywhere.
func reader(t testing.TB) *kube.User {
	t.Helper()
	var all []schema.GroupResource
	for _, g := range catalogue.All() {
		for _, read := range g.Reads {
			all = append(all, read.Resource)
		}
	}
	return cluster.User().May(t, "list", "", all...).May(t, "get", "", deployments, schema.GroupResource{Resource: "namespaces"})
}

// TestRights: what a user may not do is said by name, and keeps nobody from the rest.
func TestRights(t *testing.T) {
	t.Parallel()
	ns, other := cluster.Namespace(t), cluster.Namespace(t)
	for _, n := range []*kube.Namespace{ns, other} {
		d := flawed("orders")
		d.Labels["test"] = ns.Name
		apply(t, n, d)
	}
	ns.Ready(t)
	other.Ready(t)
	user := reader(t)
	as := func(args ...string) kube.Outcome { return kube.Run(t, both(append(args, "--as", user.Name)...)...) }

	forbidden := `cannot patch resource "deployments" in API group "apps" in the namespace "` + ns.Name + `"`
	ends(t, as("-n", ns.Name, "--dry-run=server"), 1, "Nothing to write", "1 refused", forbidden)
	ends(t, as("-n", ns.Name, "--yes"), 1, "Nothing to write", "1 refused", forbidden)
	// Who may only read can plan.
	ends(t, as("-n", ns.Name, "--dry-run=client"), 1, "1 change to write, which closes 2 findings")

	user.May(t, "patch", ns.Name, deployments)
	why := `unproven a Pod of the new template could not be tried: pods is forbidden: User "` + user.Name + `" cannot create resource "pods"`
	ends(t, as("-n", ns.Name, "--yes"), 1, "Nothing to write", "1 unproven", why, "(--allow-unproven writes it all the same)")
	untouched(t, ns, "orders")
	user.May(t, "watch", ns.Name, deployments)
	ends(t, as("-n", ns.Name, "--yes", "--allow-unproven"), 0, why, "1 of 1 changes written")
	written(t, ns, "orders")

	// Half of the cluster is forbidden: the other half is done.
	set(t, ns, "orders", "kubectl", env, "LEVEL=debug")
	user.May(t, "create", ns.Name, pods)
	half := as("-l", "test="+ns.Name, "-A", "--yes")
	ends(t, half, 1, "Deployment "+ns.Name+"/orders: restarts no Pod",
		`cannot patch resource "deployments" in API group "apps" in the namespace "`+other.Name+`"`, "1 of 1 changes written")
	if got := get(t, ns, "orders").Spec.Template.Annotations[env]; got != soft {
		t.Errorf("%s is %q", env, got)
	}
	untouched(t, other, "orders")
}

// TestUnread: with no right outside of a namespace the apps in it are mended all the
// same, as far as they can be judged.
func TestUnread(t *testing.T) {
	t.Parallel()
	ns := cluster.Namespace(t)
	apply(t, ns, deployment("orders", 1, flawed("orders").Spec.Template.Annotations))
	ns.Ready(t)
	user := cluster.User()
	for verb, resources := range map[string][]schema.GroupResource{
		"get":    {deployments},
		"patch":  {deployments},
		"watch":  {deployments},
		"create": {pods},
		"list": {
			deployments, pods,
			{Group: "apps", Resource: "statefulsets"},
			{Group: "apps", Resource: "daemonsets"},
			{Group: "apps", Resource: "replicasets"},
			{Group: "batch", Resource: "jobs"},
			{Group: "batch", Resource: "cronjobs"},
		},
	} {
		user.May(t, verb, ns.Name, resources...)
	}
	o := kube.Run(t, both("-n", ns.Name, "--yes", "--as", user.Name)...)
	ends(t, o, 0, "1 change to write, which closes 1 finding.", "1 of 1 changes written",
		"sidecar-seccomp, "+ns.Name+"/deployment/orders: it would not close the finding",
		"not allowed to get namespace "+ns.Name,
		"whether a ResourceQuota has room for all its Pods is not known: resourcequotas is forbidden")
	if d := get(t, ns, "orders"); d.Generation != 2 || d.Spec.Template.Annotations[env] != soft {
		t.Errorf("generation %d and %v", d.Generation, d.Spec.Template.Annotations)
	}
}

// TestUnseen: apps that may not be listed are no absent apps.
func TestUnseen(t *testing.T) {
	t.Parallel()
	ns := cluster.Namespace(t)
	apply(t, ns, flawed("orders"))
	ns.Ready(t)
	user := cluster.User()
	as := func(args ...string) kube.Outcome {
		return kube.Run(t, append([]string{"fix", "-n", ns.Name, "--dry-run=client", "--as", user.Name}, args...)...)
	}
	forbidden := "not allowed to list deployments.apps in namespace " + ns.Name
	one(t, as(), "nothing could be judged: "+forbidden)
	one(t, as("deployment/orders"), "deployment/orders was not seen: "+forbidden)

	user.May(t, "list", ns.Name, deployments)
	one(t, as("deployment/ordrs"), "deployment/ordrs is no Dapr app in namespace "+ns.Name)
	o := as()
	ends(t, o, 1, "1 refused", " unknown: check of the same with --show=all says why", "There may be more apps: not allowed to list statefulsets.apps in namespace "+ns.Name+".")
}

// TestWebhookWithoutDryRuns: the API server asks no webhook for a dry run that may have
// side effects, and says so. Those can be registered in clusters of old alone.
func TestWebhookWithoutDryRuns(t *testing.T) {
	t.Parallel()
	ns, front := cluster.Namespace(t), cluster.Front(t)
	apply(t, ns, flawed("orders"))
	ns.Ready(t)
	const sentence = `admission webhook "old.example.com" does not support dry run`
	front.With(func(w http.ResponseWriter, r *http.Request) bool {
		return r.Method == http.MethodPost && strings.HasSuffix(r.URL.Path, "/pods") && kube.Status(w, http.StatusBadRequest, "BadRequest", sentence)
	})
	args := both("-n", ns.Name, "--yes", "--kubeconfig", front.Kubeconfig)
	ends(t, kube.Run(t, args...), 1, "1 unproven", "could not be tried: "+sentence)
	untouched(t, ns, "orders")
	ends(t, kube.Run(t, append(args, "--allow-unproven")...), 0, "1 of 1 changes written")
	written(t, ns, "orders")
}

// TestServerGivesUp: where the server cannot be asked any more, one sentence says so,
// and nothing is said to be done that is not known to be.
func TestServerGivesUp(t *testing.T) {
	t.Parallel()
	ns, front := cluster.Namespace(t), cluster.Front(t)
	apply(t, ns, flawed("orders"), flawed("payments"))
	ns.Ready(t)
	unauthorized := func(w http.ResponseWriter) bool {
		return kube.Status(w, http.StatusUnauthorized, "Unauthorized", "Unauthorized")
	}
	cut := func(http.ResponseWriter) bool { panic(http.ErrAbortHandler) }
	for _, test := range []struct {
		name  string
		fits  func(*http.Request) bool
		fault func(http.ResponseWriter) bool
		says  []string
	}{
		{"an expired token at the dry run", tries, unauthorized, []string{"error: the server does not accept these credentials, which may have expired"}},
		{"an expired token at the write", writes, unauthorized, []string{"0 of 2 changes written and seen to hold, 1 not begun", "orders: the server does not accept these credentials, which may have expired"}},
		{"gone at the dry run", tries, cut, []string{"error: cannot reach the server"}},
		{"gone at the write", writes, cut, []string{"0 of 2 changes written and seen to hold, 1 not begun", "orders: cannot reach the server", "whether it was written is not known, and running it again finds out"}},
	} {
		t.Run(test.name, func(t *testing.T) {
			front.With(func(w http.ResponseWriter, r *http.Request) bool { return test.fits(r) && test.fault(w) })
			o := kube.Run(t, both("-n", ns.Name, "--yes", "--kubeconfig", front.Kubeconfig)...)
			ends(t, o, 2, test.says...)
			if n := strings.Count(o.Stderr, "error: "); n != 1 {
				t.Errorf("%d errors: %s", n, o.Stderr)
			}
			untouched(t, ns, "orders")
			untouched(t, ns, "payments")
		})
	}
}

// TestMistakes: what is typed wrongly gets one sentence, and nothing is done.
func TestMistakes(t *testing.T) {
	t.Parallel()
	ns := cluster.Namespace(t)
	apply(t, ns, flawed("orders"))
	folder := t.TempDir()
	file := func(name, content string) string {
		path := filepath.Join(folder, name)
		if err := os.WriteFile(path, []byte(content), 0o600); err != nil {
			t.Fatal(err)
		}
		return path
	}
	header := func(cluster string) string {
		text, err := json.Marshal(map[string]any{"journal": journal.Header{Format: journal.Format, Cluster: "elsewhere", Context: cluster, Salt: []byte("salt")}})
		if err != nil {
			t.Fatal(err)
		}
		return string(text)
	}
	foreign := file("foreign", header("far-away")+"\n")
	existing := file("existing", "mine\n")
	for _, test := range []struct {
		args     []string
		sentence string
	}{
		{[]string{"deploymnt/orders"}, `the server knows no "deploymnt": write an object as KIND/NAME, such as deployment/orders`},
		{[]string{"deployment/ordrs"}, "deployment/ordrs is no Dapr app in namespace " + ns.Name},
		{[]string{"configmap/kube-root-ca.crt"}, "configmap/kube-root-ca.crt is no Dapr app in namespace " + ns.Name},
		{[]string{"deployment/"}, `"deployment/" is no object: write it as KIND/NAME`},
		{[]string{"deployment/a/b"}, `"deployment/a/b" is no object: write it as KIND/NAME`},
		{[]string{"-n", ns.Name + "s"}, `namespace "` + ns.Name + `s" does not exist`},
		{[]string{"--yes", "--journal", existing}, "cannot write the journal " + existing + ", file exists: name another file with --journal"},
		{[]string{"--yes", "--journal", filepath.Join(existing, "below")}, "cannot write the journal " + existing},
	} {
		t.Run(strings.Join(test.args, " "), func(t *testing.T) {
			one(t, kube.Run(t, append([]string{"fix", "-n", ns.Name}, test.args...)...), test.sentence)
		})
	}
	for name, sentence := range map[string]string{
		foreign:                        `the journal is of another cluster (context "far-away" then)`,
		file("empty", ""):              "this is no journal: its first line is missing",
		file("half", header("x")[:30]): "this is no journal: its first line is missing",
		existing:                       "line 1 is no line of a journal",
	} {
		t.Run("--revert "+filepath.Base(name), func(t *testing.T) {
			one(t, kube.Run(t, "fix", "--revert", name, "--yes"), sentence)
		})
	}
	untouched(t, ns, "orders")
}

// one holds a failure against the one sentence that it is to say.
func one(t testing.TB, o kube.Outcome, sentence string) {
	t.Helper()
	ends(t, o, 2, sentence)
	if n := strings.Count(o.Stderr, "error: "); n != 1 {
		t.Errorf("%d errors, want one: %s", n, o.Stderr)
	}
}
