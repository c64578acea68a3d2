// Copyright The kubectl-dapr-prod Authors.
// SPDX-License-Identifier: Apache-2.0

package daprobject

import (
	"slices"
	"strings"

	"k8s.io/apimachinery/pkg/apis/meta/v1/unstructured"

	"github.com/dapr-prod/kubectl-dapr-prod/pkg/snapshot"
)

// counted are the beginnings of the types of components that sidecars count each use of
// by their apps (pkg/api and pkg/runtime of Dapr 1.18.3).
var counted = []string{"state.", "pubsub.", "bindings.", "configuration.", "secretstores.", "conversation.", "crypto."}

// Uncounted says why Dapr's metrics do not show who uses an object; empty where they do.
// others are the objects of its namespace.
func Uncounted(object *unstructured.Unstructured, others []snapshot.DaprObject) string {
	if object.GetKind() != snapshot.KindComponent {
		return "sidecars count nothing of a " + object.GetKind()
	}
	of := judgedAs(object)
	kind := strings.ToLower(of.Type)
	if !slices.ContainsFunc(counted, func(beginning string) bool { return strings.HasPrefix(kind, beginning) }) {
		return "sidecars do not count the use of components of its type"
	}
	for _, e := range entries(snapshot.KindComponent, object.Object) {
		if strings.HasPrefix(kind, "state.") && strings.EqualFold(e.name(), "actorStateStore") && !strings.EqualFold(taken(e.raw()), "false") {
			return "it keeps the state of actors and workflows, which sidecars do not count"
		}
	}
	for _, other := range others {
		if other.SecretStore == object.GetName() && strings.HasPrefix(kind, "secretstores.") {
			return "references of " + other.Object.Kind + " " + other.Object.Name + " lead to it, which sidecars do not count"
		}
		for _, s := range other.Settings {
			outbox := strings.EqualFold(s.Name, "outboxPublishPubsub") || strings.EqualFold(s.Name, "outboxPubsub")
			if outbox && s.Value.Text() == object.GetName() && strings.HasPrefix(kind, "pubsub.") {
				return "state store " + other.Object.Name + " publishes to it (outbox), which sidecars do not count"
			}
		}
	}
	return ""
}
