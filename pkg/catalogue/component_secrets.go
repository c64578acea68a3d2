// Copyright The kubectl-dapr-prod Authors.
// SPDX-License-Identifier: Apache-2.0

package catalogue

import (
	"github.com/dapr-prod/kubectl-dapr-prod/pkg/guideline"
	"github.com/dapr-prod/kubectl-dapr-prod/pkg/snapshot"
)

var componentSecrets = &guideline.Guideline{
	ID:       "component-secrets",
	Title:    "no secret stands in plain text in a component",
	Severity: guideline.Error,
	Origin:   guideline.Page,
	Section:  "Security",
	Hardens:  true,
	Objects:  "what is secret moves into a Secret of the namespace, and you rotate it",

	ObjectsInFiles: true,
	Docs:           "https://docs.dapr.io/operations/components/component-secrets/",
	Why: "Whoever may read Components reads the password: they are far less guarded than Secrets, and are kept in Git, in backups and in kubectl's copy of what was applied. " +
		"A value that was readable once stays known until it is rotated.",
	Judged: "Values, and never references, of Components by the fields that Dapr calls sensitive, by those that are secret although it does not, and by passwords in URLs and connection strings; " +
		"headers, variables, private keys and addresses of HTTPEndpoints and MCPServers; headers and addresses of tracing in Configurations; variables in dapr.io/env; and kubectl's copy of each object.",
	Fix: "put the value into a Secret of the namespace, write secretKeyRef in the place of value, and rotate the secret: whoever could read the object knows it",
	Traps: "Of a component type that no table knows, names are all there is to go by. A path to a file, a placeholder and the key of an emulator are no secrets. " +
		"What Git, Helm's records and backups of etcd still hold cannot be seen, and neither can a secret under a harmless name.",
	Reads: readsSidecars(
		snapshot.Read{Resource: snapshot.Components, Place: snapshot.InApps},
		snapshot.Read{Resource: snapshot.HTTPEndpoints, Place: snapshot.InApps},
		snapshot.Read{Resource: snapshot.MCPServers, Place: snapshot.InApps},
		snapshot.Read{Resource: snapshot.Configurations, Place: snapshot.InApps},
	),
	App:       judgeEnvSecrets,
	Namespace: judgeObjectSecrets,
}

func judgeObjectSecrets(ns *guideline.Namespace) []guideline.Result {
	results := hiddenKinds(ns, snapshot.Components, snapshot.HTTPEndpoints, snapshot.MCPServers, snapshot.Configurations)
	for _, o := range ns.Snapshot.DaprObjectsOf(ns.Name, snapshot.KindComponent, snapshot.KindHTTPEndpoint, snapshot.KindMCPServer) {
		results = append(results, judgeSecretsOf(ns, &o)...)
	}
	for i := range ns.Snapshot.Configurations {
		if c := &ns.Snapshot.Configurations[i]; c.Object.Namespace == ns.Name {
			results = append(results, judgeSecretsOf(ns, &snapshot.DaprObject{
				Object: c.Object, Source: c.Source, Settings: c.Settings, LastApplied: c.LastApplied,
			})...)
		}
	}
	switch {
	case len(results) > 0:
		return results
	case !ns.Snapshot.Live:
		return []guideline.Result{guideline.Unknown("Components, HTTPEndpoints, MCPServers and Configurations of the namespace: not in the input")}
	default:
		return []guideline.Result{guideline.Skip("no Component, HTTPEndpoint, MCPServer or Configuration in the namespace")}
	}
}

// hiddenKinds says which kinds of the namespace could not be read. A kind that the
// server does not serve has no objects, and manifests need not hold all kinds.
func hiddenKinds(ns *guideline.Namespace, resources ...snapshot.Resource) []guideline.Result {
	var results []guideline.Result
	for _, r := range resources {
		if gap := ns.Gap(r); gap != nil && gap.Reason != snapshot.Unserved && gap.Reason != snapshot.NotInInput {
			results = append(results, guideline.Hidden(gap))
		}
	}
	return results
}

// judgeSecretsOf judges one object and kubectl's copy of it.
func judgeSecretsOf(ns *guideline.Namespace, o *snapshot.DaprObject) []guideline.Result {
	var results []guideline.Result
	for _, s := range o.Settings {
		if d := discloses(o, s, ns.Snapshot.Live); d.severity != 0 {
			results = append(results, guideline.Fail("%s", d.message).As(d.severity).At(shownField(s)).Do("%s", d.remedy))
		}
	}
	if copied, found := judgeCopy(o); found {
		results = append(results, copied)
	}
	if len(results) == 0 {
		results = append(results, guideline.Pass("%s", withoutSecrets(o)))
	}
	for i := range results {
		results[i] = results[i].On(o.Object, o.Source)
		if o.Object.Kind != snapshot.KindComponent {
			results[i] = results[i].From(guideline.Ours) // the page speaks of components
		}
	}
	return results
}
