// Copyright The kubectl-dapr-prod Authors.
// SPDX-License-Identifier: Apache-2.0

// Package cmd wires the program: the only place that knows flags, the
// environment and the terminal, and the one switch from error to exit code.
package cmd

import (
	"context"
	"errors"
	"flag"
	"io"
	"os/signal"
	"path/filepath"
	"strconv"
	"strings"
	"syscall"

	"github.com/spf13/cobra"
	"github.com/spf13/pflag"
	"k8s.io/cli-runtime/pkg/genericclioptions"
	"k8s.io/cli-runtime/pkg/genericiooptions"
	_ "k8s.io/client-go/plugin/pkg/client/auth" // the credentials of the cloud providers
	"k8s.io/klog/v2"
	cmdutil "k8s.io/kubectl/pkg/cmd/util"
	"k8s.io/kubectl/pkg/util/completion"

	"github.com/dapr-prod/kubectl-dapr-prod/pkg/dapr"
)

// displayName is how the program is called.
const displayName = "kubectl dapr-prod"

// Run is the program: it takes the arguments, the program's name first, and
// returns the exit code.
func Run(args []string, streams genericiooptions.IOStreams) int {
	ctx, stop := signal.NotifyContext(context.Background(), syscall.SIGINT, syscall.SIGTERM)
	defer stop()
	// A second signal ends the program at once.
	context.AfterFunc(ctx, stop)

	silence()
	line := newProgress(streams.ErrOut)
	if line != nil {
		streams.ErrOut = line
	}
	root := NewCmdRoot(streams)
	root.SetArgs(args[1:])
	if strings.HasPrefix(filepath.Base(args[0]), "kubectl_complete-") {
		// kubectl calls a program of that name to complete what is typed.
		root.SetArgs(append([]string{cobra.ShellCompRequestCmd}, args[1:]...))
	}
	err := root.ExecuteContext(ctx)
	line.close()
	return exitCode(ctx, err, streams.ErrOut)
}

// NewCmdRoot returns the command that holds all others.
func NewCmdRoot(streams genericiooptions.IOStreams) *cobra.Command {
	cmd := &cobra.Command{
		Use:         "kubectl-dapr_prod",
		Annotations: map[string]string{cobra.CommandDisplayNameAnnotation: displayName},
		Short:       "Check Dapr on Kubernetes for production",
		Long: longDesc(`
			Hold a Dapr installation, and every application that uses it, against Dapr's
			production guidelines on Kubernetes.

			What counts is not what the YAML says but what Dapr's injector, the chart and
			the API server make of it: so that is what is judged.`),
		SilenceUsage:      true,
		SilenceErrors:     true,
		CompletionOptions: cobra.CompletionOptions{DisableDefaultCmd: true},
		Args:              noSuchCommand,
		PersistentPreRun:  quieten,
		RunE:              func(cmd *cobra.Command, _ []string) error { return cmd.Help() },
	}
	cmd.SetIn(streams.In)
	cmd.SetOut(streams.Out)
	cmd.SetErr(streams.ErrOut)
	cmd.SetFlagErrorFunc(func(cmd *cobra.Command, err error) error {
		var invalid *pflag.InvalidValueError
		if errors.As(err, &invalid) {
			return usageError(cmd, "--%s takes no %q%s", invalid.GetFlag().Name, invalid.GetValue(), instead[invalid.GetFlag().Value.Type()])
		}
		return usageError(cmd, "%s", err)
	})

	flags := genericclioptions.NewConfigFlags(true).WithDiscoveryBurst(300).WithDiscoveryQPS(50).WithWarningPrinter(streams)
	cmd.AddCommand(
		NewCmdCheck(flags, streams),
		NewCmdFix(flags, streams),
		NewCmdHarden(flags, streams),
		NewCmdSizing(flags, streams),
		NewCmdExplain(streams),
		NewCmdRBAC(streams),
		NewCmdCompletion(streams),
		NewCmdVersion(streams),
	)
	return cmd
}

// instead is what flags take, by their types.
var instead = map[string]string{
	"bool":     ", but true or false",
	"duration": ", but a time such as 30s or 5m",
	"int":      ", but a number",
	"int64":    ", but a number",

	"length":         ", but a time such as 14d or 36h",
	"percentage":     ", but a percentage such as 10%",
	"stringToString": ", but NAME=VALUE",
}

// noSuchCommand says what was meant by a command that there is not.
func noSuchCommand(cmd *cobra.Command, args []string) error {
	if len(args) == 0 {
		return nil
	}
	var names []string
	for _, c := range cmd.Commands() {
		names = append(names, c.Name())
	}
	if near := dapr.Nearest(args[0], names); near != "" {
		return usageError(cmd, "there is no command %q (did you mean %s?)", args[0], near)
	}
	return usageError(cmd, "there is no command %q", args[0])
}

// noArguments refuses arguments, and says where what was meant belongs.
func noArguments(instead string) cobra.PositionalArgs {
	return func(cmd *cobra.Command, args []string) error {
		if len(args) > 0 {
			return usageError(cmd, "%s takes no argument %q: %s", cmd.Name(), args[0], instead)
		}
		return nil
	}
}

// addConfigFlags gives a command kubectl's connection flags, with kubectl's completion.
func addConfigFlags(cmd *cobra.Command, flags *genericclioptions.ConfigFlags) {
	flags.AddFlags(cmd.Flags())
	cmd.Flags().AddGoFlag(verbosity())
	factory := cmdutil.NewFactory(flags)
	completion.SetFactoryForCompletion(factory)
	complete(cmd, "namespace", completion.ResourceNameCompletionFunc(factory, "namespace"))
	complete(cmd, "context", listed(completion.ListContextsInConfig))
	complete(cmd, "cluster", listed(completion.ListClustersInConfig))
	complete(cmd, "user", listed(completion.ListUsersInConfig))
}

// withoutBodies is the highest level of the client's log that holds no bodies of
// responses, in which there are Secrets and what else people write in plain text.
const withoutBodies = 7

// verbosity is kubectl's -v: how much the client says of its requests, on
// standard error. Above withoutBodies it says no more.
func verbosity() *flag.Flag {
	logging := flag.NewFlagSet("", flag.ContinueOnError)
	klog.InitFlags(logging)
	v := logging.Lookup("v")
	v.Value = level{v.Value}
	v.Usage += "; bodies of responses are never logged, since they may hold secrets"
	return v
}

// level is a log level that stays at or below withoutBodies.
type level struct{ flag.Value }

// Set takes a number.
func (l level) Set(s string) error {
	n, err := strconv.Atoi(s)
	if err == nil && n > withoutBodies {
		s = strconv.Itoa(withoutBodies)
	}
	klog.LogToStderr(n > 0)
	return l.Value.Set(s)
}

// silence keeps out of the output what libraries log that are given no context, as Helm's
// are, unless -v asks for it.
func silence() {
	logging := flag.NewFlagSet("", flag.ContinueOnError)
	klog.InitFlags(logging)
	cobra.CheckErr(logging.Set("stderrthreshold", "FATAL"))
	klog.SetOutput(io.Discard)
	klog.LogToStderr(false)
}

// quieten keeps the client's own log, which is for developers, out of the output
// unless -v asks for it: what went wrong is said once, as an error.
func quieten(cmd *cobra.Command, _ []string) {
	if !klog.V(1).Enabled() {
		cmd.SetContext(klog.NewContext(cmd.Context(), klog.Logger{}))
	}
}

// complete registers the completion of a flag that is there.
func complete(cmd *cobra.Command, flag string, f cobra.CompletionFunc) {
	cobra.CheckErr(cmd.RegisterFlagCompletionFunc(flag, f))
}

func listed(list func(string) []string) cobra.CompletionFunc {
	return func(_ *cobra.Command, _ []string, typed string) ([]string, cobra.ShellCompDirective) {
		return list(typed), cobra.ShellCompDirectiveNoFileComp
	}
}
