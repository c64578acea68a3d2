// Copyright The kubectl-dapr-prod Authors.
// SPDX-License-Identifier: Apache-2.0

package catalogue

import (
	"cmp"
	"fmt"
	"slices"
	"strings"

	corev1 "k8s.io/api/core/v1"

	"github.com/dapr-prod/kubectl-dapr-prod/pkg/dapr"
	"github.com/dapr-prod/kubectl-dapr-prod/pkg/field"
	"github.com/dapr-prod/kubectl-dapr-prod/pkg/guideline"
	"github.com/dapr-prod/kubectl-dapr-prod/pkg/sidecar"
	"github.com/dapr-prod/kubectl-dapr-prod/pkg/snapshot"
)

// tokenKey is the entry of a Secret that the injector looks for.
const tokenKey = "token"

// tokenRemedy are the remedies of one of the two tokens.
type tokenRemedy struct {
	token
	// suffix makes the name of a new Secret of that of the workload.
	suffix string
	judge  func(*guideline.App, container) guideline.Result
	// byApp says why only apps that are named get it, asks what that asks of the app, and
	// does what a container does that needs it.
	byApp, asks, does string
}

var (
	apiTokenRemedy = tokenRemedy{
		apiTokenOf, "-api-token", judgeAPIToken,
		"from then on the app has to send the token with every call; --all-apps does it for all apps",
		"calls without the token are refused (401) from then on: Dapr's SDKs for .NET, Go, Java, JavaScript, PHP and Python send what " + dapr.APITokenEnv + " holds; code that calls daprd itself has to send it as the header dapr-api-token",
		"calls Dapr",
	}
	appTokenRemedy = tokenRemedy{
		appTokenOf, "-app-token", judgeAppToken,
		"it is of use where the app checks the token; --all-apps does it for all apps",
		"it closes nothing until the app compares the header dapr-api-token of each call with what " + dapr.AppTokenEnv + " holds, and refuses calls without; some SDKs do so as soon as the variable is there, so see that nobody but Dapr has to reach the app",
		"is what Dapr calls",
	}
)

// mend gives daprd and the app a token in one change: the annotation, and the variable
// of each of the app's containers.
func (t tokenRemedy) mend(app *guideline.App) guideline.Remedy {
	if app.Template == nil || app.Template.Spec == nil {
		return guideline.Remedy{}
	}
	named := app.Template.Annotations[t.annotation]
	next, now := fallsShort(app, func(d daprd) guideline.Result { return t.judge(app, d.container) })
	switch {
	case app.Sidecar.Simulation.State == sidecar.Manual:
		return guideline.LeaveTo("the Pod template has a daprd of its own, which no annotation changes: change that container")
	case app.Sidecar.Simulated == nil:
		return guideline.Remedy{}
	case named != "" && app.Said.Rotate:
		return t.rotate(app, named)
	case next == guideline.Passed && now:
		return renewal(app)
	case next != guideline.Failed:
		return guideline.Remedy{}
	case app.Said.Rotate:
		return guideline.LeaveTo("it has no token that could be made anew: without --rotate it is given its first")
	}
	if key := misplacedAmong(app, []string{t.annotation}); key != "" {
		return guideline.LeaveTo(fmt.Sprintf("%s stands on the %s itself, where Dapr does not look: move it to the Pod template first, see dapr-annotations", key, app.Object.Kind))
	}
	name := cmp.Or(named, app.Object.Name+t.suffix)
	switch unfit := t.unfit(app, name); {
	case unfit != "" && named != "":
		return t.rotate(app, named)
	case unfit != "":
		return guideline.LeaveTo(fmt.Sprintf("the name for a new Secret, %s, is taken by one that %s, which is not overwritten: put a token into it under the key %s, or delete it", name, unfit, tokenKey))
	}
	if named != "" && !app.Snapshot.Live && app.Snapshot.Secret(app.Object.Namespace, named) == nil {
		return guideline.LeaveTo(fmt.Sprintf("whether Secret %s holds a token is not in the input: give its manifest to -f as well, or the variable %s by hand to what calls Dapr", named, t.env))
	}
	if named != "" && app.Snapshot.Live && app.Snapshot.Secret(app.Object.Namespace, named) == nil {
		return beforeInjection(app, t.missing(app, named))
	}
	return beforeInjection(app, t.give(app, name, ""))
}

// missing makes a Secret that is named and not there, and the Pods anew, which wait for
// it.
func (t tokenRemedy) missing(app *guideline.App, name string) guideline.Remedy {
	r := t.give(app, name, "")
	if r.Person == "" {
		r = r.Only("what makes it, such as External Secrets, may be about to")
		r.Restart = true
	}
	return r
}

// unfit says why a Secret that is there holds no token worth the name; empty where it
// does, or is not there.
func (t tokenRemedy) unfit(app *guideline.App, name string) string {
	secret := app.Snapshot.Secret(app.Object.Namespace, name)
	if secret == nil {
		return ""
	}
	switch entry, found := secret.Keys[tokenKey]; {
	case !found:
		return "has no key " + tokenKey
	case entry.Length < shortest:
		return fmt.Sprintf("has a token of %d bytes", entry.Length)
	case entry.EndsInNewline:
		return "has a token that ends in a new line"
	default:
		return ""
	}
}

// give names a Secret to daprd and to the app's containers, and asks for it where it is
// not there. was is the Secret whose place it takes; empty for none.
func (t tokenRemedy) give(app *guideline.App, name, was string) guideline.Remedy {
	r := guideline.Annotate(t.annotation, name)
	r.ByApp = t.byApp
	value := map[string]any{"name": t.env, "valueFrom": map[string]any{"secretKeyRef": map[string]any{"name": name, "key": tokenKey}}}
	for i := range app.Template.Spec.Containers {
		c := &app.Template.Spec.Containers[i]
		if c.Name == dapr.SidecarContainer {
			continue
		}
		if has := t.other(c, name, was); has != "" {
			return guideline.LeaveTo(fmt.Sprintf("container %s has %s already, %s: take that out of where the container is written, so that daprd and the app have the same", c.Name, t.env, has))
		}
		if ref := t.in(c).ref(); ref != nil && ref.Name == name {
			continue
		}
		r.Fields = append(r.Fields, guideline.Field{
			Path:  field.Path{"spec", "containers", field.Named(c.Name), "env", field.Named(t.env)},
			Value: value,
		})
	}
	switch there, fresh := app.Snapshot.Secret(app.Object.Namespace, name) != nil, app.Template.Annotations[t.annotation] != name; {
	case there && fresh:
		r = r.Risking(fmt.Sprintf("Secret %s is there and is used as it is: who has read it knows the token", name))
	case !there && (app.Snapshot.Live || fresh):
		r.Secrets = []guideline.NewSecret{{Name: name, Keys: []string{tokenKey}}}
	}
	if was == "" || !t.had(app, was) { // what it asks is nothing new then
		r = r.Risking(t.asks)
	}
	if beside := besideDaprd(app.Template.Spec); len(beside) > 0 {
		r = r.Risking(fmt.Sprintf("init containers that go on running beside daprd are not given %s: %s: where one %s, give it the variable by hand", t.env, strings.Join(beside, ", "), t.does))
	}
	if len(r.Fields) > 0 && app.Snapshot.Live {
		r = r.Risking(fmt.Sprintf("%s in the app's containers belongs to this tool then: a later kubectl apply --server-side of a manifest without one of these containers fails until --revert has given it back", t.env))
	}
	return r
}

// had tells whether a container of the app has the variable from a Secret.
func (t tokenRemedy) had(app *guideline.App, name string) bool {
	return slices.ContainsFunc(app.Template.Spec.Containers, func(c corev1.Container) bool {
		ref := t.in(&c).ref()
		return c.Name != dapr.SidecarContainer && ref != nil && ref.Name == name
	})
}

// besideDaprd are the init containers that are not over when daprd starts: all others are,
// since the injector puts even a native sidecar behind them. Like the injector, which gives
// its own variables to spec.containers alone (splitContainers in pkg/injector/patcher), a
// remedy takes none of them for the app: most are proxies and agents.
func besideDaprd(spec *corev1.PodSpec) []string {
	var names []string
	for i := range spec.InitContainers {
		c := &spec.InitContainers[i]
		if c.Name != dapr.SidecarContainer && c.RestartPolicy != nil && *c.RestartPolicy == corev1.ContainerRestartPolicyAlways {
			names = append(names, c.Name)
		}
	}
	return names
}

// other says what a container has of the variable that is neither of these Secrets;
// empty where that is nothing.
func (t tokenRemedy) other(c *corev1.Container, names ...string) string {
	times := 0
	for i := range c.Env {
		if c.Env[i].Name == t.env {
			times++
		}
	}
	given := t.in(c)
	switch ref := given.ref(); {
	case times == 0:
		return ""
	case times > 1:
		return fmt.Sprintf("%d times", times)
	case given.variable.ValueFrom == nil:
		return "written in plain text"
	case ref == nil:
		return "from another place than a Secret"
	case ref.Key != tokenKey || !slices.Contains(names, ref.Name):
		return fmt.Sprintf("from Secret %s, key %s", ref.Name, ref.Key)
	default:
		return ""
	}
}

// rotate gives a new Secret in the place of one that is named. The old one goes where this
// program made it, and nobody else's is touched: a token that is written over in its
// place would reach some containers before others.
func (t tokenRemedy) rotate(app *guideline.App, was string) guideline.Remedy {
	name := guideline.NameAfter(was)
	for {
		secret := app.Snapshot.Secret(app.Object.Namespace, name)
		if secret == nil || secret.Made && t.unfit(app, name) == "" {
			break // not there, or left by a run that was cut off, or for an app that shares it
		}
		name = guideline.NameAfter(name)
	}
	r := t.give(app, name, was)
	switch secret := app.Snapshot.Secret(app.Object.Namespace, was); {
	case r.Person != "" || secret == nil:
	case secret.Made:
		r.Leaves = []string{was}
		r = r.Risking(fmt.Sprintf("a rollback to an older revision (kubectl rollout undo) needs Secret %s, which is gone then", was))
	default:
		r = r.Risking(fmt.Sprintf("Secret %s stays, since this tool did not make it, or others have written to it: delete it once nothing uses it", was))
	}
	return r
}

// mendTokenSecrets makes a Secret that the template names and that is not there, and
// gives a new one where its token is none worth the name.
func mendTokenSecrets(app *guideline.App) guideline.Remedy {
	if app.Template == nil || app.Template.Spec == nil || !app.Snapshot.Live {
		return guideline.Remedy{}
	}
	var all guideline.Remedy
	for _, t := range []tokenRemedy{apiTokenRemedy, appTokenRemedy} {
		name := app.Template.Annotations[t.annotation]
		if name == "" || app.Snapshot.GapOf(snapshot.InApps, snapshot.Secrets, app.Object.Namespace, name) != nil {
			continue
		}
		r := guideline.Remedy{}
		switch {
		case app.Snapshot.Secret(app.Object.Namespace, name) == nil:
			r = t.missing(app, name)
		case t.unfit(app, name) != "":
			r = t.rotate(app, name)
		}
		if r.Person != "" {
			return r
		}
		all = both(all, r)
	}
	return all
}

// both are two remedies in one.
func both(a, b guideline.Remedy) guideline.Remedy {
	if a.Nothing() {
		return b
	}
	for key, value := range b.Annotations {
		a.Annotations[key] = value
	}
	a.Fields, a.Secrets, a.Leaves = append(a.Fields, b.Fields...), append(a.Secrets, b.Secrets...), append(a.Leaves, b.Leaves...)
	a.Restart, a.OptIn, a.ByApp = a.Restart || b.Restart, cmp.Or(a.OptIn, b.OptIn), cmp.Or(a.ByApp, b.ByApp)
	a.Risks = append(a.Risks, b.Risks...)
	return a
}
