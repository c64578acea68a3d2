// Copyright The kubectl-dapr-prod Authors.
// SPDX-License-Identifier: Apache-2.0

//go:build cluster

package fix_test

import (
	"fmt"
	"maps"
	"math/rand/v2"
	"slices"
	"strings"

	appsv1 "k8s.io/api/apps/v1"
	batchv1 "k8s.io/api/batch/v1"
	corev1 "k8s.io/api/core/v1"
	"k8s.io/apimachinery/pkg/api/resource"
	"k8s.io/apimachinery/pkg/runtime"
)

// flaws are the values that an annotation is given, right and wrong ones; "-" leaves
// it out.
var flaws = map[string][]string{
	"enabled":                      {"true", "true", "true", "true", "true", "yes", "True", "on", "1", "false", " true ", "", "-"},
	"app-id":                       {"ID", "ID", "ID", "ID", "ID", "ID", "ID", "A_b", "-"},
	"sidecar-cpu-request":          {"-", "-", "100m", "50m", "0.25", "1", "", "0", "-1", "abc"},
	"sidecar-cpu-limit":            {"-", "-", "300m", "1", "50m", "1e3", "", "0", "300MB"},
	"sidecar-memory-request":       {"-", "-", "250Mi", "64Mi", "2Gi", "1e8", "", "0", "300m"},
	"sidecar-memory-limit":         {"-", "-", "-", "1000Mi", "256Mi", "512M", "2Gi", "20Mi", "", "0", "1000MB"},
	"sidecar-seccomp-profile-type": {"-", "-", "", "RuntimeDefault", "Unconfined", "Localhost", "runtime/default"},
	"enable-metrics":               {"-", "-", "true", "false", "no", ""},
	"enable-native-sidecar":        {"-", "-", "-", "true"},
	"env-from-secret":              {"-", "-", "-", "-", "-", "-", "GOMEMLIMIT=settings:limit", "TOKEN=settings"},
	"log-level":                    {"-", "-", "-", "-", "debug", "verbose"},
}

// environments are forms of dapr.io/env; LIMIT is where GOMEMLIMIT stands in them.
var environments = []string{
	"-", "", " ", "LIMIT", "LIMIT,A=1", "A=1,LIMIT", "A=1, LIMIT ,B=2", "A=1", "A=1,", "A=1 , ", "A=1,B=2", "A=a=b,C=1", "A = 1", "=x", "novalue", "novalue,LIMIT",
	"A=1\nB=2", "A=1,\nLIMIT", "A=1\nLIMIT", "A-B=1,LIMIT", "OTEL_RESOURCE_ATTRIBUTES=a=1,b=2", "SSL_CERT_DIR=/certs", "A=\"x,y\"", "A=1,LIMIT,LIMIT", "A=1;LIMIT", ",LIMIT", "A=1,A=2,LIMIT",
}

// softLimits are right and wrong ways to write GOMEMLIMIT.
var softLimits = []string{
	"GOMEMLIMIT=900MiB", "GOMEMLIMIT=900Mi", "GOMEMLIMIT=900M", "GOMEMLIMIT=900MB", "GOMEMLIMIT=0.9GiB", "GOMEMLIMIT=900mib", "GOMEMLIMIT=off", "GOMEMLIMIT=OFF", "GOMEMLIMIT=0", "GOMEMLIMIT=", "GOMEMLIMIT= 900MiB", "GOMEMLIMIT=-1",
	"GOMEMLIMIT=999MiB", "GOMEMLIMIT=4GiB", "GOMEMLIMIT=64MiB", "gomemlimit=900MiB", "GOMEMLIMIT =900MiB", "GOMEMLIMIT:900MiB", "GOMEMLIMIT", "GOMEMLIMIT=9,9MiB", "GOMEMLIMIT=99999999999999999999B", "GOMEMLIMIT=943718400",
}

func oneOf[T any](r *rand.Rand, all []T) T { return all[r.IntN(len(all))] }

// flawsOf are the annotations of a Pod template, and those that stand on its object.
func flawsOf(r *rand.Rand, id string) (template, object map[string]string) {
	template, object = map[string]string{}, map[string]string{}
	for _, name := range slices.Sorted(maps.Keys(flaws)) {
		value := strings.ReplaceAll(oneOf(r, flaws[name]), "ID", id)
		if value == "-" {
			continue
		}
		template["dapr.io/"+name] = value
		if r.IntN(12) == 0 {
			object["dapr.io/"+name] = value
			if r.IntN(2) == 0 {
				delete(template, "dapr.io/"+name)
			}
		}
	}
	if env := strings.ReplaceAll(oneOf(r, environments), "LIMIT", oneOf(r, softLimits)); env != "-" {
		template["dapr.io/env"] = env
	}
	return template, object
}

// flawedWorkload is one of a random kind. Few have Pods, which take their time.
func flawedWorkload(r *rand.Rand, name string) runtime.Object {
	set, misplaced := flawsOf(r, name)
	t := template(name, set)
	if r.IntN(6) == 0 {
		t.Spec.SecurityContext = &corev1.PodSecurityContext{SeccompProfile: &corev1.SeccompProfile{Type: corev1.SeccompProfileTypeRuntimeDefault}}
	}
	meta := object(name)
	meta.Annotations = misplaced
	replicas := int32(0)
	if r.IntN(3) == 0 {
		replicas = 1
	}
	switch r.IntN(8) {
	case 0, 1:
		strategy := oneOf(r, []appsv1.StatefulSetUpdateStrategyType{appsv1.RollingUpdateStatefulSetStrategyType, appsv1.OnDeleteStatefulSetStrategyType})
		return &appsv1.StatefulSet{ObjectMeta: meta, Spec: appsv1.StatefulSetSpec{
			Replicas: &replicas, Selector: selector(name), Template: t, UpdateStrategy: appsv1.StatefulSetUpdateStrategy{Type: strategy},
		}}
	case 2:
		t.Spec.NodeSelector = map[string]string{corev1.LabelHostname: "nowhere"}
		return &appsv1.DaemonSet{ObjectMeta: meta, Spec: appsv1.DaemonSetSpec{Selector: selector(name), Template: t}}
	case 3:
		yes := true
		t.Spec.RestartPolicy = corev1.RestartPolicyNever
		return &batchv1.CronJob{ObjectMeta: meta, Spec: batchv1.CronJobSpec{
			Schedule: "0 0 1 1 *", Suspend: &yes, JobTemplate: batchv1.JobTemplateSpec{Spec: batchv1.JobSpec{Template: t}},
		}}
	default:
		return &appsv1.Deployment{ObjectMeta: meta, Spec: appsv1.DeploymentSpec{Replicas: &replicas, Selector: selector(name), Template: t}}
	}
}

// ranges are the LimitRanges of namespaces, one each.
var ranges = []corev1.LimitRangeItem{
	{},
	{Type: corev1.LimitTypeContainer, Default: memory("512Mi")},
	{Type: corev1.LimitTypeContainer, Max: memory("600Mi")},
	{Type: corev1.LimitTypeContainer, DefaultRequest: cpu("500m")},
	{Type: corev1.LimitTypePod, Max: memory("1Gi")},
	{Type: corev1.LimitTypeContainer, Min: cpu("150m")},
}

func cpu(q string) corev1.ResourceList {
	return corev1.ResourceList{corev1.ResourceCPU: resource.MustParse(q)}
}

// flawedNamespace are the objects of a namespace: workloads, and a LimitRange.
func flawedNamespace(seed uint64, workloads int) []runtime.Object {
	r := rand.New(rand.NewPCG(seed, 0))
	var all []runtime.Object
	if item := ranges[int(seed)%len(ranges)]; item.Type != "" {
		all = append(all, limits(item))
	}
	for i := range workloads {
		all = append(all, flawedWorkload(r, fmt.Sprintf("app-%d", i)))
	}
	return all
}
