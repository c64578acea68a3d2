#!/usr/bin/env bash
# Copyright The kubectl-dapr-prod Authors.
# SPDX-License-Identifier: Apache-2.0

# The check of action.yml: its inputs are in the environment. The table goes to the log of
# the step, the comment to its summary as well.
set -euo pipefail

args=()
add() { if [[ -n $2 ]]; then args+=("$1$2"); fi; }
# lines FLAG TEXT: each line of the text that is not empty.
lines() {
  local line
  while IFS= read -r line; do
    line="${line%$'\r'}"
    add "$1" "$line"
  done <<< "$2"
}

if [[ ${INPUT_KUSTOMIZE:-false} == true ]]; then
  lines --kustomize= "$INPUT_FILES"
else
  args+=(--recursive)
  lines --filename= "$INPUT_FILES"
fi
add --dapr-version= "${INPUT_DAPR_VERSION:-}"
add --fail-on= "${INPUT_FAIL_ON:-}"
add --severity= "${INPUT_SEVERITY:-}"
lines "" "${INPUT_ARGS:-}"

args+=(--output=table)
for format in sarif html junit markdown; do
  name="INPUT_${format^^}"
  add "--output=$format=" "${!name:-}"
done
summary=""
if [[ -n ${GITHUB_STEP_SUMMARY:-} ]]; then
  summary=$(mktemp -d)
  trap 'rm -rf "$summary"' EXIT
  args+=("--output=markdown=$summary/comment.md")
fi

code=0
kubectl-dapr_prod check "${args[@]}" || code=$?
if [[ -n $summary && -f $summary/comment.md ]]; then
  cat "$summary/comment.md" >> "$GITHUB_STEP_SUMMARY"
fi
exit "$code"
