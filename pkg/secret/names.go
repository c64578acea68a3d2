// Copyright The kubectl-dapr-prod Authors.
// SPDX-License-Identifier: Apache-2.0

package secret

import (
	"slices"
	"strings"
	"unicode"
)

// secretWords end the name of what is secret.
var secretWords = []string{
	"token", "secret", "pwd", "accesskey", "secretkey", "privatekey", "credential", "credentials",
}

// secretSyllables end a word that is secret even where nothing parts it from
// what is before, as in PGPASSWORD.
var secretSyllables = []string{"password", "passwd", "passphrase", "apikey"}

// keyWords stand before "key" in the name of a key that is secret. Most other
// keys only name something: a partition, a cache entry, a route.
var keyWords = []string{
	"api", "access", "secret", "private", "account", "encryption", "signing", "master", "shared", "sas", "auth", "storage", "subscription", "service", "client", "seed",
}

// switchWords begin the name of a switch, which says yes or no.
var switchWords = []string{"use", "require", "requires", "enable", "enabled", "disable", "disabled", "allow", "skip", "validate", "check", "has", "is", "no", "ignore"}

// publicKeyWords stand before "key" in the name of a header that is no secret.
var publicKeyWords = []string{
	"idempotency", "idempotent", "partition", "routing", "route", "cache", "surrogate", "websocket", "message", "dedup", "deduplication", "ordering", "correlation",
	"public", "object", "sort", "primary", "group", "row", "shard", "session", "accept",
}

// Env tells whether an environment variable of that name is likely to hold a
// secret. It would rather miss one than accuse a setting: TOKEN_TTL,
// PASSWORD_FILE and KEY_PREFIX are none.
func Env(name string) bool {
	if name == "PWD" || name == "OLDPWD" {
		return false
	}
	return sounds(words(name))
}

// Header tells whether an HTTP or gRPC header of that name is likely to hold a
// secret.
func Header(name string) bool {
	w := words(strings.ToLower(name))
	if len(w) == 0 {
		return false
	}
	last := w[len(w)-1]
	switch {
	case last == "authorization" || last == "cookie" || slices.Contains(w, "authorization"):
		return true
	case last == "key" && len(w) > 1:
		return !slices.Contains(publicKeyWords, w[len(w)-2])
	default:
		return sounds(w)
	}
}

// guess is Lookup for a component that the table does not have.
func guess(name string) Field {
	w := words(name)
	field := Field{Name: name}
	switch joined := strings.Join(w, ""); {
	case sounds(w):
		field.Tier = Guessed
	case strings.HasSuffix(joined, "connectionstring"), strings.HasSuffix(joined, "dsn"), strings.HasSuffix(joined, "url"), strings.HasSuffix(joined, "uri"):
		field.Tier = Conditional
	}
	return field
}

// sounds tells whether the words name a secret: only the last one says what a
// name means, and what comes before says which.
func sounds(w []string) bool {
	if len(w) == 0 || slices.Contains(switchWords, w[0]) {
		return false
	}
	last := w[len(w)-1]
	if slices.ContainsFunc(secretSyllables, func(end string) bool { return strings.HasSuffix(last, end) }) {
		return true
	}
	return slices.Contains(secretWords, last) || last == "key" && len(w) > 1 && slices.Contains(keyWords, w[len(w)-2])
}

// words cuts a name of any style into words in lower case: apiKey, API_KEY,
// api-key. A number at the end only counts.
func words(name string) []string {
	var all []string
	var word strings.Builder
	end := func() {
		if s := strings.TrimRight(word.String(), "0123456789"); s != "" {
			all = append(all, strings.ToLower(s))
		}
		word.Reset()
	}
	runes := []rune(name)
	for i, r := range runes {
		switch {
		case !unicode.IsLetter(r) && !unicode.IsDigit(r):
			end()
			continue
		case !unicode.IsUpper(r) || i == 0:
		case !unicode.IsUpper(runes[i-1]), i+1 < len(runes) && unicode.IsLower(runes[i+1]):
			end()
		}
		word.WriteRune(r)
	}
	end()
	return all
}
