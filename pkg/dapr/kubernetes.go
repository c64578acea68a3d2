// Copyright The kubectl-dapr-prod Authors.
// SPDX-License-Identifier: Apache-2.0

package dapr

import (
	"fmt"
	"regexp"
	"strconv"
	"time"
)

// oldestKubernetes is the first minor of kubernetesEnds.
const oldestKubernetes = 23

// kubernetesEnds holds the day on which support ends for the minors of Kubernetes
// (kubernetes.io/releases), from oldestKubernetes on.
var kubernetesEnds = []string{
	"2023-02-28", // 1.23
	"2023-07-28",
	"2023-10-28",
	"2024-02-28",
	"2024-07-16",
	"2024-10-22",
	"2025-02-28",
	"2025-07-15", // 1.30
	"2025-11-11",
	"2026-02-28",
	"2026-06-28",
	"2026-10-27",
	"2027-02-28",
	"2027-06-28",
	"2027-10-28", // 1.37
}

// KubernetesVersion is a release of Kubernetes. The zero value is an unknown one.
type KubernetesVersion struct {
	// Minor is 31 of 1.31.4.
	Minor int
	Patch int
}

// gitVersion is what a server or a kubelet says of itself: the numbers, then what
// the vendor added. A server that knows no patch says "1.30+".
var gitVersion = regexp.MustCompile(`^v?1\.(\d{1,4})\+?(?:\.(\d{1,6}))?(?:[-+][0-9A-Za-z.+~_-]*)?$`)

// ParseKubernetesVersion reads a gitVersion such as v1.31.4-gke.100.
func ParseKubernetesVersion(s string) (KubernetesVersion, error) {
	m := gitVersion.FindStringSubmatch(s)
	if m == nil {
		return KubernetesVersion{}, fmt.Errorf("%q is not a Kubernetes version", s)
	}
	var v KubernetesVersion
	v.Minor, _ = strconv.Atoi(m[1])
	v.Patch, _ = strconv.Atoi(m[2])
	return v, nil
}

// Known tells whether the release is known at all.
func (v KubernetesVersion) Known() bool { return v.Minor > 0 }

// String is the minor, as 1.31, which is what support goes by.
func (v KubernetesVersion) String() string {
	if !v.Known() {
		return "unknown"
	}
	return fmt.Sprintf("1.%d", v.Minor)
}

// KubernetesEndOfLife returns the day on which the Kubernetes project ends its
// support for 1.minor. A vendor's own support may last longer. Of a minor older
// than the table it is the day at the latest; a newer one is not known.
func KubernetesEndOfLife(minor int) (ends time.Time, known bool) {
	i := max(minor, oldestKubernetes) - oldestKubernetes
	if minor <= 0 || i >= len(kubernetesEnds) {
		return time.Time{}, false
	}
	return day(kubernetesEnds[i]), true
}

// KubeletSkew tells whether a kubelet may run with an API server by the version
// skew policy of Kubernetes, and why not. The policy knows minors alone: a kubelet
// is never newer, and at most three minors older, two if it is older than 1.25.
// Versions that are not known may be anything.
func KubeletSkew(server, kubelet KubernetesVersion) (ok bool, why string) {
	const lastWithTwo, two, three = 24, 2, 3
	if !server.Known() || !kubelet.Known() {
		return true, ""
	}
	allowed := three
	if kubelet.Minor <= lastWithTwo {
		allowed = two
	}
	switch behind := server.Minor - kubelet.Minor; {
	case behind < 0:
		return false, fmt.Sprintf("the kubelet %s is newer than the API server %s", kubelet, server)
	case behind > allowed:
		return false, fmt.Sprintf("the kubelet %s is %d minors older than the API server %s, and %d are supported", kubelet, behind, server, allowed)
	default:
		return true, ""
	}
}
