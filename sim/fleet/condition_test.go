package fleet_test

import (
	"errors"
	"net/http/httptest"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/ocfsim/ocfsim/ocf"
	"github.com/ocfsim/ocfsim/sim"
	"github.com/ocfsim/ocfsim/sim/fleet"
	"github.com/ocfsim/ocfsim/sim/memnet"
	"github.com/ocfsim/ocfsim/sim/source"
)

// wish brings Devices into a condition.
func (w *world) wish(device, condition string) fleet.SourceReport {
	w.Helper()
	r, err := w.fleet.Condition(device, condition)
	if err != nil {
		w.Fatal(err)
	}
	return r
}

// modes returns tm and cm of a Device after a while.
func (w *world) modes(i int, after time.Duration) string {
	time.Sleep(after) // in the bubble's time
	synctest.Wait()
	s := w.fleet.State(i)
	return "tm=" + s.TM.String() + " cm=" + s.CM.String()
}

func (w *world) expect(i int, after time.Duration, want string) {
	w.Helper()
	if got := w.modes(i, after); got != want {
		w.Errorf("device %d: %s, want %s", i, got, want)
	}
}

func TestConditions(t *testing.T) {
	check := func(p *peer, mid string) {
		p.t.Helper()
		p.want("40 02 "+mid+pstat+"12 2710 ff a162'tm'1840", "60 44 "+mid)
	}
	update := func(p *peer, mid string) {
		p.t.Helper()
		p.want("40 02 "+mid+pstat+"12 2710 ff a162'tm'1880", "60 44 "+mid)
	}
	inWorld(t, memnet.Impairment{}, nil, func(w *world) {
		p := w.dial("127.1.0.2:5683")
		w.wish("", "no-update")
		check(p, "0001")
		w.expect(1, time.Minute, "tm=- cm=-")
		for round, mid := range []string{"0002", "0012", "0022"} { // each condition works repeatedly
			before := w.fleet.Version(1)
			w.wish("127.1.0.2", "update-available")
			check(p, mid)
			w.modes(1, time.Minute)
			if cm := w.fleet.State(1).CM; !cm.Has(ocf.SVV) {
				t.Errorf("round %d: cm=%v after the check", round, cm)
			}
			update(p, "1"+mid[1:])
			w.expect(1, time.Minute, "tm=- cm=U")
			if now := w.fleet.Version(1); now == before {
				t.Errorf("round %d: version is still %s", round, now)
			}
		}
		w.wish("127.1.0.2", "update-fails")
		update(p, "0003")
		w.expect(1, time.Minute, "tm=- cm=-")

		w.wish("coap://127.1.0.2:5683/", "hold")
		check(p, "0004")
		w.expect(1, time.Minute, "tm=V cm=-")
		if r := w.wish("127.1.0.2:5683", "report"); r.Holding != 1 || r.Version == "" {
			t.Errorf("%+v", r)
		}
		w.wish(w.fleet.ID(1).String(), "release")
		w.expect(1, time.Minute, "tm=- cm=V")

		w.wish("127.1.0.3", "autonomous-validation")
		w.expect(2, 0, "tm=V cm=-")
		w.expect(2, time.Minute, "tm=- cm=-")
		w.wish("", "update-available")
		w.wish("", "autonomous-update")
		w.expect(0, time.Minute, "tm=- cm=U")
		w.expect(2, 0, "tm=- cm=U")
		if r := w.wish("", "report"); r.Version != "" || r.Fetches < 5 {
			t.Errorf("of all: %+v", r)
		}

		w.wish("127.1.0.2", "reboot")
		p.want("40 01 0005"+pstat, "")
		p.want("40 01 0005"+pstat, "60 45 0005")
		w.wish("127.1.0.2", "factory-reset")
		w.expect(1, 0, "tm=- cm=-")
	})
}

func TestNoConditions(t *testing.T) {
	inWorld(t, memnet.Impairment{}, nil, func(w *world) {
		if _, err := w.fleet.Condition("", "fly"); !errors.Is(err, fleet.ErrUnsupported) {
			t.Error(err)
		}
		for _, device := range []string{"127.1.0.9", "127.1.0.1:1", "lamp", "00000000-0000-0000-0000-000000000000", "[::1]:5683"} {
			if _, err := w.fleet.Condition(device, "hold"); !errors.Is(err, fleet.ErrNoDevice) {
				t.Errorf("%s: %v", device, err)
			}
		}
	})
}

// asker is a trusted source that cannot be arranged.
type asker struct{}

func (asker) Ask(source.Question, func(source.Answer)) func() { return func() {} }

// A fleet whose source belongs to someone else cannot arrange it.
func TestForeignSource(t *testing.T) {
	inWorld(t, memnet.Impairment{}, func(c *fleet.Config) { c.Source = asker{} }, func(w *world) {
		for _, condition := range []string{"update-available", "hold", "release"} {
			if _, err := w.fleet.Condition("", condition); !errors.Is(err, fleet.ErrUnsupported) {
				t.Errorf("%s: %v", condition, err)
			}
		}
		w.wish("", "reboot")
	})
}

// Without a source every question fails, and the Device shows that.
func TestNoSource(t *testing.T) {
	inWorld(t, memnet.Impairment{}, func(c *fleet.Config) { c.Source = nil }, func(w *world) {
		w.dial("127.1.0.1:5683").want(startV, "60 44 0002")
		w.expect(0, time.Minute, "tm=- cm=-")
	})
}

func TestControl(t *testing.T) {
	m := model(t, sim.Config{})
	conn, err := memnet.New(1, memnet.Impairment{}).Wildcard(5683)
	if err != nil {
		t.Fatal(err)
	}
	fl := onLoopback(t, func(c *fleet.Config) {
		c.Devices, c.Conn, c.Model = 2, conn, func(int) *sim.Model { return m }
	})
	handler := fl.Control()
	for _, test := range []struct {
		method, body string
		status       int
		answer       string
	}{
		{"POST", `{"condition": "hold", "device": ""}`, 200, `{"checks":0,"fetches":0,"served":0,"holding":0,"version":"1.0.0"}`},
		{"POST", `{"condition": "release"}`, 200, `{"checks":0`},
		{"POST", `{"condition": "report", "device": "127.1.0.2"}`, 200, `{"checks":0`},
		{"POST", `{"condition": "report", "device": "127.1.0.3"}`, 404, "no such device"},
		{"POST", `{"condition": "fly"}`, 501, `condition not supported: "fly"`},
		{"POST", `{"condition": 1}`, 400, `expected {"condition": "hold", "device": ""}`},
		{"POST", `{"condition": "hold", "devices": ""}`, 400, `unknown field "devices"`},
		{"POST", `{"condition": "hold"} {}`, 400, "more than one value"},
		{"POST", `{}`, 400, "no condition"},
		{"POST", `hold`, 400, "expected"},
		{"POST", ``, 400, "expected"},
		{"POST", `{"condition": "` + strings.Repeat("x", 1<<17) + `"}`, 400, "too large"},
		{"GET", ``, 405, "expected POST"},
	} {
		w := httptest.NewRecorder()
		handler.ServeHTTP(w, httptest.NewRequest(test.method, "/", strings.NewReader(test.body)))
		if got := w.Body.String(); w.Code != test.status || !strings.Contains(got, test.answer) {
			t.Errorf("%s %.80s: %d %s, want %d %s", test.method, test.body, w.Code, got, test.status, test.answer)
		}
	}
}
