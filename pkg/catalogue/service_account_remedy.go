// Copyright The kubectl-dapr-prod Authors.
// SPDX-License-Identifier: Apache-2.0

package catalogue

import (
	"fmt"
	"strings"

	"github.com/dapr/dapr/pkg/injector/annotations"

	"github.com/dapr-prod/kubectl-dapr-prod/pkg/dapr"
	"github.com/dapr-prod/kubectl-dapr-prod/pkg/field"
	"github.com/dapr-prod/kubectl-dapr-prod/pkg/guideline"
	"github.com/dapr-prod/kubectl-dapr-prod/pkg/sidecar"
	"github.com/dapr-prod/kubectl-dapr-prod/pkg/snapshot"
)

// The flags by which the owner of apps says what cannot be seen.
const (
	nobodyAsksFlag = "--assume-no-secret-api"
	nobodyUsesFlag = "--assume-unused-token"
)

// mendToken takes the ServiceAccount's token away, and with it, in the same change, the
// built-in secret store, without which daprd starts. It is left to a person where
// anything is seen that needs one of them, and to the owner's word where that cannot be
// seen.
func mendToken(app *guideline.App) guideline.Remedy {
	if app.Template == nil || app.Template.Spec == nil {
		return guideline.Remedy{}
	}
	next, now := fallsShort(app, func(d daprd) guideline.Result { return judgeTokenOf(app, d.container) })
	switch {
	case app.Sidecar.Simulation.State == sidecar.Manual:
		return guideline.LeaveTo("the Pod template has a daprd of its own, which no annotation changes: change that container")
	case app.Sidecar.Simulated == nil:
		return guideline.Remedy{}
	case next == guideline.Passed && now:
		return renewal(app)
	case next != guideline.Failed:
		return guideline.Remedy{}
	}
	const key = annotations.KeyDisableBuiltinK8sSecretStore
	if misplaced := misplacedAmong(app, []string{key}); misplaced != "" {
		return guideline.LeaveTo(fmt.Sprintf("%s stands on the %s itself, where Dapr does not look: move it to the Pod template first, see dapr-annotations", misplaced, app.Object.Kind))
	}
	d := simulated(app).container
	step, why := tokenStepOf(app, d)
	if why == "" {
		why = step.unsaid(app)
	}
	if why != "" {
		return guideline.LeaveTo(why)
	}
	return beforeInjection(app, step.remedy(app))
}

// tokenStep is what closes a failure of service-account-token without harm to what is seen.
type tokenStep struct {
	// unmounts takes the token away, disables switches the built-in store off.
	unmounts, disables bool
}

// tokenStepOf is the decision, by all that is seen of who needs what; where there is
// nothing to do, why says who has to act.
func tokenStepOf(app *guideline.App, d container) (step tokenStep, why string) {
	r := judgeTokenOf(app, d)
	users, builtin := usersOfToken(app, d), loadsBuiltinStore(d)
	mounts, _ := tokenMounts(app, d)
	mount := mounts[0] // where there are two, both fail alike
	switch {
	case !builtin && len(users.storing) > 0:
		return step, r.Remedy // what it has lost comes first
	case mount.automatic && mount.byHand:
		return tokenStep{unmounts: true}, ""
	case len(users.needing) > 0:
		return step, r.Remedy
	case !builtin:
		return tokenStep{unmounts: true}, ""
	case mount.automatic && len(users.storing) > 0:
		return step, users.whatBreaks() + ": " + r.Remedy
	case len(users.storing) > 0:
		return step, r.Remedy
	case users.hidden() != nil:
		return step, fmt.Sprintf("whether anything needs the built-in secret store is not known: %s", users.hidden())
	default:
		return tokenStep{unmounts: mount.automatic, disables: true}, ""
	}
}

// unsaid is what cannot be seen, and that the owner has not said either; empty where
// nothing is left to say.
func (s tokenStep) unsaid(app *guideline.App) string {
	if s.unmounts && dapr.Truthy(app.Template.Annotations[snapshot.VaultInject]) {
		return fmt.Sprintf("the agent that %s adds logs in to Vault with the token", snapshot.VaultInject)
	}
	var why []string
	if s.unmounts && !app.Said.UnusedToken {
		if has := rightsOfAccount(app); has != "" {
			why = append(why, has)
		}
	}
	if s.disables && !app.Said.NoSecretAPI {
		what := "whether the app reads Secrets from the store kubernetes by Dapr's API cannot be seen, and it could not any more"
		if !app.Snapshot.Live {
			what += ", nor could an MCPServer that is not among the manifests"
		}
		why = append(why, what+": say that nobody does with "+nobodyAsksFlag)
	}
	return strings.Join(why, "; ")
}

// remedy is both fields in one change, or the one that is missing.
func (s tokenStep) remedy(app *guideline.App) guideline.Remedy {
	const key = annotations.KeyDisableBuiltinK8sSecretStore
	var r guideline.Remedy
	if s.disables {
		r = guideline.Annotate(key, "true").Risking("calls of Dapr's Secrets API for the store kubernetes fail from then on")
		if app.Template.Annotations[key] != "" {
			r = r.Only("somebody wrote another value of " + key)
		}
	}
	if s.unmounts {
		r.Fields = []guideline.Field{{Path: field.Path{"spec", "automountServiceAccountToken"}, Value: false}}
		r = r.Risking("the app's own containers lose the token as well: code that calls the API server with it fails from then on")
		if written := app.Template.Spec.AutomountServiceAccountToken; written != nil && *written {
			r = r.Only("somebody wrote automountServiceAccountToken: true")
		}
	}
	return r
}
