//go:build strangers

package campaign

import (
	"context"
	"fmt"
	"os"
	"path/filepath"
	"testing"
	"time"

	"github.com/chromedp/chromedp"
)

// TestPageInABrowser: n leads to the first reason, from there to the first Device in trouble, and p
// back; on a telephone the page is no wider than that, and what stands in its charts can be read.
func TestPageInABrowser(t *testing.T) {
	file := filepath.Join(t.TempDir(), PageFile)
	out, err := os.Create(file)
	if err != nil {
		t.Fatal(err)
	}
	s := summed(t, many(100_000))
	if err := s.Page(out); err != nil {
		t.Fatal(err)
	}
	if err := out.Close(); err != nil {
		t.Fatal(err)
	}
	ctx, cancel := context.WithTimeout(t.Context(), 2*time.Minute)
	defer cancel()
	options := append(chromedp.DefaultExecAllocatorOptions[:], chromedp.NoSandbox, chromedp.UserDataDir(t.TempDir()))
	ctx, cancel = chromedp.NewExecAllocator(ctx, options...)
	defer cancel()
	ctx, cancel = chromedp.NewContext(ctx)
	defer cancel()
	value := func(expression string) string {
		t.Helper()
		v, err := chromedp.Run(ctx, chromedp.Evaluate[string]("String("+expression+")"))
		if err != nil {
			t.Fatalf("%s: %v", expression, err)
		}
		return v
	}
	for _, width := range []int64{1280, 390} {
		if err := chromedp.Do(ctx, chromedp.EmulateViewport(width, 900), chromedp.Navigate("file://"+file)); err != nil {
			t.Fatal(err)
		}
		if got := value(`document.documentElement.scrollWidth`); got != fmt.Sprint(width) {
			t.Errorf("at a width of %d the page is %s wide", width, got)
		}
		if n := value(`[...document.querySelectorAll(".chart text")].filter(e => e.getBoundingClientRect().height < 10).length`); n != "0" {
			t.Errorf("at a width of %d, %s labels of charts are less than 10 pixels high", width, n)
		}
		const cut = `[...document.querySelectorAll(".chart text")].filter(e => {
			const b = e.getBoundingClientRect(), s = e.closest("svg").getBoundingClientRect();
			return b.left < s.left - 1 || b.right > s.right + 1; }).map(e => e.textContent).join()`
		if says := value(cut); says != "" {
			t.Errorf("at a width of %d labels of charts are cut off: %s", width, says)
		}
	}
	press := func(key, what string) {
		t.Helper()
		value(fmt.Sprintf(`document.dispatchEvent(new KeyboardEvent("keydown", {key: %q, bubbles: true}))`, key))
		seen := value(`(() => { const b = document.activeElement.getBoundingClientRect(); return b.top >= 0 && b.top < innerHeight; })()`)
		if got := value(`document.activeElement.innerText.replace(/\s+/g, " ").slice(0, 60)`); seen != "true" || len(got) < len(what) || got[:len(what)] != what {
			t.Errorf("key %s leads to %q, in sight: %s; want %q", key, got, seen, what)
		}
	}
	press("n", fmt.Sprintf("%s %d Devices", s.Reasons[0].Verdict, s.Reasons[0].Devices))
	press("p", fmt.Sprintf("%s %s", s.Troubles[len(s.Troubles)-1].Verdict, s.Troubles[len(s.Troubles)-1].Device))
	for range len(s.Reasons) {
		value(`document.dispatchEvent(new KeyboardEvent("keydown", {key: "n", bubbles: true}))`)
	}
	press("n", fmt.Sprintf("%s %s", s.Troubles[0].Verdict, s.Troubles[0].Device))
}
