// Copyright The kubectl-dapr-prod Authors.
// SPDX-License-Identifier: Apache-2.0

//go:build cluster

package harden_test

import (
	"net/http"
	"path/filepath"
	"reflect"
	"strings"
	"testing"

	"github.com/dapr-prod/kubectl-dapr-prod/test/cluster/kube"
)

// rotated is orders with its second API token, and the journal of that rotation.
func rotated(t testing.TB) (*kube.Namespace, string) {
	t.Helper()
	ns := hardened(t, 0)
	journal := filepath.Join(t.TempDir(), "journal")
	ends(t, dapr(t, rotating(ns, "--journal", journal)...), 0, "orders-api-token: deleted")
	return ns, journal
}

// TestRevertWithoutItsSecret: where the Secret that a rotation deleted cannot be made
// again nothing goes back to it, and once it can the same revert goes through.
func TestRevertWithoutItsSecret(t *testing.T) {
	t.Parallel()
	ns, journal := rotated(t)
	was := get(t, ns, "orders").Spec.Template
	front := cluster.Front(t)
	for _, args := range [][]string{{"--dry-run=server"}, {"--yes"}} {
		front.With(func(w http.ResponseWriter, r *http.Request) bool {
			fails := r.Method == http.MethodPost && strings.HasSuffix(r.URL.Path, "/secrets")
			if fails {
				refuse(w)
			}
			return fails
		})
		o := dapr(t, append([]string{"harden", "--revert", journal, "--kubeconfig", front.Kubeconfig}, args...)...)
		secret := "Secret " + ns.Name + "/orders-api-token"
		ends(t, o, 1, secret+": not made again: ", "no more changes today",
			"2 objects not taken back: "+secret+" could not be made; allow it, then run the revert again")
		if is := get(t, ns, "orders").Spec.Template; !reflect.DeepEqual(is, was) {
			t.Errorf("the template was\n%v\nand is\n%v", was, is)
		}
		names(t, ns, "orders-api-token-2")
	}
	front.With(nil)
	ends(t, dapr(t, "harden", "--revert", journal, "--yes", "--kubeconfig", front.Kubeconfig), 0, "orders-api-token: made again, with a new token")
	closed(t, ns, "orders", token("orders-api-token"))
	names(t, ns, "orders-api-token")
}
