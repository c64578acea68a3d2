// Copyright The kubectl-dapr-prod Authors.
// SPDX-License-Identifier: Apache-2.0

package secret

import "strings"

// Content is what a value holds, as far as its form tells.
type Content int

// The contents of a value.
const (
	// Empty is no value at all.
	Empty Content = iota
	// Opaque is a value of no known form, which may be anything: in a field that
	// holds a secret it is the secret.
	Opaque
	// Clean is a URL, a connection string or a certificate that carries no secret.
	Clean
	// Placeholder stands for a value that something fills in before Dapr reads it.
	// If nothing does, Dapr takes it as it is written.
	Placeholder
	// WellKnown is a key that an emulator's documentation gives to everybody.
	WellKnown
	// Carries is a value that carries a secret by its form, whatever its field is
	// called: a URL with a password, a connection string with a key, a private key.
	Carries
)

// wellKnown are the keys of Azurite, of the emulators of Cosmos DB, and of those
// of Event Hubs and Service Bus. They open nothing.
var wellKnown = map[string]bool{
	"Eby8vdM02xNOcqFlqUwJPLlmEtlCDXJ1OUzFT50uSRZ6IFsuFq2UVErCz4I6tq/K1SZFPTOtr/KBHBeksoGMGw==": true,
	"C2y6yDjf5/R+ob0N8A7Cgv30VRDJIWEHLM+4QDU5DE2nQ9nDuVTqobD4b8mGGyPMbIZnqyMsEcaGQy67XIw/Jw==": true,
	"SAS_KEY_VALUE": true,
}

// ContentOf tells what a value holds. Its time is in proportion to the length.
func ContentOf(value string) Content {
	value = strings.TrimSpace(value)
	if c := plain(value); c != Opaque {
		return c
	}
	switch {
	case strings.Contains(value, "-----BEGIN "):
		return ofPEM(value)
	case strings.HasPrefix(value, "{") || strings.HasPrefix(value, "["):
		return ofJSON(value)
	default:
		return ofLine(value)
	}
}

// CarriesSecret tells whether a value carries a secret by its form alone.
func CarriesSecret(value string) bool { return ContentOf(value) == Carries }

// IsPath tells whether a value is the path of a file, for the fields that take
// either a secret or the path to it.
func IsPath(value string) bool {
	if len(value) > 4096 || strings.ContainsAny(value, "\n=+ ") {
		return false
	}
	for _, prefix := range []string{"/", "./", "../", "file://"} {
		if strings.HasPrefix(value, prefix) {
			return true
		}
	}
	return false
}

// ofLine looks at a value of one line. In a text of several lines, such as a
// policy, "token = x" is no connection string.
func ofLine(value string) Content {
	if strings.ContainsAny(value, "\n\r") {
		return Opaque
	}
	return max(ofURLs(value), ofDSN(value), ofPairs(value), ofWebhook(value), ofBase64(value))
}

// plain tells what a password is that stands alone: nothing, a placeholder, a key
// that is known to all, or something that only its field can tell.
func plain(s string) Content {
	switch {
	case s == "":
		return Empty
	case wellKnown[s]:
		return WellKnown
	case isPlaceholder(s):
		return Placeholder
	default:
		return Opaque
	}
}

// ofPassword tells what is found where a password stands.
func ofPassword(s string) Content {
	if c := plain(s); c != Opaque {
		return c
	}
	return Carries
}

// longestPlaceholder bounds what is looked at: a template is a short thing.
const longestPlaceholder = 256

// isPlaceholder knows ${NAME}, $(NAME), {{ expression }}, <description> and
// #{NAME}#, as long as they are all there is.
func isPlaceholder(s string) bool {
	if len(s) > longestPlaceholder {
		return false
	}
	inner, ok := cutBoth(s, "${", "}")
	if !ok {
		inner, ok = cutBoth(s, "$(", ")")
	}
	if !ok {
		inner, ok = cutBoth(s, "#{", "}#")
	}
	if ok {
		// A default after the name, as in ${NAME:-default}, would be a value.
		return isName(inner)
	}
	if inner, ok = cutBoth(s, "{{", "}}"); ok {
		return !strings.Contains(inner, "default") && !strings.Contains(inner, "}}")
	}
	if inner, ok = cutBoth(s, "<", ">"); ok {
		return inner != "" && !strings.ContainsAny(inner, "<>")
	}
	return strings.Trim(s, "*") == ""
}

func cutBoth(s, before, after string) (string, bool) {
	inner, ok := strings.CutPrefix(s, before)
	if !ok {
		return "", false
	}
	return strings.CutSuffix(inner, after)
}

func isName(s string) bool {
	for i := range len(s) {
		if c := s[i]; !isWordByte(c) {
			return false
		}
	}
	return s != ""
}

func isWordByte(c byte) bool {
	return c >= 'a' && c <= 'z' || c >= 'A' && c <= 'Z' || c >= '0' && c <= '9' || c == '_' || c == '-' || c == '.'
}
