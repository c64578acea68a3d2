// Copyright The kubectl-dapr-prod Authors.
// SPDX-License-Identifier: Apache-2.0

package rollout

import (
	"context"
	"errors"
	"fmt"
	"net/url"
	"slices"
	"testing"

	apierrors "k8s.io/apimachinery/pkg/api/errors"
	"k8s.io/apimachinery/pkg/runtime/schema"
)

func TestAnswered(t *testing.T) {
	t.Parallel()
	refused := &url.Error{Op: "Get", URL: "https://h/long", Err: errors.New("connection refused")}
	forbidden := apierrors.NewForbidden(schema.GroupResource{Resource: "pods"}, "a", nil)
	old := apierrors.NewInvalid(schema.GroupKind{Kind: "ListOptions"}, "", nil)
	again := func(err error) string { return "cannot see how it goes, trying again: " + err.Error() }
	for _, tt := range []struct {
		name    string
		answers []error
		said    []string
		gaveUp  bool
		fault   error
	}{
		{"well", []error{nil}, nil, false, nil},
		{"nobody there, once", []error{refused, refused}, []string{again(refused.Err)}, false, refused.Err},
		{"back again", []error{refused, nil}, []string{again(refused.Err)}, false, nil},
		{"forbidden", []error{forbidden}, nil, true, forbidden},
		{"forbidden by an old server", []error{old, forbidden}, nil, true, forbidden},
		{"forbidden by one that has just been started", []error{nil, forbidden}, []string{again(forbidden)}, false, forbidden},
		{"an old server", []error{old, nil}, nil, false, nil},
		{"an old version", []error{nil, apierrors.NewResourceExpired("old")}, nil, false, nil},
		{"stopped", []error{nil, fmt.Errorf("x: %w", context.Canceled), context.DeadlineExceeded}, nil, false, nil},
	} {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			var said []string
			gaveUp := false
			l := &link{say: func(s string) { said = append(said, s) }, giveUp: func(error) { gaveUp = true }}
			for _, err := range tt.answers {
				l.answered(err)
			}
			if !slices.Equal(said, tt.said) || gaveUp != tt.gaveUp || !errors.Is(l.fault(), tt.fault) {
				t.Errorf("said %q, gave up %v, fault %v", said, gaveUp, l.fault())
			}
		})
	}
}
