// Copyright The kubectl-dapr-prod Authors.
// SPDX-License-Identifier: Apache-2.0

package cmd

import (
	"errors"
	"fmt"
	"slices"
	"strings"

	"github.com/spf13/cobra"
	"k8s.io/cli-runtime/pkg/genericclioptions"
	"k8s.io/cli-runtime/pkg/genericiooptions"
	"k8s.io/kubectl/pkg/util/templates"

	"github.com/dapr-prod/kubectl-dapr-prod/pkg/guideline"
	"github.com/dapr-prod/kubectl-dapr-prod/pkg/plan"
	"github.com/dapr-prod/kubectl-dapr-prod/pkg/snapshot"
)

var (
	hardenLong = longDesc(`
		Close what falls short of the security section, with the smallest change to each app.

		It plans, proves, asks, writes, waits and takes back as fix does; both halves of a step
		come in one rollout, and it is refused where it is not known to be safe. A token breaks
		an app that does not send it, so it is given to apps that you name, or with --all-apps.

		The profile baseline asks nothing of apps that are not named; restricted is all of it. A
		guideline that is named is closed whatever the profile. Values of Dapr's chart, which are
		for the whole cluster, are shown where one is named, and given to the release with
		--helm-upgrade.

		Exit code: 0 when there was nothing to write or all of it is written and holds,
		whatever is left to you; 1 when changes are pending, refused, declined or unproven;
		2 when it failed or could judge nothing.`)

	hardenExample = templates.Examples(`
		# Show what is open in the current namespace, what closes it, and what that asks of you
		kubectl dapr-prod harden --dry-run=server

		# Give one app the token that its sidecar asks for, and the sidecar that of the app
		kubectl dapr-prod harden api-token app-token deployment/orders -n shop

		# New tokens for it; the old Secret is deleted once no Pod uses it
		kubectl dapr-prod harden api-token deployment/orders -n shop --rotate

		# Take the ServiceAccount's token from all apps of a namespace that do without
		kubectl dapr-prod harden service-account-token -n shop --assume-no-secret-api

		# Show the value that switches mTLS on, and give it to the release
		kubectl dapr-prod harden mtls
		kubectl dapr-prod harden mtls --helm-upgrade

		# Have a namespace enforce Pod Security, once all of its Pods fit
		kubectl dapr-prod harden sidecar-seccomp -n shop --profile restricted --enforce

		# Move what stands in plain text in Components and their like into Secrets
		kubectl dapr-prod harden component-secrets -n shop

		# Do the same in manifests; the Secret goes into a file of its own, to be applied first
		kubectl dapr-prod harden component-secrets -f deploy/ --write-secrets ../secrets.yaml --write

		# Give an app in manifests its token, from a store of External Secrets
		kubectl dapr-prod harden api-token deployment/orders -f deploy/ --write-secrets token.yaml --external-secret-store vault --write

		# Keep a component to the apps that use it: those you name, or those that were seen using it
		kubectl dapr-prod harden component-scopes component/statestore -n shop --apps orders,payments
		kubectl dapr-prod harden component-scopes -n shop --from-metrics

		# Take a run back
		kubectl dapr-prod harden --revert ~/.local/state/kubectl-dapr-prod/JOURNAL`)
)

// The profiles of harden.
const (
	baseline   = "baseline"
	restricted = "restricted"
)

// HardenFlags is what was typed after harden beside what fix takes.
type HardenFlags struct {
	Profile string
	// AllApps names every app that is selected.
	AllApps bool
	// Rotate asks for new tokens.
	Rotate bool
	// NoSecretAPI and UnusedToken are what the owner of the apps says of what cannot be
	// seen, see guideline.Said.
	NoSecretAPI, UnusedToken bool
	// Enforce has the namespaces of apps enforce the Pod Security of the profile.
	Enforce bool
	// Objects is what is asked about objects of dapr.io.
	Objects ObjectFlags
	// Secrets is where Secrets go that manifests refer to.
	Secrets SecretFileFlags
}

// NewCmdHarden returns the command harden.
func NewCmdHarden(config *genericclioptions.ConfigFlags, streams genericiooptions.IOStreams) *cobra.Command {
	flags := NewFixFlags(config, streams)
	flags.Harden = &HardenFlags{Profile: baseline}
	cmd := &cobra.Command{
		Use:                   "harden [GUIDELINE...] [KIND/NAME...] [-n NAMESPACE | -A | -f FILENAME | -k DIRECTORY] [-l SELECTOR]",
		DisableFlagsInUseLine: true,
		Short:                 "Close the security section, app by app, in the order that is safe",
		Long:                  hardenLong,
		Example:               hardenExample,
		ValidArgsFunction:     flags.completeMendable,
		RunE:                  flags.run,
	}
	flags.AddFlags(cmd)
	flags.Harden.AddFlags(cmd)
	return cmd
}

// AddFlags declares the flags.
func (f *HardenFlags) AddFlags(cmd *cobra.Command) {
	flags := cmd.Flags()
	flags.StringVar(&f.Profile, "profile", f.Profile, "How far to go. One of: "+baseline+"|"+restricted+".")
	flags.BoolVar(&f.AllApps, "all-apps", f.AllApps, "Do for every app that is selected what is else done only for those that are named: the tokens, which an app has to send and to check.")
	flags.BoolVar(&f.Rotate, "rotate", f.Rotate, "With api-token or app-token: make new tokens in the place of those that there are.")
	flags.BoolVar(&f.NoSecretAPI, noSecretAPI, f.NoSecretAPI, "With service-account-token: say that nobody reads Secrets from the store kubernetes by Dapr's API, which cannot be seen.")
	flags.BoolVar(&f.UnusedToken, unusedToken, f.UnusedToken, "With service-account-token: say that nothing in the Pods uses what their ServiceAccounts may do.")
	flags.BoolVar(&f.Enforce, "enforce", f.Enforce, "With sidecar-seccomp: label the namespaces of the apps so that they enforce the Pod Security of the profile, each once every Pod of it fits.")
	for name, usage := range map[string]string{
		"all-namespaces": "Harden the apps of all namespaces.",
		"output":         "How the plan is written. One of: " + strings.Join(planOutputs.names(), "|") + "; yaml and json are patches, kustomize is a folder of them, and helm a file of the values that close the guidelines that are named.",
		"helm-upgrade":   "Give the values of Dapr's chart that close the guidelines that are named to its Helm release: show what the server would change, ask, and have helm upgrade it.",
	} {
		flags.Lookup(name).Usage = usage
	}
	_ = flags.MarkHidden("scope") // which is for fix, and refused: see hardenValues
	f.Objects.AddFlags(cmd)
	f.Secrets.AddFlags(cmd)
	complete(cmd, "profile", cobra.FixedCompletions([]string{baseline, restricted}, cobra.ShellCompDirectiveNoFileComp))
}

// The flags by which the owner of apps says what cannot be seen.
const (
	noSecretAPI = "assume-no-secret-api"
	unusedToken = "assume-unused-token"
)

// accountToken is the guideline that these flags are about.
const accountToken = "service-account-token"

// rotating are the guidelines whose tokens can be made anew.
var rotating = []string{"api-token", "app-token"}

// possible refuses what does not go together.
func (f *HardenFlags) possible(changed func(string) bool, guidelines, objects []string) error {
	switch {
	case f.Profile != baseline && f.Profile != restricted:
		return oneOf("--profile", f.Profile, []string{baseline, restricted})
	case f.AllApps && len(objects) > 0:
		return fmt.Errorf("--all-apps is for every app, and %s names one: leave one of them out", objects[0])
	case f.Rotate && !slices.ContainsFunc(guidelines, func(id string) bool { return slices.Contains(rotating, id) }):
		return errors.New("--rotate makes new tokens: name whose, api-token or app-token or both")
	case f.Rotate && len(objects) == 0 && !f.AllApps:
		return errors.New("--rotate makes new tokens for the apps that are named, as in deployment/orders, or with --all-apps for every one")
	case f.Rotate && (changed("filename") || changed("kustomize")):
		return errors.New("--rotate does not go with -f and -k: whether a Secret is used any more is seen in a cluster")
	}
	if flag := f.Objects.given(changed); flag != "" && !slices.Contains(guidelines, componentScopes) {
		return fmt.Errorf("--%s is about %s: name that", flag, componentScopes)
	}
	if err := f.Secrets.possible(changed); err != nil {
		return err
	}
	closes := slices.Contains(guidelines, accountToken) || len(guidelines) == 0 && f.Profile == restricted
	for _, flag := range []string{noSecretAPI, unusedToken} {
		if changed(flag) && !closes {
			return fmt.Errorf("--%s is about %s: name that, or take it in with --profile %s", flag, accountToken, restricted)
		}
	}
	return f.enforcePossible(changed, guidelines, objects)
}

// into says in the options of a plan that the security section is closed, and how far.
func (f *HardenFlags) into(o *plan.Options) {
	o.Hardens, o.Restricted = true, f.Profile == restricted
	o.Evaluation.Said = f.said()
	o.Evaluation.Said.Restricted = false // which the annotation alone does not reach: see seccompValues
	o.Chosen = o.Wanted
	if f.AllApps {
		o.Chosen = func(snapshot.Object) bool { return true }
	}
}

// said is what the owner of the apps tells.
func (f *HardenFlags) said() guideline.Said {
	return guideline.Said{Rotate: f.Rotate, NoSecretAPI: f.NoSecretAPI, UnusedToken: f.UnusedToken, Restricted: f.Profile == restricted}
}

// notHardened says why harden does not close a guideline, and what does; nil where it
// does.
func notHardened(g *guideline.Guideline) error {
	switch {
	case !g.ClosedBy(true) && g.Fixable():
		return fmt.Errorf("%s is not of the security section: %s fix %[1]s closes it", g.ID, displayName)
	case !g.ClosedBy(true) && g.Values != nil:
		return fmt.Errorf("a value of Dapr's chart closes %s: %s fix --scope=%s %[1]s shows it", g.ID, displayName, controlPlaneScope)
	case !g.ClosedBy(true) || g.Mend == nil && g.Values == nil:
		return fmt.Errorf("nothing that harden writes closes %s: %s", g.ID, g.Fix)
	}
	return nil
}
