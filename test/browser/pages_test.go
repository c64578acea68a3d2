// Copyright The kubectl-dapr-prod Authors.
// SPDX-License-Identifier: Apache-2.0

// Package browser opens the pages of reports in a headless Chromium. It is a module of its
// own, so that no browser's protocol is among what the plugin is built from.
package browser

import (
	"context"
	"flag"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"testing"

	"github.com/chromedp/cdproto/cdp"
	"github.com/chromedp/cdproto/emulation"
	"github.com/chromedp/cdproto/log"
	"github.com/chromedp/cdproto/network"
	"github.com/chromedp/cdproto/runtime"
	"github.com/chromedp/chromedp"
)

var (
	chromium = flag.String("chromium", "chromium", "the browser")
	shots    = flag.String("shots", "", "a folder for pictures of the pages, light, dark, narrow and printed")
	extra    = flag.String("page", "", "a page of check beside those of testdata, made by the program itself")
)

// complaints are what a browser says of a page, and what it asks the network for.
type complaints struct {
	sync.Mutex
	all []string
}

func (c *complaints) add(format string, args ...any) {
	c.Lock()
	defer c.Unlock()
	c.all = append(c.all, fmt.Sprintf(format, args...))
}

// opened is a page in a browser of its own. What the browser complains of by the end of
// the test fails it.
func opened(t *testing.T, path string) context.Context {
	t.Helper()
	path, err := filepath.Abs(path)
	if err != nil {
		t.Fatal(err)
	}
	ctx := launched(t)
	var said complaints
	address := "file://" + path
	err = chromedp.Listen(ctx, func(event any) {
		switch e := event.(type) {
		case *runtime.EventConsoleAPICalled:
			said.add("console: %s", e.Type)
		case *runtime.EventExceptionThrown:
			said.add("exception: %s", e.ExceptionDetails.Text)
		case *log.EventEntryAdded:
			said.add("%s: %s", e.Entry.Level, e.Entry.Text)
		case *network.EventRequestWillBeSent:
			if url := e.Request.URL; url != address && !strings.HasPrefix(url, "data:") && !strings.HasPrefix(url, address+"#") {
				said.add("a request to %s", url)
			}
		}
	})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		said.Lock()
		defer said.Unlock()
		for _, one := range said.all {
			t.Error(one)
		}
	})
	call(ctx, t, network.Enable, network.EnableParams{})
	call(ctx, t, log.Enable, cdp.Empty{})
	call(ctx, t, runtime.Enable, cdp.Empty{})
	do(ctx, t, chromedp.Navigate(address), chromedp.WaitReady("main"))
	return ctx
}

// launched is a browser that knows no network of its own accord.
func launched(t *testing.T) context.Context {
	t.Helper()
	options := slices.Clone(chromedp.DefaultExecAllocatorOptions[:])
	options = append(options,
		chromedp.ExecPath(*chromium), chromedp.UserDataDir(t.TempDir()), chromedp.NoSandbox, chromedp.DisableGPU,
		chromedp.Flag("disable-quic", true), chromedp.Flag("disable-component-update", true), chromedp.WindowSize(1300, 1000),
	)
	ctx, stop := chromedp.NewExecAllocator(t.Context(), options...)
	t.Cleanup(stop)
	ctx, stop = chromedp.NewContext(ctx)
	t.Cleanup(stop)
	return ctx
}

func do(ctx context.Context, t *testing.T, steps ...chromedp.Action[chromedp.Void]) {
	t.Helper()
	if err := chromedp.Do(ctx, steps...); err != nil {
		t.Fatal(err)
	}
}

// run is what an action gives.
func run[T any](ctx context.Context, t *testing.T, a chromedp.Action[T]) T {
	t.Helper()
	got, err := chromedp.Run(ctx, a)
	if err != nil {
		t.Fatal(err)
	}
	return got
}

// call sends a command of the browser's protocol.
func call[P, R any](ctx context.Context, t *testing.T, command cdp.Command[P, R], params P) {
	t.Helper()
	if _, err := chromedp.Call(ctx, command, params); err != nil {
		t.Fatal(err)
	}
}

// answer is what an expression is on the page.
func answer[T any](ctx context.Context, t *testing.T, expression string) T {
	t.Helper()
	return run(ctx, t, chromedp.Evaluate[T](expression))
}

// visible counts the elements of a selector that take room.
func visible(selector string) string {
	return fmt.Sprintf("[...document.querySelectorAll(%q)].filter((e) => e.getClientRects().length > 0).length", selector)
}

func testdata(name string) string {
	return filepath.Join("..", "..", "pkg", "report", "testdata", name)
}

// TestSizing finds the plots: each has a usage that is drawn within it, and its lines.
func TestSizing(t *testing.T) {
	ctx := opened(t, testdata("sizing.html"))
	const workloads, drawn = 8, 12
	if n := answer[int](ctx, t, visible("section.workload")); n != workloads {
		t.Errorf("%d workloads are seen", n)
	}
	if n := answer[int](ctx, t, visible("#numbers tbody tr")); n != workloads {
		t.Errorf("%d rows are seen", n)
	}
	if n := answer[int](ctx, t, visible("figure svg path.use")); n != drawn {
		t.Errorf("%d courses are drawn", n)
	}
	type box struct{ X, Y, Width, Height float64 }
	for i, b := range answer[[]box](ctx, t, `[...document.querySelectorAll('figure svg path.use')].map((e) => e.getBBox()).map((b) => ({X: b.x, Y: b.y, Width: b.width, Height: b.height}))`) {
		if b.X < 100 || b.X+b.Width > 1010 || b.Y < 24 || b.Y+b.Height > 430 || b.Width < 100 {
			t.Errorf("course %d is at %+v", i, b)
		}
	}
	for i, b := range answer[[]box](ctx, t, `[...document.querySelectorAll('figure svg text')].map((e) => e.getBBox()).map((b) => ({X: b.x, Y: b.y, Width: b.width, Height: b.height}))`) {
		if b.X < 0 || b.X+b.Width > 1280 || b.Y < 0 || b.Y+b.Height > 480 {
			t.Errorf("text %d is cut off: %+v", i, b)
		}
	}
	// The policy lets the style act.
	if stroke := answer[string](ctx, t, `getComputedStyle(document.querySelector('figure path.use')).stroke`); stroke != "rgb(188, 108, 0)" {
		t.Errorf("a course is drawn in %s", stroke)
	}
	do(ctx, t, chromedp.Click(`#numbers a[href="#workload-5"]`))
	if hash := answer[string](ctx, t, `location.hash`); hash != "#workload-5" {
		t.Errorf("the link leads to %q", hash)
	}
	looks(ctx, t, "sizing")
}

// TestCheck uses the filter, alone and together, and takes it back.
func TestCheck(t *testing.T) {
	ctx := opened(t, testdata("check.html"))
	const entries = "tr[data-severity]"
	choose := func(name, value string) {
		do(ctx, t, chromedp.SetValue(fmt.Sprintf(`select[name=%s]`, name), value),
			chromedp.Evaluate[chromedp.Void](fmt.Sprintf(`document.querySelector('select[name=%s]').dispatchEvent(new Event('change', {bubbles: true}))`, name)))
	}
	seen := func(what string, want, sections int, says string) {
		t.Helper()
		if n := answer[int](ctx, t, visible(entries)); n != want {
			t.Errorf("%s: %d entries are seen, want %d", what, n, want)
		}
		if n := answer[int](ctx, t, visible("section.guideline")); n != sections {
			t.Errorf("%s: %d guidelines are seen, want %d", what, n, sections)
		}
		if got := answer[string](ctx, t, `document.getElementById('shown').textContent`); got != says {
			t.Errorf("%s: it says %q", what, got)
		}
	}
	seen("at first", 12, 8, "")
	choose("severity", "error")
	seen("errors", 3, 2, "3 of 12 entries: severity error")
	choose("namespace", "shop")
	choose("severity", "")
	seen("a namespace", 8, 5, "8 of 12 entries: namespace shop")
	choose("guideline", "sidecar-soft-memory-limit")
	seen("a namespace and a guideline", 1, 1, "1 of 12 entries: namespace shop, guideline sidecar-soft-memory-limit")
	choose("severity", "info")
	seen("nothing", 0, 0, "0 of 12 entries: namespace shop, severity info, guideline sidecar-soft-memory-limit")
	do(ctx, t, chromedp.Click("button[type=reset]"), chromedp.WaitVisible("section.guideline"))
	seen("all again", 12, 8, "")
	choose("namespace", "/")
	seen("what is in no namespace", 1, 1, "1 of 12 entries: namespace (none)")
	do(ctx, t, chromedp.Click("button[type=reset]"), chromedp.WaitVisible("#unknown"))
	if why := answer[int](ctx, t, `[...document.querySelectorAll('section.guideline')].filter((s) => /Why\./.test(s.innerText) && /Fix/.test(s.innerText)).length`); why == 0 {
		t.Error("no why and no fix")
	}
	looks(ctx, t, "check")
}

// TestMade opens a page that the program itself has just made.
func TestMade(t *testing.T) {
	if *extra == "" {
		t.Skip("no -page")
	}
	ctx := opened(t, *extra)
	if n := answer[int](ctx, t, visible("section.guideline")); n < 5 {
		t.Errorf("%d guidelines are seen", n)
	}
	looks(ctx, t, "made")
}

// looks changes the light, the width and the medium: nothing may be wider than its page.
// With -shots it takes the pictures.
func looks(ctx context.Context, t *testing.T, name string) {
	t.Helper()
	const background = `getComputedStyle(document.body).backgroundColor`
	for _, look := range []struct {
		name, scheme, background string
		width                    int64
	}{
		{"light", "light", "rgb(255, 255, 255)", 1300},
		{"dark", "dark", "rgb(13, 17, 23)", 1300},
		{"narrow", "light", "rgb(255, 255, 255)", 400},
	} {
		call(ctx, t, emulation.SetEmulatedMedia, emulation.SetEmulatedMediaParams{Features: scheme(look.scheme)})
		do(ctx, t, chromedp.EmulateViewport(look.width, 1000))
		if got := answer[string](ctx, t, background); got != look.background {
			t.Errorf("%s: the background is %s", look.name, got)
		}
		if over := answer[int](ctx, t, `document.documentElement.scrollWidth - document.documentElement.clientWidth`); over > 0 {
			t.Errorf("%s: %d pixels too wide", look.name, over)
		}
		if *shots != "" {
			save(t, name+"-"+look.name+".png", run(ctx, t, chromedp.FullScreenshot(100)))
		}
	}
	// Dark pages print on white paper.
	do(ctx, t, chromedp.ResetViewport())
	call(ctx, t, emulation.SetEmulatedMedia, emulation.SetEmulatedMediaParams{Media: "print", Features: scheme("dark")})
	if got := answer[string](ctx, t, background); got != "rgb(255, 255, 255)" {
		t.Errorf("printed: the background is %s", got)
	}
	paper := run(ctx, t, chromedp.PrintToPDF(chromedp.PDFPreferCSSPageSize(), chromedp.PDFPrintBackground()))
	if !strings.HasPrefix(string(paper), "%PDF-") {
		t.Error("it cannot be printed")
	}
	if *shots != "" {
		save(t, name+".pdf", paper)
	}
}

func scheme(name string) []*emulation.MediaFeature {
	return []*emulation.MediaFeature{{Name: "prefers-color-scheme", Value: name}}
}

func save(t *testing.T, name string, content []byte) {
	t.Helper()
	if err := os.WriteFile(filepath.Join(*shots, name), content, 0o600); err != nil {
		t.Fatal(err)
	}
}
