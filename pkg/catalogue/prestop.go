// Copyright The kubectl-dapr-prod Authors.
// SPDX-License-Identifier: Apache-2.0

package catalogue

import (
	"regexp"
	"strconv"
	"strings"
	"time"

	corev1 "k8s.io/api/core/v1"

	"github.com/dapr-prod/kubectl-dapr-prod/pkg/dapr"
	"github.com/dapr-prod/kubectl-dapr-prod/pkg/guideline"
)

// sleepCommand is a preStop command that does nothing but sleep, with or without a shell.
var sleepCommand = regexp.MustCompile(`^(?:\S*sh -c )?(?:\S*/)?sleep (\d{1,9})s?$`)

// longestSleep is the longest that a container of the app sleeps in its preStop hook
// before it is told to end.
func longestSleep(app *guideline.App) time.Duration {
	var longest time.Duration
	for i := range app.Template.Spec.Containers {
		if c := &app.Template.Spec.Containers[i]; c.Name != dapr.SidecarContainer {
			longest = max(longest, sleepOf(c))
		}
	}
	return longest
}

func sleepOf(c *corev1.Container) time.Duration {
	if c.Lifecycle == nil || c.Lifecycle.PreStop == nil {
		return 0
	}
	hook := c.Lifecycle.PreStop
	switch {
	case hook.Sleep != nil:
		return time.Duration(min(hook.Sleep.Seconds, maxSeconds)) * time.Second
	case hook.Exec != nil:
		if m := sleepCommand.FindStringSubmatch(strings.Join(hook.Exec.Command, " ")); m != nil {
			seconds, _ := strconv.Atoi(m[1])
			return time.Duration(seconds) * time.Second
		}
	}
	return 0
}
