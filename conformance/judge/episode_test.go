package judge

import (
	"testing"
	"time"

	"github.com/ocfsim/ocfsim/conformance"
	"github.com/ocfsim/ocfsim/ocf"
)

// ticking is a story of so many entries, a second apart, of which nothing is
// told yet. It is declared that a check takes 2 s, an update 5 s, a settle time
// 100 ms and a restart 3 s.
func ticking(entries int) *story {
	tl := conformance.Timeline{Observations: make([]conformance.Observation, entries)}
	for i := range tl.Observations {
		tl.Observations[i].At = time.Duration(i) * time.Second
	}
	tl.Header.Target = defaults
	return read(tl)
}

const ms = time.Millisecond

// A process is due the declared time after its answer, or after the answers that
// the source withheld within that time were given.
func TestWhenAProcessIsDue(t *testing.T) {
	for name, c := range map[string]struct {
		w     write
		gate  gate
		upto  int
		want  time.Duration
		known bool
	}{
		"no answer":                           {write{n: 2, end: never}, gate{0, 1, 1}, never, 0, false},
		"the gate was opened before":          {write{n: 2, end: 3}, gate{0, 1, 1}, never, 5100 * ms, true},
		"the gate was opened after":           {write{n: 2, end: 3}, gate{0, 3, 4}, never, 6100 * ms, true},
		"the gate was closed meanwhile":       {write{n: 2, end: 3}, gate{4, 5, 6}, never, 7200 * ms, true},
		"the gate was opened before the end":  {write{n: 2, end: 5}, gate{0, 3, 4}, never, 7100 * ms, true},
		"the gate was closed at the very end": {write{n: 2, end: 3}, gate{6, 7, 8}, never, 10100 * ms, true},
		"the gate was closed after the end":   {write{n: 2, end: 3}, gate{7, 8, 9}, never, 5100 * ms, true},
		"something else came first":           {write{n: 2, end: 3}, gate{4, 5, 6}, 4, 5100 * ms, true},
		"something else came next":            {write{n: 2, end: 3}, gate{4, 5, 6}, 5, 7200 * ms, true},
		"the gate was never opened":           {write{n: 2, end: 3}, gate{1, never, never}, never, 0, false},
		"the gate was never opened, too late": {write{n: 2, end: 3}, gate{7, never, never}, never, 5100 * ms, true},
	} {
		s := ticking(20)
		s.tl.Observations[6].At = 5100 * ms
		s.gates = []gate{c.gate}
		if at, known := s.due(ocf.SVV, c.w, c.upto); at != c.want || known != c.known {
			t.Errorf("%s: %v, %v, want %v, %v", name, at, known, c.want, c.known)
		}
	}
}

// A source that withholds its answer for more than a quarter of the declared time may
// be given up.
func TestOverheld(t *testing.T) {
	for name, c := range map[string]struct {
		gate gate
		upto int
		want bool
	}{
		"for a quarter of it":        {gate{0, 3, 3}, never, false}, // 1 s after the request
		"for longer":                 {gate{0, 3, 4}, never, true},
		"before the request":         {gate{0, 1, 1}, never, false},
		"from after the request on":  {gate{4, 5, 6}, never, true},
		"for a quarter of it, later": {gate{4, 5, 5}, never, false},
		"after something else":       {gate{4, 5, 9}, 4, false},
		"just before something":      {gate{4, 5, 9}, 5, true},
		"and still does":             {gate{0, never, never}, never, true},
	} {
		s := ticking(20)
		s.target.Timing.Validation = 4 * time.Second
		s.gates = []gate{c.gate}
		if got := s.overheld(write{n: 2, end: 3}, c.upto); got != c.want {
			t.Errorf("%s: %v", name, got)
		}
	}
}

// A process ended while the source withheld its answer where the end was seen
// inside the gate.
func TestEndedHeld(t *testing.T) {
	s := ticking(20)
	s.gates = []gate{{4, 8, 8}}
	for n, want := range map[int]bool{3: false, 4: false, 5: true, 7: true, 8: false, 9: false} {
		if got := s.endedHeld(episode{samples: []conformance.Sample{{N: n}}}); got != want {
			t.Errorf("an end seen at %d: %v", n, got)
		}
		if s.endedHeld(episode{done: -1, samples: []conformance.Sample{{N: n}}}) {
			t.Error("no end, and yet in the gate")
		}
	}
}

// A Device is provably pending from the source's report of a question that it
// withholds or, without reports, from a settle time after the answer.
func TestHeld(t *testing.T) {
	report := func(n, holding int) sourceReport {
		return sourceReport{n, conformance.SourceReport{Holding: holding}}
	}
	for name, c := range map[string]struct {
		gate       gate
		reports    []sourceReport
		from, upto int
		ok         bool
	}{
		"without reports":                  {gate{1, 12, 12}, nil, 4, 10, true},
		"without reports, for a moment":    {gate{1, 4, 4}, nil, 0, 0, false},
		"without reports, to the moment":   {gate{1, 5, 5}, nil, 0, 0, false},
		"without reports, and longer":      {gate{1, 6, 6}, nil, 4, 6, true},
		"without reports, after the write": {gate{3, 8, 8}, nil, 0, 0, false},
		"no question":                      {gate{1, 8, 8}, []sourceReport{report(0, 0), report(5, 0)}, 0, 0, false},
		"a question":                       {gate{1, 8, 8}, []sourceReport{report(0, 0), report(5, 1)}, 5, 8, true},
		"one that it withheld before":      {gate{0, 8, 8}, []sourceReport{report(1, 1), report(5, 1)}, 0, 0, false},
		"another than it withheld before":  {gate{0, 8, 8}, []sourceReport{report(1, 1), report(5, 2)}, 5, 8, true},
		"what another gate withheld":       {gate{1, 8, 8}, []sourceReport{report(0, 1), report(5, 1)}, 5, 8, true},
		"reported as the gate opens":       {gate{1, 8, 8}, []sourceReport{report(0, 0), report(8, 1)}, 0, 0, false},
		"reported just before":             {gate{1, 8, 8}, []sourceReport{report(0, 0), report(7, 1)}, 7, 8, true},
		"closed before the answer":         {gate{0, 3, 3}, []sourceReport{report(1, 0), report(2, 1)}, 0, 0, false},
		"open before the gate":             {gate{6, 8, 8}, []sourceReport{report(0, 0), report(5, 1)}, 0, 0, false},
		"after something else":             {gate{1, 18, 18}, []sourceReport{report(0, 0), report(10, 1)}, 0, 0, false},
		"a gate of later":                  {gate{12, 18, 18}, []sourceReport{report(0, 0), report(14, 1)}, 0, 0, false},
	} {
		s := ticking(20)
		s.gates, s.reports = []gate{c.gate}, c.reports
		ep := episode{bit: ocf.SVV, w: write{n: 2, end: 4}, upto: 10}
		s.tl.Observations[4].At = 4900 * ms // a settle time before the next
		from, upto, ok := s.held(ep)
		if from != c.from || upto != c.upto || ok != c.ok {
			t.Errorf("%s: %d, %d, %v, want %d, %d, %v", name, from, upto, ok, c.from, c.upto, c.ok)
		}
	}
}

// polled is a sample of a GET that was sent at since and answered at n.
func polled(since, n int, tm ocf.DPM) conformance.Sample {
	return conformance.Sample{N: n, Since: since, Stream: -1, Pstat: ocf.Pstat{TM: tm}}
}

// news is a notification at n to the observation that began at stream.
func news(stream, n int, tm ocf.DPM) conformance.Sample {
	return conformance.Sample{N: n, Since: stream, Stream: stream, Notified: true, Pstat: ocf.Pstat{TM: tm}}
}

func numbersOf(all []conformance.Sample) (n int) {
	for _, x := range all {
		n = n*100 + x.N
	}
	return n
}

// What is seen between two entries was asked for after the one, and arrived
// before the other.
func TestWhatIsSeenBetween(t *testing.T) {
	s := ticking(20)
	s.samples = []conformance.Sample{polled(2, 3, 0), polled(4, 5, ocf.SVV), news(1, 6, ocf.SVV), polled(7, 8, 0), news(1, 9, 0)}
	for _, c := range []struct{ from, upto, want int }{{1, 20, 30508}, {2, 20, 508}, {3, 8, 5}, {3, 9, 508}, {7, 20, 0}} {
		if got := numbersOf(s.looks(c.from, c.upto)); got != c.want {
			t.Errorf("looks between %d and %d: %d, want %d", c.from, c.upto, got, c.want)
		}
	}
	for _, c := range []struct {
		w          write
		upto, want int
	}{
		{write{n: 0, end: 1}, never, 3_05_06_08_09},
		{write{n: 0, end: 2}, never, 5_06_08_09},
		{write{n: 0, end: 2}, 8, 5_06},
		{write{n: 0, end: 2}, 9, 5_06_08},
		{write{n: 6, end: 6}, never, 6_08_09},
		{write{n: 7, end: 7}, never, 0},
	} {
		if got := numbersOf(s.after(ocf.SVV, c.w, c.upto)); got != c.want {
			t.Errorf("after the write at %d, answered at %d, up to %d: %d, want %d", c.w.n, c.w.end, c.upto, got, c.want)
		}
	}
	o := observing{stream: 1, from: 2, upto: 9}
	for _, c := range []struct {
		from, upto int
		want       bool
	}{{5, 7, true}, {5, 6, false}, {6, 20, false}, {0, 20, true}} {
		if _, got := s.told(o, ocf.SVV, c.from, c.upto); got != c.want {
			t.Errorf("told between %d and %d: %v", c.from, c.upto, got)
		}
	}
	if _, ok := s.told(observing{stream: 7, upto: never}, ocf.SVV, 0, 20); ok {
		t.Error("told to another observation")
	}
	if x, ok := s.lastTold(o); !ok || x.N != 6 {
		t.Errorf("told last: %v, %v, want that of 6", x.N, ok)
	}
	if _, ok := s.lastTold(observing{stream: 7, upto: never}); ok {
		t.Error("told last to another observation")
	}
}

// The state at the end is settled a settle time after the first GET that showed
// it and was sent after the last news.
func TestStateAtEnd(t *testing.T) {
	for name, c := range map[string]struct {
		told, upto  int
		n           int
		settled, ok bool
	}{
		"all of it":                    {3, 20, 11, true, true},
		"the news came as it was sent": {8, 20, 11, true, true},
		"the news came later":          {10, 11, 9, false, true},
		"the news came after all":      {10, 20, 11, false, true},
		"up to the answer":             {3, 9, 5, true, true},
		"up to the next entry":         {3, 10, 9, false, true},
		"up to a settle time later":    {3, 11, 9, true, true},
		"nothing was seen":             {3, 3, 0, false, false},
	} {
		s := ticking(20)
		s.samples = []conformance.Sample{polled(2, 3, 0), polled(4, 5, ocf.SVV), news(1, 7, 0), polled(8, 9, 0), polled(10, 11, 0)}
		for i := range s.tl.Observations {
			s.tl.Observations[i].At = time.Duration(i) * 100 * ms // a settle time apart
		}
		if name == "the news came after all" {
			s.tl.Observations = s.tl.Observations[:12]
		}
		end, settled, ok := s.stateAtEnd(c.told, c.upto)
		if end.N != c.n || settled != c.settled || ok != c.ok {
			t.Errorf("%s: that of %d, %v, %v, want %d, %v, %v", name, end.N, settled, ok, c.n, c.settled, c.ok)
		}
	}
}

// What was asked for after the process had to be over is late; what was asked
// for after the source had answered is answered. Notifications are neither.
func TestLateAndAnswered(t *testing.T) {
	s := ticking(20)
	for name, c := range map[string]struct {
		ep   episode
		x    conformance.Sample
		want bool
	}{
		"as it is due":             {episode{known: true, due: 5 * time.Second}, polled(5, 9, 0), false},
		"after it is due":          {episode{known: true, due: 5 * time.Second}, polled(6, 9, 0), true},
		"nobody knows when":        {episode{due: 5 * time.Second}, polled(6, 9, 0), false},
		"a notification proves no": {episode{known: true, due: 5 * time.Second}, news(6, 9, 0), false},
	} {
		if got := s.late(c.ep, c.x); got != c.want {
			t.Errorf("late, %s: %v", name, got)
		}
	}
	ep := episode{w: write{n: 2, end: 3}}
	for name, c := range map[string]struct {
		reports []sourceReport
		x       conformance.Sample
		want    bool
	}{
		"a question more, and none withheld": {[]sourceReport{{1, conformance.SourceReport{}}, {4, conformance.SourceReport{Checks: 1}}}, polled(5, 6, 0), true},
		"one that is withheld":               {[]sourceReport{{1, conformance.SourceReport{}}, {4, conformance.SourceReport{Checks: 1, Holding: 1}}}, polled(5, 6, 0), false},
		"no question more":                   {[]sourceReport{{1, conformance.SourceReport{Checks: 1}}, {4, conformance.SourceReport{Checks: 1}}}, polled(5, 6, 0), false},
		"no report before":                   {[]sourceReport{{4, conformance.SourceReport{Checks: 1}}}, polled(5, 6, 0), false},
		"reported before the answer":         {[]sourceReport{{0, conformance.SourceReport{}}, {1, conformance.SourceReport{}}, {2, conformance.SourceReport{Checks: 1}}}, polled(5, 6, 0), false},
		"reported after it was asked for":    {[]sourceReport{{1, conformance.SourceReport{}}, {6, conformance.SourceReport{Checks: 1}}}, polled(5, 7, 0), false},
		"a notification":                     {[]sourceReport{{1, conformance.SourceReport{}}, {4, conformance.SourceReport{Checks: 1}}}, news(5, 6, 0), false},
	} {
		s.reports = c.reports
		if got := s.answered(ep, c.x); got != c.want {
			t.Errorf("answered, %s: %v", name, got)
		}
	}
}
