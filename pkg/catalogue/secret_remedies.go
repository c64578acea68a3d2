// Copyright The kubectl-dapr-prod Authors.
// SPDX-License-Identifier: Apache-2.0

package catalogue

import (
	"fmt"
	"slices"
	"strings"

	"github.com/dapr-prod/kubectl-dapr-prod/pkg/guideline"
	"github.com/dapr-prod/kubectl-dapr-prod/pkg/secret"
	"github.com/dapr-prod/kubectl-dapr-prod/pkg/snapshot"
)

// lastApplied is where kubectl apply keeps a copy of what it was given.
const lastApplied = "kubectl.kubernetes.io/last-applied-configuration"

// secretRemedy says how a leak is closed; empty where the guideline's own words do.
func secretRemedy(o *snapshot.DaprObject, s snapshot.Setting) string {
	elsewhere := o.SecretStore != "" && o.SecretStore != "kubernetes"
	switch {
	case s.Part == snapshot.Address && strings.Contains(s.Field, "zipkin"):
		return "take the credentials out of the address, let a collector in the cluster add them, and rotate them"
	case s.Part == snapshot.Address && o.Object.Kind == "Configuration":
		return "take the credentials out of the address, send them as a header with secretKeyRef (spec.tracing.otel.headers, from Dapr 1.17 on), and rotate them"
	case s.Part == snapshot.Address:
		return "take the credentials out of the address, send them as a header with secretKeyRef, and rotate them"
	case s.SecretName != "":
		return "take value out and leave secretKeyRef, and rotate the secret: whoever could read the object knows it"
	case strings.HasSuffix(strings.ToLower(s.Name), "encryptionkey") && strings.HasPrefix(strings.ToLower(o.Type), "state."):
		return "put the key into a Secret and write secretKeyRef in the place of value; to rotate it, put a new key into another Secret for primaryEncryptionKey and make the old one secondaryEncryptionKey; " +
			"apps that use it must not set dapr.io/disable-builtin-k8s-secret-store, or their state is no more encrypted"
	case elsewhere:
		return fmt.Sprintf("put the value into the secret store %s, where references of this %s lead (auth.secretStore), write secretKeyRef in the place of value, and rotate the secret", shownName(o.SecretStore), o.Object.Kind)
	case strings.HasPrefix(strings.ToLower(o.Type), "secretstores."):
		return "put the value into a Secret of Kubernetes, which a secret store can refer to as well, write secretKeyRef in the place of value, and rotate the secret"
	default:
		return ""
	}
}

// judgeCopy judges what kubectl apply keeps of the object, which outlives the fix.
func judgeCopy(o *snapshot.DaprObject) (r guideline.Result, found bool) {
	var names []string
	worst := guideline.Severity(0)
	for _, s := range o.LastApplied {
		if d := discloses(o, s, true); d.leak {
			worst = max(worst, d.severity)
			names = append(names, shownName(s.Name))
		}
	}
	if len(names) == 0 {
		return r, false
	}
	slices.Sort(names)
	names = slices.Compact(names)
	return guideline.Fail("kubectl's copy of the object holds in plain text: %s", some(names)).
		As(worst).From(guideline.Ours).At("metadata.annotations["+lastApplied+"]").
		Do("rotate the secret, and scrub the copy: kubectl apply the corrected manifest, or take the copy out with kubectl annotate -n %s %ss.dapr.io/%s %s-",
			o.Object.Namespace, strings.ToLower(o.Object.Kind), o.Object.Name, lastApplied), true
}

// withoutSecrets says that nothing was found, and how sure that is.
func withoutSecrets(o *snapshot.DaprObject) string {
	if o.Object.Kind == snapshot.KindComponent && !secret.Known(o.Type) {
		return "no secret in plain text, as far as names tell: no table knows the component type"
	}
	return "no secret in plain text"
}
