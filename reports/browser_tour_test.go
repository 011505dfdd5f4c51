//go:build strangers

package reports

import (
	"context"
	"fmt"
	"path/filepath"
	"testing"

	"github.com/chromedp/chromedp"
)

// TestPageOpensWhatPassed opens what passed by a click, by a link and by a link from
// elsewhere, and goes through the fails by key.
func TestPageOpensWhatPassed(t *testing.T) {
	dir, s := t.TempDir(), large(280)
	if err := Save(dir, Entry{Report: s.report, Timelines: s.timeline, Rerun: rerun}); err != nil {
		t.Fatal(err)
	}
	ctx, file := browser(t), filepath.Join(dir, PageFile)
	silently(t, ctx, func() {
		open(t, ctx, file, 1280)
		ready := eval[float64](t, ctx, `performance.getEntriesByType("navigation")[0].loadEventEnd`)
		t.Logf("%d scenarios: interactive after %.0f ms, %d elements", len(s.report.Scenarios), ready, eval[int](t, ctx, `document.querySelectorAll("*").length`))
		if n := eval[int](t, ctx, `document.querySelectorAll("*").length`); n > mostElements {
			t.Errorf("the page begins with %d elements, expected at most %d: %s", n, mostElements, eval[string](t, ctx, `["#matrix", "#requirements", "#scenarios", "#attention", "svg"].map(q => q + " " + document.querySelectorAll(q + " *").length).join(", ")`))
		}
		const passed = `[...document.querySelectorAll("details.scenario.pass")]`
		if eval[bool](t, ctx, passed+`.some(d => d.open || d.querySelector("svg"))`) {
			t.Error("what passed stands open")
		}
		eval[any](t, ctx, passed+`[0].scrollIntoView(), `+passed+`[0].querySelector("summary").click(), 0`)
		until(t, ctx, "a passed scenario that is opened by a click", passed+`[0].querySelector("svg") && `+passed+`[0].querySelector(".observations")`)
		id := eval[string](t, ctx, passed+`.at(-1).id`)
		eval[any](t, ctx, fmt.Sprintf(`location.hash = %q, 0`, "#"+id))
		shown := fmt.Sprintf(`(() => { const d = document.getElementById(%q), b = d.getBoundingClientRect();
			return d.open && d.querySelector("svg") && b.top >= 0 && b.top < innerHeight; })()`, id)
		until(t, ctx, "a passed scenario that is linked to", shown)
		failsByKey(t, ctx)
		filterChoosesScenarios(t, ctx)
		if err := chromedp.Do(ctx, chromedp.Navigate("about:blank"), chromedp.Navigate("file://"+file+"#"+id)); err != nil {
			t.Fatal(err)
		}
		until(t, ctx, "a link from elsewhere to a passed scenario", shown)
	})
}

// mostElements bounds the page of 280 scenarios, half of which failed, before anything is
// opened. Once it had 247,000 and took nine seconds to open.
const mostElements = 20_000

// failsByKey presses n until the tour is at its beginning again, and p back to its end.
func failsByKey(t *testing.T, ctx context.Context) {
	t.Helper()
	fails := eval[int](t, ctx, `document.querySelectorAll("details.scenario.fail, details.scenario.error").length`)
	if fails < 2 || eval[bool](t, ctx, `document.querySelector(".keys").hidden`) {
		t.Fatalf("%d fails, or the page does not say how to get to them", fails)
	}
	press := func(key string, at int) {
		t.Helper()
		eval[any](t, ctx, fmt.Sprintf(`document.dispatchEvent(new KeyboardEvent("keydown", {key: %q, bubbles: true})), 0`, key))
		until(t, ctx, fmt.Sprintf("fail %d by key %s", at, key), fmt.Sprintf(`(() => {
			const d = document.querySelectorAll("details.scenario.fail, details.scenario.error")[%d], b = d.getBoundingClientRect();
			return d.contains(document.activeElement) && location.hash === "#" + d.id && b.top >= 0 && b.top < innerHeight &&
				document.querySelector("#tour output").textContent === "%d of %d";
		})()`, at-1, at, fails))
	}
	press("n", 1)
	press("n", 2)
	press("p", 1)
	press("p", fails)
	press("n", 1)
}

// filterChoosesScenarios chooses scenarios by verdict, requirement and words.
func filterChoosesScenarios(t *testing.T, ctx context.Context) {
	t.Helper()
	const shown = `[...document.querySelectorAll("details.scenario")].filter(d => d.getClientRects().length)`
	find := func(text string) {
		eval[any](t, ctx, fmt.Sprintf(`(() => { const i = document.getElementById("find"); i.value = %q;
			i.dispatchEvent(new Event("input", {bubbles: true})); return 0; })()`, text))
	}
	find("svv-13")
	until(t, ctx, "scenarios of a requirement", shown+`.length > 0 && `+shown+`.every(d => d.querySelector("summary").textContent.includes("SVV-13"))`)
	find("no such words")
	until(t, ctx, "no scenario", shown+`.length === 0`)
	find("")
	eval[any](t, ctx, `document.querySelector('input[name="outcome"][value="pass"]').click(), 0`)
	until(t, ctx, "scenarios that did not pass", shown+`.length > 0 && `+shown+`.every(d => d.dataset.verdict !== "pass")`)
	eval[any](t, ctx, `document.querySelector('input[name="outcome"][value="pass"]').click(), 0`)
	until(t, ctx, "all scenarios", shown+`.length === document.querySelectorAll("details.scenario").length`)
}

// TestFailsAreReadableWithoutJavaScript looks at the page as a browser shows it that runs no
// script.
func TestFailsAreReadableWithoutJavaScript(t *testing.T) {
	dir, s := t.TempDir(), acme()
	if err := Save(dir, Entry{Report: s.report, Timelines: s.timeline, Rerun: rerun}); err != nil {
		t.Fatal(err)
	}
	ctx := browser(t, chromedp.Flag("blink-settings", "scriptEnabled=false"))
	if err := chromedp.Do(ctx, chromedp.Navigate("file://"+filepath.Join(dir, PageFile))); err != nil {
		t.Fatal(err)
	}
	const read = `[...document.querySelectorAll("details.scenario.fail")].every(d => d.open && d.querySelector(".fault .expected").getClientRects().length) &&
		document.querySelector("noscript .missing").getClientRects().length > 0`
	if !eval[bool](t, ctx, read) {
		t.Error("without JavaScript the fails are not readable, or the page does not say what is missing")
	}
}

// TestThePictureOfTheSample opens the committed page at the scenario that the README shows;
// -rewrite takes the picture of it anew.
func TestThePictureOfTheSample(t *testing.T) {
	const scenario = "scn-validation.a-check-begins-by-clearing-the-result-of-the-one-before"
	file, err := filepath.Abs(filepath.Join("sample", PageFile))
	if err != nil {
		t.Fatal(err)
	}
	ctx := browser(t)
	silently(t, ctx, func() {
		open(t, ctx, file, 1200)
		eval[any](t, ctx, fmt.Sprintf("location.hash = %q, 0", scenario))
		until(t, ctx, "the scenario", fmt.Sprintf(`document.getElementById(%q).querySelectorAll("svg, .observations").length === 2`, scenario))
		height := eval[int64](t, ctx, fmt.Sprintf(`(() => {
			const one = document.getElementById(%q);
			document.body.replaceChildren(one);
			one.style.margin = "8px";
			scrollTo(0, 0);
			return Math.ceil(one.getBoundingClientRect().bottom + 8);
		})()`, scenario))
		picture := "sample/report.png"
		if !*rewrite {
			picture = filepath.Join(t.TempDir(), "report.png")
		}
		if err := chromedp.Do(ctx, chromedp.EmulateViewport(1200, height)); err != nil {
			t.Fatal(err)
		}
		shoot(t, ctx, picture)
	})
}
