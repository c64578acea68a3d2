// Copyright The kubectl-dapr-prod Authors.
// SPDX-License-Identifier: Apache-2.0

package manifest

import (
	"errors"
	"fmt"
	"net"
	"net/url"
	"regexp"
	"strings"
	"syscall"
)

var (
	urlStart = regexp.MustCompile(`^[A-Za-z][A-Za-z0-9+.-]*://`)
	urlIn    = regexp.MustCompile(`[A-Za-z][A-Za-z0-9+.-]*://[^\s"]+`)
)

// mask stands for what is not shown.
const mask = "***"

// Printable is the name of an input as it may be shown: a URL without what may be
// secret in it, its user and its query. Anything else stays as it is.
func Printable(name string) string {
	scheme := urlStart.FindString(name)
	if scheme == "" {
		return name
	}
	u, err := url.Parse(name)
	if err != nil {
		if strings.ContainsAny(name, "@?#") {
			return scheme + mask // nothing tells where a secret begins and ends
		}
		return name
	}
	u.User, u.Fragment, u.RawFragment = nil, "", ""
	if u.RawQuery != "" {
		u.RawQuery = mask
	}
	return u.String()
}

// notURL says what is wrong with a URL that cannot be parsed, if that is not a
// piece of what is not shown.
func notURL(name string, err error) error {
	var failed *url.Error
	if Printable(name) != name || !errors.As(err, &failed) {
		return errors.New("not a URL: check it, and what is to be escaped in it")
	}
	return fmt.Errorf("not a URL: %w", failed.Err)
}

// fetchError says why a URL could not be read. It wraps nothing: what wraps an
// error of the network is taken for one of the API server.
type fetchError string

func (e fetchError) Error() string { return string(e) }

// unfetched leaves out the URL, which the caller names.
func unfetched(err error) error {
	var failed *url.Error
	if errors.As(err, &failed) {
		err = failed.Err
	}
	var network net.Error
	switch {
	case errors.As(err, &network) && network.Timeout():
		return fetchError(fmt.Sprintf("did not answer within %.0f s: try again, or download it first", patience.Seconds()))
	case errors.Is(err, syscall.ECONNREFUSED):
		return fetchError("cannot be fetched, connection refused: check the address")
	case strings.HasPrefix(err.Error(), "failed to parse Location header"):
		return fetchError("cannot be fetched, the server redirects to what is not a URL: check the address")
	default:
		// Where a proxy or a redirection is at fault, its URL is in the text.
		return fetchError("cannot be fetched: " + urlIn.ReplaceAllStringFunc(err.Error(), Printable))
	}
}
