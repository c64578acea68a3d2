// Copyright The kubectl-dapr-prod Authors.
// SPDX-License-Identifier: Apache-2.0

package cmd

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"

	"github.com/dapr-prod/kubectl-dapr-prod/pkg/journal"
)

// journalFolder is where journals are kept that nobody names a file for. A home is
// needed only where the state folder is not set.
func journalFolder() (string, error) {
	state := os.Getenv("XDG_STATE_HOME")
	home, err := os.UserHomeDir()
	if err != nil && !filepath.IsAbs(state) {
		return "", fmt.Errorf("there is no folder for the journal, %w: name a file with --journal", err)
	}
	return journal.Folder(state, home), nil
}

// openJournal begins the journal of a run.
func (o *WriteRun) openJournal(ctx context.Context) (*journal.Journal, error) {
	cluster, err := o.Client.Cluster(ctx)
	if err != nil {
		return nil, err
	}
	path := o.Journal
	if path == "" {
		folder, err := journalFolder()
		if err != nil {
			return nil, err
		}
		path = journal.NewPath(folder, o.Reader.Now)
	}
	j, err := journal.Create(path, journal.Header{Tool: userAgent(), Time: o.Reader.Now, Context: o.Reader.Context, Cluster: cluster})
	var pathErr *fs.PathError
	if errors.As(err, &pathErr) {
		return nil, fmt.Errorf("cannot write the journal %s, %w: name another file with --journal", pathErr.Path, pathErr.Err)
	}
	return j, err
}
