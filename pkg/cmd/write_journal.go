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

// openJournal begins the journal of a run, or goes on with the one that was left open,
// and says where it is.
func (o *WriteRun) openJournal(ctx context.Context) (*journal.Journal, error) {
	if o.journal != nil {
		return o.journal, nil
	}
	j, err := o.newJournal(ctx)
	if err != nil {
		return nil, err
	}
	o.journal = j
	fmt.Fprintf(o.ErrOut, "Journal: %s\n", j.Path())
	return j, nil
}

// closeJournal says how to take the run back, if it wrote anything, and ends its journal;
// unless more of the run is to stand in it.
func (o *WriteRun) closeJournal() {
	if o.journal == nil || o.goesOn {
		return
	}
	if o.journal.Wrote() {
		fmt.Fprintf(o.ErrOut, "To take back what was written: %s %s --revert %s\n", displayName, o.command(), o.journal.Path())
	}
	_ = o.journal.Close() // each line of it was on the disk before it was acted on
	o.journal = nil
}

func (o *WriteRun) newJournal(ctx context.Context) (*journal.Journal, error) {
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
