// Copyright The kubectl-dapr-prod Authors.
// SPDX-License-Identifier: Apache-2.0

package catalogue

import (
	"strings"

	corev1 "k8s.io/api/core/v1"

	"github.com/dapr-prod/kubectl-dapr-prod/pkg/dapr"
	"github.com/dapr-prod/kubectl-dapr-prod/pkg/guideline"
	"github.com/dapr-prod/kubectl-dapr-prod/pkg/snapshot"
)

// configurations is Dapr's page on Configurations.
const configurations = "https://docs.dapr.io/operations/configuration/configuration-overview/"

// readsConfigurations are the reads of guidelines that judge what the
// Configuration says that a sidecar loads.
func readsConfigurations(more ...snapshot.Read) []snapshot.Read {
	return readsSidecars(append(more, snapshot.Read{Resource: snapshot.Configurations, Place: snapshot.InApps})...)
}

// configured is the Configuration that a sidecar loads: none at all where it has
// no name, and one that is not there, or was not read, where it has a name alone.
type configured struct {
	*snapshot.Configuration
	name string
	// hidden says why it is not known what is in it, where that is so.
	hidden *guideline.Result
}

// configurationOf is the Configuration that daprd loads, from the app's own
// namespace. daprd takes a list, and loads the first of it (pkg/runtime/config.go).
func configurationOf(app *guideline.App, c *corev1.Container) configured {
	name, _, _ := strings.Cut(dapr.Flag(c, "config", ""), ",")
	if name == "" {
		return configured{}
	}
	namespace := app.Object.Namespace
	found := configured{Configuration: app.Snapshot.Configuration(namespace, name), name: name}
	if found.Configuration != nil {
		return found
	}
	switch gap := app.Snapshot.GapOf(snapshot.InApps, snapshot.Configurations, namespace, name); {
	case gap != nil && gap.Reason != snapshot.NotInInput:
		r := guideline.Hidden(gap)
		found.hidden = &r
	case !app.Snapshot.Live:
		r := guideline.Unknown("Configuration %s: not in the input", name)
		found.hidden = &r
	}
	return found
}

// unjudged is the result of a guideline about what a Configuration says, where that
// is not known, or where daprd does not start for want of it.
func (c configured) unjudged() (r guideline.Result, is bool) {
	switch {
	case c.hidden != nil:
		return *c.hidden, true
	case c.name != "" && c.Configuration == nil:
		return guideline.Skip("Configuration %s does not exist, and daprd does not start without it: see configuration-reference", c.name), true
	default:
		return guideline.Result{}, false
	}
}
