// Copyright The kubectl-dapr-prod Authors.
// SPDX-License-Identifier: Apache-2.0

package kube

import (
	"context"
	"errors"
	"fmt"
	"testing"

	corev1 "k8s.io/api/core/v1"
	apierrors "k8s.io/apimachinery/pkg/api/errors"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/client-go/kubernetes"
	"k8s.io/client-go/tools/cache"
	"k8s.io/client-go/tools/clientcmd"
	watchtools "k8s.io/client-go/tools/watch"
)

// follow adds all Secrets of a cluster, those that are there and those that come, until it
// is stopped. A watch that ends begins again where it was. To stop is an error if it did
// not come to the end: what it has not seen was not looked for.
func (s *secrecy) follow(client kubernetes.Interface) (stop func() error, err error) {
	ctx, cancel := context.WithCancel(context.Background())
	all := client.CoreV1().Secrets("")
	list, err := all.List(ctx, metav1.ListOptions{})
	if err != nil {
		cancel()
		return nil, err
	}
	for i := range list.Items {
		s.add(&list.Items[i])
	}
	watch, err := watchtools.NewRetryWatcherWithContext(ctx, list.ResourceVersion, &cache.ListWatch{WatchFuncWithContext: all.Watch})
	if err != nil {
		cancel()
		return nil, err
	}
	last, ended := "dapr-prod-test-last-"+suffix(), make(chan error, 1)
	go func() { ended <- s.until(watch, last) }()
	return func() error {
		defer cancel()
		return seen(ctx, client, last, ended)
	}, nil
}

// watchSecrets follows the Secrets of one more cluster until the test ends.
func watchSecrets(t testing.TB, kubeconfig string) {
	t.Helper()
	if heard == nil {
		return
	}
	config, err := clientcmd.BuildConfigFromFlags("", kubeconfig)
	if err != nil {
		t.Fatal(err)
	}
	client, err := kubernetes.NewForConfig(config)
	if err != nil {
		t.Fatal(err)
	}
	stop, err := heard.follow(client)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := stop(); err != nil {
			t.Error(err)
		}
	})
}

// until adds what a watch sees, to the Secret of that name.
func (s *secrecy) until(watch *watchtools.RetryWatcher, last string) error {
	for event := range watch.ResultChan() {
		secret, is := event.Object.(*corev1.Secret)
		if !is {
			return fmt.Errorf("the watch of Secrets broke off: %w", apierrors.FromObject(event.Object))
		}
		if s.add(secret); secret.Name == last {
			return nil
		}
	}
	return errors.New("the watch of Secrets ended before the tests did")
}

// seen makes the last Secret, and waits until it was seen: so was all that came before it.
func seen(ctx context.Context, client kubernetes.Interface, last string, ended <-chan error) error {
	secrets := client.CoreV1().Secrets(metav1.NamespaceDefault)
	if _, err := secrets.Create(ctx, &corev1.Secret{ObjectMeta: metav1.ObjectMeta{Name: last}}, metav1.CreateOptions{}); err != nil {
		return err
	}
	limited, cancel := context.WithTimeout(ctx, patience)
	defer cancel()
	var err error
	select {
	case err = <-ended:
	case <-limited.Done():
		err = fmt.Errorf("the watch of Secrets did not see the last one in %s", patience)
	}
	return errors.Join(err, secrets.Delete(ctx, last, metav1.DeleteOptions{}))
}
