// Copyright The kubectl-dapr-prod Authors.
// SPDX-License-Identifier: Apache-2.0

// Command size says what is in a program for Linux, of which it takes two builds: one with
// its symbols, which tell whose code it is, and one without, as it is released.
//
//	size WITH_SYMBOLS STRIPPED
package main

import (
	"cmp"
	"debug/buildinfo"
	"debug/elf"
	"fmt"
	"io"
	"maps"
	"os"
	"slices"
	"strings"
)

// most is how many modules are named.
const most = 12

func main() {
	if len(os.Args) != 3 {
		fmt.Fprintln(os.Stderr, "usage: size WITH_SYMBOLS STRIPPED")
		os.Exit(2)
	}
	if err := tell(os.Stdout, os.Args[1], os.Args[2]); err != nil {
		fmt.Fprintln(os.Stderr, "error:", err)
		os.Exit(1)
	}
}

// tell writes the sizes of sections and of modules, the largest first.
func tell(w io.Writer, whole, stripped string) error {
	info, err := os.Stat(stripped)
	if err != nil {
		return err
	}
	fmt.Fprintf(w, "stripped, MB\n%8.1f all of it\n", float64(info.Size())/1e6)
	sections, err := sectionsOf(stripped)
	if err != nil {
		return err
	}
	largest(w, sections, 3)
	code, err := codeOf(whole)
	if err != nil {
		return err
	}
	var all uint64
	for _, size := range code {
		all += size
	}
	fmt.Fprintf(w, "\ncode by module, MB\n%8.1f all of it\n", float64(all)/1e6)
	largest(w, code, most)
	return nil
}

func largest(w io.Writer, sizes map[string]uint64, n int) {
	names := slices.SortedFunc(maps.Keys(sizes), func(a, b string) int {
		return cmp.Or(cmp.Compare(sizes[b], sizes[a]), cmp.Compare(a, b))
	})
	for _, name := range names[:min(n, len(names))] {
		fmt.Fprintf(w, "%8.1f %s\n", float64(sizes[name])/1e6, name)
	}
}

// sectionsOf are the bytes of the file by section: .gopclntab are the line tables, which
// are as long as the code that they are of.
func sectionsOf(path string) (map[string]uint64, error) {
	file, err := elf.Open(path)
	if err != nil {
		return nil, err
	}
	defer file.Close()
	sizes := map[string]uint64{}
	for _, s := range file.Sections {
		if s.Type != elf.SHT_NOBITS {
			sizes[s.Name] += s.Size
		}
	}
	return sizes, nil
}

// codeOf are the bytes of machine code by the module that they come from.
func codeOf(path string) (map[string]uint64, error) {
	info, err := buildinfo.ReadFile(path)
	if err != nil {
		return nil, err
	}
	modules := map[string]bool{info.Main.Path: true}
	for _, m := range info.Deps {
		modules[m.Path] = true
	}
	file, err := elf.Open(path)
	if err != nil {
		return nil, err
	}
	defer file.Close()
	symbols, err := file.Symbols()
	if err != nil {
		return nil, fmt.Errorf("%s: %w: it is built without -s", path, err)
	}
	sizes := map[string]uint64{}
	for _, s := range symbols {
		if elf.ST_TYPE(s.Info) == elf.STT_FUNC {
			sizes[moduleOf(s.Name, modules)] += s.Size
		}
	}
	return sizes, nil
}

// moduleOf is the longest module that the path of a symbol begins with.
func moduleOf(symbol string, modules map[string]bool) string {
	// Behind these are types, which have paths of their own, and receivers.
	path, _, _ := strings.Cut(symbol, "[")
	path, _, _ = strings.Cut(path, "(")
	path = strings.ReplaceAll(path, "%2e", ".") // the dots of a path's last part
	for end := len(path); end > 0; end = strings.LastIndexAny(path[:end], "/.") {
		if modules[path[:end]] {
			return path[:end]
		}
	}
	return "Go's own library and runtime"
}
