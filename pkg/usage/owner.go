// Copyright The kubectl-dapr-prod Authors.
// SPDX-License-Identifier: Apache-2.0

package usage

import (
	"slices"
	"strings"
)

const (
	// randomLength is how many characters the API server puts behind a generated name.
	randomLength = 5
	// longestBase is how much of the name it keeps before them.
	longestBase = 58
	// randomLetters are those of a generated name; hashLetters those of the hash of a
	// Pod template, which is a number written with them.
	randomLetters = "bcdfghjklmnpqrstvwxz2456789"
	hashLetters   = "456789bcdf"
	longestHash   = 10
	digits        = "0123456789"
)

// Workload is one that makes Pods.
type Workload struct{ Namespace, Kind, Name string }

// Owners tells whose a Pod was that is gone, by its name.
type Owners struct {
	// byBase are the workloads by namespace and what is left of a Pod's name once
	// the parts that are made up have been taken off.
	byBase map[base][]Workload
}

type base struct{ namespace, name string }

// shortened is what a generated name has of a long one.
func shortened(name string) string { return name[:min(len(name), longestBase)] }

// NewOwners knows the Pods of Deployments, Rollouts, ReplicaSets, StatefulSets,
// DaemonSets, Jobs and CronJobs; other kinds are passed over.
func NewOwners(all []Workload) *Owners {
	o := &Owners{byBase: map[base][]Workload{}}
	for _, w := range all {
		key := base{w.Namespace, shortened(w.Name)}
		o.byBase[key] = append(o.byBase[key], w)
	}
	return o
}

// Of is the workload that a Pod of this name was of. There is none where two could
// have made it, as a Deployment web and a DaemonSet web-5d4f8c7b9 could a Pod
// web-5d4f8c7b9-x7x2q: nobody's usage is better than another's.
func (o *Owners) Of(namespace, pod string) (Workload, bool) {
	found := map[Workload]bool{}
	for _, guess := range guesses(pod) {
		for _, w := range o.byBase[base{namespace, shortened(guess.name)}] {
			if guess.fits(w) {
				found[w] = true
			}
		}
	}
	if len(found) != 1 {
		return Workload{}, false
	}
	for w := range found {
		return w, true
	}
	return Workload{}, false
}

// guess is a name that workloads of some kinds would have, if it is the right one.
type guess struct {
	name, kinds string
	// cut: it is the beginning of their name.
	cut bool
}

// fits tells whether a workload may be the one.
func (g guess) fits(w Workload) bool {
	if !slices.Contains(strings.Fields(g.kinds), w.Kind) {
		return false
	}
	return w.Name == g.name || g.cut && strings.HasPrefix(w.Name, g.name)
}

// The kinds that a Pod's name has the whole name of, and a hash after it.
const (
	plain  = "ReplicaSet DaemonSet Job"
	hashed = "Deployment Rollout"
)

// guesses are the ways to read a Pod's name.
func guesses(pod string) []guess {
	var all []guess
	if name, ordinal, parted := cutLast(pod); parted && within(ordinal, digits) {
		all = append(all, guess{name: name, kinds: "StatefulSet"})
	}
	if len(pod) <= randomLength || !within(pod[len(pod)-randomLength:], randomLetters) {
		return all
	}
	rest := pod[:len(pod)-randomLength]
	name, dashed := strings.CutSuffix(rest, "-")
	if len(rest) == longestBase {
		all = append(all, cutGuesses(rest)...)
	}
	if !dashed {
		return all
	}
	all = append(all, guess{name: name, kinds: plain})
	name, last, parted := cutLast(name)
	if !parted {
		return all
	}
	if len(last) <= longestHash && within(last, hashLetters) {
		all = append(all, guess{name: name, kinds: hashed})
	}
	return append(all, jobGuesses(name, last)...)
}

// jobGuesses are the ways to read NAME-INDEX of an indexed Job, NAME-MINUTE of a
// CronJob, and NAME-MINUTE-INDEX.
func jobGuesses(name, last string) []guess {
	if !within(last, digits) {
		return nil
	}
	all := []guess{{name: name, kinds: "Job"}}
	const minute = 8 // digits, counted since 1970
	if len(last) >= minute {
		all = append(all, guess{name: name, kinds: "CronJob"})
	}
	if job, when, parted := cutLast(name); parted && len(when) >= minute && within(when, digits) {
		all = append(all, guess{name: job, kinds: "CronJob"})
	}
	return all
}

// cutGuesses are the ways to read a base that may have lost its end.
func cutGuesses(rest string) []guess {
	all := []guess{{name: rest, kinds: plain + " " + hashed, cut: true}}
	if name, dashed := strings.CutSuffix(rest, "-"); dashed {
		return append(all, guess{name: name, kinds: hashed}) // of the hash nothing is left
	}
	if name, hash, parted := cutLast(rest); parted && len(hash) <= longestHash && within(hash, hashLetters) {
		all = append(all, guess{name: name, kinds: hashed})
	}
	return all
}

// cutLast cuts a name at its last dash.
func cutLast(name string) (before, after string, cut bool) {
	i := strings.LastIndexByte(name, '-')
	if i <= 0 || i == len(name)-1 {
		return "", "", false
	}
	return name[:i], name[i+1:], true
}

// within tells whether a text has these letters alone, and any.
func within(text, letters string) bool {
	return text != "" && strings.Trim(text, letters) == ""
}
