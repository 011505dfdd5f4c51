package source

import (
	"fmt"
	"net/http"
	"net/http/httptest"
	"sync"
	"sync/atomic"
	"testing"
	"testing/synctest"
)

// late is a source in another process that answers when it is let, and counts who waits.
type late struct {
	let     chan struct{}
	waiting atomic.Int32
	asked   sync.Map // devices
}

// RoundTrip answers that there is nothing newer.
func (l *late) RoundTrip(r *http.Request) (*http.Response, error) {
	l.asked.Store(r.FormValue("device"), true)
	l.waiting.Add(1)
	defer l.waiting.Add(-1)
	select {
	case <-l.let:
	case <-r.Context().Done():
		return nil, r.Context().Err()
	}
	w := httptest.NewRecorder()
	_, _ = fmt.Fprint(w, `{"available": false, "version": "1"}`) // a recorder takes all
	return w.Result(), nil
}

// TestARemoteSourceIsAskedSoManyAtOnce asks more questions than may be under way: the others
// wait, each is answered in the end, and one that was cancelled while it waited is never put.
func TestARemoteSourceIsAskedSoManyAtOnce(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		l := &late{let: make(chan struct{})}
		r, err := NewRemote("http://source.invalid/", &http.Client{Transport: l})
		if err != nil {
			t.Fatal(err)
		}
		var answers atomic.Int32
		ask := func(name string) func() {
			return r.Ask(Question{name, Check, "1"}, func(a Answer) {
				if !a.Failed {
					answers.Add(1)
				}
			})
		}
		const more = 100
		for i := range mostAsking + more {
			ask(fmt.Sprint(i))
		}
		ask("cancelled")()
		synctest.Wait()
		if n := l.waiting.Load(); n != mostAsking {
			t.Errorf("%d questions are under way", n)
		}
		close(l.let)
		synctest.Wait()
		if n := answers.Load(); n != mostAsking+more {
			t.Errorf("%d of %d questions are answered", n, mostAsking+more)
		}
		if _, put := l.asked.Load("cancelled"); put {
			t.Error("a question that was cancelled is put")
		}
		if err := r.Close(); err != nil || r.busy != 0 {
			t.Errorf("closed: %v, with %d under way", err, r.busy)
		}
	})
}
