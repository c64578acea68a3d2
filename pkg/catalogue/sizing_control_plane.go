// Copyright The kubectl-dapr-prod Authors.
// SPDX-License-Identifier: Apache-2.0

package catalogue

import (
	"fmt"

	"github.com/dapr-prod/kubectl-dapr-prod/pkg/advice"
	"github.com/dapr-prod/kubectl-dapr-prod/pkg/guideline"
	"github.com/dapr-prod/kubectl-dapr-prod/pkg/sizing"
	"github.com/dapr-prod/kubectl-dapr-prod/pkg/snapshot"
)

// SizingControlPlane is what Sizing is, for the services of control planes: each has
// what was recommended for it, and values of Dapr's chart give it that. It says nothing
// of a service without a recommendation.
func SizingControlPlane(recommendations []sizing.Recommendation, o SizingOptions) *guideline.Guideline {
	s := sized{SizingOptions: o, of: map[sizedKey]*sizing.Recommendation{}}
	for i := range recommendations {
		r := &recommendations[i]
		s.of[keyOf(r.Workload.Object)] = r
	}
	return &guideline.Guideline{
		ID:       SizingID,
		Title:    "the control plane has what it was seen to need",
		Severity: guideline.Info,
		Origin:   guideline.Ours,
		Fix:      "set the Helm values dapr_operator.resources and so on",
		Reads: append([]snapshot.Read{
			{Resource: snapshot.Deployments, Place: snapshot.InControlPlane},
			{Resource: snapshot.StatefulSets, Place: snapshot.InControlPlane},
			{Resource: snapshot.Pods, Place: snapshot.InControlPlane},
			{Resource: snapshot.Releases, Place: snapshot.InControlPlane},
		}, advice.ServiceReads()...),
		ControlPlane: func(install *guideline.Install) []guideline.Result {
			return eachWorkload(install, s.judgeService, notInstalled)
		},
		Values: s.values,
	}
}

// judgeService holds one service against what is recommended for it.
func (s sized) judgeService(_ *guideline.Install, w *snapshot.ControlPlaneWorkload) guideline.Result {
	if r, off := notJudged(w); off {
		return r
	}
	r := s.of[keyOf(w.Object)]
	switch {
	case r == nil:
		return guideline.Skip("nothing is recommended for it")
	case r.Withheld != "":
		return guideline.Fail("no numbers fit what the cluster allows").In(w.Name).At(containerField(w)+".resources").Do("%s", r.Withheld)
	}
	here := *r
	here.Workload.Current = advice.Settings(w.Container)
	if !here.Changes(s.MinChange) {
		return guideline.Pass("it has the numbers that are recommended, or next to them")
	}
	return guideline.Fail("%s; confidence %s", differences(here.Workload.Current, r.Resources), r.Confidence).
		In(w.Name).At(containerField(w) + ".resources").
		Do("sizing --control-plane -o helm writes the values")
}

// values are those that give the services what is recommended.
func (s sized) values(install *guideline.Install) guideline.Values {
	var v guideline.Values
	var closed []shortfall
	var left string
	for _, short := range fallen(install, s.judgeService) {
		r := s.of[keyOf(short.ControlPlaneWorkload.Object)]
		switch {
		case r.Withheld != "":
			left = fmt.Sprintf("%s is left out: %s", short.Name, r.Withheld)
			v = v.Risking(left)
		case r.Confidence == sizing.Low && !s.AllowLowConfidence:
			left = fmt.Sprintf("%s is left out: confidence is low, so that the numbers rest on little: --allow-low-confidence takes them all the same", short.Name)
			v = v.Risking(left)
		default:
			v.Set, closed = append(v.Set, recommendedValues(short.ControlPlaneWorkload, r)...), append(closed, short)
		}
	}
	if len(closed) == 0 {
		return guideline.Values{Person: left}
	}
	return v.Closing(these(closed)).Risking(restarts)
}

// recommendedValues are the numbers that are others than the template has. No limit is
// below its request: the server would not take it.
func recommendedValues(w *snapshot.ControlPlaneWorkload, r *sizing.Recommendation) []guideline.Value {
	now := advice.Settings(w.Container)
	path := subchart(w.Name) + ".resources."
	start, _, _ := sizing.ControlPlane(w.Name, guideline.Newer)
	note := func(of sizing.Setting) string {
		said := "the guidelines' number"
		if r.Ours {
			said = ownNumber
		}
		if r.Resources.Of(of) != start.Of(of) {
			said += ", raised to what was seen"
		}
		return said + "; confidence " + r.Confidence.String()
	}
	var set []guideline.Value
	for _, pair := range []struct {
		request, limit sizing.Setting
		resource       string
	}{{sizing.CPURequest, sizing.CPULimit, "cpu"}, {sizing.MemoryRequest, sizing.MemoryLimit, "memory"}} {
		request, limit := r.Resources.Of(pair.request), r.Resources.Of(pair.limit)
		if request != 0 && request != now.Of(pair.request) {
			set = append(set, guideline.Value{Path: path + "requests." + pair.resource, Value: pair.request.Shown(request), Note: note(pair.request)})
		}
		switch is := now.Of(pair.limit); {
		case limit != 0 && limit != is:
			set = append(set, guideline.Value{Path: path + "limits." + pair.resource, Value: pair.limit.Shown(limit), Note: note(pair.limit)})
		case limit == 0 && is != 0 && is < request:
			set = append(set, guideline.Value{Path: path + "limits." + pair.resource, Value: pair.limit.Shown(request), Note: "the limit that was set is below the request"})
		}
	}
	return set
}
