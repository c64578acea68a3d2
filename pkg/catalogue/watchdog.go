// Copyright The kubectl-dapr-prod Authors.
// SPDX-License-Identifier: Apache-2.0

package catalogue

import (
	"fmt"
	"slices"
	"strings"
	"time"

	rbacv1 "k8s.io/api/rbac/v1"
	"k8s.io/component-helpers/auth/rbac/validation"

	"github.com/dapr-prod/kubectl-dapr-prod/pkg/dapr"
	"github.com/dapr-prod/kubectl-dapr-prod/pkg/guideline"
	"github.com/dapr-prod/kubectl-dapr-prod/pkg/snapshot"
)

// judgeInterval reads --watch-interval as the operator does (cmd/operator/options,
// the same in all releases).
func judgeInterval(value string) guideline.Result {
	switch lower := strings.ToLower(value); {
	case byVariable(value):
		return guideline.Unknown("--watch-interval is %q: what the variable holds is not looked at", value)
	case slices.Contains([]string{"0", "false", "f", "no", "off"}, lower):
		return guideline.Fail("the watchdog is off")
	case lower == "once":
		return guideline.Fail("the watchdog looks once, when an operator becomes the leader")
	}
	interval, err := time.ParseDuration(value)
	if err != nil || interval < time.Second {
		return guideline.Fail("the operator does not start: --watch-interval is %q, neither a time of one second or more nor a word that it knows", value).
			As(guideline.Error).Do("set the Helm value dapr_operator.watchInterval=2m")
	}
	return guideline.Pass("the watchdog looks every %s", interval)
}

// judgeSight judges what a watchdog sees that is on.
func judgeSight(install *guideline.Install, w *snapshot.ControlPlaneWorkload, on guideline.Result) guideline.Result {
	namespace := dapr.Flag(w.Container, "watch-namespace", "")
	hidden := hiddenRights(install)
	const see = "remove the Helm value dapr_operator.watchNamespace, if the operator is to serve all namespaces"
	switch {
	case byVariable(namespace):
		return guideline.Unknown("%s, in namespace %q: what the variable holds is not looked at", on.Message, namespace)
	case namespace != "" && namespace != install.Namespace:
		return guideline.Fail("%s, and blind: it sees namespace %s alone, and never acts where it sees no injector", on.Message, namespace).Do(see)
	case namespace != "" && appsBeside(install):
		return guideline.Fail("%s, and blind for apps: it sees the Pods of namespace %s alone", on.Message, namespace).Do(see)
	case namespace != "" && (!install.Snapshot.Live || install.Snapshot.Namespace != "" || install.Snapshot.Selected || install.Snapshot.Gap(snapshot.InApps, snapshot.Pods, "") != nil):
		return guideline.Unknown("%s, and it sees the Pods of namespace %s alone: whether apps are elsewhere is not known", on.Message, namespace)
	case namespace != "" && !mayDelete(install, w, namespace):
		return judgeRightsThere(install, on, namespace)
	case namespace != "":
		return guideline.Pass("%s, for the Pods of namespace %s, where all apps are", on.Message, namespace)
	case lacksRights(install, w):
		return guideline.Fail("%s, and blind: the operator may not list, watch and delete Pods in all namespaces", on.Message).
			Do("set the Helm value global.rbac.namespaced=false, or dapr_operator.watchInterval=0")
	case hidden == nil && !mayDelete(install, w, ""):
		return guideline.Unknown("%s, and that the operator may delete Pods is not in the input", on.Message)
	case hidden != nil:
		return guideline.Unknown("%s, and whether the operator may delete Pods is not known: %s", on.Message, hidden)
	default:
		return on
	}
}

// judgeRightsThere judges a watchdog of one namespace for which no right to delete Pods
// was seen.
func judgeRightsThere(install *guideline.Install, on guideline.Result, namespace string) guideline.Result {
	gap := hiddenRights(install)
	if gap == nil {
		gap = install.Gap(snapshot.RoleBindings, snapshot.Roles)
	}
	switch {
	case gap != nil:
		return guideline.Unknown("%s, and whether the operator may delete Pods is not known: %s", on.Message, gap)
	case !install.Snapshot.Live:
		return guideline.Unknown("%s, and that the operator may delete Pods is not in the input", on.Message)
	default:
		return guideline.Fail("%s, and blind: the operator may not list, watch and delete Pods in namespace %s", on.Message, namespace).
			Do("set the Helm value dapr_operator.watchInterval=0")
	}
}

// victims says which Pods a watchdog would delete as soon as it is on, and where
// there may be more than were seen.
func victims(install *guideline.Install) string {
	text := ""
	if all := condemned(install.Snapshot); len(all) > 0 {
		text = fmt.Sprintf("; it then deletes %s without daprd, such as %s: see first with sidecar-injected why they have none",
			count(len(all), "Pod"), all[0].Object.Namespace+"/"+all[0].Object.Name)
	}
	return text + podsUnseen(install.Snapshot)
}

// podsUnseen says why the watchdog may delete Pods that were not seen.
func podsUnseen(s *snapshot.Snapshot) string {
	hidden := slices.IndexFunc(s.Gaps, func(g snapshot.Gap) bool { return g.Place == snapshot.InApps && g.Resource == snapshot.Pods })
	switch {
	case !s.Live:
		return ""
	case hidden >= 0:
		return fmt.Sprintf("; it deletes Pods without daprd, and not all Pods were seen (%s): look at all before you switch it on", s.Gaps[hidden])
	case s.Namespace != "":
		return fmt.Sprintf("; only Pods of namespace %s were seen: look at all namespaces (-A) before you switch it on, as it deletes Pods without daprd", s.Namespace)
	case s.Selected:
		return "; only Pods of workloads with certain labels were seen: look at all (without -l) before you switch it on, as it deletes Pods without daprd"
	default:
		return ""
	}
}

// podRights are what the watchdog needs in all namespaces.
var podRights = []rbacv1.PolicyRule{{APIGroups: []string{""}, Resources: []string{"pods"}, Verbs: []string{"list", "watch", "delete"}}}

// lacksRights tells whether it was seen that the operator may not delete Pods
// everywhere.
func lacksRights(install *guideline.Install, w *snapshot.ControlPlaneWorkload) bool {
	return install.Snapshot.Live && hiddenRights(install) == nil && !mayDelete(install, w, "")
}

// hiddenPolicy is the gap that may hide a webhook which lets no Pod through without
// the injector, or nil.
func hiddenPolicy(install *guideline.Install) *snapshot.Gap {
	gap := install.Snapshot.Gap(snapshot.InCluster, snapshot.Webhooks, "")
	if gap != nil && gap.Reason == snapshot.NotInInput {
		return nil
	}
	return gap
}

func hiddenRights(install *guideline.Install) *snapshot.Gap {
	if gap := install.Snapshot.Gap(snapshot.InCluster, snapshot.ClusterRoleBindings, ""); gap != nil {
		return gap
	}
	return install.Snapshot.Gap(snapshot.InCluster, snapshot.ClusterRoles, "")
}

// mayDelete tells whether the roles of the operator let it delete Pods: in a
// namespace or, where that is empty, in all of them.
func mayDelete(install *guideline.Install, w *snapshot.ControlPlaneWorkload, namespace string) bool {
	var rules []rbacv1.PolicyRule
	for _, b := range install.Snapshot.RoleBindings {
		of := b.Object.Namespace
		from := of
		if b.Role.Kind == "ClusterRole" {
			from = ""
		}
		role := install.Snapshot.Role(from, b.Role.Name)
		if w.Template != nil && (of == "" || of == namespace) && role != nil && slices.ContainsFunc(b.Subjects, func(subject rbacv1.Subject) bool {
			return isAccount(subject, of, install.Namespace, w.Template.Spec.ServiceAccountName)
		}) {
			rules = append(rules, role.Rules...)
		}
	}
	enough, _ := validation.Covers(rules, podRights)
	return enough
}

// failsClosed tells whether the webhook of the injector refuses Pods while no
// injector answers.
func failsClosed(install *guideline.Install) bool {
	for _, w := range install.Snapshot.Webhooks {
		if w.ControlPlane == install.Namespace {
			return w.FailurePolicy == "Fail" || w.FailurePolicy == ""
		}
	}
	return false
}

// appsBeside tells whether apps are seen outside the control plane's namespace.
func appsBeside(install *guideline.Install) bool {
	return slices.ContainsFunc(install.Snapshot.Apps, func(a snapshot.App) bool { return a.Object.Namespace != install.Namespace })
}

// condemned are the Pods that the watchdog would delete.
func condemned(s *snapshot.Snapshot) []snapshot.WatchedPod {
	return slices.DeleteFunc(slices.Clone(s.Watched), func(p snapshot.WatchedPod) bool { return !p.Condemned() })
}
