// Copyright The kubectl-dapr-prod Authors.
// SPDX-License-Identifier: Apache-2.0

package secret_test

import (
	"encoding/base64"
	"strings"
	"testing"

	"github.com/dapr-prod/kubectl-dapr-prod/pkg/secret"
)

const (
	azurite = "Eby8vdM02xNOcqFlqUwJPLlmEtlCDXJ1OUzFT50uSRZ6IFsuFq2UVErCz4I6tq/K1SZFPTOtr/KBHBeksoGMGw=="
	key     = "bm90IGEgcmVhbCBrZXkgYXQgYWxs"
	pem     = "-----BEGIN EC PRIVATE KEY-----\nabc\n-----END EC PRIVATE KEY-----"
)

func TestContentOf(t *testing.T) {
	t.Parallel()
	for want, values := range map[secret.Content][]string{
		secret.Empty: {"", " \n"},
		secret.Carries: {
			"amqp://user:pass@host:5672/", "amqp://user:pass@h1:5672,amqp://user:pass@h2", "redis://:pass@host:6379/0", "postgres://u:p@h1:1,h2:2/db",
			"mongodb://u:p@h1,h2/db?replicaSet=rs", "mongodb+srv://u:p%40@host", "mqtt://u:p/w@host:1883", "https://u:p@ss@host/x", "tcp://h1:1883,tcp://u:p@h2:1883",
			"nats://token@host:4222", "jdbc:sqlserver://host;user=sa;password=x", "see https://u:p@host for it", "oracle://u:p@host/xe", "//h amqp://u:p@h",
			"host=localhost user=postgres password=example port=5432", "host=h password='a b'", "host=h password = x", "pwd=x", `host=h password="x y"`,
			"DefaultEndpointsProtocol=https;AccountName=a;AccountKey=" + key + "==;EndpointSuffix=core.windows.net",
			"Endpoint=sb://ns.servicebus.windows.net/;SharedAccessKeyName=Root;SharedAccessKey=" + key + "=",
			"BlobEndpoint=https://a.blob.core.windows.net;SharedAccessSignature=sv=2020&sig=" + key,
			"https://a.blob.core.windows.net/c?sv=2020&sig=" + key, "Endpoint=https://a.azconfig.io;Id=x;Secret=" + key,
			"Endpoint=https://a.service.signalr.net;AccessKey=" + key + ";Version=1.0;",
			"user:pass@tcp(host:3306)/db", "user:pass@unix(/tmp/s)/db", "user:p:a@ss@tcp(h)/db", "user:pass@/db", "scott/tiger@host:1521/xe",
			"Server=h;Database=d;User Id=sa;Password=x;", "Server=h;Uid=sa;Pwd=x", "sqlserver://sa:x@host:1433?database=d", "host:6379,password=abc,ssl=True",
			"https://oapi.dingtalk.com/robot/send?access_token=" + key, "https://f.azurewebsites.net/api/f?code=" + key, "https://x/?a=1&key=" + key,
			"https://hooks.slack.com/services/T0/B0/" + key,
			"authorization=Bearer%20abc", "api-key=abc,x=y", "a=b,x-api-key=abc", "trustStorePassword=x;a=b", "postgres://u:${A:-x}@h",
			pem, "{\"private_key\": \"x\"}", `{"a": [{"db": {"Password": "x"}}]}`, `{"keys": [{"kty": "oct", "k": "x"}]}`, `{"kty": "EC", "d": "x"}`,
			`[{"url": "amqp://u:p@h"}]`, `{"cert": "-----BEGIN RSA PRIVATE KEY-----\n"}`,
			base64.StdEncoding.EncodeToString([]byte(`{"keys": [{"kty": "oct", "k": "x"}]}`)), base64.StdEncoding.EncodeToString([]byte(pem)),
		},
		secret.WellKnown: {
			azurite, "DefaultEndpointsProtocol=http;AccountName=devstoreaccount1;AccountKey=" + azurite + ";BlobEndpoint=http://127.0.0.1:10000/devstoreaccount1;",
			"Endpoint=sb://localhost;SharedAccessKeyName=Root;SharedAccessKey=SAS_KEY_VALUE;UseDevelopmentEmulator=true;",
		},
		secret.Placeholder: {
			"${VAR}", "$(VAR)", "{{ .Values.redis.password | quote }}", "<your password here>", "#{Redis.Password}#", "********",
			"amqp://user:${PASS}@host", "host=h password={{ .p }} user=u", "Server=h;Password=<the password>;Database=d", "u:$(P)@tcp(h)/db", `{"password": "${P}"}`,
		},
		secret.Clean: {
			"amqp://host:5672/", "amqp://user@host/", "https://host:8080/path/@user", "redis://:@host:6379", "postgres://u@h/db?sslmode=disable", "mongodb://h1:27017,h2:27017/db",
			"host=localhost user=postgres port=5432", "Endpoint=sb://ns.servicebus.windows.net;Authentication=ManagedIdentity", "UseDevelopmentStorage=true",
			"-----BEGIN CERTIFICATE-----\nabc\n-----END CERTIFICATE-----", "Server=h;Database=d;User Id=sa",
			"https://[::1]:80/@y", "https://a.net/=", "host=h user=u password=", "host=h password= user=u",
		},
		secret.Opaque: {
			"hunter2", "localhost:6379", "id=x", key + "==", "user@host", "user@tcp(host)/db", "org/image@sha256:0123abcd", "team/app@1.0", "x@y.z", "true", "a=b",
			"https://host/?foo=bar", "https://host/?key=short", "token=true,a=b", "password == x", "secret => x", "tokens=5", "KEY_ID=5", "maxTokens=5;a=b",
			"package x\ndefault allow = false\ntoken = input.token\npassword := 1", "{not json", `{"name": "x", "tokens": 5}`, `{"kty": "EC", "x": "y"}`, "[]", "eyJub3QgYmFzZTY0",
			"-----BEGIN NOTHING-----", "a://b://c", "${A:-hunter2}", `{{ .x | default "hunter2" }}`, "{{ .a }}b{{ .c }}", "<>",
		},
	} {
		for _, value := range values {
			if got := secret.ContentOf(value); got != want {
				t.Errorf("ContentOf(%q) = %d, want %d", value, got, want)
			}
			if got := secret.CarriesSecret(value); got != (want == secret.Carries) {
				t.Errorf("CarriesSecret(%q) = %v", value, got)
			}
		}
	}
}

func TestIsPath(t *testing.T) {
	t.Parallel()
	for value, want := range map[string]bool{
		"/etc/tls/tls.key": true, "./tls.key": true, "file:///tls.key": true, "tls.key": false, "": false, pem: false, "/9j/4AAQ+xyz=": false, "/" + strings.Repeat("a", 5000): false,
	} {
		if got := secret.IsPath(value); got != want {
			t.Errorf("IsPath(%.20q) = %v", value, got)
		}
	}
}

// long are the shapes that would take for ever if a step looked at all that
// follows over and over again.
func long() []string {
	var all []string
	for _, part := range []string{
		"a", "=", "@", "a=", "pwd=${A} ", "&key='", "&key={{ ", "key=<", "a://b:c/", "a://b:${C}@d,", "://", "a:b@", "{", "[", `{"a":`, " = ", "pwd= ", "<", "{{", "-----BEGIN ", "token=true;", "a;", "eyJh", "a/b@",
	} {
		all = append(all, strings.Repeat(part, (1<<20)/len(part)), "a@b "+strings.Repeat(part, (1<<20)/len(part))+"@")
	}
	return all
}

// TestLongValues ends at all only because each step is linear.
func TestLongValues(t *testing.T) {
	t.Parallel()
	for _, value := range long() {
		secret.ContentOf(value)
	}
	for _, name := range []string{"a", "A", "_", "aA", "1"} {
		name = strings.Repeat(name, (1<<20)/len(name))
		secret.Env(name)
		secret.Header(name)
		secret.Lookup(name, name, name)
	}
}

func FuzzContentOf(f *testing.F) {
	for _, seed := range []string{"amqp://u:p@h/", "host=h password='x'", "u:p@tcp(h)/d", `{"kty":"oct","k":"x"}`, "<x>", "{{ x }}", "a;User Id=x", "password = ", "{{", "?key={{"} {
		f.Add(seed)
	}
	f.Fuzz(func(t *testing.T, value string) {
		got := secret.ContentOf(value)
		if got < secret.Empty || got > secret.Carries {
			t.Errorf("%d is no content", got)
		}
		if (got == secret.Empty) != (strings.TrimSpace(value) == "") {
			t.Errorf("%d for %q", got, value)
		}
		secret.Env(value)
		secret.Header(value)
		secret.IsPath(value)
		secret.Lookup("pluggable", "v1", value)
	})
}
