// Copyright The kubectl-dapr-prod Authors.
// SPDX-License-Identifier: Apache-2.0

// Command write writes annotations to the template of a Deployment, or reverts that:
// what the tests kill. It is built with the tag faults.
//
//	write KUBECONFIG JOURNAL NAMESPACE NAME KEY=VALUE...
//	write KUBECONFIG JOURNAL revert
package main

import (
	"context"
	"errors"
	"fmt"
	"os"
	"strings"
	"time"

	"k8s.io/apimachinery/pkg/apis/meta/v1/unstructured"
	"k8s.io/client-go/tools/clientcmd"

	"github.com/dapr-prod/kubectl-dapr-prod/pkg/apply"
	"github.com/dapr-prod/kubectl-dapr-prod/pkg/journal"
	"github.com/dapr-prod/kubectl-dapr-prod/pkg/plan"
	"github.com/dapr-prod/kubectl-dapr-prod/pkg/snapshot"
)

func main() {
	if err := run(context.Background(), os.Args[1], os.Args[2], os.Args[3:]); err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
}

func run(ctx context.Context, kubeconfig, path string, args []string) error {
	config, err := clientcmd.BuildConfigFromFlags("", kubeconfig)
	if err != nil {
		return err
	}
	client, err := apply.NewClient(config)
	if err != nil {
		return err
	}
	if args[0] == "revert" {
		record, err := journal.Read(path)
		if err != nil {
			return err
		}
		_, err = client.Revert(ctx, record, apply.RevertOptions{})
		return err
	}
	j, err := journal.Create(path, journal.Header{Tool: "test", Time: time.Now()})
	if err != nil {
		return err
	}
	o := snapshot.Object{APIVersion: "apps/v1", Kind: "Deployment", Namespace: args[0], Name: args[1]}
	for {
		live, err := client.Get(ctx, o)
		if err != nil {
			return err
		}
		_, err = client.Write(ctx, j, live, change(o, live, args[2:]), apply.Options{})
		if !errors.Is(err, apply.ErrChanged) {
			return err
		}
	}
}

func change(o snapshot.Object, live *unstructured.Unstructured, pairs []string) plan.Change {
	c := plan.Change{App: o, UID: live.GetUID(), Object: o, Path: "spec.template"}
	before, _, _ := unstructured.NestedStringMap(live.Object, "spec", "template", "metadata", "annotations")
	for _, pair := range pairs {
		key, value, _ := strings.Cut(pair, "=")
		a := plan.Annotation{Key: key, Value: value}
		if was, found := before[key]; found {
			a.Was = &was
		}
		c.Annotations = append(c.Annotations, a)
	}
	return c
}
