// Copyright The kubectl-dapr-prod Authors.
// SPDX-License-Identifier: Apache-2.0

package cmd

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"os"

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
		home, err := os.UserHomeDir()
		if err != nil {
			return nil, err
		}
		path = journal.NewPath(journal.Folder(os.Getenv("XDG_STATE_HOME"), home), o.Reader.Now)
	}
	j, err := journal.Create(path, journal.Header{Tool: userAgent(), Time: o.Reader.Now, Context: o.Reader.Context, Cluster: cluster})
	var pathErr *fs.PathError
	if errors.As(err, &pathErr) {
		return nil, fmt.Errorf("cannot write the journal %s, %w: name another file with --journal", pathErr.Path, pathErr.Err)
	}
	return j, err
}
