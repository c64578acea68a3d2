// Copyright The kubectl-dapr-prod Authors.
// SPDX-License-Identifier: Apache-2.0

package cmd

import (
	"fmt"
	"slices"
	"strings"

	"github.com/dapr-prod/kubectl-dapr-prod/pkg/catalogue"
	"github.com/dapr-prod/kubectl-dapr-prod/pkg/collect"
	"github.com/dapr-prod/kubectl-dapr-prod/pkg/fix"
	"github.com/dapr-prod/kubectl-dapr-prod/pkg/guideline"
	"github.com/dapr-prod/kubectl-dapr-prod/pkg/rights"
	"github.com/dapr-prod/kubectl-dapr-prod/pkg/snapshot"
	"github.com/dapr-prod/kubectl-dapr-prod/pkg/usage"
)

// needer is a command that needs to be allowed something.
type needer struct {
	name string
	// about says in one sentence what it does with that.
	about string
	// reads are all that it may read of a cluster, by any of its flags, or for the apps of
	// one namespace.
	reads func(namespace string) []snapshot.Read
	// more are the rights that it needs beside reading that, with Secrets or without; nil
	// for none.
	more func(secrets bool) []rights.Right
}

// needers are the commands that ask a cluster for anything; the first one is printed
// where none is named.
var needers = []needer{
	{"check", "It only reads.", checkReads, nil},
	{
		"fix", "It reads what fix judges by, and writes to Pod templates; a value of Dapr's chart is shown. With --helm-upgrade " +
			"fix needs what helm upgrade needs, which is in no role here: all that the chart makes.",
		fixReads, func(bool) []rights.Right { return fix.Rights() },
	},
	{
		"harden", "It reads what harden judges by, and writes to Pod templates, to objects of dapr.io and to labels of namespaces; a value of Dapr's chart is shown, as by fix. " +
			"Tokens, and what moves out of objects, are kept in Secrets: without --with-secrets those steps are refused.",
		hardenReads, func(secrets bool) []rights.Right {
			return slices.Concat(fix.HardenRights(secrets), usage.ScopeRights())
		},
	},
	{
		"sizing", "It only reads; services/proxy is for a Prometheus in the cluster, and not needed with --prometheus-url. " +
			"Whoever uses --apply needs what is printed for fix as well.",
		sizingAllReads, func(bool) []rights.Right { return usage.Rights() },
	},
}

func neederNames() []string {
	var names []string
	for _, n := range needers {
		names = append(names, n.name)
	}
	return names
}

func checkReads(string) []snapshot.Read {
	return readsOf(catalogue.All(), scopes[0].scopes)
}

// fixReads are those of apps and, as a whole, of control planes, whose values fix shows.
func fixReads(namespace string) []snapshot.Read {
	apps, _ := scopeOf(nil, "", false).reads()
	if namespace != "" {
		return apps
	}
	return distinct(slices.Concat(apps, readsOf(valuesScope(), []guideline.Scope{guideline.Apps, guideline.ControlPlane, guideline.Cluster})))
}

// hardenReads are those of apps, of objects of dapr.io, and of control planes, whose values
// harden shows beside an app's half of a step.
func hardenReads(string) []snapshot.Read {
	scope := scopeOf(nil, "", true)
	scope.hardens = true
	reads, _ := scope.reads()
	return distinct(slices.Concat(reads, readsOf(valuesScope(), []guideline.Scope{guideline.Apps, guideline.ControlPlane, guideline.Cluster})))
}

// sizingAllReads are those of apps and, as a whole, of control planes.
func sizingAllReads(namespace string) []snapshot.Read {
	if namespace != "" {
		return sizingReads()
	}
	services := catalogue.SizingControlPlane(nil, catalogue.SizingOptions{})
	return distinct(slices.Concat(sizingReads(), services.Reads))
}

// readable are the reads that a role is to allow, and those that are left out of it.
func (n needer) readable(namespace string, secrets bool) (reads, hidden []snapshot.Read) {
	reads = n.reads(namespace)
	if !secrets {
		hidden = slices.DeleteFunc(slices.Clone(reads), func(r snapshot.Read) bool { return !inSecrets(r) })
		reads = slices.DeleteFunc(reads, inSecrets)
	}
	return reads, hidden
}

// beside is what the command reads in the namespace of a control plane, for the apps of
// another one.
func (n needer) beside(controlPlane, namespace string, secrets bool) rights.Role {
	reads, _ := n.readable(namespace, secrets)
	there := rights.WithControlPlane(collect.Rights(reads))
	role := rights.Role{Name: "dapr-prod-" + n.name + "-control-plane", Namespace: controlPlane, Rules: rights.Rules(there)}
	role.Notes = append(role.Notes, fmt.Sprintf("It is for the control plane in namespace %s, as far as a Role can give it, and only lets it be read.", controlPlane),
		"Give it to the same:\n  "+role.Binding())
	return role
}

// role is what the command needs: in one namespace or, where that is empty, everywhere.
func (n needer) role(namespace string, secrets bool) rights.Role {
	reads, hidden := n.readable(namespace, secrets)
	all := collect.Rights(reads)
	if n.more != nil {
		all = append(all, n.more(secrets)...)
	}
	role := rights.Role{Name: "dapr-prod-" + n.name, Namespace: namespace}
	role.Notes = append(role.Notes, fmt.Sprintf("What %s %s needs to be allowed, and no more. %s", displayName, n.name, n.about))
	switch {
	case len(hidden) > 0:
		role.Notes = append(role.Notes, withoutSecrets(hidden))
	case secrets:
		role.Notes = append(role.Notes, "Who is given this may read every Secret that it is about, all of it, by other means as well; the command keeps names, keys and lengths.")
	}
	if namespace != "" {
		var outside []rights.Right
		all, outside = rights.Within(all)
		role.Notes = append(role.Notes, outsideOf(namespace, all, outside))
	}
	role.Notes = append(role.Notes, "Give it to somebody:\n  "+role.Binding())
	role.Rules = rights.Rules(all)
	return role
}

// inSecrets tells whether a read is of what is kept in Secrets.
func inSecrets(r snapshot.Read) bool {
	return r.Resource == snapshot.Secrets || r.Resource == snapshot.Releases
}

// withoutSecrets says why there are none, and what is unknown for it.
func withoutSecrets(hidden []snapshot.Read) string {
	var unknown []string
	for _, g := range catalogue.All() {
		if slices.ContainsFunc(g.Reads, func(r snapshot.Read) bool { return slices.Contains(hidden, r) }) {
			unknown = append(unknown, g.ID)
		}
	}
	return "Secrets are left out: who may get one may read it, and RBAC cannot grant names and keys alone. " +
		"What stands in them stays unknown to " + strings.Join(unknown, ", ") + ". --with-secrets lets them be read."
}

// outsideOf says what a Role of one namespace cannot give.
func outsideOf(namespace string, inside, outside []rights.Right) string {
	var names []string
	for _, r := range outside {
		here := func(i rights.Right) bool { return i.Resource == r.Resource }
		if name := r.Resource.Resource; !slices.Contains(names, name) && !slices.ContainsFunc(inside, here) {
			names = append(names, name)
		}
	}
	slices.Sort(names)
	return fmt.Sprintf("It is for the apps of namespace %s. What lives elsewhere is not in it, and what depends on that stays unknown: the control plane, "+
		"as far as running sidecars do not show it (--control-plane-namespace prints a second Role for that), and %s.", namespace, strings.Join(names, ", "))
}
