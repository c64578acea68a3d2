// Copyright The kubectl-dapr-prod Authors.
// SPDX-License-Identifier: Apache-2.0

package catalogue

import (
	"github.com/dapr-prod/kubectl-dapr-prod/pkg/dapr"
	"github.com/dapr-prod/kubectl-dapr-prod/pkg/guideline"
	"github.com/dapr-prod/kubectl-dapr-prod/pkg/snapshot"
)

// replicas is what the page asks for: three of each.
const replicas = 3

var controlPlaneHA = &guideline.Guideline{
	ID:       "control-plane-ha",
	Title:    "the control plane runs three replicas of each service",
	Severity: guideline.Error,
	Origin:   guideline.Page,
	Section:  "High availability mode",
	Docs:     page + "#high-availability-mode",
	Why: "With one replica a node that goes takes certificates, injection and actors with it: new Pods start without a sidecar, " +
		"and sidecars that restart get no identity.",
	Judged: "Replicas wanted and ready, of each workload on its own and not by a global switch. Placement and scheduler at zero or not there, and an injector that is not there, are switched off; " +
		"the scheduler has three from 1.15 on whatever the rest does.",
	Fix: "set the Helm value global.ha.enabled=true; where placement runs without volume claims also " + logInMemory + ", or the upgrade fails on its StatefulSet; " +
		"where it has claims never, for the same reason",
	Traps: "The scheduler has three replicas from 1.15 on, with or without high availability, so that its number says nothing; and three replicas may all run on one node, see control-plane-spread.",
	Reads: []snapshot.Read{
		{Resource: snapshot.Deployments, Place: snapshot.InControlPlane},
		{Resource: snapshot.StatefulSets, Place: snapshot.InControlPlane},
	},
	ControlPlane: func(install *guideline.Install) []guideline.Result {
		return eachWorkload(install, judgeReplicas, func(name string) guideline.Result {
			if name == dapr.Operator || name == dapr.Sentry {
				return guideline.Fail("not installed").Do("install Dapr from its chart, which has no switch for this one")
			}
			return notInstalled(name)
		})
	},
	Values: haValues,
}

func judgeReplicas(install *guideline.Install, w *snapshot.ControlPlaneWorkload) guideline.Result {
	stateful := w.Object.Kind == "StatefulSet"
	switch {
	case w.Desired == 0 && stateful:
		return guideline.Skip("scaled to zero: switched off")
	case w.Desired < replicas && w.Name == dapr.Scheduler && becomesThree(install):
		return guideline.Skip("spec.replicas is %d: the upgrade makes three", w.Desired)
	case w.Desired < replicas:
		r := guideline.Fail("spec.replicas is %d: high availability wants %d", w.Desired, replicas).At("spec.replicas")
		r = r.Do("%s%s", highAvailability(install), schedulerGrows(install))
		if w.Desired == replicas-1 {
			return r.As(guideline.Warning)
		}
		return r
	case install.Snapshot.Live && w.Ready < replicas:
		return guideline.Fail("not healthy: %d of %d replicas ready", w.Ready, w.Desired).At("status.readyReplicas").
			Do("see kubectl describe %s", target(w.Object))
	case stateful && w.Desired%2 == 0:
		return guideline.Fail("%d replicas: an even number survives no more losses than one less", w.Desired).
			As(guideline.Info).At("spec.replicas").Do("scale to an odd number")
	default:
		return guideline.Pass("%d replicas", w.Desired)
	}
}

// becomesThree tells whether the upgrade in hand is the one with which the scheduler
// has three replicas in any case.
func becomesThree(install *guideline.Install) bool {
	return install.Rehearsed.Known() && !install.Rehearsed.AtLeast(1, 15, 0) && install.Version.AtLeast(1, 15, 0)
}

// eachWorkload judges the workloads of an install one by one, each on itself;
// missing judges those that were looked for and are not there.
func eachWorkload(install *guideline.Install, judge func(*guideline.Install, *snapshot.ControlPlaneWorkload) guideline.Result, missing func(name string) guideline.Result) []guideline.Result {
	if gap := install.Gap(snapshot.Deployments); gap != nil && gap.Reason != snapshot.NotInInput {
		return []guideline.Result{guideline.Hidden(gap)}
	}
	var results []guideline.Result
	for _, name := range dapr.ControlPlaneWorkloads() {
		w := install.Workload(name)
		switch {
		case w != nil:
			results = append(results, judge(install, w).On(w.Object, w.Source))
		case name == dapr.Scheduler && install.Version.Known() && !install.Version.AtLeast(1, 14, 0):
			// That release has none.
		default:
			results = append(results, judgeMissing(install, name, missing))
		}
	}
	return results
}

// notInstalled judges a workload that an install may do without.
func notInstalled(string) guideline.Result { return guideline.Skip("not installed") }

// judgeMissing judges a workload that is not there, or was not read.
func judgeMissing(install *guideline.Install, name string, missing func(name string) guideline.Result) guideline.Result {
	resource := snapshot.Deployments
	if name == dapr.Placement || name == dapr.Scheduler {
		resource = snapshot.StatefulSets
	}
	object := snapshot.Object{APIVersion: "apps/v1", Kind: "Deployment", Namespace: install.Namespace, Name: name}
	if resource == snapshot.StatefulSets {
		object.Kind = "StatefulSet"
	}
	var r guideline.Result
	switch gap := install.Gap(resource); {
	case gap != nil && gap.Reason != snapshot.NotInInput:
		r = guideline.Hidden(gap)
	case !install.Snapshot.Live:
		r = guideline.Unknown("%s: not in the input", name)
	default:
		r = missing(name)
	}
	return r.On(object, snapshot.Source{})
}
