// Copyright The kubectl-dapr-prod Authors.
// SPDX-License-Identifier: Apache-2.0

package report

import (
	"io"
	"strconv"
)

// Wide writes one line a result with everything that is known of it, or one line
// an app, whatever the width of the terminal. What is prose comes last. The tally
// follows.
func Wide(w io.Writer, r *Report, o Options) error {
	o.Width = 0
	if o.Show == ShowApps {
		return write(w, r, o, wideAppTable(r, o))
	}
	g := &grid{header: []string{
		"SEVERITY", "NAMESPACE", "OBJECT", "GUIDELINE", "CONTAINER", "FIELD", "SOURCE", "MESSAGE", "REMEDY",
	}}
	if o.Show == ShowAll {
		g.header = append([]string{"OUTCOME"}, g.header...)
	}
	for _, result := range shown(r, o) {
		g.add(row{cells: append(leading(result, o),
			filled(result.Container),
			filled(result.Field),
			filled(result.Source.String()),
			filled(text(result)),
			filled(result.Remedy),
		)})
	}
	return write(w, r, o, g)
}

// String is the place as editors and compilers write it: "shop/orders.yaml:12".
func (s *Source) String() string {
	switch {
	case s == nil:
		return ""
	case s.Line <= 0:
		return s.File
	default:
		return s.File + ":" + strconv.Itoa(s.Line)
	}
}
