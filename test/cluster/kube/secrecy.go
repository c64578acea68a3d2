// Copyright The kubectl-dapr-prod Authors.
// SPDX-License-Identifier: Apache-2.0

package kube

import (
	"encoding/base64"
	"errors"
	"flag"
	"fmt"
	"io/fs"
	"maps"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"sync"

	corev1 "k8s.io/api/core/v1"
)

// shortest is the length of what counts as a secret, in bytes: what is shorter is a word
// that may stand anywhere.
const shortest = 8

// plainInShop is what examples/shop has in plain text where a Secret should be.
const plainInShop = "not-a-real-password"

// secrecy holds what Secrets had in them at any time, and what the program said and
// wrote down. Nothing of the one may stand in the other.
type secrecy struct {
	mutex sync.Mutex
	// values are what is secret, with where it was.
	values map[string]string
	// ours tells that a test's own namespace had a Secret.
	ours bool
	// said are the lines of outputs, logs and journals, each once, with the run that said
	// it first: many runs say the same.
	said map[string]string
}

// heard is what the tests of this process heard; nil where nobody listens. It is set
// before any test runs.
var heard *secrecy

// listen begins to keep what is said. planted are secrets that are in no Secret.
func listen(planted ...string) *secrecy {
	heard = &secrecy{values: map[string]string{plainInShop: "examples/shop"}, said: map[string]string{}}
	for _, value := range planted {
		heard.values[value] = "what the tests planted"
	}
	return heard
}

// add takes in what a Secret holds. A certificate is for everybody to see, a record of Helm
// is in code, and of a ServiceAccount the token alone is secret.
func (s *secrecy) add(secret *corev1.Secret) {
	if secret.Type == "helm.sh/release.v1" {
		return
	}
	s.mutex.Lock()
	defer s.mutex.Unlock()
	s.ours = s.ours || strings.HasPrefix(secret.Namespace, NamespacePrefix)
	for key, value := range secret.Data {
		text := string(value)
		if strings.HasPrefix(text, "-----BEGIN CERTIFICATE") || secret.Type == corev1.SecretTypeServiceAccountToken && key != corev1.ServiceAccountTokenKey {
			continue
		}
		// Each line, since lines are joined by other signs in JSON; and as a Secret has it.
		for _, part := range append(strings.Split(text, "\n"), base64.StdEncoding.EncodeToString(value)) {
			if part = strings.TrimSpace(part); len(part) >= shortest && !strings.HasPrefix(part, "-----") {
				s.values[part] = "Secret " + secret.Namespace + "/" + secret.Name + ", " + key
			}
		}
	}
}

// note keeps what a run said.
func (s *secrecy) note(run string, texts ...string) {
	s.mutex.Lock()
	defer s.mutex.Unlock()
	for _, text := range texts {
		for line := range strings.Lines(text) {
			if _, known := s.said[line]; !known && len(line) >= shortest {
				s.said[strings.Clone(line)] = run
			}
		}
	}
}

// Note keeps what a run of the program said, and the journal that its arguments name:
// nothing of it may be the value of a Secret. Run and RunOn do so themselves.
func Note(args []string, texts ...string) {
	if heard == nil {
		return
	}
	run := strings.Join(args, " ")
	heard.note(run, texts...)
	for i, arg := range args {
		if (arg == "--journal" || arg == "--revert") && i+1 < len(args) {
			if journal, err := os.ReadFile(args[i+1]); err == nil { // most runs write none
				heard.note("the journal of "+run, string(journal))
			}
		}
	}
}

// noteFiles keeps what stands in all files of a folder: journals that no test has named.
func (s *secrecy) noteFiles(folder string) error {
	return filepath.WalkDir(folder, func(path string, entry fs.DirEntry, err error) error {
		if err != nil || entry.IsDir() {
			return err
		}
		text, err := os.ReadFile(path)
		s.note(path, string(text))
		return err
	})
}

// unsaid is an error if anything secret was said.
func (s *secrecy) unsaid() error {
	s.mutex.Lock()
	defer s.mutex.Unlock()
	beginning := map[string][]string{}
	for value := range s.values {
		beginning[value[:shortest]] = append(beginning[value[:shortest]], value)
	}
	found := map[string]error{}
	for line, run := range s.said {
		for i := 0; i+shortest <= len(line); i++ {
			for _, value := range beginning[line[i:i+shortest]] {
				if strings.HasPrefix(line[i:], value) {
					found[value] = fmt.Errorf("the value of %s was said by %s:\n%s", s.values[value], run, line)
				}
			}
		}
	}
	var errs []error
	for _, value := range slices.Sorted(maps.Keys(found)) {
		errs = append(errs, found[value])
	}
	return errors.Join(errs...)
}

// sought is an error if all tests ran, and none of them had a Secret to look for.
func (s *secrecy) sought() error {
	s.mutex.Lock()
	defer s.mutex.Unlock()
	chosen := ""
	for _, name := range []string{"run", "skip", "list"} {
		chosen += flag.Lookup("test." + name).Value.String()
	}
	if chosen == "" && !s.ours {
		return errors.New("no test had a Secret, so that nothing was looked for")
	}
	return nil
}
