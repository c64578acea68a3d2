// Copyright The kubectl-dapr-prod Authors.
// SPDX-License-Identifier: Apache-2.0

package kustomize

import (
	"errors"
	"fmt"
	"reflect"
	"slices"
	"strings"

	yamlv3 "go.yaml.in/yaml/v3"
	"sigs.k8s.io/yaml"
)

// Include names a Component in a kustomization, as the last of its components, and
// leaves every other byte as it is. One that is named already stays.
func Include(kustomization []byte, component string) ([]byte, error) {
	var before map[string]any
	if err := yaml.UnmarshalStrict(kustomization, &before); err != nil {
		return nil, errors.New("it is malformed: kubectl kustomize says where")
	}
	named, isList := before["components"].([]any)
	if before["components"] != nil && !isList {
		return nil, errors.New("components in it is no list")
	}
	if slices.Contains(named, any(component)) {
		return kustomization, nil
	}
	next := splice(string(kustomization), component)
	var after map[string]any
	if before == nil {
		before = map[string]any{}
	}
	before["components"] = append(slices.Clip(named), component)
	if next == "" || yaml.UnmarshalStrict([]byte(next), &after) != nil || !reflect.DeepEqual(before, after) {
		return nil, fmt.Errorf("there is no place for one more line: add %q to components in it yourself", component)
	}
	return []byte(next), nil
}

// splice puts a component into the text; empty where that is not known how.
func splice(text, component string) string {
	var doc yamlv3.Node
	if yamlv3.Unmarshal([]byte(text), &doc) != nil {
		return ""
	}
	eol := "\n"
	if strings.Contains(text, "\r\n") {
		eol = "\r\n"
	}
	lines := strings.SplitAfter(text, "\n")
	if len(doc.Content) == 0 {
		return appended(text, "components: ["+component+"]", eol)
	}
	root := doc.Content[0]
	if root.Kind != yamlv3.MappingNode || root.Style&yamlv3.FlowStyle != 0 {
		return ""
	}
	for i := 0; i+1 < len(root.Content); i += 2 {
		if root.Content[i].Value == "components" {
			return within(lines, root.Content[i], root.Content[i+1], component, eol)
		}
	}
	return appended(text, "components: ["+component+"]", eol)
}

// appended is text with one line more, before the end that it may mark.
func appended(text, line, eol string) string {
	if body, found := strings.CutSuffix(strings.TrimRight(text, "\r\n"), "..."); found && strings.HasSuffix(body, "\n") {
		return body + line + eol + text[len(body):]
	}
	if text != "" && !strings.HasSuffix(text, "\n") {
		return text + eol + line
	}
	return text + line + eol
}

// within adds to the list that is there.
func within(lines []string, key, list *yamlv3.Node, component, eol string) string {
	last := list
	if n := len(list.Content); n > 0 {
		last = list.Content[n-1]
	}
	switch {
	case list.Kind == yamlv3.ScalarNode && list.Value == "":
		return inserted(lines, key.Line, "- "+component, eol)
	case list.Kind != yamlv3.SequenceNode || last.Kind == yamlv3.AliasNode:
		return ""
	case list.Style&yamlv3.FlowStyle == 0:
		line := lines[last.Line-1]
		indent := line[:len(line)-len(strings.TrimLeft(line, " "))]
		return inserted(lines, last.Line, indent+"- "+component, eol)
	case last == list:
		return spliced(lines, list, "[", component)
	default:
		return spliced(lines, last, last.Value, ", "+component)
	}
}

// inserted is a line more behind the line of that number.
func inserted(lines []string, number int, line, eol string) string {
	if before := lines[number-1]; !strings.HasSuffix(before, "\n") {
		return strings.Join(lines, "") + eol + line
	}
	return strings.Join(slices.Insert(slices.Clone(lines), number, line+eol), "")
}

// spliced puts a text behind the one that stands at a node.
func spliced(lines []string, at *yamlv3.Node, behind, text string) string {
	line := []rune(lines[at.Line-1])
	if at.Column > len(line) {
		return ""
	}
	before, rest := string(line[:at.Column-1]), string(line[at.Column-1:])
	for _, quote := range []string{"", `"`, "'"} {
		if token := quote + behind + quote; strings.HasPrefix(rest, token) {
			lines = slices.Clone(lines)
			lines[at.Line-1] = before + token + text + rest[len(token):]
			return strings.Join(lines, "")
		}
	}
	return ""
}
