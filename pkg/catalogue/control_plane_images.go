// Copyright The kubectl-dapr-prod Authors.
// SPDX-License-Identifier: Apache-2.0

package catalogue

import (
	"fmt"
	"regexp"
	"slices"
	"strings"

	"github.com/dapr-prod/kubectl-dapr-prod/pkg/dapr"
	"github.com/dapr-prod/kubectl-dapr-prod/pkg/guideline"
	"github.com/dapr-prod/kubectl-dapr-prod/pkg/snapshot"
)

// versionLabel is where the chart writes global.tag.
const versionLabel = "app.kubernetes.io/version"

// build is who made an image, as its tag tells.
type build int

const (
	projectBuild build = iota
	// candidateBuild is one that the project made before the release.
	candidateBuild
	vendorBuild
)

var (
	numbers   = regexp.MustCompile(`^[0-9.]+`)
	candidate = regexp.MustCompile(`^-(rc|alpha|beta)[.-]?[0-9]*(-|$)`)
	// variant is what the project appends: other base images, fewer components, platforms.
	variant = regexp.MustCompile(`^(-(mariner|stablecomponents|linux|windows|ltsc[0-9]+|1809|amd64|arm64|arm))*$`)
)

func buildOf(v dapr.Version) build {
	switch suffix := numbers.ReplaceAllString(v.String(), ""); {
	case candidate.MatchString(suffix):
		return candidateBuild
	case variant.MatchString(suffix):
		return projectBuild
	default:
		return vendorBuild
	}
}

// imageVersion is the release that a workload's image tells; the label only where
// the image has no tag at all.
func imageVersion(w *snapshot.ControlPlaneWorkload) dapr.Version {
	if w.Container == nil {
		return dapr.Version{}
	}
	v := dapr.VersionOfImage(w.Container.Image)
	if !v.Known() && untagged(w.Container.Image) {
		v, _ = dapr.ParseVersion(w.Labels[versionLabel])
	}
	return v
}

// untagged tells whether an image is named by its digest alone.
func untagged(image string) bool {
	name, _, digest := strings.Cut(image, "@")
	return digest && strings.LastIndex(name, ":") <= strings.LastIndex(name, "/")
}

func sameRelease(v, w dapr.Version) bool { return !v.Before(w) && !w.Before(v) }

// judgeMix looks for services of different releases.
func judgeMix(install *guideline.Install) []guideline.Result {
	var named []string
	var first dapr.Version
	mixed := false
	for i := range install.Workloads {
		w := &install.Workloads[i]
		v := imageVersion(w)
		if !v.Known() {
			continue
		}
		if len(named) == 0 {
			first = v
		}
		mixed = mixed || !sameRelease(first, v)
		named = append(named, fmt.Sprintf("%s %s", w.Name, v))
	}
	if !mixed {
		return nil
	}
	return []guideline.Result{guideline.Fail("services of different releases: %s", strings.Join(named, ", ")).As(guideline.Error).From(guideline.Ours).
		Do("run helm upgrade again with one chart version for all, and without an image of its own for any of them")}
}

// judgeImageOf judges what one workload's image tells.
func judgeImageOf(install *guideline.Install, w *snapshot.ControlPlaneWorkload) []guideline.Result {
	var results []guideline.Result
	add := func(r guideline.Result) {
		results = append(results, r.From(guideline.Ours).On(w.Object, w.Source))
	}
	v := imageVersion(w)
	if !v.Known() {
		if install.Version.Known() && !install.Assumed { // else it is said of all at once
			add(guideline.Unknown("the image does not tell its release"))
		}
		return results
	}
	if label, err := dapr.ParseVersion(w.Labels[versionLabel]); err == nil && !sameRelease(label, v) {
		add(guideline.Fail("the label says %s, the image says %s", label, v).At("metadata.labels[" + versionLabel + "]").
			Do("set global.tag to the release that is meant, and take full names out of the dapr_*.image.name values: they do not heed it"))
	}
	if install.Rehearsed.Known() {
		return results
	}
	var old []string
	for _, p := range w.Pods {
		if p.Container == nil {
			continue
		}
		other := dapr.VersionOfImage(p.Container.Image)
		if text := other.String(); other.Known() && !sameRelease(other, v) && !slices.Contains(old, text) {
			old = append(old, text)
		}
	}
	if len(old) > 0 {
		add(guideline.Fail("Pods still run %s, and the template says %s", strings.Join(old, ", "), v).
			Do("see kubectl rollout status %s", target(w.Object)))
	}
	return results
}
