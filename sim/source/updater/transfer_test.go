package updater_test

import (
	"net/http"
	"slices"
	"testing"

	"github.com/ocfsim/ocfsim/sim/source"
	"github.com/ocfsim/ocfsim/sim/source/suit"
	"github.com/ocfsim/ocfsim/sim/source/updater"
)

// cutter breaks the connection off after so many bytes of an answer.
type cutter struct {
	http.ResponseWriter
	left int
}

func (c *cutter) Write(data []byte) (int, error) {
	n, err := c.ResponseWriter.Write(data[:min(c.left, len(data))])
	if c.left -= n; c.left > 0 || err != nil {
		return n, err
	}
	_ = http.NewResponseController(c.ResponseWriter).Flush()
	panic(http.ErrAbortHandler)
}

// cut breaks the first n transfers off after 1000 bytes; before is done to each request
// that is for a range.
func cut(n int, before func(w http.ResponseWriter, r *http.Request)) handler {
	return func(w http.ResponseWriter, r *http.Request) http.ResponseWriter {
		if r.Header.Get("Range") != "" {
			before(w, r)
		}
		if n--; n < 0 {
			return w
		}
		return &cutter{w, 1000}
	}
}

func untouched(http.ResponseWriter, *http.Request) {}

// answering answers in the source's stead.
func answering(answer http.HandlerFunc) handler {
	return func(w http.ResponseWriter, r *http.Request) http.ResponseWriter {
		answer(w, r)
		return nil
	}
}

func TestTransfersAreResumed(t *testing.T) {
	for _, c := range []struct {
		name    string
		breaks  handler
		asked   []string // the ranges of the requests
		outcome string   // "": it is installed; "part", "refused:CHECK", "failed"
	}{
		{"nothing breaks", nil, []string{""}, ""},
		{"it breaks once", cut(1, untouched), []string{"", "bytes=1000-"}, ""},
		{"it breaks twice", cut(2, untouched), []string{"", "bytes=1000-", "bytes=2000-"}, ""},
		{"it breaks each time", cut(4, untouched), []string{"", "bytes=1000-", "bytes=2000-", "bytes=3000-"}, "part"},
		{"the range is ignored", cut(1, func(_ http.ResponseWriter, r *http.Request) {
			r.Header.Del("Range")
		}), []string{"", "bytes=1000-"}, ""},
		{"another range comes", cut(1, func(_ http.ResponseWriter, r *http.Request) {
			r.Header.Set("Range", "bytes=1001-")
		}), []string{"", "bytes=1000-", ""}, ""},
		{"the file is another one", cut(1, func(w http.ResponseWriter, _ *http.Request) {
			w.Header().Set("ETag", `"another"`)
		}), []string{"", "bytes=1000-"}, ""},
		{"it has no end", answering(endless), []string{""}, "refused:size"},
		{"it is announced too long", answering(func(w http.ResponseWriter, _ *http.Request) {
			w.Header().Set("Content-Length", "50000")
		}), []string{""}, "refused:size"},
		{"it claims to be compressed", func(w http.ResponseWriter, _ *http.Request) http.ResponseWriter {
			w.Header().Set("Content-Encoding", "gzip")
			return w
		}, []string{""}, "failed"},
		{"it is elsewhere", answering(func(w http.ResponseWriter, r *http.Request) {
			http.Redirect(w, r, "/elsewhere", http.StatusFound)
		}), []string{""}, "failed"},
		{"the source is out of order", answering(func(w http.ResponseWriter, _ *http.Request) {
			http.Error(w, "out of order", http.StatusServiceUnavailable)
		}), []string{""}, "failed"},
		{"it is withdrawn", answering(http.NotFound), []string{""}, "withdrawn"},
	} {
		t.Run(c.name, func(t *testing.T) {
			b := newBench(t)
			b.publish(1)
			b.breaks = c.breaks
			a, r := b.ask(source.Fetch, "1.0.0")
			if got := outcomeOf(a, r); got != c.outcome {
				t.Errorf("got %q, expected %q: %+v, %+v", got, c.outcome, a, r)
			}
			if !slices.Equal(b.asked, c.asked) {
				t.Errorf("asked for %q, expected %q", b.asked, c.asked)
			}
			if b.breaks = nil; c.outcome != "" {
				b.update("1.0.0", "1.0.1")
			}
		})
	}
}

// endless sends an image that does not end, until nobody reads it any more.
func endless(w http.ResponseWriter, r *http.Request) {
	block := make([]byte, 4096)
	for r.Context().Err() == nil {
		if _, err := w.Write(block); err != nil {
			return
		}
	}
}

func outcomeOf(a source.Answer, r updater.Report) string {
	switch {
	case r.Refusal != nil:
		return "refused:" + string(r.Refusal.Check)
	case a.Failed:
		return "failed"
	case !a.Available:
		return "withdrawn"
	case a.Received < a.Declared:
		return "part"
	}
	return ""
}

// A source that shows another certificate than that of a trusted authority is not asked,
// unless the Device does not look at it.
func TestCertificates(t *testing.T) {
	b := newBench(t)
	b.publish(1)
	base := b.url + "/packages"
	strict, err := updater.NewWeb(base, nil)
	if err != nil {
		t.Fatal(err)
	}
	careless, err := updater.NewCarelessWeb(base)
	if err != nil {
		t.Fatal(err)
	}
	u, err := updater.New(updater.Config{Transport: strict, Careless: careless, Root: b.vendor.Root(), Model: b.vendor.Model(), Tell: b.told})
	if err != nil {
		t.Fatal(err)
	}
	defer u.Close()
	if err := u.Skip("careless", []string{updater.SkipCertificate}); err != nil {
		t.Fatal(err)
	}
	for device, want := range map[string]bool{"careful": false, "careless": true} {
		answers := make(chan source.Answer, 1)
		u.Ask(source.Question{Device: device, Kind: source.Check, Version: "1.0.0"}, func(a source.Answer) { answers <- a })
		if a := <-answers; a.Available != want || a.Failed == want {
			t.Errorf("%s: got %+v", device, a)
		}
	}
}

// After cancel there is no answer, and a closed updater asks nobody.
func TestNobodyWaits(t *testing.T) {
	b := newBench(t)
	b.publish(1)
	arrived, release := make(chan bool), make(chan bool)
	b.breaks = func(w http.ResponseWriter, _ *http.Request) http.ResponseWriter {
		arrived <- true
		<-release
		return w
	}
	answers := make(chan source.Answer, 2)
	cancel := b.Ask(source.Question{Device: "lamp", Kind: source.Fetch, Version: "1.0.0"}, func(a source.Answer) { answers <- a })
	<-arrived
	cancel()
	close(release)
	b.breaks = nil
	b.update("1.0.0", "1.0.1")
	if err := b.Close(); err != nil {
		t.Fatal(err)
	}
	b.Ask(source.Question{Device: "lamp", Kind: source.Check, Version: "1.0.0"}, func(a source.Answer) { answers <- a })()
	if len(answers) != 0 {
		t.Errorf("got %+v after cancel and Close", <-answers)
	}
}

func TestSetUps(t *testing.T) {
	b := newBench(t)
	web, err := updater.NewWeb("http://127.0.0.1/packages", nil)
	if err != nil {
		t.Fatal(err)
	}
	for name, c := range map[string]updater.Config{
		"no transport": {Root: b.vendor.Root(), Model: b.vendor.Model()},
		"no root":      {Transport: web, Model: b.vendor.Model()},
		"a bad root":   {Transport: web, Model: suit.Model{}, Root: []byte{1}},
	} {
		if _, err := updater.New(c); err == nil {
			t.Errorf("%s is taken", name)
		}
	}
	for _, bad := range []string{"", "coap://127.0.0.1", "http://", "http://%zz"} {
		if _, err := updater.NewWeb(bad, nil); err == nil {
			t.Errorf("%q is taken for the address of a source", bad)
		}
	}
}
