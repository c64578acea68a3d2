// Copyright The kubectl-dapr-prod Authors.
// SPDX-License-Identifier: Apache-2.0

package secret

import (
	"slices"
	"strings"
)

// ofURLs looks at every URL in a value for a password before the host. There may
// be several, and several hosts in one of them.
func ofURLs(value string) Content {
	found := Opaque
	for token := range strings.FieldsSeq(value) {
		last := strings.LastIndexByte(token, '@')
		for rest, at := token, 0; ; {
			i := strings.Index(rest, "://")
			if i < 0 {
				break
			}
			scheme := rest[:i]
			at += i + len("://")
			rest = token[at:]
			found = max(found, ofAuthority(scheme, rest, last-at))
			if found == Carries {
				return found
			}
		}
	}
	if found == Opaque && strings.Contains(value, "://") && isCleanURL(value) {
		return Clean
	}
	return found
}

// ofAuthority looks at what follows "://"; last is where its last "@" is.
func ofAuthority(scheme, rest string, last int) Content {
	if last < 0 {
		return Opaque
	}
	end := strings.IndexAny(rest, "/?#")
	if end < 0 {
		end = len(rest)
	}
	user := strings.LastIndexByte(rest[:end], '@')
	if user < 0 {
		// A password with a slash in it, which is written as it is, ends the host too
		// early. A host's port is a number.
		colon := strings.IndexByte(rest[:end], ':')
		if colon < 0 || last < end || isPort(rest[colon+1:end]) || strings.HasPrefix(rest, "[") {
			return Opaque
		}
		user = last
	}
	_, password, ok := strings.Cut(rest[:user], ":")
	if !ok {
		if strings.HasSuffix(strings.ToLower(scheme), "nats") && user > 0 {
			return ofPassword(rest[:user])
		}
		return Opaque
	}
	if c := ofPassword(password); c != Empty {
		return c
	}
	return Opaque
}

func isPort(s string) bool {
	// Several hosts may stand there, each with a port: 9092,other:9092.
	for i := range len(s) {
		switch c := s[i]; {
		case c >= '0' && c <= '9':
		case c == ',':
			return true
		default:
			return false
		}
	}
	return true
}

// isCleanURL tells whether a value is nothing but one URL, with nothing in its
// query that is not known to be harmless.
func isCleanURL(value string) bool {
	scheme, rest, _ := strings.Cut(value, "://")
	if !isName(strings.ReplaceAll(scheme, "+", "-")) || rest == "" || strings.ContainsAny(rest, " \t;\"'") || strings.Contains(rest, "://") {
		return false
	}
	_, query, _ := strings.Cut(rest, "?")
	for pair := range strings.SplitSeq(query, "&") {
		if key, _, _ := strings.Cut(pair, "="); key != "" && !slices.Contains(harmlessKeys, fold(key)) {
			return false
		}
	}
	return true
}

// ofDSN knows the forms without a scheme: user:password@tcp(host) of MySQL and
// user/password@host/service of Oracle.
func ofDSN(value string) Content {
	if strings.ContainsAny(value, " \t") || strings.Contains(value, "://") {
		return Opaque
	}
	at := strings.LastIndexByte(value, '@')
	if at <= 0 {
		return Opaque
	}
	credentials, host := value[:at], value[at+1:]
	protocol, _, call := strings.Cut(host, "(")
	if strings.HasPrefix(host, "/") || call && isName(protocol) {
		if user, password, ok := strings.Cut(credentials, ":"); ok && !strings.Contains(user, "/") {
			return notEmpty(ofPassword(password))
		}
		return Opaque
	}
	user, password, ok := strings.Cut(credentials, "/")
	host, service, hasService := strings.Cut(host, "/")
	name, port, _ := strings.Cut(host, ":")
	if ok && hasService && isName(user) && isName(name) && service != "" && isPort(port) {
		return notEmpty(ofPassword(password))
	}
	return Opaque
}

func notEmpty(c Content) Content {
	if c == Empty {
		return Opaque
	}
	return c
}

// webhooks are URLs whose path is the secret.
var webhooks = []string{"://hooks.slack.com/services/", "://discord.com/api/webhooks/", "://discordapp.com/api/webhooks/", ".webhook.office.com/webhookb2/"}

func ofWebhook(value string) Content {
	for _, w := range webhooks {
		if _, path, ok := strings.Cut(value, w); ok && path != "" {
			return ofPassword(path)
		}
	}
	return Opaque
}
