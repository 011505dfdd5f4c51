package judge

import (
	"testing"
	"time"

	"github.com/ocfsim/ocfsim/conformance"
	"github.com/ocfsim/ocfsim/ocf"
)

// storyOf is what is read of a script.
func storyOf(t *testing.T, text string) *story {
	t.Helper()
	return read(play(t, text))
}

// wantEach holds what f says of each n to want.
func wantEach[T comparable](t *testing.T, name string, f func(n int) T, want map[int]T) {
	t.Helper()
	for n, w := range want {
		if got := f(n); got != w {
			t.Errorf("%s of %d: %v, want %v", name, n, got, w)
		}
	}
}

// TestBeforeAndAfterLeaveOutTheEntryItself, whatever it is that is looked for.
func TestBeforeAndAfterLeaveOutTheEntryItself(t *testing.T) {
	s := storyOf(t, `
source checks=1 version=0.9.0
get tm=V cm=- dos=RFNOP
source checks=2
reboot
hold
release
post tm=U 2.04
get tm=- cm=- dos=RFNOP
`) // 0: report, 1-2: get, 3: report, 4-5: reboot, 6-7: hold, 8-9: release, 10-11: post, 12-13: get
	wantEach(t, "the sample before", func(n int) int {
		x, ok := s.lastBefore(n)
		if !ok {
			return -1
		}
		return x.N
	}, map[int]int{0: -1, 2: -1, 3: 2, 13: 2, 14: 13})
	wantEach(t, "the sample after", s.nextSeen, map[int]int{1: 2, 2: 13, 12: 13, 13: never})
	wantEach(t, "the report before", func(n int) int {
		r, ok := s.reportBefore(n)
		if !ok {
			return -1
		}
		return r.n
	}, map[int]int{0: -1, 1: 0, 3: 0, 4: 3})
	wantEach(t, "the report after", func(n int) int {
		r, ok := s.reportAfter(n)
		if !ok {
			return -1
		}
		return r.n
	}, map[int]int{-1: 0, 0: 3, 2: 3, 3: -1})
	wantEach(t, "the write after", s.nextWrite, map[int]int{9: 10, 10: never})
	wantEach(t, "the reboot up to 10 after", func(n int) int { return s.rebooted(n, 10) }, map[int]int{4: 5, 5: -1})
	wantEach(t, "the reboot after 0 up to", func(n int) int { return s.rebooted(0, n) }, map[int]int{5: -1, 6: 5})
	wantEach(t, "who saw the Device before", func(n int) bool { return s.sawBefore(conformance.Privileged, n) }, map[int]bool{2: false, 3: true})
	wantEach(t, "whether another Client saw it before", func(n int) bool { return s.sawBefore("second", n) }, map[int]bool{14: false})
	wantEach(t, "the version before", s.versionBefore, map[int]string{0: "", 1: "0.9.0", 10: "0.9.0", 11: ""})
	wantEach(t, "the end of the gate at", s.gateEnd, map[int]int{6: 6, 7: 8, 8: 8})
	if at, last := s.at(-3), s.at(99); at != time.Millisecond || last != 14*time.Millisecond {
		t.Errorf("before the first entry it is %v, after the last %v", at, last)
	}
	if at := read(conformance.Timeline{}).at(0); at != 0 {
		t.Errorf("where nothing was recorded it is %v", at)
	}
}

func TestVersionsBetween(t *testing.T) {
	s := storyOf(t, "get tm=- cm=- dos=RFNOP\nversion 1.0.0\nversion 1.0.1\n") // read at 3 and at 5
	for _, c := range []struct {
		from, upto int
		want       string
	}{{2, 4, "1.0.0"}, {2, 5, "1.0.0"}, {2, 6, "1.0.1"}, {3, 5, ""}, {3, 6, "1.0.1"}, {5, 9, ""}, {2, 3, ""}} {
		if got := s.versionIn(c.from, c.upto); got != c.want {
			t.Errorf("between %d and %d: %q, want %q", c.from, c.upto, got, c.want)
		}
	}
}

// A request was sent again where a message with its code and number came of its
// Client, after it and before its answer.
func TestSentAgain(t *testing.T) {
	sent := func(kind conformance.Kind, client, code string, mid uint16) conformance.Observation {
		return conformance.Observation{Kind: kind, Client: client, Frame: &conformance.Frame{Code: code, MID: mid}}
	}
	request := sent(conformance.Request, "a", conformance.MethodPOST, 7)
	again := sent(conformance.Message, "a", conformance.MethodPOST, 7)
	end := conformance.Observation{Kind: conformance.Waiting}
	for name, c := range map[string]struct {
		all  []conformance.Observation
		want bool
	}{
		"again":                  {[]conformance.Observation{request, again, end}, true},
		"again, the entry after": {[]conformance.Observation{request, end, again, end}, true},
		"after the answer":       {[]conformance.Observation{request, end, again}, false},
		"not a message":          {[]conformance.Observation{request, request, end}, false},
		"of another Client":      {[]conformance.Observation{request, sent(conformance.Message, "b", conformance.MethodPOST, 7), end}, false},
		"of another number":      {[]conformance.Observation{request, sent(conformance.Message, "a", conformance.MethodPOST, 8), end}, false},
		"of another code":        {[]conformance.Observation{request, sent(conformance.Message, "a", conformance.MethodGET, 7), end}, false},
		"a message of nothing":   {[]conformance.Observation{request, {Kind: conformance.Message, Client: "a"}, end}, false},
		"a request of nothing":   {[]conformance.Observation{{Kind: conformance.Request, Client: "a"}, again, end}, false},
	} {
		s := read(conformance.Timeline{Observations: c.all})
		if got := s.sentAgain(0, len(c.all)-1); got != c.want {
			t.Errorf("%s: %v", name, got)
		}
	}
	s := read(conformance.Timeline{Observations: []conformance.Observation{again, end}})
	if s.sentAgain(0, 1) {
		t.Error("a message is another one than itself")
	}
}

// A Device may have restarted before it answered where it was restarted in
// between, or where it declares to restart in an update and was asked for one.
func TestMayHaveRestarted(t *testing.T) {
	for text, want := range map[string]bool{
		"send tm=V\nreboot\nanswer 2.04":             true,
		"send tm=V\nanswer 2.04":                     false,
		"reboot\nsend tm=V\nanswer 2.04":             false,
		"send tm=V\nanswer 2.04\nreboot":             false,
		"send tm=V\nfactory-reset\nanswer 2.04":      false,
		"send tm=V\nasked reboot\nanswer 2.04":       false,
		"target reboots\nsend tm=U\nanswer 2.04":     true,
		"target reboots\nsend tm=V\nanswer 2.04":     false,
		"send tm=U\nanswer 2.04":                     false,
		"send tm=V\nretransmit\nreboot\nanswer 4.00": true,
	} {
		s := storyOf(t, text)
		if got := s.mayHaveRestarted(s.writes[0]); got != want {
			t.Errorf("%q: %v", text, got)
		}
	}
}

// The declared time of a restart, 3 s here, counts to the nanosecond.
func TestRestartingAtTheDeclaredTime(t *testing.T) {
	for text, want := range map[string]bool{
		"reboot\nsleep 2.999s\npost tm=V lost":                      true, // 3 s after reboot done
		"reboot\nsleep 2.999000001s\npost tm=V lost":                false,
		"factory-reset\nsleep 2.999s\npost tm=V lost":               true,
		"factory-reset\nsleep 2.999000001s\npost tm=V lost":         false,
		"hold\npost tm=V lost":                                      false,
		"lacks reboot\npost tm=V lost":                              false,
		"sleep 9s\nsend tm=V\nasked reboot\nanswer lost":            true, // while the answer was waited for
		"sleep 9s\nsend tm=V\nanswer lost\nasked reboot":            false,
		"sleep 9s\nsend tm=V\nget tm=- cm=- dos=RFNOP\nanswer 2.04": false,
	} {
		s := storyOf(t, text)
		if got := s.restarting(s.writes[0]); got != want {
			t.Errorf("%q: %v", text, got)
		}
	}
	s := storyOf(t, "reboot\nget lost\nsleep 1s\nget tm=- cm=- dos=RFNOP\n") // 0-1: reboot, 2-3: lost, 4-5: answered
	if got := s.back(1); got != s.at(5) {
		t.Errorf("the Device was back at %v, want %v", got, s.at(5))
	}
	if got := s.back(4); got != s.at(4)+3*time.Second {
		t.Errorf("no request was sent and answered since: back at %v, want when it is due", got)
	}
	s = storyOf(t, "send tm=-\nreboot\nanswer 2.04\nsleep 9s\nget tm=- cm=- dos=RFNOP\n") // 0: send, 1-2: reboot, 3: its answer, 4-5
	if got := s.back(2); got != s.at(2)+3*time.Second {
		t.Errorf("an answer to what was sent before: back at %v", got)
	}
	late := conformance.Timeline{Observations: []conformance.Observation{
		{Kind: conformance.Condition}, {Kind: conformance.Request, At: 1}, {Kind: conformance.Lost, At: 2, For: new(1)}, {Kind: conformance.Response, At: 3},
	}}
	late.Header.Target.Timing.Reboot = time.Second
	if got := read(late).back(0); got != time.Second {
		t.Errorf("a loss, and an answer to nothing: back at %v", got)
	}
}

// What a Device showed may be lost where a request went unanswered, or where it
// was restarted, between two entries.
func TestSilentIn(t *testing.T) {
	s := storyOf(t, "asked reboot\nget lost\nget tm=- cm=- dos=RFNOP\nasked factory-reset\nhold\n") // 0, 1-2, 3-4, 5, 6-7
	for _, c := range []struct {
		from, upto int
		want       bool
	}{{-1, 1, true}, {0, 1, true}, {1, 2, false}, {1, 3, true}, {2, 3, true}, {3, 5, false}, {3, 6, true}, {6, 99, false}} {
		if got := s.silentIn(c.from, c.upto); got != c.want {
			t.Errorf("between %d and %d: %v", c.from, c.upto, got)
		}
	}
	s.tl.Observations[5].Kind = conformance.Waiting
	if s.silentIn(3, 8) {
		t.Error("what has the name of a reset and is no condition")
	}
	if storyOf(t, "lacks factory-reset\nlacks reboot").silentIn(0, 8) {
		t.Error("a reset and a restart that the bench can't do")
	}
}

// Nobody knows what is on offer where the last hook that was to arrange it failed.
func TestAnOfferThatFailed(t *testing.T) {
	s := storyOf(t, "update-available\nno-update\npost tm=V 2.04\nget tm=V cm=-") // 0-1, 2-3, 4
	if result, known := s.truth(ocf.SVV, s.writes[0], never); !known || result {
		t.Errorf("none was arranged: %v, %v", result, known)
	}
	s.tl.Observations[3].Outcome = conformance.Failed
	if _, known := s.truth(ocf.SVV, s.writes[0], never); known {
		t.Error("none was asked for, and that failed")
	}
	if why := s.truthUnknown(ocf.SVV, s.writes[0], never); why != "what the true result is was not arranged" {
		t.Error(why)
	}
}

// The Device answered before an entry, or has not; only one that has can be
// said to ignore a request.
func TestIgnored(t *testing.T) {
	for text, want := range map[string]bool{
		"get tm=- cm=- dos=RFNOP\npost tm=V lost":                               true,
		"post tm=V lost\nget tm=- cm=- dos=RFNOP":                               false,
		"get tm=- cm=- dos=RFNOP\npost tm=V 2.04":                               false,
		"get tm=- cm=- dos=RFNOP\npost tm=V gone":                               false,
		"get tm=- cm=- dos=RFNOP\nreboot\npost tm=V lost":                       false,
		"send tm=-\nretransmit\nanswer 2.04\npost tm=V lost":                    false, // the network loses
		"get tm=- cm=- dos=RFNOP\nunconfirmed\npost tm=V lost":                  false,
		"target secured\nget tm=- cm=- dos=RFNOP\nunprivileged: post tm=V lost": true,
	} {
		s := storyOf(t, text)
		if got := s.ignored(s.writes[len(s.writes)-1]); got != want {
			t.Errorf("%q: %v", text, got)
		}
	}
	refused := write{n: 1, end: 1, con: true, turned: true}
	if refused.lost() {
		t.Error("a session that was refused is no write that was lost")
	}
}

// The answer that took longest began and ended between two entries.
func TestSlowest(t *testing.T) {
	s := storyOf(t, "send tm=-\nsleep 99ms\nanswer 2.04\nsend tm=-\nsleep 199ms\nanswer 2.04\nget lost\n") // 0-1: 100 ms, 2-3: 200 ms
	for _, c := range []struct {
		from, upto int
		want       time.Duration
	}{{-1, 1, 0}, {-1, 2, 100 * time.Millisecond}, {1, 3, 100 * time.Millisecond}, {0, 99, 200 * time.Millisecond}, {2, 3, 0}, {4, 99, 0}} {
		if got := s.slowest(c.from, c.upto); got != c.want {
			t.Errorf("between %d and %d: %v, want %v", c.from, c.upto, got, c.want)
		}
	}
}

// TestWhatIsRead: only an answer ends a write with a code, only a report with
// counts is a report, and only a dos of 8 bits is asked for.
func TestWhatIsRead(t *testing.T) {
	post := conformance.Observation{Kind: conformance.Request, Frame: &conformance.Frame{Code: conformance.MethodPOST, Path: ocf.PathPstat, Type: "CON"}}
	lost := conformance.Observation{Kind: conformance.Lost, For: new(0), Frame: &conformance.Frame{Code: "2.04"}}
	s := read(conformance.Timeline{Observations: []conformance.Observation{post, lost, {Kind: conformance.Source}, {Kind: conformance.Response}}})
	if w := s.writes[0]; w.end != 1 || w.code != "" || w.plain || w.framed {
		t.Errorf("%+v", w)
	}
	if len(s.reports) != 0 {
		t.Errorf("%v", s.reports)
	}
	late := lost
	late.Kind = conformance.Response
	s = read(conformance.Timeline{Observations: []conformance.Observation{post, lost, late}})
	if w := s.writes[0]; w.end != 2 || w.code != "2.04" {
		t.Errorf("the answer came late: %+v", w)
	}
	d := ocf.D{SV: "1.0.0", DI: ocf.UUID{1}}
	declares := conformance.Header{Target: conformance.Profile{Update: conformance.Update{Version: "/oic/d#sv"}}}
	version := conformance.Observation{Kind: conformance.Notification, For: new(0), Frame: &conformance.Frame{
		Code: conformance.CodeContent, Path: ocf.PathD, Payload: d.AppendCBOR(nil, ocf.InterfaceDefault),
	}}
	if s := read(conformance.Timeline{Header: declares, Observations: []conformance.Observation{post, version}}); len(s.versions) != 0 {
		t.Errorf("no answer, and yet read: %v", s.versions)
	}
	version.Kind = conformance.Response
	if s := read(conformance.Timeline{Header: declares, Observations: []conformance.Observation{post, version}}); len(s.versions) != 1 || s.versions[0].n != 1 {
		t.Errorf("read: %v", s.versions)
	}
}
