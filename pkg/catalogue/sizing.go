// Copyright The kubectl-dapr-prod Authors.
// SPDX-License-Identifier: Apache-2.0

package catalogue

import (
	"fmt"
	"maps"
	"slices"
	"strings"

	"github.com/dapr/dapr/pkg/injector/annotations"
	"k8s.io/apimachinery/pkg/runtime/schema"

	"github.com/dapr-prod/kubectl-dapr-prod/pkg/advice"
	"github.com/dapr-prod/kubectl-dapr-prod/pkg/guideline"
	"github.com/dapr-prod/kubectl-dapr-prod/pkg/quantity"
	"github.com/dapr-prod/kubectl-dapr-prod/pkg/sidecar"
	"github.com/dapr-prod/kubectl-dapr-prod/pkg/sizing"
	"github.com/dapr-prod/kubectl-dapr-prod/pkg/snapshot"
)

// SizingID is the name of the guideline that Sizing makes.
const SizingID = "sizing"

// SizingOptions say which recommendations are held against the sidecars.
type SizingOptions struct {
	// MinChange is the share below which a difference is none.
	MinChange float64
	// AllowLowConfidence takes recommendations that rest on little, too.
	AllowLowConfidence bool
}

// Sizing is a guideline made of recommendations: each app's sidecar has what was
// recommended for it. It is not among All, since it is another one each time that
// something is measured; a plan takes it beside them, and so proves that the numbers
// break nothing that they ask for. An app is known by its group, kind, namespace and
// name; of one without a recommendation it says nothing.
func Sizing(recommendations []sizing.Recommendation, o SizingOptions) *guideline.Guideline {
	s := sized{SizingOptions: o, of: map[sizedKey]*sizing.Recommendation{}}
	for i := range recommendations {
		r := &recommendations[i]
		s.of[keyOf(r.Workload.Object)] = r
	}
	return &guideline.Guideline{
		ID:       SizingID,
		Title:    "the sidecar has what it was seen to need",
		Severity: guideline.Info,
		Origin:   guideline.Ours,
		Fix:      "set the four resource annotations on the Pod template, and GOMEMLIMIT in dapr.io/env",
		Reads:    slices.Concat(sidecarResources.Reads, sidecarSoftMemoryLimit.Reads),
		App:      s.judge,
		Mend:     s.mend,
	}
}

// sized are recommendations by what they are for.
type sized struct {
	SizingOptions
	of map[sizedKey]*sizing.Recommendation
}

// sizedKey names an app, whatever version of its kind somebody reads or writes.
type sizedKey struct {
	kind            schema.GroupKind
	namespace, name string
}

// SameApp tells whether two objects are one app for Sizing.
func SameApp(a, b snapshot.Object) bool { return keyOf(a) == keyOf(b) }

func keyOf(o snapshot.Object) sizedKey {
	return sizedKey{schema.GroupKind{Group: o.Group(), Kind: o.Kind}, o.Namespace, o.Name}
}

func (s sized) judge(app *guideline.App) []guideline.Result {
	r := s.of[keyOf(app.Object)]
	switch {
	case r == nil:
		return []guideline.Result{guideline.Skip("nothing is recommended for it")}
	case r.Withheld != "":
		return []guideline.Result{guideline.Fail("no numbers fit what the cluster allows").At(annotationField(app, annotations.KeyCPURequest))}
	}
	return underLimitRanges(app, func(app *guideline.App, d container) guideline.Result { return s.judgeOne(app, r, d) })
}

// judgeOne holds one sidecar against what is recommended.
func (s sized) judgeOne(app *guideline.App, r *sizing.Recommendation, d container) guideline.Result {
	here := *r
	here.Workload.Current = advice.Settings(d.Container)
	if !here.Changes(s.MinChange) {
		return guideline.Pass("it has the numbers that are recommended, or next to them")
	}
	return guideline.Fail("%s; confidence %s", differences(here.Workload.Current, r.Resources), r.Confidence).
		At(annotationField(app, annotations.KeyCPURequest))
}

// differences says what is other than it should be.
func differences(now, then sizing.Resources) string {
	var all []string
	for _, s := range []sizing.Setting{sizing.CPURequest, sizing.CPULimit, sizing.MemoryRequest, sizing.MemoryLimit} {
		if is, should := now.Of(s), then.Of(s); is != should && should != 0 {
			all = append(all, different(s.String(), is != 0, s.Shown(is), s.Shown(should)))
		}
	}
	if is, should := now.SoftLimit, then.SoftLimit; is != should && should != 0 {
		all = append(all, different(quantity.GoMemoryLimitVariable, is != 0, now.GoMemoryLimit(), then.GoMemoryLimit()))
	}
	return strings.Join(all, "; ")
}

func different(what string, set bool, is, should string) string {
	if !set {
		return fmt.Sprintf("no %s, should be %s", what, should)
	}
	return fmt.Sprintf("%s %s, should be %s", what, is, should)
}

// mend writes the numbers where the next Pod's sidecar has others. Where only Pods that
// run have others their template has the right ones, and what keeps them from following
// it is not undone by a restart.
func (s sized) mend(app *guideline.App) guideline.Remedy {
	r := s.of[keyOf(app.Object)]
	switch {
	case r == nil:
		return guideline.Remedy{}
	case r.Withheld != "":
		return guideline.LeaveTo("nothing is recommended: " + r.Withheld)
	case r.Confidence == sizing.Low && !s.AllowLowConfidence:
		return guideline.LeaveTo("confidence is low, so that the numbers rest on little: --allow-low-confidence writes them all the same")
	}
	judge := func(d daprd) guideline.Result { return s.judgeOne(app, r, d.container) }
	keys := append(sidecar.ResourceAnnotations(), annotations.KeyEnv)
	remedy := byTemplate(app, judge, func() guideline.Remedy { return recommended(app, r.Resources) }, keys...)
	switch {
	case remedy.Restart:
		return guideline.Remedy{}
	case remedy.OptIn != "": // the numbers were asked for, and that was not
		return guideline.LeaveTo(remedy.OptIn + ": see to that first")
	default:
		return remedy
	}
}

// recommended are the annotations that give an app's sidecar what is recommended.
func recommended(app *guideline.App, then sizing.Resources) guideline.Remedy {
	if r := podList(simulated(app).podResources); len(r.Limits)+len(r.Requests) > 0 {
		return guideline.LeaveTo(resourcesOfPod)
	}
	soft := writeSoftLimit(app, func() (value, why string) { return then.GoMemoryLimit(), "" })
	switch {
	case soft.Person != "":
		return soft
	case soft.OptIn != "":
		return guideline.LeaveTo(fmt.Sprintf("%s: fix %s sets GOMEMLIMIT all the same, and the numbers can be written then", soft.OptIn, sidecarSoftMemoryLimit.ID))
	}
	set := then.Annotations()
	maps.Copy(set, soft.Annotations)
	return guideline.Remedy{Annotations: set, Risks: soft.Risks}
}
