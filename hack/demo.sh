#!/usr/bin/env bash
# Copyright The kubectl-dapr-prod Authors.
# SPDX-License-Identifier: Apache-2.0

# Start a real cluster with Dapr's chart and the shop of examples/ in it, check
# it, and say how to go on.
#
# Usage: hack/demo.sh BIN_DIR CLUSTER_DIR
set -euo pipefail

if [[ $# -ne 2 ]]; then
  sed -n '5,8s/^# \{0,1\}//p' "$0" >&2
  exit 2
fi
bin=$1
dir=$2
cd "$(dirname "$0")/.."

export KUBECONFIG=$dir/kubeconfig
export PATH=$bin:$PATH
# What an earlier demo left behind may no longer run.
if ! kubectl get --raw /readyz > /dev/null 2>&1; then
  "$bin/testenv" down --dir "$dir" > /dev/null
  "$bin/testenv" up --dir "$dir" > /dev/null
fi

kubectl apply -f examples/shop
# checkout is not waited for: Dapr's injector refuses its Pods.
for workload in deployment/frontend deployment/orders deployment/payments deployment/notifications statefulset/inventory; do
  kubectl rollout status -n shop --timeout=2m "$workload"
done

echo
kubectl dapr-prod check -A --fail-on=never
cat <<TXT

The cluster runs until make demo-down. To go on with it:

  export KUBECONFIG=$KUBECONFIG
  export PATH=$bin:\$PATH
  kubectl dapr-prod check -A
TXT
