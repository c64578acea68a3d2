// Copyright The kubectl-dapr-prod Authors.
// SPDX-License-Identifier: Apache-2.0

package collect

import (
	corev1 "k8s.io/api/core/v1"
	discoveryv1 "k8s.io/api/discovery/v1"
	networkingv1 "k8s.io/api/networking/v1"
	policyv1 "k8s.io/api/policy/v1"
	rbacv1 "k8s.io/api/rbac/v1"
	schedulingv1 "k8s.io/api/scheduling/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"

	"github.com/dapr-prod/kubectl-dapr-prod/pkg/snapshot"
)

// named is an object as reports name it. Objects from typed lists do not say
// their kind themselves.
func named(version, kind string, meta *metav1.ObjectMeta) snapshot.Object {
	return snapshot.Object{APIVersion: version, Kind: kind, Namespace: meta.Namespace, Name: meta.Name}
}

func (f *facts) addNode(n *corev1.Node) {
	kept := snapshot.Node{
		Name:          n.Name,
		Labels:        n.Labels,
		Taints:        n.Spec.Taints,
		Unschedulable: n.Spec.Unschedulable,
		Kubelet:       n.Status.NodeInfo.KubeletVersion,
		Allocatable:   snapshot.AmountOf(n.Status.Allocatable),
	}
	for _, c := range n.Status.Conditions {
		if c.Type == corev1.NodeReady {
			kept.Ready = c.Status == corev1.ConditionTrue
		}
	}
	f.nodes = append(f.nodes, kept)
}

func (f *facts) addPriorityClass(c *schedulingv1.PriorityClass) {
	f.priorityClasses = append(f.priorityClasses, snapshot.PriorityClass{Name: c.Name, Value: c.Value, Default: c.GlobalDefault})
}

func (f *facts) addDisruptionBudget(b *policyv1.PodDisruptionBudget, src snapshot.Source) error {
	if b.Spec.Selector == nil {
		return nil // it selects nothing, and so protects nothing
	}
	kept := snapshot.DisruptionBudget{
		Object:         named("policy/v1", "PodDisruptionBudget", &b.ObjectMeta),
		Source:         src,
		MinAvailable:   b.Spec.MinAvailable,
		MaxUnavailable: b.Spec.MaxUnavailable,
		Allowed:        b.Status.DisruptionsAllowed,
		Expected:       b.Status.ExpectedPods,
	}
	var err error
	if kept.Selector, err = snapshot.NewSelector(b.Spec.Selector); err != nil {
		return err
	}
	f.disruptionBudgets = append(f.disruptionBudgets, kept)
	return nil
}

func (f *facts) addVolumeClaim(c *corev1.PersistentVolumeClaim, src snapshot.Source) {
	f.volumeClaims = append(f.volumeClaims, snapshot.VolumeClaim{
		Object:    named("v1", "PersistentVolumeClaim", &c.ObjectMeta),
		Source:    src,
		Labels:    c.Labels,
		Phase:     c.Status.Phase,
		Bound:     c.Status.Phase == corev1.ClaimBound,
		Requested: c.Spec.Resources.Requests,
		Capacity:  c.Status.Capacity,
	})
}

func (f *facts) addService(s *corev1.Service, src snapshot.Source) {
	f.services = append(f.services, snapshot.Service{
		Object:      named("v1", "Service", &s.ObjectMeta),
		Source:      src,
		Type:        s.Spec.Type,
		Labels:      s.Labels,
		Annotations: scrapeKeys(s.Annotations),
		Selector:    s.Spec.Selector,
		Ports:       s.Spec.Ports,
	})
}

func (f *facts) addEndpointSlice(s *discoveryv1.EndpointSlice) {
	kept := snapshot.Endpoints{Namespace: s.Namespace, Service: s.Labels[discoveryv1.LabelServiceName]}
	for _, e := range s.Endpoints {
		if e.Conditions.Ready == nil || *e.Conditions.Ready {
			kept.Ready += len(e.Addresses)
		}
	}
	f.endpoints = append(f.endpoints, kept)
}

func (f *facts) addIngress(i *networkingv1.Ingress, src snapshot.Source) {
	kept := snapshot.Ingress{Object: named("networking.k8s.io/v1", "Ingress", &i.ObjectMeta), Source: src}
	backend := func(b *networkingv1.IngressBackend) {
		if b != nil && b.Service != nil {
			kept.Services = append(kept.Services, b.Service.Name)
		}
	}
	backend(i.Spec.DefaultBackend)
	for _, rule := range i.Spec.Rules {
		if rule.HTTP == nil {
			continue
		}
		for p := range rule.HTTP.Paths {
			backend(&rule.HTTP.Paths[p].Backend)
		}
	}
	f.ingresses = append(f.ingresses, kept)
}

func (f *facts) addServiceAccount(a *corev1.ServiceAccount, src snapshot.Source) {
	f.serviceAccounts = append(f.serviceAccounts, snapshot.ServiceAccount{
		Object: named("v1", "ServiceAccount", &a.ObjectMeta), Source: src, Automount: a.AutomountServiceAccountToken,
	})
}

// rbac is the version of roles and bindings.
const rbac = "rbac.authorization.k8s.io/v1"

func (f *facts) addRole(kind string, meta *metav1.ObjectMeta, rules []rbacv1.PolicyRule, src snapshot.Source) {
	f.roles = append(f.roles, snapshot.Role{Object: named(rbac, kind, meta), Source: src, Rules: rules})
}

func (f *facts) addRoleBinding(kind string, meta *metav1.ObjectMeta, role rbacv1.RoleRef, subjects []rbacv1.Subject, src snapshot.Source) {
	f.roleBindings = append(f.roleBindings, snapshot.RoleBinding{Object: named(rbac, kind, meta), Source: src, Role: role, Subjects: subjects})
}
