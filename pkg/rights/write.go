// Copyright The kubectl-dapr-prod Authors.
// SPDX-License-Identifier: Apache-2.0

package rights

import (
	"encoding/json"
	"fmt"
	"io"
	"strings"

	"go.yaml.in/yaml/v3"
	rbacv1 "k8s.io/api/rbac/v1"
	k8syaml "sigs.k8s.io/yaml"
)

// kind is how Kubernetes calls a role.
func (r Role) kind() string {
	if r.Namespace == "" {
		return "ClusterRole"
	}
	return "Role"
}

// Binding is the command that gives the role to a user.
func (r Role) Binding() string {
	if r.Namespace == "" {
		return fmt.Sprintf("kubectl create clusterrolebinding %s --clusterrole=%[1]s --user=NAME", r.Name)
	}
	return fmt.Sprintf("kubectl create rolebinding %s -n %s --role=%[1]s --user=NAME", r.Name, r.Namespace)
}

// JSON writes the role as JSON. Comments have no place there.
func (r Role) JSON(w io.Writer) error {
	type metadata struct {
		Name      string `json:"name"`
		Namespace string `json:"namespace,omitempty"`
	}
	role := struct {
		APIVersion string              `json:"apiVersion"`
		Kind       string              `json:"kind"`
		Metadata   metadata            `json:"metadata"`
		Rules      []rbacv1.PolicyRule `json:"rules"`
	}{rbacv1.SchemeGroupVersion.String(), r.kind(), metadata{r.Name, r.Namespace}, []rbacv1.PolicyRule{}}
	for _, rule := range r.Rules {
		role.Rules = append(role.Rules, rbacv1.PolicyRule{
			APIGroups: []string{rule.Group}, Resources: rule.Resources, ResourceNames: rule.Names, Verbs: rule.Verbs,
		})
	}
	encoder := json.NewEncoder(w)
	encoder.SetIndent("", "  ")
	return encoder.Encode(role)
}

// YAML writes the role as YAML, with all that is to be said of it in comments.
func (r Role) YAML(w io.Writer) error {
	var rules yaml.Node
	rules.Kind = yaml.SequenceNode
	for _, rule := range r.Rules {
		one := mapping("apiGroups", list([]string{rule.Group}), "resources", list(rule.Resources))
		if len(rule.Names) > 0 {
			one.Content = append(one.Content, mapping("resourceNames", list(rule.Names)).Content...)
		}
		one.Content = append(one.Content, mapping("verbs", list(rule.Verbs)).Content...)
		one.HeadComment = strings.Join(wrapped(rule.Why), "\n")
		rules.Content = append(rules.Content, one)
	}
	metadata := mapping("name", text(r.Name))
	if r.Namespace != "" {
		metadata = mapping("name", text(r.Name), "namespace", text(r.Namespace))
	}
	role := mapping("apiVersion", text(rbacv1.SchemeGroupVersion.String()), "kind", text(r.kind()), "metadata", metadata, "rules", &rules)
	if _, err := io.WriteString(w, comment(r.Notes)); err != nil {
		return err
	}
	encoder := yaml.NewEncoder(w)
	encoder.SetIndent(2)
	if err := encoder.Encode(role); err != nil {
		return err
	}
	return encoder.Close()
}

// mapping is a map of keys and values, which take turns.
func mapping(pairs ...any) *yaml.Node {
	m := &yaml.Node{Kind: yaml.MappingNode}
	for i := 0; i+1 < len(pairs); i += 2 {
		key, _ := pairs[i].(string)
		value, _ := pairs[i+1].(*yaml.Node)
		m.Content = append(m.Content, text(key), value)
	}
	return m
}

// text is one that is read as text by YAML of every age: "yes" is a truth value in 1.1.
func text(s string) *yaml.Node {
	node := &yaml.Node{}
	node.SetString(s)
	if plain, err := k8syaml.Marshal(s); err != nil || string(plain) != s+"\n" {
		node.Style = yaml.DoubleQuotedStyle
	}
	return node
}

// list is one on one line if it is short.
func list(all []string) *yaml.Node {
	node := &yaml.Node{Kind: yaml.SequenceNode}
	length := 0
	for _, s := range all {
		node.Content = append(node.Content, text(s))
		length += len(s) + len(", ")
	}
	if length <= width-len("    resourceNames: []") {
		node.Style = yaml.FlowStyle
	}
	return node
}

// width is that of the text.
const width = 88

// comment is paragraphs as comments, an empty one between two.
func comment(paragraphs []string) string {
	var b strings.Builder
	for i, p := range paragraphs {
		if i > 0 {
			b.WriteString("#\n")
		}
		for _, line := range wrapped([]string{p}) {
			b.WriteString("# " + line + "\n")
		}
	}
	return b.String()
}

// wrapped are the lines of sentences. A sentence that begins with a blank is a line of
// its own, to be copied.
func wrapped(all []string) []string {
	var lines []string
	for _, sentence := range all {
		for part := range strings.SplitSeq(sentence, "\n") {
			if strings.HasPrefix(part, " ") {
				lines = append(lines, part)
				continue
			}
			line := ""
			for word := range strings.FieldsSeq(part) {
				if line != "" && len("# "+line+" "+word) > width {
					lines = append(lines, line)
					line = ""
				}
				line = strings.TrimPrefix(line+" "+word, " ")
			}
			lines = append(lines, line)
		}
	}
	return lines
}
