// Copyright The kubectl-dapr-prod Authors.
// SPDX-License-Identifier: Apache-2.0

package catalogue

import (
	"fmt"
	"slices"

	"github.com/dapr-prod/kubectl-dapr-prod/pkg/dapr"
	"github.com/dapr-prod/kubectl-dapr-prod/pkg/snapshot"
)

// since is the release that something came with; zero for what all have.
type since struct{ major, minor, patch int }

// in tells whether a release has it.
func (s since) in(v dapr.Version) bool { return v.AtLeast(s.major, s.minor, s.patch) }

func (s since) String() string { return fmt.Sprintf("Dapr %d.%d.%d", s.major, s.minor, s.patch) }

// definition is a CustomResourceDefinition as Dapr's charts have it.
type definition struct {
	name, plural string
	// file is its name in charts/dapr/crds.
	file  string
	since since
	// version is the one that is stored.
	version string
	// fields are what releases added to it, the newest first.
	fields []schemaField
}

// schemaField is something in a schema that tells its age.
type schemaField struct {
	since since
	name  string
	in    func(*snapshot.Schema) bool
}

// definitions are those of the charts of 1.13 to 1.18, compared with each other.
// Configurations and Resiliencies changed; the last fields of the former were forgotten
// in the chart of 1.18.0 and came with 1.18.1.
var definitions = []definition{
	{name: "components.dapr.io", plural: "Components", file: "components", version: "v1alpha1"},
	{name: "configurations.dapr.io", plural: "Configurations", file: "configuration", version: "v1alpha1", fields: []schemaField{
		hasField(since{1, 18, 1}, "spec", "workflow", "globalMaxConcurrentWorkflowInvocations"),
		hasField(since{1, 17, 0}, "spec", "tracing", "otel", "headers"),
		hasField(since{1, 15, 0}, "spec", "workflow"),
		{since{1, 15, 0}, "that spec.mtls.sentryAddress must be set", func(s *snapshot.Schema) bool {
			mtls := s.At("spec", "mtls")
			return mtls != nil && slices.Contains(mtls.Required, "sentryAddress")
		}},
		hasField(since{1, 14, 0}, "spec", "metrics", "http", "pathMatching"),
	}},
	{name: "httpendpoints.dapr.io", plural: "HTTPEndpoints", file: "httpendpoints", version: "v1alpha1"},
	{name: "mcpservers.dapr.io", plural: "MCPServers", file: "mcpservers", since: since{1, 18, 0}, version: "v1alpha1"},
	{name: "resiliencies.dapr.io", plural: "Resiliencies", file: "resiliency", version: "v1alpha1", fields: []schemaField{
		hasField(since{1, 15, 0}, "spec", "policies", "retries", "matching"),
	}},
	{name: "subscriptions.dapr.io", plural: "Subscriptions", file: "subscription", version: "v2alpha1"},
	{name: "workflowaccesspolicies.dapr.io", plural: "WorkflowAccessPolicies", file: "workflowaccesspolicy", since: since{1, 18, 0}, version: "v1alpha1"},
}

// hasField is a field that a schema has or has not.
func hasField(came since, path ...string) schemaField {
	name := path[0]
	for _, part := range path[1:] {
		name += "." + part
	}
	return schemaField{came, name, func(s *snapshot.Schema) bool { return s.At(path...) != nil }}
}

// versionOf is the named version of a definition, or nil.
func versionOf(d *snapshot.Definition, name string) *snapshot.DefinitionVersion {
	for i := range d.Versions {
		if d.Versions[i].Name == name {
			return &d.Versions[i]
		}
	}
	return nil
}
