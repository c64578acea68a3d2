// Copyright The kubectl-dapr-prod Authors.
// SPDX-License-Identifier: Apache-2.0

package catalogue

import (
	"net/netip"
	"regexp"
	"slices"
	"strings"

	"github.com/dapr/dapr/pkg/injector/annotations"

	"github.com/dapr-prod/kubectl-dapr-prod/pkg/dapr"
	"github.com/dapr-prod/kubectl-dapr-prod/pkg/guideline"
	"github.com/dapr-prod/kubectl-dapr-prod/pkg/secret"
)

var sidecarDebug = &guideline.Guideline{
	ID:       "sidecar-debug",
	Title:    "the sidecar runs without settings for debugging, and its API is for the Pod alone",
	Severity: guideline.Warning,
	Origin:   guideline.Ours,
	Section:  notOnThePage,
	Docs:     arguments,
	Why: "The port of the debugger is open to the network, the profiler listens wherever the API does, and the log level debug costs time and writes down what passes through. " +
		"An API that listens on all addresses without a token lets every Pod use the app's components and secrets.",
	Judged: "daprd's command and arguments: the debugger (dapr.io/enable-debug), --enable-profiling, --log-level, and --dapr-listen-addresses together with " + dapr.APITokenEnv + ". " +
		"A log level that daprd does not know is an error, for it ends at start; so is an API that is open beyond the Pod without a token.",
	Fix: "take the annotation off the Pod template",
	Traps: "The annotations take more than \"true\" for true, such as \"on\" and \"1\". An empty dapr.io/sidecar-listen-addresses means all addresses from 1.15 on. " +
		"Somebody may be debugging just now. Whether a network policy keeps others away from the API is not looked at.",
	Reads: readsSidecars(),
	App: func(app *guideline.App) []guideline.Result {
		return eachOf(app, guideline.Pass("no settings for debugging, and the API is for the Pod alone"),
			func(d daprd) guideline.Result { return judgeDebugger(app, d) },
			func(d daprd) guideline.Result { return judgeProfiling(app, d) },
			func(d daprd) guideline.Result { return judgeLogLevel(app, d) },
			func(d daprd) guideline.Result { return judgeListening(app, d) })
	},
}

// fine is the result of one of several judgements that finds nothing.
var fine = guideline.Pass("")

func judgeDebugger(app *guideline.App, d daprd) guideline.Result {
	if args := slices.Concat(d.Command, d.Args); len(args) == 0 || args[0] != "/dlv" {
		return fine
	}
	return atSetting(app, guideline.Fail("daprd runs under the debugger dlv, which Dapr's own image does not have, and whose port is open to the network"), annotations.KeyEnableDebug)
}

func judgeProfiling(app *guideline.App, d daprd) guideline.Result {
	if !dapr.Truthy(dapr.Flag(d.Container, "enable-profiling", "false")) {
		return fine
	}
	return atSetting(app, guideline.Fail("daprd runs with its profiler"), annotations.KeyEnableProfiling)
}

func judgeLogLevel(app *guideline.App, d daprd) guideline.Result {
	switch level := dapr.Flag(d.Container, "log-level", "info"); {
	case dapr.EndsDaprd(annotations.KeyLogLevel, level):
		return atSetting(app, guideline.Fail("log level %s is none: daprd ends at start", secret.Shown(level)).As(guideline.Error), annotations.KeyLogLevel)
	case strings.EqualFold(level, "debug"):
		return atSetting(app, guideline.Fail("daprd logs at level debug"), annotations.KeyLogLevel)
	default:
		return fine
	}
}

func judgeListening(app *guideline.App, d daprd) guideline.Result {
	addresses := dapr.Flag(d.Container, "dapr-listen-addresses", "")
	local := !slices.ContainsFunc(strings.Split(addresses, ","), beyondThePod)
	switch {
	case local || !apiTokenOf.in(d.Container).none() || dapr.Flag(d.Container, "unix-domain-socket", "") != "":
		return fine
	case len(d.EnvFrom) > 0:
		return guideline.Unknown("daprd's API listens beyond the Pod, and whether DAPR_API_TOKEN is among the variables that it takes from a ConfigMap or a Secret was not read")
	case strings.TrimSpace(addresses) == "":
		addresses = "all addresses"
	case slices.ContainsFunc(strings.Split(addresses, ","), unprinted):
		addresses = "addresses beyond the Pod"
	}
	r := guideline.Fail("daprd's API listens on %s and wants no token", addresses).As(guideline.Error)
	return atSetting(app, r, annotations.KeySidecarListenAddresses).
		Do("let dapr.io/sidecar-listen-addresses hold loopback addresses alone, or set dapr.io/api-token-secret and let the app send the token")
}

// beyondThePod tells whether an address may be reached from outside the Pod: all
// but loopback; an empty one is all addresses (pkg/runtime/config.go).
func beyondThePod(address string) bool {
	address = bare(address)
	ip, err := netip.ParseAddr(address)
	return address != "localhost" && (err != nil || !ip.IsLoopback())
}

// variable is a reference that the kubelet fills in, such as $(POD_IP).
var variable = regexp.MustCompile(`^\$\([A-Za-z_]+\)$`)

// unprinted tells whether an address is none by its looks, so that it may be secret.
func unprinted(address string) bool {
	address = bare(address)
	_, err := netip.ParseAddr(address)
	return err != nil && address != "localhost" && address != "" && !variable.MatchString(address)
}

// bare is an address without blanks and brackets around it.
func bare(address string) string { return strings.Trim(strings.TrimSpace(address), "[]") }
