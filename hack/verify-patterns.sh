#!/usr/bin/env bash
# Copyright The kubectl-dapr-prod Authors.
# SPDX-License-Identifier: Apache-2.0

# House rules that linters cannot express. Each says what to do instead.
set -euo pipefail
cd "$(dirname "$0")/.."

failed=0
# forbid REASON PATTERN PATHSPEC... : no line of these files may match.
forbid() {
  local reason=$1 pattern=$2
  shift 2
  if git grep -nE "$pattern" -- "$@"; then
    echo "^ $reason" >&2
    failed=1
  fi
}

forbid 'pass the command'\''s context on' 'context\.TODO\(' 'pkg/*.go' 'cmd/*.go'
forbid 'return an error; only main ends the program' 'os\.Exit\(|log\.Fatal|klog\.Fatal' 'pkg/*.go' ':!*_test.go'
forbid 'write to the streams that were handed in' 'os\.(Stdout|Stderr)\b|fmt\.Print(f|ln)?\(' 'pkg/*.go' ':!*_test.go'
forbid 'finish it, or say in the documentation that it is not there' '(TODO|FIXME|XXX)' '*.go' '*.sh' ':!hack/verify-patterns.sh'
forbid 'guidelines look at no clock: the time of reading is in the snapshot' 'time\.Now\(' 'pkg/catalogue' 'pkg/evaluate' 'pkg/report' 'pkg/sidecar' 'pkg/sizing' 'pkg/snapshot'

# Every Go file, shell script and Makefile carries the licence.
while read -r file; do
  if ! head -n 5 "$file" | grep -q 'SPDX-License-Identifier: Apache-2.0'; then
    echo "$file: no licence header" >&2
    failed=1
  fi
done < <(git ls-files '*.go' '*.sh' Makefile)

# No Go file is longer than 400 lines: split it by noun.
while read -r lines file; do
  if [[ $file != total && $lines -gt 400 ]]; then
    echo "$file: $lines lines: split it by noun" >&2
    failed=1
  fi
done < <(git ls-files '*.go' | xargs wc -l)

exit "$failed"
