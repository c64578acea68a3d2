// Copyright The kubectl-dapr-prod Authors.
// SPDX-License-Identifier: Apache-2.0

package catalogue

import (
	"maps"
	"slices"
	"strings"
	"time"

	"github.com/dapr-prod/kubectl-dapr-prod/pkg/dapr"
	"github.com/dapr-prod/kubectl-dapr-prod/pkg/guideline"
	"github.com/dapr-prod/kubectl-dapr-prod/pkg/sidecar"
	"github.com/dapr-prod/kubectl-dapr-prod/pkg/snapshot"
)

// judgeImage holds the image of a sidecar against its control plane.
func judgeImage(app *guideline.App, image string, cp *snapshot.ControlPlane) guideline.Result {
	if cp == nil {
		return guideline.Unknown("the control plane was not read, and so not its release")
	}
	in, read := sidecar.InjectorOf(app.Snapshot, cp)
	runs, wants := dapr.VersionOfImage(image), cp.Version
	if !wants.Known() && read {
		wants = dapr.VersionOfImage(in.Image)
	}
	same := read && image == in.Image
	switch {
	case same && digest(image) != "" && (!runs.Known() || !wants.Known()):
		return guideline.Pass("daprd runs the image that the injector gives, by its digest")
	case same && !runs.Known():
		return guideline.Skip("the tag of the injector's image names no release: %s", image)
	case !runs.Known():
		return guideline.Unknown("the tag of daprd's image names no release: %s", image)
	case !wants.Known() && controlPlaneGap(app) != nil:
		return guideline.Unknown("daprd is %s, and the control plane's release is not known: %s", runs, controlPlaneGap(app))
	case !wants.Known():
		return guideline.Unknown("daprd is %s, and the control plane's release is not known: its images' tags name none", runs)
	}
	r, differs := skew(runs, wants)
	switch {
	case differs:
		return r
	case read && digest(image) != "" && digest(in.Image) != "" && digest(image) != digest(in.Image):
		return guideline.Fail("daprd %s is another image than the injector gives: their digests differ", runs).As(guideline.Info)
	default:
		return guideline.Pass("daprd is %s, as the control plane", runs)
	}
}

// skew compares releases. Suffixes do not count, but for release candidates.
func skew(runs, wants dapr.Version) (r guideline.Result, differs bool) {
	ahead := runs.MinorsAhead(wants)
	switch {
	case ahead > 0:
		return guideline.Fail("daprd is %s, newer than the control plane with %s", runs, wants).As(guideline.Error), true
	case ahead == -1:
		return guideline.Fail("daprd is %s, one minor behind the control plane with %s", runs, wants), true
	case ahead < -1:
		return guideline.Fail("daprd is %s, more than one minor behind the control plane with %s", runs, wants).As(guideline.Error), true
	case runs.Before(wants) || wants.Before(runs) || runs.Candidate() != wants.Candidate():
		return guideline.Fail("daprd is %s, another patch than the control plane with %s", runs, wants).As(guideline.Info), true
	default:
		return guideline.Result{}, false
	}
}

// digest is what stands behind the @ of an image's name or ID; empty without one.
func digest(image string) string {
	_, found, _ := strings.Cut(image, "@")
	return found
}

// recently is how fresh the newest Pod of a rollout is that is under way.
const recently = 10 * time.Minute

// rolling tells whether Pods with o are just being replaced: there is a fresh Pod,
// made from another template, whose sidecar is right.
func rolling(app *guideline.App, o sidecar.Observed) bool {
	old := map[string]bool{}
	for _, p := range app.Pods {
		if p.Sidecar == o.Sidecar {
			old[generation(p)] = true
		}
	}
	return slices.ContainsFunc(app.Pods, func(p snapshot.Pod) bool {
		fresh := !old[generation(p)] && app.Snapshot.TakenAt.Sub(p.Created) < recently
		if p.Sidecar == nil || !fresh {
			return false
		}
		one := sidecar.Observed{Sidecar: p.Sidecar}
		return judgeImage(app, p.Sidecar.Container.Image, controlPlaneOf(app, one)).Outcome == guideline.Passed
	})
}

// generation is the label by which a controller tells Pods of one template from
// those of another.
func generation(p snapshot.Pod) string {
	return p.Labels["pod-template-hash"] + p.Labels["rollouts-pod-template-hash"] + p.Labels["controller-revision-hash"]
}

// differentImages finds Pods that run different images under the same name.
func differentImages(app *guideline.App) []guideline.Result {
	ids := map[string]map[string]bool{}
	for _, p := range app.Pods {
		if p.Sidecar == nil || digest(p.ImageID) == "" {
			continue
		}
		image := p.Sidecar.Container.Image
		if ids[image] == nil {
			ids[image] = map[string]bool{}
		}
		ids[image][digest(p.ImageID)] = true
	}
	var results []guideline.Result
	for _, image := range slices.Sorted(maps.Keys(ids)) {
		if n := len(ids[image]); n > 1 {
			results = append(results, guideline.Fail("running Pods have %d different images under one name: %s", n, image).
				As(guideline.Info).In(dapr.SidecarContainer).Do("give images tags that are never moved, then %s", restart(app.Object)))
		}
	}
	return results
}

// worth leaves out passes and skips beside something that falls short, or that is
// not known.
func worth(results []guideline.Result) []guideline.Result {
	less := func(r guideline.Result) bool { return r.Outcome == guideline.Passed || r.Outcome == guideline.Skipped }
	kept := slices.DeleteFunc(slices.Clone(results), less)
	switch {
	case len(kept) > 0:
		return kept
	case len(results) > 1 && results[0].Outcome == guideline.Skipped && results[1].Outcome == guideline.Skipped:
		return results[1:2] // of what runs
	default:
		return results[:min(1, len(results))]
	}
}

// controlPlaneGap is what hides the app's control plane, or nil.
func controlPlaneGap(app *guideline.App) *snapshot.Gap {
	return app.Snapshot.Gap(snapshot.InControlPlane, snapshot.Deployments, app.Injector.Namespace)
}
