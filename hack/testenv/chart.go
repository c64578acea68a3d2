// Copyright The kubectl-dapr-prod Authors.
// SPDX-License-Identifier: Apache-2.0

package main

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io/fs"
	"log/slog"
	"os"
	"path/filepath"
	"strings"
	"time"

	"helm.sh/helm/v4/pkg/action"
	"helm.sh/helm/v4/pkg/chart/common"
	"helm.sh/helm/v4/pkg/chart/v2/loader"
	"helm.sh/helm/v4/pkg/kube"
	"helm.sh/helm/v4/pkg/strvals"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/cli-runtime/pkg/genericclioptions"
)

const (
	daprNamespace = "dapr-system"
	daprRelease   = "dapr"
)

// installDapr installs Dapr's chart as the helm program would, and returns
// without waiting for its Pods.
func (c *cluster) installDapr(ctx context.Context, options clusterOptions) error {
	version := c.release.number()
	if err := writeReleasedChart(filepath.Join(c.release.Dir, "charts", "dapr"), c.chart, version); err != nil {
		return err
	}
	chart, err := loader.LoadDir(c.chart)
	if err != nil {
		return fmt.Errorf("chart of dapr %s: %w", version, err)
	}
	values, err := chartValues(options.helmValues, options.helmSet)
	if err != nil {
		return err
	}
	// Otherwise the fields would belong to a manager named "testenv", which no
	// real cluster has.
	kube.ManagedFieldsManager = "helm"
	getter := genericclioptions.NewConfigFlags(true).WithDeprecatedPasswordFlag()
	namespace := daprNamespace
	getter.KubeConfig, getter.Namespace = &c.kubeconfig, &namespace
	config := action.NewConfiguration()
	config.SetLogger(slog.DiscardHandler)
	if err := config.Init(getter, daprNamespace, "secret"); err != nil {
		return err
	}
	install := action.NewInstall(config)
	install.ReleaseName, install.Namespace, install.CreateNamespace = daprRelease, daprNamespace, true
	install.WaitStrategy, install.Timeout = kube.HookOnlyStrategy, time.Minute
	if _, err := install.RunWithContext(ctx, chart, values); err != nil {
		return fmt.Errorf("chart of dapr %s cannot be installed: %w", version, err)
	}
	return nil
}

// chartValues reads the values for the chart. What is set by itself wins over
// the file, as with helm.
func chartValues(file string, sets []string) (map[string]any, error) {
	values := common.Values{}
	if file != "" {
		var err error
		if values, err = common.ReadValuesFile(file); err != nil {
			return nil, fmt.Errorf("--helm-values: %w", err)
		}
	}
	for _, set := range sets {
		if err := strvals.ParseInto(set, values); err != nil {
			return nil, fmt.Errorf("--helm-set %s: %w", set, err)
		}
	}
	return values, nil
}

// writeReleasedChart copies the chart as the sources have it and puts the
// release number in place of the placeholders, as Dapr's release does. Left
// alone, every version check would see a development build.
func writeReleasedChart(from, to, version string) error {
	return filepath.WalkDir(from, func(path string, entry fs.DirEntry, err error) error {
		if err != nil || entry.IsDir() || strings.HasSuffix(path, ".go") {
			return err
		}
		content, err := os.ReadFile(path)
		if err != nil {
			return err
		}
		relative, err := filepath.Rel(from, path)
		if err != nil {
			return err
		}
		switch {
		case relative == "values.yaml":
			content, err = replace(content, "tag: 'edge'", "tag: '"+version+"'", relative)
		case entry.Name() == "Chart.yaml":
			content, err = replace(content, "0.0.0", version, relative)
		}
		if err != nil {
			return err
		}
		target := filepath.Join(to, relative)
		if err := os.MkdirAll(filepath.Dir(target), 0o755); err != nil {
			return err
		}
		return os.WriteFile(target, content, 0o644)
	})
}

func replace(content []byte, placeholder, value, name string) ([]byte, error) {
	if !bytes.Contains(content, []byte(placeholder)) {
		return nil, fmt.Errorf("%s of dapr's chart lacks the placeholder %q: adapt writeReleasedChart to this release", name, placeholder)
	}
	return bytes.ReplaceAll(content, []byte(placeholder), []byte(value)), nil
}

// waitDaprWorkloads waits until kwok and the controllers report all replicas.
func (c *cluster) waitDaprWorkloads(ctx context.Context) error {
	return waitFor(ctx, "dapr's control plane in "+daprNamespace, 90*time.Second, func(ctx context.Context) error {
		deployments, err := c.client.AppsV1().Deployments(daprNamespace).List(ctx, metav1.ListOptions{})
		if err != nil {
			return err
		}
		sets, err := c.client.AppsV1().StatefulSets(daprNamespace).List(ctx, metav1.ListOptions{})
		if err != nil {
			return err
		}
		var missing []error
		for _, d := range deployments.Items {
			if d.Status.ReadyReplicas < *d.Spec.Replicas {
				missing = append(missing, fmt.Errorf("deployment %s has %d of %d", d.Name, d.Status.ReadyReplicas, *d.Spec.Replicas))
			}
		}
		for _, s := range sets.Items {
			if s.Status.ReadyReplicas < *s.Spec.Replicas {
				missing = append(missing, fmt.Errorf("statefulset %s has %d of %d", s.Name, s.Status.ReadyReplicas, *s.Spec.Replicas))
			}
		}
		return errors.Join(missing...)
	})
}
