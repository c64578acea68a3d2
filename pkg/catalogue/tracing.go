// Copyright The kubectl-dapr-prod Authors.
// SPDX-License-Identifier: Apache-2.0

package catalogue

import (
	"fmt"
	"math"
	"net/url"
	"strconv"
	"strings"

	"github.com/dapr/dapr/pkg/injector/annotations"
	corev1 "k8s.io/api/core/v1"

	"github.com/dapr-prod/kubectl-dapr-prod/pkg/dapr"
	"github.com/dapr-prod/kubectl-dapr-prod/pkg/guideline"
	"github.com/dapr-prod/kubectl-dapr-prod/pkg/snapshot"
)

var tracing = &guideline.Guideline{
	ID:       "tracing",
	Title:    "the sidecar sends traces",
	Severity: guideline.Warning,
	Origin:   guideline.Page,
	Section:  "Tracing and metrics configuration",
	Docs:     page + "#tracing-and-metrics-configuration",
	Why:      "Traces show which way a request takes through the apps and where it waits or fails. Dapr sends none unless it is told where to.",
	Judged: "spec.tracing of the Configuration that daprd loads, and OTEL_EXPORTER_OTLP_TRACES_ENDPOINT or OTEL_EXPORTER_OTLP_ENDPOINT in daprd's environment, which stand in for an otel address. " +
		"A sampling rate without an address sends nothing, and a rate of 0 is off; a rate of 1, and one that is missing (1 of 10000), are info.",
	Fix: "write a Configuration with spec.tracing.samplingRate and an otel or zipkin address into the app's namespace, and name it by dapr.io/config",
	Traps: "Tracing in the Configuration daprsystem, or in one that no app names, reaches no sidecar. " +
		"Up to 1.17 daprd takes a changed Configuration when it starts anew. Apps may send traces of their own, past Dapr; whether anything listens at the address is not looked at.",
	Reads: readsConfigurations(),
	App: func(app *guideline.App) []guideline.Result {
		return daprds(app, func(d daprd) guideline.Result { return judgeTracing(app, d) })
	},
}

func judgeTracing(app *guideline.App, d daprd) guideline.Result {
	c := configurationOf(app, d.Container)
	if r, is := c.unjudged(); is {
		return r
	}
	t := &snapshot.Tracing{}
	if c.Configuration != nil && c.Tracing != nil {
		t = c.Tracing
	}
	// The variables count only where the object has no address (pkg/config/configuration.go).
	byEnv := t.OTel.Text() == "" && endpointInEnv(app, d)
	otel := t.OTel.Text() != "" && t.OTelProtocol != ""
	switch {
	case otel && t.OTelProtocol != "grpc" && t.OTelProtocol != "http":
		return guideline.Fail("spec.tracing.otel.protocol %q of Configuration %s is neither grpc nor http: daprd ends at start", t.OTelProtocol, c.name).As(guideline.Error)
	case t.Zipkin.Text() != "" && !isCollector(t.Zipkin.Text()):
		return guideline.Fail("spec.tracing.zipkin.endpointAddress of Configuration %s is no URL with a scheme and a host: daprd ends at start", c.name).As(guideline.Error).
			Do("write the address as in http://HOST:9411/api/v2/spans")
	case byEnv || otel || t.Zipkin.Text() != "":
		return judgeSampling(c, t, byEnv)
	case t.OTel.Text() == "" && len(d.EnvFrom) > 0:
		return guideline.Unknown("no address is written, and daprd takes variables from a ConfigMap or a Secret, which is not read")
	case c.name == "":
		return atSetting(app, guideline.Fail("no tracing: daprd loads no Configuration%s", unused(app)), annotations.KeyConfig)
	case t.Stdout:
		return guideline.Fail("traces go to daprd's log alone, as Configuration %s says", c.name)
	case c.Tracing == nil:
		return guideline.Fail("no tracing: Configuration %s has no spec.tracing", c.name)
	default:
		return guideline.Fail("no tracing: spec.tracing of Configuration %s has no address to send traces to", c.name)
	}
}

// judgeSampling judges how many traces are sent (pkg/diagnostics/utils/trace_utils.go).
func judgeSampling(c configured, t *snapshot.Tracing, byEnv bool) guideline.Result {
	text := t.SamplingRate
	if text == "" && byEnv {
		text = "1"
	}
	rate, err := strconv.ParseFloat(text, 64)
	switch {
	case text == "":
		return guideline.Fail("1 of 10000 traces is sent: Configuration %s has no samplingRate", c.name).As(guideline.Info).
			Do("set spec.tracing.samplingRate to the part of the traces that you want, as in 0.1")
	case err != nil:
		return guideline.Fail("1 of 10000 traces is sent: samplingRate %q of Configuration %s is no number", text, c.name).As(guideline.Info).
			Do("set spec.tracing.samplingRate to the part of the traces that you want, as in 0.1")
	case math.IsNaN(rate):
		// A number to Go, and neither above nor below any other.
		return guideline.Fail("all requests are traced or none, depending on the processor: samplingRate %q of Configuration %s is no number", text, c.name).
			Do("set spec.tracing.samplingRate to the part of the traces that you want, as in 0.1")
	case rate <= 0:
		return guideline.Fail("tracing is switched off: samplingRate of Configuration %s is %s", c.name, text).
			Do("set spec.tracing.samplingRate to the part of the traces that you want, as in 0.1")
	case rate >= 1:
		return guideline.Fail("every request is traced: the sampling rate is 1").As(guideline.Info).
			Do("set spec.tracing.samplingRate of the app's Configuration to a part of the traces, as in 0.1, unless there are few requests")
	default:
		return guideline.Pass("traces are sent, with a sampling rate of %s", text)
	}
}

// endpointInEnv tells whether the first variable with a value that daprd looks at for
// an address holds one, or gets it from elsewhere. The one for traces came with 1.15.
func endpointInEnv(app *guideline.App, d daprd) bool {
	names := []string{"OTEL_EXPORTER_OTLP_TRACES_ENDPOINT", "OTEL_EXPORTER_OTLP_ENDPOINT"}
	if !releaseOf(app, d.container).AtLeast(1, 15, 0) {
		names = names[1:]
	}
	for _, name := range names {
		var last corev1.EnvVar
		for _, e := range d.Env {
			if e.Name == name {
				last = e
			}
		}
		switch address := strings.TrimPrefix(strings.TrimPrefix(last.Value, "http://"), "https://"); {
		case last.ValueFrom != nil && *last.ValueFrom != (corev1.EnvVarSource{}):
			return true
		case last.Value != "":
			return address != ""
		}
	}
	return false
}

// isCollector tells whether the exporter takes an address of Zipkin's.
func isCollector(address string) bool {
	u, err := url.Parse(address)
	return err == nil && u.Scheme != "" && u.Host != ""
}

// unused tells of Configurations whose tracing the app does not get.
func unused(app *guideline.App) string {
	if set, _ := annotated(app); set[annotations.KeyConfig] != "" {
		return "" // the next Pod gets one
	}
	for i := range app.Snapshot.Configurations {
		if c := &app.Snapshot.Configurations[i]; c.Tracing != nil && c.Object.Namespace == app.Object.Namespace && c.Object.Name != dapr.SystemConfiguration {
			return fmt.Sprintf("; there is Configuration %s with tracing, which dapr.io/config does not name", c.Object.Name)
		}
	}
	if c := app.Snapshot.Configuration(app.Injector.Namespace, dapr.SystemConfiguration); c != nil && c.Tracing != nil {
		return "; tracing in " + dapr.SystemConfiguration + " reaches no sidecar"
	}
	return ""
}
