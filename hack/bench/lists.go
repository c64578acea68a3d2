// Copyright The kubectl-dapr-prod Authors.
// SPDX-License-Identifier: Apache-2.0

//go:build unix

package main

import (
	"bufio"
	"context"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"os"
	"os/exec"
	"regexp"
	"slices"

	"golang.org/x/sync/errgroup"
	"k8s.io/client-go/rest"
	"k8s.io/client-go/tools/clientcmd"
)

// connections is how many lists the plugin has under way at a time.
const connections = 8

// request is one that the plugin made, as its log has it.
type request struct {
	Path   string     `json:"path"`
	Query  url.Values `json:"query"`
	Accept string     `json:"accept"`
}

// asked matches the lines of client-go's log at level 7 that tell of a request.
var (
	asked  = regexp.MustCompile(`"Request" verb="GET" url="([^"]+)"`)
	accept = regexp.MustCompile(`^\s+Accept: (.*)$`)
)

// record runs the plugin once, and writes down what it asked the server for.
func record(ctx context.Context, plugin, file string, args ...string) error {
	c := exec.CommandContext(ctx, plugin, append(args, "-v=7")...)
	log, err := c.StderrPipe()
	if err != nil {
		return err
	}
	if err := c.Start(); err != nil {
		return err
	}
	var all []request
	lines := bufio.NewScanner(log)
	lines.Buffer(nil, 1<<20)
	for lines.Scan() {
		if m := asked.FindStringSubmatch(lines.Text()); m != nil {
			u, err := url.Parse(m[1])
			if err != nil {
				return err
			}
			all = append(all, request{Path: u.Path, Query: u.Query()})
		} else if m := accept.FindStringSubmatch(lines.Text()); m != nil && len(all) > 0 {
			all[len(all)-1].Accept = m[1]
		}
	}
	_ = c.Wait() // it finds something
	if len(all) == 0 {
		return fmt.Errorf("%s %q made no request that its log tells of", plugin, args)
	}
	text, err := json.Marshal(all)
	if err != nil {
		return err
	}
	return os.WriteFile(file, text, 0o600)
}

// bareLists asks for all that was written down, over as many connections as the plugin
// has, and throws away what comes. The pages of one list come one after the other.
func bareLists(ctx context.Context, file string) error {
	text, err := os.ReadFile(file)
	if err != nil {
		return err
	}
	var all []request
	if err := json.Unmarshal(text, &all); err != nil {
		return err
	}
	config, err := clientcmd.BuildConfigFromFlags("", os.Getenv("KUBECONFIG"))
	if err != nil {
		return err
	}
	config.QPS = -1
	client, err := rest.HTTPClientFor(config)
	if err != nil {
		return err
	}
	var order []string
	lists := map[string][]request{}
	for _, r := range all {
		if !slices.Contains(order, r.Path) {
			order = append(order, r.Path)
		}
		lists[r.Path] = append(lists[r.Path], r)
	}
	group, ctx := errgroup.WithContext(ctx)
	group.SetLimit(connections)
	for _, path := range order {
		group.Go(func() error {
			for _, r := range lists[path] {
				if err := get(ctx, client, config.Host, r); err != nil {
					return err
				}
			}
			return nil
		})
	}
	return group.Wait()
}

// get reads an answer and drops it.
func get(ctx context.Context, client *http.Client, host string, r request) error {
	q, err := http.NewRequestWithContext(ctx, http.MethodGet, host+r.Path+"?"+r.Query.Encode(), nil)
	if err != nil {
		return err
	}
	q.Header.Set("Accept", r.Accept)
	answer, err := client.Do(q)
	if err != nil {
		return err
	}
	defer answer.Body.Close()
	if _, err := io.Copy(io.Discard, answer.Body); err != nil {
		return err
	}
	if answer.StatusCode == http.StatusGone {
		return fmt.Errorf("%s: the pages are too old: the run before took too long", r.Path)
	}
	return nil
}
