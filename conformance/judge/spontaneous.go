package judge

import (
	"fmt"
	"slices"
	"time"

	"github.com/ocfsim/ocfsim/conformance"
	"github.com/ocfsim/ocfsim/ocf"
)

// spontaneous reports whether this Timeline has processes that nobody requested, so
// that the Device itself may be the cause of a change: it was told to begin one, or
// it declares autonomous operation and was seen to begin one unprompted, or
// oic.r.softwareupdate was told to begin one at some time. The
// declaration alone excuses nothing; where a process may have begun by itself just between a
// write and the next look, unlessBegun asks that it comes back.
func (s *story) spontaneous() bool { return s.alone }

// beganHere reports whether this Timeline itself has such a process. That others of the
// run have some excuses a Device, but takes nothing from what this one witnesses.
func (s *story) beganHere() bool {
	return s.arrangedAlone() || (s.restless || s.target.Supports.Autonomous) && s.beganAlone()
}

// arrangedAlone reports whether an autonomous process was asked for that the bench can
// bring about.
func (s *story) arrangedAlone() bool {
	for i := range s.tl.Observations {
		if s.arranges(i, conformance.AutonomousValidation, conformance.AutonomousUpdate) {
			return true
		}
	}
	return false
}

// interrupted reports whether the Device was seen to begin a process by itself, and
// so may have begun one in a scenario that is not about that, or whether one that
// declares autonomous operation has one pending when the scenario begins to look, at
// n: then nobody can tell what the scenario expects from what came between (seed.txt
// 66-69).
func (s *story) interrupted(n int) bool {
	return !s.arrangedAlone() && (s.alone || s.target.Supports.Autonomous && s.pendingUnasked(n))
}

// pendingUnasked reports whether the last sample before n shows a process that nobody
// has requested by then. It ends while the scenario looks at something else, and over
// a slow network nobody sees whether it had begun before the last write.
func (s *story) pendingUnasked(n int) bool {
	last, _ := s.lastBefore(n)
	pending := last.Pstat.TM & s.processes()
	for _, w := range s.writes {
		if w.n < n && !w.refused() {
			pending = pending.Without(w.asks())
		}
	}
	return pending != 0
}

// Restless reports whether tl shows the Device begin a process that nobody had
// requested, and that nobody had told it to begin.
func Restless(tl conformance.Timeline) bool {
	s := read(tl)
	return !s.arrangedAlone() && !s.plans.begin() && s.beganAlone()
}

// beganAlone reports whether a bit rose in tm between two looks that no write lies
// between, and more often than it was requested. A bit that rises again within a
// settle time of its end is taken for the same process.
func (s *story) beganAlone() bool {
	for _, bit := range s.kinds() {
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
			if !relapse && !s.wroteIn(before.N, x.N) && s.requests(bit, x.Stream, x.N) <= falls[x.Stream] {
				return true
			}
		}
	}
	return false
}

// wroteIn reports whether pstat was written between from and upto.
func (s *story) wroteIn(from, upto int) bool {
	for _, w := range s.writes {
		if between(w.n, from, upto) || w.n < from && w.end > from {
			return true
		}
	}
	return false
}

// unlessMissed marks as silent a breach that would be explained by a process which
// the Device began by itself, where it declares such and the network is lossy or
// slow: there it proves little that nobody saw one begin (seed.txt 66-71). Where nobody
// saw the Device for as long as a datagram takes that is sent again, it proves nothing,
// however often it comes back: one that is often at work has begun each time.
func (s *story) unlessMissed(f conformance.Finding) conformance.Finding {
	if !s.unreliable() {
		return f
	}
	return unlessLong(s.ownPerhaps(f), s.unwatched(f.Witness), "nobody had seen the Device for %v, in which a process of its own may have come and gone")
}

// unlessLong leaves open a silent breach that may be a process of the Device's own, where
// it was that long that one may have begun. text says so, of the time.
func unlessLong(f conformance.Finding, gap time.Duration, text string) conformance.Finding {
	if f.Silent && gap >= resent {
		f.Verdict, f.Silent = conformance.Inconclusive, false
		f.Reason += fmt.Sprintf("; "+text, gap.Round(10*time.Millisecond))
	}
	return f
}

// begunMeanwhile is the text of unlessLong where it is known when the Device was last idle.
const begunMeanwhile = "a process of its own may have begun in the %v meanwhile"

// unlessBegun is unlessMissed for a breach by w, where what was before it was seen at pre.
// If the Device then shows a process that pre does not, though w was refused or asks for
// none, and the Device declares processes of its own, it may have begun one just then:
// only that it comes back each time tells, whatever the network (seed.txt 66-71). A Device may
// clear cm before tm shows the process, so the first change need not show it.
func (s *story) unlessBegun(f conformance.Finding, w write, pre conformance.Sample) conformance.Finding {
	upto := s.disturbed(w.n, anyWrite)
	begins := func(x conformance.Sample) bool {
		return x.N > w.n && x.N < upto && x.Pstat.TM.Without(pre.Pstat.TM)&s.processes() != 0
	}
	if (w.refused() || w.asks() == 0) && slices.ContainsFunc(s.samples, begins) {
		f = s.unlessAlone(f, w.n)
	}
	return s.unlessMissed(f)
}

// resent is the time after which CoAP sends a request again that is not answered, at
// least (RFC 7252 4.2).
const resent = 2 * time.Second

// unwatched is for how long nobody had seen the state of the Device when Observation n
// arrived.
func (s *story) unwatched(n int) time.Duration {
	x, ok := s.lastBefore(n)
	switch {
	case !ok:
		return 0
	case x.Notified:
		return s.at(n) - s.at(x.N)
	}
	return s.at(n) - s.at(x.Since)
}

// slow is an answer after which notifications, too, may come so late that a
// whole process of the Device's own lies between two looks.
const slow = 250 * time.Millisecond

// unreliable reports whether the network loses datagrams, or an answer was slow.
func (s *story) unreliable() bool { return s.loss || s.slowest(0, never) >= slow }

// unlessAlone does so on any network, where a process of the Device's own may have begun
// since an Observation. It is for the questions to the source, too, which show even the
// processes that a Device does not show in tm. Where it was long since then, one that is often
// at work has begun each time.
func (s *story) unlessAlone(f conformance.Finding, since int) conformance.Finding {
	return unlessLong(s.ownPerhaps(f), s.at(f.Witness)-s.at(since), begunMeanwhile)
}

// ownPerhaps marks a breach as silent where the Device declares processes of its own, one of which
// would explain it.
func (s *story) ownPerhaps(f conformance.Finding) conformance.Finding {
	if s.target.Supports.Autonomous && !s.arrangedAlone() {
		f = unseen(f)
		f.Alone = f.Silent
	}
	return f
}

// requests counts the requests for bit between from and upto that were not refused.
func (s *story) requests(bit ocf.DPM, from, upto int) int {
	n := 0
	for _, w := range s.writes {
		if between(w.n, from, upto) && w.requests(bit) {
			n++
		}
	}
	return n
}

// requested counts those of the requests for bit between from and upto that may have begun a process of
// their own: one that came, and was answered, while the answer for an earlier one was withheld met
// the process of that one.
func (s *story) requested(bit ocf.DPM, from, upto int) int {
	n := 0
	for _, w := range s.writes {
		if between(w.n, from, upto) && w.requests(bit) && !s.meetsHeld(bit, w) {
			n++
		}
	}
	return n
}

// meetsHeld reports whether w came, and was answered, while the answer for an earlier request for bit
// was withheld.
func (s *story) meetsHeld(bit ocf.DPM, w write) bool {
	for _, earlier := range s.writes {
		if earlier.n >= w.n || !earlier.requests(bit) {
			continue
		}
		if from, _, ok := s.held(episode{w: earlier, upto: w.n}); ok && !w.lost() && w.end < s.gateEnd(from) {
			return true
		}
	}
	return false
}
