// Copyright The kubectl-dapr-prod Authors.
// SPDX-License-Identifier: Apache-2.0

package secret

import (
	"slices"
	"strings"
)

// secretKeys are the keys of connection strings, URL queries and lists of
// headers behind which a secret stands, without their hyphens.
var secretKeys = []string{
	"passwd", "pwd", "pass", "passphrase", "secret", "sharedsecret", "apisecret", "accountkey", "sharedaccesssignature", "subscriptionkey", "privatekey", "masterkey",
	"token", "authtoken", "apitoken", "sessiontoken", "refreshtoken", "securitytoken", "xamzsecuritytoken",
	"sig", "xamzsignature", "authorization", "proxyauthorization", "cookie",
}

var secretEnds = []string{"password", "accesstoken", "apikey", "secretkey", "accesskey", "clientsecret"}

// queryKeys hold a secret in the query of a URL if what follows is long.
var queryKeys = []string{"code", "key"}

const longKey = 16

// harmlessKeys are what connection strings and queries hold beside the secret.
var harmlessKeys = []string{
	"host", "hostaddr", "port", "user", "username", "userid", "uid", "dbname", "database", "initialcatalog", "server", "datasource", "addr", "address",
	"sslmode", "sslrootcert", "ssl", "tls", "encrypt", "trustservercertificate", "integratedsecurity", "authentication", "persistsecurityinfo",
	"endpoint", "entitypath", "sharedaccesskeyname", "accountname", "accountendpoint", "defaultendpointsprotocol", "endpointsuffix",
	"blobendpoint", "queueendpoint", "tableendpoint", "usedevelopmentstorage", "usedevelopmentemulator",
	"applicationname", "searchpath", "schema", "connecttimeout", "connectiontimeout", "timeout", "poolmaxconns", "poolminconns", "parsetime", "charset", "loc",
	"replicaset", "authsource", "authmechanism", "retrywrites", "readpreference", "directconnection", "w", "maxpoolsize", "db", "heartbeat", "apiversion", "id",
}

// ofPairs looks at every "key=value" of a value, whatever stands between the
// pairs: blanks, commas, semicolons, "&" or the "?" of a URL.
func ofPairs(value string) Content {
	found, harmless, others := Opaque, 0, 0
	for at := 0; at < len(value); {
		equals := strings.IndexByte(value[at:], '=')
		if equals < 0 {
			break
		}
		equals += at
		key, before := keyBefore(value, at, equals)
		folded := fold(key)
		if at == 0 && before != "" && !strings.HasSuffix(before, "?") {
			others++
		}
		switch {
		case equals+1 < len(value) && strings.IndexByte("=>~", value[equals+1]) >= 0:
			// A comparison, and no pair.
			others++
			at = equals + 1
			continue
		case slices.Contains(harmlessKeys, folded):
			harmless++
			at = equals + 1
			continue
		case !isSecretKey(folded) && !slices.Contains(queryKeys, folded):
			others++
			at = equals + 1
			continue
		}
		text, end := valueAfter(value, equals+1)
		if isSecretKey(folded) && !isSwitch(text) || inQuery(before) && len(text) >= longKey {
			if found = max(found, notEmpty(ofPassword(text))); found == Carries {
				return found
			}
		}
		at = end
	}
	// One pair alone may be a password with an equals sign in it.
	if found == Opaque && others == 0 && (harmless > 1 || strings.EqualFold(value, "UseDevelopmentStorage=true")) {
		return Clean
	}
	return found
}

func inQuery(before string) bool {
	return strings.HasSuffix(before, "?") || strings.HasSuffix(before, "&")
}

// isSecretKey: the key itself, or one that ends in a word that leaves no doubt,
// as redisPassword.
func isSecretKey(folded string) bool {
	return slices.Contains(secretKeys, folded) || slices.ContainsFunc(secretEnds, func(end string) bool { return strings.HasSuffix(folded, end) })
}

// isSwitch: a setting of that name that says yes or no, such as "token=true".
func isSwitch(s string) bool {
	return slices.Contains([]string{"true", "false", "yes", "no", "on", "off"}, strings.ToLower(s))
}

// keyBefore is the key that ends at the equals sign, and what stands before it
// from the given start on. A key may have several words, as "User Id".
func keyBefore(value string, from, equals int) (key, before string) {
	s := strings.TrimRight(value[from:equals], " ")
	i := len(s)
	for i > 0 && isWordByte(s[i-1]) {
		i--
	}
	whole := strings.LastIndexByte(s, ';') + 1
	if slices.Contains(harmlessKeys, fold(strings.TrimSpace(s[whole:]))) {
		i = whole
	}
	return strings.TrimSpace(s[i:]), s[:i]
}

// valueAfter is the value from start on, without quotes, and where it ends.
func valueAfter(value string, start int) (text string, end int) {
	rest := value[start:]
	trimmed := strings.TrimLeft(rest, " ")
	start += len(rest) - len(trimmed)
	if len(trimmed) > 0 && (trimmed[0] == '\'' || trimmed[0] == '"') {
		if n := strings.IndexByte(trimmed[1:], trimmed[0]); n >= 0 {
			return trimmed[1 : n+1], start + n + 2
		}
	}
	// A template may hold blanks.
	near := trimmed[:min(len(trimmed), longestPlaceholder)]
	for before, after := range map[string]string{"{{": "}}", "<": ">"} {
		if n := strings.Index(near, after); n >= 0 && strings.HasPrefix(near, before) {
			n += len(after)
			return trimmed[:n], start + n
		}
	}
	n := strings.IndexAny(trimmed, ";&, \t")
	if n < 0 {
		n = len(trimmed)
	}
	// "password= host=x": what follows is the next pair.
	if len(trimmed) < len(rest) && strings.Contains(trimmed[:n], "=") && !strings.HasSuffix(trimmed[:n], "=") {
		return "", start
	}
	return trimmed[:n], start + n
}

var joints = strings.NewReplacer("_", "", "-", "", ".", "", " ", "")

// fold is a key in lower case without what joins its words.
func fold(key string) string {
	if len(key) > 64 {
		return ""
	}
	return joints.Replace(strings.ToLower(key))
}
