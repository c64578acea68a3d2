// Copyright The kubectl-dapr-prod Authors.
// SPDX-License-Identifier: Apache-2.0

package cmd

import (
	"errors"
	"time"

	"github.com/spf13/pflag"
	"k8s.io/apimachinery/pkg/labels"

	"github.com/dapr-prod/kubectl-dapr-prod/pkg/overlay"
)

// addKustomizeFlag declares kubectl's -k.
func addKustomizeFlag(flags *pflag.FlagSet, value *string, usage string) {
	flags.StringVarP(value, "kustomize", "k", *value, usage)
}

// kustomization is what reads the kustomization that was named.
func (f *CheckFlags) kustomization(selector labels.Selector, now time.Time, changed func(string) bool) (reader, error) {
	switch {
	case changed("filename"):
		return nil, errors.New("-f and -k do not go together: check the files and the overlay one after the other")
	case f.Recursive:
		return nil, errors.New("-R does not go with -k: kustomize finds the files itself")
	}
	return f.overlay(selector, now, changed)
}

// overlay opens the kustomization that was named.
func (f *CheckFlags) overlay(selector labels.Selector, now time.Time, changed func(string) bool) (r overlay.Reader, err error) {
	if f.Kustomize == "" {
		return r, errors.New("-k names no folder") // a script's variable that is not set
	}
	if r.Manifests, err = f.manifests(selector, now, changed); err != nil {
		return r, err
	}
	r.Overlay, err = overlay.Open(f.Kustomize)
	return r, err
}
