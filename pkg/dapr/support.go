// Copyright The kubectl-dapr-prod Authors.
// SPDX-License-Identifier: Apache-2.0

package dapr

import "time"

// StaleAfter is the age from which on a report says that the tables are old.
const StaleAfter = 180 * 24 * time.Hour

// supportedMinors is how many minors Dapr supports at a time: the newest ones.
const supportedMinors = 3

// testedWith holds the minors of Kubernetes that Dapr's CI runs each minor in
// releases with (.github/workflows/kind-e2e.yaml). 1.16 began with 1.29 to 1.31
// and ended with 1.32 to 1.34.
var testedWith = [][2]int{{23, 25}, {23, 25}, {29, 31}, {29, 34}, {32, 34}, {32, 34}}

// Fix is a security fix of a patch release.
type Fix struct {
	// ID is the CVE, or nothing where there is none.
	ID string
	// Text says what could be done before.
	Text string
	// In is the first patch of the minor that holds it.
	In Version
}

// fixes are the security fixes that the release notes (docs/release_notes) name.
// One that stands here for some minors only may be missing from the others: of
// those nothing is said.
var fixes = []Fix{
	{"", "a sidecar sent the API token of its app on to the apps that it called", Version{1, 13, 3, "1.13.3"}},
	{"CVE-2023-45288", "HTTP/2 frames could exhaust a server", Version{1, 13, 4, "1.13.4"}},
	{"CVE-2026-33186", "the authorization of gRPC calls could be bypassed", Version{1, 16, 12, "1.16.12"}},
	{"CVE-2026-33186", "the authorization of gRPC calls could be bypassed", Version{1, 17, 3, "1.17.3"}},
	{"CVE-2026-33809", "a TIFF image could exhaust the memory", Version{1, 17, 3, "1.17.3"}},
	{"", "vulnerabilities of Go 1.25.8", Version{1, 16, 13, "1.16.13"}},
	{"", "a path with reserved characters could bypass access control policies", Version{1, 16, 14, "1.16.14"}},
	{"", "a path with reserved characters could bypass access control policies", Version{1, 17, 5, "1.17.5"}},
	{"", "a vulnerability of golang.org/x/image", Version{1, 17, 6, "1.17.6"}},
	{"", "the OIDC discovery document of Sentry could be poisoned by a header", Version{1, 17, 8, "1.17.8"}},
	{"", "vulnerabilities of Go 1.26.4", Version{1, 17, 12, "1.17.12"}},
	{"CVE-2025-69725", "a vulnerability of go-chi", Version{1, 18, 2, "1.18.2"}},
	{"CVE-2026-2303", "a vulnerability of the MongoDB driver", Version{1, 18, 2, "1.18.2"}},
}

// DataAge tells how old the tables are at a time, and whether that is too old to
// take them for the present state without saying so.
func DataAge(at time.Time) (age time.Duration, stale bool) {
	age = at.Sub(day(DataDate))
	return age, age > StaleAfter
}

// Supported tells whether v belongs to one of the three newest minors that the
// tables know, or to a newer one. An unknown Version is not supported.
func Supported(v Version) bool {
	oldest := releases[len(releases)-supportedMinors]
	return v.Known() && v.AtLeast(oldest.major, oldest.minor, 0)
}

// NewestPatch returns the newest known patch of v's minor, or an unknown Version.
func NewestPatch(v Version) Version {
	if i := tableIndex(v); i >= 0 {
		return releases[i]
	}
	return Version{}
}

// TestedWith returns the oldest and the newest minor of Kubernetes that Dapr's CI
// runs v's minor with: 32 and 34 are 1.32 and 1.34.
func TestedWith(v Version) (oldest, newest int, known bool) {
	if i := tableIndex(v); i >= 0 {
		return testedWith[i][0], testedWith[i][1], true
	}
	return 0, 0, false
}

// SecurityFixesMissing returns the fixes that a later patch of v's own minor
// holds and v does not. A minor that is no longer supported gets none, so that an
// empty list says nothing about it.
func SecurityFixesMissing(v Version) []Fix {
	var missing []Fix
	for _, fix := range fixes {
		if v.Known() && fix.In.major == v.major && fix.In.minor == v.minor && v.Before(fix.In) {
			missing = append(missing, fix)
		}
	}
	return missing
}

// tableIndex is where v's minor stands in releases, or -1.
func tableIndex(v Version) int {
	for i, r := range releases {
		if v.Known() && r.major == v.major && r.minor == v.minor {
			return i
		}
	}
	return -1
}

// day reads a date of the tables, at midnight UTC.
func day(s string) time.Time {
	t, err := time.Parse(time.DateOnly, s)
	if err != nil {
		// The tables are part of the program, and a test reads each date.
		panic(err)
	}
	return t
}
