// Copyright The kubectl-dapr-prod Authors.
// SPDX-License-Identifier: Apache-2.0

package usage_test

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"net/url"
	"slices"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/dapr-prod/kubectl-dapr-prod/pkg/usage"
)

// endless is a body that does not end.
type endless struct{ part string }

func (e endless) Read(p []byte) (int, error) {
	return copy(p, strings.Repeat(e.part, len(p)/len(e.part)+1)), nil
}

// stuck is a body of which no more comes.
type stuck struct{ ctx context.Context }

func (s stuck) Read([]byte) (int, error) {
	<-s.ctx.Done()
	return 0, s.ctx.Err()
}

// TestFaults: whatever a store says instead of an answer is one sentence, and no
// number comes of it.
func TestFaults(t *testing.T) {
	t.Parallel()
	const name = "Prometheus at http://prometheus.example.com/base "
	cut := `{"status":"success","data":{"resultType":"matrix","result":[` + series(`[1768477500,"1"]`, `[1768477800,"2"]`)
	for _, test := range []struct {
		name string
		says fake
		want string
	}{
		{"slow", func(r *http.Request) said {
			<-r.Context().Done()
			return said{}
		}, "did not answer within 2m0s"},
		{"a body that stops", func(r *http.Request) said { return said{body: cut, then: stuck{r.Context()}} }, "did not end its answer within 2m0s"},
		{"too many samples", func(*http.Request) said {
			return said{code: 422, body: `{"status":"error","errorType":"execution","error":"query processing would load too many samples\ninto memory in query execution"}`}
		}, "answers with an error (422): query processing would load too many samples into memory in query execution"},
		{"busy", func(*http.Request) said { return said{code: 503, kind: "text/plain", body: "no replica is ready.\n"} }, "answers with an error (503): no replica is ready"},
		{"nothing said", func(*http.Request) said { return said{code: 500} }, "answers with an error (500): Internal Server Error"},
		{"a page of an error", func(*http.Request) said { return said{code: 502, kind: "text/html", body: "<html><h1>Bad</h1></html>"} }, "answers with an error (502): Bad Gateway"},
		{"an error with status 200", func(*http.Request) said {
			return said{body: `{"status":"error","errorType":"internal","error":"gone"}`}
		}, "answers with an error (200): gone"},
		{"truncated", func(*http.Request) said { return said{body: cut} }, "broke its answer off: unexpected EOF"},
		{"empty", func(*http.Request) said { return said{} }, "broke its answer off: unexpected EOF"},
		{"a login page", func(*http.Request) said {
			return said{kind: "text/html; charset=utf-8", body: "<!DOCTYPE html><html>Sign in</html>"}
		}, "answers with a web page, not with data: something before it wants a login, or the URL is that of another program"},
		{"a redirect", func(*http.Request) said {
			return said{code: 302, header: http.Header{"Location": {"https://login.example.com/start?token=hidden"}}}
		}, "sends elsewhere, to https://login.example.com/start: something before it wants a login, or the URL is another"},
		{"unauthorized", func(*http.Request) said { return said{code: 401} }, "wants a login, or another one (401)"},
		{"forbidden", func(*http.Request) said { return said{code: 403} }, "does not let this login read (403)"},
		{"another path", func(*http.Request) said { return said{code: 404, kind: "text/plain", body: "404 page not found"} }, "has no API there (404): the path of the URL may be another, such as /prometheus"},
		{"the API server", func(*http.Request) said {
			return said{code: 503, body: `{"kind":"Status","apiVersion":"v1","status":"Failure","message":"no endpoints available for service \"prometheus\""}`}
		}, `cannot be reached through the API server: no endpoints available for service "prometheus"`},
		{"blanks without end", func(*http.Request) said { return said{then: endless{"    "}} }, "answers with more than can be held"},
		{"samples without end", func(*http.Request) said {
			return said{body: `{"data":{"result":[{"values":[[1,"NaN"]`, then: &counting{}}
		}, "answers with more than can be held"},
		{"a string without end", func(*http.Request) said { return said{body: `{"status":"`, then: endless{"aaaa"}} }, "answers with something that is not what Prometheus says: not JSON: a string without end"},
		{"nested without end", func(*http.Request) said { return said{body: `{"data":{"x":`, then: endless{`[`}} }, "answers with something that is not what Prometheus says: not JSON: nested too deep"},
		{"other JSON", func(*http.Request) said { return said{body: `{"kind":"List","items":[]}`} }, "answers with something that is not what Prometheus says: not JSON of Prometheus' API"},
		{"a value that is no number", func(*http.Request) said { return success(series(`[1768477500,"many"]`)) }, "answers with something that is not what Prometheus says: not JSON: a value that is no number"},
		{"times out of order", func(*http.Request) said { return success(series(`[1768477800,"1"]`, `[1768477500,"1"]`)) }, "answers with something that is not what Prometheus says: not JSON: times that are not in order"},
	} {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			for _, part := range []struct {
				name string
				says fake
			}{{"probe", test.says}, {"history", probed(test.says)}} {
				synctest.Test(t, func(t *testing.T) {
					g := gather(t.Context(), store(t, part.says), request())
					if got := g.failed(); got != name+test.want {
						t.Errorf("%s: got %q", part.name, got)
					}
					if len(g.samples) > 0 {
						t.Errorf("%s: samples %v", part.name, g.samples)
					}
				})
			}
		})
	}
}

// counting are samples without end, at later and later times.
type counting struct{ at int64 }

func (c *counting) Read(p []byte) (int, error) {
	n := 0
	for n+32 < len(p) {
		c.at++
		n += copy(p[n:], fmt.Sprintf(`,[%d,"1"]`, c.at+1))
	}
	return n, nil
}

// TestUnreachable: what cannot be reached is not asked again for each metric.
func TestUnreachable(t *testing.T) {
	t.Parallel()
	asked := 0
	base := &url.URL{Scheme: "http", Host: "prometheus.example.com"}
	p := usage.NewPrometheus(base, failing(func() error {
		asked++
		return errors.New("dial tcp: connection refused")
	}))
	g := gather(t.Context(), p, request())
	if want := "Prometheus at http://prometheus.example.com cannot be reached: dial tcp: connection refused"; g.failed() != want {
		t.Errorf("got %q", g.failed())
	}
	if asked != 1 {
		t.Errorf("asked %d times", asked)
	}
}

type failing func() error

func (f failing) RoundTrip(*http.Request) (*http.Response, error) { return nil, f() }

// TestBusy: who is busy for a moment is asked again, and the answer counts once.
func TestBusy(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		times := 0
		g := gather(t.Context(), store(t, probed(func(r *http.Request) said {
			switch times++; times {
			case 1:
				return said{code: 503}
			case 2:
				return said{body: `{"status":"success","data":{"result":[` + series(every(r, "7")...)}
			}
			return success(series(every(r, "7")...))
		})), request())
		if got := len(g.samples["memory shop/a/daprd"]); g.failed() != "" || got != 25 {
			t.Errorf("%d samples, %s", got, g.failed())
		}
	})
}

// TestEnded: a context that ends is what the caller gets to know.
func TestEnded(t *testing.T) {
	t.Parallel()
	ctx, cancel := context.WithCancel(t.Context())
	g := gather(ctx, store(t, probed(func(*http.Request) said {
		cancel()
		return success()
	})), request())
	if !errors.Is(g.err, context.Canceled) {
		t.Errorf("got %v", g.err)
	}
}

// TestSink: an error of the sink ends the reading.
func TestSink(t *testing.T) {
	t.Parallel()
	full := errors.New("full")
	_, err := store(t, probed(func(r *http.Request) said { return success(series(every(r, "7")...)) })).
		History(t.Context(), request(), func(usage.Series) error { return full })
	if !errors.Is(err, full) {
		t.Errorf("got %v", err)
	}
}

// TestParts: a server that limits what it answers is asked in parts, which have
// each sample once, and is not asked for as much again.
func TestParts(t *testing.T) {
	t.Parallel()
	var spans []int64
	refusals := 0
	r := request()
	r.From, r.Metrics = noon.Add(-14*24*time.Hour), []usage.Metric{usage.CPU, usage.Memory}
	g := gather(t.Context(), store(t, probed(func(r *http.Request) said {
		from, to, step := asked(r)
		if (to-from)/step > 1000 {
			refusals++
			return said{code: 422, body: `{"status":"error","errorType":"execution","error":"too many samples"}`}
		}
		spans = append(spans, (to-from)/step)
		return success(series(every(r, "7")...))
	})), r)
	for _, key := range []string{"cpu shop/a/daprd", "memory shop/a/daprd"} {
		got := g.samples[key]
		if len(got) != 14*288+1 || !got[0].At.Equal(r.From) || !got[len(got)-1].At.Equal(noon) {
			t.Fatalf("%s: %d samples", key, len(got))
		}
		for i := 1; i < len(got); i++ {
			if got[i].At.Sub(got[i-1].At) != r.Step {
				t.Fatalf("%s: %s after %s", key, got[i].At, got[i-1].At)
			}
		}
	}
	if refusals != 3 || slices.Max(spans) != 504 {
		t.Errorf("%d refusals, spans %v", refusals, spans)
	}
}

// TestQueries: a cluster of the usual size takes one query a metric.
func TestQueries(t *testing.T) {
	t.Parallel()
	r := request()
	r.From, r.Metrics = noon.Add(-14*24*time.Hour), usage.Metrics()
	g := gather(t.Context(), store(t, probed(func(r *http.Request) said { return success(series(every(r, "1")...)) })), r)
	for _, a := range g.answers {
		if a.Queries != 1 || a.Samples != 14*288+1 {
			t.Errorf("%s: %d queries, %d samples", a.Metric, a.Queries, a.Samples)
		}
	}
	if len(g.answers) != 6 {
		t.Errorf("%d metrics", len(g.answers))
	}
}

// TestManySeries: where there are many, they are asked for in parts from the start,
// and where the history is before there were any, parts grow.
func TestManySeries(t *testing.T) {
	t.Parallel()
	for _, test := range []struct {
		name  string
		probe said
		want  []int64 // steps
	}{
		{"6000 Pods", success(`{"metric":{"__name__":"container_memory_working_set_bytes"},"value":[1,"6000"]}`), []int64{349, 1396, 2285}},
		{"none now", success(), []int64{288, 1152, 2590}},
	} {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			r := request()
			r.From = noon.Add(-14 * 24 * time.Hour)
			var spans []int64
			g := gather(t.Context(), store(t, func(r *http.Request) said {
				if strings.HasSuffix(r.URL.Path, "/query") {
					return test.probe
				}
				from, to, step := asked(r)
				spans = append(spans, (to-from)/step)
				return success()
			}), r)
			if !slices.Equal(spans, test.want) || g.failed() != "" {
				t.Errorf("spans %v, %s", spans, g.failed())
			}
		})
	}
}

// TestValues: what is no amount is no sample, nor is what nobody asked for; gaps
// stay gaps.
func TestValues(t *testing.T) {
	t.Parallel()
	at := noon.Unix()
	g := gather(t.Context(), store(t, probed(func(*http.Request) said {
		return said{body: fmt.Sprintf(`{"warnings":["partial response: one store is\ngone","partial response: one store is\ngone"],"infos":null,"status":"success",
			"data":{"resultType":"matrix","result":[
			{"metric":{"namespace":"shop","pod_name":"old","container_name":"daprd","other":"\u00e9\"\\"},"values":[[%d,"NaN"],[%d,"+Inf"],[%d,"-1"],[%d.5,"1e3"],[%d,"4"]]},
			{"metric":{},"values":[[%d,"1"]]},
			{"values":[[1,"1"],[%d,"3"],[%d,"9"]],"metric":{"namespace":"shop","pod":"new","container":"daprd"}}
			]}}`, at-1500, at-1200, at-900, at-600, at, at, at-900, at+900)}
	})), request())
	if g.failed() != "" {
		t.Fatal(g.failed())
	}
	old, later := g.samples["memory shop/old/daprd"], g.samples["memory shop/new/daprd"]
	want := []usage.Sample{{At: noon.Add(-10*time.Minute + time.Second/2), Value: 1000}, {At: noon, Value: 4}}
	if !slices.Equal(old, want) {
		t.Errorf("old: %v", old)
	}
	if !slices.Equal(later, []usage.Sample{{At: noon.Add(-15 * time.Minute), Value: 3}}) {
		t.Errorf("new: %v", later)
	}
	a := g.answers[0]
	if a.Samples != 3 || a.Dropped != 6 || !a.First.Equal(noon.Add(-15*time.Minute)) || !a.Last.Equal(noon) {
		t.Errorf("answer %+v", a)
	}
	if !a.Partial || !slices.Equal(a.Warnings, []string{"partial response: one store is gone"}) {
		t.Errorf("partial %t, warnings %q", a.Partial, a.Warnings)
	}
}

// TestPartial: VictoriaMetrics says it in a word of its own.
func TestPartial(t *testing.T) {
	t.Parallel()
	g := gather(t.Context(), store(t, probed(func(*http.Request) said {
		return said{body: `{"status":"success","isPartial":true,"data":{"resultType":"matrix","result":[]}}`}
	})), request())
	if g.failed() != "" || !g.answers[0].Partial {
		t.Errorf("%+v", g.answers)
	}
}

// TestClusters: a store of several clusters is not read as if it were of one.
func TestClusters(t *testing.T) {
	t.Parallel()
	two := func(*http.Request) said {
		return success(`{"metric":{"__name__":"container_cpu_usage_seconds_total","cluster":"a"},"value":[1,"2"]}`,
			`{"metric":{"__name__":"container_cpu_usage_seconds_total","cluster":"b"},"value":[1,"2"]}`)
	}
	var of *usage.ClustersError
	r := request()
	if g := gather(t.Context(), store(t, two), r); !errors.As(g.err, &of) ||
		g.err.Error() != `Prometheus at http://prometheus.example.com/base holds the clusters "a", "b": which one is to be read must be told by its label cluster` {
		t.Errorf("got %v", g.err)
	}
	r.Labels = map[string]string{"cluster": "a"}
	var asked string
	g := gather(t.Context(), store(t, func(r *http.Request) said {
		asked = r.FormValue("query")
		return success()
	}), r)
	if g.err != nil || !strings.Contains(asked, `cluster="a"`) {
		t.Errorf("%v, asked %s", g.err, asked)
	}
}

// FuzzAnswer: whatever a body is, reading it ends, and what JSON has no value for
// is no answer.
func FuzzAnswer(f *testing.F) {
	for _, seed := range []string{
		`{"status":"success","data":{"resultType":"matrix","result":[]}}`,
		success(series(`[1768477500,"1"]`)).body,
		`{"status":"success","data":null,"warnings":null}`,
		`{"status":"success","x":[{"y":[1.5e3,true,false,null,"\u0041"]}]}`, `{"a":tru}`, `[[`, `{"a":"\`,
	} {
		f.Add(seed)
	}
	f.Fuzz(func(t *testing.T, body string) {
		samples, err := usage.ReadAnswer(body)
		if err == nil && strings.Count(body, "[") < samples {
			t.Errorf("%d samples of %q", samples, body)
		}
		var whole map[string]json.RawMessage
		if err == nil && json.Unmarshal([]byte(strings.TrimSpace(body)), &whole) == nil && whole["status"] == nil {
			t.Errorf("%q has no status", body)
		}
	})
}
