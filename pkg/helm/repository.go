// Copyright The kubectl-dapr-prod Authors.
// SPDX-License-Identifier: Apache-2.0

package helm

import (
	"io"
	"net/url"
	"strings"

	"helm.sh/helm/v4/pkg/downloader"
	"helm.sh/helm/v4/pkg/getter"
	"helm.sh/helm/v4/pkg/registry"
	"helm.sh/helm/v4/pkg/repo/v1"
)

// entries are the repositories that helm repo add knows.
func entries() []*repo.Entry {
	file, err := repo.LoadFile(settings().RepositoryConfig)
	if err != nil {
		return nil // there is none for who never added one
	}
	return file.Repositories
}

// entryNamed is the repository of a name; nil if Helm knows none.
func entryNamed(name string) *repo.Entry {
	for _, entry := range entries() {
		if entry.Name == name {
			return entry
		}
	}
	return nil
}

// entryFor is the repository that a URL is of, with its credentials; one without
// credentials if Helm knows none.
func entryFor(ref string) *repo.Entry {
	for _, entry := range entries() {
		base := strings.TrimSuffix(entry.URL, "/")
		if ref == base || strings.HasPrefix(ref, base+"/") {
			return entry
		}
	}
	return &repo.Entry{URL: ref}
}

// fetchFrom fetches a chart from a repository, whose index is read anew.
func fetchFrom(entry *repo.Entry, name, version string) (string, error) {
	address, err := repo.FindChartInRepoURL(entry.URL, name, getter.All(settings()),
		repo.WithChartVersion(version),
		repo.WithClientTLS(entry.CertFile, entry.KeyFile, entry.CAFile),
		repo.WithUsernamePassword(entry.Username, entry.Password),
		repo.WithInsecureSkipTLSVerify(entry.InsecureSkipTLSVerify),
		repo.WithPassCredentialsAll(entry.PassCredentialsAll))
	if err != nil {
		return "", err
	}
	return download(entry, address)
}

// download fetches an archive with the credentials of a repository, which go nowhere
// else unless Helm was told so.
func download(entry *repo.Entry, address string) (string, error) {
	options := []getter.Option{
		getter.WithURL(entry.URL),
		getter.WithPassCredentialsAll(entry.PassCredentialsAll),
		getter.WithTLSClientConfig(entry.CertFile, entry.KeyFile, entry.CAFile),
		getter.WithInsecureSkipVerifyTLS(entry.InsecureSkipTLSVerify),
	}
	if entry.PassCredentialsAll || sameHost(entry.URL, address) {
		options = append(options, getter.WithBasicAuth(entry.Username, entry.Password))
	}
	d := newDownloader()
	d.Options = options
	// An index may name its charts in a registry.
	if registry.IsOCI(address) {
		return fetchOCI(address, "")
	}
	path, _, err := d.DownloadToCache(address, "")
	return path, err
}

// sameHost tells whether two URLs go to the same scheme, host and port.
func sameHost(a, b string) bool {
	one, err := url.Parse(a)
	if err != nil {
		return false
	}
	other, err := url.Parse(b)
	return err == nil && one.Scheme == other.Scheme && one.Host == other.Host
}

// fetchOCI fetches a chart from a registry, with the credentials that helm registry
// login or docker login left.
func fetchOCI(ref, version string) (string, error) {
	client, err := registry.NewClient(
		registry.ClientOptEnableCache(true),
		registry.ClientOptWriter(io.Discard),
		registry.ClientOptCredentialsFile(settings().RegistryConfig))
	if err != nil {
		return "", err
	}
	d := newDownloader()
	d.RegistryClient = client
	d.Options = []getter.Option{getter.WithRegistryClient(client)}
	path, _, err := d.DownloadToCache(ref, version)
	return path, err
}

// newDownloader is Helm's, with its cache of charts. It does not look for the
// repository of a URL itself: it would fail where an index was never fetched.
func newDownloader() *downloader.ChartDownloader {
	s := settings()
	return &downloader.ChartDownloader{
		Out: io.Discard, Getters: getter.All(s), ContentCache: s.ContentCache, RepositoryCache: s.RepositoryCache,
	}
}
