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
	of.lines(d.chosen(of), "", lines)
	return lines
}

// chosen is a tree with the chosen fields at the least.
func (d *Document) chosen(of Fields) *node {
	if d.root != nil || d.at != nil || d.validate() != nil {
		return d.tree()
	}
	return (&scanner{buf: d.raw, line: d.line}).chosen(of)
}

// chosen takes the next value, and makes nodes of the chosen fields and of names. Only
// text that is known to be JSON comes here.
func (s *scanner) chosen(of Fields) *node {
	first := s.next()
	n := &node{line: s.line}
	each, any := of["[]"]
	switch {
	case first == '{' && len(of) > 0:
		_ = s.members(func(key string, line int) error {
			inside, wanted := of.of(key)
			switch {
			case wanted:
			case any:
				inside = each
			case key != "name":
				_, err := s.value()
				return err
			}
			n.members = append(n.members, member{key, line, s.chosen(inside)})
			return nil
		})
	case first == '[' && any:
		if len(each) == 0 {
			each = justName
		}
		_ = s.items(func() error {
			n.items = append(n.items, s.chosen(each))
			return nil
		})
	default:
		value, _ := s.value()
		if n.quoted = first == '"'; n.quoted {
			n.scalar, _ = value.string()
		}
	}
	return n
}

// justName is chosen in items of which nothing is: their path has it.
var justName = Fields{"name": nil}

// of is what is chosen inside a field that is named, or "*".
func (f Fields) of(key string) (inside Fields, wanted bool) {
	if inside, wanted = f[key]; !wanted {
		inside, wanted = f["*"]
	}
	return inside, wanted
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
		inside, wanted := f.of(m.key)
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
