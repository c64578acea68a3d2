// Copyright The kubectl-dapr-prod Authors.
// SPDX-License-Identifier: Apache-2.0

//go:build cluster

package fix_test

import (
	"context"
	"fmt"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	appsv1 "k8s.io/api/apps/v1"
	autoscalingv2 "k8s.io/api/autoscaling/v2"
	batchv1 "k8s.io/api/batch/v1"
	corev1 "k8s.io/api/core/v1"
	"k8s.io/apimachinery/pkg/api/resource"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/types"
	"k8s.io/utils/ptr"

	"github.com/dapr-prod/kubectl-dapr-prod/pkg/dapr"
	"github.com/dapr-prod/kubectl-dapr-prod/test/cluster/kube"
)

// TestKinds: one run writes every kind whose Pods follow their template, and the Pods
// that come up carry the sidecar that was promised, as Dapr's own injector made it.
func TestKinds(t *testing.T) {
	t.Parallel()
	defineRollouts(t)
	ns := cluster.Namespace(t)
	own, referring := deployment("canary", 1, on("canary")), deployment("blue", 0, on("blue"))
	apply(t, ns, deployment("orders", 2, on("orders")), claiming("inventory", 2, on("inventory")), daemonSet(on("agent")),
		cronJob(on("report")), referring)
	ns.MustKubectl(t, rolloutOf(t, own)+rolloutTo(referring), "apply", "-f", "-")
	ns.MustKubectl(t, "", "create", "job", "--from=cronjob/report", "report-before")
	playArgo(t, ns)
	ns.Ready(t)
	comesUp(t, ns, "app=report")
	before, journal := everything(t, ns), filepath.Join(t.TempDir(), "journal")

	run := fixed(t, ns, 0, slices.Concat(sidecars, []string{"--yes", "--max-parallel=8", "--journal", journal})...)
	says(t, run.Stdout, "CronJob "+ns.Name+"/report: from the next run on", "Rollout "+ns.Name+"/blue", "Rollout "+ns.Name+"/canary", "6 of 6 changes written and seen to hold, but for 1 that no Pod follows yet.")
	if strings.Contains(run.Stdout, "the server changes with it") {
		t.Errorf("nothing else is written:\n%s", run.Stdout)
	}
	if d := "Deployment " + ns.Name + "/blue"; strings.Contains(run.Stdout, d+": restarts") {
		t.Errorf("%s is no app beside its Rollout", d)
	}
	ns.Ready(t)
	for _, app := range []string{"orders", "inventory", "agent"} {
		comesUp(t, ns, "app="+app)
		for _, p := range podsOf(t, ns, app) {
			carries(t, &p)
		}
	}
	// What runs ends as it is, and the next run has it.
	for _, p := range podsOf(t, ns, "report") {
		if c := sidecarOf(&p); c == nil || len(c.Resources.Limits) > 0 {
			t.Errorf("%s was to stay as it is: %v", p.Name, c)
		}
	}
	ns.MustKubectl(t, "", "create", "job", "--from=cronjob/report", "report-after")
	comesUp(t, ns, "job-name=report-after")
	// Argo makes ReplicaSets of these templates.
	ns.MustKubectl(t, replicaSetOf(t, ns, "rollout/canary", "canary", "{.spec.template}"), "apply", "-f", "-")
	ns.MustKubectl(t, replicaSetOf(t, ns, "deployment/blue", "blue", "{.spec.template}"), "apply", "-f", "-")
	for _, name := range []string{"job-name=report-after", "app=canary", "app=blue"} {
		comesUp(t, ns, name)
		for _, p := range selected(t, ns, name) {
			carries(t, &p)
		}
	}
	second := fixed(t, ns, 0, slices.Concat(sidecars, []string{"deployment/orders", "statefulset/inventory", "daemonset/agent", "rollout/canary", "rollout/blue", "--yes"})...)
	says(t, second.Stdout, "Nothing to write.")
	fixed(t, ns, 0, "--revert", journal, "--yes")
	asBefore(t, before, everything(t, ns))
}

// TestKindsThatStay: what has no template that Pods follow is named with what to do,
// and not written.
func TestKindsThatStay(t *testing.T) {
	t.Parallel()
	ns := cluster.Namespace(t)
	job := &batchv1.Job{ObjectMeta: object("import"), Spec: batchv1.JobSpec{Template: once(template("import", on("import")))}}
	job.Spec.Template.Spec.NodeSelector = map[string]string{"kubernetes.io/hostname": "nowhere"} // so that it does not end
	set := &appsv1.ReplicaSet{ObjectMeta: object("old"), Spec: appsv1.ReplicaSetSpec{Replicas: ptr.To(int32(1)), Selector: selector("old"), Template: template("old", on("old"))}}
	apply(t, ns, job, set, podOf("alone", nil), podOf("foreign-0", ownerIn(t, ns, "foreign")))
	for _, app := range []string{"old", "alone", "foreign-0"} {
		comesUp(t, ns, "app="+app)
	}
	ns.MustKubectl(t, "", "wait", "--for=create", "pod", "-l", "app=import")
	ns.MustKubectl(t, "", "wait", "--for=condition=PodScheduled=False", "pod", "-l", "app=import")
	before := everything(t, ns)
	run := fixed(t, ns, 0, slices.Concat(sidecars, []string{"--yes"})...)
	says(t, run.Stdout, "Nothing to write.",
		"job/import: the template of a Job cannot be changed: delete the Job and make it again",
		"pod/alone: nobody makes this Pod anew: delete it and make it again",
		"replicaset/old: set dapr.io/sidecar-cpu-request", "(a ReplicaSet keeps the Pods that it has: change the manifest, and delete its Pods)",
		"configmap/foreign: set dapr.io/sidecar-cpu-request", "(this tool does not write a ConfigMap)")
	sameVersions(t, "fix", before, everything(t, ns))
}

// TestStanding: what does not follow by itself, and what a request changes the
// meaning of, is said before; what is written then waits as it was said.
func TestStanding(t *testing.T) {
	t.Parallel()
	ns := cluster.Namespace(t)
	paused, scaled, set := deployment("paused", 1, on("paused")), deployment("scaled", 1, on("scaled")), claiming("kept", 1, on("kept"))
	paused.Spec.Paused = true
	set.Spec.UpdateStrategy.Type = appsv1.OnDeleteStatefulSetStrategyType
	apply(t, ns, scaled, set, autoscaler("scaled"))
	resumed := paused.DeepCopy()
	resumed.Spec.Paused = false
	apply(t, ns, resumed)
	ns.Ready(t)
	apply(t, ns, paused)
	pods := map[string]types.UID{}
	for _, p := range ns.Pods(t) {
		pods[p.Name] = p.UID
	}

	run := fixed(t, ns, 0, slices.Concat(sidecars, []string{"--yes", "--max-parallel=3"})...)
	for _, said := range []string{
		"is paused: it takes the change, and keeps its Pods as they are until somebody resumes it (kubectl rollout resume -n " + ns.Name + " deployment/paused)",
		"has the update strategy OnDelete: it takes the change, and a Pod follows it when somebody deletes it",
	} {
		says(t, run.Stdout, "note      ", said)
		says(t, run.Stderr, "written; ", said)
	}
	says(t, run.Stdout, "Deployment "+ns.Name+"/paused: restarts no Pod by itself\n", "StatefulSet "+ns.Name+"/kept: restarts no Pod by itself\n",
		"Deployment "+ns.Name+"/scaled: restarts 1 Pod\n", "3 of 3 changes written and seen to hold, but for 2 that no Pod follows yet.")
	says(t, run.Stdout, "HorizontalPodAutoscaler scaled scales on a percentage of what its Pods request in all")
	for _, name := range []string{"paused", "kept"} {
		for _, p := range podsOf(t, ns, name) {
			if pods[p.Name] != p.UID {
				t.Errorf("%s was made anew", p.Name)
			}
		}
	}
	ns.MustKubectl(t, "", "rollout", "resume", "deployment/paused")
	ns.MustKubectl(t, "", "delete", "pod", "kept-0")
	ns.Ready(t)
	for _, p := range ns.Pods(t) {
		carries(t, &p)
	}
}

// says fails the test where a text lacks something.
func says(t testing.TB, text string, all ...string) {
	t.Helper()
	for _, one := range all {
		if !strings.Contains(text, one) {
			t.Errorf("%q is missing in:\n%s", one, text)
		}
	}
}

// carries holds the sidecar of a Pod against what the guidelines promise.
func carries(t testing.TB, p *corev1.Pod) {
	t.Helper()
	c := sidecarOf(p)
	if c == nil {
		t.Errorf("%s has no sidecar", p.Name)
		return
	}
	for name, want := range map[corev1.ResourceName][2]string{corev1.ResourceCPU: {"100m", "300m"}, corev1.ResourceMemory: {"250Mi", "1000Mi"}} {
		request, limit := c.Resources.Requests[name], c.Resources.Limits[name]
		if request.Cmp(resource.MustParse(want[0])) != 0 || limit.Cmp(resource.MustParse(want[1])) != 0 {
			t.Errorf("%s: %s %s to %s, want %s", p.Name, name, &request, &limit, want)
		}
	}
	if i := slices.IndexFunc(c.Env, func(e corev1.EnvVar) bool { return e.Name == "GOMEMLIMIT" }); i < 0 || c.Env[i].Value != "900MiB" {
		t.Errorf("%s: its soft memory limit is not 900MiB: %v", p.Name, c.Env)
	}
	if s := c.SecurityContext; s == nil || s.SeccompProfile == nil || s.SeccompProfile.Type != corev1.SeccompProfileTypeRuntimeDefault {
		t.Errorf("%s has no seccomp profile", p.Name)
	}
}

func sidecarOf(p *corev1.Pod) *corev1.Container {
	all := slices.Concat(p.Spec.Containers, p.Spec.InitContainers)
	if i := slices.IndexFunc(all, func(c corev1.Container) bool { return c.Name == dapr.SidecarContainer }); i >= 0 {
		return &all[i]
	}
	return nil
}

// selected are the Pods with a label that are not on their way out.
func selected(t testing.TB, ns *kube.Namespace, label string) []corev1.Pod {
	t.Helper()
	list, err := ns.Client.CoreV1().Pods(ns.Name).List(t.Context(), metav1.ListOptions{LabelSelector: label})
	if err != nil {
		t.Fatal(err)
	}
	return slices.DeleteFunc(list.Items, func(p corev1.Pod) bool { return p.DeletionTimestamp != nil })
}

func podsOf(t testing.TB, ns *kube.Namespace, app string) []corev1.Pod {
	t.Helper()
	return selected(t, ns, "app="+app)
}

// comesUp waits until the Pods with a label run.
func comesUp(t testing.TB, ns *kube.Namespace, label string) {
	t.Helper()
	kube.Eventually(t, "Pods with "+label, func(context.Context) (bool, string, error) {
		pods := selected(t, ns, label)
		running := 0
		for _, p := range pods {
			if p.Status.Phase == corev1.PodRunning || p.Status.Phase == corev1.PodSucceeded {
				running++
			}
		}
		return running > 0 && running == len(pods), fmt.Sprintf("%d of %d", running, len(pods)), nil
	})
}

// claiming is a StatefulSet whose Pods keep something.
func claiming(name string, replicas int32, set map[string]string) *appsv1.StatefulSet {
	claim := corev1.PersistentVolumeClaim{ObjectMeta: metav1.ObjectMeta{Name: "data"}, Spec: corev1.PersistentVolumeClaimSpec{
		AccessModes: []corev1.PersistentVolumeAccessMode{corev1.ReadWriteOnce},
		Resources:   corev1.VolumeResourceRequirements{Requests: corev1.ResourceList{corev1.ResourceStorage: resource.MustParse("1Gi")}},
	}}
	t := template(name, set)
	t.Spec.Containers[0].VolumeMounts = []corev1.VolumeMount{{Name: "data", MountPath: "/data"}}
	return &appsv1.StatefulSet{ObjectMeta: object(name), Spec: appsv1.StatefulSetSpec{
		Replicas: &replicas, Selector: selector(name), Template: t, VolumeClaimTemplates: []corev1.PersistentVolumeClaim{claim},
	}}
}

// daemonSet is one, named agent.
func daemonSet(set map[string]string) *appsv1.DaemonSet {
	const name = "agent"
	return &appsv1.DaemonSet{ObjectMeta: object(name), Spec: appsv1.DaemonSetSpec{Selector: selector(name), Template: template(name, set)}}
}

// once is a template whose Pods are not made again.
func once(t corev1.PodTemplateSpec) corev1.PodTemplateSpec {
	t.Spec.RestartPolicy = corev1.RestartPolicyNever
	return t
}

// cronJob is one, named report, that does not run by itself before the next year.
func cronJob(set map[string]string) *batchv1.CronJob {
	const name = "report"
	return &batchv1.CronJob{ObjectMeta: object(name), Spec: batchv1.CronJobSpec{
		Schedule: "0 0 1 1 *", JobTemplate: batchv1.JobTemplateSpec{Spec: batchv1.JobSpec{Template: once(template(name, set))}},
	}}
}

func podOf(name string, owner []metav1.OwnerReference) *corev1.Pod {
	t := template(name, on(name))
	return &corev1.Pod{ObjectMeta: metav1.ObjectMeta{Name: name, Labels: t.Labels, Annotations: t.Annotations, OwnerReferences: owner}, Spec: t.Spec}
}

// ownerIn makes an owner of a kind that nothing here knows to make Pods.
func ownerIn(t testing.TB, ns *kube.Namespace, name string) []metav1.OwnerReference {
	t.Helper()
	m, err := ns.Client.CoreV1().ConfigMaps(ns.Name).Create(t.Context(), &corev1.ConfigMap{ObjectMeta: metav1.ObjectMeta{Name: name}}, metav1.CreateOptions{})
	if err != nil {
		t.Fatal(err)
	}
	return []metav1.OwnerReference{{APIVersion: "v1", Kind: "ConfigMap", Name: m.Name, UID: m.UID, Controller: ptr.To(true)}}
}

func autoscaler(name string) *autoscalingv2.HorizontalPodAutoscaler {
	return &autoscalingv2.HorizontalPodAutoscaler{ObjectMeta: object(name), Spec: autoscalingv2.HorizontalPodAutoscalerSpec{
		ScaleTargetRef: autoscalingv2.CrossVersionObjectReference{APIVersion: "apps/v1", Kind: "Deployment", Name: name},
		MaxReplicas:    1,
		Metrics: []autoscalingv2.MetricSpec{{Type: autoscalingv2.ResourceMetricSourceType, Resource: &autoscalingv2.ResourceMetricSource{
			Name: corev1.ResourceCPU, Target: autoscalingv2.MetricTarget{Type: autoscalingv2.UtilizationMetricType, AverageUtilization: ptr.To(int32(80))},
		}}},
	}}
}
