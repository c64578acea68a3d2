#!/usr/bin/env bash
# Copyright The kubectl-dapr-prod Authors.
# SPDX-License-Identifier: Apache-2.0

# Measure sizing -A for 2,000 workloads and 6,000 Pods, over two weeks of a real
# Prometheus, beside the bare queries that it asks. The history is made up once, which
# takes some minutes, 6 GB of memory and 0.7 GB of disk, and kept in the cache.
#
# Usage: hack/bench-sizing.sh BIN_DIR CLUSTER_DIR
set -euo pipefail

if [[ $# -ne 2 ]]; then
  sed -n '5,9s/^# \{0,1\}//p' "$0" >&2
  exit 2
fi
bin=$1
dir=$2
cd "$(dirname "$0")/.."
cache=${XDG_CACHE_HOME:-$HOME/.cache}/kubectl-dapr-prod/bench-sizing
mkdir -p "$cache"
go build -o "$bin/bench-sizing" ./hack/bench-sizing
go build -o "$bin/history" ./hack/history

[[ -d $cache/data ]] || date +%s > "$cache/end"
end=$(< "$cache/end")
export KUBECONFIG=$dir/kubeconfig
if [[ ! -f $dir/fleet ]]; then
  "$bin/testenv" up --dir "$dir" > /dev/null
  # A node takes 1000 Pods.
  for n in {1..4}; do
    "$bin/kubectl" get node worker-a -o json |
      sed -E "s/worker-a/worker-$n/g; /\"(uid|resourceVersion|creationTimestamp)\"/d" | "$bin/kubectl" create -f - > /dev/null
  done
  "$bin/bench-sizing" manifests | "$bin/kubectl" create -f - > /dev/null
  touch "$dir/fleet"
fi
running() { "$bin/kubectl" get pods -A --field-selector status.phase=Running -o name | grep -c /app- || true; }
until (($(running) == 6000)); do sleep 5; done

rm -f "$dir/history"
if [[ -d $cache/data ]]; then
  touch "$dir/history" # it is not read
else
  mkfifo "$dir/history"
  "$bin/history" fleet --end "$end" > "$dir/history" &
fi
url=$("$bin/testenv" prometheus --history "$dir/history" --data "$cache/data" --state "$dir/state.json" --detach)
trap '"$bin/testenv" down --dir "$dir"' EXIT
# What plays kubelets and controllers is not measured, and would take a core.
for name in kwok kube-controller-manager kube-scheduler; do
  kill -STOP "$(sed -n "s/.*\"$name\": \([0-9]*\).*/\1/p" "$dir/state.json")"
done
"$bin/bench-sizing" run --plugin "$bin/kubectl-dapr_prod" --prometheus "$url" --time "$end"
