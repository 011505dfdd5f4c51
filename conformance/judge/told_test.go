package judge

import (
	"testing"

	"github.com/ocfsim/ocfsim/conformance"
	"github.com/ocfsim/ocfsim/ocf"
)

// TestWhatAMoveOfDOSExplains of a change that nobody was told of: that no process was
// requested or shown, or that V and U are as they were all the time.
func TestWhatAMoveOfDOSExplains(t *testing.T) {
	const moved = "post dos=RFPRO 2.04\n"
	for name, c := range map[string]struct {
		script             string // between the look 1 and the look that follows it
		end                string
		moved, idle, alone bool
	}{
		"dos was moved":                {moved, "tm=- cm=- dos=RFPRO", true, true, false},
		"dos was moved, and cm stays":  {moved, "tm=- cm=V dos=RFPRO", true, true, true},
		"a bit of Table 40 changes":    {moved, "tm=0x1 cm=V+0x20 dos=RFPRO", true, true, true},
		"a bit of the high byte does":  {moved, "tm=- cm=V+0x100 dos=RFPRO", true, true, false},
		"the move was refused":         {"post dos=RFPRO 4.00\n", "tm=- cm=V dos=RFPRO", false, false, false},
		"nothing was written":          {"", "tm=- cm=V dos=RFPRO", false, false, false},
		"tm was written":               {"post tm=- 2.04\n", "tm=- cm=V dos=RFPRO", false, false, false},
		"a check was requested":        {moved + "post tm=V 2.04\n", "tm=- cm=V dos=RFPRO", true, false, true},
		"a check was refused":          {moved + "post tm=V 4.00\n", "tm=- cm=V dos=RFPRO", true, true, true},
		"a check was shown":            {moved + "get tm=V cm=V dos=RFPRO\n", "tm=- cm=V dos=RFPRO", true, false, false},
		"a check is shown in the end":  {moved, "tm=V cm=V dos=RFPRO", true, false, false},
		"the look before shows a mask": {moved + "get tm=0x4 cm=V dos=RFPRO\n", "tm=- cm=V dos=RFPRO", true, true, true},
	} {
		s := read(play(t, "get tm=- cm=V dos=RFNOP\n"+c.script+"get "+c.end))
		first, last := s.samples[0], s.samples[len(s.samples)-1]
		if got := s.movedDOS(first.N, last.N); got != c.moved {
			t.Errorf("%s: dos was moved: %v, want %v", name, got, c.moved)
		}
		if got := s.movedIdle(first.N, last.N); got != c.idle {
			t.Errorf("%s: no process ran: %v, want %v", name, got, c.idle)
		}
		if got := s.onlyDOS(first, last); got != c.alone {
			t.Errorf("%s: nothing but dos changed: %v, want %v", name, got, c.alone)
		}
	}
	s := read(play(t, "get tm=V cm=- dos=RFNOP\npost tm=V 2.04\npost dos=RFPRO 2.04\nget tm=- cm=V dos=RFPRO\nget tm=V cm=V dos=RFPRO")) // 0 to 9
	for _, c := range []struct {
		from, upto  int
		moved, idle bool
	}{{1, 9, true, false}, {3, 7, true, true}, {4, 4, true, true}, {2, 4, true, false}, {5, 7, false, false}, {1, 3, false, false}, {4, 9, true, false}} {
		if moved, idle := s.movedDOS(c.from, c.upto), s.movedIdle(c.from, c.upto); moved != c.moved || idle != c.idle {
			t.Errorf("from %d to %d: moved %v, want %v, and no process ran: %v, want %v", c.from, c.upto, moved, c.moved, idle, c.idle)
		}
	}
}

// TestWhatAnObserverCouldBeToldOf: another state than that of its registration, and a
// process that was requested or shown while its observation stood.
func TestWhatAnObserverCouldBeToldOf(t *testing.T) {
	const watched = "observe tm=- cm=- dos=RFNOP\n"
	for name, c := range map[string]struct {
		script       string
		changed, ran bool
	}{
		"nothing":                      {watched + "get tm=- cm=- dos=RFNOP", false, false},
		"it was told of a check":       {watched + "notify 11 tm=V cm=- dos=RFNOP", true, true},
		"another saw the result alone": {watched + "second: get tm=- cm=V dos=RFNOP", true, false},
		"a check was requested":        {watched + "post tm=V 2.04", false, true},
		"a check was refused":          {watched + "post tm=V 4.00", false, false},
		"an update was requested":      {watched + "post tm=U 2.04", false, true},
		"a check was pending already":  {"observe tm=V cm=- dos=RFNOP\nget tm=V cm=- dos=RFNOP", false, true},
		"the observation was over":     {watched + "cancel\nget tm=V cm=- dos=RFNOP", false, false},
		"it was pending before":        {"get tm=V cm=- dos=RFNOP\nget tm=- cm=V dos=RFNOP\nobserve tm=- cm=V dos=RFNOP\nget tm=- cm=V dos=RFNOP", false, false},
	} {
		s := read(play(t, c.script))
		o := s.observings()[0]
		if got := s.changedSince(o); got != c.changed {
			t.Errorf("%s: changed %v, want %v", name, got, c.changed)
		}
		if got := s.ranWhile(o); got != c.ran {
			t.Errorf("%s: a process ran: %v, want %v", name, got, c.ran)
		}
	}
}

// TestWhatIsToldAfterAll: by a notification of the same observation, once it had ended for
// the judge.
func TestWhatIsToldAfterAll(t *testing.T) {
	s := read(play(t, "observe tm=- cm=- dos=RFNOP\nsecond: observe tm=- cm=- dos=RFNOP\nnotify 11 tm=V cm=- dos=RFNOP\nnotify 12 tm=- cm=V dos=RFNOP\nsecond: notify 11 tm=- cm=V dos=RFNOP")) // 4 to 6
	shown := func(n int) conformance.Observation { return s.tl.Observations[n] }
	first, second := s.observings()[0], s.observings()[1]
	for name, c := range map[string]struct {
		o    observing
		upto int
		n    int
		want bool
	}{
		"later":              {first, 4, 6, true},
		"at that very entry": {first, 5, 6, true},
		"before":             {first, 6, 6, false},
		"another state":      {second, 2, 4, false},
		"the second Client":  {second, 2, 5, true},
		"no notification":    {second, 0, 1, false},
	} {
		c.o.upto = c.upto
		if got := s.toldAtLast(c.o, shown(c.n)); got != c.want {
			t.Errorf("%s: %v, want %v", name, got, c.want)
		}
	}
	if x, ok := s.told(first, ocf.SVV, 3, never); !ok || x.N != 4 {
		t.Errorf("told of the check by %d, %v", x.N, ok)
	}
}
