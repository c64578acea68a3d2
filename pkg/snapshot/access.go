// Copyright The kubectl-dapr-prod Authors.
// SPDX-License-Identifier: Apache-2.0

package snapshot

import rbacv1 "k8s.io/api/rbac/v1"

// ServiceAccount is one ServiceAccount.
type ServiceAccount struct {
	Object Object
	Source Source
	// Automount is automountServiceAccountToken; nil when it is not set, which means true.
	Automount *bool
}

// Role is a Role or, without a namespace, a ClusterRole.
type Role struct {
	Object Object
	Source Source
	Rules  []rbacv1.PolicyRule
}

// RoleBinding is a RoleBinding or, without a namespace, a ClusterRoleBinding.
type RoleBinding struct {
	Object   Object
	Source   Source
	Role     rbacv1.RoleRef
	Subjects []rbacv1.Subject
}

// ServiceAccount returns the named ServiceAccount, or nil.
func (s *Snapshot) ServiceAccount(namespace, name string) *ServiceAccount {
	for i := range s.ServiceAccounts {
		if o := s.ServiceAccounts[i].Object; o.Namespace == namespace && o.Name == name {
			return &s.ServiceAccounts[i]
		}
	}
	return nil
}

// Role returns the named Role of a namespace or, where that is empty, ClusterRole; or nil.
func (s *Snapshot) Role(namespace, name string) *Role {
	for i := range s.Roles {
		if o := s.Roles[i].Object; o.Namespace == namespace && o.Name == name {
			return &s.Roles[i]
		}
	}
	return nil
}
