package client

import (
	"time"

	"github.com/ocfsim/ocfsim/conformance"
	"github.com/ocfsim/ocfsim/conformance/judge"
)

func msg1() Rule {
	return Rule{
		ID: "MSG-1", Says: "a Client sends a confirmable request again after 2 s at the earliest, waits twice as long each time, and gives up after four times",
		Clause: "A confirmable message is sent again when ACK_TIMEOUT (2 s to 3 s) has passed without an ACK; the timeout is doubled each time, and after MAX_RETRANSMIT (4) times there is no further one.",
		Source: "RFC 7252 section 4.2", Level: judge.Duty, Severity: conformance.Fail,
		Pass:   "each further copy of a request came no sooner than that",
		Fail:   "a copy came within a second of the one before, or after a pause that no back-off explains, or there were more than four",
		Open:   "a copy came within a second, and but one: the network may have doubled the one before",
		Silent: "no request was sent again", judge: backsOff,
	}
}

// The bounds of the pauses between copies. A copy, and the one before it, may be delayed on
// their way, so that a pause may look somewhat shorter than it was.
const (
	leastPause = time.Second
	mostLate   = time.Second     // how late a Client's timer may fire: some look once a second what is due
	ackTimeout = 2 * time.Second // the least that RFC 7252 section 4.8 allows
	maxCopies  = 4
)

func backsOff(s *story) []conformance.Finding {
	var all []conformance.Finding
	for _, r := range s.requests {
		if len(r.copies) > 0 && r.frame.Type == "CON" {
			all = append(all, s.paused(r))
		}
	}
	return all
}

// paused judges when the copies of r came. One that came within a second of the copy
// before it is taken for that copy, doubled by the network, where that has been doubled by
// nobody else. Copies that the network has lost make a pause longer than the next one may
// seem to allow: they are looked for.
func (s *story) paused(r *request) conformance.Finding {
	const want = "2 s to 3 s before the first further copy, twice as long each time, and four at most"
	last, sent, doubled := r.at, 0, never
	var before time.Duration // the pause before the last copy
	free := true             // the last copy has no double yet
	may := anyCopy()
	for _, n := range r.copies {
		pause := s.all[n].At - last
		if pause < leastPause && free {
			free, doubled = false, n
			continue
		}
		may = may.after(pause)
		switch sent++; {
		case !may.possible() && sent <= maxCopies:
			return broken(n, want, "%s %s came again after %v, and %v lay between the copies before", r.frame.Code, r.frame.Path, pause.Round(time.Millisecond), before.Round(time.Millisecond))
		case sent > maxCopies:
			return broken(n, want, "%s %s was sent again %d times", r.frame.Code, r.frame.Path, sent)
		}
		last, before, free = s.all[n].At, pause, true
	}
	if doubled != never {
		return open(doubled, "%s %s came again at once: the Client was too fast, or the network has doubled it", r.frame.Code, r.frame.Path)
	}
	return kept(r.copies[0])
}

// copyIs says of each copy of a request, the first being 0, whether it may be the one that
// came last: -1 if it can't, else the shortest ACK_TIMEOUT that the pause before it tells of,
// 0 where no pause is known.
type copyIs [maxCopies + 1]time.Duration

// anyCopy: the first copy that came need not be the first that was sent.
func anyCopy() copyIs { return copyIs{} }

// after is which copies may come so long after those that m says. In units of the timeout
// they are sent at 0, 1, 3, 7 and 15. A timer may fire somewhat late, so the timeout may have
// been shorter than the pause.
func (m copyIs) after(pause time.Duration) copyIs {
	next := copyIs{-1, -1, -1, -1, -1}
	for i, timeout := range m {
		for j := i + 1; j <= maxCopies && timeout >= 0; j++ {
			units := time.Duration(1<<j - 1<<i)
			unit := (pause - mostLate) / units
			late := pause+leastPause >= ackTimeout*units // one may have been delayed, and the other not
			if late && pause/units >= timeout*3/4 && (next[j] < 0 || unit < next[j]) {
				next[j] = max(unit, 0)
			}
		}
	}
	return next
}

// possible reports whether any copy may be the one.
func (m copyIs) possible() bool {
	for _, timeout := range m {
		if timeout >= 0 {
			return true
		}
	}
	return false
}
