// Copyright The kubectl-dapr-prod Authors.
// SPDX-License-Identifier: Apache-2.0

//go:build cluster

package harden_test

import (
	"context"
	"encoding/base64"
	"errors"
	"flag"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"sync"

	corev1 "k8s.io/api/core/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"

	"github.com/dapr-prod/kubectl-dapr-prod/test/cluster/kube"
)

// tokens are what any Secret of the tests held at any time, and all that the program
// said and wrote down. Nothing of the one may stand in the other.
var tokens = &secrecy{values: map[string]string{plantedInObjects: "an object of dapr.io"}}

type secrecy struct {
	mutex sync.Mutex
	// values are by what they are, with the Secret that held them.
	values map[string]string
	// said are outputs, logs and journals.
	said []string
}

// follow watches all Secrets of the tests until it is stopped.
func (s *secrecy) follow() (stop func(), err error) {
	ctx, cancel := context.WithCancel(context.Background())
	watch, err := cluster.Client.CoreV1().Secrets("").Watch(ctx, metav1.ListOptions{})
	if err != nil {
		cancel()
		return nil, err
	}
	ended := make(chan struct{})
	go func() {
		defer close(ended)
		for event := range watch.ResultChan() {
			if secret, is := event.Object.(*corev1.Secret); is && strings.HasPrefix(secret.Namespace, kube.NamespacePrefix) {
				s.add(secret)
			}
		}
	}()
	return func() { cancel(); <-ended }, nil
}

func (s *secrecy) add(secret *corev1.Secret) {
	s.mutex.Lock()
	defer s.mutex.Unlock()
	for key, value := range secret.Data {
		if len(value) > 0 {
			s.values[string(value)] = secret.Name + "/" + key
		}
	}
}

// note keeps what was said.
func (s *secrecy) note(texts ...string) {
	s.mutex.Lock()
	defer s.mutex.Unlock()
	s.said = append(s.said, texts...)
}

// noteFiles keeps what stands in all files of a folder: journals that no test has named.
func (s *secrecy) noteFiles(folder string) error {
	return filepath.WalkDir(folder, func(path string, entry fs.DirEntry, err error) error {
		if err != nil || entry.IsDir() {
			return err
		}
		text, err := os.ReadFile(path)
		s.note(string(text))
		return err
	})
}

// unsaid is an error if a value of any Secret was said, in plain text or as a Secret has
// it; or if there was nothing to look for, though all tests ran.
func (s *secrecy) unsaid() error {
	s.mutex.Lock()
	defer s.mutex.Unlock()
	var errs []error
	for value, name := range s.values {
		for _, text := range s.said {
			if strings.Contains(text, value) || strings.Contains(text, base64.StdEncoding.EncodeToString([]byte(value))) {
				errs = append(errs, fmt.Errorf("the value of %s was said:\n%s", name, text))
			}
		}
	}
	if all := flag.Lookup("test.run").Value.String() == ""; all && len(s.values) == 1 {
		errs = append(errs, errors.New("no Secret was seen, so that nothing was looked for"))
	}
	return errors.Join(errs...)
}
