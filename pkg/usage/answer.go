// Copyright The kubectl-dapr-prod Authors.
// SPDX-License-Identifier: Apache-2.0

package usage

import (
	"errors"
	"fmt"
	"io"
	"math"
	"slices"
	"strconv"
	"strings"
)

const (
	// mostNotes is how many different warnings of an answer are kept.
	mostNotes = 20
	// mostBytes is how much of an answer is read: some 60 bytes a sample.
	mostBytes = 512 << 20
)

// errTooLarge is of an answer with more samples than are held at a time.
var errTooLarge = errors.New("more samples than can be held")

// labels are those of a result that are of interest.
type labels struct {
	namespace, pod, container string
	name, cluster             string
	app, component            string
}

// set keeps a label under its newer name.
func (l *labels) set(name, value string) {
	switch name {
	case "namespace", "exported_namespace", "kubernetes_namespace":
		l.namespace = value
	case "pod", "pod_name", "exported_pod", "kubernetes_pod_name":
		l.pod = value
	case "container", "container_name", "exported_container":
		l.container = value
	case "__name__":
		l.name = value
	case "cluster":
		l.cluster = value
	case "app_id":
		l.app = value
	case "component":
		l.component = value
	}
}

// result is one series of an answer; from and to are its part of the samples.
type result struct {
	labels
	from, to int
}

// answer is what the API said to one query. It is used again for the next, since
// its samples take the most memory of all.
type answer struct {
	status, kind, message string
	warnings              []string
	partial               bool
	results               []result
	// times are in milliseconds since 1970; values belong to them, one by one.
	times  []int64
	values []float64
	// dropped is how many values were no amounts: not a number, infinite, negative.
	dropped int
	// most is how many samples are held, and mostBytes how much is read.
	most      int
	mostBytes int64
}

// reset forgets the former answer but for its memory.
func (a *answer) reset() {
	*a = answer{results: a.results[:0], times: a.times[:0], values: a.values[:0], most: a.most, mostBytes: a.mostBytes}
}

// read reads an answer to its end.
func (a *answer) read(body io.Reader) error {
	a.reset()
	s := newScanner(&bounded{in: body, left: a.mostBytes})
	err := s.object(func(name string) error {
		switch name {
		case "status":
			return s.into(&a.status)
		case "errorType":
			return s.into(&a.kind)
		case "error":
			return s.into(&a.message)
		case "warnings":
			return s.orNull('[', func() error { return s.list(func() error { return a.warning(s) }) })
		case "isPartial":
			word, err := s.word()
			a.partial = word == "true"
			return err
		case "data":
			return s.orNull('{', func() error { return a.data(s) })
		}
		return s.skip(0)
	})
	if err == nil && a.status != "success" && a.status != "error" {
		return fmt.Errorf("%w of Prometheus' API", errNoJSON)
	}
	return err
}

// warning keeps one, once.
func (a *answer) warning(s *scanner) error {
	text, err := s.string()
	if err == nil && len(a.warnings) < mostNotes && !slices.Contains(a.warnings, text) {
		a.warnings = append(a.warnings, text)
	}
	return err
}

// data reads the result of a query.
func (a *answer) data(s *scanner) error {
	return s.object(func(name string) error {
		if name != "result" {
			return s.skip(0)
		}
		return s.orNull('[', func() error { return s.list(func() error { return a.result(s) }) })
	})
}

// result reads one series, of a matrix or a vector.
func (a *answer) result(s *scanner) error {
	r := result{from: len(a.times)}
	err := s.object(func(name string) error {
		switch name {
		case "metric":
			return s.object(func(label string) error {
				value, err := s.string()
				r.set(label, value)
				return err
			})
		case "values":
			return s.list(func() error { return a.sample(s, r.from) })
		case "value":
			return a.sample(s, r.from)
		}
		return s.skip(0)
	})
	r.to = len(a.times)
	a.results = append(a.results, r)
	if len(a.results) > a.most {
		return errTooLarge
	}
	return err
}

// sample reads [time, "value"]. from is where its series begins.
func (a *answer) sample(s *scanner, from int) error {
	if err := s.expect('['); err != nil {
		return err
	}
	at, err := s.number()
	if err != nil {
		return err
	}
	if err := s.expect(','); err != nil {
		return err
	}
	if err := s.readString(); err != nil {
		return err
	}
	value, err := strconv.ParseFloat(string(s.text), 64)
	if err != nil && !errors.Is(err, strconv.ErrRange) {
		return fmt.Errorf("%w: a value that is no number", errNoJSON)
	}
	if err := s.expect(']'); err != nil {
		return err
	}
	if math.Abs(at) > 1e12 {
		return fmt.Errorf("%w: a time that there is not", errNoJSON)
	}
	ms := int64(math.Round(at * 1000))
	switch {
	case len(a.times) > from && ms <= a.times[len(a.times)-1]:
		return fmt.Errorf("%w: times that are not in order", errNoJSON)
	case math.IsNaN(value) || math.IsInf(value, 0) || value < 0:
		a.dropped++
		if a.dropped > a.most {
			return errTooLarge
		}
		return nil
	case len(a.times) >= a.most:
		return errTooLarge
	}
	a.times = append(a.times, ms)
	a.values = append(a.values, value)
	return nil
}

// into reads a string.
func (s *scanner) into(to *string) (err error) {
	*to, err = s.string()
	return err
}

// orNull reads a value that begins with open, or null.
func (s *scanner) orNull(open byte, read func() error) error {
	b, err := s.peek()
	if err != nil {
		return err
	}
	if b == open {
		return read()
	}
	word, err := s.word()
	if err == nil && word != "null" {
		return fmt.Errorf("%w: %s", errNoJSON, word)
	}
	return err
}

// bounded reads so many bytes and no more.
type bounded struct {
	in   io.Reader
	left int64
}

func (b *bounded) Read(p []byte) (int, error) {
	if b.left <= 0 {
		return 0, errTooLarge
	}
	if int64(len(p)) > b.left {
		p = p[:b.left]
	}
	n, err := b.in.Read(p)
	b.left -= int64(n)
	return n, err
}

// oneLine makes of what a server said something that fits into a sentence.
func oneLine(text string) string {
	text = strings.Join(strings.Fields(text), " ")
	text = strings.TrimRight(text, ".")
	const long = 300
	if len(text) > long {
		text = strings.ToValidUTF8(text[:long], "") + "…"
	}
	return text
}
