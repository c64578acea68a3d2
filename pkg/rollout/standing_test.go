// Copyright The kubectl-dapr-prod Authors.
// SPDX-License-Identifier: Apache-2.0

package rollout_test

import (
	"strings"
	"testing"

	"k8s.io/apimachinery/pkg/apis/meta/v1/unstructured"
	"sigs.k8s.io/yaml"

	"github.com/dapr-prod/kubectl-dapr-prod/pkg/rollout"
)

var versions = map[string]string{
	"Deployment": "apps/v1", "StatefulSet": "apps/v1", "DaemonSet": "apps/v1", "CronJob": "batch/v1", "Rollout": "argoproj.io/v1alpha1", "Job": "batch/v1",
}

// workload is one named shop/it, of a kind and with the fields that are given.
func workload(t *testing.T, kind, fields string) *unstructured.Unstructured {
	t.Helper()
	content, err := yaml.YAMLToJSON([]byte("apiVersion: " + versions[kind] + "\nkind: " + kind + "\nmetadata: {namespace: shop, name: it}\n" + fields))
	if err != nil {
		t.Fatal(err)
	}
	u := &unstructured.Unstructured{}
	if err := u.UnmarshalJSON(content); err != nil {
		t.Fatal(err)
	}
	return u
}

func TestStanding(t *testing.T) {
	t.Parallel()
	for _, tt := range []struct {
		name, kind, fields string
		// want are parts of the sentences, one each.
		want []string
	}{
		{"many replicas", "Deployment", "spec: {replicas: 4}", nil},
		{"one replica, with surge", "Deployment", "spec: {replicas: 1}", nil},
		{"no number of replicas", "Deployment", "spec: {}", nil},
		{"none", "Deployment", "spec: {replicas: 0}", []string{"no replicas: the change takes effect when it is scaled up"}},
		{"paused", "Deployment", "spec: {replicas: 2, paused: true}", []string{"keeps its Pods as they are until somebody resumes it (kubectl rollout resume -n shop deployment/it)"}},
		{"paused, none", "Deployment", "spec: {replicas: 0, paused: true}", []string{"is paused"}},
		{"Recreate", "Deployment", "spec: {replicas: 3, strategy: {type: Recreate}}", []string{"all of its Pods end before the first new one starts"}},
		{"one, without surge", "Deployment", "spec: {replicas: 1, strategy: {rollingUpdate: {maxSurge: 0, maxUnavailable: 25%}}}", []string{"may be away while its only Pod is made anew (maxUnavailable 1, maxSurge 0)"}},
		{"all may be away", "Deployment", "spec: {replicas: 2, strategy: {rollingUpdate: {maxSurge: 1, maxUnavailable: 100%}}}", []string{"may have all of its 2 Pods away"}},
		{"more than all may be away", "Deployment", "spec: {replicas: 2, strategy: {rollingUpdate: {maxUnavailable: 5}}}", []string{"maxUnavailable 2, maxSurge 1"}},
		{"not all may be away", "Deployment", "spec: {replicas: 3, strategy: {rollingUpdate: {maxUnavailable: 67%}}}", nil},

		{"set", "StatefulSet", "spec: {replicas: 3, updateStrategy: {type: RollingUpdate, rollingUpdate: {partition: 0}}}", nil},
		{"set of one", "StatefulSet", "spec: {replicas: 1, updateStrategy: {type: RollingUpdate, rollingUpdate: {partition: 0}}}", []string{"has one replica: the app is away while its Pod restarts"}},
		{"set without replicas", "StatefulSet", "spec: {}", []string{"has one replica"}},
		{"set, all at once", "StatefulSet", "spec: {replicas: 2, updateStrategy: {rollingUpdate: {maxUnavailable: 100%}}}", []string{"all of its 2 Pods away at a time (maxUnavailable 2)"}},
		{"set, OnDelete", "StatefulSet", "spec: {replicas: 1, updateStrategy: {type: OnDelete}}", []string{"a Pod follows it when somebody deletes it"}},
		{"set, partition", "StatefulSet", "spec: {replicas: 3, updateStrategy: {rollingUpdate: {partition: 1}}}", []string{"its first Pod follows the change only when that is lowered"}},
		{"set, greater partition", "StatefulSet", "spec: {replicas: 3, updateStrategy: {rollingUpdate: {partition: 2}}}", []string{"its first 2 Pods follow the change only when that is lowered"}},
		{"set, partition of all", "StatefulSet", "spec: {replicas: 3, updateStrategy: {rollingUpdate: {partition: 7}}}", []string{"none of its Pods follows the change"}},

		{"daemon", "DaemonSet", "spec: {}\nstatus: {desiredNumberScheduled: 3}", []string{"on each node the app is away while its Pod restarts"}},
		{"daemon, with surge", "DaemonSet", "spec: {updateStrategy: {rollingUpdate: {maxSurge: 1, maxUnavailable: 0}}}\nstatus: {desiredNumberScheduled: 3}", nil},
		{"daemon, OnDelete", "DaemonSet", "spec: {updateStrategy: {type: OnDelete}}\nstatus: {desiredNumberScheduled: 3}", []string{"OnDelete"}},
		{"daemon, no node", "DaemonSet", "spec: {}", nil},

		{"cron", "CronJob", "spec: {schedule: '* * * * *'}", []string{"takes effect with its next run, and what runs now ends as it is"}},
		{"cron, suspended", "CronJob", "spec: {suspend: true}", []string{"is suspended"}},

		{"canary", "Rollout", "spec: {replicas: 4, strategy: {canary: {steps: [{setWeight: 20}, {pause: {duration: 1h}}]}}}", nil},
		{"canary that waits", "Rollout", "spec: {replicas: 4, strategy: {canary: {steps: [{setWeight: 20}, {pause: {}}]}}}", []string{"stops on its way until somebody promotes it (kubectl argo rollouts promote -n shop it)"}},
		{"canary without surge", "Rollout", "spec: {replicas: 1, strategy: {canary: {maxSurge: 0, maxUnavailable: 1, steps: [{pause: {}}]}}}", []string{"its only Pod", "stops on its way"}},
		{"blue-green", "Rollout", "spec: {replicas: 4, strategy: {blueGreen: {}}}", nil},
		{"blue-green that waits", "Rollout", "spec: {replicas: 4, strategy: {blueGreen: {autoPromotionEnabled: false}}}", []string{"stops on its way"}},
		{"blue-green that waits for a time", "Rollout", "spec: {replicas: 4, strategy: {blueGreen: {autoPromotionEnabled: false, autoPromotionSeconds: 30}}}", nil},
		{"rollout, paused", "Rollout", "spec: {replicas: 4, paused: true}", []string{"is paused"}},
		{"rollout, none", "Rollout", "spec: {replicas: 0}", []string{"no replicas"}},
	} {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			got := rollout.Standing(workload(t, tt.kind, tt.fields))
			if len(got) != len(tt.want) {
				t.Fatalf("got %q, want %q", got, tt.want)
			}
			for i, want := range tt.want {
				if !strings.HasPrefix(got[i], tt.kind+" shop/it ") || !strings.Contains(got[i], want) {
					t.Errorf("got %q, want %q", got[i], want)
				}
			}
		})
	}
}

func TestSurge(t *testing.T) {
	t.Parallel()
	for _, tt := range []struct {
		name, kind, fields string
		want               int32
	}{
		{"the usual quarter, rounded up", "Deployment", "spec: {replicas: 5}", 2},
		{"of one", "Deployment", "spec: {replicas: 1}", 1},
		{"of those that are not counted", "Deployment", "spec: {}", 1},
		{"of none", "Deployment", "spec: {replicas: 0, strategy: {rollingUpdate: {maxSurge: 3}}}", 0},
		{"a number", "Deployment", "spec: {replicas: 5, strategy: {rollingUpdate: {maxSurge: 3}}}", 3},
		{"more than there are", "Deployment", "spec: {replicas: 2, strategy: {rollingUpdate: {maxSurge: 3}}}", 2},
		{"none", "Deployment", "spec: {replicas: 5, strategy: {rollingUpdate: {maxSurge: 0}}}", 0},
		{"a percentage", "Deployment", "spec: {replicas: 3, strategy: {rollingUpdate: {maxSurge: 34%}}}", 2},
		{"twice as many", "Deployment", "spec: {replicas: 3, strategy: {rollingUpdate: {maxSurge: 200%}}}", 3},
		{"nonsense", "Deployment", "spec: {replicas: 8, strategy: {rollingUpdate: {maxSurge: many}}}", 2},
		{"Recreate", "Deployment", "spec: {replicas: 5, strategy: {type: Recreate}}", 0},
		{"paused", "Deployment", "spec: {replicas: 5, paused: true}", 2},
		{"set", "StatefulSet", "spec: {replicas: 5}", 0},
		{"daemon", "DaemonSet", "spec: {}\nstatus: {desiredNumberScheduled: 9}", 0},
		{"daemon, a percentage", "DaemonSet", "spec: {updateStrategy: {rollingUpdate: {maxSurge: 25%}}}\nstatus: {desiredNumberScheduled: 9}", 3},
		{"daemon, OnDelete", "DaemonSet", "spec: {updateStrategy: {type: OnDelete, rollingUpdate: {maxSurge: 25%}}}\nstatus: {desiredNumberScheduled: 9}", 0},
		{"canary", "Rollout", "spec: {replicas: 5, strategy: {canary: {}}}", 2},
		{"canary, a percentage without its sign", "Rollout", "spec: {replicas: 4, strategy: {canary: {maxSurge: '50'}}}", 2},
		{"canary that traffic is routed to", "Rollout", "spec: {replicas: 5, strategy: {canary: {trafficRouting: {nginx: {}}}}}", 5},
		{"blue-green", "Rollout", "spec: {replicas: 5, strategy: {blueGreen: {}}}", 5},
		{"cron", "CronJob", "spec: {}", 0},
	} {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			if got := rollout.Surge(workload(t, tt.kind, tt.fields)); got != tt.want {
				t.Errorf("got %d, want %d", got, tt.want)
			}
		})
	}
}
