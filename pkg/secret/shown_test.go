// Copyright The kubectl-dapr-prod Authors.
// SPDX-License-Identifier: Apache-2.0

package secret_test

import (
	"strconv"
	"testing"

	"github.com/dapr-prod/kubectl-dapr-prod/pkg/secret"
)

func TestShown(t *testing.T) {
	t.Parallel()
	for _, value := range []string{
		"", "yes", "ture", "True", "enabled", "critical", "TRACE", "1000MB", "1000mi", " 100m", "300m ", "250 Mi", "0,3", "0.3 cores", "1 CPU", "-5", "20", "20 seconds", "10%",
	} {
		if got := secret.Shown(value); got != strconv.Quote(value) {
			t.Errorf("Shown(%q) = %s", value, got)
		}
	}
	for _, value := range []string{
		"hunter2", "hunter2 pass:word", "0123456789abcdef", "aBcDeFgH", "correcthorse", "correct horse", "1234567890123", "12ab34", "p@ss", "yes\n", "a=b", "amqp://u:p@h",
	} {
		if got := secret.Shown(value); got != "(not printed: it may be secret)" {
			t.Errorf("Shown(%q) = %s", value, got)
		}
	}
}
