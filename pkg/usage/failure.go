// Copyright The kubectl-dapr-prod Authors.
// SPDX-License-Identifier: Apache-2.0

package usage

import (
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"strings"
)

// failure is one sentence on why there is no answer.
type failure struct {
	sentence string
	// busy: it may be asked again. large: less may be asked for. everywhere: any
	// other question would fail as well.
	busy, large, everywhere bool
}

func (f *failure) Error() string { return f.sentence }

// fail makes a sentence of what was seen; nothing secret is in it.
func (p *Prometheus) fail(what string, err error) *failure {
	sentence := p.Name + " " + what
	if err != nil {
		sentence += ": " + p.quote(err.Error())
	}
	return &failure{sentence: p.clean(sentence)}
}

// quote is what a server said, in one line without what is secret. It is cleaned before
// it is cut: half of a secret would not be known again.
func (p *Prometheus) quote(text string) string { return oneLine(p.clean(text)) }

// clean takes out what is secret, in case that a server repeats it.
func (p *Prometheus) clean(text string) string {
	for _, secret := range p.secrets {
		if secret != "" {
			text = strings.ReplaceAll(text, secret, "***")
		}
	}
	return text
}

// errorBody is how a store, or the API server before it, says what is wrong.
type errorBody struct {
	// Status is a word of Prometheus; Kind and Message are the API server's.
	ErrorType, Error, Kind, Message string
}

// refused says what another status than 200 means.
func (p *Prometheus) refused(response *http.Response) error {
	text, _ := io.ReadAll(io.LimitReader(response.Body, 64<<10))
	var body errorBody
	if json.Unmarshal(text, &body) != nil && !isHTML(response) {
		body.Error = string(text)
	}
	if body.Kind == "Status" {
		f := p.fail("cannot be reached through the API server", errors.New(body.Message))
		f.everywhere = true
		f.busy = response.StatusCode == http.StatusServiceUnavailable || response.StatusCode == http.StatusTooManyRequests
		return f
	}
	switch code := response.StatusCode; {
	case code == http.StatusUnauthorized:
		return p.everywhere("wants a login, or another one (401)")
	case code == http.StatusForbidden:
		return p.everywhere("does not let this login read (403)")
	case code == http.StatusNotFound:
		return p.everywhere("has no API there (404): the path of the URL may be another, such as /prometheus")
	case code >= 300 && code < 400:
		return p.everywhere("sends elsewhere" + whither(response) + ": something before it wants a login, or the URL is another")
	}
	return p.said(response.StatusCode, body.ErrorType, body.Error)
}

func (p *Prometheus) everywhere(what string) error {
	f := p.fail(what, nil)
	f.everywhere = true
	return f
}

// whither is where a redirect leads, without its query, which may hold a token.
func whither(response *http.Response) string {
	to, err := response.Location()
	if err != nil {
		return ""
	}
	return ", to " + (&url.URL{Scheme: to.Scheme, Host: to.Host, Path: to.Path}).String()
}

// said says what the server itself says is wrong, by the status and the type of an
// error.
func (p *Prometheus) said(code int, kind, message string) error {
	what := fmt.Sprintf("answers with an error (%d)", code)
	if message == "" {
		message = http.StatusText(code)
	}
	f := p.fail(what, errors.New(message))
	switch {
	case code == http.StatusUnprocessableEntity, code == http.StatusRequestEntityTooLarge,
		code == http.StatusGatewayTimeout, kind == "timeout",
		code == http.StatusBadRequest && limited(message):
		f.large = true
	case code == http.StatusServiceUnavailable, code == http.StatusTooManyRequests, code == http.StatusBadGateway:
		f.busy = true
	}
	return f
}

// limited tells whether an error is about how much was asked for. Stores say so in
// their own words, some of them with the status of a query that makes no sense.
func limited(message string) bool {
	message = strings.ToLower(message)
	for _, word := range []string{"exceed", "limit", "too many", "too long", "too large"} {
		if strings.Contains(message, word) {
			return true
		}
	}
	return false
}
