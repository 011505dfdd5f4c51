package judge

import (
	"github.com/ocfsim/ocfsim/conformance"
	"github.com/ocfsim/ocfsim/ocf"
)

// That a process ended with its true result says little of a write that came while
// it ran: the result may be that of the process before, or of a process that the
// write started in its place. This file looks for what can only come of the process
// itself, and for what shows that it was lost.
//
// Where the source reports at all, it had reported the question of the process before
// d.w was written: that is how the process was known to be pending. Where it does not,
// there is no report to look at.

// ranOnTo reports whether anything shows that the true result 1 in end is that of
// the process which d.w met: tm kept its bit though the write did not request it
// again, the result was not in cm before, the software is another one, or the source
// has handed over a package since.
func (s *story) ranOnTo(d disturbance, end conformance.Sample, kept bool) bool {
	return kept && !d.w.asks().Has(d.bit) || s.resultIsNew(d, end) || s.installed(d.ep, end) || d.bit == ocf.SSU && s.served(d)
}

// notItsOwn judges an end whose true result 1 was in cm before d.w already: if the
// software, whose version is declared to tell of an update, is the same as before,
// the update was lost.
func (s *story) notItsOwn(d disturbance, end conformance.Sample, want string) conformance.Finding {
	if version := s.notInstalled(d, end); version != "" {
		return broken(end.N, want, "version "+version+"; "+end.String(), "an update was on offer, but after %s the software is still %s: cm.U is that of the update before", d.says(), version)
	}
	return open(end.N, want, "cm.%v was 1 before %s, and nothing else shows that this %s ran on", d.bit, d.says(), process(d.bit))
}

// notInstalled is the version of the software where the update that d.w met says in end that it
// was done, and the version is the one of before it; "" where it is not, or not known.
func (s *story) notInstalled(d disturbance, end conformance.Sample) string {
	before, after := s.versionBefore(d.ep.w.n), s.versionOf(d.ep, end)
	if d.bit != ocf.SSU || s.target.Update.Version == "" || before != after {
		return ""
	}
	return after
}

// onlyClaimed finds an update that d.w met, and that end says was done, though the software is what
// it was: a success is not its true result (seed.txt 49-52).
func (s *story) onlyClaimed(d disturbance, end conformance.Sample, want string) (f conformance.Finding, found bool) {
	version := s.notInstalled(d, end)
	return broken(end.N, want, "version "+version+"; "+end.String(), "after %s the update was announced as done, but the software is still %s", d.says(), version), version != ""
}

// resultIsNew reports whether cm lacked the result when d.w was written, or later.
func (s *story) resultIsNew(d disturbance, end conformance.Sample) bool {
	if pre, ok := s.lastBefore(d.w.n); ok && !pre.Pstat.CM.Has(d.bit) {
		return true
	}
	for _, x := range d.ep.samples {
		if x.N > d.w.n && !x.Pstat.CM.Has(d.bit) && x.Before(end) {
			return true
		}
	}
	return false
}

// served reports whether the source has handed over a package since d.w.
func (s *story) served(d disturbance) bool {
	before, _ := s.reportBefore(d.w.n)
	_, more := s.firstReport(d.w.n, d.ep.upto, func(r sourceReport) bool { return r.Served > before.Served })
	return more
}

// restarted finds a process that d.w began anew: while the source withheld the
// answer to its question, it was asked another one. A write that requests a process
// may ask one of its own.
func (s *story) restarted(d disturbance, want string) (f conformance.Finding, found bool) {
	r, again := s.askedAgain(d)
	if !again || s.spontaneous() || s.givenUp(d.ep, r.n) {
		return conformance.Finding{}, false
	}
	before, _ := s.reportBefore(d.w.n)
	return s.unlessAlone(broken(r.n, want, "the source was asked again", "after %v the %s began anew: the source, which still withheld the answer to its question, was asked again",
		d.says(), process(d.bit)), before.n), true
}

// askedAgain is the first report of a question that the source was asked after d.w, while
// it withheld the answer to the one before. Where the Device may have given that one up,
// it is no breach, but the process that ended need not be the one that d.w met.
func (s *story) askedAgain(d disturbance) (sourceReport, bool) {
	before, _ := s.reportBefore(d.w.n)
	if d.w.asks() != 0 {
		return sourceReport{}, false
	}
	return s.asked(before, d.w.n, min(d.heldUpto, d.ep.upto))
}

// displaced finds a process whose place the one that d.w requested has taken: a look
// shows tm without its bit while the gate is closed, the source by then holds one
// question less than it had held and has been asked since, and until both were over
// it was not asked for a version again, as by a Device that comes back to its check.
func (s *story) displaced(d disturbance, over int) (conformance.Sample, bool) {
	before, _ := s.reportBefore(d.w.n)
	r, _ := s.reportBefore(min(d.heldUpto, d.ep.upto))
	if over == never || r.n < d.w.end || r.Holding >= before.Holding+r.questions()-before.questions() || s.givenUp(d.ep, r.n) {
		return conformance.Sample{}, false
	}
	for _, later := range s.reports {
		if later.n < over && later.Checks > r.Checks {
			return conformance.Sample{}, false
		}
	}
	for _, x := range s.looks(d.w.end, min(d.heldUpto, d.ep.upto)) {
		if !x.Pstat.TM.Has(d.bit) && !s.givenUp(d.ep, x.N) {
			return x, true
		}
	}
	return conformance.Sample{}, false
}

// hides reports whether x, without ep's bit in tm, shows no end of ep: the source
// still withholds the answer, and a Client has written the bit as 0, which a Device
// may store and go on (docs/adr/0008).
func (s *story) hides(ep episode, x conformance.Sample) bool {
	from, upto, _ := s.held(ep) // 0, which is before every look, where it is not
	if x.N < from || x.N > upto || s.givenUp(ep, x.N) {
		return false
	}
	for _, w := range s.writes {
		if _, ok := w.tm(); ok && between(w.n, ep.w.n, x.N) && !w.asks().Has(ep.bit) {
			return ep.shownBefore(w.n)
		}
	}
	return false
}

// withdrawn finds a process that d.w cancelled: the source held its question when
// d.w was written, and holds none any more, though it was not to answer. What the
// true result would have been does not matter then. Where d.w requests a process, a
// Device may withdraw one question to ask another and come back to the first: that
// it did not is known when the end was seen at over.
func (s *story) withdrawn(d disturbance, over int) (first sourceReport, found bool) {
	before, _ := s.reportBefore(d.w.n)
	if before.Holding == 0 || d.w.asks() != 0 && over == never {
		return first, false
	}
	for _, r := range s.reports {
		switch {
		case r.n < d.w.n || r.n > min(d.ep.upto, over):
		case found && d.w.asks() != 0 && (r.Holding > 0 || r.questions() > first.questions()):
			return first, false
		case !found && r.n < d.heldUpto && r.Holding == 0:
			first, found = r, true
		}
	}
	return first, found && !s.givenUp(d.ep, first.n)
}
