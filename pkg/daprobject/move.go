// Copyright The kubectl-dapr-prod Authors.
// SPDX-License-Identifier: Apache-2.0

package daprobject

import (
	"cmp"
	"fmt"
	"reflect"
	"regexp"
	"slices"
	"strings"

	"k8s.io/apimachinery/pkg/apis/meta/v1/unstructured"
	"k8s.io/apimachinery/pkg/types"

	"github.com/dapr-prod/kubectl-dapr-prod/pkg/snapshot"
)

// Judge tells whether the value of a setting is a secret, or may be one.
type Judge func(*snapshot.DaprObject, snapshot.Setting) bool

// Move is how secrets get out of one object.
type Move struct {
	Object snapshot.Object
	UID    types.UID
	// Secret is the name of the Secret that they move to, in the object's namespace.
	Secret string
	// Values are those that move, in the order of the object.
	Values []Value
	// Stay are those that do not, and why.
	Stay []Staying
	// Copy tells that kubectl's copy of the object holds secrets, too, which are taken
	// out of it; CopyLeft that it holds some then still, as the object does.
	Copy, CopyLeft bool

	judge Judge
	// used are the keys of Secrets that the object refers to before.
	used []used
	// hidden are all secrets of the object and of kubectl's copy.
	hidden []snapshot.Concealed
}

// Hidden are all secrets that were found, those that stay among them: no sentence about
// the object may hold one.
func (m *Move) Hidden() []snapshot.Concealed { return m.hidden }

// SameAs tells whether two moves come to the same, whenever each was worked out.
func (m *Move) SameAs(other *Move) bool {
	return m.Object == other.Object && m.UID == other.UID && m.Secret == other.Secret && m.Copy == other.Copy && reflect.DeepEqual(m.Values, other.Values)
}

// Value is one value that moves.
type Value struct {
	// Place is where it stands, for people.
	Place string
	// Path leads to the list, and Index to the entry in it; a value that stands alone
	// has its own path, and no list.
	Path  []string
	Index int
	Alone bool
	Name  string
	// Key is the one of the Secret: none that the object refers to already in a Secret that
	// was made for it, under whatever number.
	Key string
	// JSON tells that it is a number, a bool or more, and no string: in the Secret are the
	// bytes that daprd makes of it.
	JSON bool
	// Bytes are what daprd hands to the component, and what the Secret holds.
	Bytes snapshot.Concealed
}

// Staying is a value that does not move.
type Staying struct {
	Place, Why string
}

// NewMove works out which values of an object move, as the server has it or as it stands
// in a manifest.
func NewMove(object *unstructured.Unstructured, judge Judge) *Move {
	m := &Move{Object: objectOf(object), UID: object.GetUID(), judge: judge, used: usedIn(object.Object["spec"])}
	m.Secret = SecretName(m.Object, 1)
	judged := judgedAs(object)
	keys := m.keysTaken()
	for _, e := range entries(m.Object.Kind, object.Object) {
		s := e.setting()
		if !judge(judged, s) {
			continue
		}
		m.hidden = append(m.hidden, s.Value)
		if why := stays(judged, &e); why != "" {
			m.Stay = append(m.Stay, Staying{Place: shownPlace(&e), Why: why})
			continue
		}
		key := keyOf(e.name(), keys)
		keys = append(keys, key)
		_, isText := e.content["value"].(string)
		m.Values = append(m.Values, Value{
			Place: shownPlace(&e), Path: e.path, Index: e.index, Alone: e.alone, Name: e.name(), Key: key, JSON: !isText, Bytes: s.Value,
		})
	}
	m.Copy, m.CopyLeft = m.copyLeaks(object)
	return m
}

// Nothing tells that there is nothing to write.
func (m *Move) Nothing() bool { return len(m.Values) == 0 && !m.Copy }

// judgedAs is an object as guidelines see it, without its settings.
func judgedAs(o *unstructured.Unstructured) *snapshot.DaprObject {
	judged := &snapshot.DaprObject{Object: objectOf(o)}
	judged.Type, _, _ = unstructured.NestedString(o.Object, "spec", "type")
	judged.Version, _, _ = unstructured.NestedString(o.Object, "spec", "version")
	judged.SecretStore, _, _ = unstructured.NestedString(o.Object, "auth", "secretStore")
	for _, transport := range []string{"streamableHTTP", "sse"} {
		if store, _, _ := unstructured.NestedString(o.Object, "spec", "endpoint", transport, "auth", "secretStore"); store != "" {
			judged.SecretStore = store
		}
	}
	return judged
}

// stays says why the value of an entry cannot move; empty where it can.
func stays(o *snapshot.DaprObject, e *entry) string {
	raw := e.raw()
	value := taken(raw)
	name, _ := e.ref()
	switch {
	case name != "":
		return "it stands beside a secretKeyRef: see that the Secret there holds the key, and take the value out"
	case o.SecretStore != "" && o.SecretStore != "kubernetes":
		return "its references lead to another secret store than Kubernetes (auth.secretStore): put it there, and write secretKeyRef in its place"
	case encrypts(o, e):
		return "it encrypts state: Dapr marks each record with the name of the Secret that the key comes from, and apps that disable the built-in secret store " +
			"would go on without encryption; put it into a Secret by hand, and read in the guideline how it is rotated"
	case taken(value) != value && o.Object.Kind != kindConfiguration:
		return "it stands in quotes of its own, which daprd takes off a value that comes from a Secret: rotate it to one without, and run this again"
	case e.name() == "":
		return "it has no name"
	default:
		return ""
	}
}

// encrypts tells of the keys that Dapr encrypts state with.
func encrypts(o *snapshot.DaprObject, e *entry) bool {
	return strings.HasPrefix(strings.ToLower(o.Type), "state.") &&
		(strings.EqualFold(e.name(), "primaryEncryptionKey") || strings.EqualFold(e.name(), "secondaryEncryptionKey"))
}

var plainName = regexp.MustCompile(`^[A-Za-z0-9_.-]{1,64}$`)

// shownPlace is the place of an entry as it may be printed: who writes a secret as the
// name has put it there.
func shownPlace(e *entry) string {
	if e.alone || plainName.MatchString(e.name()) {
		return e.place()
	}
	return fmt.Sprintf("%s[%d].value", strings.Join(e.path, "."), e.index)
}

// keyOf is a key of a Secret for a name, and none of those that are taken.
func keyOf(name string, used []string) string {
	key := "value"
	if plainName.MatchString(name) && strings.Trim(name, ".") != "" && !strings.HasPrefix(name, "..") {
		key = name
	}
	once := key
	for n := 2; slices.Contains(used, key); n++ {
		key = fmt.Sprintf("%s-%d", once, n)
	}
	return key
}

// longestName is how long the name of a Secret may be.
const longestName = 253

// SecretName is the n-th name for the Secret of an object's values, from 1.
func SecretName(o snapshot.Object, n int) string {
	end := "-secrets"
	if o.Kind != snapshot.KindComponent {
		end = "-" + strings.ToLower(o.Kind) + end
	}
	if n > 1 {
		end = fmt.Sprintf("%s-%d", end, n)
	}
	return strings.TrimRight(o.Name[:min(len(o.Name), longestName-len(end))], "-.") + end
}

// objectOf names an object.
func objectOf(o *unstructured.Unstructured) snapshot.Object {
	return snapshot.Object{
		APIVersion: cmp.Or(o.GetAPIVersion(), "dapr.io/v1alpha1"), Kind: o.GetKind(), Namespace: o.GetNamespace(), Name: o.GetName(),
	}
}

// NamedAs tells whether an object is the one of a name.
func NamedAs(o *unstructured.Unstructured, name snapshot.Object) bool { return objectOf(o) == name }
