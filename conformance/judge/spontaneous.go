package judge

import (
	"time"

	"github.com/ocfsim/ocfsim/conformance"
	"github.com/ocfsim/ocfsim/ocf"
)

// spontaneous reports whether this Timeline has processes that nobody requested, so
// that the Device itself may be the cause of a change: it was told to begin one, or
// it declares autonomous operation and was seen to begin one unprompted. The
// declaration alone excuses nothing: nobody assumes that a process has begun by
// itself between a write and the next look.
func (s *story) spontaneous() bool { return s.alone }

// arrangedAlone reports whether an autonomous process was asked for.
func (s *story) arrangedAlone() bool {
	for i := range s.tl.Observations {
		o := &s.tl.Observations[i]
		if o.Kind == conformance.Condition && (o.Name == conformance.AutonomousValidation || o.Name == conformance.AutonomousUpdate) && o.Outcome != conformance.Unsupported {
			return true
		}
	}
	return false
}

// interrupted reports whether a Device that declares autonomous operation was seen
// to begin a process by itself in a scenario that is not about that: then nobody can
// tell what the scenario expects, from n on, from what came between (seed.txt 66-69).
func (s *story) interrupted(n int) bool {
	return s.target.Supports.Autonomous && !s.arrangedAlone() && (s.beganAlone() || s.pendingUnasked(n))
}

// pendingUnasked reports whether the last sample before n shows a process that nobody
// has requested by then. It ends while the scenario looks at something else, and over
// a slow network nobody sees whether it had begun before the last write.
func (s *story) pendingUnasked(n int) bool {
	last, ok := s.lastBefore(n)
	if !ok {
		return false
	}
	pending := last.Pstat.TM & bothBits
	for _, w := range s.writes {
		if w.n < n && !w.refused() {
			pending = pending.Without(w.asks())
		}
	}
	return pending != 0
}

// beganAlone reports whether a bit rose in tm between two looks that no write lies
// between, and more often than it was requested. A bit that rises again within a
// settle time of its end is taken for the same process.
func (s *story) beganAlone() bool {
	for _, bit := range []ocf.DPM{ocf.SVV, ocf.SSU} {
		falls := map[int]int{} // by observation
		fell := map[int]conformance.Sample{}
		last := map[int]conformance.Sample{}
		for _, x := range s.samples {
			before, ok := last[x.Stream]
			last[x.Stream] = x
			if !ok || !before.Before(x) || before.Pstat.TM.Has(bit) == x.Pstat.TM.Has(bit) {
				continue
			}
			if !x.Pstat.TM.Has(bit) {
				falls[x.Stream]++
				fell[x.Stream] = x
				continue
			}
			end, ended := fell[x.Stream]
			relapse := ended && s.at(x.N)-s.at(end.N) <= s.target.Timing.Settle
			if !relapse && !s.wroteIn(before.N, x.N) && s.requests(bit, max(x.Stream, 0), x.N) <= falls[x.Stream] {
				return true
			}
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

// unlessMissed marks as silent a breach that would be explained by a process which
// the Device began by itself, where it declares such and the network is lossy or
// slow: there it proves little that nobody saw one begin (seed.txt 66-71).
func (s *story) unlessMissed(f conformance.Finding) conformance.Finding {
	if s.loss || s.slowest(0, len(s.tl.Observations)) >= slow {
		return s.unlessAlone(f)
	}
	return f
}

// slow is an answer after which notifications, too, may come so late that a
// whole process of the Device's own lies between two looks.
const slow = 250 * time.Millisecond

// unlessAlone does so on any network. It is for the questions to the source, which
// show even the processes that a Device does not show in tm.
func (s *story) unlessAlone(f conformance.Finding) conformance.Finding {
	if s.target.Supports.Autonomous && !s.arrangedAlone() {
		return unseen(f)
	}
	return f
}

// requests counts the requests for bit between from and upto that were not refused.
func (s *story) requests(bit ocf.DPM, from, upto int) int {
	n := 0
	for _, w := range s.writes {
		if w.n > from && w.n < upto && w.asks().Has(bit) && !w.refused() {
			n++
		}
	}
	return n
}
