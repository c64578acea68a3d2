// Copyright The kubectl-dapr-prod Authors.
// SPDX-License-Identifier: Apache-2.0

package collect

import (
	"slices"
	"strings"

	corev1 "k8s.io/api/core/v1"
	"k8s.io/apimachinery/pkg/fields"

	"github.com/dapr-prod/kubectl-dapr-prod/pkg/dapr"
	"github.com/dapr-prod/kubectl-dapr-prod/pkg/snapshot"
)

// query is one list that is asked of the server.
type query struct {
	snapshot.Read
	// namespace is empty for all of them, and for the cluster scope.
	namespace      string
	labels, fields string
	// sums tells that these are all Pods of the cluster, and that what they request
	// was asked for.
	sums bool
}

// everyPod is the read of what all Pods request.
var everyPod = snapshot.Read{Resource: snapshot.Pods, Place: snapshot.InCluster}

// controlPlaneLabels select the workloads and Pods of every control plane.
var controlPlaneLabels = dapr.ControlPlaneLabel + " in (" + strings.Join(append(dapr.ControlPlaneWorkloads(), dapr.Dashboard), ",") + ")"

// first are the queries that need to know nothing of the cluster.
func (l Live) first() []query {
	var all []query
	for _, read := range l.Reads {
		if byName(read) {
			continue
		}
		q := query{Read: read, fields: fieldsOf(read)}
		switch read.Place {
		case snapshot.BesideControlPlane:
			continue
		case snapshot.InCluster, snapshot.Everywhere:
			if l.Namespace == "" && l.reads(read.Resource, snapshot.InApps) {
				continue // the apps' list holds it
			}
			q.sums = read == everyPod
		case snapshot.InApps:
			if read.Resource == snapshot.Namespaces && l.Namespace != "" {
				continue // one get, see Live.Read
			}
			q.namespace = l.Namespace
			q.sums = l.Namespace == "" && read.Resource == snapshot.Pods && l.reads(snapshot.Pods, snapshot.InCluster)
			if l.narrowed(read.Resource) {
				q.labels = l.Selector.String()
			}
		case snapshot.InControlPlane:
			if l.covered(read.Resource, "") || !findsControlPlanes(read.Resource) {
				continue
			}
			q.labels = controlPlaneLabels
		}
		all = append(all, q)
	}
	return all
}

// covered tells whether the list of apps' resources holds those of a control
// plane in namespace too; the empty namespace stands for wherever it is.
func (l Live) covered(resource snapshot.Resource, namespace string) bool {
	return (l.Namespace == "" || l.Namespace == namespace) && !l.narrowed(resource) && l.reads(resource, snapshot.InApps)
}

func (l Live) reads(resource snapshot.Resource, place snapshot.Place) bool {
	return slices.Contains(l.Reads, snapshot.Read{Resource: resource, Place: place})
}

// narrowed tells whether the server is asked for the selected objects only. A
// selected Rollout may refer to a Deployment that is not, so that with Rollouts
// all Deployments are listed, and selected when they are joined.
func (l Live) narrowed(resource snapshot.Resource) bool {
	if l.Selector.Empty() || resource == snapshot.Deployments && l.reads(snapshot.Rollouts, snapshot.InApps) {
		return false
	}
	return selected(resource)
}

// second are the queries in the control planes' namespaces that the first left
// open. failed tells whether a list of the first failed; its namespace is empty
// for the whole cluster.
func (l Live) second(namespaces []string, failed func(resource snapshot.Resource, namespace string) bool) []query {
	var all []query
	for _, read := range l.Reads {
		own := read.Place == snapshot.InControlPlane
		if !own && read.Place != snapshot.BesideControlPlane || byName(read) {
			continue
		}
		if own && l.besideHolds(read.Resource) {
			continue
		}
		// A list of the whole cluster that succeeded is not repeated in part.
		if (l.covered(read.Resource, "") || own && findsControlPlanes(read.Resource)) && !failed(read.Resource, "") {
			continue
		}
		for _, ns := range namespaces {
			if l.covered(read.Resource, ns) && !failed(read.Resource, l.Namespace) {
				continue
			}
			if l.Namespace != "" && l.Namespace != ns && slices.Contains(l.OnlyHere, read) {
				continue
			}
			q := query{Read: read, namespace: ns, fields: fieldsOf(read)}
			if own && (findsControlPlanes(read.Resource) || read.Resource == snapshot.Pods) {
				q.labels = controlPlaneLabels
			}
			all = append(all, q)
		}
	}
	return all
}

// besideHolds tells whether what is listed beside a control plane brings its own
// objects too: its Pods, of which the one list is the other by label.
func (l Live) besideHolds(resource snapshot.Resource) bool {
	return resource == snapshot.Pods && l.reads(resource, snapshot.BesideControlPlane)
}

// fieldsOf narrows lists of which only few objects are of interest.
func fieldsOf(read snapshot.Read) string {
	switch {
	case read == everyPod:
		return fields.AndSelectors(
			fields.OneTermNotEqualSelector("spec.nodeName", ""),
			fields.OneTermNotEqualSelector("status.phase", string(corev1.PodSucceeded)),
			fields.OneTermNotEqualSelector("status.phase", string(corev1.PodFailed)),
		).String()
	case read.Resource == snapshot.Events:
		return fields.OneTermEqualSelector("reason", failedCreate).String()
	case read.Resource == snapshot.ConfigMaps:
		return fields.OneTermEqualSelector("metadata.name", dapr.TrustBundle).String()
	case read.Resource == snapshot.RoleBindings && read.Place == snapshot.InCluster:
		return fields.OneTermEqualSelector("metadata.name", dapr.SecretReaderBinding).String()
	case read.Resource == snapshot.Roles && read.Place == snapshot.InCluster:
		return fields.OneTermEqualSelector("metadata.name", dapr.SecretReaderRole).String()
	default:
		return ""
	}
}

// findsControlPlanes: control planes are found by their Deployments and StatefulSets.
func findsControlPlanes(r snapshot.Resource) bool {
	return r == snapshot.Deployments || r == snapshot.StatefulSets
}

// selected tells whether -l applies to a resource: to the workloads themselves.
// Their Pods and links are needed whatever labels they carry.
func selected(r snapshot.Resource) bool {
	switch r {
	case snapshot.Deployments, snapshot.StatefulSets, snapshot.DaemonSets, snapshot.Jobs, snapshot.CronJobs, snapshot.Rollouts:
		return true
	default:
		return false
	}
}
