// Copyright The kubectl-dapr-prod Authors.
// SPDX-License-Identifier: Apache-2.0

package cmd

import (
	"errors"
	"fmt"
	"io"
	"slices"
	"strings"

	"github.com/spf13/cobra"
	"k8s.io/apimachinery/pkg/util/validation"
	"k8s.io/cli-runtime/pkg/genericiooptions"
	"k8s.io/kubectl/pkg/util/templates"

	"github.com/dapr-prod/kubectl-dapr-prod/pkg/rights"
)

// RBACFlags is what was typed after rbac.
type RBACFlags struct {
	Namespace string
	// ControlPlane is the namespace of a control plane for which there is a Role, too.
	ControlPlane string
	WithSecrets  bool
	Output       string

	genericiooptions.IOStreams
}

// NewCmdRBAC returns the command rbac.
func NewCmdRBAC(streams genericiooptions.IOStreams) *cobra.Command {
	flags := &RBACFlags{Output: "yaml", IOStreams: streams}
	cmd := &cobra.Command{
		Use:                   "rbac [" + strings.Join(neederNames(), "|") + "] [-n NAMESPACE] [--with-secrets]",
		DisableFlagsInUseLine: true,
		Short:                 "Print the role that a command needs, and no more",
		Long: longDesc(`
			Print the ClusterRole that a command needs, or the Role for the apps of one
			namespace: each right is one that the command uses. No cluster is asked.

			Secrets are left out unless --with-secrets asks for them. What a role does not
			allow is unknown to the command, which says so and goes on with the rest.`),
		Example: templates.Examples(`
			# Print what check needs, which only reads
			kubectl dapr-prod rbac

			# Make it a ClusterRole, and give it to somebody
			kubectl dapr-prod rbac check | kubectl apply -f -
			kubectl create clusterrolebinding dapr-prod-check --clusterrole=dapr-prod-check --user=NAME

			# Print what fix needs in one namespace
			kubectl dapr-prod rbac fix -n shop

			# Print a second Role, for who may read the namespace of the control plane as well
			kubectl dapr-prod rbac check -n shop --control-plane-namespace dapr-system

			# Let Secrets be read, too, so that nothing is unknown
			kubectl dapr-prod rbac check --with-secrets`),
		Args: func(cmd *cobra.Command, args []string) error {
			if len(args) > 1 {
				return usageError(cmd, "rbac takes one command, not %d", len(args))
			}
			return nil
		},
		ValidArgsFunction: func(_ *cobra.Command, args []string, _ string) ([]string, cobra.ShellCompDirective) {
			if len(args) > 0 {
				return nil, cobra.ShellCompDirectiveNoFileComp
			}
			return neederNames(), cobra.ShellCompDirectiveNoFileComp
		},
		RunE: func(cmd *cobra.Command, args []string) error { return flags.run(cmd, args) },
	}
	set := cmd.Flags()
	set.StringVarP(&flags.Namespace, "namespace", "n", flags.Namespace, "Print a Role for the apps of this namespace in place of a ClusterRole.")
	set.StringVar(&flags.ControlPlane, "control-plane-namespace", flags.ControlPlane, "With -n: print a second Role, for what the command reads of the control plane in this namespace.")
	set.BoolVar(&flags.WithSecrets, "with-secrets", flags.WithSecrets, "Let Secrets be read, too: those that hold the apps' tokens, the trust bundle, and Helm's records.")
	set.StringVarP(&flags.Output, "output", "o", flags.Output, "Output format. One of: yaml|json.")
	complete(cmd, "control-plane-namespace", cobra.NoFileCompletions)
	complete(cmd, "output", cobra.FixedCompletions([]string{"yaml", "json"}, cobra.ShellCompDirectiveNoFileComp))
	return cmd
}

// run prints the role of one command, of check where none was named.
func (f *RBACFlags) run(cmd *cobra.Command, args []string) error {
	name := needers[0].name
	if len(args) > 0 {
		name = args[0]
	}
	i := slices.IndexFunc(needers, func(n needer) bool { return n.name == name })
	switch {
	case i < 0:
		return usageError(cmd, "rbac knows no command %q: use one of %s", name, strings.Join(neederNames(), ", "))
	case cmd.Flags().Changed("namespace") && f.Namespace == "":
		return errors.New("-n names no namespace") // a script's variable that is not set
	case f.Namespace != "" && len(validation.IsDNS1123Label(f.Namespace)) > 0:
		return fmt.Errorf("no namespace has the name %q: it takes small letters, digits and dashes", f.Namespace)
	}
	if err := f.besidePossible(cmd); err != nil {
		return err
	}
	roles := []rights.Role{needers[i].role(f.Namespace, f.WithSecrets)}
	if f.ControlPlane != "" {
		roles = append(roles, needers[i].beside(f.ControlPlane, f.Namespace, f.WithSecrets))
	}
	return f.print(roles)
}

// besidePossible refuses a namespace of a control plane that makes no second Role.
func (f *RBACFlags) besidePossible(cmd *cobra.Command) error {
	switch {
	case !cmd.Flags().Changed("control-plane-namespace"):
		return nil
	case f.Namespace == "":
		return errors.New("--control-plane-namespace goes with -n: the ClusterRole holds the control plane")
	case len(validation.IsDNS1123Label(f.ControlPlane)) > 0:
		return fmt.Errorf("no namespace has the name %q: it takes small letters, digits and dashes", f.ControlPlane)
	case f.ControlPlane == f.Namespace:
		return errors.New("--control-plane-namespace names the namespace of -n: rbac without -n prints what a control plane beside its apps needs")
	}
	return nil
}

// print writes roles one after the other, as kubectl reads them.
func (f *RBACFlags) print(roles []rights.Role) error {
	for i, role := range roles {
		print := map[string]func(io.Writer) error{"yaml": role.YAML, "json": role.JSON}[f.Output]
		if print == nil {
			return oneOf("-o", f.Output, []string{"yaml", "json"})
		}
		if i > 0 && f.Output == "yaml" {
			fmt.Fprintln(f.Out, "---")
		}
		if err := print(f.Out); err != nil {
			return fmt.Errorf("cannot write the role: %w", err)
		}
	}
	return nil
}
