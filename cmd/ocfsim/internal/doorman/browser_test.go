//go:build strangers

package doorman_test

import (
	"context"
	"fmt"
	"net/http"
	"net/http/httptest"
	"sync/atomic"
	"testing"
	"time"

	"github.com/chromedp/chromedp"
)

// TestAPageOfAnotherOrigin lets a page in a real browser try what a page can: a
// simple POST, an image, and a form. Nothing of it reaches the handler, though each
// reaches the listener.
func TestAPageOfAnotherOrigin(t *testing.T) {
	var reached atomic.Int32
	l := listen(t, "127.0.0.1:0", "", http.HandlerFunc(func(http.ResponseWriter, *http.Request) { reached.Add(1) }))
	page := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
		w.Header().Set("Content-Type", "text/html")
		fmt.Fprintf(w, `<script>
const to = %q, body = '{"condition":"hold"}';
async function all() {
	for (const type of ["text/plain", "application/json"])
		for (const mode of ["no-cors", "cors"])
			await fetch(to, {method: "POST", mode, headers: {"Content-Type": type}, body}).catch(() => {});
	await new Promise(done => { const i = new Image(); i.onload = i.onerror = done; i.src = to; });
	const frame = document.createElement("iframe"); frame.name = "f"; document.body.append(frame);
	const form = document.createElement("form"); form.action = to; form.method = "POST"; form.target = "f"; form.enctype = "text/plain";
	document.body.append(form);
	await new Promise(done => { frame.onload = done; form.submit(); });
	return "tried";
}
</script><body>`, l.URL())
	}))
	defer page.Close()

	ctx, cancel := context.WithTimeout(t.Context(), time.Minute)
	defer cancel()
	options := append(chromedp.DefaultExecAllocatorOptions[:], chromedp.NoSandbox, chromedp.UserDataDir(t.TempDir()))
	ctx, cancel = chromedp.NewExecAllocator(ctx, options...)
	defer cancel()
	ctx, cancel = chromedp.NewContext(ctx)
	defer cancel()
	if err := chromedp.Do(ctx, chromedp.Navigate(page.URL)); err != nil {
		t.Fatal(err)
	}
	said, err := chromedp.Run(ctx, chromedp.Evaluate[string]("all()", chromedp.EvalAwaitPromise))
	if err != nil || said != "tried" {
		t.Fatal(said, err)
	}
	if n := reached.Load(); n != 0 {
		t.Errorf("a page of another origin reached the handler %d times", n)
	}
	if status, _ := ask(t, l, "{}", "Content-Type: application/json"); status != 200 || reached.Load() != 1 {
		t.Errorf("a program does not reach it: %d", status)
	}
}
