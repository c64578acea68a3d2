// Copyright The kubectl-dapr-prod Authors.
// SPDX-License-Identifier: Apache-2.0

package catalogue

import (
	"github.com/dapr-prod/kubectl-dapr-prod/pkg/dapr"
	"github.com/dapr-prod/kubectl-dapr-prod/pkg/guideline"
	"github.com/dapr-prod/kubectl-dapr-prod/pkg/snapshot"
)

var mtls = &guideline.Guideline{
	ID:       "mtls",
	Title:    "sidecars talk to each other over mutual TLS",
	Severity: guideline.Error,
	Origin:   guideline.Page,
	Section:  "Security",
	Hardens:  true,
	Docs:     page + "#security",
	Why: "Without mTLS every call between apps crosses the network in the clear, and nobody knows who calls. " +
		"Sidecars with and without it cannot call each other at all.",
	Judged: "--enable-mtls in the arguments of each daprd, which is fixed when a Pod is made, and spec.mtls.enabled of the Configuration daprsystem in the control plane's namespace, " +
		"which decides for the next Pods; missing means on. spec.mtls of any other Configuration means nothing.",
	Fix:   "set the Helm value global.mtls.enabled=true, then restart every app: sidecars with and without mTLS cannot call each other",
	Traps: "A Pod keeps the setting that it was made with. A service mesh may encrypt the traffic too, which cannot be seen here.",
	Reads: readsSidecars(),
	App: func(app *guideline.App) []guideline.Result {
		return sidecars(app, judgeMTLS)
	},
	ControlPlane: judgeSystemConfiguration,
	Mend:         mendMTLS,
	Values:       mtlsValues,
}

func judgeMTLS(d container) guideline.Result {
	if dapr.Flag(d.Container, "enable-mtls", "false") == "false" {
		return guideline.Fail("daprd runs without --enable-mtls")
	}
	return guideline.Pass("daprd runs with --enable-mtls")
}

func judgeSystemConfiguration(install *guideline.Install) []guideline.Result {
	object := snapshot.Object{APIVersion: "dapr.io/v1alpha1", Kind: "Configuration", Namespace: install.Namespace, Name: dapr.SystemConfiguration}
	src := snapshot.Source{}
	c := install.Snapshot.Configuration(install.Namespace, dapr.SystemConfiguration)
	if c != nil {
		object, src = c.Object, c.Source
	}
	var r guideline.Result
	switch gap := install.Gap(snapshot.Configurations); {
	case c == nil && gap != nil:
		r = guideline.Hidden(gap)
	case c == nil && !install.Snapshot.Live:
		r = guideline.Unknown("Configuration %s: not in the input", dapr.SystemConfiguration)
	case c == nil:
		r = guideline.Pass("mTLS is on: there is no Configuration %s to switch it off", dapr.SystemConfiguration)
	case c.MTLS != nil && !*c.MTLS:
		r = guideline.Fail("mTLS is switched off for every Pod that is made from now on").At("spec.mtls.enabled")
	default:
		r = guideline.Pass("mTLS is on")
	}
	return []guideline.Result{r.On(object, src)}
}
