// Copyright The kubectl-dapr-prod Authors.
// SPDX-License-Identifier: Apache-2.0

//go:build cluster

package cluster_test

import (
	"fmt"
	"maps"
	"net/http"
	"slices"
	"strings"
	"sync"
	"testing"

	"k8s.io/apimachinery/pkg/labels"
	"k8s.io/client-go/rest"

	"github.com/dapr-prod/kubectl-dapr-prod/pkg/catalogue"
	"github.com/dapr-prod/kubectl-dapr-prod/pkg/collect"
	"github.com/dapr-prod/kubectl-dapr-prod/pkg/dapr"
	"github.com/dapr-prod/kubectl-dapr-prod/pkg/guideline"
	"github.com/dapr-prod/kubectl-dapr-prod/pkg/snapshot"
)

// asked is one request as RBAC sees it, and the place that it is about.
type asked struct {
	verb     string
	resource snapshot.Resource
	place    string
}

// The places of a request.
const (
	inApps         = "where the apps are"
	inControlPlane = "where the control plane is"
	everywhere     = "everywhere"
	// labelled is a list of the whole cluster that only holds control planes.
	labelled = "everywhere, by the control plane's labels"
)

// recorder keeps the requests that pass.
type recorder struct {
	next http.RoundTripper
	apps string

	mutex sync.Mutex
	asked map[asked]int
	// wrong are requests that are not as they should be.
	wrong []string
}

func (r *recorder) RoundTrip(request *http.Request) (*http.Response, error) {
	a := r.read(request)
	r.mutex.Lock()
	r.asked[a]++
	if accept := request.Header.Get("Accept"); !accepts(a, accept) {
		r.wrong = append(r.wrong, fmt.Sprintf("%s is asked for as %s", a.resource, accept))
	}
	r.mutex.Unlock()
	return r.next.RoundTrip(request)
}

// read takes a request's path apart.
func (r *recorder) read(request *http.Request) asked {
	parts := strings.Split(strings.Trim(request.URL.Path, "/"), "/")
	a := asked{verb: "list", place: everywhere}
	if len(parts) < 3 {
		return asked{verb: "get", resource: snapshot.Resource{Resource: parts[0]}, place: everywhere}
	}
	if parts[0] == "apis" {
		a.resource.Group = parts[1]
		parts = parts[1:]
	}
	parts = parts[2:]
	switch {
	case len(parts) == 2 && parts[0] == "namespaces":
		a.verb = "get"
		a.resource.Resource = "namespaces"
		a.place = r.place(parts[1])
	case len(parts) == 3 && parts[0] == "namespaces":
		a.resource.Resource = parts[2]
		a.place = r.place(parts[1])
	case len(parts) == 4 && parts[0] == "namespaces":
		a.verb = "get"
		a.resource.Resource = parts[2]
		a.place = r.place(parts[1]) + ", " + parts[3]
	case len(parts) == 2:
		a.verb = "get"
		a.resource.Resource = parts[0]
		a.place = parts[1]
	case len(parts) == 1:
		a.resource.Resource = parts[0]
		if strings.Contains(request.URL.Query().Get("labelSelector"), "dapr-operator") {
			a.place = labelled
		}
	default:
		a.verb = request.Method + " " + request.URL.Path
	}
	if request.Method != http.MethodGet {
		a.verb = request.Method
	}
	return a
}

func (r *recorder) place(namespace string) string {
	switch namespace {
	case r.apps:
		return inApps
	case cluster.Dapr.Namespace:
		return inControlPlane
	default:
		return "in namespace " + namespace
	}
}

const protobuf = "application/vnd.kubernetes.protobuf"

// accepts tells whether a resource travels in its cheapest form.
func accepts(a asked, accept string) bool {
	first, _, _ := strings.Cut(accept, ",")
	switch a.resource {
	case snapshot.Resource{Resource: "version"}, snapshot.Definitions:
		return true
	case snapshot.Secrets:
		return a.verb == "get" && first == protobuf || metadataOnly(first)
	case snapshot.ReplicaSets:
		return metadataOnly(first)
	}
	switch a.resource.Group {
	case snapshot.Components.Group, snapshot.Rollouts.Group, snapshot.PodMonitors.Group, snapshot.PodMetrics.Group:
		return true
	default:
		return first == protobuf
	}
}

// metadataOnly tells whether of the objects only their metadata travels.
func metadataOnly(accept string) bool {
	return strings.HasPrefix(accept, protobuf+";") && strings.Contains(accept, "as=PartialObjectMetadata")
}

// TestDeclaredReads: what a guideline declares to read is what is asked of the
// server, neither more nor less, and nothing is listed twice.
func TestDeclaredReads(t *testing.T) {
	t.Parallel()
	ns := someApps(t)
	all := &guideline.Guideline{ID: "all"}
	for _, g := range catalogue.All() {
		for _, read := range g.Reads {
			if !slices.Contains(all.Reads, read) {
				all.Reads = append(all.Reads, read)
			}
		}
	}
	// What no guideline reads yet, alone and beside all else.
	usage := &guideline.Guideline{ID: "usage", Reads: append(snapshot.Usage(), snapshot.Capacity()...)}
	more := &guideline.Guideline{ID: "all and usage", Reads: slices.Concat(all.Reads, snapshot.Usage(), snapshot.Capacity()[1:])}
	for _, g := range append(catalogue.All(), all, usage, more, &guideline.Guideline{ID: "none"}) {
		for where, namespace := range map[string]string{"one namespace": ns.Name, "all namespaces": ""} {
			t.Run(g.ID+" in "+where, func(t *testing.T) {
				r := &recorder{apps: ns.Name, asked: map[asked]int{}}
				config := rest.CopyConfig(cluster.Config)
				config.Wrap(func(next http.RoundTripper) http.RoundTripper { r.next = next; return r })
				live := collect.Live{Config: config, Namespace: namespace, Selector: labels.Everything(), ChunkSize: 100_000, Reads: g.Reads}
				if _, err := live.Read(t.Context()); err != nil {
					t.Fatal(err)
				}
				maps.DeleteFunc(r.asked, func(a asked, _ int) bool {
					// Other tests' apps name Secrets too.
					return a.resource == snapshot.Secrets && strings.HasPrefix(a.place, "in namespace")
				})
				expectAsked(t, declared(g.Reads, namespace), r.asked)
				for _, w := range r.wrong {
					t.Error(w)
				}
			})
		}
	}
}

// declared are the requests that reads stand for.
func declared(reads []snapshot.Read, namespace string) map[asked]int {
	want := map[asked]int{{"get", snapshot.Resource{Resource: "version"}, everywhere}: 1}
	apps := everywhere
	if namespace != "" {
		apps = inApps
		want[asked{"get", snapshot.Namespaces, inApps}] = 1
	}
	for _, read := range reads {
		if read == (snapshot.Read{Resource: snapshot.Namespaces, Place: snapshot.InControlPlane}) {
			if namespace != "" || !slices.Contains(reads, snapshot.Read{Resource: snapshot.Namespaces, Place: snapshot.InApps}) {
				want[asked{"get", snapshot.Namespaces, inControlPlane}] = 1
			}
			continue
		}
		if byName := declaredByName(read); byName != nil {
			maps.Copy(want, byName)
			continue
		}
		switch read.Place {
		case snapshot.BesideControlPlane:
			if namespace != "" || !slices.Contains(reads, snapshot.Read{Resource: read.Resource, Place: snapshot.InApps}) {
				want[asked{"list", read.Resource, inControlPlane}] = 1
			}
		case snapshot.InCluster:
			want[asked{"list", read.Resource, everywhere}] = 1
		case snapshot.InApps:
			if read.Resource != snapshot.Namespaces || namespace == "" {
				want[asked{"list", read.Resource, apps}] = 1
			}
		case snapshot.InControlPlane:
			place := inControlPlane
			if read.Resource == snapshot.Deployments || read.Resource == snapshot.StatefulSets {
				place = labelled // by which control planes are found
			}
			if namespace == "" && slices.Contains(reads, snapshot.Read{Resource: read.Resource, Place: snapshot.InApps}) {
				place = everywhere // where everything is read, the control plane is
			}
			want[asked{"list", read.Resource, place}] = 1
		}
	}
	return want
}

// declaredByName are the requests for what is not listed but asked for by name;
// nil for what is listed. The token is the one of someApps.
func declaredByName(read snapshot.Read) map[asked]int {
	want := map[asked]int{}
	switch {
	case read.Resource == snapshot.Definitions:
		for _, name := range dapr.Definitions() {
			want[asked{"get", read.Resource, name}] = 1
		}
	case read.Resource == snapshot.Releases:
		want[asked{"list", snapshot.Secrets, inControlPlane}] = 1
		want[asked{"get", snapshot.Secrets, inControlPlane + ", sh.helm.release.v1.dapr.v1"}] = 1
	case read.Resource == snapshot.Secrets && read.Place == snapshot.InControlPlane:
		want[asked{"get", read.Resource, inControlPlane + ", " + dapr.TrustBundle}] = 1
	case read.Resource == snapshot.Secrets:
		want[asked{"get", read.Resource, inApps + ", a-token"}] = 1
	default:
		return nil
	}
	return want
}

func expectAsked(t *testing.T, want, got map[asked]int) {
	t.Helper()
	for a, n := range got {
		if want[a] == 0 {
			t.Errorf("not declared, and yet asked: %s %s %s", a.verb, a.resource, a.place)
		}
		if n > 1 {
			t.Errorf("asked %d times: %s %s %s", n, a.verb, a.resource, a.place)
		}
	}
	for a := range maps.Keys(want) {
		if got[a] == 0 {
			t.Errorf("declared, and yet not asked: %s %s %s", a.verb, a.resource, a.place)
		}
	}
}
