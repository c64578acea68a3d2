// Copyright The kubectl-dapr-prod Authors.
// SPDX-License-Identifier: Apache-2.0

package main

import (
	"context"
	"fmt"
	"maps"
	"slices"
	"strings"
)

// otherCharts are the releases that --chart knows beside the one in tools/dapr,
// with the checksums of their modules, as go.sum would have them. One go.mod
// cannot require two releases of a module, and a module for each would say the
// same in ten files, which go mod tidy empties because nothing is imported.
var otherCharts = map[string]string{
	"1.13.5": "h1:GAhW30DzNKl+2DBMAERZoQH+S2hrkvl/TKsZ59FQ+xM=",
	"1.14.4": "h1:OEyAFvpW4AK+MWyX5xp9zVLiC+oY/5ziDzh16F+aoWU=",
	"1.15.0": "h1:aow8/QgOeTfra4TfVSO/YGDjrZAY7KyxKI9KwNS9voE=",
	"1.16.2": "h1:pZ2WSW9CG8tbM+afIHO0lLiGr1/AV2O0bMF75OED0TI=",
	"1.17.0": "h1:GI9uU7yZVTBkzGRJl4cA/LJObEcV0+SJJJ46Dtueayo=",
}

// parts are what a cluster is made of.
type parts struct {
	tools toolset
	dapr  source // of Dapr's programs
	chart source // the release that has the chart
}

// prepare builds and downloads what the cluster needs and is not there yet.
func prepare(ctx context.Context, options clusterOptions) (parts, error) {
	dapr, err := daprModule.source(ctx)
	if err != nil {
		return parts{}, err
	}
	chart, err := chartSource(ctx, options.chart, dapr)
	if err != nil {
		return parts{}, err
	}
	tools, err := buildAll(ctx, func(string, string, string) {})
	return parts{tools: tools, dapr: dapr, chart: chart}, err
}

// chartSource finds the release that has the wanted chart; builtIn is the one
// of Dapr's programs, and what is meant when none is named.
func chartSource(ctx context.Context, wanted string, builtIn source) (source, error) {
	if wanted == "" || wanted == builtIn.number() {
		return builtIn, nil
	}
	sum, known := otherCharts[wanted]
	if !known {
		all := append(slices.Sorted(maps.Keys(otherCharts)), builtIn.number())
		return source{}, usagef("--chart %s is not known, only %s", wanted, strings.Join(all, ", "))
	}
	// At the root there is no go.mod, whose requirements would come into it. The
	// checksum is at hand, so nobody has to ask Go's database for it.
	cmd := goCommand(ctx, "/", "mod", "download", "-json", daprModule.pins+"@v"+wanted)
	cmd.Env = append(cmd.Env, "GONOSUMDB="+daprModule.pins)
	found, err := download(cmd)
	if err != nil {
		return source{}, err
	}
	return found, checkSum(found, sum)
}

// checkSum refuses a module with another content than the one that was tested.
func checkSum(found source, sum string) error {
	if found.Sum != sum {
		return fmt.Errorf("dapr %s has the checksum %s and not %s: do not use it", found.number(), found.Sum, sum)
	}
	return nil
}
