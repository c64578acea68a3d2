// Copyright The kubectl-dapr-prod Authors.
// SPDX-License-Identifier: Apache-2.0

package helm

import (
	"context"
	"encoding/base64"
	"errors"
	"fmt"
	"regexp"
	"slices"
	"strconv"
	"strings"

	release "helm.sh/helm/v4/pkg/release/v1"
	"k8s.io/apimachinery/pkg/apis/meta/v1/unstructured"

	"github.com/dapr-prod/kubectl-dapr-prod/pkg/sidecar"
)

// Mask stands for a value that is not printed.
const Mask = sidecar.Mask

// shortest is the length in bytes of the shortest value that is masked in texts: below,
// every word would be hit, and nothing is kept secret by three letters.
const shortest = 4

// mask knows what must not be printed of a release: the values that users gave, and
// what is in its Secrets. What the chart says by itself is known to be harmless.
type mask struct {
	hidden   map[string]bool
	harmless map[string]bool
}

func newMask(record *release.Release) *mask {
	m := &mask{hidden: map[string]bool{}, harmless: map[string]bool{record.Name: true, record.Namespace: true}}
	leaves(record.Config, m.add)
	m.addSecrets(record.Manifest)
	return m
}

// add takes a value that must not be printed.
func (m *mask) add(value string) {
	for _, line := range append(strings.Split(value, "\n"), value) {
		line = strings.TrimSpace(line)
		quoted := strconv.Quote(line)
		for _, form := range []string{line, quoted[1 : len(quoted)-1], base64.StdEncoding.EncodeToString([]byte(line)), base64.StdEncoding.EncodeToString([]byte(value))} {
			if len(line) >= shortest {
				m.hidden[form] = true
			}
		}
	}
}

// addSecrets takes what is in the Secrets of rendered manifests.
func (m *mask) addSecrets(manifest string) {
	objects, err := objectsIn(manifest)
	if err != nil {
		return // nothing of it will be printed
	}
	for _, o := range objects {
		if o.GetKind() != "Secret" {
			continue
		}
		leaves(o.Object["stringData"], m.add)
		leaves(o.Object["data"], func(value string) {
			m.add(value)
			if plain, err := base64.StdEncoding.DecodeString(value); err == nil {
				m.add(string(plain))
			}
		})
	}
}

// trust takes what a chart renders without any value of the user: all text in it is
// the chart's or the plan's.
func (m *mask) trust(manifest string) {
	objects, err := objectsIn(manifest)
	if err != nil {
		return // all is masked
	}
	for _, o := range objects {
		if o.GetKind() != "Secret" {
			leaves(o.Object, func(text string) { m.harmless[text] = true })
		}
	}
}

// quoted is what decoders print of the text that they cannot take: often a part.
var quoted = regexp.MustCompile("`[^`]*`")

// text is a text of others as it may be printed.
func (m *mask) text(s string) string {
	var hidden []string
	for value := range m.hidden {
		if !m.harmless[value] {
			hidden = append(hidden, value)
		}
	}
	slices.SortFunc(hidden, func(a, b string) int { return len(b) - len(a) })
	for _, value := range hidden {
		s = strings.ReplaceAll(s, value, Mask)
	}
	return quoted.ReplaceAllString(s, "`"+Mask+"`")
}

// error is an error of others as it may be printed. The error itself is not kept: it
// could be printed by accident.
func (m *mask) error(err error) error {
	if err == nil {
		return nil
	}
	for _, known := range []error{context.Canceled, context.DeadlineExceeded, errMoved, errLost} {
		if errors.Is(err, known) {
			return fmt.Errorf("%s%w", strings.TrimSuffix(m.text(err.Error()), known.Error()), known)
		}
	}
	return errors.New(m.text(err.Error()))
}

// object is an object as it may be printed; other is the one that it is compared with,
// so that a value that changes is seen to change.
func (m *mask) object(o, other *unstructured.Unstructured) map[string]any {
	if o == nil {
		return nil
	}
	var beside map[string]any
	if other != nil {
		beside = other.Object
	}
	masked := map[string]any{}
	for key, value := range o.Object {
		if text, isText := value.(string); isText && (key == "apiVersion" || key == "kind") {
			masked[key] = text
			continue
		}
		secret := o.GetKind() == "Secret" && (key == "data" || key == "stringData")
		masked[key] = m.masked(value, beside[key], secret)
	}
	if meta, isMap := masked["metadata"].(map[string]any); isMap {
		meta["name"] = o.GetName()
		if o.GetNamespace() != "" {
			meta["namespace"] = o.GetNamespace()
		}
	}
	return masked
}

func (m *mask) masked(value, beside any, secret bool) any {
	switch v := value.(type) {
	case map[string]any:
		other, _ := beside.(map[string]any)
		all := make(map[string]any, len(v))
		for key, one := range v {
			all[key] = m.masked(one, other[key], secret)
		}
		return all
	case []any:
		other, _ := beside.([]any)
		all := make([]any, len(v))
		for i, one := range v {
			var next any
			if i < len(other) {
				next = other[i]
			}
			all[i] = m.masked(one, next, secret)
		}
		return all
	case string:
		switch {
		case v == "" || m.harmless[v] && !secret:
			return v
		case beside != nil && beside != value:
			return Mask + " (another value)"
		default:
			return Mask
		}
	default:
		return v
	}
}

// leaves calls f with each text in a tree, and with each number as text.
func leaves(tree any, f func(string)) {
	switch v := tree.(type) {
	case map[string]any:
		for _, one := range v {
			leaves(one, f)
		}
	case []any:
		for _, one := range v {
			leaves(one, f)
		}
	case string:
		f(v)
	case float64:
		f(strconv.FormatFloat(v, 'f', -1, 64))
		f(fmt.Sprint(v))
	case int64:
		f(strconv.FormatInt(v, 10))
	}
}
