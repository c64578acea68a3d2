// Copyright The kubectl-dapr-prod Authors.
// SPDX-License-Identifier: Apache-2.0

package apply

import (
	"context"
	"slices"
	"strings"

	"github.com/dapr/dapr/pkg/injector/annotations"
	apierrors "k8s.io/apimachinery/pkg/api/errors"
	"k8s.io/apimachinery/pkg/api/meta"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/apis/meta/v1/unstructured"
	"k8s.io/apimachinery/pkg/runtime/schema"

	"github.com/dapr-prod/kubectl-dapr-prod/pkg/snapshot"
)

// referring are the kinds of objects that may refer to a Secret of their namespace.
// Templates come before the Pods that are made of them.
var referring = []schema.GroupVersionKind{
	{Group: "apps", Version: "v1", Kind: "Deployment"},
	{Group: "apps", Version: "v1", Kind: "StatefulSet"},
	{Group: "apps", Version: "v1", Kind: "DaemonSet"},
	{Group: "batch", Version: "v1", Kind: "CronJob"},
	{Group: "batch", Version: "v1", Kind: "Job"},
	{Group: "apps", Version: "v1", Kind: "ReplicaSet"},
	{Group: "argoproj.io", Version: "v1alpha1", Kind: "Rollout"},
	{Version: "v1", Kind: "Pod"},
	{Group: "dapr.io", Version: "v1alpha1", Kind: "Component"},
	{Group: "dapr.io", Version: "v1alpha1", Kind: "Configuration"},
	{Group: "dapr.io", Version: "v1alpha1", Kind: "HTTPEndpoint"},
	{Group: "dapr.io", Version: "v1alpha1", Kind: "MCPServer"},
}

// Referring are the resources whose objects UsersOf lists.
func Referring() []snapshot.Resource {
	var all []snapshot.Resource
	for _, kind := range referring {
		all = append(all, snapshot.Resource{Group: kind.Group, Resource: plural(kind.Kind)})
	}
	return all
}

// plural is the name of the resource of a kind, as those that refer to Secrets have it.
func plural(kind string) string { return strings.ToLower(kind) + "s" }

// UsersOf names the objects that refer to a Secret, some five at most. It is an error if
// a kind of them could not be looked at.
func (c *Client) UsersOf(ctx context.Context, secret snapshot.Object) ([]string, error) {
	var users []string
	for _, kind := range referring {
		more, err := c.usersOf(ctx, kind, secret)
		switch {
		case meta.IsNoMatchError(err), apierrors.IsNotFound(err):
			continue // the server does not know the kind
		case err != nil:
			return nil, err
		}
		if users = append(users, more...); len(users) >= fewUsers {
			return users[:fewUsers], nil
		}
	}
	return users, nil
}

const fewUsers = 5

func (c *Client) usersOf(ctx context.Context, kind schema.GroupVersionKind, secret snapshot.Object) ([]string, error) {
	resource, err := c.resource(ctx, snapshot.Object{APIVersion: kind.GroupVersion().String(), Kind: kind.Kind, Namespace: secret.Namespace})
	if err != nil {
		return nil, err
	}
	var users []string
	options := metav1.ListOptions{Limit: 500}
	for {
		page, err := resource.List(ctx, options)
		if apierrors.IsResourceExpired(err) && options.Limit > 0 {
			users, options = nil, metav1.ListOptions{} // in one piece, which does not expire
			continue
		}
		if err != nil {
			return nil, err
		}
		for i := range page.Items {
			if item := &page.Items[i]; !ended(item) && refers("", item.Object, secret.Name) {
				users = append(users, kind.Kind+" "+item.GetName())
			}
		}
		if options.Continue = page.GetContinue(); options.Continue == "" {
			return users, nil
		}
	}
}

// ended tells of what starts no container any more: a Pod that is over or is to go, whose
// variables are in its containers already, a finished Job, and a ReplicaSet that is to have
// no Pods: those of what owns it are made from another.
func ended(o *unstructured.Unstructured) bool {
	switch o.GetKind() {
	case "Pod":
		phase, _, _ := unstructured.NestedString(o.Object, "status", "phase")
		return phase == "Succeeded" || phase == "Failed" || o.GetDeletionTimestamp() != nil && !madeAgain(o)
	case "Job":
		conditions, _, _ := unstructured.NestedSlice(o.Object, "status", "conditions")
		return slices.ContainsFunc(conditions, func(one any) bool {
			c, _ := one.(map[string]any)
			return c["status"] == "True" && (c["type"] == "Complete" || c["type"] == "Failed")
		})
	case "ReplicaSet":
		replicas, said, _ := unstructured.NestedInt64(o.Object, "spec", "replicas")
		return len(o.GetOwnerReferences()) > 0 && said && replicas == 0
	default:
		return false
	}
}

// madeAgain tells whether a Pod that goes may be made anew from a template that is in no
// object which is listed, such as a former revision of a StatefulSet.
func madeAgain(pod *unstructured.Unstructured) bool {
	owner := metav1.GetControllerOf(pod)
	return owner != nil && !slices.Contains([]string{"ReplicaSet", "DaemonSet", "Job"}, owner.Kind)
}

// referencing are the fields whose name leads to a Secret, by the field that they stand in;
// in "" they do so anywhere.
var referencing = map[string][]string{
	"name":       {"secretKeyRef", "secretRef", "secret", "imagePullSecrets", "nodePublishSecretRef"},
	"secretName": {"secret"},
}

// refers tells whether an object refers to a Secret of that name, below a field: by a
// field that is for that, or by one of Dapr's annotations.
func refers(below string, value any, name string) bool {
	switch v := value.(type) {
	case map[string]any:
		for key, one := range v {
			text, isText := one.(string)
			switch {
			case !isText:
				if refers(key, one, name) {
					return true
				}
			case below == "annotations":
				if text == name && tokenAnnotation(key) || key == annotations.KeyEnvFromSecret && strings.Contains(text, name) {
					return true
				}
			case text == name && slices.Contains(referencing[key], below):
				return true
			}
		}
	case []any:
		return slices.ContainsFunc(v, func(one any) bool { return refers(below, one, name) })
	}
	return false
}

func tokenAnnotation(key string) bool {
	return key == annotations.KeyAPITokenSecret || key == annotations.KeyAppTokenSecret
}
