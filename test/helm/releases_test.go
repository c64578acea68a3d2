// Copyright The kubectl-dapr-prod Authors.
// SPDX-License-Identifier: Apache-2.0

//go:build charts

package helm_test

import (
	"errors"
	"fmt"
	"os"
	"os/exec"
	"reflect"
	"slices"
	"strings"
	"testing"
	"time"

	"helm.sh/helm/v4/pkg/release/common"
	release "helm.sh/helm/v4/pkg/release/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/types"

	"github.com/dapr-prod/kubectl-dapr-prod/pkg/helm"
)

// What the tests add.
const (
	available = `
global:
  ha:
    enabled: true
`
	inMemory = available + `
dapr_placement:
  cluster:
    forceInMemoryLog: true
dapr_operator:
  watchInterval: 2m
  resources:
    requests:
      cpu: 100m
    limits:
      memory: null # the guidelines want none
`
	unread = `
dapr_rbac:
  secretReader:
    enabled: false
`
	nowhere = `
global:
  nodeSelector:
    nowhere: such-node
`
)

func TestReleases(t *testing.T) {
	for _, version := range []string{"1.14.4", "1.16.2", "1.18.3"} {
		t.Run(version, func(t *testing.T) {
			b := newBench(t, version, users)
			if version == "1.14.4" {
				b.reinstall(users) // as Helm 3 did
			}
			for _, step := range []struct {
				name string
				test func(*bench)
			}{
				{"wrong charts", wrongCharts},
				{"records", records},
				{"deletions", deletions},
				{"persistent log", persistentLog},
				{"in memory and back", inMemoryAndBack},
				{"recreated and back", recreatedAndBack},
				{"drift", drift},
				{"failed", failed},
				{"killed", killed},
			} {
				if !t.Run(step.name, func(t *testing.T) { step.test(b.with(t)) }) {
					t.FailNow() // the next ones begin where this one ends
				}
			}
		})
	}
}

func wrongCharts(b *bench) {
	before, r := b.state(), b.open()
	var version *helm.VersionError
	if _, err := r.Load(b.t.Context(), helm.Source{Ref: b.chart, Version: "1.99.0"}); !errors.As(err, &version) {
		b.t.Errorf("--version 1.99.0: %v", err)
	}
	other := b.copyChart("Chart.yaml", r.ChartVersion, "1.99.0")
	if _, err := r.Load(b.t.Context(), helm.Source{Ref: other}); !errors.As(err, &version) || version.Version != "1.99.0" {
		b.t.Errorf("a chart of another version: %v", err)
	}
	if _, err := r.Load(b.t.Context(), helm.Source{Ref: "/no/such/chart"}); err == nil {
		b.t.Error("a chart that is not there is loaded")
	}

	fork := b.copyChart("charts/dapr_sentry/templates/dapr_sentry_deployment.yaml", "serviceAccountName: dapr-sentry", "serviceAccountName: dapr-fork")
	_, err := r.Plan(b.t.Context(), b.load(r, fork), nil, helm.Options{})
	var wrong *helm.WrongChartError
	if !errors.As(err, &wrong) || len(wrong.Changes) != 1 || wrong.Changes[0].Object.String() != "Deployment dapr-sentry" && wrong.Changes[0].Object.String() != "Deployment dapr-system/dapr-sentry" {
		b.t.Fatalf("a fork of the chart: %v", err)
	}
	text := wrong.Changes[0].Diff()
	b.silent(text + err.Error())
	if !strings.Contains(text, "-      serviceAccountName: dapr-sentry\n+      serviceAccountName: dapr-fork") {
		b.t.Errorf("the difference is\n%s", text)
	}
	b.nothing(before)
}

func records(b *bench) {
	before := b.state()
	undo := b.record(func(r *release.Release) { r.Config["global"].(map[string]any)["logAsJson"] = false })
	r := b.open()
	_, err := r.Plan(b.t.Context(), b.load(r, b.chart), nil, helm.Options{})
	undo()
	var wrong *helm.WrongChartError
	if !errors.As(err, &wrong) {
		b.t.Errorf("a record whose values were changed: %v", err)
	}

	for _, status := range []common.Status{common.StatusPendingUpgrade, common.StatusPendingInstall, common.StatusFailed} {
		undo := b.record(func(r *release.Release) { r.Info.Status = status })
		_, err := helm.Open(b.t.Context(), b.getter, namespace, name)
		undo()
		var state *helm.StateError
		if !errors.As(err, &state) || state.Status != status.String() {
			b.t.Errorf("%s: %v", status, err)
		}
	}
	if _, err := helm.Open(b.t.Context(), b.getter, namespace, "other"); !errors.Is(err, helm.ErrNoRelease) {
		b.t.Errorf("a release that is not there: %v", err)
	}

	// A release that moves on between planning and upgrading is left alone.
	p := b.plan(inMemory, helm.Options{})
	undo = b.record(func(r *release.Release) { r.Info.Status = common.StatusPendingUpgrade })
	_, err = p.Upgrade(b.t.Context())
	undo()
	var state *helm.StateError
	if !errors.As(err, &state) {
		b.t.Errorf("an upgrade while another one runs: %v", err)
	}
	b.nothing(before)
}

// persistentLog: HA alone changes what cannot be changed, which is told before.
// deletions: an object that the upgrade deletes is still there after the rehearsal.
func deletions(b *bench) {
	before := b.state()
	var deleted []string
	for _, a := range b.plan(unread, helm.Options{}).Answers {
		if a.Verb == helm.Delete && a.Refusal == "" {
			deleted = append(deleted, a.Object.Kind)
		}
	}
	if slices.Sort(deleted); !slices.Equal(deleted, []string{"Role", "RoleBinding"}) {
		b.t.Errorf("%v would be deleted", deleted)
	}
	b.nothing(before)
}

func persistentLog(b *bench) {
	before := b.state()
	p := b.plan(available, helm.Options{})
	if !p.NeedsRecreation() || len(p.Refused()) != 1 {
		b.t.Fatalf("the server takes volume claims: %+v", p.Refused())
	}
	_, err := p.Upgrade(b.t.Context())
	var refused *helm.RefusedError
	if !errors.As(err, &refused) || !strings.Contains(err.Error(), "forceInMemoryLog") {
		b.t.Errorf("the upgrade: %v", err)
	}
	b.nothing(before)
}

func inMemoryAndBack(b *bench) {
	before, rendered := b.valuesOf(0), b.revision()
	p := b.plan(inMemory, helm.Options{Description: "kubectl dapr-prod fix"})
	if !p.Drift.None() {
		b.t.Errorf("drift: %+v", p.Drift)
	}
	if len(p.Refused()) > 0 || p.NeedsRecreation() || p.Empty() {
		b.t.Fatalf("the server refuses: %+v", p.Refused())
	}
	result := b.upgrade(p)
	if result.Revision != rendered+1 {
		b.t.Errorf("revision %d after %d", result.Revision, rendered)
	}
	if set := b.placement(); *set.Spec.Replicas != 3 || set.Status.ReadyReplicas != 3 {
		b.t.Errorf("placement has %d of %d", set.Status.ReadyReplicas, *set.Spec.Replicas)
	}
	b.managedByHelm()
	b.diffed(p)

	after := b.valuesOf(0)
	operator := after["dapr_operator"].(map[string]any)
	if operator["extraEnvVars"].(map[string]any)["API_KEY"] != marker+"-operator" || operator["watchInterval"] != "2m" {
		b.t.Errorf("values are lost: %v", after)
	}
	if limits := operator["resources"].(map[string]any)["limits"].(map[string]any); len(limits) != 0 {
		b.t.Errorf("the limit stays: %v", limits)
	}
	if former := b.valuesOf(rendered); !reflect.DeepEqual(former, before) {
		b.t.Errorf("the values of the former revision changed from\n%v to\n%v", before, former)
	}
	if again := b.plan(inMemory, helm.Options{}); !again.Empty() || len(again.Refused()) > 0 || !again.Drift.None() {
		b.t.Errorf("there is something to do: %+v %+v %+v", again.Changes, again.Refused(), again.Drift)
	}

	b.rollback(rendered)
	if now := b.valuesOf(0); !reflect.DeepEqual(now, before) {
		b.t.Errorf("after the rollback the values are\n%v not\n%v", now, before)
	}
	if set := b.placement(); *set.Spec.Replicas != 1 {
		b.t.Errorf("placement has %d replicas after the rollback", *set.Spec.Replicas)
	}
}

// diffed: the difference shows what was added and nothing of the user's.
func (b *bench) diffed(p *helm.Plan) {
	b.t.Helper()
	at := slices.IndexFunc(p.Changes, func(c helm.Change) bool { return c.Object.Kind == "Deployment" && c.Object.Name == "dapr-operator" })
	if at < 0 {
		b.t.Fatal("the operator does not change")
	}
	text := p.Changes[at].Diff()
	for _, want := range []string{"-  replicas: 1", "+  replicas: 3", "+        - 2m", "+            cpu: 100m"} {
		if !strings.Contains(text, want) {
			b.t.Errorf("%q is not in\n%s", want, text)
		}
	}
}

// managedByHelm: what the upgrade wrote belongs to helm, and to no second manager.
func (b *bench) managedByHelm() {
	b.t.Helper()
	for _, field := range b.placement().ManagedFields {
		if field.Subresource == "" && field.Manager != "helm" && field.Manager != "kube-controller-manager" {
			b.t.Errorf("placement has fields of %s", field.Manager)
		}
	}
}

func recreatedAndBack(b *bench) {
	uid, revision := b.placement().UID, b.revision()
	p := b.plan(available, helm.Options{RecreatePlacement: true})
	if len(p.Refused()) > 0 || len(p.Recreated()) != 1 {
		b.t.Fatalf("%+v, %v", p.Refused(), p.Recreated())
	}
	result := b.upgrade(p)
	set := b.placement()
	if set.UID == uid || len(set.Spec.VolumeClaimTemplates) != 1 || set.Status.ReadyReplicas != 3 {
		b.t.Errorf("placement: %+v", set.Status)
	}
	if len(result.WayBack) != 2 || !strings.Contains(result.WayBack[0], "delete statefulset dapr-placement-server") {
		b.t.Errorf("the way back is %q", result.WayBack)
	}
	// What is no longer refused is not deleted a second time.
	if again := b.plan(available, helm.Options{RecreatePlacement: true}); len(again.Recreated()) > 0 || !again.Empty() {
		b.t.Errorf("again: %+v", again.Recreated())
	}
	policy := metav1.DeletePropagationForeground
	if err := b.client.AppsV1().StatefulSets(namespace).Delete(b.t.Context(), set.Name, metav1.DeleteOptions{PropagationPolicy: &policy}); err != nil {
		b.t.Fatal(err)
	}
	until(b.t.Context(), b.t, "placement goes", func() bool {
		_, err := b.client.AppsV1().StatefulSets(namespace).Get(b.t.Context(), set.Name, metav1.GetOptions{})
		return err != nil
	})
	b.rollback(revision)
}

func drift(b *bench) {
	ctx := b.t.Context()
	patch := func(what string) {
		_, err := b.client.AppsV1().Deployments(namespace).Patch(ctx, "dapr-sentry", types.StrategicMergePatchType, []byte(what), metav1.PatchOptions{FieldManager: "kubectl-edit"})
		if err != nil {
			b.t.Fatal(err)
		}
	}
	patch(`{"spec":{"replicas":2,"template":{"spec":{"priorityClassName":"system-node-critical"}}}}`)
	if err := b.client.CoreV1().Services(namespace).Delete(ctx, "dapr-api", metav1.DeleteOptions{}); err != nil {
		b.t.Fatal(err)
	}
	p := b.plan(inMemory, helm.Options{})
	if len(p.Drift.Changed) != 2 || len(p.Drift.Unknown) > 0 {
		b.t.Fatalf("drift: %+v", p.Drift)
	}
	service, deployment := p.Drift.Changed[1], p.Drift.Changed[0]
	if service.Object.Kind != "Service" || service.After != nil || !strings.Contains(deployment.Diff(), "-  replicas: 1\n+  replicas: 2") {
		b.t.Errorf("drift: %s\n%s", deployment.Diff(), service.Object)
	}
	// Two replicas by hand stand against three by Helm; the priority class against nothing.
	if len(p.Drift.Foreign) != 1 || !slices.Equal(p.Drift.Foreign[0].Fields, []string{"spec.template.spec.priorityClassName"}) {
		b.t.Errorf("foreign: %+v", p.Drift.Foreign)
	}
	if b.clientSide() {
		if len(p.Refused()) > 0 {
			b.t.Errorf("refused: %+v", p.Refused())
		}
	} else {
		refused := p.Refused()
		if len(refused) != 1 || !reflect.DeepEqual(refused[0].Conflicts, []helm.Conflict{{Manager: "kubectl-edit", Field: "spec.replicas"}}) {
			b.t.Fatalf("refused: %+v", refused)
		}
		p = b.plan(inMemory, helm.Options{ForceConflicts: true})
	}
	revision := b.revision()
	b.upgrade(p)
	if d := b.plan(inMemory, helm.Options{}).Drift; len(d.Changed) > 0 {
		b.t.Errorf("drift after the upgrade: %+v", d.Changed)
	}
	patch(`{"spec":{"template":{"spec":{"priorityClassName":null}}}}`)
	b.rollback(revision)
}

// clientSide tells whether Helm writes the release as Helm 3 did.
func (b *bench) clientSide() bool {
	found, err := b.helms().Releases.Last(name)
	if err != nil {
		b.t.Fatal(err)
	}
	return found.(*release.Release).ApplyMethod != string(release.ApplyMethodServerSideApply)
}

func failed(b *bench) {
	revision := b.revision()
	_, err := b.plan(nowhere, helm.Options{Timeout: 3 * time.Second}).Upgrade(b.t.Context())
	var failed *helm.UpgradeError
	if !errors.As(err, &failed) || failed.Revision != revision+1 || failed.RollbackTo != revision {
		b.t.Fatalf("an upgrade to nowhere: %v", err)
	}
	b.silent(err.Error())
	_, err = helm.Open(b.t.Context(), b.getter, namespace, name)
	want := fmt.Sprintf("helm rollback dapr %d -n dapr-system --wait", revision)
	if err == nil || !strings.Contains(err.Error(), "failed") || !strings.Contains(err.Error(), want) {
		b.t.Fatalf("after a failed upgrade: %v", err)
	}
	b.rollback(revision)
	b.open()
}

// killed: the process that upgrades is killed while it waits.
func killed(b *bench) {
	revision := b.revision()
	cmd := exec.CommandContext(b.t.Context(), os.Args[0], "-test.run=^TestUpgradeToNowhere$")
	cmd.Env = append(os.Environ(), "UPGRADE_KUBECONFIG="+b.kubeconfig, "UPGRADE_CHART="+b.chart)
	if err := cmd.Start(); err != nil {
		b.t.Fatal(err)
	}
	until(b.t.Context(), b.t, "the upgrade writes", func() bool {
		return b.placement().Spec.Template.Spec.NodeSelector["nowhere"] == "such-node"
	})
	if err := cmd.Process.Kill(); err != nil {
		b.t.Fatal(err)
	}
	_ = cmd.Wait()
	_, err := helm.Open(b.t.Context(), b.getter, namespace, name)
	var state *helm.StateError
	if !errors.As(err, &state) || state.Status != "pending-upgrade" || state.RollbackTo != revision {
		b.t.Fatalf("after the kill: %v", err)
	}
	if !strings.Contains(err.Error(), helm.RollbackCommand(namespace, name, revision)) {
		b.t.Errorf("no way out: %v", err)
	}
	b.rollback(revision)
	b.upgrade(b.plan(inMemory, helm.Options{}))
	if _, status := b.newest(); status != "deployed" {
		b.t.Errorf("the release is %s at last", status)
	}
}

// TestUpgradeToNowhere is the process that is killed.
func TestUpgradeToNowhere(t *testing.T) {
	kubeconfig := os.Getenv("UPGRADE_KUBECONFIG")
	if kubeconfig == "" {
		t.Skip("only for TestReleases")
	}
	b := openBench(t, kubeconfig, os.Getenv("UPGRADE_CHART"))
	_, _ = b.plan(nowhere, helm.Options{}).Upgrade(t.Context())
}
