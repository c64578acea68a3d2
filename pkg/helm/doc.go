// Copyright The kubectl-dapr-prod Authors.
// SPDX-License-Identifier: Apache-2.0

// Package helm upgrades the Helm release of a control plane with Helm's own code, and
// shows first what that will do: it proves the chart, renders it, asks the server what
// it says to each object, and compares the release with the cluster. It judges nothing
// and chooses no values. No value that a user gave to a chart, and none of a Secret, is
// in anything that it returns for printing: texts, errors and differences are masked.
package helm

import (
	"io"
	"log"

	"helm.sh/helm/v4/pkg/kube"
)

// manager is the field manager of the helm program. Helm takes the name of the program
// that it is in, and fields would belong to two managers.
const manager = "helm"

func init() {
	kube.ManagedFieldsManager = manager
	// Helm writes values that do not fit to the standard logger
	// (helm.sh/helm/v4/pkg/chart/common/util, coalesceTablesFullKey); slog ends there too.
	log.SetOutput(io.Discard)
}
