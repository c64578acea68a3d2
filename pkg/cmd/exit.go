// Copyright The kubectl-dapr-prod Authors.
// SPDX-License-Identifier: Apache-2.0

package cmd

import (
	"context"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"net"
	"net/url"
	"os"
	"path/filepath"
	"regexp"
	"strings"

	"github.com/spf13/cobra"
	apierrors "k8s.io/apimachinery/pkg/api/errors"
	"k8s.io/cli-runtime/pkg/printers"
	"k8s.io/client-go/tools/clientcmd"

	"github.com/dapr-prod/kubectl-dapr-prod/pkg/helm"
)

// The exit codes. kubectl on Windows turns everything but 0 into 1.
const (
	exitClean    = 0
	exitFindings = 1
	exitFailure  = 2
)

// errFindings says that something falls short; the report has said what.
var errFindings = errors.New("something falls short")

// exitCode is the one switch from error to exit code, and prints the error, one
// sentence a line.
func exitCode(ctx context.Context, err error, w io.Writer) int {
	switch {
	case err == nil:
		return exitClean
	case errors.Is(err, errFindings):
		return exitFindings
	case ctx.Err() != nil:
		err = errors.New("interrupted")
	}
	for _, e := range flatten(err) {
		fmt.Fprintln(w, "error: "+printers.EscapeTerminal(sentence(e)))
	}
	return exitFailure
}

// flatten takes joined errors apart.
func flatten(err error) []error {
	joined, ok := err.(interface{ Unwrap() []error })
	if !ok {
		return []error{err}
	}
	var all []error
	for _, e := range joined.Unwrap() {
		all = append(all, flatten(e)...)
	}
	return all
}

var missingContext = regexp.MustCompile(`context "?([^"]*)"? does not exist|no context exists with the name: "(.*)"`)

// notRead is how the client begins to say that a body is not what it should be
// (k8s.io/apimachinery, pkg/runtime/serializer/json).
const notRead = "couldn't get version/kind; "

// brokenOff is how the client begins to say that a body has no end (k8s.io/client-go, rest).
const brokenOff = "unexpected error when reading response body. Please retry. Original error: "

// loggingIn is how the client begins to say that an exec plugin has failed
// (k8s.io/client-go, plugin/pkg/client/auth/exec).
const loggingIn = "getting credentials: "

// sentence says an error in the words of somebody who has to do something about
// it. Errors of our own are such sentences already.
func sentence(err error) string {
	var status apierrors.APIStatus
	var urlErr *url.Error
	var netErr net.Error
	isNet := errors.As(err, &netErr)
	var pathErr *fs.PathError
	var upgradeErr *helm.UpgradeError
	switch {
	case errors.As(err, &upgradeErr):
		return upgradeErr.Error() // the way back matters more than why
	case clientcmd.IsEmptyConfig(err):
		if missing := missingKubeconfig(); missing != "" {
			return fmt.Sprintf("KUBECONFIG is %s, and there is no such file: correct it, use --kubeconfig, or check manifests with -f", missing)
		}
		return "no kubeconfig was found: set KUBECONFIG or --kubeconfig, or check manifests with -f"
	case errors.As(err, &pathErr):
		return fmt.Sprintf("cannot read %s, %s: check the path", pathErr.Path, pathErr.Err)
	case missingContext.MatchString(err.Error()):
		m := missingContext.FindStringSubmatch(err.Error())
		return fmt.Sprintf("context %q does not exist: kubectl config get-contexts lists them", m[1]+m[2])
	case apierrors.IsUnauthorized(err):
		return "the server does not accept these credentials, which may have expired: log in again, or choose another --context or --token"
	case errors.As(err, &status):
		return fmt.Sprintf("the server answered: %s", strings.TrimSuffix(err.Error(), "."))
	case isNet && netErr.Timeout():
		return fmt.Sprintf("the server%s did not answer in time: see --request-timeout", serverOf(err))
	case strings.Contains(err.Error(), loggingIn):
		_, why, _ := strings.Cut(err.Error(), loggingIn)
		if strings.HasPrefix(why, "decoding stdout: ") {
			why = "what it prints is none" // it may hold a token
		}
		return fmt.Sprintf("the program that the kubeconfig names to log in gives no credentials, %s: log in again, or choose another --context", strings.TrimPrefix(why, "exec: "))
	case strings.Contains(err.Error(), notRead):
		_, why, _ := strings.Cut(err.Error(), notRead)
		return fmt.Sprintf("the answer of the server cannot be read, %s: try again, and look at what stands between you and it", strings.TrimPrefix(why, "json parse error: "))
	case strings.Contains(err.Error(), brokenOff):
		why := rootCause(err).Error()
		if _, inner, whole := strings.Cut(why, brokenOff); whole {
			why = inner // of an error that was made text on its way
		}
		return fmt.Sprintf("the connection to the server broke off while it answered, %s: try again", why)
	case errors.As(err, &urlErr):
		return fmt.Sprintf("cannot reach the server%s, %s: is it up, and is this the right --context?", serverOf(err), rootCause(urlErr))
	default:
		return err.Error()
	}
}

// serverOf names the server that an error is about.
func serverOf(err error) string {
	var e *url.Error
	if !errors.As(err, &e) {
		return ""
	}
	u, parseErr := url.Parse(e.URL)
	if parseErr != nil {
		return ""
	}
	return " at " + u.Scheme + "://" + u.Host
}

// rootCause is the innermost error.
func rootCause(err error) error {
	for {
		inner := errors.Unwrap(err)
		if inner == nil {
			return err
		}
		err = inner
	}
}

// usageError is about what was typed, and where to read what can be.
func usageError(cmd *cobra.Command, format string, args ...any) error {
	return fmt.Errorf("%s: see %s -h", fmt.Sprintf(format, args...), cmd.CommandPath())
}

// missingKubeconfig is KUBECONFIG, where it names files of which none is there.
func missingKubeconfig() string {
	named := os.Getenv(clientcmd.RecommendedConfigPathEnvVar)
	for _, file := range filepath.SplitList(named) {
		if _, err := clientcmd.LoadFromFile(file); !errors.Is(err, fs.ErrNotExist) {
			return ""
		}
	}
	return named
}
