// Copyright The kubectl-dapr-prod Authors.
// SPDX-License-Identifier: Apache-2.0

package collect

// fieldTree is a choice of the fields of an object: those that findings point at.
type fieldTree map[string]fieldTree

// Keys of fields that stand for others.
const (
	// anyKey is each key of a map that users name: path[KEY].
	anyKey = "[KEY]"
	// anyName is each item of a list, by its name: path[NAME].
	anyName = "[NAME]"
	// anyField is each member of an object: path.FIELD.
	anyField = "*"
)

var (
	containerFields = fieldTree{anyName: {anyField: nil}}
	metadataFields  = fieldTree{"name": nil, "annotations": {anyKey: nil}, "labels": {anyKey: nil}}
	podFields       = fieldTree{"containers": containerFields, "initContainers": containerFields}
	templateFields  = fieldTree{"metadata": metadataFields, "spec": podFields}
	objectFields    = fieldTree{
		"metadata": metadataFields,
		"spec": {
			"replicas":       nil,
			"template":       templateFields,
			"jobTemplate":    {"spec": {"template": templateFields}},
			"mtls":           {"enabled": nil},
			"containers":     containerFields,
			"initContainers": containerFields,
		},
		"webhooks": {anyName: {anyField: nil}},
	}
)

// linesOf returns the lines of the fields of the object at p, by path.
func linesOf(p place) map[string]int {
	lines := map[string]int{}
	objectFields.lines(p, "", lines)
	return lines
}

func (f fieldTree) lines(p place, path string, lines map[string]int) {
	if inside, named := f[anyName]; named {
		inside.named(p, path, lines)
		return
	}
	p.each(func(key string, line int, value place) {
		inside, wanted := f[key]
		at := key
		if path != "" {
			at = path + "." + key
		}
		if !wanted {
			if inside, wanted = f[anyField]; !wanted {
				if inside, wanted = f[anyKey]; !wanted {
					return
				}
				at = path + "[" + key + "]"
			}
		}
		lines[at] = line
		if inside != nil {
			inside.lines(value, at, lines)
		}
	})
}

// named notes each item of a list that has a name, and the fields inside.
func (f fieldTree) named(p place, path string, lines map[string]int) {
	for _, item := range p.items() {
		name := textAt(item, "name")
		if name == "" {
			continue
		}
		at := path + "[" + name + "]"
		lines[at] = item.start()
		f.lines(item, at, lines)
	}
}

// textAt is the text of a member; empty where there is none.
func textAt(p place, key string) string {
	value, _ := member(p, key)
	switch v := value.(type) {
	case jsonText:
		text, _ := v.string()
		return text
	case yamlPlace:
		return v.target().Value
	}
	return ""
}
