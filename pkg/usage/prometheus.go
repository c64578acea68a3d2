// Copyright The kubectl-dapr-prod Authors.
// SPDX-License-Identifier: Apache-2.0

package usage

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"net/url"
	"strconv"
	"strings"
	"time"
)

const (
	// patience is how long one query may take, with its answer: as long as a
	// Prometheus lets it.
	patience = 2 * time.Minute
	// repeats is how often a query is asked again of a server that is busy.
	repeats = 2
	// pause is before a query is asked again; the second time it is twice as long.
	pause = time.Second
)

// Prometheus is a server that speaks the API of Prometheus.
type Prometheus struct {
	// Name says in sentences which one it is: the URL without what is secret, or the
	// Service.
	Name string
	// Patience is how long one query may take; see NewPrometheus.
	Patience time.Duration

	base    *url.URL
	client  *http.Client
	headers http.Header
	secrets []string
	// held is used for one answer after the other.
	held answer
}

// NewPrometheus is the one at a URL, which transport reaches. Nobody is logged in
// by it, no redirect is followed, and one query may take two minutes. It asks one
// query at a time, and is not for use by several goroutines.
func NewPrometheus(base *url.URL, transport http.RoundTripper) *Prometheus {
	return &Prometheus{
		Name:     "Prometheus at " + base.Redacted(),
		Patience: patience,
		base:     base,
		client: &http.Client{
			Transport:     transport,
			CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse },
		},
		held: answer{most: mostSamples, mostBytes: mostBytes},
	}
}

// instant asks what is so at a time.
func (p *Prometheus) instant(ctx context.Context, query string, at time.Time) error {
	return p.ask(ctx, "query", url.Values{"query": {query}, "time": {seconds(at)}})
}

// between asks what was so, a step at a time, at both ends too.
func (p *Prometheus) between(ctx context.Context, query string, from, to time.Time, step time.Duration) error {
	return p.ask(ctx, "query_range", url.Values{
		"query": {query}, "start": {seconds(from)}, "end": {seconds(to)}, "step": {strconv.FormatInt(int64(step.Seconds()), 10)},
	})
}

func seconds(t time.Time) string {
	return strconv.FormatFloat(float64(t.UnixMilli())/1000, 'f', -1, 64)
}

// ask puts one question; the answer is in held. A server that is busy is asked
// again.
func (p *Prometheus) ask(ctx context.Context, path string, query url.Values) error {
	for attempt := 0; ; attempt++ {
		err := p.once(ctx, path, query)
		var said *failure
		if err == nil || attempt == repeats || !errors.As(err, &said) || !said.busy {
			return err
		}
		select {
		case <-ctx.Done():
			return err
		case <-time.After(pause << attempt):
		}
	}
}

func (p *Prometheus) once(ctx context.Context, path string, query url.Values) error {
	within, cancel := context.WithTimeout(ctx, p.Patience)
	defer cancel()
	where := p.base.JoinPath("api/v1", path)
	where.RawQuery = query.Encode()
	request, err := http.NewRequestWithContext(within, http.MethodGet, where.String(), nil)
	if err != nil {
		return p.fail("cannot be asked", err)
	}
	for name, values := range p.headers {
		request.Header[name] = values
	}
	if host := p.headers.Get("Host"); host != "" {
		request.Host = host
	}
	request.Header.Set("Accept", "application/json")
	request.Header.Set("User-Agent", "kubectl-dapr-prod")
	response, err := p.client.Do(request)
	if err != nil {
		return p.unreached(ctx, err)
	}
	defer response.Body.Close()
	if response.StatusCode != http.StatusOK {
		return p.refused(response)
	}
	switch err := p.held.read(response.Body); {
	case err != nil:
		return p.unread(ctx, response, err)
	case p.held.status == "error":
		return p.said(response.StatusCode, p.held.kind, p.held.message)
	}
	return nil
}

// unreached says why there is no answer.
func (p *Prometheus) unreached(ctx context.Context, err error) error {
	var of *url.Error
	if errors.As(err, &of) {
		err = of.Err // it has the whole URL
	}
	switch {
	case ctx.Err() != nil:
		return ctx.Err()
	case errors.Is(err, context.DeadlineExceeded):
		return p.fail(fmt.Sprintf("did not answer within %s", p.Patience), nil)
	}
	f := p.fail("cannot be reached", err)
	f.everywhere = true
	return f
}

// unread says what is wrong with an answer that was meant to be one.
func (p *Prometheus) unread(ctx context.Context, response *http.Response, err error) error {
	switch {
	case ctx.Err() != nil:
		return ctx.Err()
	case errors.Is(err, context.DeadlineExceeded):
		return p.fail(fmt.Sprintf("did not end its answer within %s", p.Patience), nil)
	case errors.Is(err, errTooLarge):
		f := p.fail("answers with more than can be held", nil)
		f.large = true
		return f
	case isHTML(response):
		return p.fail("answers with a web page, not with data: something before it wants a login, or the URL is that of another program", nil)
	case errors.Is(err, errNoJSON):
		return p.fail("answers with something that is not what Prometheus says", err)
	}
	f := p.fail("broke its answer off", err)
	f.busy = true
	return f
}

func isHTML(response *http.Response) bool {
	return strings.HasPrefix(response.Header.Get("Content-Type"), "text/html")
}
