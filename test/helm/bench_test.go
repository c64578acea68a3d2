// Copyright The kubectl-dapr-prod Authors.
// SPDX-License-Identifier: Apache-2.0

//go:build charts

// Package helm_test upgrades releases of Dapr's charts, each in a cluster of its own,
// and looks at them with Helm's own code.
package helm_test

import (
	"context"
	"encoding/json"
	"fmt"
	"log/slog"
	"os"
	"path/filepath"
	"reflect"
	"strings"
	"testing"
	"time"

	"helm.sh/helm/v4/pkg/action"
	"helm.sh/helm/v4/pkg/chart/v2/loader"
	hkube "helm.sh/helm/v4/pkg/kube"
	release "helm.sh/helm/v4/pkg/release/v1"
	appsv1 "k8s.io/api/apps/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/cli-runtime/pkg/genericclioptions"
	"k8s.io/client-go/kubernetes"
	"sigs.k8s.io/yaml"

	"github.com/dapr-prod/kubectl-dapr-prod/pkg/helm"
	"github.com/dapr-prod/kubectl-dapr-prod/test/cluster/kube"
)

const (
	namespace = "dapr-system"
	name      = "dapr"
	marker    = "s3cr3t-MARKER-9f2c"
)

// users are the values that the release is installed with.
const users = `# kept in git, but for the keys
global:
  logAsJson: true # our collector wants it
  nodeSelector: null
dapr_operator:
  extraEnvVars:
    API_KEY: ` + marker + `-operator
  resources:
    limits:
      memory: 256Mi # too little?
dapr_sentry:
  extraEnvVars:
    # from the vault
    VAULT_TOKEN: "` + marker + `-sentry"
dapr_scheduler:
  etcdClientUsername: ops
  etcdClientPassword: ` + marker + `-etcd
`

// bench is a cluster with a release.
type bench struct {
	t          *testing.T
	kubeconfig string
	getter     genericclioptions.RESTClientGetter
	client     kubernetes.Interface
	chart      string
}

// newBench starts a cluster with the chart of a release of Dapr and values.
func newBench(t *testing.T, version, values string) *bench {
	t.Helper()
	file := filepath.Join(t.TempDir(), "values.yaml")
	if err := os.WriteFile(file, []byte(values), 0o600); err != nil {
		t.Fatal(err)
	}
	kubeconfig := kube.Start(t, "--chart", version, "--helm-values", file)
	content, err := os.ReadFile(filepath.Join(filepath.Dir(kubeconfig), "state.json"))
	if err != nil {
		t.Fatal(err)
	}
	var state struct {
		Dapr struct{ Chart string }
	}
	if err := json.Unmarshal(content, &state); err != nil {
		t.Fatal(err)
	}
	return openBench(t, kubeconfig, state.Dapr.Chart)
}

func openBench(t *testing.T, kubeconfig, chart string) *bench {
	flags := genericclioptions.NewConfigFlags(true)
	flags.KubeConfig = &kubeconfig
	config, err := flags.ToRESTConfig()
	if err != nil {
		t.Fatal(err)
	}
	return &bench{t: t, kubeconfig: kubeconfig, getter: flags, client: kubernetes.NewForConfigOrDie(config), chart: chart}
}

// with is the bench for a part of a test.
func (b *bench) with(t *testing.T) *bench {
	next := *b
	next.t = t
	return &next
}

// open reads the release.
func (b *bench) open() *helm.Release {
	b.t.Helper()
	r, err := helm.Open(b.t.Context(), b.getter, namespace, name)
	if err != nil {
		b.t.Fatal(err)
	}
	return r
}

// load reads a chart from a folder.
func (b *bench) load(r *helm.Release, folder string) *helm.Chart {
	b.t.Helper()
	c, err := r.Load(b.t.Context(), helm.Source{Ref: folder})
	if err != nil {
		b.t.Fatal(err)
	}
	return c
}

// plan plans additions, written as a values file.
func (b *bench) plan(additions string, options helm.Options) *helm.Plan {
	b.t.Helper()
	r := b.open()
	p, err := r.Plan(b.t.Context(), b.load(r, b.chart), values(b.t, additions), options)
	if err != nil {
		b.t.Fatal(err)
	}
	b.silent(fmt.Sprintf("%+v %+v %+v", p.Changes, p.Answers, p.Drift))
	for _, c := range p.Changes {
		b.silent(c.Diff())
	}
	return p
}

// upgrade does a plan.
func (b *bench) upgrade(p *helm.Plan) helm.Result {
	b.t.Helper()
	result, err := p.Upgrade(b.t.Context())
	if err != nil {
		b.t.Fatal(err)
	}
	return result
}

// silent fails if a text holds anything that was planted.
func (b *bench) silent(text string) {
	b.t.Helper()
	if strings.Contains(text, marker) || strings.Contains(text, "s3cr3t") {
		b.t.Errorf("a secret is printed:\n%s", text)
	}
}

func values(t testing.TB, text string) map[string]any {
	t.Helper()
	var all map[string]any
	if err := yaml.Unmarshal([]byte(text), &all); err != nil {
		t.Fatal(err)
	}
	return all
}

// helms is Helm's own configuration, as the helm program has it.
func (b *bench) helms() *action.Configuration {
	b.t.Helper()
	config := action.NewConfiguration(action.ConfigurationSetLogger(slog.DiscardHandler))
	if err := config.Init(b.getter, namespace, "secret"); err != nil {
		b.t.Fatal(err)
	}
	config.KubeClient.(*hkube.Client).Namespace = namespace
	return config
}

// newest is the last line of helm history.
func (b *bench) newest() (revision int, status string) {
	b.t.Helper()
	all, err := action.NewHistory(b.helms()).Run(name)
	if err != nil {
		b.t.Fatal(err)
	}
	for _, one := range all {
		if r := one.(*release.Release); r.Version > revision {
			revision, status = r.Version, r.Info.Status.String()
		}
	}
	return revision, status
}

// revision is the newest one.
func (b *bench) revision() int {
	b.t.Helper()
	newest, _ := b.newest()
	return newest
}

// valuesOf are those of a revision, as helm get values shows them.
func (b *bench) valuesOf(revision int) map[string]any {
	b.t.Helper()
	get := action.NewGetValues(b.helms())
	get.Version = revision
	all, err := get.Run(name)
	if err != nil {
		b.t.Fatal(err)
	}
	return all
}

// rollback is helm rollback --wait.
func (b *bench) rollback(revision int) {
	b.t.Helper()
	rollback := action.NewRollback(b.helms())
	rollback.Version, rollback.WaitStrategy, rollback.Timeout = revision, hkube.StatusWatcherStrategy, time.Minute
	if err := rollback.Run(name); err != nil {
		b.t.Fatal(err)
	}
}

// record changes the newest record of the release, and gives what undoes it.
func (b *bench) record(change func(*release.Release)) (undo func()) {
	b.t.Helper()
	store := b.helms().Releases
	found, err := store.Last(name)
	if err != nil {
		b.t.Fatal(err)
	}
	r := found.(*release.Release)
	text, err := json.Marshal(r)
	if err != nil {
		b.t.Fatal(err)
	}
	former := &release.Release{}
	if err := json.Unmarshal(text, former); err != nil {
		b.t.Fatal(err)
	}
	change(r)
	if err := store.Update(r); err != nil {
		b.t.Fatal(err)
	}
	return func() {
		if err := store.Update(former); err != nil {
			b.t.Fatal(err)
		}
	}
}

// reinstall installs the chart anew as Helm 3 did, without server-side apply.
func (b *bench) reinstall(text string) {
	b.t.Helper()
	uninstall := action.NewUninstall(b.helms())
	uninstall.WaitStrategy, uninstall.Timeout = hkube.StatusWatcherStrategy, time.Minute
	if _, err := uninstall.Run(name); err != nil {
		b.t.Fatal(err)
	}
	chart, err := loader.LoadDir(b.chart)
	if err != nil {
		b.t.Fatal(err)
	}
	install := action.NewInstall(b.helms())
	install.ReleaseName, install.Namespace, install.ServerSideApply = name, namespace, false
	install.WaitStrategy, install.Timeout = hkube.StatusWatcherStrategy, time.Minute
	if _, err := install.Run(chart, values(b.t, text)); err != nil {
		b.t.Fatal(err)
	}
}

// placement reads placement's StatefulSet.
func (b *bench) placement() *appsv1.StatefulSet {
	b.t.Helper()
	set, err := b.client.AppsV1().StatefulSets(namespace).Get(b.t.Context(), "dapr-placement-server", metav1.GetOptions{})
	if err != nil {
		b.t.Fatal(err)
	}
	return set
}

// state is the resource version of each object that a release of Dapr has, by which it
// is known that nothing was written.
func (b *bench) state() map[string]string {
	b.t.Helper()
	all := map[string]string{}
	ctx, list := b.t.Context(), metav1.ListOptions{}
	take := func(kind string, o metav1.Object, err error) {
		if err != nil {
			b.t.Fatal(err)
		}
		all[kind+" "+o.GetName()] = fmt.Sprint(o.GetUID(), o.GetGeneration())
	}
	deployments, err := b.client.AppsV1().Deployments(namespace).List(ctx, list)
	for i := range deployments.Items {
		take("Deployment", &deployments.Items[i], err)
	}
	sets, err := b.client.AppsV1().StatefulSets(namespace).List(ctx, list)
	for i := range sets.Items {
		take("StatefulSet", &sets.Items[i], err)
	}
	services, err := b.client.CoreV1().Services(namespace).List(ctx, list)
	for i := range services.Items {
		take("Service", &services.Items[i], err)
	}
	secrets, err := b.client.CoreV1().Secrets(namespace).List(ctx, list)
	for i := range secrets.Items {
		take("Secret", &secrets.Items[i], err)
	}
	roles, err := b.client.RbacV1().Roles(metav1.NamespaceAll).List(ctx, list)
	for i := range roles.Items {
		take("Role", &roles.Items[i], err)
	}
	bindings, err := b.client.RbacV1().RoleBindings(metav1.NamespaceAll).List(ctx, list)
	for i := range bindings.Items {
		take("RoleBinding", &bindings.Items[i], err)
	}
	return all
}

// nothing fails if anything was written since before.
func (b *bench) nothing(before map[string]string) {
	b.t.Helper()
	if after := b.state(); !reflect.DeepEqual(before, after) {
		b.t.Errorf("something was written:\n%v\n%v", before, after)
	}
}

// copyChart copies the chart and replaces a text in a file of it.
func (b *bench) copyChart(file, old, next string) string {
	b.t.Helper()
	folder := filepath.Join(b.t.TempDir(), "dapr")
	if err := os.CopyFS(folder, os.DirFS(b.chart)); err != nil {
		b.t.Fatal(err)
	}
	path := filepath.Join(folder, file)
	content, err := os.ReadFile(path)
	if err != nil {
		b.t.Fatal(err)
	}
	if !strings.Contains(string(content), old) {
		b.t.Fatalf("%s has no %q", path, old)
	}
	if err := os.WriteFile(path, []byte(strings.ReplaceAll(string(content), old, next)), 0o600); err != nil {
		b.t.Fatal(err)
	}
	return folder
}

// until waits for something that another program does.
func until(ctx context.Context, t *testing.T, what string, done func() bool) {
	t.Helper()
	ctx, cancel := context.WithTimeout(ctx, time.Minute)
	defer cancel()
	for !done() {
		select {
		case <-ctx.Done():
			t.Fatalf("%s: %v", what, ctx.Err())
		case <-time.After(200 * time.Millisecond):
		}
	}
}
