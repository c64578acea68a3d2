// Copyright The kubectl-dapr-prod Authors.
// SPDX-License-Identifier: Apache-2.0

package helm

import (
	"errors"
	"fmt"

	"helm.sh/helm/v4/pkg/kube"
	apierrors "k8s.io/apimachinery/pkg/api/errors"
	"k8s.io/apimachinery/pkg/api/meta"
)

// thorough is Helm's client, which passes over objects that are to be deleted and that it
// cannot read: they would stay, and no revision would know of them any more.
type thorough struct{ *kube.Client }

// Update is an error as well where an object is still there that was to be deleted.
func (c thorough) Update(originals, targets kube.ResourceList, options ...kube.ClientUpdateOption) (*kube.Result, error) {
	result, err := c.Client.Update(originals, targets, options...)
	if err != nil {
		return result, err
	}
	var errs []error
	for _, one := range originals.Difference(targets) {
		if result.Deleted.Contains(one) {
			continue
		}
		switch err := one.Get(); {
		case apierrors.IsNotFound(err):
		case err != nil:
			errs = append(errs, fmt.Errorf("%s was not deleted: %w", objectOfInfo(one), err))
		default:
			o, err := meta.Accessor(one.Object)
			if err != nil || o.GetAnnotations()[kube.ResourcePolicyAnno] != kube.KeepPolicy {
				errs = append(errs, errors.Join(fmt.Errorf("%s was not deleted", objectOfInfo(one)), err))
			}
		}
	}
	return result, errors.Join(errs...)
}
