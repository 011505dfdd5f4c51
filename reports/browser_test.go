//go:build strangers

package reports

import (
	"context"
	"fmt"
	"os"
	"path/filepath"
	"regexp"
	"testing"
	"time"

	"github.com/chromedp/chromedp"
)

// browser opens a headless Chromium for the test.
func browser(t *testing.T, more ...chromedp.ExecAllocatorOption) context.Context {
	t.Helper()
	ctx, cancel := context.WithTimeout(t.Context(), 2*time.Minute)
	t.Cleanup(cancel)
	options := append(chromedp.DefaultExecAllocatorOptions[:], chromedp.NoSandbox, chromedp.UserDataDir(t.TempDir()))
	options = append(options, more...)
	ctx, cancel = chromedp.NewExecAllocator(ctx, options...)
	t.Cleanup(cancel)
	ctx, cancel = chromedp.NewContext(ctx)
	t.Cleanup(cancel)
	return ctx
}

// eval returns the value of a JavaScript expression on the page.
func eval[T any](t *testing.T, ctx context.Context, expression string) T {
	t.Helper()
	v, err := chromedp.Run(ctx, chromedp.Evaluate[T](expression))
	if err != nil {
		t.Fatalf("%s: %v", expression, err)
	}
	return v
}

// until waits until a JavaScript expression holds on the page, as it does when all is well
// after a few frames.
func until(t *testing.T, ctx context.Context, what, expression string) {
	t.Helper()
	poll := fmt.Sprintf(`new Promise(done => {
		const end = performance.now() + 20000;
		const look = () => { if (%s) done(true); else if (performance.now() > end) done(false); else requestAnimationFrame(look); };
		look();
	})`, expression)
	ok, err := chromedp.Run(ctx, chromedp.Evaluate[bool](poll, chromedp.EvalAwaitPromise))
	if err != nil || !ok {
		t.Fatalf("%s: never came: %v; at %s", what, err, eval[string](t, ctx, `(() => {
			const e = document.getElementById(decodeURIComponent(location.hash.slice(1)));
			return location.hash + " " + (e ? JSON.stringify(e.getBoundingClientRect()) : "") + " " + document.activeElement.outerHTML.slice(0, 200) + " " + document.querySelector("#tour output")?.textContent;
		})()`))
	}
}

// open loads a file at a given width. It asserts that nothing sticks out sideways
// and that nothing was fetched.
func open(t *testing.T, ctx context.Context, file string, width int64) {
	t.Helper()
	if err := chromedp.Do(ctx, chromedp.EmulateViewport(width, 900), chromedp.Navigate("file://"+file)); err != nil {
		t.Fatal(err)
	}
	if got := eval[int64](t, ctx, "Math.max(document.documentElement.scrollWidth, document.body.scrollWidth)"); got > width {
		widest := eval[string](t, ctx, `[...document.querySelectorAll("body *")].filter(e => !e.closest(".scroll"))
			.reduce((a, e) => e.getBoundingClientRect().right > a.getBoundingClientRect().right ? e : a, document.body).outerHTML.slice(0, 200)`)
		t.Errorf("at a width of %d the page is %d wide: %s", width, got, widest)
	}
	if n := eval[int](t, ctx, `performance.getEntriesByType("resource").length`); n != 0 {
		t.Errorf("the page fetched %d resources", n)
	}
}

// silently asserts that the console stays empty while f runs.
func silently(t *testing.T, ctx context.Context, f func()) {
	t.Helper()
	messages := chromedp.Console(ctx)
	f()
	eval[any](t, ctx, `console.log("the end"), 0`)
	for m, err := range messages {
		if err != nil {
			t.Fatal(err)
		}
		if m.Text == "the end" {
			return
		}
		t.Errorf("the console says: %v", m)
	}
}

func shoot(t *testing.T, ctx context.Context, file string) {
	t.Helper()
	picture, err := chromedp.Run(ctx, chromedp.CaptureScreenshot())
	if err != nil {
		t.Fatal(err)
	}
	if len(picture) < 10_000 {
		t.Errorf("%s: a picture of %d bytes is blank", file, len(picture))
	}
	if err := os.WriteFile(file, picture, 0o644); err != nil {
		t.Fatal(err)
	}
}

func TestPageInABrowser(t *testing.T) {
	dir, s := t.TempDir(), large(80)
	if err := Save(dir, Entry{Report: s.report, Timelines: s.timeline, Rerun: rerun}); err != nil {
		t.Fatal(err)
	}
	ctx := browser(t)
	file := filepath.Join(dir, PageFile)
	silently(t, ctx, func() {
		for _, width := range []int64{1280, 390} {
			open(t, ctx, file, width)
			shoot(t, ctx, filepath.Join(dir, fmt.Sprintf("%d.png", width)))
		}
		open(t, ctx, file, 1280)
		matrixStays(t, ctx)
		filterWorks(t, ctx, len(s.report.Requirements))
		linksOpen(t, ctx)
		themeChanges(t, ctx)
		picturesHoldTheirLabels(t, ctx)
		open(t, ctx, file, 390)
		namesStay(t, ctx)
	})
}

// matrixStays scrolls the matrix to its end, and asserts that the headings stay in
// view.
func matrixStays(t *testing.T, ctx context.Context) {
	t.Helper()
	eval[any](t, ctx, `location.hash = "#matrix", 0`)
	until(t, ctx, "the matrix", `document.querySelector(".matrix tbody td")`)
	if n := eval[int](t, ctx, `(() => {
		const heads = [...document.querySelectorAll(".matrix thead th.col a")];
		const letters = [...document.querySelectorAll(".matrix tbody td a")];
		const lost = letters.filter(a => a.hash !== heads[a.parentElement.cellIndex - 1].hash || !document.getElementById(a.hash.slice(1)));
		return letters.length > 0 ? lost.length : -1;
	})()`); n != 0 {
		t.Errorf("%d letters of the matrix lead elsewhere than to the scenario of their column (-1: there are none)", n)
	}
	const seen = `(() => {
		const box = document.getElementById("matrixbox"), b = box.getBoundingClientRect();
		box.scrollTo(box.scrollWidth, box.scrollHeight);
		const at = (e) => e.getBoundingClientRect(), last = (q) => [...box.querySelectorAll(q)].at(-1);
		return b.width > 600 && b.height > 400 && box.scrollTop > 0 && box.scrollLeft > 0 &&
			Math.abs(at(last("th.group")).top - b.top) < 3 &&
			Math.abs(at(last("th.col")).top - at(last("th.group")).bottom) < 3 &&
			Math.abs(at(last(".scn td")).top - at(last("th.col")).bottom) < 3 && Math.abs(at(last("tbody th")).left - b.left) < 3 &&
			at(last("tbody td")).bottom <= b.bottom + 1;
	})()`
	if !eval[bool](t, ctx, seen) {
		t.Error("the headings of the matrix don't stay in view")
	}
}

func filterWorks(t *testing.T, ctx context.Context, requirements int) {
	t.Helper()
	const rows = `[...document.querySelectorAll(".matrix tbody tr")].filter(r => r.getClientRects().length).length`
	const columns = `[...document.querySelectorAll(".matrix th.col")].filter(r => r.getClientRects().length).length`
	find := func(text string) {
		eval[any](t, ctx, fmt.Sprintf(`(() => { const i = document.getElementById("find"); i.value = %q;
			i.dispatchEvent(new Event("input", {bubbles: true})); return 0; })()`, text))
	}
	expect := func(what string, wantRows, wantColumns int) {
		t.Helper()
		until(t, ctx, fmt.Sprintf("%s: %d rows and %d columns", what, wantRows, wantColumns), fmt.Sprintf("%s === %d && %s === %d", rows, wantRows, columns, wantColumns))
	}
	expect("without a filter", requirements, 80)
	find("svv-13")
	expect("one requirement", 1, 10)
	find("obs.restart")
	expect("scenarios by name", 1, 10)
	find("no such words")
	expect("no match", 0, 0)
	if eval[bool](t, ctx, `document.getElementById("nomatch").hidden`) {
		t.Error("the page does not say that nothing matches")
	}
	find("")
	if err := chromedp.Do(ctx, chromedp.Click(chromedp.CSS(`input[name="verdict"][value="pass"]`))); err != nil {
		t.Fatal(err)
	}
	fails := eval[int](t, ctx, `document.querySelectorAll('.matrix tbody tr:not([data-verdict="pass"])').length`)
	if got := eval[int](t, ctx, rows); got != fails || got == requirements {
		t.Errorf("without what passed there are %d rows, expected %d", got, fails)
	}
	if err := chromedp.Do(ctx, chromedp.Click(chromedp.CSS(`input[name="verdict"][value="pass"]`))); err != nil {
		t.Fatal(err)
	}
	expect("with all again", requirements, 80)
}

// linksOpen follows the link to a deciding observation into its folded table, which is
// packed.
func linksOpen(t *testing.T, ctx context.Context) {
	t.Helper()
	eval[any](t, ctx, `document.querySelector('h5 a[href^="#obs-"]').click(), 0`)
	until(t, ctx, "the deciding observation", `(() => {
		const e = document.getElementById(decodeURIComponent(location.hash.slice(1))), b = e && e.getBoundingClientRect();
		return e && e.closest("details.observations").open && b.top >= 0 && b.bottom <= innerHeight;
	})()`)
}

func themeChanges(t *testing.T, ctx context.Context) {
	t.Helper()
	const paint = `getComputedStyle(document.body).backgroundColor`
	before := eval[string](t, ctx, paint)
	eval[any](t, ctx, `document.getElementById("theme").click(), 0`)
	if after := eval[string](t, ctx, paint); after == before {
		t.Errorf("the other theme has the same background %s", after)
	}
}

// namesStay scrolls a picture, and asserts that the names of its lanes stay where
// they are.
func namesStay(t *testing.T, ctx context.Context) {
	t.Helper()
	eval[any](t, ctx, `document.querySelector("details.scenario").scrollIntoView(), 0`)
	until(t, ctx, "a picture", `document.querySelector(".picture")`)
	const moved = `new Promise(done => {
		const box = document.querySelector(".picture"), left = () => box.querySelector(".names").getBoundingClientRect().left;
		const before = left();
		box.addEventListener("scroll", () => done(box.scrollLeft > 100 ? Math.abs(left() - before) : -1));
		box.scrollLeft = 200;
	})`
	by, err := chromedp.Run(ctx, chromedp.Evaluate[float64](moved, chromedp.EvalAwaitPromise))
	if err != nil || by < 0 || by > 1 {
		t.Errorf("the names of the lanes moved by %v: %v", by, err)
	}
}

// picturesHoldTheirLabels measures the labels as the browser draws them.
func picturesHoldTheirLabels(t *testing.T, ctx context.Context) {
	t.Helper()
	until(t, ctx, "24 pictures", `(() => {
		const packed = [...document.querySelectorAll("details.scenario")].slice(0, 24).find(d => d.querySelector(".later[data-part]"));
		if (packed) { packed.open = true; packed.querySelector(".later[data-part]").scrollIntoView(); }
		return !packed;
	})()`)
	const overlaps = `(() => {
		const bad = [];
		for (const svg of document.querySelectorAll(".picture svg")) {
			const boxes = [...svg.querySelectorAll("text")].map(e => [e, e.getBoundingClientRect()]);
			boxes.forEach(([e, a], i) => boxes.slice(i + 1).forEach(([f, b]) => {
				if (a.left < b.right - 1 && b.left < a.right - 1 && a.top < b.bottom - 4 && b.top < a.bottom - 4)
					bad.push(e.textContent + " / " + f.textContent);
			}));
		}
		return bad.slice(0, 5).join("; ");
	})()`
	if got := eval[string](t, ctx, overlaps); got != "" {
		t.Errorf("labels cover each other: %s", got)
	}
}

func TestHostilePageInABrowser(t *testing.T) {
	dir := t.TempDir()
	rep, timelines := hostile()
	if err := Save(dir, Entry{Report: rep, Timelines: timelines, Rerun: rerun}); err != nil {
		t.Fatal(err)
	}
	ctx := browser(t)
	silently(t, ctx, func() {
		for _, width := range []int64{1280, 390} {
			open(t, ctx, filepath.Join(dir, PageFile), width)
		}
	})
}

func TestIndexInABrowser(t *testing.T) {
	dir := t.TempDir()
	var entries []Entry
	for i := range 20 {
		s := acme()
		s.report.Target.Name = fmt.Sprintf("Acme lamp, model %d", i)
		entries = append(entries, Entry{Folder: fmt.Sprintf("acme-lamp-%d", i), Report: s.report})
	}
	if err := WriteIndex(dir, entries); err != nil {
		t.Fatal(err)
	}
	ctx := browser(t)
	silently(t, ctx, func() {
		for _, width := range []int64{1280, 390} {
			open(t, ctx, filepath.Join(dir, IndexPageFile), width)
			shoot(t, ctx, filepath.Join(dir, fmt.Sprintf("index-%d.png", width)))
		}
	})
}

// TestPageOnPaper prints the page. The matrix gets a wide page of its own.
func TestPageOnPaper(t *testing.T) {
	dir, s := t.TempDir(), acme()
	if err := Save(dir, Entry{Report: s.report, Timelines: s.timeline, Rerun: rerun}); err != nil {
		t.Fatal(err)
	}
	ctx := browser(t)
	silently(t, ctx, func() {
		open(t, ctx, filepath.Join(dir, PageFile), 1280)
		paper, err := chromedp.Run(ctx, chromedp.PrintToPDF(chromedp.PDFPreferCSSPageSize(), chromedp.PDFPrintBackground()))
		if err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(filepath.Join(dir, "report.pdf"), paper, 0o644); err != nil {
			t.Fatal(err)
		}
		if wide := regexp.MustCompile(`/MediaBox \[0 0 119\d`); !wide.Match(paper) {
			t.Error("no page is as wide as A3")
		}
		if !eval[bool](t, ctx, `[...document.querySelectorAll("details.requirement")].some(d => !d.open)`) {
			t.Error("printing opened what was folded")
		}
	})
}
