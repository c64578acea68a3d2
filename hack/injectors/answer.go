// Copyright The kubectl-dapr-prod Authors.
// SPDX-License-Identifier: Apache-2.0

package injectors

import (
	"encoding/json"
	"errors"
	"strings"
)

// The states of an Answer.
const (
	Injected    = "injected"
	NotInjected = "not injected"
	Denied      = "denied"
)

// Answer is what an injector makes of a Pod.
type Answer struct {
	State  string `json:"state"`
	Reason string `json:"reason,omitempty"`
	// Native tells that daprd becomes an init container.
	Native    bool            `json:"native,omitempty"`
	Container json.RawMessage `json:"container,omitempty"`
	// Labels are those set on the Pod, Volumes the names of those added to it.
	Labels  map[string]string `json:"labels,omitempty"`
	Volumes []string          `json:"volumes,omitempty"`
}

// answer reads the operations of the injector's patch.
func answer(patch []byte) (Answer, error) {
	if len(patch) == 0 {
		return Answer{State: NotInjected}, nil
	}
	var ops []struct {
		Op, Path string
		Value    json.RawMessage
	}
	if err := json.Unmarshal(patch, &ops); err != nil {
		return Answer{}, err
	}
	a := Answer{State: Injected, Labels: map[string]string{}}
	for _, op := range ops {
		label, isLabel := strings.CutPrefix(op.Path, "/metadata/labels/")
		switch {
		case op.Op != "add" && op.Op != "replace":
			return Answer{}, errors.New("the patch holds a " + op.Op)
		case isLabel:
			var value string
			if err := json.Unmarshal(op.Value, &value); err != nil {
				return Answer{}, err
			}
			a.Labels[strings.ReplaceAll(label, "~1", "/")] = value
		case strings.HasPrefix(op.Path, "/spec/volumes"):
			a.Volumes = append(a.Volumes, names(op.Value)...)
		case op.Path == "/spec/containers/-", op.Path == "/spec/initContainers/-":
			if a.Container != nil {
				return Answer{}, errors.New("the patch adds two containers")
			}
			a.Container, a.Native = op.Value, strings.HasPrefix(op.Path, "/spec/init")
		}
	}
	if a.Container == nil {
		return Answer{}, errors.New("the patch adds no container")
	}
	return a, nil
}

// names are those of the one object, or of the objects, that value holds.
func names(value json.RawMessage) []string {
	type named struct{ Name string }
	var one named
	if json.Unmarshal(value, &one) == nil {
		return []string{one.Name}
	}
	var list []named
	_ = json.Unmarshal(value, &list)
	var all []string
	for _, n := range list {
		all = append(all, n.Name)
	}
	return all
}
