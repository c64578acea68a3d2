#!/usr/bin/env bash
# Copyright The kubectl-dapr-prod Authors.
# SPDX-License-Identifier: Apache-2.0

# Put a real Prometheus into the cluster of the demo, which remembers two weeks of its
# Pods and of some that are gone, and ask sizing for numbers. It scrapes nothing, and
# ends with the cluster.
#
# Usage: hack/demo-prometheus.sh BIN_DIR CLUSTER_DIR
set -euo pipefail

if [[ $# -ne 2 ]]; then
  sed -n '5,9s/^# \{0,1\}//p' "$0" >&2
  exit 2
fi
bin=$1
dir=$2
cd "$(dirname "$0")/.."

export KUBECONFIG=$dir/kubeconfig
export PATH=$bin:$PATH
if ! kubectl get --raw /api/v1/namespaces/monitoring/services/prometheus-server:http/proxy/-/ready > /dev/null 2>&1; then
  # It scrapes nothing, so that what comes is made up as well.
  kubectl get pods -A -o json | go run ./hack/history demo --ahead 24h > "$dir/history"
  "$bin/testenv" prometheus --history "$dir/history" --state "$dir/state.json" --detach > /dev/null
fi
echo
kubectl dapr-prod sizing -A
echo
kubectl dapr-prod sizing --control-plane
cat <<TXT

The Prometheus is Service monitoring/prometheus-server until make demo-down. To go on with it:

  export KUBECONFIG=$KUBECONFIG
  export PATH=$bin:\$PATH
  kubectl dapr-prod sizing -A -o wide
TXT
