// Copyright The kubectl-dapr-prod Authors.
// SPDX-License-Identifier: Apache-2.0

package catalogue

import (
	"cmp"
	"fmt"
	"strings"

	"github.com/dapr/dapr/pkg/injector/annotations"

	"github.com/dapr-prod/kubectl-dapr-prod/pkg/dapr"
	"github.com/dapr-prod/kubectl-dapr-prod/pkg/guideline"
	"github.com/dapr-prod/kubectl-dapr-prod/pkg/snapshot"
)

var accessControl = &guideline.Guideline{
	ID:       "access-control",
	Title:    "calls from other apps are denied unless a policy allows them",
	Severity: guideline.Info,
	Origin:   guideline.DaprDocs,
	Section:  notOnThePage,
	Hardens:  true,
	Docs:     "https://docs.dapr.io/operations/configuration/invoke-allowlist/",
	Why:      "Without a policy every app with a sidecar may call every method of every other app: one that was broken into reaches them all.",
	Judged: "spec.accessControl of the Configuration that daprd loads: its defaultAction (missing, it means allow, policies or not), policies that lack what daprd wants of them, which ends it at start, " +
		"and policies for apps that have another trust domain than the policy names: the one in their own Configuration, or public.",
	Fix: "write spec.accessControl with defaultAction: deny and a policy for each caller into the app's Configuration, and name it by dapr.io/config",
	Traps: "A policy in a Configuration that no app names does nothing. Without mTLS nobody knows who calls, so that only the default counts. " +
		"Network policies and service meshes, which may keep callers away too, are not looked at.",
	Reads: readsConfigurations(),
	App: func(app *guideline.App) []guideline.Result {
		return daprds(app, func(d daprd) guideline.Result { return judgeAccess(app, d) })
	},
}

func judgeAccess(app *guideline.App, d daprd) guideline.Result {
	c := configurationOf(app, d.Container)
	if r, broken := judgePolicies(c); broken {
		return r
	}
	if port := dapr.Flag(d.Container, "app-port", "0"); port == "0" || port == "" {
		return guideline.Skip("daprd has no --app-port: there is nothing to call")
	}
	if r, is := c.unjudged(); is {
		return r
	}
	switch {
	case c.name == "":
		return atSetting(app, guideline.Fail("every app may call this one: daprd loads no Configuration"), annotations.KeyConfig)
	case c.AccessControl == nil:
		return guideline.Fail("every app may call this one: Configuration %s has no accessControl", c.name)
	case c.AccessControl.DefaultAction == "":
		// daprd reads the object over its own defaults (pkg/config, LoadDefaultConfiguration).
		return guideline.Fail("every app without a policy may call this one: accessControl in Configuration %s has no defaultAction, which is then allow", c.name)
	case strings.EqualFold(c.AccessControl.DefaultAction, "allow"):
		return guideline.Fail("every app without a policy may call this one: defaultAction of accessControl in Configuration %s is allow", c.name)
	}
	for _, p := range c.AccessControl.Policies {
		if other := otherDomain(app.Snapshot, p); other != "" {
			return guideline.Fail("the policy for %s in Configuration %s does not count: %s", p.AppID, c.name, other).
				Do("let the policy name the trust domain of the caller")
		}
	}
	return guideline.Pass("Configuration %s denies what no policy allows", c.name)
}

// judgePolicies finds policies that daprd does not take (pkg/acl, ParseAccessControlSpec).
func judgePolicies(c configured) (r guideline.Result, broken bool) {
	if c.Configuration == nil || c.AccessControl == nil {
		return guideline.Result{}, false
	}
	for i, p := range c.AccessControl.Policies {
		if p.AppID == "" || p.TrustDomain == "" || p.Namespace == "" {
			return guideline.Fail("policy %d of accessControl in Configuration %s lacks an appId, a trustDomain or a namespace: daprd ends at start", i+1, c.name).As(guideline.Error).
				Do("give every policy an appId, a trustDomain (public, unless the caller's Configuration names another) and a namespace"), true
		}
	}
	return guideline.Result{}, false
}

// otherDomain says that a caller has another trust domain than its policy, where
// that is known: Sentry takes it from the caller's own Configuration
// (pkg/sentry/server/validator/kubernetes).
func otherDomain(s *snapshot.Snapshot, p snapshot.AccessPolicy) string {
	for i := range s.Apps {
		caller := &s.Apps[i]
		if caller.Object.Namespace != p.Namespace || caller.Template == nil || caller.Template.Annotations[annotations.KeyAppID] != p.AppID {
			continue
		}
		domain := "public"
		if name := caller.Template.Annotations[annotations.KeyConfig]; name != "" {
			c := s.Configuration(p.Namespace, name)
			if c == nil {
				continue
			}
			if c.AccessControl != nil {
				domain = cmp.Or(c.AccessControl.TrustDomain, domain)
			}
		}
		if domain != p.TrustDomain {
			return fmt.Sprintf("it names trust domain %s, and %s has %s", p.TrustDomain, caller.Object, domain)
		}
	}
	return ""
}
