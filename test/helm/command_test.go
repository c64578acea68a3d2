// Copyright The kubectl-dapr-prod Authors.
// SPDX-License-Identifier: Apache-2.0

//go:build charts

package helm_test

import (
	"fmt"
	"os"
	"os/exec"
	"slices"
	"strings"
	"testing"

	corev1 "k8s.io/api/core/v1"
	"k8s.io/apimachinery/pkg/api/resource"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/types"
	"k8s.io/cli-runtime/pkg/genericiooptions"

	"github.com/dapr-prod/kubectl-dapr-prod/pkg/cmd"
	"github.com/dapr-prod/kubectl-dapr-prod/pkg/guideline"
	"github.com/dapr-prod/kubectl-dapr-prod/pkg/helm"
	"github.com/dapr-prod/kubectl-dapr-prod/test/cluster/kube"
)

// fix runs the command on the bench's release.
func (b *bench) fix(code int, args ...string) kube.Outcome {
	b.t.Helper()
	o := kube.Run(b.t, append([]string{"fix", "--scope=control-plane", "--helm-upgrade", "--chart", b.chart, "--kubeconfig", b.kubeconfig}, args...)...)
	if o.Code != code {
		b.t.Fatalf("fix %q: exit code %d, want %d\n%s%s", args, o.Code, code, o.Stdout, o.Stderr)
	}
	b.silent(o.Stdout + o.Stderr)
	return o
}

// shortOf are the objects on which each guideline fails that Helm values close.
func (b *bench) shortOf() map[string][]string {
	b.t.Helper()
	failing := map[string][]string{}
	for _, r := range kube.Check(b.t, "-A", "--scope=control-plane", "--kubeconfig", b.kubeconfig).Results {
		if r.Outcome == guideline.Failed {
			failing[r.Guideline] = append(failing[r.Guideline], r.Object.String())
		}
	}
	return failing
}

// kept: where another program keeps any of the release's objects nothing is written.
func (b *bench) kept() {
	b.t.Helper()
	ctx, services := b.t.Context(), b.client.CoreV1().Services(namespace)
	for _, mark := range []struct{ keeper, manager, set, unset string }{
		{"Flux", "kubectl", `{"metadata":{"labels":{"helm.toolkit.fluxcd.io/name":"dapr"}}}`, `{"metadata":{"labels":{"helm.toolkit.fluxcd.io/name":null}}}`},
		{"Argo CD", "argocd-controller", `{"metadata":{"labels":{"team":"a"}}}`, `{"metadata":{"labels":{"team":null}}}`},
	} {
		change := func(patch string) {
			if _, err := services.Patch(ctx, "dapr-api", types.StrategicMergePatchType, []byte(patch), metav1.PatchOptions{FieldManager: mark.manager}); err != nil {
				b.t.Fatal(err)
			}
		}
		change(mark.set)
		before := b.state()
		if o := b.fix(1, "--yes"); !strings.Contains(o.Stderr, "Nothing is written: "+mark.keeper+" keeps Service dapr-system/dapr-api") {
			b.t.Errorf("kept by %s: %s", mark.keeper, o.Stderr)
		}
		b.nothing(before)
		change(mark.unset)
	}
}

// interrupted: Ctrl-C in the middle says how to go back, and so does the next run.
func (b *bench) interrupted() {
	b.t.Helper()
	ctx, first := b.t.Context(), b.revision()
	quotas := b.client.CoreV1().ResourceQuotas(namespace)
	none := &corev1.ResourceQuota{
		ObjectMeta: metav1.ObjectMeta{Name: "no-more"},
		Spec:       corev1.ResourceQuotaSpec{Hard: corev1.ResourceList{corev1.ResourcePods: resource.MustParse("0")}},
	}
	if _, err := quotas.Create(ctx, none, metav1.CreateOptions{}); err != nil {
		b.t.Fatal(err)
	}
	var stderr strings.Builder
	run := exec.CommandContext(ctx, os.Args[0], "fix", "--scope=control-plane", "--helm-upgrade", "--chart", b.chart, "--kubeconfig", b.kubeconfig, "--yes")
	run.Env = append(os.Environ(), asProgram+"=1")
	run.Stderr = &stderr
	if err := run.Start(); err != nil {
		b.t.Fatal(err)
	}
	until(ctx, b.t, "the upgrade writes", func() bool { return *b.placement().Spec.Replicas == 3 })
	if err := run.Process.Signal(os.Interrupt); err != nil {
		b.t.Fatal(err)
	}
	_ = run.Wait()
	back := helm.RollbackCommand(namespace, name, first)
	kube.Note(run.Args, stderr.String())
	b.silent(stderr.String())
	if code := run.ProcessState.ExitCode(); code != 2 || !strings.Contains(stderr.String(), back) || !strings.Contains(stderr.String(), "error: interrupted") {
		b.t.Errorf("interrupted, it ends with %d: %s", code, stderr.String())
	}
	before := b.state()
	if o := b.fix(1, "--yes"); !strings.Contains(o.Stderr, "is failed at revision") || !strings.Contains(o.Stderr, back) {
		b.t.Errorf("the next run: %s", o.Stderr)
	}
	b.nothing(before)
	if err := quotas.Delete(ctx, none.Name, metav1.DeleteOptions{}); err != nil {
		b.t.Fatal(err)
	}
	b.rollback(first)
}

// asProgram is set for processes of this binary that are the program.
const asProgram = "DAPR_PROD_TEST_PROGRAM"

func program() int {
	args := append([]string{"kubectl-dapr_prod"}, os.Args[1:]...)
	return cmd.Run(args, genericiooptions.IOStreams{In: os.Stdin, Out: os.Stdout, ErrOut: os.Stderr})
}

// TestCommand takes the default installation to where the guidelines want it, with
// values of a user in it that nobody sees, and back.
func TestCommand(t *testing.T) {
	for _, version := range []string{"1.16.2", "1.18.3"} {
		t.Run(version, func(t *testing.T) {
			b := newBench(t, version, users)
			before, short := b.state(), b.shortOf()
			if len(short["control-plane-ha"]) == 0 {
				t.Fatalf("nothing to do: %v", short)
			}

			planned := b.fix(1, "--dry-run=server")
			for _, says := range []string{"Release dapr in dapr-system, revision 1 to 2", "-  replicas: 1\n+  replicas: 3", "forceInMemoryLog: true"} {
				if !strings.Contains(planned.Stdout, says) {
					t.Errorf("the plan does not say %q:\n%s", says, planned.Stdout)
				}
			}
			if strings.Contains(planned.Stdout, "helm upgrade") {
				t.Errorf("the plan tells to do by hand what it will do:\n%s", planned.Stdout)
			}
			if risk := "the control plane restarts"; strings.Count(planned.Stdout, risk) != 1 {
				t.Errorf("the plan does not say once that %s:\n%s", risk, planned.Stdout)
			}
			if o := b.fix(1); !strings.Contains(o.Stderr, "--yes is needed") {
				t.Errorf("without a terminal: %s", o.Stderr)
			}
			if o := b.fix(2, "-n", "dapr-system"); !strings.Contains(o.Stderr, "values are for the whole cluster") {
				t.Errorf("with a namespace: %s", o.Stderr)
			}
			for _, says := range []string{"StatefulSet dapr-system/dapr-placement-server: recreate", "worsens   control-plane-resources"} {
				if o := b.fix(1, "control-plane-ha", "--recreate-placement", "--dry-run=server"); !strings.Contains(o.Stdout, says) || strings.Contains(o.Stdout, "forceInMemoryLog") {
					t.Errorf("with a log on disk it does not say %q:\n%s", says, o.Stdout)
				}
			}
			fork := b.copyChart("charts/dapr_sentry/templates/dapr_sentry_deployment.yaml", "serviceAccountName: dapr-sentry", "serviceAccountName: dapr-fork")
			if o := b.fix(2, "--chart", fork, "--yes"); !strings.Contains(o.Stderr, "is not the chart that the release was made of") || !strings.Contains(o.Stdout, "+      serviceAccountName: dapr-fork") || strings.Contains(o.Stdout, "objects change") {
				t.Errorf("with another chart: %s%s", o.Stdout, o.Stderr)
			}
			b.nothing(before)
			b.kept()
			b.interrupted()
			first := b.revision()

			done := b.fix(0, "--yes")
			if !strings.Contains(done.Stdout, fmt.Sprintf("Revision %d of release dapr is deployed.", first+1)) || !strings.Contains(done.Stderr, helm.RollbackCommand(namespace, name, first)) {
				t.Errorf("the upgrade says: %s%s", done.Stdout, done.Stderr)
			}
			after := b.shortOf()
			for _, id := range []string{"control-plane-ha", "control-plane-resources", "control-plane-priority-class", "injector-watchdog"} {
				if len(after[id]) > 0 {
					t.Errorf("%s still falls short on %v", id, after[id])
				}
			}
			again := b.fix(0, "--yes")
			if !strings.Contains(again.Stdout, "No value to add.") || b.revision() != first+1 {
				t.Errorf("a second time: revision %d\n%s", b.revision(), again.Stdout)
			}

			b.rollback(first)
			back := b.shortOf()
			if got, want := slices.Sorted(slices.Values(back["control-plane-ha"])), slices.Sorted(slices.Values(short["control-plane-ha"])); !slices.Equal(got, want) {
				t.Errorf("after the rollback %v fall short of it, before it were %v", got, want)
			}
		})
	}
}
