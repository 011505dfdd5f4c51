package judge

import (
	"testing"
	"time"

	"github.com/ocfsim/ocfsim/ocf"
)

// TestWhatIsPendingUnasked: a process that tm shows and that nobody has requested by then.
func TestWhatIsPendingUnasked(t *testing.T) {
	const auto = "target autonomous\n"
	for name, c := range map[string]struct {
		script      string
		n           int
		pending     bool
		interrupted bool
	}{
		"nobody requested it":             {"get tm=V cm=- dos=RFNOP", never, true, false},
		"the same, where it is declared":  {auto + "get tm=V cm=- dos=RFNOP", never, true, true},
		"it was not seen by then":         {auto + "get tm=V cm=- dos=RFNOP", 1, false, false},
		"it was requested":                {auto + "post tm=V 2.04\nget tm=V cm=- dos=RFNOP", never, false, false},
		"its request was refused":         {auto + "post tm=V 4.00\nget tm=V cm=- dos=RFNOP", never, true, true},
		"another one was requested":       {auto + "post tm=U 2.04\nget tm=V cm=- dos=RFNOP", never, true, true},
		"it was requested later":          {auto + "get tm=V cm=- dos=RFNOP\npost tm=V 2.04", 2, true, true},
		"it is over":                      {auto + "get tm=V cm=- dos=RFNOP\nget tm=- cm=V dos=RFNOP", never, false, false},
		"a bit of no process":             {auto + "get tm=0x1 cm=- dos=RFNOP", never, false, false},
		"nobody has looked":               {auto + "post tm=V 2.04", never, false, false},
		"it was arranged":                 {auto + "autonomous-validation\nget tm=V cm=- dos=RFNOP", never, true, false},
		"an update was arranged":          {auto + "autonomous-update\nget tm=U cm=- dos=RFNOP", never, true, false},
		"another condition":               {auto + "hold\nget tm=U cm=- dos=RFNOP", never, true, true},
		"it was seen to begin and to end": {auto + "get tm=- cm=- dos=RFNOP\nget tm=V cm=- dos=RFNOP\nget tm=- cm=V dos=RFNOP", never, false, true},
		"the same, not declared":          {"get tm=- cm=- dos=RFNOP\nget tm=V cm=- dos=RFNOP\nget tm=- cm=V dos=RFNOP", never, false, false},
	} {
		s := read(play(t, c.script))
		if got := s.pendingUnasked(c.n); got != c.pending {
			t.Errorf("%s: pending %v, want %v", name, got, c.pending)
		}
		if got := s.interrupted(c.n); got != c.interrupted {
			t.Errorf("%s: interrupted %v, want %v", name, got, c.interrupted)
		}
	}
}

// TestWhoseBitRoseAlone: one that rises more often than it was requested, between two looks
// of one observer that no write lies between.
func TestWhoseBitRoseAlone(t *testing.T) {
	const watched = "observe tm=- cm=- dos=RFNOP\n"
	for name, c := range map[string]struct {
		script string
		want   bool
	}{
		"it rises":                              {watched + "notify 11 tm=V cm=- dos=RFNOP", true},
		"it was requested":                      {watched + "post tm=V 2.04\nnotify 11 tm=V cm=- dos=RFNOP", false},
		"its request was refused":               {watched + "post tm=V 4.00\nnotify 11 tm=- cm=- dos=RFNOP\nnotify 12 tm=V cm=- dos=RFNOP", true},
		"a write lies between":                  {watched + "post cm=- 2.04\nnotify 11 tm=V cm=- dos=RFNOP", false},
		"it was pending from the beginning":     {"observe tm=V cm=- dos=RFNOP\nnotify 11 tm=V cm=- dos=RFNOP", false},
		"it rises to two observers":             {watched + "second: observe tm=V cm=- dos=RFNOP", false},
		"it rises for GETs":                     {"get tm=- cm=- dos=RFNOP\nget tm=V cm=- dos=RFNOP", true},
		"it rises again at once":                {watched + "post tm=V 2.04\nnotify 11 tm=V cm=- dos=RFNOP\nnotify 12 tm=- cm=- dos=RFNOP\nsleep 99ms\nnotify 13 tm=V cm=- dos=RFNOP", false},
		"it rises again later":                  {watched + "post tm=V 2.04\nnotify 11 tm=V cm=- dos=RFNOP\nnotify 12 tm=- cm=- dos=RFNOP\nsleep 100ms\nnotify 13 tm=V cm=- dos=RFNOP", true},
		"it rises as often as it was requested": {watched + "post tm=V 2.04\npost tm=V 2.04\nnotify 11 tm=V cm=- dos=RFNOP\nnotify 12 tm=- cm=- dos=RFNOP\nsleep 1s\nnotify 13 tm=V cm=- dos=RFNOP", false},
		"a bit of no process":                   {watched + "notify 11 tm=0x1 cm=- dos=RFNOP", false},
	} {
		tl := play(t, c.script)
		if got := read(tl).beganAlone(); got != c.want {
			t.Errorf("%s: %v, want %v", name, got, c.want)
		}
		if got := Restless(tl); got != c.want {
			t.Errorf("%s: restless %v, want %v", name, got, c.want)
		}
	}
}

// TestWhatWasWrittenBetween: a write that was sent between two entries, or was under way at
// the first of them.
func TestWhatWasWrittenBetween(t *testing.T) {
	s := read(play(t, "get tm=- cm=- dos=RFNOP\nsend tm=V\nget tm=V cm=- dos=RFNOP\nanswer 2.04\npost tm=V 4.00")) // 2 to 5, and 6 to 7
	for _, c := range []struct {
		from, upto int
		wrote      bool
		requests   int
	}{
		{-1, 2, false, 0},
		{-1, 3, true, 1},
		{1, 3, true, 1},
		{2, 3, false, 0},
		{3, 4, true, 0},
		{5, 6, false, 0},
		{5, 7, true, 0},
		{6, 9, false, 0},
		{7, 9, false, 0},
		{-1, never, true, 1},
	} {
		if got := s.wroteIn(c.from, c.upto); got != c.wrote {
			t.Errorf("between %d and %d: written %v, want %v", c.from, c.upto, got, c.wrote)
		}
		if got := s.requests(ocf.SVV, c.from, c.upto); got != c.requests {
			t.Errorf("between %d and %d: %d requests, want %d", c.from, c.upto, got, c.requests)
		}
	}
	if got := s.requests(ocf.SSU, -1, never); got != 0 {
		t.Errorf("%d requests for an update", got)
	}
}

// TestHowLongNobodyWatched: since the latest look was asked for, or was notified.
func TestHowLongNobodyWatched(t *testing.T) {
	s := read(play(t, "version 1.0.0\nobserve tm=- cm=- dos=RFNOP\nsleep 1s\nnotify 11 tm=V cm=- dos=RFNOP\nsleep 2s\nget tm=V cm=- dos=RFNOP\nsleep 4s\nget tm=- cm=V dos=RFNOP"))
	for n, want := range map[int]time.Duration{3: 0, 4: 1002 * time.Millisecond, 6: 2002 * time.Millisecond, 8: 4003 * time.Millisecond} {
		if got := s.unwatched(n); got != want {
			t.Errorf("%d: %v, want %v", n, got, want)
		}
	}
}
