// Copyright The kubectl-dapr-prod Authors.
// SPDX-License-Identifier: Apache-2.0

//go:build charts

package helm_test

import (
	"archive/tar"
	"bytes"
	"compress/gzip"
	"crypto/sha256"
	"encoding/base64"
	"encoding/json"
	"encoding/pem"
	"fmt"
	"io/fs"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/dapr-prod/kubectl-dapr-prod/pkg/helm"
	"github.com/dapr-prod/kubectl-dapr-prod/test/cluster/kube"
)

const (
	user     = "reader"
	password = marker + "-password"
)

// shop is a chart repository and an OCI registry, over TLS, for who has the password.
type shop struct {
	version string
	archive []byte
}

// front serves on loopback. TLS is trusted by the file that TestMain names.
var front = httptest.NewUnstartedServer(nil)

func TestMain(m *testing.M) {
	if os.Getenv(asProgram) != "" {
		os.Exit(program())
	}
	front.StartTLS()
	folder, err := os.MkdirTemp("", "helm-test-")
	if err != nil {
		panic(err)
	}
	ca := filepath.Join(folder, "ca.pem")
	if err := os.WriteFile(ca, pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: front.Certificate().Raw}), 0o600); err != nil {
		panic(err)
	}
	os.Setenv("SSL_CERT_FILE", ca)
	code := kube.Apart(m, marker)
	front.Close()
	_ = os.RemoveAll(folder)
	os.Exit(code)
}

// ServeHTTP answers as a chart repository below /charts, and as a registry below /v2.
func (s *shop) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	if name, given, _ := r.BasicAuth(); name != user || given != password {
		w.Header().Set("WWW-Authenticate", `Basic realm="shop"`)
		http.Error(w, "who are you?", http.StatusUnauthorized)
		return
	}
	config := []byte(fmt.Sprintf(`{"name":"dapr","version":%q,"apiVersion":"v2"}`, s.version))
	manifest := []byte(fmt.Sprintf(`{"schemaVersion":2,"mediaType":"application/vnd.oci.image.manifest.v1+json","config":%s,"layers":[%s]}`,
		descriptor("application/vnd.cncf.helm.config.v1+json", config), descriptor("application/vnd.cncf.helm.chart.content.v1.tar+gzip", s.archive)))
	switch path := r.URL.Path; {
	case path == "/charts/index.yaml":
		fmt.Fprintf(w, "apiVersion: v1\nentries:\n  dapr:\n  - {apiVersion: v2, name: dapr, version: %s, urls: [dapr.tgz]}\n", s.version)
	case path == "/charts/dapr.tgz":
		_, _ = w.Write(s.archive)
	case path == "/v2/":
	case path == "/v2/charts/dapr/manifests/"+s.version, path == "/v2/charts/dapr/manifests/"+digest(manifest):
		w.Header().Set("Content-Type", "application/vnd.oci.image.manifest.v1+json")
		w.Header().Set("Docker-Content-Digest", digest(manifest))
		_, _ = w.Write(manifest)
	case path == "/v2/charts/dapr/blobs/"+digest(config):
		_, _ = w.Write(config)
	case path == "/v2/charts/dapr/blobs/"+digest(s.archive):
		_, _ = w.Write(s.archive)
	default:
		http.NotFound(w, r)
	}
}

func digest(content []byte) string { return fmt.Sprintf("sha256:%x", sha256.Sum256(content)) }

func descriptor(media string, content []byte) string {
	return fmt.Sprintf(`{"mediaType":%q,"digest":%q,"size":%d}`, media, digest(content), len(content))
}

// packed is a chart as helm package makes it.
func packed(t *testing.T, folder string) []byte {
	t.Helper()
	var content bytes.Buffer
	zip := gzip.NewWriter(&content)
	archive := tar.NewWriter(zip)
	err := filepath.WalkDir(folder, func(path string, entry fs.DirEntry, err error) error {
		if err != nil || entry.IsDir() {
			return err
		}
		text, err := os.ReadFile(path)
		if err != nil {
			return err
		}
		name, err := filepath.Rel(folder, path)
		if err != nil {
			return err
		}
		if err := archive.WriteHeader(&tar.Header{Name: "dapr/" + filepath.ToSlash(name), Mode: 0o644, Size: int64(len(text))}); err != nil {
			return err
		}
		_, err = archive.Write(text)
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	if err := archive.Close(); err != nil {
		t.Fatal(err)
	}
	if err := zip.Close(); err != nil {
		t.Fatal(err)
	}
	return content.Bytes()
}

// TestSources loads the chart from wherever charts are, and proves it.
func TestSources(t *testing.T) {
	b := newBench(t, "1.18.3", users)
	r := b.open()
	s := &shop{version: r.ChartVersion, archive: packed(t, b.chart)}
	front.Config.Handler = s
	host := strings.TrimPrefix(front.URL, "https://")
	folder := t.TempDir()
	write := func(name, text string) string {
		path := filepath.Join(folder, name)
		if err := os.WriteFile(path, []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
		return path
	}
	archive := write("dapr.tgz", string(s.archive))
	repositories := write("repositories.yaml", fmt.Sprintf("repositories:\n- {name: never-fetched, url: https://nowhere.example.com}\n- {name: ours, url: %s/charts, username: %s, password: %s}\n", front.URL, user, password))
	credentials, err := json.Marshal(map[string]any{"auths": map[string]any{host: map[string]string{"auth": base64.StdEncoding.EncodeToString([]byte(user + ":" + password))}}})
	if err != nil {
		t.Fatal(err)
	}
	t.Setenv("HELM_REPOSITORY_CONFIG", repositories)
	t.Setenv("HELM_REGISTRY_CONFIG", write("registry.json", string(credentials)))
	t.Setenv("HELM_REPOSITORY_CACHE", filepath.Join(folder, "cache"))
	t.Setenv("HELM_CONTENT_CACHE", filepath.Join(folder, "content"))

	for name, ref := range map[string]string{
		"folder": b.chart, "archive": archive, "named repository": "ours/dapr", "repository": front.URL + "/charts",
		"archive in a repository": front.URL + "/charts/dapr.tgz", "registry": "oci://" + host + "/charts/dapr", "tag": "oci://" + host + "/charts/dapr:" + r.ChartVersion,
	} {
		c, err := r.Load(t.Context(), helm.Source{Ref: ref, Version: r.ChartVersion})
		if err != nil {
			t.Errorf("%s: %v", name, err)
			continue
		}
		if p, err := r.Plan(t.Context(), c, nil, helm.Options{}); err != nil || !p.Empty() {
			t.Errorf("%s: %v", name, err)
		}
	}

	// A repository that has another version only, and one that wants another password.
	refused := func(name, ref string) {
		t.Helper()
		_, err := r.Load(t.Context(), helm.Source{Ref: ref})
		if err == nil {
			t.Errorf("%s is loaded", name)
			return
		}
		b.silent(err.Error())
		t.Logf("%s: %v", name, err)
	}
	s.version = "1.99.0"
	refused("another version in a repository", "ours/dapr")
	refused("another version in a registry", "oci://"+host+"/charts/dapr")
	refused("no such repository", "theirs/dapr")
	refused("a password in a URL that is wrong", strings.Replace(front.URL, "https://", "https://reader:"+marker+"@", 1)+"/charts")
	s.version = r.ChartVersion
	t.Setenv("HELM_REPOSITORY_CONFIG", filepath.Join(folder, "none"))
	t.Setenv("HELM_REGISTRY_CONFIG", filepath.Join(folder, "none"))
	refused("a repository without credentials", front.URL+"/charts")
	refused("a registry without credentials", "oci://"+host+"/charts/dapr")

	// The server's storage stays as it is: lookup finds it, whatever the values say.
	p := b.plan("dapr_scheduler: {cluster: {storageSize: 32Gi}}", helm.Options{})
	if len(p.Changes) > 0 || p.Empty() {
		t.Errorf("the scheduler's storage: %+v", p.Changes)
	}
}
