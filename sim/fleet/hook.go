package fleet

import (
	"time"

	"github.com/plgd-dev/go-coap/v3/message/codes"

	"github.com/ocfsim/ocfsim/ocf"
	"github.com/ocfsim/ocfsim/sim"
)

// In this file the shard asks the hooks of a Device's shell. For a Device without
// quirks it does what the RFCs say and remembers nothing.

// noted is what the shard remembers about a Device for the hooks.
type noted struct {
	writer line                     // the Client that wrote pstat last
	told   map[observation]mentions // for each observer that was told
}

// mentions says how often an observer was told, and when last.
type mentions struct {
	n    int
	last time.Duration
}

// notes returns what the shard remembers about s.
func (s *slot) notes() *noted {
	m := s.memory()
	if m.noted == nil {
		m.noted = &noted{told: make(map[observation]mentions)}
	}
	return m.noted
}

// forgets drops what was remembered about an observer.
func (m *ram) forgets(o observation) {
	if m.noted != nil {
		delete(m.noted.told, o)
	}
}

// wrote notes that the Client on this line has written pstat.
func (sh *shard) wrote(s *slot, on line) {
	if s.device.Shell().Plain() {
		return
	}
	s.notes().writer = on
	sh.endOthers(s, on, sim.Writes)
}

// endOthers ends the observations of all other Clients if a hook says so.
func (sh *shard) endOthers(s *slot, than line, by sim.Doing) {
	if !s.device.Shell().Ends.Decide(by, false) {
		return
	}
	for o := range sh.observersOf(s) {
		if sh.lineOf(o) != than {
			sh.dropObserver(s, o)
		}
	}
}

// admits reports whether the Device accepts another observation.
func (sh *shard) admits(s *slot, on line) bool {
	if hook := s.device.Shell().Admits; len(hook) > 0 && !hook.Decide(sh.observersAt(s), true) {
		return false
	}
	sh.endOthers(s, on, sim.Observes)
	return true
}

// tells reports whether o is told.
func (sh *shard) tells(s *slot, o *observer) bool {
	shell := s.device.Shell()
	if shell.Plain() {
		return true
	}
	notes := s.notes()
	was := notes.told[o.number]
	of := sim.Observer{
		Last:   sh.audience.first(s.index) == o.after,
		Writer: sh.lineOf(o) == notes.writer,
		Told:   was.n, Since: sh.now() - was.last,
	}
	if !shell.Tells.Decide(of, true) {
		return false
	}
	notes.told[o.number] = mentions{was.n + 1, sh.now()}
	return true
}

// observeNumber returns the number of the next message to an observer: last plus
// one, unless a hook says otherwise.
func (sh *shard) observeNumber(s *slot, last uint32) uint32 {
	return s.device.Shell().Number.Decide(sim.Numbering{Last: last, Now: sh.clock(s)}, (last+1)&observeMask)
}

// method returns the code that the Device treats a request as. PUT stays PUT, which
// no resource has, unless a hook turns it into POST.
func (sh *shard) method(s *slot, r *request, code codes.Code) codes.Code {
	if code == codes.PUT && s.device.Shell().Takes.Decide(uint8(code), false) {
		r.body.Way |= sim.ByPUT
		return codes.POST
	}
	return code
}

// writesPstat reports whether r is a write of pstat.
func (r *request) writesPstat() bool { return r.code == codes.POST && r.body.Path == ocf.PathPstat }
