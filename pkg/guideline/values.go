// Copyright The kubectl-dapr-prod Authors.
// SPDX-License-Identifier: Apache-2.0

package guideline

import "github.com/dapr-prod/kubectl-dapr-prod/pkg/snapshot"

// Value is one value of Dapr's Helm chart.
type Value struct {
	// Path leads to it, as in "dapr_operator.watchInterval".
	Path string
	// Value is a bool, an int64 or a string; nil takes out what somebody has set.
	Value any
	// Note is what else there is to know of it, in a few words; may be empty.
	Note string
	// Over are the values that it takes the place of where somebody has written one
	// down: what the chart has by itself. Any other is somebody's choice.
	Over []any
	// Serves tells whether another value, as JSON has it, does as well; nil where none
	// does.
	Serves func(is any) bool
}

// Values are the values of Dapr's chart that close a control plane's gap, or why a
// person has to. The zero Values leave it to what the failures themselves say.
type Values struct {
	// Set are the values, in no particular order.
	Set []Value
	// OptIn says why they are set only where somebody names the guideline; empty where
	// that is safe unasked.
	OptIn string
	// Person says why they are not set at all, and what a person does instead; nothing
	// else is set then.
	Person string
	// Closes tells which failures they close, by the object that each is about; nil
	// where they close all of the control plane's and the cluster's, and none of an app.
	Closes func(snapshot.Object, Result) bool
	// Restart are the apps whose Pods have to be made anew afterwards for it to hold.
	Restart []snapshot.Object
	// Risks are sentences about what may go wrong.
	Risks []string
}

// Set are values of Dapr's chart.
func Set(values ...Value) Values { return Values{Set: values} }

// Only makes them values for those who name the guideline.
func (v Values) Only(why string) Values { v.OptIn = why; return v }

// Risking says what may go wrong.
func (v Values) Risking(what string) Values { v.Risks = append(v.Risks, what); return v }

// Closing says which failures they close.
func (v Values) Closing(closes func(snapshot.Object, Result) bool) Values {
	v.Closes = closes
	return v
}
