#!/usr/bin/env bash
# Copyright The kubectl-dapr-prod Authors.
# SPDX-License-Identifier: Apache-2.0

# Start a real cluster with Dapr's chart and a shop of examples/ in it, check it,
# and say how to go on. The shop "flawed" is what people write; "production" is
# what falls short of nothing, and the script fails where the check does.
#
# Usage: hack/demo.sh BIN_DIR CLUSTER_DIR flawed|production
set -euo pipefail

if [[ $# -ne 3 || ! $3 =~ ^(flawed|production)$ ]]; then
  sed -n '5,9s/^# \{0,1\}//p' "$0" >&2
  exit 2
fi
bin=$1
dir=$2
shop=$3
cd "$(dirname "$0")/.."

export KUBECONFIG=$dir/kubeconfig
export PATH=$bin:$PATH
# What an earlier demo left behind may no longer run, or be the other one.
if [[ $(cat "$dir/shop" 2> /dev/null) != "$shop" ]] || ! kubectl get --raw /readyz > /dev/null 2>&1; then
  [[ ! -d $dir ]] || "$bin/testenv" down --dir "$dir" > /dev/null
  if [[ $shop == production ]]; then
    "$bin/testenv" up --dir "$dir" --helm-values examples/production/dapr-values.yaml > /dev/null
  else
    "$bin/testenv" up --dir "$dir" > /dev/null
  fi
  echo "$shop" > "$dir/shop"
fi

code=0
if [[ $shop == production ]]; then
  examples/production/deploy.sh
  echo
  kubectl dapr-prod check -A || code=$?
else
  kubectl apply -f examples/shop
  # checkout is not waited for: Dapr's injector refuses its Pods.
  for workload in deployment/{frontend,orders,payments,notifications} statefulset/inventory; do
    kubectl rollout status -n shop --timeout=2m "$workload"
  done
  echo
  kubectl dapr-prod check -A --fail-on=never
fi
cat <<TXT

The cluster runs until make demo-down. To go on with it:

  export KUBECONFIG=$KUBECONFIG
  export PATH=$bin:\$PATH
  kubectl dapr-prod check -A
TXT
exit "$code"
