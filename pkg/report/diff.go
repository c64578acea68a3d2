// Copyright The kubectl-dapr-prod Authors.
// SPDX-License-Identifier: Apache-2.0

package report

import (
	"strings"

	"github.com/rogpeppe/go-internal/diff"
	"k8s.io/apimachinery/pkg/apis/meta/v1/unstructured"
	"sigs.k8s.io/yaml"
)

// difference is a unified diff of an object as it is and as it would be stored. It
// holds no value that might be a secret, so that one that changes only there is
// empty. An object that is not there yet has no live; name is what it is called.
func difference(live, next *unstructured.Unstructured, name string, p painter) ([]string, error) {
	var was []byte
	var err error
	if live != nil {
		if was, err = yaml.Marshal(stored(live)); err != nil {
			return nil, err
		}
	}
	is, err := yaml.Marshal(stored(next))
	if err != nil {
		return nil, err
	}
	text := string(diff.Diff(name, was, "planned", is))
	var lines []string
	for line := range strings.SplitSeq(strings.TrimSuffix(text, "\n"), "\n") {
		if line == "" || strings.HasPrefix(line, "diff ") {
			continue
		}
		lines = append(lines, p.paint(colorOfLine(line), escape(line)))
	}
	return lines, nil
}

func colorOfLine(line string) color {
	switch {
	case strings.HasPrefix(line, "+++"), strings.HasPrefix(line, "---"):
		return bold
	case strings.HasPrefix(line, "+"):
		return green
	case strings.HasPrefix(line, "-"):
		return red
	case strings.HasPrefix(line, "@@"):
		return cyan
	default:
		return plain
	}
}
