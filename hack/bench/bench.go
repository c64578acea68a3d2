// Copyright The kubectl-dapr-prod Authors.
// SPDX-License-Identifier: Apache-2.0

//go:build unix

package main

import (
	"context"
	"encoding/json"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"time"

	"k8s.io/client-go/kubernetes"
	"k8s.io/client-go/tools/clientcmd"
)

// figures are what a command took: the medians of its runs.
type figures struct {
	Wall, CPU time.Duration
	// Memory is the most that was resident, in bytes.
	Memory int64
}

// comparison is a command of the plugin, and what it is held against.
type comparison struct {
	name string
	args []string
	// beside is what it is measured beside, in words and as a command; size is that of
	// the text that both read, in bytes.
	beside  string
	against []string
	size    int64
	// aim is what is promised.
	aim string
}

// bench fills the cluster, measures, and prints a table.
func bench(ctx context.Context, plugin string) error {
	plugin, err := filepath.Abs(plugin)
	if err != nil {
		return err
	}
	config, err := clientcmd.BuildConfigFromFlags("", os.Getenv("KUBECONFIG"))
	if err != nil {
		return fmt.Errorf("%w: run it in a cluster of testenv", err)
	}
	config.QPS, config.Burst = 200, 400
	client, err := kubernetes.NewForConfig(config)
	if err != nil {
		return err
	}
	if err := fill(ctx, client); err != nil {
		return err
	}
	dir, err := os.MkdirTemp("", "dapr-prod-bench-")
	if err != nil {
		return err
	}
	defer os.RemoveAll(dir)
	return measure(ctx, plugin, dir)
}

// measure runs every comparison, each side in turn, so that both meet the same machine.
func measure(ctx context.Context, plugin, dir string) error {
	all, err := comparisons(ctx, dir)
	if err != nil {
		return err
	}
	fmt.Println("| command | time | CPU | memory | beside | time | CPU | ratio | aim |\n|---|---|---|---|---|---|---|---|---|")
	for _, c := range all {
		var is, was []figures
		for range *runs {
			if c.against[0] == os.Args[0] && c.against[1] == "lists" {
				// Pages expire, so they are asked for as they were just now.
				if err := record(ctx, plugin, c.against[2], c.args...); err != nil {
					return err
				}
			}
			for _, side := range []struct {
				command []string
				all     *[]figures
			}{{append([]string{plugin}, c.args...), &is}, {c.against, &was}} {
				f, err := once(ctx, side.command)
				if err != nil {
					return err
				}
				*side.all = append(*side.all, f)
			}
		}
		c.print(median(is), median(was), ratio(is, was))
	}
	return nil
}

// comparisons are what is measured.
func comparisons(ctx context.Context, dir string) ([]comparison, error) {
	lists := func(name string) []string { return []string{os.Args[0], "lists", filepath.Join(dir, name)} }
	jsonFile, yamlFile := filepath.Join(dir, "all.json"), filepath.Join(dir, "all.yaml")
	for format, file := range map[string]string{"json": jsonFile, "yaml": yamlFile} {
		if err := export(ctx, format, file); err != nil {
			return nil, err
		}
	}
	one := []string{"check", "-n", nameOf(0), "--fail-on=never"}
	return []comparison{
		{name: "check -A", args: []string{"check", "-A", "--fail-on=never"}, beside: "the bare lists", against: lists("all"), aim: "at most 2; under 120 MB"},
		{name: "check -n one", args: one, beside: "the bare lists", against: lists("one"), aim: "that namespace and the control plane"},
		{name: "fix -A --dry-run=client", args: []string{"fix", "-A", "--dry-run=client"}, beside: "the bare lists", against: lists("fix")},
		{name: "check -f all.json", args: []string{"check", "--fail-on=never", "-f", jsonFile}, beside: "parsing it", against: []string{os.Args[0], "parse", jsonFile}, size: size(jsonFile), aim: "50 MB/s"},
		{name: "check -f all.yaml", args: []string{"check", "--fail-on=never", "-f", yamlFile}, beside: "parsing it", against: []string{os.Args[0], "parse", yamlFile}, size: size(yamlFile), aim: "at most 1.25"},
		{name: "--help", args: []string{"--help"}, beside: "kubectl --help", against: []string{"kubectl", "--help"}, aim: "under 60 ms of CPU"},
	}, nil
}

// export writes all Deployments and Pods as one list.
func export(ctx context.Context, format, file string) error {
	out, err := os.Create(file)
	if err != nil {
		return err
	}
	defer out.Close()
	c := exec.CommandContext(ctx, "kubectl", "get", "deployments,pods", "-A", "-o", format, "--show-managed-fields=false")
	c.Stdout, c.Stderr = out, os.Stderr
	return c.Run()
}

func size(file string) int64 {
	info, err := os.Stat(file)
	if err != nil {
		return 0
	}
	return info.Size()
}

// once runs a command under measure, which stands beside this program.
func once(ctx context.Context, command []string) (f figures, err error) {
	c := exec.CommandContext(ctx, filepath.Join(filepath.Dir(os.Args[0]), "measure"), command...)
	c.Stderr = os.Stderr
	out, err := c.Output()
	if err != nil {
		return f, err
	}
	return f, json.Unmarshal(out, &f)
}

// median takes each figure by itself.
func median(all []figures) figures {
	middle := func(of func(figures) int64) int64 {
		var values []int64
		for _, f := range all {
			values = append(values, of(f))
		}
		slices.Sort(values)
		return values[len(values)/2]
	}
	return figures{
		Wall:   time.Duration(middle(func(f figures) int64 { return int64(f.Wall) })),
		CPU:    time.Duration(middle(func(f figures) int64 { return int64(f.CPU) })),
		Memory: middle(func(f figures) int64 { return f.Memory }),
	}
}

// ratio is the median of what one side took of the time of the other, run by run: the
// machine, and the server, are not the same all the time.
func ratio(is, was []figures) float64 {
	var all []float64
	for i := range is {
		all = append(all, is[i].Wall.Seconds()/was[i].Wall.Seconds())
	}
	slices.Sort(all)
	return all[len(all)/2]
}

// print writes a line of the table.
func (c comparison) print(is, was figures, ratio float64) {
	speed := ""
	if c.size > 0 {
		speed = fmt.Sprintf(" (%.0f MB/s)", float64(c.size)/1e6/is.Wall.Seconds())
	}
	fmt.Printf("| `%s` | %s%s | %s | %d MB | %s | %s | %s | %.2f | %s |\n",
		c.name, is.Wall.Round(time.Millisecond), speed, is.CPU.Round(time.Millisecond), is.Memory/1e6,
		c.beside, was.Wall.Round(time.Millisecond), was.CPU.Round(time.Millisecond), ratio, c.aim)
}
