// Copyright The kubectl-dapr-prod Authors.
// SPDX-License-Identifier: Apache-2.0

//go:build cluster

package cluster_test

import (
	"math/rand/v2"
	"reflect"
	"strings"

	"github.com/dapr/dapr/pkg/injector/annotations"
	"github.com/dapr/dapr/pkg/injector/patcher"
)

// What people write into annotations, what they write by mistake, and what
// nobody would.
var (
	yes      = []string{"true", "True", "TRUE", "tRuE"}
	nearlyOn = []string{
		"yes", "y", "t", "on", "1", "YES", " true", "true ", "\ttrue\n", "enabled", "T rue", "false", "no", "0", "off", "", "true\u00a0", "ｔｒｕｅ", "tr\u0443e",
	}
	ids    = []string{"orders", "a", "a-b-c", "x1", strings.Repeat("a", 58)}
	badIDs = []string{"", " ", "Orders", "orders.v2", "-orders", "orders-", "or_ders", strings.Repeat("a", 59), "órders", "orders\n", "1", "orders "}
	texts  = []string{
		"", " ", "a", "info", "debug", "grpc", "http", "https", "grpcs", "h2c", "GRPC", "secret", "shop", "0.0.0.0", "[::1],127.0.0.1",
		`"localhost:50005"`, "' localhost:50005 '", `""`, "/var/run/sock", "/var/run/sock/../x", "RuntimeDefault", "Localhost", "5s", "-1h", "4Mi", "4.5Mi",
		"ghcr.io/dapr/daprd:1.17.2-mariner", "daprd@sha256:0000", "a,b,c", "a:b", "x=y", "%s%d", "$(POD_NAME)", "${HOME}", "--flag", "-", "--", `\`, `"`, "'", "`",
		"</script>&amp;", "line\nfeed", "tab\t", "\u0000", "\u2028", "\ufeff", "ünïcödé", "日本語", "😀", "\x7f", strings.Repeat("x", 300), "~1~0/", "null", "{}", "[]",
	}
	numbers = []string{
		"0", "1", "3000", "8080", "-1", "+5", "007", "65535", "65536", "2147483647", "2147483648", "-2147483649", "4294967297", "9223372036854775807",
		"9223372036854775808", "1e3", "0x10", "1_000", " 1", "1 ", "1.0", "", "abc", "٣", "1\n",
	}
	quantities = []string{
		"100m", "300m", "250Mi", "1000Mi", "1Gi", "1", "0", "0.25", "1e3", "1E3", "1G", "128974848", "1000MB", "100 m", " 100m", "100m ", "1,5", "-1", "-100m", "+1",
		"1.5.5", "m", "Mi", ".5", "5.", "300M", "300mi", "300MI", "1k", "1K", "1Ki", "0.0000001", "9223372036854775808", "1n", "1u", "٣", "", " ", "1e", "1e-3", "NaN", "Inf", "1Mi\n",
	}
	envs = []string{
		"A=1", "A=1,B=2", "A=1, B=2", "A=1,\n B=2", "A=1\nB=2", "A=1,", ",A=1", ",,", "=", "=1", "A", "A=", "A==", "A=b=c", "A=a=1,b=2", "X=foo,bar", "X=foo, bar=1",
		"GOMEMLIMIT=900MiB", "GOMEMLIMIT=900Mi", "A=1,GOMEMLIMIT=900MiB", "A=1,GOMEMLIMIT =900MiB", "A = 1, B = 2", "a-b=1,c.d=2", "1A=2,2B=3", "_=1", "A=1,A=2",
		`A="1,B=2"`, `A=1\,B=2`, "A=$(B),B=$(A)", "SSL_CERT_DIR=/certs", "A=1,SSL_CERT_DIR=/certs", "DAPR_ENV_KEYS=x", "NAMESPACE=other", "É=1,B=2", "A=1,É=2",
		"A=1,\u00a0B=2", "A=\t1\t,B=2", "A=1;B=2", "A=1 B=2", "A=😀,B=\u0000", "  A=1  ", "\n\n", "A=1,B=2,C=3,D=4,E=5",
	}
	secretEnvs = []string{"A=secret:key", "A=secret", "A=a:b:c", "A=:", "A= secret : key ", "A=", "A=a:b,B=c", "A=a:b, B=c:d:e, C=f", "B", "SSL_CERT_DIR=s:k"}
	mounts     = []string{"data:/data", "data:/data,cache:/cache", " data:/data , cache:/cache", "nosuch:/x", "data", "data:", ":/data", "data:/a:/b", "data:/data,data:/other", ",", "dapr-identity-token:/t"}
	components = []string{"", "app", "app,side", "side", " app , nosuch", "daprd", ","}
)

// pools are the values of each annotation.
var pools = makePools()

func makePools() map[string][]string {
	all := map[string][]string{}
	config := reflect.TypeFor[patcher.SidecarConfig]()
	for i := range config.NumField() {
		field := config.Field(i).Type
		if field.Kind() == reflect.Pointer {
			field = field.Elem()
		}
		key := config.Field(i).Tag.Get("annotation")
		switch field.Kind() {
		case reflect.Bool:
			all[key] = append(nearlyOn[:len(nearlyOn):len(nearlyOn)], yes...)
		case reflect.String:
			all[key] = texts
		default:
			all[key] = numbers
		}
	}
	delete(all, "")
	all[annotations.KeyEnv] = envs
	all[annotations.KeyEnvFromSecret] = secretEnvs
	all[annotations.KeyVolumeMountsReadOnly] = mounts
	all[annotations.KeyVolumeMountsReadWrite] = mounts
	all[annotations.KeyPluggableComponents] = components
	for _, key := range []string{
		annotations.KeyCPURequest, annotations.KeyCPULimit, annotations.KeyMemoryRequest, annotations.KeyMemoryLimit,
		annotations.KeyMaxBodySize, annotations.KeyReadBufferSize,
	} {
		all[key] = quantities
	}
	return all
}

// oneOf picks one.
func oneOf[T any](r *rand.Rand, all []T) T { return all[r.IntN(len(all))] }

// annotationsFor makes up the annotations of one Pod.
func annotationsFor(r *rand.Rand, keys []string) map[string]string {
	set := map[string]string{}
	share := oneOf(r, []float64{0.02, 0.1, 0.4, 0.9})
	for _, key := range keys {
		if r.Float64() < share {
			set[key] = oneOf(r, pools[key])
		}
		// Joined at random, values that are harmless alone may not be.
		if key == annotations.KeyEnv && r.IntN(4) == 0 {
			set[key] = oneOf(r, envs) + oneOf(r, []string{",", ", ", ",\n", "", " ", "\u00a0,"}) + oneOf(r, envs)
		}
	}
	set[annotations.KeyEnabled] = oneOf(r, yes)
	if r.IntN(8) == 0 {
		set[annotations.KeyEnabled] = oneOf(r, nearlyOn)
	}
	delete(set, annotations.KeyAppID)
	switch n := r.IntN(10); {
	case n < 7:
		set[annotations.KeyAppID] = oneOf(r, ids)
	case n < 9:
		set[annotations.KeyAppID] = oneOf(r, badIDs)
	}
	for range r.IntN(3) {
		set[oneOf(r, []string{"dapr.io/metric-port", "dapr.io/", "example.com/owner", "dapr.io/ENABLED", "sidecar.istio.io/inject"})] = oneOf(r, texts)
	}
	return set
}
