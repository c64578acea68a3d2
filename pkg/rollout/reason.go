// Copyright The kubectl-dapr-prod Authors.
// SPDX-License-Identifier: Apache-2.0

package rollout

import (
	"cmp"
	"fmt"
	"slices"
	"strings"
)

// rank orders reasons, the worst first: one that more time alone does not mend is
// worse.
type rank int

const (
	refusedPods rank = iota
	cannotStart
	ended
	noNode
	notYet
)

// reason is why a Pod does not come up, or why there is none.
type reason struct {
	rank rank
	// pod is the name of the Pod; empty where there is none.
	pod  string
	text string
}

// handful is how many reasons are given.
const handful = 5

// sentences gives each reason once, worst first, with the Pods that it is of.
func sentences(all []reason) []string {
	slices.SortStableFunc(all, func(a, b reason) int {
		return cmp.Or(cmp.Compare(a.rank, b.rank), strings.Compare(a.text, b.text), strings.Compare(a.pod, b.pod))
	})
	var said []string
	for len(all) > 0 {
		same := slices.IndexFunc(all, func(r reason) bool { return r.text != all[0].text })
		if same < 0 {
			same = len(all)
		}
		said = append(said, sentence(all[0], podsOf(all[:same])))
		all = all[same:]
	}
	if more := len(said) - handful; more > 0 {
		said = append(said[:handful], fmt.Sprintf("and %d more", more))
	}
	return said
}

func sentence(r reason, pods int) string {
	switch {
	case r.pod == "":
		return r.text
	case pods == 1:
		return fmt.Sprintf("Pod %s: %s", r.pod, r.text)
	default:
		return fmt.Sprintf("%d Pods such as %s: %s", pods, r.pod, r.text)
	}
}

// podsOf counts the Pods of reasons that are sorted by them.
func podsOf(same []reason) (n int) {
	for i, r := range same {
		if i == 0 || r.pod != same[i-1].pod {
			n++
		}
	}
	return n
}
