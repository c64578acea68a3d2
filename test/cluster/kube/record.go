// Copyright The kubectl-dapr-prod Authors.
// SPDX-License-Identifier: Apache-2.0

package kube

import (
	"fmt"
	"net/http"
	"slices"
	"sync"
	"testing"

	rbacv1 "k8s.io/api/rbac/v1"
	"k8s.io/apimachinery/pkg/util/sets"
	"k8s.io/apiserver/pkg/endpoints/request"
)

// Asked is one request as RBAC sees it.
type Asked struct {
	Verb, Group string
	// Resource has a subresource behind a slash.
	Resource        string
	Namespace, Name string
	// Forbidden tells that the server did not allow it.
	Forbidden bool
}

func (a Asked) String() string {
	return fmt.Sprintf("%s %s.%s %s/%s", a.Verb, a.Resource, a.Group, a.Namespace, a.Name)
}

// Record keeps the requests that a Front has passed on.
type Record struct {
	mutex sync.Mutex
	asked map[Asked]bool
}

// Record keeps, from now on, what is asked of the API server itself.
func (f *Front) Record() *Record {
	r := &Record{asked: map[Asked]bool{}}
	f.record.Store(r)
	return r
}

var infos = &request.RequestInfoFactory{APIPrefixes: sets.NewString("api", "apis"), GrouplessAPIPrefixes: sets.NewString("api")}

// keep notes down a request that was answered.
func (r *Record) keep(response *http.Response) {
	info, err := infos.NewRequestInfo(response.Request)
	if err != nil || !info.IsResourceRequest {
		return // which everybody may do who is logged in
	}
	a := Asked{
		Verb: info.Verb, Group: info.APIGroup, Resource: info.Resource, Namespace: info.Namespace, Name: info.Name,
		Forbidden: response.StatusCode == http.StatusForbidden,
	}
	if info.Subresource != "" {
		a.Resource += "/" + info.Subresource
	}
	r.mutex.Lock()
	defer r.mutex.Unlock()
	r.asked[a] = true
}

// Forbidden are the requests that the server did not allow.
func (r *Record) Forbidden() []Asked {
	r.mutex.Lock()
	defer r.mutex.Unlock()
	var all []Asked
	for a := range r.asked {
		if a.Forbidden {
			all = append(all, a)
		}
	}
	return all
}

// Unused are the rights of rules that no request has needed.
func (r *Record) Unused(rules []rbacv1.PolicyRule) (all []string) {
	r.mutex.Lock()
	defer r.mutex.Unlock()
	for _, rule := range rules {
		names := rule.ResourceNames
		if len(names) == 0 {
			names = []string{""}
		}
		for _, verb := range rule.Verbs {
			for _, resource := range rule.Resources {
				for _, name := range names {
					if !r.used(verb, rule.APIGroups[0], resource, name) {
						all = append(all, fmt.Sprintf("%s %s.%s %s", verb, resource, rule.APIGroups[0], name))
					}
				}
			}
		}
	}
	slices.Sort(all)
	return all
}

func (r *Record) used(verb, group, resource, name string) bool {
	for a := range r.asked {
		if a.Verb == verb && a.Group == group && a.Resource == resource && (name == "" || a.Name == name) && !a.Forbidden {
			return true
		}
	}
	return false
}

// RoleOf is the role that the command rbac prints.
func RoleOf(t testing.TB, args ...string) string {
	t.Helper()
	o := Run(t, append([]string{"rbac"}, args...)...)
	if o.Code != 0 || o.Stderr != "" {
		t.Fatalf("rbac %q: exit code %d\n%s%s", args, o.Code, o.Stdout, o.Stderr)
	}
	return o.Stdout
}
