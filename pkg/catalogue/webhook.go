// Copyright The kubectl-dapr-prod Authors.
// SPDX-License-Identifier: Apache-2.0

package catalogue

import (
	"crypto/x509"
	"slices"

	"github.com/dapr/dapr/pkg/injector/annotations"

	"github.com/dapr-prod/kubectl-dapr-prod/pkg/dapr"
	"github.com/dapr-prod/kubectl-dapr-prod/pkg/guideline"
	"github.com/dapr-prod/kubectl-dapr-prod/pkg/snapshot"
)

const webhookField = "webhooks[" + dapr.InjectorWebhook + "]."

// judgeCABundle looks at whether the API server trusts the injector.
func judgeCABundle(install *guideline.Install, w *snapshot.Webhook) guideline.Result {
	var r guideline.Result
	bundle := install.Snapshot.TrustBundle(install.Namespace)
	missing, roots := missingRoots(bundle, w.CABundle)
	switch gap := install.Gap(snapshot.ConfigMaps); {
	case w.BadCABundle:
		r = guideline.Fail("the caBundle is not certificates alone: the API server does not trust the injector")
	case len(w.CABundle) == 0 && !install.Snapshot.Live:
		r = guideline.Skip("the injector writes the caBundle when it starts")
	case len(w.CABundle) == 0:
		r = guideline.Fail("no caBundle: the API server does not trust the injector")
	case roots == 0 && gap != nil:
		r = guideline.Hidden(gap)
	case roots == 0 && !install.Snapshot.Live:
		r = guideline.Unknown("ConfigMap %s: not in the input", dapr.TrustBundle)
	case roots == 0:
		r = guideline.Unknown("ConfigMap %s holds no root to compare the caBundle with", dapr.TrustBundle)
	case missing == roots:
		r = guideline.Fail("the caBundle holds none of the control plane's roots: the API server does not trust the injector")
	case missing > 0:
		r = guideline.Fail("the caBundle lacks %d of the control plane's %d roots", missing, roots).As(guideline.Warning)
	default:
		r = guideline.Pass("the API server trusts the injector; %s", failurePolicy(w))
	}
	return r.At(webhookField + "clientConfig.caBundle")
}

// failurePolicy says what becomes of Pods that are made while no injector answers.
func failurePolicy(w *snapshot.Webhook) string {
	if w.FailurePolicy == "Ignore" {
		return "Pods that are made while it is down start without a sidecar (failurePolicy Ignore, as the chart has it)"
	}
	return "no Pod that the webhook selects can be made while it is down (failurePolicy Fail)"
}

// missingRoots counts the roots of a trust bundle, and those that are not among
// the certificates.
func missingRoots(b *snapshot.TrustBundle, certificates []*x509.Certificate) (missing, roots int) {
	if b == nil {
		return 0, 0
	}
	for _, root := range b.Anchors {
		if !slices.ContainsFunc(certificates, root.Equal) {
			missing++
		}
	}
	return missing, len(b.Anchors)
}

// judgeSelectors looks at whether workloads that ask for a sidecar are left out.
func judgeSelectors(install *guideline.Install, w *snapshot.Webhook) guideline.Result {
	everything := w.NamespaceSelector.String() == "" && w.ObjectSelector.String() == ""
	if everything {
		return guideline.Pass("it is called for the Pods of every namespace").At(webhookField + "namespaceSelector")
	}
	var out []string
	field := "namespaceSelector"
	hidden := install.Snapshot.Gap(snapshot.InApps, snapshot.Namespaces, "")
	for i := range install.Snapshot.Apps {
		app := &install.Snapshot.Apps[i]
		if app.Template == nil || !dapr.Enabled(app.Template.Annotations[annotations.KeyEnabled], knownVersion(install)) || calledByAnother(install.Snapshot, w, app) {
			continue
		}
		ns, read := install.Snapshot.Namespaces[app.Object.Namespace]
		switch {
		case !w.ObjectSelector.Matches(app.Template.Labels):
			field = "objectSelector"
			out = append(out, app.Object.String())
		case !read && w.NamespaceSelector.String() != "" && hidden == nil:
			hidden = &snapshot.Gap{Resource: snapshot.Namespaces, Place: snapshot.InApps, Reason: snapshot.NotInInput}
		case read && !w.NamespaceSelector.Matches(ns.Labels):
			out = append(out, app.Object.String())
		}
	}
	if len(out) > 0 {
		return guideline.Fail("its selectors leave out what asks for a sidecar: %s", some(out)).At(webhookField + field).
			Do("give the namespaces or Pods the labels that the selectors want, or set the Helm values dapr_sidecar_injector.namespaceSelector and objectSelector")
	}
	for _, read := range snapshot.Apps() {
		gap := install.Snapshot.Gap(snapshot.InApps, read.Resource, "")
		if hidden == nil && gap != nil && gap.Reason != snapshot.NotInInput {
			hidden = gap
		}
	}
	if hidden != nil {
		return guideline.Hidden(hidden).At(webhookField + field)
	}
	return guideline.Pass("its selectors leave out no workload%s that asks for a sidecar", within(install.Snapshot)).At(webhookField + field)
}

// within says which part of the cluster's apps was read, where it is a part.
func within(s *snapshot.Snapshot) string {
	switch {
	case s.Namespace != "" && s.Selected:
		return " of those selected in namespace " + s.Namespace
	case s.Namespace != "":
		return " of namespace " + s.Namespace
	case s.Selected:
		return " of those selected"
	default:
		return ""
	}
}

// knownVersion is the release of an install or, where that is not known, the
// newest one, which takes the least for a wish to have a sidecar.
func knownVersion(install *guideline.Install) dapr.Version {
	if install.Version.Known() {
		return install.Version
	}
	return dapr.NewestVersion()
}

// calledByAnother tells whether the webhook of another install takes the app's Pods.
func calledByAnother(s *snapshot.Snapshot, w *snapshot.Webhook, app *snapshot.App) bool {
	return slices.ContainsFunc(s.Webhooks, func(other snapshot.Webhook) bool {
		return other.Object != w.Object && other.ObjectSelector.Matches(app.Template.Labels) &&
			other.NamespaceSelector.Matches(s.Namespaces[app.Object.Namespace].Labels)
	})
}
