// Copyright The kubectl-dapr-prod Authors.
// SPDX-License-Identifier: Apache-2.0

package dapr_test

import (
	"encoding/json"
	"math/rand/v2"
	"slices"
	"strings"
	"testing"
	"unicode/utf8"

	"github.com/dapr/dapr/pkg/injector/annotations"
	"github.com/dapr/dapr/pkg/injector/patcher"
	corev1 "k8s.io/api/core/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"

	"github.com/dapr-prod/kubectl-dapr-prod/pkg/dapr"
)

func TestSplitEnv(t *testing.T) {
	t.Parallel()
	for value, want := range map[string]string{
		"A=1":                  "A=1",
		"A=1,":                 "A=1,",
		"A=1,\n B=2":           "A=1|B=2",
		"A=1, B=2 ,C=3":        "A=1|B=2|C=3",
		"X=foo,bar":            "X=foo,bar",
		"A=1,b-c=2":            "A=1,b-c=2",
		"A=1,2C=3":             "A=1,2C=3",
		" A = 1 ":              "A = 1",
		"":                     "",
		"A":                    "A",
		"OTEL=a=1,b=2":         "OTEL=a=1|b=2",
		"A=1\nB=2":             "A=1\nB=2",
		`A="x,B=2"`:            `A="x|B=2"`,
		"A=,B=":                "A=|B=",
		"GOMEMLIMIT=900MiB,A=": "GOMEMLIMIT=900MiB|A=",
	} {
		if got := strings.Join(dapr.SplitEnv(value), "|"); got != want {
			t.Errorf("SplitEnv(%q) = %q, want %q", value, got, want)
		}
	}
}

// TestSplitEnvIsTheInjectors holds SplitEnv against the injector's own code.
func TestSplitEnvIsTheInjectors(t *testing.T) {
	t.Parallel()
	random := rand.New(rand.NewPCG(1, 2))
	parts := []string{"A", "b1", "_", "GOMEMLIMIT", "=", "=", ",", ",", " ", "\n", "\t", "-", ".", "9", "900MiB", `"`, `\`, "é"}
	for range 3000 {
		var value strings.Builder
		for range random.IntN(12) {
			value.WriteString(parts[random.IntN(len(parts))])
		}
		var want []string
		for _, e := range injected(t, value.String()) {
			want = append(want, e.Name+"="+e.Value)
		}
		var got []string
		for _, element := range dapr.SplitEnv(value.String()) {
			if strings.Contains(element, "=") {
				got = append(got, element)
			}
		}
		if strings.Join(got, "\x00") != strings.Join(want, "\x00") {
			t.Fatalf("%q: got %q, the injector makes of it %q", value.String(), got, want)
		}
	}
}

// injected are the variables that the injector makes of dapr.io/env.
func injected(t *testing.T, value string) []corev1.EnvVar {
	t.Helper()
	c := patcher.NewSidecarConfig(&corev1.Pod{ObjectMeta: metav1.ObjectMeta{Annotations: map[string]string{
		annotations.KeyAppID: "a", annotations.KeyEnv: value, annotations.KeyEnabled: "true",
	}}})
	c.SetFromPodAnnotations()
	patch, err := c.GetPatch()
	if err != nil {
		t.Fatal(err)
	}
	var sidecar corev1.Container
	for _, op := range patch {
		if path, _ := op.Path(); path == patcher.PatchPathContainers+"/-" {
			if err := json.Unmarshal(*op["value"], &sidecar); err != nil {
				t.Fatal(err)
			}
		}
	}
	// Before them stand five variables of the injector's, behind them the list of names.
	env := sidecar.Env[5:]
	for i := range env {
		if env[i].Name == "DAPR_ENV_KEYS" {
			return env[:i]
		}
	}
	return env
}

func TestSetEnv(t *testing.T) {
	t.Parallel()
	for value, want := range map[string]string{
		"":                          "GOMEMLIMIT=900MiB",
		" \n":                       "GOMEMLIMIT=900MiB",
		",":                         "GOMEMLIMIT=900MiB",
		"A=1":                       "A=1,GOMEMLIMIT=900MiB",
		"A=1,":                      "A=1,GOMEMLIMIT=900MiB",
		"A=1 , \n":                  "A=1 ,GOMEMLIMIT=900MiB",
		"A=1,,":                     "A=1,,GOMEMLIMIT=900MiB",
		"A=1,\n  B=2\n":             "A=1,\n  B=2,GOMEMLIMIT=900MiB",
		"X=foo,bar":                 "X=foo,bar,GOMEMLIMIT=900MiB",
		"A":                         "A,GOMEMLIMIT=900MiB",
		"OTEL=a=1,b=2":              "OTEL=a=1,b=2,GOMEMLIMIT=900MiB",
		"MY_GOMEMLIMIT=1":           "MY_GOMEMLIMIT=1,GOMEMLIMIT=900MiB",
		"gomemlimit=1":              "gomemlimit=1,GOMEMLIMIT=900MiB",
		"GOMEMLIMIT=900MiB":         "GOMEMLIMIT=900MiB",
		"GOMEMLIMIT=900Mi":          "GOMEMLIMIT=900MiB",
		"GOMEMLIMIT=":               "GOMEMLIMIT=900MiB",
		"GOMEMLIMIT=900Mi,":         "GOMEMLIMIT=900MiB",
		"GOMEMLIMIT=900Mi ,\n A=2":  "GOMEMLIMIT=900MiB ,\n A=2",
		" A=1 , GOMEMLIMIT= 9 \n":   " A=1 , GOMEMLIMIT=900MiB \n",
		"A=1,GOMEMLIMIT=1,B=2,":     "A=1,GOMEMLIMIT=900MiB,B=2,",
		"GOMEMLIMIT=1,GOMEMLIMIT=2": "GOMEMLIMIT=900MiB",
		"GOMEMLIMIT=1, A=1 ,\tGOMEMLIMIT=2,GOMEMLIMIT=3, B=2": " A=1 ,GOMEMLIMIT=900MiB, B=2",
	} {
		got, err := dapr.SetEnv(value, "GOMEMLIMIT", "900MiB")
		if got != want || err != nil {
			t.Errorf("SetEnv(%q) = %q, %v, want %q", value, got, err, want)
		}
		if again, err := dapr.SetEnv(got, "GOMEMLIMIT", "900MiB"); again != got || err != nil {
			t.Errorf("%q: once more makes %q, %v", got, again, err)
		}
	}
}

// TestSetEnvRefuses what the injector would read otherwise.
func TestSetEnvRefuses(t *testing.T) {
	t.Parallel()
	for _, tt := range []struct{ value, name, newValue string }{
		{"A=1", "B", "x,C=1"},
		{"A=1", "B", "x "},
		{"A=1", "B-C", "x"},
		{"A=1", "1B", "x"},
		{"A=1", "", "x"},
		{"A=1,B=2", "B", "x\n"},
		{"A=1", " B", "x"},
		{"B=1,C=2", "B", "x,C=3"},
	} {
		if got, err := dapr.SetEnv(tt.value, tt.name, tt.newValue); err == nil {
			t.Errorf("SetEnv(%q, %q, %q) = %q", tt.value, tt.name, tt.newValue, got)
		} else if strings.Contains(err.Error(), "C=") {
			t.Errorf("a value is printed: %v", err)
		}
	}
}

// FuzzSetEnv has the injector's own code read the result: the variable is there
// once, and all others are what they were.
func FuzzSetEnv(f *testing.F) {
	for _, seed := range []string{"", "A=1", "A=1,", "A=1 ,\n B=2", "GOMEMLIMIT=1,A=2,GOMEMLIMIT=3", "X=a,b,", "=,=", ",A=,GOMEMLIMIT=", "A = 1", "A,B", "\u00a0,A=1,\u00a0"} {
		f.Add(seed)
	}
	f.Fuzz(func(t *testing.T, value string) {
		if !utf8.ValidString(value) {
			t.Skip("the server takes no such text")
		}
		next, err := dapr.SetEnv(value, "GOMEMLIMIT", "900MiB")
		if err != nil {
			t.Fatalf("%q: %v", value, err)
		}
		limit := func(e corev1.EnvVar) bool { return e.Name == "GOMEMLIMIT" }
		before, after := injected(t, value), injected(t, next)
		if !slices.ContainsFunc(before, limit) {
			// The one comma at the end of the last value goes.
			before = injected(t, strings.TrimSuffix(strings.TrimSpace(value), ","))
		}
		own := slices.IndexFunc(after, limit)
		if own < 0 || after[own].Value != "900MiB" {
			t.Fatalf("%q became %q, of which the injector makes %v", value, next, after)
		}
		after = slices.Delete(after, own, own+1)
		if want := slices.DeleteFunc(before, limit); !slices.Equal(after, want) {
			t.Errorf("%q became %q: the others are %v, and were %v", value, next, after, want)
		}
	})
}
