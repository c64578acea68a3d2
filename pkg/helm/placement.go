// Copyright The kubectl-dapr-prod Authors.
// SPDX-License-Identifier: Apache-2.0

package helm

import (
	"context"
	"fmt"
	"time"

	"helm.sh/helm/v4/pkg/kube"
	apierrors "k8s.io/apimachinery/pkg/api/errors"
	"k8s.io/apimachinery/pkg/api/meta"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/util/wait"
	"k8s.io/cli-runtime/pkg/genericclioptions"
	"k8s.io/cli-runtime/pkg/resource"
	"k8s.io/client-go/kubernetes"

	"github.com/dapr-prod/kubectl-dapr-prod/pkg/dapr"
	"github.com/dapr-prod/kubectl-dapr-prod/pkg/snapshot"
)

// isPlacement tells whether an object is placement's StatefulSet.
func isPlacement(o snapshot.Object) bool {
	return o.Kind == "StatefulSet" && o.Group() == "apps" && o.Name == dapr.Placement
}

// recreation asks about an object that will be deleted and made anew. The server knows
// only what is there now, so the question is asked under a name that nothing has.
func (h *rehearsal) recreation(target *resource.Info) (Answer, error) {
	object := objectOfInfo(target)
	found, err := resource.NewHelper(target.Client, target.Mapping).Get(target.Namespace, target.Name)
	if err != nil {
		return Answer{}, h.release.mask.error(err)
	}
	live, err := meta.Accessor(found)
	if err != nil {
		return Answer{}, err
	}
	wanted, err := objectFrom(target)
	if err != nil {
		return Answer{}, err
	}
	stranger := *target
	stranger.Name += "-recreated"
	next := wanted.DeepCopy()
	next.SetName(stranger.Name)
	stranger.Object = next
	answer := h.send(kube.ResourceList{}, &stranger, false)
	answer.Object, answer.Verb, answer.uid = object, Recreate, live.GetUID()
	return answer, nil
}

// recreate deletes a StatefulSet that was planned to be made anew, with its Pods, and
// waits until both are gone: Pods that it left behind would keep their old arguments.
func recreate(ctx context.Context, getter genericclioptions.RESTClientGetter, a Answer, timeout time.Duration) error {
	config, err := getter.ToRESTConfig()
	if err != nil {
		return err
	}
	client, err := kubernetes.NewForConfig(config)
	if err != nil {
		return err
	}
	sets := client.AppsV1().StatefulSets(a.Object.Namespace)
	policy := metav1.DeletePropagationForeground
	err = sets.Delete(ctx, a.Object.Name, metav1.DeleteOptions{PropagationPolicy: &policy, Preconditions: &metav1.Preconditions{UID: &a.uid}})
	if err != nil && !apierrors.IsNotFound(err) {
		return fmt.Errorf("%s cannot be deleted: %w", a.Object, err)
	}
	err = wait.PollUntilContextTimeout(ctx, time.Second, timeout, true, func(ctx context.Context) (bool, error) {
		_, err := sets.Get(ctx, a.Object.Name, metav1.GetOptions{})
		if apierrors.IsNotFound(err) {
			return true, nil
		}
		return false, err
	})
	if err != nil {
		return fmt.Errorf("%s is not gone: %w", a.Object, err)
	}
	return nil
}
