// Copyright The kubectl-dapr-prod Authors.
// SPDX-License-Identifier: Apache-2.0

package manifest

import (
	"fmt"
	"path/filepath"
	"slices"
	"strings"
)

// isKustomization tells whether a document is kustomize's, which needs neither
// apiVersion nor kind in a file of that name.
func (d *Document) isKustomization() bool {
	if d.APIVersion == "" && d.Kind == "" {
		return slices.Contains([]string{"kustomization.yaml", "kustomization.yml", "Kustomization"}, filepath.Base(d.File))
	}
	return strings.HasPrefix(d.APIVersion, "kustomize.config.k8s.io/")
}

// passOver passes over a kustomization that lies among manifests; one that was
// named itself cannot be read this way.
func (s *stream) passOver(d *Document) error {
	folder := filepath.Dir(d.File)
	if d.File == stdin || isURL(d.File) {
		folder = "DIR" // nobody knows where it came from
	}
	s.kustomization = folder
	if s.named {
		return fmt.Errorf("a kustomization is not a manifest, have it built: %s", build(folder))
	}
	return nil
}

// build is the flag that has a kustomization built.
func build(folder string) string { return "-k " + folder }
