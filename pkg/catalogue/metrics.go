// Copyright The kubectl-dapr-prod Authors.
// SPDX-License-Identifier: Apache-2.0

package catalogue

import (
	"fmt"
	"slices"
	"strconv"

	"github.com/dapr/dapr/pkg/injector/annotations"
	corev1 "k8s.io/api/core/v1"

	"github.com/dapr-prod/kubectl-dapr-prod/pkg/dapr"
	"github.com/dapr-prod/kubectl-dapr-prod/pkg/guideline"
	"github.com/dapr-prod/kubectl-dapr-prod/pkg/snapshot"
)

var metrics = &guideline.Guideline{
	ID:       "metrics",
	Title:    "sidecars and control plane have metrics, and something scrapes them",
	Severity: guideline.Warning,
	Origin:   guideline.Page,
	Section:  "Tracing and metrics configuration",
	Docs:     page + "#tracing-and-metrics-configuration",
	Why:      "Without metrics nobody sees that calls fail, that certificates are about to expire or that memory runs out before it happens.",
	Judged: "--enable-metrics and --metrics-port of daprd and of the control plane, spec.metrics.enabled of the Configuration that daprd loads, and what asks for a scrape: " +
		"a PodMonitor or ServiceMonitor that selects the Pods and names the port, annotations prometheus.io/scrape on the Pods or on a Service of theirs, such as the one that Dapr's operator makes, " +
		`or dapr.io/enable-metrics "true", which the scrape job of Dapr's documentation looks for. None of these is info.`,
	Fix: `set dapr.io/enable-metrics: "true" on the Pod template, or write a PodMonitor for the port dapr-metrics`,
	Traps: `dapr.io/enable-metrics: "false" does not end the endpoint, which then listens on 9090 whatever dapr.io/metrics-port says, and spec.metric.enabled without an s does nothing. ` +
		"Agents that scrape by rules of their own are not seen, nor whether a network policy lets anybody in, nor whether there is a Prometheus at all.",
	Reads: readsConfigurations(
		snapshot.Read{Resource: snapshot.PodMonitors, Place: snapshot.InCluster},
		snapshot.Read{Resource: snapshot.ServiceMonitors, Place: snapshot.InCluster},
		snapshot.Read{Resource: snapshot.Services, Place: snapshot.InApps},
		snapshot.Read{Resource: snapshot.Services, Place: snapshot.InControlPlane},
		snapshot.Read{Resource: snapshot.StatefulSets, Place: snapshot.InControlPlane},
		snapshot.Read{Resource: snapshot.Pods, Place: snapshot.InControlPlane},
	),
	App: func(app *guideline.App) []guideline.Result {
		return daprds(app, func(d daprd) guideline.Result { return judgeMetrics(app, d) })
	},
	Mend: mendMetrics,
	ControlPlane: func(install *guideline.Install) []guideline.Result {
		return eachWorkload(install, judgeServiceMetrics, notInstalled)
	},
	Values: metricsValues,
}

func judgeMetrics(app *guideline.App, d daprd) guideline.Result {
	c := configurationOf(app, d.Container)
	if r, is := c.unjudged(); is {
		return r
	}
	switch {
	case withoutMetrics(d.Container):
		return atSetting(app, guideline.Fail("daprd runs with --enable-metrics=false"), annotations.KeyEnableMetrics)
	case c.Configuration != nil && c.Metrics != nil && !*c.Metrics:
		return guideline.Fail("metrics are switched off by spec.metrics.enabled of Configuration %s", c.name).
			Do("take spec.metrics.enabled out of the Configuration, or set it to true")
	}
	t := scrapeTargetOf(app, d)
	how := t.scrapedBy(app.Snapshot)
	switch gap := hiddenScrape(app.Snapshot, snapshot.InApps, app.Object.Namespace); {
	case how != "":
		return guideline.Pass("metrics on port %d: %s", t.port, how)
	case t.said:
		return guideline.Pass(`metrics on port %d: dapr.io/enable-metrics "true", for the scrape job of Dapr's documentation`, t.port)
	case gap != nil:
		return guideline.Unknown("metrics on port %d, and it is not known what scrapes them: %s", t.port, gap)
	case !app.Snapshot.Live:
		return guideline.Unknown("metrics on port %d, and what scrapes them is not in the input", t.port)
	default:
		return guideline.Fail("metrics on port %d, and nothing seen that scrapes them", t.port).As(guideline.Info).At(annotationField(app, annotations.KeyEnableMetrics))
	}
}

// withoutMetrics tells whether a container is told to have none; by default it has.
func withoutMetrics(c *corev1.Container) bool {
	return !byVariable(dapr.Flag(c, "enable-metrics", "")) && !dapr.Switch(c, "enable-metrics", true)
}

// metricsPort is where daprd and the control plane's services listen. Without
// --enable-metrics the injector leaves the port out too (pkg/injector/patcher).
func metricsPort(d container) int32 {
	port, err := strconv.ParseInt(dapr.Flag(d.Container, "metrics-port", "9090"), 10, 32)
	if err != nil {
		return 9090
	}
	return int32(port)
}

func judgeServiceMetrics(install *guideline.Install, w *snapshot.ControlPlaneWorkload) guideline.Result {
	const remedy = "set the Helm value global.prometheus.enabled=true"
	off := slices.ContainsFunc(w.Pods, func(p snapshot.ControlPlanePod) bool { return p.Container != nil && withoutMetrics(p.Container) })
	switch {
	case w.Desired == 0:
		return guideline.Skip("scaled to zero: switched off")
	case w.Container == nil || w.Template == nil:
		return guideline.Unknown("the Pod template has no container %s", w.Name)
	case withoutMetrics(w.Container):
		return guideline.Fail("runs with --enable-metrics=false").In(w.Name).Do(remedy)
	case off:
		return guideline.Fail("runs with --enable-metrics=false, in running Pods").In(w.Name).Do("%s: they are older than the template", restart(w.Object))
	}
	t := scrapeTarget{
		namespace: install.Namespace, labels: w.Template.Labels, annotations: w.Template.Annotations,
		ports: w.Container.Ports, port: metricsPort(container{Container: w.Container}),
	}
	how := t.scrapedBy(install.Snapshot)
	switch gap := hiddenScrape(install.Snapshot, snapshot.InControlPlane, install.Namespace); {
	case how != "":
		return guideline.Pass("metrics on port %d: %s", t.port, how)
	case gap != nil:
		return guideline.Unknown("metrics on port %d, and it is not known what scrapes them: %s", t.port, gap)
	case !install.Snapshot.Live:
		return guideline.Unknown("metrics on port %d, and what scrapes them is not in the input", t.port)
	default:
		return guideline.Fail("metrics on port %d, and nothing seen that scrapes them", t.port).As(guideline.Info).
			Do(remedy + ", which annotates the Pods for Prometheus, or write a PodMonitor")
	}
}

// mendMetrics sets the annotation that some scrape jobs look for.
func mendMetrics(app *guideline.App) guideline.Remedy {
	judge := func(d daprd) guideline.Result { return judgeMetrics(app, d) }
	return byTemplate(app, judge, func() guideline.Remedy {
		r := guideline.Annotate(annotations.KeyEnableMetrics, "true")
		next := with(app, r.Annotations)
		if judgeMetrics(next, simulated(next)).Outcome != guideline.Passed {
			return guideline.Remedy{}
		}
		if was, is := metricsPort(simulated(app).container), metricsPort(simulated(next).container); was != is {
			r = r.Risking(fmt.Sprintf("the metrics move from port %d to %d, as %s says", was, is, annotations.KeyMetricsPort))
		}
		return r.Only("it helps where a scrape job looks for the annotation, as that of Dapr's documentation does, and nowhere else")
	}, annotations.KeyEnableMetrics)
}
