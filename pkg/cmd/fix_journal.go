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
	"time"

	"github.com/dapr-prod/kubectl-dapr-prod/pkg/journal"
)

// openJournal begins the journal of a run.
func (o *FixOptions) openJournal(ctx context.Context) (*journal.Journal, error) {
	cluster, err := o.Client.Cluster(ctx)
	if err != nil {
		return nil, err
	}
	path := o.Journal
	if path == "" {
		if path, err = newJournal(o.Reader.Now); err != nil {
			return nil, err
		}
	}
	j, err := journal.Create(path, journal.Header{Tool: userAgent(), Time: o.Reader.Now, Context: o.Reader.Context, Cluster: cluster})
	var pathErr *fs.PathError
	if errors.As(err, &pathErr) {
		return nil, fmt.Errorf("cannot write the journal %s, %w: name another file with --journal", pathErr.Path, pathErr.Err)
	}
	return j, err
}

// newJournal is the path of a journal that nobody named. A home is needed only where
// the state folder is not set.
func newJournal(now time.Time) (string, error) {
	state := os.Getenv("XDG_STATE_HOME")
	home, err := os.UserHomeDir()
	if err != nil && !filepath.IsAbs(state) {
		return "", fmt.Errorf("there is no folder for the journal, %w: name a file with --journal", err)
	}
	return journal.NewPath(journal.Folder(state, home), now), nil
}
