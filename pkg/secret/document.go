// Copyright The kubectl-dapr-prod Authors.
// SPDX-License-Identifier: Apache-2.0

package secret

import (
	"encoding/base64"
	"encoding/json"
	"slices"
	"strings"
)

// ofPEM: a certificate is public, a private key is not.
func ofPEM(value string) Content {
	if strings.Contains(value, "PRIVATE KEY-----") {
		return Carries
	}
	if strings.HasPrefix(value, "-----BEGIN CERTIFICATE-----") || strings.HasPrefix(value, "-----BEGIN PUBLIC KEY-----") {
		return Clean
	}
	return Opaque
}

// ofJSON looks through a document for what only a secret is called: the key file
// of a service account, a private JSON Web Key, settings with a password.
func ofJSON(value string) Content {
	var document any
	if err := json.Unmarshal([]byte(value), &document); err != nil {
		return Opaque
	}
	return walk("", document)
}

func walk(key string, node any) Content {
	found := Opaque
	switch n := node.(type) {
	case map[string]any:
		if isPrivateJWK(n) {
			return Carries
		}
		for k, v := range n {
			found = max(found, walk(k, v))
		}
	case []any:
		for _, v := range n {
			found = max(found, walk(key, v))
		}
	case string:
		switch {
		case isSecretKey(fold(key)):
			return notEmpty(ofPassword(n))
		case strings.Contains(n, "-----BEGIN "):
			found = ofPEM(n)
		case strings.Contains(n, "://"):
			found = ofURLs(n)
		}
	}
	if found == Clean {
		return Opaque
	}
	return found
}

// isPrivateJWK: "d" is the private part of a key pair, "k" a symmetric key.
func isPrivateJWK(object map[string]any) bool {
	if _, ok := object["kty"].(string); !ok {
		return false
	}
	return slices.ContainsFunc([]string{"d", "k"}, func(part string) bool {
		s, ok := object[part].(string)
		return ok && s != ""
	})
}

// ofBase64 is ContentOf for a document in base64, as a JSON Web Key Set may be.
func ofBase64(value string) Content {
	if !strings.HasPrefix(value, "ey") && !strings.HasPrefix(value, "LS0t") {
		return Opaque
	}
	text, err := base64.StdEncoding.DecodeString(value)
	if err != nil {
		return Opaque
	}
	if decoded := string(text); strings.HasPrefix(decoded, "{") {
		return ofJSON(decoded)
	} else if strings.HasPrefix(decoded, "-----BEGIN ") {
		return ofPEM(decoded)
	}
	return Opaque
}
