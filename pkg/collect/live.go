// Copyright The kubectl-dapr-prod Authors.
// SPDX-License-Identifier: Apache-2.0

package collect

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"slices"
	"sync"
	"time"

	"golang.org/x/sync/errgroup"
	apierrors "k8s.io/apimachinery/pkg/api/errors"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/labels"
	"k8s.io/apimachinery/pkg/runtime"
	"k8s.io/apimachinery/pkg/version"
	"k8s.io/client-go/rest"

	"github.com/dapr-prod/kubectl-dapr-prod/pkg/dapr"
	"github.com/dapr-prod/kubectl-dapr-prod/pkg/sidecar"
	"github.com/dapr-prod/kubectl-dapr-prod/pkg/snapshot"
)

// parallel is how many lists are under way at a time.
const parallel = 8

// usualNamespace is where the documentation installs Dapr: the last place to
// look for somebody who may not list the whole cluster.
const usualNamespace = "dapr-system"

// Live reads a cluster.
type Live struct {
	Config *rest.Config
	// Context is the name of the kubeconfig context, for the report.
	Context string
	// Namespace is the one to read apps from; empty means all.
	Namespace string
	// Selector restricts the workloads by their labels.
	Selector labels.Selector
	// ChunkSize is the number of objects a page; 0 asks for lists in one piece.
	ChunkSize int64
	// Reads is what the selected guidelines declare; nothing else is listed.
	Reads []snapshot.Read
	// OnlyHere are those of Reads that are about control planes and are not listed
	// outside Namespace, where that is set.
	OnlyHere []snapshot.Read
	// As is the release that control planes are judged as, whatever they run; the
	// unknown Version judges what runs.
	As  dapr.Version
	Now time.Time
	// Progress is told how many objects of a list have come, from several goroutines, and
	// of no list at the end; nil for nobody.
	Progress func(resource string, objects int)
}

// Read fills a snapshot. What the server does not let be read becomes a gap; an
// error means that there is no cluster to judge: it cannot be reached, does not
// know the user, or has no such namespace.
func (l Live) Read(ctx context.Context) (*snapshot.Snapshot, error) {
	lister, err := newLister(l.Config, l.ChunkSize)
	if err != nil {
		return nil, err
	}
	if l.Progress != nil {
		lister.progress = l.Progress
		defer l.Progress("", 0)
	}
	r := &reading{Live: l, lister: lister, facts: newFacts()}
	if err := r.meet(ctx); err != nil {
		return nil, err
	}
	if err := r.all(ctx, l.first()); err != nil {
		return nil, err
	}
	namespaces := r.controlPlaneNamespaces()
	if err := r.all(ctx, l.second(namespaces, r.failed)); err != nil {
		return nil, err
	}
	if err := r.each(ctx, r.gets(namespaces)); err != nil {
		return nil, err
	}
	return r.snapshot(), nil
}

// reading is one run of Live.
type reading struct {
	Live
	lister *lister

	mutex   sync.Mutex
	facts   *facts
	gaps    []snapshot.Gap
	version string
	// served are the answers of discovery so far, by path.
	served map[string]*metav1.APIResourceList
}

// meet asks for the server's version, and for the namespace that was named.
func (r *reading) meet(ctx context.Context) error {
	version, err := r.serverVersion(ctx)
	switch {
	case err == nil:
		r.version = version
	case !apierrors.IsForbidden(err):
		return err
	}
	if r.Namespace == "" {
		return nil
	}
	ns, err := r.lister.core.CoreV1().Namespaces().Get(ctx, r.Namespace, metav1.GetOptions{})
	switch {
	case apierrors.IsNotFound(err):
		return fmt.Errorf("namespace %q does not exist: kubectl get namespaces lists them", r.Namespace)
	case err == nil:
		return r.facts.add(ns, snapshot.Source{})
	}
	return r.gap(ctx, snapshot.Read{Resource: snapshot.Namespaces, Place: snapshot.InApps}, r.Namespace, "", err)
}

// serverVersion is the API server's, as in "v1.36.3".
func (r *reading) serverVersion(ctx context.Context) (string, error) {
	raw, err := r.lister.core.Discovery().RESTClient().Get().AbsPath("/version").Do(ctx).Raw()
	if err != nil {
		return "", err
	}
	var info version.Info
	if err := json.Unmarshal(raw, &info); err != nil {
		return "", fmt.Errorf("the server at %s is not a Kubernetes API server: its /version is not what one would say", r.Config.Host)
	}
	return info.GitVersion, nil
}

// all runs queries side by side.
func (r *reading) all(ctx context.Context, queries []query) error {
	group, ctx := errgroup.WithContext(ctx)
	group.SetLimit(parallel)
	for _, q := range queries {
		group.Go(func() error {
			f, err := r.lister.list(ctx, q)
			r.mutex.Lock()
			defer r.mutex.Unlock()
			if err != nil {
				return r.gap(ctx, q.Read, q.namespace, "", err)
			}
			r.facts.merge(f)
			return nil
		})
	}
	return group.Wait()
}

// serves tells whether the server has an API that is not built in. Who may not
// list its objects may still ask, and is refused even where there is none.
func (r *reading) serves(ctx context.Context, resource snapshot.Resource) bool {
	path := "/apis/" + resource.Group + "/" + versions[resource]
	list, asked := r.served[path]
	if !asked {
		list = &metav1.APIResourceList{}
		raw, err := r.lister.core.Discovery().RESTClient().Get().AbsPath(path).SetHeader("Accept", runtime.ContentTypeJSON).Do(ctx).Raw()
		if err != nil && !apierrors.IsNotFound(err) || err == nil && json.Unmarshal(raw, list) != nil {
			list = nil // nobody knows
		}
		if r.served == nil {
			r.served = map[string]*metav1.APIResourceList{}
		}
		r.served[path] = list
	}
	return list == nil || slices.ContainsFunc(list.APIResources, func(a metav1.APIResource) bool { return a.Name == resource.Resource })
}

// optional tells whether a cluster may do without an API. Without it there are no
// such objects, which is no gap. What sidecars use is something even where nobody
// measures it.
func optional(resource snapshot.Resource) bool {
	switch resource {
	case snapshot.ReplicaSets, snapshot.Configurations, snapshot.PodMetrics:
		return false
	default:
		return versions[resource] != ""
	}
}

// gap notes what a failed read hides; errors that hide everything are returned.
func (r *reading) gap(ctx context.Context, read snapshot.Read, namespace, name string, err error) error {
	g := snapshot.Gap{Resource: read.Resource, Place: read.Place, Namespace: namespace, Name: name}
	var status apierrors.APIStatus
	answered := errors.As(err, &status)
	switch {
	case !answered && !errors.Is(err, errRecord) || apierrors.IsUnauthorized(err):
		return err
	case optional(read.Resource) && (apierrors.IsNotFound(err) || !r.serves(ctx, read.Resource)):
		return nil
	case apierrors.IsNotFound(err) || read.Resource == snapshot.PodMetrics && !r.serves(ctx, read.Resource):
		g.Reason = snapshot.Unserved
	case apierrors.IsForbidden(err):
		g.Reason = snapshot.Forbidden
	default:
		g.Reason, g.Detail = snapshot.Failed, err.Error()
	}
	r.gaps = append(r.gaps, g)
	for _, place := range r.hiddenToo(g) {
		g.Place = place
		r.gaps = append(r.gaps, g)
	}
	return nil
}

// hiddenToo are the other places that the one failed list was for.
func (r *reading) hiddenToo(g snapshot.Gap) []snapshot.Place {
	var all []snapshot.Place
	switch {
	case g.Place == snapshot.InApps && g.Namespace == "":
		// What is beside a control plane is asked for again, in its namespace.
		for _, place := range []snapshot.Place{snapshot.InCluster, snapshot.Everywhere} {
			if r.reads(g.Resource, place) {
				all = append(all, place)
			}
		}
	case g.Place == snapshot.BesideControlPlane && r.besideHolds(g.Resource) && r.reads(g.Resource, snapshot.InControlPlane):
		all = append(all, snapshot.InControlPlane)
	}
	return all
}

// failed tells whether a list failed, of a namespace or, where that is empty, of
// the whole cluster.
func (r *reading) failed(resource snapshot.Resource, namespace string) bool {
	return slices.ContainsFunc(r.gaps, func(g snapshot.Gap) bool { return g.Resource == resource && g.Namespace == namespace })
}

// controlPlaneNamespaces is where to look for control planes: where the cluster
// points to and, for who may not look through the cluster, the usual place.
func (r *reading) controlPlaneNamespaces() []string {
	all := r.pointers()
	for _, w := range r.facts.controlPlane {
		all = append(all, w.Object.Namespace)
	}
	if len(all) == 0 && r.failed(snapshot.Deployments, "") {
		all = append(all, usualNamespace)
	}
	slices.Sort(all)
	return slices.Compact(all)
}

// pointers are the namespaces that the injectors' webhooks call, and those that
// running sidecars were told.
func (r *reading) pointers() []string {
	var all []string
	for _, w := range r.facts.webhooks {
		all = append(all, w.ControlPlane)
	}
	for _, p := range r.facts.pods {
		if p.Sidecar != nil {
			all = append(all, sidecar.DaprNamespaceOf(&p.Sidecar.Container))
		}
	}
	return slices.DeleteFunc(all, func(ns string) bool { return ns == "" })
}

// snapshot joins what was read.
func (r *reading) snapshot() *snapshot.Snapshot {
	s := &snapshot.Snapshot{
		TakenAt:           r.Now,
		Live:              true,
		Context:           r.Context,
		KubernetesVersion: r.version,
		Namespace:         r.Namespace,
		ControlPlanes:     r.facts.controlPlanes(),
		Namespaces:        r.facts.namespaces,
		LimitRanges:       r.facts.limitRanges,
		Configurations:    r.facts.configurations,
		Webhooks:          r.facts.webhooks,
	}
	r.facts.fill(s)
	s.Gaps = slices.Concat(r.gaps, r.broken(s))
	s.Selected = !r.Selector.Empty()
	s.Apps = r.facts.apps(r.Selector, func(owner snapshot.Object) bool {
		return s.Gap(snapshot.InApps, resourceOf(owner.APIVersion, owner.Kind), owner.Namespace) != nil
	})
	for _, ns := range r.pointers() {
		if s.ControlPlane(ns) == nil && slices.ContainsFunc(s.Gaps, func(g snapshot.Gap) bool {
			return g.Place == snapshot.InControlPlane && g.Resource == snapshot.Deployments && g.Namespace == ns
		}) {
			s.ControlPlanes = append(s.ControlPlanes, snapshot.ControlPlane{Namespace: ns})
		}
	}
	if len(s.ControlPlanes) > 0 {
		// What matters was looked for in their own namespaces.
		s.Gaps = slices.DeleteFunc(s.Gaps, func(g snapshot.Gap) bool {
			return g.Place == snapshot.InControlPlane && g.Namespace == ""
		})
	}
	slices.SortStableFunc(s.Gaps, snapshot.Gap.Compare)
	r.rehearse(s.ControlPlanes)
	return s
}

// rehearse makes control planes the release that was asked for, where that is an
// upgrade.
func (r *reading) rehearse(all []snapshot.ControlPlane) {
	for i := range all {
		switch cp := &all[i]; {
		case !r.As.Known() || len(cp.Workloads) == 0:
		case !cp.Version.Known():
			cp.Version, cp.Assumed = r.As, true
		case cp.Version.Before(r.As):
			cp.Rehearsed, cp.Version = cp.Version, r.As
		}
	}
}

// broken are the gaps of single objects. What was listed with the apps and
// belongs to a control plane is missing there as well.
func (r *reading) broken(s *snapshot.Snapshot) []snapshot.Gap {
	all := slices.Clone(r.facts.broken)
	for _, g := range r.facts.broken {
		if g.Place == snapshot.InApps && s.ControlPlane(g.Namespace) != nil &&
			r.reads(g.Resource, snapshot.InControlPlane) && r.covered(g.Resource, g.Namespace) {
			g.Place = snapshot.InControlPlane
			all = append(all, g)
		}
	}
	return all
}
