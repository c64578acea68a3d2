// Copyright The kubectl-dapr-prod Authors.
// SPDX-License-Identifier: Apache-2.0

package secret_test

import (
	"testing"

	"github.com/dapr-prod/kubectl-dapr-prod/pkg/secret"
)

func TestEnv(t *testing.T) {
	t.Parallel()
	for want, names := range map[bool][]string{
		true: {
			"DAPR_API_TOKEN", "DB_PASSWORD", "DB_PASSWORD_2", "PGPASSWORD_1", "MYSQL_PWD", "AWS_SECRET_ACCESS_KEY", "OPENAI_API_KEY", "apiKey", "CLIENT_SECRET", "clientSecret",
			"SIGNING_KEY", "AZURE_STORAGE_KEY", "token", "API_KEY2", "db-password", "XApiKEY", "PASSPHRASE", "APIKEY",
		},
		false: {
			"OTEL_EXPORTER_OTLP_HEADERS", "GOMEMLIMIT", "KEY_PREFIX", "TOKEN_TTL", "PASSWORD_FILE", "SECRET_PATH", "TOKEN_URL", "AWS_ACCESS_KEY_ID", "SECRET_NAME", "MAX_TOKENS",
			"PARTITION_KEY", "PUBLIC_KEY", "KEY", "PWD", "OLDPWD", "USE_TOKEN", "REQUIRE_PASSWORD", "ENABLE_API_KEY", "PRIMARY_KEY", "PASSWORD_POLICY", "", "_", "=", "123", "MONKEY", "TOKENIZER",
		},
	} {
		for _, name := range names {
			if got := secret.Env(name); got != want {
				t.Errorf("Env(%q) = %v", name, got)
			}
		}
	}
}

func TestHeader(t *testing.T) {
	t.Parallel()
	for want, names := range map[bool][]string{
		true: {
			"Authorization", "authorization", "Proxy-Authorization", "X-Forwarded-Authorization", "Cookie", "Set-Cookie", "dapr-api-token", "X-Auth-Token", "api-key", "apikey", "X-Api-Key",
			"X-Functions-Key", "x-honeycomb-access-key", "Ocp-Apim-Subscription-Key", "X-Client-Secret", "X-Vault-Token", "PRIVATE-TOKEN", "x-ms-authorization-auxiliary",
		},
		false: {
			"Content-Type", "Accept", "traceparent", "Idempotency-Key", "Sec-WebSocket-Key", "Surrogate-Key", "X-Partition-Key", "X-Token-Type", "X-Key-Id", "Key", "", "X-Cookie-Policy", "User-Agent",
		},
	} {
		for _, name := range names {
			if got := secret.Header(name); got != want {
				t.Errorf("Header(%q) = %v", name, got)
			}
		}
	}
}
