// Copyright The kubectl-dapr-prod Authors.
// SPDX-License-Identifier: Apache-2.0

package collect

import (
	"bytes"
	"compress/gzip"
	"context"
	"encoding/base64"
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"net/http/httptest"
	"slices"
	"strings"
	"sync"
	"testing"

	apierrors "k8s.io/apimachinery/pkg/api/errors"
	"k8s.io/client-go/rest"

	"github.com/dapr-prod/kubectl-dapr-prod/pkg/snapshot"
)

// secretValue stands for everything in a record that nobody may see.
const secretValue = "hunter2"

// recordText is what Helm keeps of a release, before it is packed.
func recordText(t *testing.T, change func(record map[string]any)) []byte {
	t.Helper()
	record := map[string]any{
		"name": "dapr", "namespace": "dapr-system", "version": 7,
		"info":  map[string]any{"status": "deployed", "notes": secretValue},
		"chart": map[string]any{"metadata": map[string]any{"version": "1.18.3", "appVersion": "1.18.3-app"}, "values": map[string]any{"a": 1}},
		"config": map[string]any{
			"global":         map[string]any{"ha": map[string]any{"enabled": true}, "tag": secretValue},
			"dapr_scheduler": map[string]any{"etcdClientPassword": secretValue, "etcdClientEndpoints": []any{map[string]any{"deep": secretValue}}, "nothing": nil},
			"empty":          map[string]any{},
		},
		"manifest": `---
# Source: dapr/charts/dapr_operator/templates/dapr_operator_deployment.yaml
apiVersion: apps/v1
kind: Deployment
metadata:
  name: dapr-operator
  labels: {app: dapr-operator}
spec:
  replicas: 3
  template:
    metadata: {annotations: {dapr.io/control-plane: operator}}
    spec: {containers: [{name: dapr-operator, image: "ghcr.io/dapr/operator:1.18.3"}]}
---
apiVersion: v1
kind: Secret
metadata: {name: dapr-trust-bundle}
stringData: {issuer.key: ` + secretValue + `}
`,
	}
	if change != nil {
		change(record)
	}
	text, err := json.Marshal(record)
	if err != nil {
		t.Fatal(err)
	}
	return text
}

func zipped(t *testing.T, text []byte) []byte {
	t.Helper()
	var b bytes.Buffer
	w := gzip.NewWriter(&b)
	if _, err := w.Write(text); err != nil {
		t.Fatal(err)
	}
	if err := w.Close(); err != nil {
		t.Fatal(err)
	}
	return b.Bytes()
}

func encoded(data []byte) []byte { return []byte(base64.StdEncoding.EncodeToString(data)) }

func TestReadRecord(t *testing.T) {
	t.Parallel()
	for name, data := range map[string][]byte{
		"packed":     encoded(zipped(t, recordText(t, nil))),
		"not packed": encoded(recordText(t, nil)),
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			r, err := readRecord(context.Background(), data)
			if err != nil {
				t.Fatal(err)
			}
			got := fmt.Sprintf("%s/%s %s %s %d %s", r.Namespace, r.Name, r.ChartVersion, r.AppVersion, r.Revision, r.Status)
			if want := "dapr-system/dapr 1.18.3 1.18.3-app 7 deployed"; got != want {
				t.Errorf("got %s, want %s", got, want)
			}
			want := []string{"dapr_scheduler.etcdClientEndpoints", "dapr_scheduler.etcdClientPassword", "dapr_scheduler.nothing", "global.ha.enabled", "global.tag"}
			if !slices.Equal(r.Values, want) {
				t.Errorf("values %v, want %v", r.Values, want)
			}
			if len(r.Workloads) != 1 || r.Workloads[0].Desired != 3 || r.Workloads[0].Object.Namespace != "dapr-system" || r.Workloads[0].Source.File != "" {
				t.Errorf("workloads %+v", r.Workloads)
			}
			if strings.Contains(fmt.Sprintf("%#v", r), secretValue) {
				t.Errorf("a value is kept: %#v", r)
			}
		})
	}
}

func TestReadRecordGarbage(t *testing.T) {
	t.Parallel()
	whole := zipped(t, recordText(t, nil))
	for name, data := range map[string][]byte{
		"nothing":              nil,
		"no base64":            []byte("!" + secretValue),
		"base64 of nothing":    encoded(nil),
		"cut off":              encoded(whole[:len(whole)/2]),
		"a head of gzip alone": encoded([]byte{0x1f, 0x8b}),
		"no JSON":              encoded(zipped(t, []byte(secretValue))),
		"JSON cut off":         encoded(zipped(t, recordText(t, nil)[:200])),
		"another type":         encoded(zipped(t, []byte(`{"version":"`+secretValue+`"}`))),
		"a list":               encoded(zipped(t, []byte(`["`+secretValue+`"]`))),
		"values of one type":   encoded(zipped(t, []byte(`{"config":"`+secretValue+`"}`))),
		"more than it may be":  encoded(zipped(t, append(recordText(t, nil), bytes.Repeat([]byte(" "), recordLimit)...))),
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			_, err := readRecord(context.Background(), data)
			if !errors.Is(err, errRecord) {
				t.Fatalf("got %v", err)
			}
			if strings.Contains(err.Error(), secretValue) {
				t.Errorf("a value is told: %v", err)
			}
		})
	}
}

// TestReadRecordWithAnOddManifest: the rest of the record counts all the same.
func TestReadRecordWithAnOddManifest(t *testing.T) {
	t.Parallel()
	for name, change := range map[string]func(was string) string{
		"noise":                 func(string) string { return "{" + secretValue + ": [" },
		"one object among many": func(was string) string { return strings.Replace(was, "replicas: 3", "replicas: "+secretValue, 1) },
		"empty":                 func(string) string { return "" },
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			text := recordText(t, func(record map[string]any) { record["manifest"] = change(record["manifest"].(string)) })
			r, err := readRecord(context.Background(), encoded(text))
			if err != nil || r.Revision != 7 || len(r.Values) == 0 || len(r.Workloads) != 0 {
				t.Errorf("got %+v, %v", r, err)
			}
		})
	}
}

// TestReadRecordAtTheLimit: what is as large as may be is read whole.
func TestReadRecordAtTheLimit(t *testing.T) {
	t.Parallel()
	text := recordText(t, nil)
	text = append(text, bytes.Repeat([]byte(" "), recordLimit-len(text))...)
	if r, err := readRecord(context.Background(), encoded(zipped(t, text))); err != nil || r.Revision != 7 {
		t.Errorf("got %v, %v", r, err)
	}
}

// records is an API server that holds Helm's records, and nothing else.
type records struct {
	// lists are the metadata of a resource's objects, entries their contents by
	// path; what is in neither is forbidden.
	lists   map[string]string
	entries map[string]string
	mutex   sync.Mutex
	asked   []string
}

func (s *records) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	w.Header().Set("Content-Type", "application/json")
	s.mutex.Lock()
	defer s.mutex.Unlock()
	resource := strings.TrimPrefix(r.URL.Path, "/api/v1/namespaces/dapr-system/")
	s.asked = append(s.asked, resource)
	items, listed := s.lists[resource]
	content, found := s.entries[resource]
	switch {
	case listed && !strings.Contains(r.Header.Get("Accept"), "as=PartialObjectMetadataList"),
		listed && r.URL.Query().Get("labelSelector") != "name=dapr,owner=helm",
		!listed && !found:
		w.WriteHeader(http.StatusForbidden)
		fmt.Fprint(w, `{"apiVersion":"v1","kind":"Status","status":"Failure","reason":"Forbidden","code":403}`)
	case listed:
		fmt.Fprintf(w, `{"apiVersion":"meta.k8s.io/v1","kind":"PartialObjectMetadataList","items":[%s]}`, items)
	default:
		fmt.Fprint(w, content)
	}
}

// recordNamed is the metadata of one record.
func recordNamed(version string) string {
	return fmt.Sprintf(`{"metadata":{"name":"sh.helm.release.v1.dapr.v%s","labels":{"version":"%s"}}}`, version, version)
}

func TestNewestRecord(t *testing.T) {
	t.Parallel()
	record := string(encoded(zipped(t, recordText(t, nil))))
	secret := fmt.Sprintf(`{"apiVersion":"v1","kind":"Secret","data":{"release":%q}}`, encoded([]byte(record)))
	configMap := fmt.Sprintf(`{"apiVersion":"v1","kind":"ConfigMap","data":{"release":%q}}`, record)
	three := strings.Join([]string{recordNamed("9"), recordNamed("10"), recordNamed("x"), recordNamed("2")}, ",")
	for _, tt := range []struct {
		name           string
		lists, entries map[string]string
		// asked is what is asked for, in order.
		asked            string
		found, forbidden bool
	}{
		{
			name:    "the highest number counts, not the last name",
			lists:   map[string]string{"secrets": three},
			entries: map[string]string{"secrets/sh.helm.release.v1.dapr.v10": secret},
			asked:   "secrets secrets/sh.helm.release.v1.dapr.v10",
			found:   true,
		},
		{
			name:    "in ConfigMaps",
			lists:   map[string]string{"secrets": "", "configmaps": three},
			entries: map[string]string{"configmaps/sh.helm.release.v1.dapr.v10": configMap},
			asked:   "secrets configmaps configmaps/sh.helm.release.v1.dapr.v10",
			found:   true,
		},
		{"none", map[string]string{"secrets": "", "configmaps": ""}, nil, "secrets configmaps", false, false},
		{"Secrets may not be listed", map[string]string{"configmaps": three}, nil, "secrets", false, true},
		{"the record may not be read", map[string]string{"secrets": three}, nil, "secrets secrets/sh.helm.release.v1.dapr.v10", false, true},
		{"ConfigMaps may not be listed", map[string]string{"secrets": ""}, nil, "secrets configmaps", false, true},
	} {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			server := &records{lists: tt.lists, entries: tt.entries}
			address := httptest.NewServer(server)
			defer address.Close()
			l, err := newLister(&rest.Config{Host: address.URL}, 0)
			if err != nil {
				t.Fatal(err)
			}
			r, err := l.release(context.Background(), "dapr-system", "dapr")
			if got := strings.Join(server.asked, " "); got != tt.asked {
				t.Errorf("asked for %s, want %s", got, tt.asked)
			}
			if (r != nil) != tt.found || apierrors.IsForbidden(err) != tt.forbidden || err != nil && !tt.forbidden {
				t.Errorf("got %v, %v", r, err)
			}
		})
	}
}

func TestReleaseOf(t *testing.T) {
	t.Parallel()
	in := func(namespace string, annotations map[string]string) controlPlaneWorkload {
		return controlPlaneWorkload{ControlPlaneWorkload: snapshot.ControlPlaneWorkload{
			Object: snapshot.Object{Namespace: namespace}, Annotations: annotations,
		}}
	}
	all := []controlPlaneWorkload{
		in("plain", nil),
		in("dapr-system", nil),
		in("dapr-system", map[string]string{releaseName: "dapr", releaseNamespace: "platform"}),
		in("dapr-two", map[string]string{releaseName: "two"}),
	}
	for namespace, want := range map[string]string{"plain": "", "dapr-system": "platform/dapr", "dapr-two": "dapr-two/two", "other": ""} {
		ns, name, found := releaseOf(all, namespace)
		if got := strings.Trim(ns+"/"+name, "/"); got != want || found != (want != "") {
			t.Errorf("%s: got %s, want %s", namespace, got, want)
		}
	}
}
