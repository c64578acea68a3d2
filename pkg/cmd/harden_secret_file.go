// Copyright The kubectl-dapr-prod Authors.
// SPDX-License-Identifier: Apache-2.0

package cmd

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"strings"

	"github.com/spf13/cobra"
	"k8s.io/apimachinery/pkg/util/validation"
	"k8s.io/cli-runtime/pkg/printers"

	"github.com/dapr-prod/kubectl-dapr-prod/pkg/fix"
)

// SecretFileFlags say where Secrets go that manifests are to refer to.
type SecretFileFlags struct {
	// Path is the file for them.
	Path string
	// Store is NAME of a SecretStore, or KIND/NAME.
	Store string
}

const (
	writeSecrets  = "write-secrets"
	externalStore = "external-secret-store"
)

// AddFlags declares the flags.
func (f *SecretFileFlags) AddFlags(cmd *cobra.Command) {
	flags := cmd.Flags()
	flags.StringVar(&f.Path, writeSecrets, f.Path, "With -f or -k, and --write: the file for the Secrets that the manifests then refer to. It must not be there yet, and is for its owner alone (mode 0600).")
	flags.StringVar(&f.Store, externalStore, f.Store, "With --"+writeSecrets+": write ExternalSecrets that take the values from this SecretStore, or ClusterSecretStore/NAME, in place of Secrets that hold them.")
}

// possible refuses what does not go together.
func (f *SecretFileFlags) possible(changed func(string) bool) error {
	switch {
	case changed(externalStore) && !changed(writeSecrets):
		return fmt.Errorf("--%s goes with --%s FILE, which the ExternalSecrets are written to", externalStore, writeSecrets)
	case changed(writeSecrets) && !changed("filename") && !changed("kustomize"):
		return fmt.Errorf("--%s goes with -f and -k: in a cluster Secrets are made there, and in no file", writeSecrets)
	default:
		return nil
	}
}

// file is the file that was named; nil without one.
func (f *SecretFileFlags) file(changed func(string) bool, sources *FixFlags) (*fix.SecretFile, error) {
	switch {
	case !changed(writeSecrets):
		return nil, nil
	case f.Path == "":
		return nil, namesNoFile(writeSecrets)
	case f.Path == "-":
		return nil, fmt.Errorf("--%s takes a file: Secrets are never written to standard output", writeSecrets)
	}
	if _, err := os.Lstat(f.Path); !errors.Is(err, fs.ErrNotExist) {
		return nil, fmt.Errorf("--%s %s: it is there already, and is not overwritten: name another file, or, where a run that was cut off has left it, delete it or give it to -f as well", writeSecrets, f.Path)
	}
	if folder := f.within(sources); folder != "" {
		return nil, fmt.Errorf("--%s %s lies in %s, which is read, committed and applied as a whole: name a file elsewhere", writeSecrets, f.Path, folder)
	}
	file := &fix.SecretFile{Path: f.Path}
	if !changed(externalStore) {
		return file, nil // no name is a mistake, and never a reason to write values
	}
	kind, name, typed := strings.Cut(f.Store, "/")
	if !typed {
		kind, name = "SecretStore", f.Store
	}
	for _, known := range []string{"SecretStore", "ClusterSecretStore"} {
		if strings.EqualFold(kind, known) && len(validation.IsDNS1123Subdomain(name)) == 0 {
			file.Store = &fix.SecretStore{Kind: known, Name: name}
			return file, nil
		}
	}
	return nil, fmt.Errorf("--%s takes no %q: name a SecretStore, or write ClusterSecretStore/NAME", externalStore, f.Store)
}

// within is the folder of the manifests that the file would lie in; empty for none.
func (f *SecretFileFlags) within(sources *FixFlags) string {
	at := onDisk(filepath.Dir(f.Path))
	for _, name := range sources.Files.Filenames {
		if matches, err := filepath.Match(name, f.Path); err == nil && matches {
			return name
		}
		if info, err := os.Stat(name); err != nil || !info.IsDir() {
			continue
		}
		if at == onDisk(name) || sources.Files.Recursive && below(at, onDisk(name)) {
			return name
		}
	}
	if folder := sources.Kustomize; folder != "" && (at == onDisk(folder) || below(at, onDisk(folder))) {
		return folder
	}
	return ""
}

// below tells whether a folder is somewhere in another.
func below(inner, outer string) bool {
	way, err := filepath.Rel(outer, inner)
	return err == nil && way != ".." && !strings.HasPrefix(way, ".."+string(filepath.Separator))
}

// onDisk is a path without links in it, as far as it is there.
func onDisk(path string) string {
	if abs, err := filepath.Abs(path); err == nil {
		path = abs
	}
	if resolved, err := filepath.EvalSymlinks(path); err == nil {
		path = resolved
	}
	return path
}

// wroteSecrets says what is to be done with the file.
func wroteSecrets(f *fix.SecretFile) string {
	if f.Store != nil {
		return printers.EscapeTerminal("Wrote " + f.Path + ": see that the store has the values where its remoteRef says, and apply it first.")
	}
	return printers.EscapeTerminal("Wrote " + f.Path + ", which holds secrets: apply it first, and keep it out of version control.")
}
