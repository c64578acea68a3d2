// Copyright The kubectl-dapr-prod Authors.
// SPDX-License-Identifier: Apache-2.0

package catalogue

import (
	"cmp"
	"path"
	"slices"
	"strings"

	corev1 "k8s.io/api/core/v1"

	"github.com/dapr-prod/kubectl-dapr-prod/pkg/dapr"
	"github.com/dapr-prod/kubectl-dapr-prod/pkg/guideline"
	"github.com/dapr-prod/kubectl-dapr-prod/pkg/snapshot"
)

const (
	// accountPath is where every client looks for the token.
	accountPath = "/var/run/secrets/kubernetes.io/serviceaccount"
	// automounted is what the names of the server's own mounts begin with.
	automounted = "kube-api-access"
	// kubeconfigEnv is where daprd looks when there is no token.
	kubeconfigEnv = "KUBECONFIG"
)

// tokenMount is how a sidecar comes by a token for the API server.
type tokenMount struct {
	// automatic: the server mounts the ServiceAccount's.
	automatic bool
	// byHand: somebody mounted another at the same path in daprd.
	byHand bool
	// kubeconfig: daprd is told of a file that may hold another.
	kubeconfig bool
}

// tokenMounts are the ways that are possible: one or, where the ServiceAccount was
// not read, two, or none. Then hidden says why.
func tokenMounts(app *guideline.App, d container) (all []tokenMount, hidden guideline.Result) {
	at := slices.IndexFunc(d.VolumeMounts, func(m corev1.VolumeMount) bool { return path.Clean(m.MountPath) == accountPath })
	mount := tokenMount{
		byHand:     at >= 0 && !strings.HasPrefix(d.VolumeMounts[at].Name, automounted),
		kubeconfig: slices.ContainsFunc(d.Env, func(e corev1.EnvVar) bool { return e.Name == kubeconfigEnv && (e.Value != "" || e.ValueFrom != nil) }),
	}
	with := func(automatic bool) tokenMount { mount.automatic = automatic; return mount }
	if d.Container != app.Sidecar.Simulated {
		return []tokenMount{with(at >= 0 && !mount.byHand)}, hidden
	}
	spec := app.Template.Spec
	if spec.AutomountServiceAccountToken != nil {
		return []tokenMount{with(*spec.AutomountServiceAccountToken)}, hidden
	}
	name := cmp.Or(spec.ServiceAccountName, spec.DeprecatedServiceAccount, "default")
	account, gap := app.Snapshot.ServiceAccount(app.Object.Namespace, name), app.Gap(snapshot.ServiceAccounts)
	switch {
	case account != nil:
		return []tokenMount{with(account.Automount == nil || *account.Automount)}, hidden
	case gap != nil:
		return []tokenMount{with(true), with(false)}, guideline.Hidden(gap)
	case !app.Snapshot.Live:
		return []tokenMount{with(true), with(false)}, guideline.Unknown("ServiceAccount %s: not in the input", name)
	default:
		return nil, guideline.Unknown("there is no ServiceAccount %s, and the server refuses its Pods", name)
	}
}

// automountField is the place where the token is switched off.
func automountField(app *guideline.App) string {
	if app.Template == nil || app.Template.Path == "" {
		return "spec.automountServiceAccountToken"
	}
	return app.Template.Path + ".spec.automountServiceAccountToken"
}

// loadsBuiltinStore tells whether daprd loads the store named kubernetes by itself.
func loadsBuiltinStore(d container) bool {
	return !dapr.Switch(d.Container, "disable-builtin-k8s-secret-store", false) && dapr.Flag(d.Container, "mode", "kubernetes") == "kubernetes"
}
