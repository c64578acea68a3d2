// Copyright The kubectl-dapr-prod Authors.
// SPDX-License-Identifier: Apache-2.0

package dapr_test

import (
	"strings"
	"testing"
	"time"

	"github.com/dapr-prod/kubectl-dapr-prod/pkg/dapr"
)

func date(t *testing.T, s string) time.Time {
	t.Helper()
	at, err := time.Parse(time.DateOnly, s)
	if err != nil {
		t.Fatal(err)
	}
	return at
}

func TestSupportTables(t *testing.T) {
	t.Parallel()
	for _, minor := range []string{"1.13", "1.14", "1.15", "1.16", "1.17", "1.18"} {
		v := parse(t, minor)
		if oldest, newest, known := dapr.TestedWith(v); !known || oldest > newest {
			t.Errorf("%s is tested with %d to %d", minor, oldest, newest)
		}
		if got := dapr.NewestPatch(parse(t, minor+".0")); got != v {
			t.Errorf("the newest patch of %s is %s", minor, got)
		}
		if missing := dapr.SecurityFixesMissing(v); len(missing) > 0 {
			t.Errorf("%s, the newest patch, lacks %v", v, missing)
		}
	}
	for _, v := range []dapr.Version{parse(t, "1.12.5"), parse(t, "1.19.0"), parse(t, "2.13.0"), {}} {
		_, _, tested := dapr.TestedWith(v)
		if tested || dapr.NewestPatch(v).Known() || len(dapr.SecurityFixesMissing(v)) > 0 {
			t.Errorf("something is known of %s", v)
		}
	}
	if oldest, newest, _ := dapr.TestedWith(parse(t, "1.17.3")); oldest != 32 || newest != 34 {
		t.Errorf("1.17 is tested with %d to %d", oldest, newest)
	}
}

func TestSupported(t *testing.T) {
	t.Parallel()
	for version, want := range map[string]bool{
		"1.13.6": false, "1.15.14": false, "1.16.0": true, "1.16.0-rc.1": true, "1.18.3": true, "1.18.9": true, "1.19.0": true, "2.0.0": true, "0.11.0": false,
	} {
		if got := dapr.Supported(parse(t, version)); got != want {
			t.Errorf("Supported(%s) = %v", version, got)
		}
	}
	if dapr.Supported(dapr.Version{}) {
		t.Error("an unknown version is supported")
	}
}

func TestSecurityFixesMissing(t *testing.T) {
	t.Parallel()
	for version, want := range map[string]string{
		"1.13.2": "1.13.3 1.13.4", "1.13.3": "1.13.4", "1.13.4": "", "1.14.0": "", "1.15.0": "", "1.16.11": "1.16.12 1.16.13 1.16.14", "1.16.14": "",
		"1.17.2": "1.17.3 1.17.3 1.17.5 1.17.6 1.17.8 1.17.12", "1.17.5-mariner": "1.17.6 1.17.8 1.17.12", "1.18.1": "1.18.2 1.18.2", "1.18.2": "",
	} {
		var in []string
		for _, fix := range dapr.SecurityFixesMissing(parse(t, version)) {
			in = append(in, fix.In.String())
			if fix.Text == "" || strings.HasSuffix(fix.Text, ".") {
				t.Errorf("%s: %q", fix.In, fix.Text)
			}
		}
		if got := strings.Join(in, " "); got != want {
			t.Errorf("SecurityFixesMissing(%s) = %s, want %s", version, got, want)
		}
	}
}

func TestDataAge(t *testing.T) {
	t.Parallel()
	then := date(t, dapr.DataDate)
	for days, want := range map[int]bool{-1: false, 0: false, 180: false, 181: true, 1000: true} {
		age, stale := dapr.DataAge(then.AddDate(0, 0, days))
		if stale != want || age != time.Duration(days)*24*time.Hour {
			t.Errorf("after %d days: %s, %v", days, age, stale)
		}
	}
}
