#!/usr/bin/env bash
# Copyright The kubectl-dapr-prod Authors.
# SPDX-License-Identifier: Apache-2.0

# Put the shop into the cluster of the current context, with the Secrets that it
# refers to. Secrets that are there already stay as they are.
#
# Usage: deploy.sh
set -euo pipefail
cd "$(dirname "$0")"

# secret NAME KEY VALUE makes a Secret whose value is neither in a file nor among
# the arguments of a program.
secret() {
  if ! kubectl get secret -n shop "$1" > /dev/null 2>&1; then
    printf %s "$3" | kubectl create secret generic -n shop "$1" --from-file="$2=/dev/stdin"
  fi
}
random() { head -c 32 /dev/urandom | base64 | tr '+/' '-_' | tr -d '=\n'; }

kubectl apply -f shop/00-namespace.yaml
secret dapr-api-token token "$(random)"
secret dapr-app-token token "$(random)"
secret redis password "$(random)"
secret rabbitmq connectionString "amqps://shop:$(random)@rabbitmq.shop.svc.cluster.local:5671"
kubectl apply -f shop
for workload in deployment/{frontend,checkout,orders,payments,notifications} statefulset/inventory; do
  kubectl rollout status -n shop --timeout=2m "$workload"
done
