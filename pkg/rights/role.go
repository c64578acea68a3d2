// Copyright The kubectl-dapr-prod Authors.
// SPDX-License-Identifier: Apache-2.0

package rights

import (
	"cmp"
	"slices"
	"strings"

	"github.com/dapr-prod/kubectl-dapr-prod/pkg/snapshot"
)

// Role is what somebody may do.
type Role struct {
	Name string
	// Namespace is that of a Role; empty makes it a ClusterRole.
	Namespace string
	Rules     []Rule
	// Notes are paragraphs about the whole of it.
	Notes []string
}

// Rule is one rule of a role: the same verbs for resources of the same group.
type Rule struct {
	Group     string
	Resources []string
	// Names are the only objects that it is about; none stands for all.
	Names []string
	Verbs []string
	// Why are sentences about it.
	Why []string
}

// verbs are in the order that a person writes them.
var verbs = []string{"get", "list", "watch", "create", "update", "patch", "delete"}

// first are the groups before all others.
var first = []string{"", "apps", "batch"}

// Rules are the fewest that allow all rights and nothing else, in a stable order.
func Rules(all []Right) []Rule {
	var rules []Rule
	for _, one := range single(all) {
		same := func(r Rule) bool {
			return r.Group == one.Group && slices.Equal(r.Verbs, one.Verbs) && len(r.Names)+len(one.Names) == 0 && slices.Equal(r.Why, one.Why)
		}
		if i := slices.IndexFunc(rules, same); i >= 0 {
			rules[i].Resources = append(rules[i].Resources, one.Resources...)
			continue
		}
		rules = append(rules, one)
	}
	for i := range rules {
		slices.Sort(rules[i].Resources)
	}
	slices.SortFunc(rules, compare)
	return rules
}

// single are the rules of one resource each: the verbs that all objects may be meant
// with, and those of named ones that are not among them.
func single(all []Right) []Rule {
	var rules []Rule
	rule := func(r snapshot.Resource, names []string) *Rule {
		for i := range rules {
			if rules[i].Group == r.Group && rules[i].Resources[0] == r.Resource && slices.Equal(rules[i].Names, names) {
				return &rules[i]
			}
		}
		rules = append(rules, Rule{Group: r.Group, Resources: []string{r.Resource}, Names: names})
		return &rules[len(rules)-1]
	}
	for _, right := range all {
		names := slices.Compact(slices.Sorted(slices.Values(right.Names)))
		whole := func(r Right) bool {
			return r.Resource == right.Resource && r.Verb == right.Verb && len(r.Names) == 0
		}
		if len(names) > 0 && slices.ContainsFunc(all, whole) {
			continue
		}
		one := rule(right.Resource, names)
		if !slices.Contains(one.Verbs, right.Verb) {
			one.Verbs = append(one.Verbs, right.Verb)
		}
		if right.Why != "" && !slices.Contains(one.Why, right.Why) {
			one.Why = append(one.Why, right.Why)
		}
	}
	for i := range rules {
		slices.SortFunc(rules[i].Verbs, func(a, b string) int { return slices.Index(verbs, a) - slices.Index(verbs, b) })
		slices.Sort(rules[i].Why)
	}
	return rules
}

// compare sorts rules: by group, what is written after what is read, named objects
// after all of a kind.
func compare(a, b Rule) int {
	return cmp.Or(
		cmp.Compare(rank(a.Group), rank(b.Group)), strings.Compare(a.Group, b.Group),
		cmp.Compare(a.writes(), b.writes()),
		cmp.Compare(min(len(a.Names), 1), min(len(b.Names), 1)),
		slices.Compare(a.Resources, b.Resources), slices.Compare(a.Names, b.Names), slices.Compare(a.Verbs, b.Verbs),
	)
}

func rank(group string) int {
	if i := slices.Index(first, group); i >= 0 {
		return i
	}
	return len(first)
}

// writes is 1 for a rule that lets something be written.
func (r Rule) writes() int {
	if slices.ContainsFunc(r.Verbs, func(v string) bool { return slices.Index(verbs, v) >= slices.Index(verbs, "create") }) {
		return 1
	}
	return 0
}

// Within are the rights that a Role of the apps' namespace can give, and those that it
// cannot.
func Within(all []Right) (inside, outside []Right) {
	for _, r := range all {
		if r.Place == snapshot.InApps {
			inside = append(inside, r)
		} else {
			outside = append(outside, r)
		}
	}
	return inside, outside
}

// WithControlPlane are the rights that a Role of a control plane's namespace can give.
func WithControlPlane(all []Right) []Right {
	return slices.DeleteFunc(slices.Clone(all), func(r Right) bool {
		return r.Place != snapshot.InControlPlane && r.Place != snapshot.BesideControlPlane
	})
}
