// Copyright The kubectl-dapr-prod Authors.
// SPDX-License-Identifier: Apache-2.0

package collect

import (
	"slices"
	"strings"

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
}

// controlPlaneLabels select the workloads and Pods of every control plane.
var controlPlaneLabels = dapr.ControlPlaneLabel + " in (" + strings.Join(dapr.ControlPlaneWorkloads(), ",") + ")"

// whole tells that everything in the cluster is read, so that the lists of apps
// hold the control planes as well.
func (l Live) whole() bool { return l.Namespace == "" && l.Selector.Empty() }

// first are the queries that need to know nothing of the cluster.
func (l Live) first() []query {
	var all []query
	for _, read := range l.Reads {
		q := query{Read: read}
		switch read.Place {
		case snapshot.InApps:
			if read.Resource == snapshot.Namespaces && l.Namespace != "" {
				continue // one get, see Live.Read
			}
			q.namespace = l.Namespace
			if selected(read.Resource) {
				q.labels = l.Selector.String()
			}
			if read.Resource == snapshot.Events {
				q.fields = fields.OneTermEqualSelector("reason", failedCreate).String()
			}
		case snapshot.InControlPlane:
			if l.covered(read.Resource) || !findsControlPlanes(read.Resource) {
				continue
			}
			q.labels = controlPlaneLabels
		}
		all = append(all, q)
	}
	return all
}

// covered tells whether the list of apps' resources holds the control planes' too.
func (l Live) covered(resource snapshot.Resource) bool {
	return l.whole() && slices.Contains(l.Reads, snapshot.Read{Resource: resource, Place: snapshot.InApps})
}

// second are the queries in the control planes' namespaces that the first left open.
func (l Live) second(namespaces []string, failed func(snapshot.Resource) bool) []query {
	var all []query
	for _, read := range l.Reads {
		if read.Place != snapshot.InControlPlane {
			continue
		}
		// A list of the whole cluster that succeeded is not repeated in part.
		if (l.covered(read.Resource) || findsControlPlanes(read.Resource)) && !failed(read.Resource) {
			continue
		}
		for _, ns := range namespaces {
			q := query{Read: read, namespace: ns}
			if findsControlPlanes(read.Resource) || read.Resource == snapshot.Pods {
				q.labels = controlPlaneLabels
			}
			all = append(all, q)
		}
	}
	return all
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
