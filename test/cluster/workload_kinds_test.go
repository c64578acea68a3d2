// Copyright The kubectl-dapr-prod Authors.
// SPDX-License-Identifier: Apache-2.0

//go:build cluster

package cluster_test

import (
	"fmt"
	"testing"

	batchv1 "k8s.io/api/batch/v1"
	corev1 "k8s.io/api/core/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"

	"github.com/dapr-prod/kubectl-dapr-prod/pkg/guideline"
	"github.com/dapr-prod/kubectl-dapr-prod/pkg/snapshot"
	"github.com/dapr-prod/kubectl-dapr-prod/test/cluster/kube"
)

func TestBarePods(t *testing.T) {
	t.Parallel()
	ns := cluster.Namespace(t)
	user := cluster.User().May(t, "create", ns.Name, snapshot.Pods)
	admin := ns.Client.CoreV1().Pods(ns.Name)
	// Without an app ID the Pod's own name is taken.
	if _, err := admin.Create(t.Context(), bare("by-admin", settled("")), metav1.CreateOptions{}); err != nil {
		t.Fatal(err)
	}
	other := user.As(t).CoreV1().Pods(ns.Name)
	if _, err := other.Create(t.Context(), bare("by-user", settled("by-user")), metav1.CreateOptions{}); err != nil {
		t.Fatal(err)
	}

	check := kube.Check(t, "-n", ns.Name)
	check.Expect(t, "sidecar-injected", "Pod/by-admin", guideline.Passed, "1 of 1 running Pods have daprd")
	check.Expect(t, "sidecar-resources", "Pod/by-admin", guideline.Passed, "")
	check.Expect(t, "sidecar-injected", "Pod/by-user", guideline.Failed, "1 of 1 running Pods have no daprd: the injector takes bare Pods from members of system:masters only")
	if app := check.App(t, "Pod/by-admin"); len(app.Sidecar.Problems) > 0 {
		t.Errorf("the Pod is as the simulation has it: %v", app.Sidecar.Problems)
	}
}

// TestUnknownOwner has Pods that belong to an object of a kind that is not read,
// as the controllers of custom resources make them.
func TestUnknownOwner(t *testing.T) {
	t.Parallel()
	ns := cluster.Namespace(t)
	owner := func(name string) []metav1.OwnerReference {
		m, err := ns.Client.CoreV1().ConfigMaps(ns.Name).Create(t.Context(), &corev1.ConfigMap{ObjectMeta: metav1.ObjectMeta{Name: name}}, metav1.CreateOptions{})
		if err != nil {
			t.Fatal(err)
		}
		controller := true
		return []metav1.OwnerReference{{APIVersion: "v1", Kind: "ConfigMap", Name: m.Name, UID: m.UID, Controller: &controller}}
	}
	with, without := bare("with-0", on("with")), bare("without-0", settled("without"))
	with.OwnerReferences, without.OwnerReferences = owner("with"), owner("without")
	if _, err := ns.Client.CoreV1().Pods(ns.Name).Create(t.Context(), with, metav1.CreateOptions{}); err != nil {
		t.Fatal(err)
	}
	user := cluster.User().May(t, "create", ns.Name, snapshot.Pods)
	if _, err := user.As(t).CoreV1().Pods(ns.Name).Create(t.Context(), without, metav1.CreateOptions{}); err != nil {
		t.Fatal(err)
	}

	check := kube.Check(t, "-n", ns.Name)
	check.Expect(t, "sidecar-injected", "ConfigMap/with", guideline.Passed, "1 of 1 running Pods have daprd")
	check.Expect(t, "sidecar-resources", "ConfigMap/with", guideline.Failed, "no CPU and memory settings")
	check.Expect(t, "mtls", "ConfigMap/with", guideline.Passed, "--enable-mtls")
	check.Expect(t, "sidecar-injected", "ConfigMap/without", guideline.Failed, "a ConfigMap makes them, and the injector takes Pods from Kubernetes' own controllers only")
}

func TestJobsAndDaemonSets(t *testing.T) {
	t.Parallel()
	ns := cluster.Namespace(t)
	job, cron := pending("import", on("import")), dormant("report", on("report"))
	ns.Apply(t, job, cron, daemonSet("agent", settled("agent")), dormant("nightly", on("")))
	made, err := ns.Client.BatchV1().CronJobs(ns.Name).Get(t.Context(), "report", metav1.GetOptions{})
	if err != nil {
		t.Fatal(err)
	}
	// What kubectl create job --from=cronjob/report makes.
	run := &batchv1.Job{ObjectMeta: object("report-by-hand"), Spec: cron.Spec.JobTemplate.Spec}
	run.OwnerReferences = []metav1.OwnerReference{*metav1.NewControllerRef(made, batchv1.SchemeGroupVersion.WithKind("CronJob"))}
	ns.Apply(t, run)
	nodes, err := ns.Client.CoreV1().Nodes().List(t.Context(), metav1.ListOptions{})
	if err != nil {
		t.Fatal(err)
	}
	ns.Ready(t)
	ns.Count(t, len(nodes.Items)+2)

	check := kube.Check(t, "-n", ns.Name)
	check.Expect(t, "sidecar-injected", "Job/import", guideline.Passed, "1 of 1 running Pods have daprd")
	check.Expect(t, "sidecar-injected", "CronJob/report", guideline.Passed, "1 of 1 running Pods have daprd")
	r := check.Expect(t, "sidecar-resources", "CronJob/report", guideline.Failed, "no CPU and memory settings")
	if want := "spec.jobTemplate.spec.template.metadata.annotations[dapr.io/sidecar-cpu-request]"; r.Field != want {
		t.Errorf("the field is %s, want %s", r.Field, want)
	}
	check.Expect(t, "sidecar-injected", "CronJob/nightly", guideline.Failed, "no Pod is made: Dapr's injector refuses it")
	check.Expect(t, "sidecar-injected", "DaemonSet/agent", guideline.Passed, fmt.Sprintf("%[1]d of %[1]d running Pods have daprd", len(nodes.Items)))
	check.Expect(t, "sidecar-soft-memory-limit", "DaemonSet/agent", guideline.Passed, "90 %")
	if results := check.Of("sidecar-injected", "Job/report-by-hand"); len(results) > 0 {
		t.Errorf("the Job of a CronJob is no app of its own: %v", results)
	}
}

func TestLimitRangeSuppliesWhatIsMissing(t *testing.T) {
	t.Parallel()
	ns := cluster.Namespace(t)
	ns.Apply(t, limitRange(corev1.LimitRangeItem{
		Type:           corev1.LimitTypeContainer,
		Default:        resources("500m", "512Mi"),
		DefaultRequest: resources("50m", "64Mi"),
	}))
	ns.Apply(t, deployment("orders", 1, on("orders")), deployment("asleep", 0, on("asleep")), deployment("part", 1, on("part", "sidecar-cpu-limit", "1")))
	ns.Ready(t)

	check := kube.Check(t, "-n", ns.Name)
	for _, name := range []string{"orders", "asleep"} {
		check.Expect(t, "sidecar-resources", "Deployment/"+name, guideline.Passed, "not from annotations but from the namespace")
		check.Expect(t, "sidecar-soft-memory-limit", "Deployment/"+name, guideline.Failed, "no GOMEMLIMIT for a memory limit of 512Mi")
	}
	check.Expect(t, "sidecar-resources", "Deployment/part", guideline.Passed, "")
	for _, app := range check.Apps {
		if len(app.Sidecar.Problems) > 0 {
			t.Errorf("%s: what the server filled in was not foreseen: %v", app.Name, app.Sidecar.Problems)
		}
	}
}

func TestLimitRangeRefusesPods(t *testing.T) {
	t.Parallel()
	ns := cluster.Namespace(t)
	ns.Apply(t, limitRange(corev1.LimitRangeItem{
		Type: corev1.LimitTypeContainer, Max: resources("1", "500Mi"), Default: resources("100m", "100Mi"),
	}))
	ns.Apply(t, deployment("orders", 1, settled("orders")))
	ns.Refused(t, "orders")

	check := kube.Check(t, "-n", ns.Name)
	r := check.Expect(t, "sidecar-quantities", "Deployment/orders", guideline.Failed, "memory limit 1000Mi is above the maximum of 500Mi in LimitRange limits: the server refuses the Pods")
	if r.Severity != guideline.Error {
		t.Errorf("a refused Pod is an error, not %s", r.Severity)
	}
}
