// Copyright The kubectl-dapr-prod Authors.
// SPDX-License-Identifier: Apache-2.0

package catalogue

import (
	"strings"

	"github.com/dapr/dapr/pkg/injector/annotations"
	corev1 "k8s.io/api/core/v1"

	"github.com/dapr-prod/kubectl-dapr-prod/pkg/guideline"
	"github.com/dapr-prod/kubectl-dapr-prod/pkg/podsecurity"
	"github.com/dapr-prod/kubectl-dapr-prod/pkg/sidecar"
	"github.com/dapr-prod/kubectl-dapr-prod/pkg/snapshot"
)

var sidecarSeccomp = &guideline.Guideline{
	ID:         "sidecar-seccomp",
	Title:      "the sidecar has a seccomp profile, and fits the Pod Security of its namespace",
	Severity:   guideline.Warning,
	Origin:     guideline.Page,
	Section:    "Configure seccompProfile for sidecar containers",
	HardensToo: true,
	Docs:       page + "#configure-seccompprofile-for-sidecar-containers",
	Why: "Without a profile daprd may make any system call. A namespace that enforces Pod Security's restricted profile refuses Pods whose daprd has no seccomp profile, " +
		"does not drop all capabilities or may run as root: no Pod is made at all.",
	Judged: "seccompProfile of daprd or, without one of its own, of its Pod; and what the namespace's Pod Security labels forbid in the daprd of the next Pod, by the API server's own rules. " +
		"Refused is an error: also for Localhost, to which the injector can give no file, and for what is no profile. The app's containers are not judged.",
	Fix: "set dapr.io/sidecar-seccomp-profile-type: RuntimeDefault on the Pod template",
	Traps: "A seccomp profile alone does not fit the restricted profile, which also wants all capabilities dropped: only a Helm value does that. SSL_CERT_DIR in dapr.io/env takes runAsNonRoot off daprd. " +
		"What cannot be seen: a kubelet with seccompDefault, and profiles or exemptions in the API server's own configuration. Labels that only warn or audit refuse nothing.",
	Reads: readsSidecars(),
	App: func(app *guideline.App) []guideline.Result {
		return daprds(app, func(d daprd) guideline.Result { return judgeSeccomp(app, d) })
	},
	Mend:   mendSeccomp,
	Values: seccompValues,
}

func judgeSeccomp(app *guideline.App, d daprd) guideline.Result {
	profile := seccompOf(d)
	at := func(r guideline.Result) guideline.Result {
		if app.Sidecar.Simulation.State == sidecar.Manual {
			return r.Do("set securityContext.seccompProfile.type: RuntimeDefault on daprd in the Pod template")
		}
		return r.At(annotationField(app, annotations.KeySidecarSeccompProfileType))
	}
	if r, refused := judgeProfileType(profile); refused && !d.runs {
		return at(r)
	}
	namespace, read := app.Snapshot.Namespaces[app.Object.Namespace]
	enforces := podsecurity.Enforced(namespace.Labels)
	made := read && (!d.runs || app.Template == nil)
	unset := !d.runs && app.Sidecar.Simulation.State != sidecar.Manual && injectorOf(app) == nil
	judged := d
	if unset {
		judged = atBest(d)
	}
	if refused := refusedBy(enforces, judged); made && len(refused) > 0 {
		r := guideline.Fail("the server refuses the Pods for their daprd, since namespace %s enforces Pod Security %s: %s",
			app.Object.Namespace, enforces.Level, strings.Join(refused, "; ")).As(guideline.Error)
		if confined(profile) {
			r = r.From(guideline.Ours) // the page speaks of seccomp alone
		} else {
			r = at(r)
		}
		return r.Do("%s", fit(app, judged, enforces.Level))
	}
	if unset && made && len(refusedBy(enforces, d)) > 0 {
		return guideline.Unknown("namespace %s enforces Pod Security %s, which daprd fits only if the injector is set so: its settings were not read", app.Object.Namespace, enforces.Level)
	}
	switch {
	case d.windows:
		return guideline.Skip("Windows knows no seccomp")
	case profile == nil:
		return at(guideline.Fail("no seccomp profile"))
	case !confined(profile):
		return at(guideline.Fail("seccomp profile %q confines nothing", profile.Type))
	case app.Said.Restricted && !d.runs && len(refusedBy(strictest, judged)) > 0:
		return guideline.Fail("daprd does not fit Pod Security restricted, which was asked for: %s", strings.Join(refusedBy(strictest, judged), "; ")).
			From(guideline.Ours).Do("%s", fit(app, judged, strictest.Level))
	case app.Said.Restricted && unset && len(refusedBy(strictest, d)) > 0:
		return guideline.Unknown("daprd fits Pod Security restricted only if the injector is set so: its settings were not read")
	case !read && !d.runs && len(refusedBy(strictest, d)) > 0:
		return unknownPodSecurity(app)
	case d.SecurityContext == nil || d.SecurityContext.SeccompProfile == nil:
		return guideline.Pass("seccomp profile %s, from the Pod", profile.Type)
	default:
		return guideline.Pass("seccomp profile %s", profile.Type)
	}
}

func unknownPodSecurity(app *guideline.App) guideline.Result {
	const known = "daprd has a seccomp profile, and would not fit Pod Security restricted, of which it is not known whether the namespace enforces it: "
	if gap := app.Gap(snapshot.Namespaces); gap != nil {
		return guideline.Unknown(known+"%s", gap)
	}
	return guideline.Unknown(known+"namespace %s: not in the input", app.Object.Namespace)
}

// mendSeccomp sets the profile where nobody has set one; what somebody wrote is
// changed for those who ask.
func mendSeccomp(app *guideline.App) guideline.Remedy {
	const key = annotations.KeySidecarSeccompProfileType
	judge := func(d daprd) guideline.Result { return judgeSeccomp(app, d) }
	return byTemplate(app, judge, func() guideline.Remedy {
		r := guideline.Annotate(key, string(corev1.SeccompProfileTypeRuntimeDefault))
		next := with(app, r.Annotations)
		if still := judgeSeccomp(next, simulated(next)); still.Outcome == guideline.Failed {
			return guideline.LeaveTo("the annotation alone does not do: " + still.Remedy + "; then set " + key + ": RuntimeDefault")
		}
		if app.Template.Annotations[key] != "" {
			r = r.Only("somebody wrote another value of " + key)
		}
		return r.Risking("RuntimeDefault keeps unusual system calls back, which daprd rarely makes")
	}, key)
}
