package sim

import (
	"time"

	"github.com/ocfsim/ocfsim/ocf"
)

// Bounds is what a maker of such Devices would declare of them: upper bounds,
// with a margin, and what an update does besides tm and cm.
type Bounds struct {
	Validation time.Duration // the source's answer to tm.V=0; a source that never answers included
	Update     time.Duration // the source's answer to tm.U=0, restarts and a source that never answers included
	Settle     time.Duration // a change to its notification
	Reboot     time.Duration // unreachable for at most this long
	Autonomous bool          // starts processes by itself
	DOS        []ocf.DOS     // where an update goes, in order, RFNOP at the end; empty: nowhere
	Reboots    bool          // an update restarts the Device
	Breaks     []string      // requirements that the behaviour does not keep
}

// slack is added to every bound, for the machine that the Device runs on.
const slack = 100 * time.Millisecond

// Bounds is what Devices of this model declare.
func (m *Model) Bounds() Bounds {
	s := &m.script
	most := func(d time.Duration) time.Duration { return d + d*time.Duration(s.jitter)/100 }
	margin := func(d time.Duration) time.Duration { return d + d/4 + slack }
	asking := s.timeout + time.Duration(s.retries)*most(s.retryAfter)

	b := Bounds{Settle: slack, Reboot: most(s.off), Autonomous: s.own != nil, Breaks: m.config.Behaviour.Breaks}
	install := time.Duration(0)
	for i := range s.steps {
		st := &s.steps[i]
		install += most(st.after) + most(st.off)
		if st.fetch {
			install += asking
		}
		if st.off > 0 {
			b.Reboots = true
			b.Reboot = max(b.Reboot, most(st.off))
		}
		switch {
		case st.moves && st.dos == ocf.RESET: // no update may; see Breaks
			install += s.reset
		case st.moves:
			b.DOS = append(b.DOS, st.dos)
		}
	}
	b.Validation = margin(asking + most(s.check) + most(s.announce))
	b.Update = margin(2*asking + max(install, most(s.check)) + most(s.announce))
	b.Reboot = margin(b.Reboot)
	return b
}
