package sim

import (
	"time"

	"github.com/ocfsim/ocfsim/ocf"
)

// Bounds is what the maker of such Devices would declare about them: upper bounds
// with a margin, and what an update does besides changing tm and cm.
type Bounds struct {
	Validation time.Duration // from the source's answer to tm.V=0; also covers a source that never answers
	Update     time.Duration // from the source's answer to tm.U=0; also covers restarts and a source that never answers
	Tells      time.Duration // from a change to its notification, as the script says
	Settle     time.Duration // the same with the margin
	Reboot     time.Duration // the Device is unreachable for at most this long
	Autonomous bool          // the Device starts processes by itself
	DOS        []ocf.DOS     // the states that an update moves through, in order, ending with RFNOP; empty: none
	Reboots    bool          // an update restarts the Device
	Breaks     []string      // requirements that the behaviour does not meet
	Version    string        // where the installed version is shown: VersionInD, VersionInP, or "" for nowhere
	Scheduled  bool          // it has oic.r.softwareupdate
	Sleep      Sleep         // when it hears nothing
}

// The places of the installed version: a resource and its Property.
const (
	VersionInD = ocf.PathD + "#sv"
	VersionInP = ocf.PathP + "#mnfv"
)

// versionAt is where the Device shows the installed version.
func (d *Device) versionAt() string { return d.model.bent.versionAt.see(d, VersionInD) }

// slack is added to every bound, to allow for the machine that runs the Device.
const slack = 100 * time.Millisecond

// Bounds returns what Devices of this model declare.
func (m *Model) Bounds() Bounds {
	s := &m.script
	most := func(d time.Duration) time.Duration { return d + d*time.Duration(s.jitter)/100 }
	margin := func(d time.Duration) time.Duration { return d + d/4 + slack }
	asking := s.timeout + time.Duration(s.retries)*most(s.retryAfter)

	one := m.Device(ocf.UUID{}, 0)
	b := Bounds{
		Tells: s.messages.TellAfter, Settle: slack + s.messages.TellAfter, Reboot: most(s.off),
		Autonomous: s.own != nil, Breaks: m.config.Behaviour.Breaks, Version: one.versionAt(),
		Sleep: s.messages.Sleep,
	}
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
		case st.moves && st.dos == ocf.RESET: // no compliant update does this; see Breaks
			install += s.reset
		case st.moves:
			b.DOS = append(b.DOS, st.dos)
		}
	}
	b.Validation = margin(asking + most(s.check) + most(s.announce))
	b.Scheduled = m.scheduled
	if m.availability { // validation fetches the package as well
		b.Validation = margin(2*asking + most(s.check) + most(s.announce))
	}
	b.Update = margin(2*asking + max(install, most(s.check)) + most(s.announce))
	b.Reboot = margin(b.Reboot)
	return b
}
