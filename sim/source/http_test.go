package source

import (
	"bytes"
	"crypto/sha256"
	"encoding/base64"
	"io"
	"net/http"
	"net/http/httptest"
	"net/url"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
)

// patience bounds what a test waits for; nothing takes near as long.
const patience = 30 * time.Second

// serve puts s on a loopback port, with a Remote that asks it there.
func serve(t *testing.T, s *Source) (*Remote, string) {
	t.Helper()
	server := httptest.NewServer(s.Handler())
	r, err := NewRemote(server.URL, nil)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		r.Close()
		s.Close()
		server.Close()
	})
	return r, server.URL
}

// answer is what r says to q.
func answer(t *testing.T, r *Remote, q Question) Answer {
	t.Helper()
	answers := make(chan Answer, 1)
	cancel := r.Ask(q, func(a Answer) { answers <- a })
	defer cancel()
	return receive(t, answers)
}

func receive(t *testing.T, answers <-chan Answer) Answer {
	t.Helper()
	select {
	case a := <-answers:
		return a
	case <-time.After(patience):
		t.Fatal("no answer")
		return Answer{}
	}
}

func TestRemoteSeesWhatTheSourceSays(t *testing.T) {
	const size = 100_000
	for name, c := range map[string]struct {
		offer        Offer
		check, fetch Answer
		served       int
		failed       int // questions without an answer
	}{
		"nothing newer": {Offer{}, Answer{Version: "1.0.0"}, Answer{Version: "1.0.0"}, 0, 0},
		"newer":         {Offer{Newer: true, Size: size}, Answer{Available: true, Version: "1.0.1"}, Answer{true, "1.0.1", size, size, false, ""}, 1, 0},
		"unreachable":   {Offer{Fault: Unreachable}, Answer{Version: "1.0.0", Failed: true}, Answer{Version: "1.0.0", Failed: true}, 0, 2},
		"truncated":     {Offer{Newer: true, Fault: Truncated, Size: size}, Answer{Available: true, Version: "1.0.1"}, Answer{true, "1.0.1", size, size / 2, false, ""}, 0, 0},
		"withdrawn":     {Offer{Newer: true, Fault: Withdrawn}, Answer{Available: true, Version: "1.0.1"}, Answer{Version: "1.0.0"}, 0, 0},
		"bad signature": {
			Offer{Newer: true, Fault: BadSignature, Size: size},
			Answer{Available: true, Version: "1.0.1"},
			Answer{true, "1.0.1", size, size, false, BadSignature},
			0, 0,
		},
		"wrong certificate": {
			Offer{Newer: true, Fault: WrongCertificate, Size: size},
			Answer{Available: true, Version: "1.0.1", Flaw: WrongCertificate},
			Answer{true, "1.0.1", size, size, false, WrongCertificate},
			0, 0,
		},
		"flapping": {Offer{Newer: true, Fault: Flapping}, Answer{Version: "1.0.0", Failed: true}, Answer{Version: "1.0.0", Failed: true}, 0, 2},
	} {
		t.Run(name, func(t *testing.T) {
			s := New(Config{})
			s.Set("", c.offer)
			r, _ := serve(t, s)
			got := answer(t, r, Question{"d", Check, "1.0.0"})
			if diff := cmp.Diff(c.check, got); diff != "" {
				t.Error(diff)
			}
			got = answer(t, r, Question{"d", Fetch, "1.0.0"})
			if diff := cmp.Diff(c.fetch, got); diff != "" {
				t.Error(diff)
			}
			if diff := cmp.Diff(Counts{Checks: 1, Fetches: 1, Served: c.served, Unanswered: c.failed}, s.Report("d")); diff != "" {
				t.Error(diff)
			}
		})
	}
}

func TestRemoteWaitsAtTheGate(t *testing.T) {
	s := New(Config{})
	s.Set("", Offer{Newer: true})
	r, _ := serve(t, s)
	s.Hold("")
	answers := make(chan Answer, 1)
	defer r.Ask(Question{"d", Check, "1.0.0"}, func(a Answer) { answers <- a })()
	awaitReport(t, s, Counts{Checks: 1, Holding: 1, Unanswered: 1})
	select {
	case a := <-answers:
		t.Errorf("answered while held: %+v", a)
	default:
	}
	s.Release("d")
	if a := receive(t, answers); !a.Available {
		t.Errorf("got %+v", a)
	}
}

func TestAClientThatGoesAwayIsNotHeld(t *testing.T) {
	s := New(Config{})
	r, _ := serve(t, s)
	s.Hold("")
	called := make(chan Answer, 1)
	cancel := r.Ask(Question{"d", Check, "1.0.0"}, func(a Answer) { called <- a })
	awaitReport(t, s, Counts{Checks: 1, Holding: 1, Unanswered: 1})
	cancel()
	awaitReport(t, s, Counts{Checks: 1, Unanswered: 1})
	s.Release("")
	if len(called) != 0 {
		t.Error("a cancelled question was answered")
	}
}

// awaitReport waits until the source has been asked what want says.
func awaitReport(t *testing.T, s *Source, want Counts) {
	t.Helper()
	tick := time.NewTicker(time.Millisecond)
	defer tick.Stop()
	end := time.After(patience)
	for s.Report("") != want {
		select {
		case <-tick.C:
		case <-end:
			t.Fatalf("got %+v, want %+v", s.Report(""), want)
		}
	}
}

func TestClosingEndsWhoWaits(t *testing.T) {
	s := New(Config{})
	s.Set("", Offer{Fault: Stalled})
	r, _ := serve(t, s)
	answers := make(chan Answer, 1)
	defer r.Ask(Question{"d", Check, "1.0.0"}, func(a Answer) { answers <- a })()
	s.Hold("e")
	defer r.Ask(Question{"e", Fetch, "1.0.0"}, func(Answer) {})()
	awaitReport(t, s, Counts{Checks: 1, Fetches: 1, Holding: 1, Unanswered: 2})
	s.Close()
	if a := receive(t, answers); !a.Failed {
		t.Errorf("got %+v from a source that was closed", a)
	}
}

func TestAClosedRemoteIsSilent(t *testing.T) {
	s := New(Config{})
	r, _ := serve(t, s)
	s.Hold("")
	r.Ask(Question{"d", Check, "1.0.0"}, func(Answer) { t.Error("answered") })
	r.Close()
	r.Ask(Question{"d", Check, "1.0.0"}, func(Answer) { t.Error("answered") })()
	r.Close()
}

func TestPackagesAreAlwaysTheSame(t *testing.T) {
	s := New(Config{})
	s.Set("", Offer{Newer: true, Size: 5000})
	_, base := serve(t, s)
	first, header := get(t, base+"/package?device=a&version=1.0.0")
	second, _ := get(t, base+"/package?device=b&version=1.0.0")
	other, _ := get(t, base+"/package?device=a&version=1.0.1")
	if len(first) != 5000 || !bytes.Equal(first, second) || bytes.Equal(first, other) {
		t.Error("the content of a package is not that of its version")
	}
	sum := sha256.Sum256(first)
	want := "sha-256=:" + base64.StdEncoding.EncodeToString(sum[:]) + ":"
	if header.Get("Repr-Digest") != want || header.Get("Package-Version") != "1.0.1" {
		t.Errorf("got %v", header)
	}
}

func get(t *testing.T, url string) ([]byte, http.Header) {
	t.Helper()
	res, err := http.Get(url)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(http.DefaultClient.CloseIdleConnections)
	defer res.Body.Close()
	body, err := io.ReadAll(res.Body)
	if err != nil || res.StatusCode != http.StatusOK {
		t.Fatal(res.Status, err)
	}
	return body, res.Header
}

func TestHandlerRefusesBadQuestions(t *testing.T) {
	s := New(Config{})
	handler := s.Handler()
	long := strings.Repeat("x", maxText+1)
	for target, want := range map[string]int{
		"/check":                               400,
		"/check?device=d":                      400,
		"/check?version=1":                     400,
		"/package?device=" + long:              400,
		"/check?version=1&device=" + long:      400,
		"/check?device=d&version=" + long:      400,
		"/nope?device=d&version=1":             404,
		"/check?device=d&version=1":            200,
		"/package?device=d&version=1":          404,
		"/check?device=%ff%00&version=1%0d%0a": 200,
	} {
		w := httptest.NewRecorder()
		handler.ServeHTTP(w, httptest.NewRequest(http.MethodGet, target, nil))
		if w.Code != want {
			t.Errorf("%s: got %d, want %d", target, w.Code, want)
		}
	}
	w := httptest.NewRecorder()
	handler.ServeHTTP(w, httptest.NewRequest(http.MethodPost, "/check?device=d&version=1", nil))
	if w.Code != http.StatusMethodNotAllowed {
		t.Errorf("POST: got %d", w.Code)
	}
}

func TestRemoteTrustsNothing(t *testing.T) {
	whole := func(w http.ResponseWriter, body, sum string) {
		w.Header().Set("Package-Version", "2")
		w.Header().Set("Repr-Digest", sum)
		io.WriteString(w, body)
	}
	for name, answers := range map[string]http.HandlerFunc{
		"wrong digest": func(w http.ResponseWriter, _ *http.Request) { whole(w, "x", "sha-256=:AAAA:") },
		"no digest":    func(w http.ResponseWriter, _ *http.Request) { whole(w, "x", "") },
		"500":          func(w http.ResponseWriter, _ *http.Request) { w.WriteHeader(500) },
		"elsewhere":    func(w http.ResponseWriter, r *http.Request) { http.Redirect(w, r, "/else", http.StatusFound) },
		"no JSON":      func(w http.ResponseWriter, _ *http.Request) { io.WriteString(w, "{") },
		"no length":    func(w http.ResponseWriter, _ *http.Request) { w.(http.Flusher).Flush(); io.WriteString(w, "x") },
		"endless version": func(w http.ResponseWriter, _ *http.Request) {
			io.WriteString(w, `{"version":"`+strings.Repeat("1", 100)+`"}`)
		},
		"hangs up": func(w http.ResponseWriter, _ *http.Request) { hangUp(w) },
	} {
		t.Run(name, func(t *testing.T) {
			server := httptest.NewServer(answers)
			defer server.Close()
			r, err := NewRemote(server.URL, nil)
			if err != nil {
				t.Fatal(err)
			}
			defer r.Close()
			for _, kind := range []Kind{Check, Fetch} {
				if kind == Check && strings.HasSuffix(name, "digest") {
					continue
				}
				if got := answer(t, r, Question{"d", kind, "1"}); !got.Failed || got.Available {
					t.Errorf("%v: got %+v", kind, got)
				}
			}
		})
	}
	r, err := NewRemote("http://127.0.0.1:1", nil) // nobody listens there
	if err != nil {
		t.Fatal(err)
	}
	defer r.Close()
	if got := answer(t, r, Question{"d", Check, "1"}); !got.Failed {
		t.Errorf("got %+v from nobody", got)
	}
}

func TestNewRemoteRefuses(t *testing.T) {
	for _, base := range []string{"", "127.0.0.1:80", "ftp://127.0.0.1", "http://", "http://%zz"} {
		if _, err := NewRemote(base, nil); err == nil {
			t.Errorf("%q was taken", base)
		}
	}
	r, err := NewRemote("http://127.0.0.1/source/", nil)
	if err != nil {
		t.Fatal(err)
	}
	defer r.Close()
	if want := (&url.URL{Scheme: "http", Host: "127.0.0.1", Path: "/source/check"}).String(); r.base.JoinPath("check").String() != want {
		t.Errorf("got %s", r.base.JoinPath("check"))
	}
}
