// Copyright The kubectl-dapr-prod Authors.
// SPDX-License-Identifier: Apache-2.0

package plan

import (
	"fmt"

	"github.com/dapr-prod/kubectl-dapr-prod/pkg/guideline"
	"github.com/dapr-prod/kubectl-dapr-prod/pkg/snapshot"
)

// writable are the kinds whose template may be written, and whose Pods follow it.
var writable = map[string]string{
	"Deployment":  "apps",
	"StatefulSet": "apps",
	"DaemonSet":   "apps",
	"CronJob":     "batch",
	"Rollout":     "argoproj.io",
}

// unwritable says why an app's template is not written, and what to do instead;
// empty where it is.
func unwritable(app *guideline.App) string {
	o := app.Object
	if app.Template != nil {
		o = app.Template.Object
	}
	switch {
	case writes(o) && app.Template != nil:
		return ""
	case writes(o):
		return "its Pod template was not seen"
	case o.Kind == "Job" && o.Group() == "batch":
		return "the template of a Job cannot be changed: delete the Job and make it again from a manifest with the change"
	case o.Kind == "Pod" && o.Group() == "":
		return "nobody makes this Pod anew: delete it and make it again from a manifest with the change, better as a Deployment"
	case o.Kind == "ReplicaSet" && o.Group() == "apps":
		return "a ReplicaSet keeps the Pods that it has: change the manifest, and delete its Pods"
	case app.Template == nil:
		return fmt.Sprintf("this tool does not write a %s", o.Kind)
	default:
		return fmt.Sprintf("this tool does not write a %s: change its template where it is made", o.Kind)
	}
}

func writes(o snapshot.Object) bool {
	group, known := writable[o.Kind]
	return known && group == o.Group()
}
