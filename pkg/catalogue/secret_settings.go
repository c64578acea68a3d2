// Copyright The kubectl-dapr-prod Authors.
// SPDX-License-Identifier: Apache-2.0

package catalogue

import (
	"fmt"
	"regexp"
	"slices"
	"strings"

	"github.com/dapr-prod/kubectl-dapr-prod/pkg/guideline"
	"github.com/dapr-prod/kubectl-dapr-prod/pkg/secret"
	"github.com/dapr-prod/kubectl-dapr-prod/pkg/sidecar"
	"github.com/dapr-prod/kubectl-dapr-prod/pkg/snapshot"
)

// disclosure is what a setting gives away; without a severity, nothing.
type disclosure struct {
	severity        guideline.Severity
	message, remedy string
	// leak tells that it is a secret, or may be one, and not just worth knowing.
	leak bool
}

// discloses judges the value of one setting, which gets into no message.
func discloses(o *snapshot.DaprObject, s snapshot.Setting, live bool) disclosure {
	field, content := fieldOf(o, s), secret.ContentOf(credentials(s))
	name := shownName(s.Name)
	sensitive := field.Tier == secret.Flagged || field.Tier == secret.Curated
	switch {
	case content == secret.Empty && s.Env != "" && s.SecretName == "" && sensitive:
		return disclosure{
			severity: guideline.Info,
			message:  fmt.Sprintf("%s comes from daprd's variable %s, which stands in plain text in the Pod unless dapr.io/env-from-secret sets it", name, sidecar.ShownEnv(s.Env)),
			remedy:   "see that dapr.io/env-from-secret sets the variable, or write secretKeyRef in the place of envRef",
		}
	case content == secret.Empty:
		return disclosure{}
	case content == secret.Placeholder && s.SecretName == "" && (sensitive || field.Tier == secret.Guessed):
		d := disclosure{severity: guideline.Info, message: name + " is a placeholder, which Dapr takes as it is written", remedy: "see that something fills it in before it is applied, or write secretKeyRef in the place of value"}
		if live {
			d.message = name + " is a placeholder that nothing has filled in"
		}
		return d
	case content == secret.WellKnown && (sensitive || field.Tier == secret.Guessed):
		return disclosure{severity: guideline.Info, message: name + " is the key of an emulator, which everybody knows", remedy: "use no emulator in production"}
	}
	d := disclosure{severity: severityOf(field, content), leak: true, remedy: secretRemedy(o, s)}
	if d.severity == 0 || field.OrPath && secret.IsPath(s.Value.Text()) {
		return disclosure{}
	}
	// A secret store cannot keep the key to itself.
	if strings.HasPrefix(strings.ToLower(o.Type), "secretstores.") {
		d.severity = min(d.severity, guideline.Warning)
	}
	switch {
	case content == secret.Carries:
		d.message = name + " carries a password or a key in plain text"
	case field.Tier == secret.Public:
		d.message = name + " stands in plain text: an identifier or a certificate, which Dapr calls sensitive all the same"
	case field.Tier == secret.Guessed:
		d.message = name + " stands in plain text, and sounds like a secret; no table knows the component type"
	default:
		d.message = name + " stands in plain text"
	}
	if s.SecretName != "" {
		d.message += ", beside its secretKeyRef"
	}
	return d
}

// severityOf is how bad it is that a field holds this; 0 where it is not.
func severityOf(field secret.Field, content secret.Content) guideline.Severity {
	hidden := content == secret.Carries || content == secret.Opaque && !isAddress(field.Name) || content == secret.Clean && !takesClean(field.Name)
	switch {
	case field.Tier == secret.Flagged && hidden, field.Tier == secret.Public && content == secret.Carries:
		return guideline.Error
	case field.Tier == secret.Curated && hidden, content == secret.Carries:
		return guideline.Warning
	case field.Tier == secret.Public && content != secret.Placeholder && content != secret.WellKnown, field.Tier == secret.Guessed && content == secret.Opaque:
		return guideline.Info
	default:
		return 0
	}
}

// fieldOf is what is known of a setting: by the tables of components or, of
// anything else, by its name.
func fieldOf(o *snapshot.DaprObject, s snapshot.Setting) secret.Field {
	field := secret.Field{Name: s.Name}
	switch s.Part {
	case snapshot.Metadata:
		return secret.Lookup(o.Type, o.Version, s.Name)
	case snapshot.Key:
		field.Tier = secret.Flagged
	case snapshot.Header:
		if secret.Header(s.Name) {
			field.Tier = secret.Curated
		}
	case snapshot.Variable:
		if secret.Env(s.Name) {
			field.Tier = secret.Curated
		}
	}
	return field
}

var scheme = regexp.MustCompile(`^(?i:bearer|basic|token|apikey|api-key)\s+`)

// credentials is the value that counts: of a header, what follows the scheme.
func credentials(s snapshot.Setting) string {
	text := strings.TrimSpace(s.Value.Text())
	if s.Part == snapshot.Header {
		return scheme.ReplaceAllString(text, "")
	}
	return text
}

// isAddress: a field whose value is an address, secret for the password in it only.
func isAddress(field string) bool {
	lower := strings.ToLower(field)
	return slices.ContainsFunc([]string{"url", "uri", "host", "endpoint"}, func(end string) bool { return strings.HasSuffix(lower, end) })
}

// takesClean: a field in which a URL, a connection string or a certificate stands
// for itself, and is not a password that looks like one.
func takesClean(field string) bool {
	lower := strings.ToLower(field)
	return isAddress(field) || slices.ContainsFunc([]string{"connectionstring", "dsn", "cert", "certificate"}, func(end string) bool { return strings.HasSuffix(lower, end) })
}

var plainName = regexp.MustCompile(`^[A-Za-z0-9_.-]{1,64}$`)

// shownName is a setting's name as it may be printed: who writes "Authorization:
// Bearer x" as the name has put the secret there.
func shownName(name string) string {
	if !plainName.MatchString(name) {
		return sidecar.Mask
	}
	return name
}

// shownField is the place of a setting, without a name that may not be printed.
func shownField(s snapshot.Setting) string {
	if s.Part == snapshot.Address || s.Part == snapshot.Key || plainName.MatchString(s.Name) {
		return s.Field
	}
	before, _, _ := strings.Cut(s.Field, "[")
	return before
}

// Discloses tells whether component-secrets finds a secret, or what may be one, in the
// value of a setting.
func Discloses(o *snapshot.DaprObject, s snapshot.Setting) bool { return discloses(o, s, true).leak }
