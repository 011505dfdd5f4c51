package conformance

import "github.com/ocfsim/ocfsim/ocf"

// spontaneous reports whether this Timeline has processes that nobody
// requested, so that a change may be the Device's own doing: it was told to
// begin one, or it declares autonomous operation and was seen to begin one
// unprompted. A declaration alone excuses nothing: that a process begins of
// itself between a write and the next look is not assumed.
func (s *story) spontaneous() bool { return s.alone }

// arrangedAlone reports whether an autonomous process was asked for.
func (s *story) arrangedAlone() bool {
	for i := range s.tl.Observations {
		o := &s.tl.Observations[i]
		if o.Kind == Condition && (o.Name == AutonomousValidation || o.Name == AutonomousUpdate) && o.Outcome != Unsupported {
			return true
		}
	}
	return false
}

// beganAlone reports whether a bit rose in tm between two looks without any
// write between them, and without a request for it since it was last seen 1.
func (s *story) beganAlone() bool {
	for _, bit := range []ocf.DPM{ocf.SVV, ocf.SSU} {
		pending := -1 // the last look that showed bit
		last := map[int]Sample{}
		for _, x := range s.samples {
			before, ok := last[x.stream]
			last[x.stream] = x
			if !x.Pstat.TM.Has(bit) {
				continue
			}
			rose := ok && !before.Pstat.TM.Has(bit) && before.before(x)
			if rose && !s.wroteIn(before.N, x.N) && !s.requestedIn(bit, pending, x.N) {
				return true
			}
			pending = x.N
		}
	}
	return false
}

// wroteIn reports whether pstat was written between from and upto.
func (s *story) wroteIn(from, upto int) bool {
	for _, w := range s.writes {
		if w.n > from && w.n < upto || w.n < from && w.end > from {
			return true
		}
	}
	return false
}

// requestedIn reports whether bit was requested between from and upto.
func (s *story) requestedIn(bit ocf.DPM, from, upto int) bool {
	for _, w := range s.writes {
		if w.n > from && w.n < upto && w.asks().Has(bit) && !w.refused() {
			return true
		}
	}
	return false
}
