// Copyright The kubectl-dapr-prod Authors.
// SPDX-License-Identifier: Apache-2.0

package dapr

import (
	"fmt"
	"regexp"
	"slices"
	"strconv"
	"strings"
)

// DataDate is the day on which the tables of this package (releases,
// annotations, differences between injectors) were last held against Dapr.
const DataDate = "2026-11-21"

// releases holds the newest known patch release of each minor that the tables
// cover, oldest first.
var releases = []Version{
	{1, 13, 6, "1.13.6"},
	{1, 14, 5, "1.14.5"},
	{1, 15, 14, "1.15.14"},
	{1, 16, 19, "1.16.19"},
	{1, 17, 13, "1.17.13"},
	{1, 18, 3, "1.18.3"},
}

// Version is a release of Dapr. The zero Version is an unknown one.
type Version struct {
	major, minor, patch int
	text                string
}

var (
	versionPattern = regexp.MustCompile(`^v?(\d{1,6})\.(\d{1,6})(?:\.(\d{1,6}))?(?:[-+][0-9A-Za-z.+-]+)?$`)
	digestPattern  = regexp.MustCompile(`@[A-Za-z0-9_+.-]+:[0-9a-fA-F]+$`)
)

// ParseVersion reads "1.18.3", "v1.18.3" or "1.18"; the last means the newest
// known patch of that minor. A suffix after the numbers ("-rc.1", "-mariner")
// is kept in String and has no part in comparisons.
func ParseVersion(s string) (Version, error) {
	m := versionPattern.FindStringSubmatch(s)
	if m == nil {
		return Version{}, fmt.Errorf("%q is not a Dapr version: write it as 1.18.3 or 1.18", s)
	}
	v := Version{text: strings.TrimPrefix(s, "v")}
	v.major, _ = strconv.Atoi(m[1])
	v.minor, _ = strconv.Atoi(m[2])
	if m[3] != "" {
		v.patch, _ = strconv.Atoi(m[3])
		return v, nil
	}
	for _, r := range releases {
		if r.major == v.major && r.minor == v.minor {
			return r, nil
		}
	}
	return v, nil
}

// VersionOfImage reads the release from a container image's tag. Tags that name
// no release ("latest", "edge", a commit, a digest alone) give an unknown Version.
func VersionOfImage(image string) Version {
	image = digestPattern.ReplaceAllString(image, "")
	colon := strings.LastIndex(image, ":")
	if colon < strings.LastIndex(image, "/") {
		return Version{}
	}
	v, err := ParseVersion(image[colon+1:])
	if err != nil {
		return Version{}
	}
	return v
}

// ImageOf is an image at another release. One whose tag names no release stays as
// it is.
func ImageOf(image string, v Version) string {
	if !VersionOfImage(image).Known() {
		return image
	}
	image = digestPattern.ReplaceAllString(image, "")
	return image[:strings.LastIndex(image, ":")+1] + v.String()
}

// ReleaseNames are the covered releases, the newest first.
func ReleaseNames() []string {
	var names []string
	for _, r := range slices.Backward(releases) {
		names = append(names, r.text)
	}
	return names
}

// OldestVersion is the oldest minor that the tables cover, at its newest patch.
func OldestVersion() Version { return releases[0] }

// NewestVersion is the newest release that the tables cover.
func NewestVersion() Version { return releases[len(releases)-1] }

// Generations returns one release for each way in which the injectors of the
// covered releases treat a Pod, oldest first: what holds for all of them holds
// for a control plane whose version could not be read.
func Generations() []Version {
	return []Version{
		releases[0],
		releases[1],
		releases[2],
		releases[3],
		{1, 17, 2, "1.17.2"},
		releases[4],
		releases[5],
	}
}

// Known tells whether the release is known at all.
func (v Version) Known() bool { return v.text != "" }

// AtLeast tells whether v is the given release or a later one.
func (v Version) AtLeast(major, minor, patch int) bool {
	if v.major != major {
		return v.major > major
	}
	if v.minor != minor {
		return v.minor > minor
	}
	return v.patch >= patch
}

// Before tells whether v is older than w.
func (v Version) Before(w Version) bool { return !v.AtLeast(w.major, w.minor, w.patch) }

// MinorsAhead counts the minors by which v is ahead of w; negative where it is behind.
// Another major is more of them than any release has.
func (v Version) MinorsAhead(w Version) int { return (v.major-w.major)*1_000_000 + v.minor - w.minor }

// Candidate tells whether v is a release candidate, which is older than its release.
func (v Version) Candidate() bool { return strings.Contains(v.text, "-rc") }

// NewerThanTables tells whether v belongs to a minor that came after those the
// tables cover; such a release is judged as NewestVersion.
func (v Version) NewerThanTables() bool {
	n := NewestVersion()
	return v.major > n.major || v.major == n.major && v.minor > n.minor
}

// OlderThanTables tells whether v belongs to a minor that came before those the
// tables cover; such a release is judged as OldestVersion.
func (v Version) OlderThanTables() bool {
	return v.Known() && !v.AtLeast(releases[0].major, releases[0].minor, 0)
}

// Release is the version without a suffix, as in "1.18.3": the tag of its source.
func (v Version) Release() string { return fmt.Sprintf("%d.%d.%d", v.major, v.minor, v.patch) }

// String is the version without a leading v, or "unknown".
func (v Version) String() string {
	if !v.Known() {
		return "unknown"
	}
	return v.text
}
