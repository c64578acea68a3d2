// Copyright The kubectl-dapr-prod Authors.
// SPDX-License-Identifier: Apache-2.0

package manifest

import (
	"runtime"
	"sync"
	"sync/atomic"
)

// together is how many bytes of objects are gathered before they are visited.
const together = 1 << 20

// batch are objects that were found and not yet visited, in order. Their texts are to
// stay as they are until then.
type batch struct {
	all  []found
	size int
}

// found is an object, or what is wrong with it.
type found struct {
	*Document
	wrong error
}

// settle puts an object, or what is wrong with it, to those that are visited next.
func (s *stream) settle(d *Document, wrong error) error {
	if s.again > 0 {
		s.again--
		return nil
	}
	s.found.all = append(s.found.all, found{d, wrong})
	s.found.size += len(d.raw)
	return s.ctx.Err()
}

// flush visits the objects that were found, and notes what is wrong with others. Its error
// is that of the first whose text is malformed: what follows that is not visited.
func (s *stream) flush() error {
	all := s.found.all
	s.found = batch{}
	s.prepare(all)
	for _, f := range all {
		if err := s.ctx.Err(); err != nil {
			return err
		}
		if err := s.take(f.Document, f.wrong); err != nil {
			return err
		}
	}
	return nil
}

// prepare prepares objects side by side.
func (s *stream) prepare(all []found) {
	var next atomic.Int64
	var workers sync.WaitGroup
	for range min(runtime.GOMAXPROCS(0), len(all)) {
		workers.Go(func() {
			for i := next.Add(1) - 1; i < int64(len(all)) && s.ctx.Err() == nil; i = next.Add(1) - 1 {
				all[i].prepare(s.Prepare)
			}
		})
	}
	workers.Wait()
}

// prepare does what takes time and regards one object alone.
func (f found) prepare(by func(*Document) any) {
	if by != nil && f.wrong == nil && !f.isKustomization() {
		f.Prepared = by(f.Document)
	}
	_ = f.validate() // who asks later is told the same
}

// take visits an object, or notes what is wrong with it. Its error tells that the text is
// malformed.
func (s *stream) take(d *Document, wrong error) error {
	switch {
	case d.isKustomization():
		wrong = s.passOver(d)
	case wrong != nil && d.isValues(s.Values):
		wrong = s.passOverValues()
	case wrong == nil:
		s.objects++
		wrong = s.visit(d)
	}
	if err := d.validate(); err != nil {
		return err
	}
	if wrong != nil {
		s.fail(d.explain(wrong))
	}
	s.settled++
	return nil
}
