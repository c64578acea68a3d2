// Copyright The kubectl-dapr-prod Authors.
// SPDX-License-Identifier: Apache-2.0

package manifest

// Fields is a choice of the fields of an object, by name. "*" is each field that
// is not named, path.FIELD; "[]" is each key of a mapping that users name,
// path[KEY], or each item of a list that has a name, path[NAME].
type Fields map[string]Fields

// Lines returns the lines of the chosen fields, by path; none where the object stands
// in no file.
func (d *Document) Lines(of Fields) map[string]int {
	if d.made {
		return nil
	}
	lines := map[string]int{}
	of.lines(d.tree(), "", lines)
	return lines
}

func (f Fields) lines(n *node, path string, lines map[string]int) {
	if len(f) == 0 {
		return
	}
	note := func(at string, line int, inside Fields, value *node) {
		lines[at] = line
		inside.lines(value, at, lines)
	}
	each, any := f["[]"]
	for _, item := range n.items {
		if name := item.text("name"); any && name != "" {
			note(path+"["+name+"]", item.line, each, item)
		}
	}
	for _, m := range n.members {
		inside, wanted := f[m.key]
		if !wanted {
			inside, wanted = f["*"]
		}
		switch {
		case wanted && path == "":
			note(m.key, m.line, inside, m.value)
		case wanted:
			note(path+"."+m.key, m.line, inside, m.value)
		case any:
			note(path+"["+m.key+"]", m.line, each, m.value)
		}
	}
}
