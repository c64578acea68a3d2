// Copyright The kubectl-dapr-prod Authors.
// SPDX-License-Identifier: Apache-2.0

package catalogue

import (
	"fmt"
	"regexp"
	"time"

	"github.com/dapr-prod/kubectl-dapr-prod/pkg/dapr"
	"github.com/dapr-prod/kubectl-dapr-prod/pkg/guideline"
	"github.com/dapr-prod/kubectl-dapr-prod/pkg/snapshot"
)

// longer are the builds of vendors that support a minor for longer.
var longer = regexp.MustCompile(`-(gke|eks)\b`)

// judgeKubernetes judges the API server and the kubelets.
func judgeKubernetes(p *guideline.Platform) []guideline.Result {
	text := p.Snapshot.KubernetesVersion
	switch {
	case text == "" && !p.Snapshot.Live:
		return []guideline.Result{guideline.Unknown("the version of Kubernetes: not in the input")}
	case text == "":
		return []guideline.Result{guideline.Unknown("the API server does not tell its version")}
	}
	server, err := dapr.ParseKubernetesVersion(text)
	if err != nil {
		return []guideline.Result{guideline.Unknown("the API server's version %q is none that is known", text)}
	}
	results := []guideline.Result{judgeEndOfLife(p.Snapshot, server)}
	for _, install := range p.Installs {
		results = append(results, judgeTested(install, server))
	}
	return append(results, judgeKubelets(p, server)...)
}

func judgeEndOfLife(s *snapshot.Snapshot, server dapr.KubernetesVersion) guideline.Result {
	age := tablesAge(s)
	ends, known := dapr.KubernetesEndOfLife(server.Minor)
	day := ends.Format(time.DateOnly)
	switch {
	case !known:
		return guideline.Pass("Kubernetes %s is newer than the releases that are known%s", server, age)
	case s.TakenAt.Before(ends.AddDate(0, 0, 1)):
		return guideline.Pass("Kubernetes %s is supported until %s%s", server, day, age)
	}
	r := guideline.Fail("Kubernetes %s is no longer supported by its project since %s%s", server, day, age).
		Do("upgrade Kubernetes one minor at a time, and Dapr before it where Dapr's CI does not run with the new one")
	if longer.MatchString(s.KubernetesVersion) {
		r.Message += "; the vendor of this one may support it for longer"
		return r.As(guideline.Info)
	}
	return r
}

// judgeTested: what Dapr's CI does not run with is not known to be wrong.
func judgeTested(install *guideline.Install, server dapr.KubernetesVersion) guideline.Result {
	var r guideline.Result
	v := install.Version
	oldest, newest, known := dapr.TestedWith(v)
	switch {
	case !v.Known() || install.Assumed:
		r = guideline.Unknown("the release of Dapr in %s is not known, nor what it is tested with", install.Namespace)
	case !known:
		r = guideline.Unknown("it is not known what Dapr %s in %s is tested with", v, install.Namespace)
	case server.Minor < oldest || server.Minor > newest:
		r = guideline.Fail("Dapr %s in %s is tested with Kubernetes 1.%d to 1.%d, and not with %s", minorOf(v), install.Namespace, oldest, newest, server).
			As(guideline.Info).Do("try Dapr on this Kubernetes before you rely on it")
	default:
		r = guideline.Pass("Dapr %s in %s is tested with Kubernetes %s", minorOf(v), install.Namespace, server)
	}
	return r.From(guideline.Ours)
}

// judgeKubelets judges each node, and says so of all where none falls short.
func judgeKubelets(p *guideline.Platform, server dapr.KubernetesVersion) []guideline.Result {
	if gap := p.Gap(snapshot.Nodes); gap != nil {
		return []guideline.Result{guideline.Hidden(gap)}
	}
	var results []guideline.Result
	for _, n := range p.Snapshot.Nodes {
		on := func(r guideline.Result) {
			results = append(results, r.On(snapshot.Object{APIVersion: "v1", Kind: "Node", Name: n.Name}, snapshot.Source{}))
		}
		kubelet, err := dapr.ParseKubernetesVersion(n.Kubelet)
		if err != nil {
			on(guideline.Unknown("the kubelet's version %q is none that is known", n.Kubelet))
			continue
		}
		if ok, why := dapr.KubeletSkew(server, kubelet); !ok {
			on(guideline.Fail("%s", why).At("status.nodeInfo.kubeletVersion").Do("%s", kubeletRemedy(server, kubelet)))
		}
	}
	switch {
	case len(results) > 0:
		return results
	case len(p.Snapshot.Nodes) == 0:
		return []guideline.Result{guideline.Skip("no node, and so no kubelet")}
	default:
		return []guideline.Result{guideline.Pass("the kubelets are as new as the API server's version demands (%s)", count(len(p.Snapshot.Nodes), "node"))}
	}
}

func kubeletRemedy(server, kubelet dapr.KubernetesVersion) string {
	if kubelet.Minor > server.Minor {
		return fmt.Sprintf("upgrade the API server to %s first, then the nodes", kubelet)
	}
	return fmt.Sprintf("upgrade the node to %s", server)
}

func count(n int, what string) string {
	if n == 1 {
		return "1 " + what
	}
	return fmt.Sprintf("%d %ss", n, what)
}
