// Copyright The kubectl-dapr-prod Authors.
// SPDX-License-Identifier: Apache-2.0

package secret

import (
	"maps"
	"slices"
	"strings"
	"testing"
)

// TestTable holds the table against what was counted in components-contrib 1.18.4.
func TestTable(t *testing.T) {
	t.Parallel()
	raw, types := decode(), map[string]bool{}
	counts, flaggedBy := map[Tier]int{}, 0
	for key, fields := range components() {
		name, version, _ := strings.Cut(key, "/")
		types[name] = true
		if version != "v1" && version != "v2" {
			t.Errorf("%s: of a version that is not looked for", key)
		}
		if like := raw.Components[key].Like; like != "" {
			if other, ok := raw.Components[like]; !ok || other.Like != "" {
				t.Errorf("%s is like %s, which has no fields of its own", key, like)
			}
			continue
		}
		seen := map[string]bool{}
		for _, f := range fields {
			if !seen[f.Name] {
				counts[f.Tier]++
			}
			seen[f.Name] = true
		}
		if slices.ContainsFunc(raw.Components[key].Profiles, func(p string) bool { return len(raw.Profiles[p]) == 0 }) {
			t.Errorf("%s has a profile that is not in the table", key)
		}
		if len(raw.Components[key].Profiles)+len(raw.Components[key].Flagged) > 0 {
			flaggedBy++
		}
	}
	// Without those that are like another: 141 in components-contrib.
	own := 0
	for _, c := range raw.Components {
		if c.Like == "" {
			own++
		}
	}
	if len(raw.Components) != 160 || len(types) != 154 || own != 141 || flaggedBy != 84 {
		t.Errorf("%d components of %d types, %d with fields of their own, %d flagged", len(raw.Components), len(types), own, flaggedBy)
	}
	// Upstream flags 251: all but one of the public ones among them. Of the 55 that
	// it does not flag, that one is public.
	want := map[Tier]int{Flagged: 242, Public: 10, Curated: 54, Conditional: 16}
	for tier, n := range want {
		if counts[tier] != n {
			t.Errorf("tier %d: %d fields, want %d", tier, counts[tier], n)
		}
	}
}

// TestNames: a field that is spelled wrong in the table would be passed over.
func TestNames(t *testing.T) {
	t.Parallel()
	raw, names := decode(), map[string]map[string]bool{"flagged": {}, "curated": {}, "conditional": {}}
	add := func(kind string, fields []string) {
		for _, name := range strings.Fields(strings.Join(fields, " ")) {
			names[kind][name] = true
		}
	}
	for _, profile := range raw.Profiles {
		add("flagged", profile)
	}
	for _, c := range raw.Components {
		add("flagged", c.Flagged)
		add("curated", c.Curated)
		add("conditional", c.Conditional)
	}
	for kind, want := range map[string]string{
		"flagged": "accessKey accessKeyID accessKeySecret accountKey apiKey authKey authToken awsSecretKey awsSessionToken " +
			"azureCertificate azureCertificatePassword azureClientSecret cfAccountID cfAPIToken clientCert clientKey " +
			"clientSecret connectionString host key masterKey oauth2ClientSecret oidcClientAssertionKey oidcClientSecret " +
			"password private-key private_key private_key_id privateKey privateKeyID privateKeyPassphrase queryToken " +
			"redisPassword saslPassword secretKey sentinelPassword sessionToken spnCertificate spnCertificatePassword " +
			"spnClientSecret storageAccessKey storageAccountKey token url",
		"curated": "accessKey accessKeySecret accountToken aclToken authToken clientKey jwt key MTLSClientKey password private_key " +
			"private_key_id privateKey schemaRegistryAPISecret secret secretAccessKey secretKey securityToken seedKey " +
			"serverToken storageAccountKey tls_client_key tlsClientKey token vaultToken",
		"conditional": "connectionString couchbaseURL endpoint jwks natsURL storageConnectionString url",
	} {
		got := slices.SortedFunc(maps.Keys(names[kind]), func(a, b string) int {
			return strings.Compare(strings.ToLower(a), strings.ToLower(b))
		})
		if strings.Join(got, " ") != want {
			t.Errorf("%s: %s\nwant %s", kind, strings.Join(got, " "), want)
		}
	}
}

func TestLookup(t *testing.T) {
	t.Parallel()
	for _, tt := range []struct {
		componentType, version, name string
		tier                         Tier
		canonical                    string
	}{
		{"state.redis", "v1", "redisPassword", Flagged, "redisPassword"},
		{"State.Redis", "", "REDISPASSWORD", Flagged, "redisPassword"},
		{"state.redis", "V0", "redisPassword", Flagged, "redisPassword"},
		{"state.redis", "v7", "redisPassword", Flagged, "redisPassword"},
		{"state.redis", "v1", "clientKey", Curated, "clientKey"},
		{"state.redis", "v1", "redisHost", NotSecret, "redisHost"},
		{"lock.redis", "v1", "clientCert", Public, "clientCert"},
		{"state.redis", "v1", "clientSecret", Flagged, "azureClientSecret"},
		{"state.redis", "v1", "spnClientSecret", Flagged, "azureClientSecret"},
		{"bindings.aws.s3", "v1", "sessiontoken", Flagged, "sessionToken"},
		{"bindings.gcp.bucket", "v1", "private_key", Flagged, "privateKey"},
		{"bindings.gcp.bucket", "v1", "private_key_id", Public, "privateKeyID"},
		{"state.gcp.firestore", "v1", "private_key_id", Public, "private_key_id"},
		{"state.cloudflare.workerskv", "v1", "cfAccountID", Public, "cfAccountID"},
		{"bindings.alicloud.oss", "v1", "accessKeyID", Public, "accessKeyID"},
		{"bindings.postgres", "v1", "url", Flagged, "connectionString"},
		{"bindings.postgresql", "v1", "password", Curated, "password"},
		{"state.cockroachdb", "v1", "password", NotSecret, "password"},
		{"state.cockroachdb", "", "password", NotSecret, "password"},
		{"state.cockroachdb", "v2", "password", Curated, "password"},
		{"state.cockroachdb", "v3", "password", Curated, "password"},
		{"state.yugabyte", "", "password", Curated, "password"},
		{"state.mysql", "v1", "connectionString", Conditional, "connectionString"},
		{"bindings.mqtt", "v1", "url", Conditional, "url"},
		{"pubsub.mqtt", "v1", "url", Flagged, "url"},
		{"pubsub.azure.eventhubs", "v1", "storageAccountKey", Curated, "storageAccountKey"},
		{"bindings.http", "v1", "mtlsClientKey", Curated, "MTLSClientKey"},
		{"bindings.cron", "v1", "password", NotSecret, "password"},
		{"middleware.http.oauth2", "v1", "clientSecret", Flagged, "clientSecret"},
		{"middleware.oauth2", "v1", "clientSecret", Flagged, "clientSecret"},
		{"crypto.jwks", "v1", "jwks", Conditional, "jwks"},
		{"crypto.azure.keyvault", "v1", "azureCertificate", Flagged, "azureCertificate"},
		{"secretstores.aws.secretsmanager", "v1", "secretKey", Flagged, "secretKey"},
		{"secretstores.hashicorp.vault", "v1", "vaultToken", Curated, "vaultToken"},
		{"state.in-memory", "v1", "primaryEncryptionKey", Flagged, "primaryEncryptionKey"},
		{"state.my-pluggable", "v1", "SecondaryEncryptionKey", Flagged, "secondaryEncryptionKey"},
		{"pubsub.redis", "v1", "primaryEncryptionKey", NotSecret, "primaryEncryptionKey"},
		{"state.my-pluggable", "v1", "apiKey", Guessed, "apiKey"},
		{"state.my-pluggable", "v1", "connectionString", Conditional, "connectionString"},
		{"state.my-pluggable", "v1", "partitionKey", NotSecret, "partitionKey"},
		{"bindings.twitter", "v1", "consumerSecret", Guessed, "consumerSecret"},
		{"", "", "", NotSecret, ""},
	} {
		got := Lookup(tt.componentType, tt.version, tt.name)
		if got.Tier != tt.tier || got.Name != tt.canonical {
			t.Errorf("Lookup(%q, %q, %q) = %+v, want %d %q", tt.componentType, tt.version, tt.name, got, tt.tier, tt.canonical)
		}
		if got.OrPath != (tt.canonical == "MTLSClientKey") {
			t.Errorf("%s: OrPath = %v", tt.name, got.OrPath)
		}
	}
}

func TestKnown(t *testing.T) {
	t.Parallel()
	for name, want := range map[string]bool{
		"state.redis": true, "STATE.Redis": true, "state.yugabyte": true, "bindings.cron": true, "middleware.bearer": true, "state.my-pluggable": false, "": false,
	} {
		if got := Known(name); got != want {
			t.Errorf("Known(%q) = %v", name, got)
		}
	}
}
