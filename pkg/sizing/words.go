// Copyright The kubectl-dapr-prod Authors.
// SPDX-License-Identifier: Apache-2.0

package sizing

import "fmt"

// throttledAt counts the Pods that were held back, and finds the highest limit at which
// they were; 0 where no limit is known. all tells that each is.
func (u *Usage) throttledAt() (limit CPU, pods int, all bool) {
	all = true
	for _, t := range u.throttled {
		limit, all = max(limit, t.Limit), all && t.Limit > 0
	}
	return limit, len(u.throttled), all
}

// killedAt counts the kills, and finds the highest limit at which they were; 0 where no
// limit is known. all tells that each is.
func (u *Usage) killedAt() (limit Memory, kills int, all bool) {
	all = true
	for _, k := range u.kills {
		limit, all = max(limit, k.Limit), all && k.Limit > 0
	}
	return limit, len(u.kills), all
}

// were is a number with its noun and verb: "1 Pod was", "2 Pods were".
func were(n int, noun string) string {
	if n == 1 {
		return "1 " + noun + " was"
	}
	return fmt.Sprintf("%d %ss were", n, noun)
}

func times(n int) string {
	if n == 1 {
		return "once"
	}
	return fmt.Sprintf("%d times", n)
}

// atLimit names the highest limit at which something happened, where it is known.
func atLimit(s Setting, limit int64) string {
	if limit == 0 {
		return "at a limit that is not known"
	}
	return "at a limit of up to " + s.Shown(limit)
}

// inWords is an amount of a setting, of memory rounded up to whole MiB.
func (s Setting) inWords(amount int64) string {
	if s == CPURequest || s == CPULimit {
		return CPU(amount).String()
	}
	return Memory(amount).Rounded()
}
