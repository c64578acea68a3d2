// Copyright The kubectl-dapr-prod Authors.
// SPDX-License-Identifier: Apache-2.0

package usage

import (
	"crypto/tls"
	"crypto/x509"
	"errors"
	"fmt"
	"net/http"
	"net/url"
	"os"
	"strings"
	"time"
	"unicode"
)

// Access is how a Prometheus lets somebody in. No value of it is in an error.
type Access struct {
	// BearerToken goes with each request; BearerTokenFile holds one.
	BearerToken, BearerTokenFile string
	// BasicAuthFile holds one line, USER:PASSWORD.
	BasicAuthFile string
	// CAFile holds the certificates, in PEM, that may sign the server's; without it
	// those of the system do.
	CAFile string
	// Headers go with each request, as X-Scope-OrgID does to a store of several tenants.
	Headers http.Header
}

// Dial is the Prometheus at an http or https URL, which may have a path, as that of
// Mimir does, and a user's name and password.
func (a Access) Dial(address string) (*Prometheus, error) {
	base, err := url.Parse(address)
	if err != nil || base.Host == "" || base.Scheme != "http" && base.Scheme != "https" {
		return nil, errors.New("the URL of Prometheus is not one such as https://prometheus.example.com")
	}
	headers, secrets, err := a.headers(base.User)
	if err != nil {
		return nil, err
	}
	transport, err := a.transport()
	if err != nil {
		return nil, err
	}
	base = &url.URL{Scheme: base.Scheme, Host: base.Host, Path: base.Path, RawPath: base.RawPath}
	p := NewPrometheus(base, transport)
	p.headers, p.secrets = headers, secrets
	return p, nil
}

// headers are those of each request, and what of them is secret.
func (a Access) headers(user *url.Userinfo) (http.Header, []string, error) {
	all := a.Headers.Clone()
	if all == nil {
		all = http.Header{}
	}
	var secrets []string
	for name, values := range all {
		for _, value := range values {
			if name == "" || strings.ContainsAny(name, " :") || controls(name) || controls(value) {
				return nil, nil, fmt.Errorf("the header %q for Prometheus, or its value, is not one that HTTP knows", name)
			}
			for _, part := range append([]string{value}, strings.Fields(value)...) { // of "Bearer TOKEN" the token alone, too
				if len(part) >= 8 { // the name of a tenant is no secret, and may be a word of any sentence
					secrets = append(secrets, part)
				}
			}
		}
	}
	login, err := a.login(user)
	if err != nil || login == "" {
		return all, secrets, err
	}
	if controls(login) {
		return nil, nil, errors.New("the bearer token for Prometheus has characters that no token has")
	}
	all.Set("Authorization", login)
	_, encoded, _ := strings.Cut(login, " ")
	return all, append(secrets, encoded, a.passwordOf(login)), nil
}

// controls tells whether a text has what no header may have.
func controls(text string) bool { return strings.ContainsFunc(text, unicode.IsControl) }

// login is the value of the Authorization header; empty where nobody logs in.
func (a Access) login(user *url.Userinfo) (string, error) {
	var logins []string
	if a.BearerToken != "" {
		logins = append(logins, "Bearer "+a.BearerToken)
	}
	if a.BearerTokenFile != "" {
		token, err := secretFile(a.BearerTokenFile)
		if err != nil {
			return "", fmt.Errorf("the bearer token for Prometheus: %w", err)
		}
		logins = append(logins, "Bearer "+token)
	}
	if a.BasicAuthFile != "" {
		pair, err := secretFile(a.BasicAuthFile)
		if err != nil {
			return "", fmt.Errorf("user and password for Prometheus: %w", err)
		}
		name, password, both := strings.Cut(pair, ":")
		if !both {
			return "", fmt.Errorf("%s has no line USER:PASSWORD", a.BasicAuthFile)
		}
		logins = append(logins, basic(name, password))
	}
	if user != nil {
		password, _ := user.Password()
		logins = append(logins, basic(user.Username(), password))
	}
	switch len(logins) {
	case 0:
		return "", nil
	case 1:
		return logins[0], nil
	}
	return "", errors.New("Prometheus can be told one login: a bearer token, a file with user and password, or both in the URL")
}

// basic is the header of a user and a password.
func basic(user, password string) string {
	r := http.Request{Header: http.Header{}}
	r.SetBasicAuth(user, password)
	return r.Header.Get("Authorization")
}

// passwordOf is the password in plain text of a login that has one.
func (a Access) passwordOf(login string) string {
	_, password, _ := (&http.Request{Header: http.Header{"Authorization": {login}}}).BasicAuth()
	return password
}

// secretFile is the one line of a file.
func secretFile(name string) (string, error) {
	content, err := os.ReadFile(name)
	if err != nil {
		return "", err
	}
	line := strings.TrimSpace(string(content))
	if line == "" || strings.ContainsAny(line, "\r\n") {
		return "", fmt.Errorf("%s must hold one line", name)
	}
	return line, nil
}

// transport speaks TLS with the authorities of the file.
func (a Access) transport() (http.RoundTripper, error) {
	transport := http.DefaultTransport.(*http.Transport).Clone()
	transport.ResponseHeaderTimeout = 0 // the context ends it
	transport.TLSHandshakeTimeout = 10 * time.Second
	if a.CAFile == "" {
		return transport, nil
	}
	content, err := os.ReadFile(a.CAFile)
	if err != nil {
		return nil, fmt.Errorf("the authorities for Prometheus: %w", err)
	}
	roots := x509.NewCertPool()
	if !roots.AppendCertsFromPEM(content) {
		return nil, fmt.Errorf("%s holds no certificate in PEM", a.CAFile)
	}
	transport.TLSClientConfig = &tls.Config{RootCAs: roots, MinVersion: tls.VersionTLS12}
	return transport, nil
}
