package judge

import (
	"testing"
	"time"

	"github.com/ocfsim/ocfsim/conformance"
	"github.com/ocfsim/ocfsim/ocf"
)

// notified is a notification to the registration at 0 with this Observe number
// and message id.
func notified(at time.Duration, number uint32, mid uint16) conformance.Observation {
	return conformance.Observation{Kind: conformance.Notification, At: at, For: new(0), Frame: &conformance.Frame{Observe: &number, MID: mid}}
}

// Observe numbers go back where one is not newer than the last, unless the
// network delayed it; that is certain where message ids count upwards, and from
// the third notification on.
func TestNumbersBack(t *testing.T) {
	const second, trusted = time.Second, conformance.TrustedFor
	for name, c := range map[string]struct {
		all     []conformance.Observation
		n       int
		certain bool
		found   bool
	}{
		"none":                              {nil, -1, false, false},
		"forward":                           {[]conformance.Observation{notified(0, 1, 1), notified(second, 2, 2), notified(2*second, 3, 3)}, -1, false, false},
		"the second is back":                {[]conformance.Observation{notified(0, 2, 1), notified(second, 1, 2)}, 2, false, true},
		"the third is back":                 {[]conformance.Observation{notified(0, 1, 1), notified(second, 3, 2), notified(2*second, 2, 3)}, 3, true, true},
		"ids do not count":                  {[]conformance.Observation{notified(0, 1, 1), notified(second, 3, 1+1<<12), notified(2*second, 2, 3+1<<12)}, 3, false, true},
		"ids count in large steps":          {[]conformance.Observation{notified(0, 1, 1), notified(second, 3, 1<<12), notified(2*second, 2, 3+1<<12)}, 3, true, true},
		"ids stand still":                   {[]conformance.Observation{notified(0, 1, 1), notified(second, 3, 1), notified(2*second, 2, 2)}, 3, false, true},
		"ids did not count once":            {[]conformance.Observation{notified(0, 1, 9), notified(second, 3, 3), notified(2*second, 4, 4), notified(3*second, 2, 5)}, 4, false, true},
		"delayed":                           {[]conformance.Observation{notified(0, 1, 1), notified(second, 3, 3), notified(2*second, 2, 2)}, -1, false, false},
		"delayed by half of the ids":        {[]conformance.Observation{notified(0, 2, 0), notified(second, 1, 1<<15)}, -1, false, false},
		"delayed by less":                   {[]conformance.Observation{notified(0, 2, 0), notified(second, 1, 1<<15-1)}, 2, false, true},
		"delayed, but ids do not count":     {[]conformance.Observation{notified(0, 1, 1), notified(second, 3, 1), notified(2*second, 2, 0)}, 3, false, true},
		"doubled":                           {[]conformance.Observation{notified(0, 1, 1), notified(second, 1, 1)}, -1, false, false},
		"the same number twice":             {[]conformance.Observation{notified(0, 1, 1), notified(second, 1, 2)}, 2, true, true},
		"the same, as long as it can last":  {[]conformance.Observation{notified(0, 1, 1), notified(2*trusted, 1, 2)}, 2, true, true},
		"the same, after that":              {[]conformance.Observation{notified(0, 1, 1), notified(2*trusted+1, 1, 2)}, -1, false, false},
		"back, as long as it says anything": {[]conformance.Observation{notified(0, 2, 1), notified(trusted, 1, 2)}, 2, false, true},
		"back, after that":                  {[]conformance.Observation{notified(0, 2, 1), notified(trusted+1, 1, 2)}, -1, false, false},
		"not a notification":                {[]conformance.Observation{notified(0, 2, 1), {Kind: conformance.Message, For: new(0), Frame: notified(0, 1, 2).Frame}}, -1, false, false},
		"without a number":                  {[]conformance.Observation{notified(0, 2, 1), {Kind: conformance.Notification, For: new(0), Frame: &conformance.Frame{}}}, -1, false, false},
		"without a frame":                   {[]conformance.Observation{notified(0, 2, 1), {Kind: conformance.Notification, For: new(0)}}, -1, false, false},
	} {
		s := read(conformance.Timeline{Observations: append([]conformance.Observation{{Kind: conformance.Request}}, c.all...)})
		if n, certain, found := s.numbersBack(observing{stream: 0}); n != c.n || certain != c.certain || found != c.found {
			t.Errorf("%s: %d, %v, %v, want %d, %v, %v", name, n, certain, found, c.n, c.certain, c.found)
		}
	}
}

// An observation stands from after the registration's answer up to what ends it.
func TestWhatEndsAnObservation(t *testing.T) {
	const head = "observe tm=- cm=- dos=RFNOP\nget tm=- cm=- dos=RFNOP\n" // 0-1, 2-3
	for text, want := range map[string]int{
		"":                              never,
		"notify 11 tm=- cm=- dos=RFNOP": never,
		"version 1.0.0":                 never,
		"observe tm=- cm=- dos=RFNOP":   4,
		"cancel":                        4,
		"second: cancel":                never,
		"get lost":                      5,
		"asked reboot":                  4,
		"asked factory-reset":           4,
		"asked hold":                    never,
		"closed":                        4,
		"second: closed":                never,
		"post dos=RESET 2.04":           4,
		"post dos=RESET 4.00":           never,
		"post tm=U 2.04":                never,
		"retransmit":                    never,
	} {
		s := storyOf(t, head+text)
		if got := s.observings()[0].upto; got != want {
			t.Errorf("%q ends it at %d, want %d", text, got, want)
		}
	}
	s := storyOf(t, head+"closed")
	wantEach(t, "the observations that stand at", func(n int) int { return len(s.active(n)) }, map[int]int{0: 0, 1: 0, 2: 1, 3: 1, 4: 0, 5: 0})
	s = storyOf(t, "closed\nobserve tm=- cm=- dos=RFNOP\n")
	if got := s.observings()[0].upto; got != never {
		t.Errorf("what came before the registration ends it at %d", got)
	}
}

// A Device that declares to restart in an update may do so right after it was
// asked for one, or was seen in one, and not while the source holds its answer.
func TestWhenAnUpdateMayRestartTheDevice(t *testing.T) {
	for text, want := range map[string]int{
		"target reboots\npost tm=V 2.04":                                          never,
		"post tm=U 2.04":                                                          never,
		"target reboots\npost tm=U 2.04":                                          3, // the request is at 2
		"target reboots\npost tm=U 4.00":                                          never,
		"target reboots\nget tm=U cm=- dos=RFNOP\npost tm=U 2.04":                 4, // seen at 3
		"target reboots\nhold\npost tm=U 2.04\nrelease":                           6, // released at 6
		"target reboots\nhold\nrelease\npost tm=U 2.04":                           7,
		"target reboots\npost tm=U 2.04\nhold\nrelease":                           3,
		"target reboots\nhold\npost tm=U 2.04":                                    never,
		"target reboots\npost tm=U 2.04\npost tm=U 2.04\nget tm=U cm=- dos=RFNOP": 3,
	} {
		if got := storyOf(t, "wait seen\nwait seen\n"+text).mayRestart(1); got != want {
			t.Errorf("%q: %d, want %d", text, got, want)
		}
	}
	s := storyOf(t, "target reboots\npost tm=U 2.04\nget tm=U cm=- dos=RFNOP\n") // 0-1, 2-3
	wantEach(t, "when it may restart after", s.mayRestart, map[int]int{-1: 1, 0: 4, 2: 4, 3: never})
}

// A Device that was asked to reset itself is in reset until it is seen in
// another state.
func TestInReset(t *testing.T) {
	s := storyOf(t, "get tm=- cm=- dos=RFNOP\npost dos=RESET 2.04\nget tm=- cm=- dos=RESET\nget tm=- cm=- dos=RFOTM\npost dos=RESET 4.00\n") // 0-1, 2-3, 4-5, 6-7, 8-9
	wantEach(t, "whether it is in reset", s.inReset, map[int]bool{2: false, 3: true, 4: true, 6: true, 7: true, 8: false, 10: false})
	wantEach(t, "whether it has an owner", s.ownedAt, map[int]bool{0: true, 2: true, 3: false, 9: false})
	s = storyOf(t, "post dos=RESET 2.04\n")
	wantEach(t, "whether it is in reset, never seen", s.inReset, map[int]bool{0: false, 1: true, 2: true})
}

// A Device lets nobody see it any more where a Client that had seen it is
// refused a look or a session.
func TestShuts(t *testing.T) {
	const head = "get tm=- cm=- dos=RFNOP\n" // 0-1
	for text, want := range map[string]bool{
		"":                        false,
		"refused":                 true,
		"opened":                  false,
		"second: refused":         false,
		"get 4.01":                true,
		"get 4.03":                false,
		"second: get 4.01":        false,
		"post tm=V 4.01":          false,
		"get tm=- cm=- dos=RFNOP": false,
	} {
		s := storyOf(t, head+text)
		if got := s.shuts(s.samples[0], never); got != want {
			t.Errorf("%q: %v", text, got)
		}
	}
	s := storyOf(t, head+"refused\nget 4.01\n") // 2, 3-4
	wantEach(t, "whether it is shut", func(n int) bool { return s.shuts(s.samples[0], n) }, map[int]bool{1: false, 2: false, 3: true})
	s.tl.Observations[2].Kind = conformance.Waiting
	wantEach(t, "whether it is shut by an answer", func(n int) bool { return s.shuts(s.samples[0], n) }, map[int]bool{3: false, 4: false, 5: true})
	for name, change := range map[string]func(request, answer *conformance.Observation){
		"no answer":              func(_, a *conformance.Observation) { a.Kind = conformance.Message },
		"an answer to nothing":   func(_, a *conformance.Observation) { a.For = nil },
		"an answer without text": func(_, a *conformance.Observation) { a.Frame = nil },
		"of another resource":    func(_, a *conformance.Observation) { a.Frame.Path = ocf.PathD },
		"of nothing":             func(r, _ *conformance.Observation) { r.Frame = nil },
		"of a part":              func(r, _ *conformance.Observation) { r.Frame.Query = "if=x" },
	} {
		s := storyOf(t, head+"get 4.01\n")
		change(&s.tl.Observations[2], &s.tl.Observations[3])
		if s.shuts(s.samples[0], never) {
			t.Errorf("%s shuts the Device", name)
		}
	}
}

// An observation lasts through a restart where it is told on after the Device
// answered what was asked since.
func TestObservedThrough(t *testing.T) {
	of := func(kind conformance.Kind, n int) conformance.Observation {
		return conformance.Observation{Kind: kind, For: &n}
	}
	plain := conformance.Observation{Kind: conformance.Request}
	for name, c := range map[string]struct {
		all []conformance.Observation
		n   int
	}{
		"told on":                      {[]conformance.Observation{plain, plain, of(conformance.Response, 2), of(conformance.Notification, 0)}, 4},
		"told before it was back":      {[]conformance.Observation{plain, plain, of(conformance.Notification, 0)}, -1},
		"told as it was back":          {[]conformance.Observation{plain, plain, of(conformance.Notification, 0), of(conformance.Response, 2)}, -1},
		"told to a registration since": {[]conformance.Observation{plain, plain, of(conformance.Response, 2), of(conformance.Notification, 2)}, -1},
		"told by what went down":       {[]conformance.Observation{plain, plain, of(conformance.Response, 2), of(conformance.Notification, 1)}, -1},
		"it answers what came before":  {[]conformance.Observation{plain, plain, of(conformance.Response, 0), of(conformance.Notification, 0)}, -1},
		"it answers as it went down":   {[]conformance.Observation{plain, plain, of(conformance.Response, 1), of(conformance.Notification, 0)}, -1},
		"an answer is lost":            {[]conformance.Observation{plain, plain, of(conformance.Lost, 2), of(conformance.Notification, 0)}, -1},
		"an answer to nothing":         {[]conformance.Observation{plain, plain, {Kind: conformance.Response}, of(conformance.Notification, 0)}, -1},
		"a message is of the old":      {[]conformance.Observation{plain, plain, of(conformance.Response, 2), of(conformance.Message, 0)}, -1},
	} {
		s := read(conformance.Timeline{Observations: append([]conformance.Observation{plain}, c.all...)})
		s.tl.Observations[1].Kind = conformance.Condition // the restart
		if got := s.observedThrough(1); got != c.n {
			t.Errorf("%s: %d, want %d", name, got, c.n)
		}
		if got := s.observedThrough(-1); got != -1 {
			t.Errorf("%s, and no restart: %d", name, got)
		}
	}
}

// A Device is gone where a request that was sent when it had to be back went
// unanswered, and it had answered none before that was sent since.
func TestGoneAfter(t *testing.T) {
	s := storyOf(t, "get tm=- cm=- dos=RFNOP\nget lost\nget lost\nget tm=- cm=- dos=RFNOP\nget lost\n") // 0-1, 2-3, 4-5, 6-7, 8-9, a millisecond apart from 1 ms on
	for _, c := range []struct {
		due                  time.Duration
		from, rebooted, upto int
		want                 int
	}{
		{0, 0, -1, never, -1}, // 1 was asked for since
		{0, 2, -1, never, 3},  // 2 was sent since
		{2 * ms, 0, -1, never, 3},
		{3 * ms, 0, -1, never, 5}, // 2 was sent at that time
		{3 * ms, 0, -1, 5, -1},
		{3 * ms, 0, -1, 6, 5},
		{5 * ms, 0, -1, never, -1},
		{7 * ms, 0, -1, never, 9}, // 6 was sent at that time
		{7 * ms, 0, 5, never, -1}, // and after the reboot
		{7 * ms, 0, 6, never, 9},
		{7 * ms, 0, 0, never, -1},
	} {
		if got := s.goneAfter(c.due, c.from, c.rebooted, c.upto); got != c.want {
			t.Errorf("due %v, from %d, rebooted %d, up to %d: %d, want %d", c.due, c.from, c.rebooted, c.upto, got, c.want)
		}
	}
	s = storyOf(t, "observe tm=- cm=- dos=RFNOP\nnotify 11 tm=- cm=- dos=RFNOP\nget lost\n") // 0-1, 2 at 3 ms, 3-4
	if got := s.goneAfter(2*ms, 0, -1, never); got != -1 {
		t.Errorf("it notified since: %d", got)
	}
	if got := s.goneAfter(3*ms, 0, -1, never); got != 4 {
		t.Errorf("it notified at that time: %d, want 4", got)
	}
}
