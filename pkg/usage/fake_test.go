// Copyright The kubectl-dapr-prod Authors.
// SPDX-License-Identifier: Apache-2.0

package usage_test

import (
	"context"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/dapr-prod/kubectl-dapr-prod/pkg/usage"
)

// noon is the end of most histories.
var noon = time.Date(2026, 1, 15, 12, 0, 0, 0, time.UTC)

// said is what a fake store says.
type said struct {
	code int
	kind string // of the content; JSON where empty
	body string
	// then is the rest of the body, if it is no text.
	then   io.Reader
	header http.Header
}

// fake is a store that is no real one: it fails in ways that a real one cannot be
// made to.
type fake func(*http.Request) said

func (f fake) RoundTrip(r *http.Request) (*http.Response, error) {
	answer := f(r)
	if err := r.Context().Err(); err != nil {
		return nil, err
	}
	body := io.Reader(strings.NewReader(answer.body))
	if answer.then != nil {
		body = io.MultiReader(body, answer.then)
	}
	header := answer.header
	if header == nil {
		header = http.Header{}
	}
	header.Set("Content-Type", answer.kind)
	if answer.code == 0 {
		answer.code = http.StatusOK
	}
	return &http.Response{StatusCode: answer.code, Header: header, Body: io.NopCloser(body), Request: r}, nil
}

// store is a fake one at a URL.
func store(t *testing.T, f fake) *usage.Prometheus {
	t.Helper()
	base, err := url.Parse("http://prometheus.example.com/base")
	if err != nil {
		t.Fatal(err)
	}
	p := usage.NewPrometheus(base, f)
	p.Hold(10_000, 4<<20)
	return p
}

// probed answers the first question and leaves the others to f.
func probed(f fake) fake {
	return func(r *http.Request) said {
		if strings.HasSuffix(r.URL.Path, "/query") {
			return success(`{"metric":{"__name__":"container_cpu_usage_seconds_total"},"value":[1,"2"]}`)
		}
		return f(r)
	}
}

// success is an answer with these results.
func success(results ...string) said {
	return said{body: `{"status":"success","data":{"resultType":"matrix","result":[` + strings.Join(results, ",") + `]}}`}
}

// series is a range query's result of Pod a; samples are such as `[1,"2"]`.
func series(samples ...string) string {
	return `{"metric":{"namespace":"shop","pod":"a","container":"daprd"},"values":[` + strings.Join(samples, ",") + `]}`
}

// every has one sample a step, of the asked time.
func every(r *http.Request, value string) []string {
	from, to, step := asked(r)
	var all []string
	for at := from; at <= to; at += step {
		all = append(all, fmt.Sprintf(`[%d,%q]`, at, value))
	}
	return all
}

// asked are start, end and step of a range query.
func asked(r *http.Request) (from, to, step int64) {
	number := func(name string) int64 {
		n, err := strconv.ParseInt(r.FormValue(name), 10, 64)
		if err != nil {
			panic(err)
		}
		return n
	}
	return number("start"), number("end"), number("step")
}

// request asks for the last two hours of memory.
func request() usage.Request {
	return usage.Request{
		Selection: usage.Selection{Containers: []string{"daprd"}},
		Metrics:   []usage.Metric{usage.Memory},
		From:      noon.Add(-2 * time.Hour), To: noon, Step: 5 * time.Minute,
	}
}

// gathered is all that a history hands on.
type gathered struct {
	answers []usage.Answer
	err     error
	samples map[string][]usage.Sample // by "metric namespace/pod/container"
}

func gather(ctx context.Context, p *usage.Prometheus, r usage.Request) gathered {
	g := gathered{samples: map[string][]usage.Sample{}}
	g.answers, g.err = p.History(ctx, r, func(s usage.Series) error {
		key := fmt.Sprintf("%s %s/%s/%s", s.Metric, s.Namespace, s.Pod, s.Container)
		g.samples[key] = append(g.samples[key], s.Samples...)
		return nil
	})
	return g
}

// failed is the sentence that a history ended with.
func (g gathered) failed() string {
	if g.err != nil {
		return g.err.Error()
	}
	for _, a := range g.answers {
		if a.Err != nil {
			return a.Err.Error()
		}
	}
	return ""
}

func mustURL(text string) *url.URL {
	u, err := url.Parse(text)
	if err != nil {
		panic(err)
	}
	return u
}
