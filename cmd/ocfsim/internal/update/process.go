package update

import (
	"fmt"
	"time"

	"github.com/ocfsim/ocfsim/ocf"
)

// Settle is how long after its answer a Device may take to show that the process
// has begun.
const Settle = time.Second

// Busy are the bits of tm that say that a check or an update is pending.
const Busy = ocf.SVV | ocf.SSU

// Process is one check or update that a Client asked for, as pstat shows it. Whoever
// follows a Device tells it what is seen, and asks it whether the process has ended and
// how. Times count from a moment of the caller's choice.
type Process struct {
	Bit  ocf.DPM // SVV or SSU
	Home ocf.DOS // the state of the Device before anything was written

	before   ocf.Pstat // the last pstat before the request
	last     ocf.Pstat
	shown    ocf.DPM // all bits that tm showed since the request
	cleared  bool    // cm lacked Bit at some time since the request
	seen     bool    // pstat was seen since the request
	at       time.Duration
	answered time.Duration // 0: not yet
}

// Ask begins to follow the process that bit stands for, at a Device that shows before.
func Ask(bit ocf.DPM, home ocf.DOS, before ocf.Pstat) Process {
	return Process{Bit: bit, Home: home, before: before, last: before}
}

// Answer takes note that the Device has accepted the request.
func (p *Process) Answer(at time.Duration) { p.answered = max(at, 1) }

// See takes note of what pstat shows.
func (p *Process) See(now ocf.Pstat, at time.Duration) {
	p.last, p.at, p.seen = now, at, true
	p.shown |= now.TM
	p.cleared = p.cleared || !now.CM.Has(p.Bit)
}

// Began reports whether pstat has shown Bit in tm since the request.
func (p *Process) Began() bool { return p.shown.Has(p.Bit) }

// Changed reports whether cm was without Bit before the request, or has been since.
func (p *Process) Changed() bool { return p.cleared || !p.before.CM.Has(p.Bit) }

// Ended reports whether the process is over: tm showed Bit, or the Device has had the
// time to show it; now tm lacks it, and dos is what it was before.
func (p *Process) Ended() bool {
	began := p.Began() || p.answered > 0 && p.at-p.answered >= Settle
	return p.answered > 0 && p.seen && began && !p.last.TM.Has(p.Bit) && p.last.DOS == p.Home
}

// Found reports whether a check that has ended found something newer.
func (p *Process) Found() bool { return p.last.CM.Has(ocf.SVV) }

// Succeeded reports whether cm says so of an update that has ended.
func (p *Process) Succeeded() bool { return p.last.CM.Has(ocf.SSU) }

// Conclude says what an update that has ended came to, and why. from and to are the
// software versions before and after it, each "" where the Device shows none. A cm that was
// there before, at a Device that was never seen to begin, proves nothing; nor does it where
// the software is what it was.
func (p *Process) Conclude(from, to string) (verdict, reason string) {
	switch {
	case !p.Succeeded():
		return Failed, "the Device gave up the update"
	case from != "" && from == to:
		return Unproven, fmt.Sprintf("the Device says that it was updated, and its software is still %s", from)
	case !p.Began() && !p.Changed() && (from == "" || to == ""):
		return Unproven, "cm has U as before, and the Device never showed that an update began"
	}
	return Updated, ""
}
