// Copyright The kubectl-dapr-prod Authors.
// SPDX-License-Identifier: Apache-2.0

package kube

import (
	"net/http"
	"strings"
)

// HelmInConfigMaps makes a cluster one in which Helm keeps its records in ConfigMaps: no
// Secret is one then. Where listed, the name of one is listed that is gone by now;
// otherwise the server says itself what there is.
func HelmInConfigMaps(listed bool) Fault {
	return func(w http.ResponseWriter, r *http.Request) bool {
		items := ""
		switch {
		case !strings.Contains(r.URL.Query().Get("labelSelector"), "owner=helm"):
			return false
		case strings.HasSuffix(r.URL.Path, "/secrets"):
		case listed && strings.HasSuffix(r.URL.Path, "/configmaps"):
			items = `{"metadata":{"name":"no-such-record","labels":{"version":"1"}}}`
		default:
			return false
		}
		w.Header().Set("Content-Type", "application/json")
		_, _ = w.Write([]byte(`{"apiVersion":"meta.k8s.io/v1","kind":"PartialObjectMetadataList","metadata":{},"items":[` + items + `]}`))
		return true
	}
}
