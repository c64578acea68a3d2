// Copyright The kubectl-dapr-prod Authors.
// SPDX-License-Identifier: Apache-2.0

package sidecar_test

import (
	"bytes"
	"encoding/json"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"testing"
)

// writeGolden writes the answers of the real injectors in the short form.
func writeGolden(t *testing.T, all corpus) {
	t.Helper()
	files, err := filepath.Glob(filepath.Join(*answers, "*.json"))
	if err != nil || len(files) == 0 {
		t.Fatalf("no answers in %s: %v", *answers, err)
	}
	for _, file := range files {
		given := readJSON[struct {
			Release string
			Pods    map[string]struct {
				State, Reason string
				Native        bool
				Container     json.RawMessage
			}
		}](t, file)
		text := bytes.NewBufferString("{\n")
		for i, c := range all.Pods {
			a := given.Pods[c.Case]
			short := answer{State: a.State, Reason: a.Reason, Native: a.Native, Container: flat(t, a.Container)}
			if c.Case != plain(c.Injector) && short.Container != nil {
				short.Container = change(flat(t, given.Pods[plain(c.Injector)].Container), short.Container)
			}
			if i > 0 {
				text.WriteString(",\n")
			}
			encoder := json.NewEncoder(text)
			encoder.SetEscapeHTML(false)
			if err := encoder.Encode(c.Case); err != nil {
				t.Fatal(err)
			}
			text.Truncate(text.Len() - 1)
			text.WriteString(": ")
			if err := encoder.Encode(short); err != nil {
				t.Fatal(err)
			}
			text.Truncate(text.Len() - 1)
		}
		text.WriteString("\n}\n")
		if err := os.WriteFile(filepath.Join("testdata", "injected", given.Release+".json"), text.Bytes(), 0o644); err != nil {
			t.Fatal(err)
		}
	}
}

// change is what has to be put over from to get to.
func change(from, to map[string]*string) map[string]*string {
	over := map[string]*string{}
	for path, value := range to {
		if old := from[path]; old == nil || *old != *value {
			over[path] = value
		}
	}
	for path := range from {
		if to[path] == nil {
			over[path] = nil
		}
	}
	return over
}

// flat is a container as one map of paths: what has a name stands under it, and
// an argument's value under its flag.
func flat(t testing.TB, container json.RawMessage) map[string]*string {
	if container == nil {
		return nil
	}
	var value any
	if err := json.Unmarshal(container, &value); err != nil {
		t.Fatalf("a container that is no JSON: %v: %s", err, container)
	}
	paths := map[string]*string{}
	walk(paths, "", value)
	return paths
}

func walk(paths map[string]*string, path string, value any) {
	switch value := value.(type) {
	case map[string]any:
		for key, v := range value {
			walk(paths, strings.TrimPrefix(path+"."+key, "."), v)
		}
	case []any:
		for i := 0; i < len(value); i++ {
			name := strconv.Itoa(i)
			item := value[i]
			if object, is := item.(map[string]any); is && object["name"] != nil {
				name = object["name"].(string)
			}
			if flag, is := item.(string); is && strings.HasPrefix(flag, "--") {
				name, item = flag, "true"
				if i+1 < len(value) && !strings.HasPrefix(value[i+1].(string), "--") {
					i++
					item = value[i]
				}
			}
			walk(paths, unused(paths, path+"["+name+"]"), item)
		}
	case string:
		paths[path] = &value
	default:
		text, _ := json.Marshal(value)
		s := string(text)
		paths[path] = &s
	}
}

// unused is path, or with a number where that is taken: the second of two
// variables with one name counts.
func unused(paths map[string]*string, path string) string {
	free := path
	for n := 2; ; n++ {
		taken := false
		for p := range paths {
			taken = taken || p == free || strings.HasPrefix(p, free+".")
		}
		if !taken {
			return free
		}
		free = path + "#" + strconv.Itoa(n)
	}
}
