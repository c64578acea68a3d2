// Copyright The kubectl-dapr-prod Authors.
// SPDX-License-Identifier: Apache-2.0

// Command history writes samples as a block that Prometheus reads, by Prometheus'
// own library. It takes one series a line from standard input, as JSON:
//
//	{"labels": {"__name__": "up"}, "start": 1768478400, "step": 30, "values": [1, null, "NaN"]}
//
// start is in seconds since 1970, step in seconds; null is a scrape that failed, a
// text what JSON has no number for.
package main

import (
	"bufio"
	"context"
	"encoding/json"
	"errors"
	"flag"
	"fmt"
	"io"
	"log/slog"
	"os"
	"strconv"
	"time"

	"github.com/prometheus/prometheus/model/labels"
	"github.com/prometheus/prometheus/tsdb"
)

// longest is the time that one block spans at the most: a sample may be half of
// that older than the newest.
const longest = 120 * 24 * time.Hour

type series struct {
	Labels      map[string]string
	Start, Step int64
	Values      []any
}

func main() {
	dir := flag.String("dir", "", "folder of Prometheus' data")
	flag.Parse()
	if err := write(context.Background(), *dir, os.Stdin); err != nil {
		fmt.Fprintln(os.Stderr, "history:", err)
		os.Exit(1)
	}
}

func write(ctx context.Context, dir string, in io.Reader) (err error) {
	w, err := tsdb.NewBlockWriter(slog.New(slog.DiscardHandler), dir, longest.Milliseconds())
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, w.Close()) }()
	lines := json.NewDecoder(bufio.NewReaderSize(in, 1<<20))
	for {
		var s series
		if err := lines.Decode(&s); errors.Is(err, io.EOF) {
			break
		} else if err != nil {
			return err
		}
		if err := s.append(ctx, w); err != nil {
			return fmt.Errorf("%v: %w", s.Labels, err)
		}
	}
	_, err = w.Flush(ctx)
	return err
}

func (s series) append(ctx context.Context, w *tsdb.BlockWriter) error {
	named := labels.FromMap(s.Labels)
	appender := w.Appender(ctx)
	for i, value := range s.Values {
		v, is := 0.0, true
		switch value := value.(type) {
		case nil:
			is = false
		case float64:
			v = value
		case string:
			parsed, err := strconv.ParseFloat(value, 64)
			if err != nil {
				return err
			}
			v = parsed
		}
		if !is {
			continue
		}
		if _, err := appender.Append(0, named, (s.Start+int64(i)*s.Step)*1000, v); err != nil {
			return err
		}
	}
	return appender.Commit()
}
