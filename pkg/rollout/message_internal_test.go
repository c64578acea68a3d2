// Copyright The kubectl-dapr-prod Authors.
// SPDX-License-Identifier: Apache-2.0

package rollout

import (
	"strings"
	"testing"
)

func TestLine(t *testing.T) {
	t.Parallel()
	for message, want := range map[string]string{
		`pods "a-1" is forbidden: exceeded quota: small, requested: pods=1, used: pods=2, limited: pods=2`: `pods "a-1" is forbidden: exceeded quota: small, requested: pods=1, used: pods=2, limited: pods=2`,
		`secret "orders-db-credentials-v2" not found`:                                                      `secret "orders-db-credentials-v2" not found`,
		"couldn't find key password1 in Secret shop/orders":                                                "couldn't find key password1 in Secret shop/orders",
		`container "app" must set securityContext.allowPrivilegeEscalation=false`:                          `container "app" must set securityContext.allowPrivilegeEscalation=false`,
		"failed to pull https://user:hunter2@registry/x":                                                   withheld,
		"two\nlines\tand  blanks":                                                                          "two lines and blanks",
		"\x1b[31mred\x1b[0m \u202eback \xff":                                                               "^[[31mred^[[0m ?back ?",
		strings.Repeat("ü", 400):                                                                           strings.Repeat("ü", longest) + "…",
	} {
		if got := line(message); got != want {
			t.Errorf("line(%q) = %q, want %q", message, got, want)
		}
	}
}

// What a container said may hold anything: nothing secret may come through.
func TestForeign(t *testing.T) {
	t.Parallel()
	for message, want := range map[string]string{
		"": "",
		"starting\n  listening\nfatal: cannot open /etc/app.yaml: no such file\n": "fatal: cannot open /etc/app.yaml: no such file",
		"one\r\ntwo":                                                         "two",
		"dial tcp: lookup db: no such host":                                  "dial tcp: lookup db: no such host",
		"cannot connect: Host=db;Password=hunter2":                           withheld,
		"amqp://user:hunter2@host refused":                                   withheld,
		"token=hunter2\nends here":                                           withheld,
		"wrong password: hunter2":                                            "wrong password: ***",
		`{"level":"error","db_password": "hunter2","msg":"x"}`:               withheld,
		`failed {"db_password": "hunter2", "x": 1}`:                          `failed {"db_password": ***`,
		"the password 'hunter2' is wrong":                                    "the password *** is wrong",
		"secret not found":                                                   "secret not found",
		"access denied for token swordfish":                                  "access denied for token ***",
		"Authorization: Bearer hunter2":                                      "Authorization: ***",
		"x-api-key: hunter2":                                                 "x-api-key: ***",
		"key sk-live-4f9a8c7b6d5e4f3a2b1c was refused":                       "key *** was refused",
		"eyJhbGciOiJIUzI1NiJ9.eyJzdWIiOiIxMjM0NTY3ODkwIn0.abc_DEF-123456789": "***.***.***",
		"3f2b8c1e-0d4a-4f6b-9a77-5c1d2e3f4a5b is expired":                    "*** is expired",
		"exit status 137 after 4096 tries of somethingratherlong":            "exit status 137 after 4096 tries of somethingratherlong",
	} {
		if got := foreign(message); got != want {
			t.Errorf("foreign(%q) = %q, want %q", message, got, want)
		}
	}
}
