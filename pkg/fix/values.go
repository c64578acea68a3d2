// Copyright The kubectl-dapr-prod Authors.
// SPDX-License-Identifier: Apache-2.0

package fix

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"strings"

	"sigs.k8s.io/yaml"

	"github.com/dapr-prod/kubectl-dapr-prod/pkg/dapr"
	"github.com/dapr-prod/kubectl-dapr-prod/pkg/edit"
	"github.com/dapr-prod/kubectl-dapr-prod/pkg/guideline"
	"github.com/dapr-prod/kubectl-dapr-prod/pkg/manifest"
	"github.com/dapr-prod/kubectl-dapr-prod/pkg/plan"
	"github.com/dapr-prod/kubectl-dapr-prod/pkg/textfile"
)

// Values is how a file of values of Dapr's chart is planned for. No server is asked, and
// no chart rendered.
type Values struct {
	// Release is the one that the values are to install.
	Release dapr.Version
	// Guidelines are asked what values they want; those that are named decide, if there
	// are any.
	Guidelines []*guideline.Guideline
	Named      []string
	// Comment is what stands behind a value that is added.
	Comment func(*plan.Addition) string
}

// PreparedValues is a plan for a file of values, with the text that comes of it.
type PreparedValues struct {
	plan.FileValues
	manifest.Text
	Next []byte
}

// ChartValues are the texts of an input that are values of Dapr's chart, without a word
// of what else is in it. The error tells of the parts that could not be read.
func (f *Files) ChartValues(ctx context.Context) ([]manifest.Text, error) {
	texts := &manifest.Texts{}
	s, err := f.read(ctx, texts)
	if s == nil && len(texts.All()) == 0 {
		return nil, err
	}
	return valuesOf(texts), broken(err)
}

// broken is an error of reading, and nil where there is merely no object.
func broken(err error) error {
	if errors.Is(err, manifest.ErrNoObjects) {
		return nil
	}
	return err
}

func valuesOf(texts *manifest.Texts) []manifest.Text {
	var all []manifest.Text
	for _, text := range texts.All() {
		if text.Values {
			all = append(all, text)
		}
	}
	return all
}

// Prepare plans for a file of values. What its text does not take is left to a person;
// an error says why nothing can be said of it.
func (v *Values) Prepare(text manifest.Text) (*PreparedValues, error) {
	spot, tree, err := chartValues(text.Content)
	if err != nil {
		return nil, fmt.Errorf("%s: %w", text.Name, err)
	}
	if _, errs := edit.Write(text.Content, []edit.Object{v.object(spot)}); errs[0] != nil {
		return nil, fmt.Errorf("%s: %w", text.Name, errs[0])
	}
	p := &PreparedValues{Text: text, FileValues: plan.MakeFileValues(tree, v.Release, v.Guidelines, v.Named)}
	for _, a := range p.Additions {
		if _, errs := edit.Write(text.Content, []edit.Object{v.object(spot, a)}); errs[0] != nil {
			p.Drop(a.Path, errs[0].Error())
		}
	}
	next, errs := edit.Write(text.Content, []edit.Object{v.object(spot, p.Additions...)})
	p.Next = next
	if errs[0] != nil {
		return nil, fmt.Errorf("%s: %w", text.Name, errs[0])
	}
	if _, tree, err = chartValues(next); err != nil {
		return nil, fmt.Errorf("%s: %w", text.Name, err)
	}
	again := plan.MakeFileValues(tree, v.Release, v.Guidelines, v.Named)
	for _, a := range again.Additions {
		if p.has(a.Path) {
			return nil, fmt.Errorf("%s: %s would have to be written once more: write it by hand", text.Name, a.Path)
		}
	}
	return p, nil
}

func (p *PreparedValues) has(path string) bool {
	for _, a := range p.Additions {
		if a.Path == path {
			return true
		}
	}
	return false
}

// object is what is to be written into a document.
func (v *Values) object(spot edit.Spot, all ...plan.Addition) edit.Object {
	o := edit.Object{Spot: spot, Braces: true}
	for i := range all {
		o.Sets = append(o.Sets, edit.Set{Path: strings.Split(all[i].Path, "."), Value: all[i].Value.Value, Comment: v.Comment(&all[i])})
	}
	return o
}

// chartValues are the values that a text holds, and where.
func chartValues(text []byte) (spot edit.Spot, tree map[string]any, err error) {
	spots := edit.Spots(text)
	switch {
	case bytes.HasPrefix(text, []byte{0xFE, 0xFF}), bytes.HasPrefix(text, []byte{0xFF, 0xFE}):
		return spot, nil, errors.New("it is not written in UTF-8: convert it first")
	case len(spots) == 0:
		return spot, nil, fmt.Errorf("it holds no values: fix --scope=control-plane -o helm --dapr-version %s writes those for a new install", dapr.NewestVersion())
	case len(spots) > 1:
		return spot, nil, errors.New("it holds several documents, of which Helm reads the first alone: give each a file of its own")
	}
	// What the parser has against it may hold a part of it.
	if err := yaml.Unmarshal(bytes.TrimPrefix(text, []byte("\ufeff")), &tree); err != nil || tree == nil {
		return spot, nil, errors.New("it holds no mapping that Helm could read: if it is a template, change what it is rendered from")
	}
	if tree["apiVersion"] != nil && tree["kind"] != nil {
		return spot, nil, errors.New("it is a Kubernetes object, and no values of a chart: name it with -f")
	}
	return spots[0], tree, nil
}

// Write puts the new text into its file.
func (p *PreparedValues) Write() error {
	if err := textfile.Replace(p.Name, p.Content, p.Next); err != nil {
		return fmt.Errorf("%s: %w", p.Name, err)
	}
	return nil
}
