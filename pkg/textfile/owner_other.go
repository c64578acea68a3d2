// Copyright The kubectl-dapr-prod Authors.
// SPDX-License-Identifier: Apache-2.0

//go:build !unix

package textfile

import (
	"io/fs"
	"os"
)

// own leaves the owner to the folder, as elsewhere on such systems.
func own(*os.File, fs.FileInfo) error { return nil }

// links is how many names a file has, which is not known here.
func links(fs.FileInfo) uint64 { return 1 }
