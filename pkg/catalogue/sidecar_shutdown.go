// Copyright The kubectl-dapr-prod Authors.
// SPDX-License-Identifier: Apache-2.0

package catalogue

import (
	"strconv"
	"time"

	"github.com/dapr/dapr/pkg/injector/annotations"

	"github.com/dapr-prod/kubectl-dapr-prod/pkg/dapr"
	"github.com/dapr-prod/kubectl-dapr-prod/pkg/guideline"
	"github.com/dapr-prod/kubectl-dapr-prod/pkg/secret"
)

var sidecarShutdown = &guideline.Guideline{
	ID:       "sidecar-shutdown",
	Title:    "the sidecar has time to end before it is killed",
	Severity: guideline.Warning,
	Origin:   guideline.DaprDocs,
	Section:  notOnThePage,
	Docs:     arguments,
	Why: "When a Pod ends daprd first blocks for dapr.io/block-shutdown-duration, then finishes what is under way for dapr.io/graceful-shutdown-seconds. " +
		"If the Pod's grace period is over before, the kubelet kills it in the middle: messages are handled twice, and calls break off.",
	Judged: "The two durations in daprd's arguments (graceful shutdown: 5 seconds without one) together against terminationGracePeriodSeconds (30 without one), of the next Pod and of those that run. " +
		"For a native sidecar, which ends after the app, the app's preStop sleep counts as well. Where the app sleeps longer than daprd stays, that is info.",
	Fix: "raise spec.terminationGracePeriodSeconds of the Pod template above the sum of dapr.io/block-shutdown-duration and dapr.io/graceful-shutdown-seconds",
	Traps: "daprd stops blocking as soon as the app says that it is not healthy, so that it may need less. " +
		"What an app's preStop hook does is only seen where it sleeps; how long the app itself takes to end is not seen at all.",
	Reads: readsSidecars(),
	App: func(app *guideline.App) []guideline.Result {
		return daprds(app, func(d daprd) guideline.Result { return judgeShutdown(app, d) })
	},
}

func judgeShutdown(app *guideline.App, d daprd) guideline.Result {
	text := dapr.Flag(d.Container, "dapr-block-shutdown-duration", "0s")
	block, err := time.ParseDuration(text)
	if err != nil {
		return atSetting(app, guideline.Fail("block-shutdown-duration %s is no duration: daprd ends at start", secret.Shown(text)).As(guideline.Error), annotations.KeyBlockShutdownDuration).
			Do("write dapr.io/block-shutdown-duration as in 20s, or leave it out")
	}
	stays := min(max(block, 0), maxSeconds*time.Second) + gracefulShutdown(d)
	grace := 30 * time.Second // Kubernetes' default
	if d.grace != nil {
		grace = time.Duration(min(*d.grace, maxSeconds)) * time.Second
	}
	var sleeps time.Duration
	if !d.runs {
		sleeps = longestSleep(app)
	}
	switch {
	case stays >= grace:
		return guideline.Fail("daprd takes up to %s to end, and the Pod is killed after %s", stays, grace).At(graceField(app))
	case d.native && sleeps+stays >= grace:
		return guideline.Fail("daprd takes up to %s to end after the app, which sleeps for %s, and the Pod is killed after %s", stays, sleeps, grace).At(graceField(app)).
			Do("raise spec.terminationGracePeriodSeconds of the Pod template above the sum of the app's preStop sleep and what daprd takes")
	case !d.native && sleeps > stays:
		return atSetting(app, guideline.Fail("daprd is gone after %s at the latest, while the app sleeps for %s before it ends", stays, sleeps).As(guideline.Info), annotations.KeyBlockShutdownDuration).
			Do("set dapr.io/block-shutdown-duration: %s, and raise spec.terminationGracePeriodSeconds where the two do not fit in it", sleeps)
	default:
		return guideline.Pass("daprd takes up to %s to end, and the Pod has %s", stays, grace)
	}
}

// maxSeconds is more than anybody waits, and does not overflow a Duration.
const maxSeconds = 1_000_000_000

// gracefulShutdown is how long daprd finishes what is under way: 5 seconds where it
// has a negative number, which is the injector's default (pkg/runtime/config.go).
func gracefulShutdown(d daprd) time.Duration {
	seconds, err := strconv.Atoi(dapr.Flag(d.Container, "dapr-graceful-shutdown-seconds", "-1"))
	if err != nil || seconds < 0 {
		seconds = 5
	}
	return time.Duration(min(seconds, maxSeconds)) * time.Second
}

func graceField(app *guideline.App) string {
	if app.Template == nil || app.Template.Path == "" {
		return "spec.terminationGracePeriodSeconds"
	}
	return app.Template.Path + ".spec.terminationGracePeriodSeconds"
}
