// Copyright The kubectl-dapr-prod Authors.
// SPDX-License-Identifier: Apache-2.0

//go:build unix

package textfile

import (
	"fmt"
	"io/fs"
	"os"
	"syscall"
)

// own gives a new file the owner and the group of another one.
func own(file *os.File, like fs.FileInfo) error {
	is, err := file.Stat()
	if err != nil {
		return err
	}
	has, known := is.Sys().(*syscall.Stat_t)
	should, alsoKnown := like.Sys().(*syscall.Stat_t)
	if !known || !alsoKnown || has.Uid == should.Uid && has.Gid == should.Gid {
		return nil
	}
	if err := file.Chown(int(should.Uid), int(should.Gid)); err != nil {
		return fmt.Errorf("it belongs to another user or group, which it would lose: %w", syscall.EPERM)
	}
	return nil
}

// links is how many names a file has.
func links(info fs.FileInfo) uint64 {
	if stat, known := info.Sys().(*syscall.Stat_t); known {
		return uint64(stat.Nlink) //nolint:unconvert // it is of another type on other systems
	}
	return 1
}
