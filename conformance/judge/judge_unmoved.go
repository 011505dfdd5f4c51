package judge

import (
	"github.com/ocfsim/ocfsim/conformance"
	"github.com/ocfsim/ocfsim/ocf"
)

// zeroIgnored judges that b=0 written by a Client has no effect on the process
// (seed.txt 40-41, 54-55): idle nothing begins or changes; pending the process
// goes on. {tm: 64} writes U=0 as well; {tm: 128} writes V=0, but the update
// that it starts may clear the check's result, so SSU-12 alone judges that. A
// write of om alone, which has no tm at all, can have no more effect than a 0.
func zeroIgnored(bit ocf.DPM) rule {
	return func(s *story) []conformance.Finding {
		zero := func(w write) bool { return w.writesOnly(0) }
		all := s.nothingHappens(bit, zero)
		if bit == ocf.SSU {
			zero = func(w write) bool { return w.writesOnly(0) || w.writesOnly(ocf.SVV) }
		}
		for _, which := range []func(write) bool{zero, write.leavesTM} {
			for _, d := range s.disturbances(bit, which) {
				all = append(all, s.survives(d))
			}
		}
		return all
	}
}

// leavesTM reports whether w writes om and nothing else.
func (w write) leavesTM() bool {
	_, count := w.body.field("om")
	return w.ok && w.framed && count == 1 && len(w.body.fields) == 1
}

// nothingHappens judges writes to an idle Device that must neither start the
// process of bits nor change what cm says of it.
func (s *story) nothingHappens(bits ocf.DPM, which func(write) bool) []conformance.Finding {
	var all []conformance.Finding
	for _, w := range s.writes {
		if which(w) && s.idle(w.n) {
			all = append(all, s.unmoved(bits, w, which))
		}
	}
	return all
}

func (s *story) unmoved(bits ocf.DPM, w write, which func(write) bool) conformance.Finding {
	pre, _ := s.lastBefore(w.n)
	upto := s.disturbed(w.n, anyWrite)
	masks := bits & (ocf.SVV | ocf.SSU)
	want := pre.String() + ", as before"
	if x, ok := s.moved(w, upto, pre, masks); ok {
		if s.unseenMove(pre, w) {
			return open(x.N, want, "pstat changed, but dos was written before, and nobody had looked since")
		}
		if was, is := pre.Pstat.Rowner, x.Pstat.Rowner; was != is && !was.IsNil() && !is.IsNil() {
			return open(x.N, want, "pstat changed, but so did its owner: the Device was reset and owned anew")
		}
		if s.spontaneous() {
			return open(x.N, want, "pstat changed, but the Device may have begun a process by itself")
		}
		return s.unlessMissed(broken(x.N, want, x.String(), "%s, and pstat changed", w.event()))
	}
	if r, ok := s.newQuestion(w, bits, which); ok && !s.spontaneous() {
		return s.unlessAlone(broken(r.n, want, "the source was asked", "%s, and the trusted source was asked", w.event()))
	}
	for _, x := range s.asked(w.end, upto) {
		if s.privileged(x.Client) && s.at(x.Since) >= s.at(w.end)+s.target.Timing.Settle {
			return passed(x.N, want, x.String(), "%s was answered %s and changed nothing", w.says(), w.code)
		}
	}
	return open(w.n, want, "no GET a settle time after the write")
}

// moved is a sample that certainly shows an effect of w: a tm bit of masks, or
// another cm.
func (s *story) moved(w write, upto int, pre conformance.Sample, masks ocf.DPM) (conformance.Sample, bool) {
	for _, x := range s.samples {
		switch {
		case x.N >= upto || x.N <= w.n:
		case x.Notified && !s.quiet(x.Stream, w.n):
		case !x.Notified && x.Since < w.end:
		case x.Pstat.TM&masks != 0, (x.Pstat.CM^pre.Pstat.CM)&masks != 0 && (!x.Notified || pre.Before(x)):
			return x, true
		}
	}
	return conformance.Sample{}, false
}

// quiet reports whether no process was requested since stream was registered
// and before n, so that its next notification can't be a late one of those.
func (s *story) quiet(stream, n int) bool {
	for _, w := range s.writes {
		if w.n > stream && w.n < n && !w.refused() && w.asks() != 0 {
			return false
		}
	}
	return true
}

// newQuestion is the first report after w, before a write of another sort,
// that shows a question more than the last report before w; only writes of w's
// sort may lie between. For U alone only packages count.
func (s *story) newQuestion(w write, bits ocf.DPM, which func(write) bool) (report, bool) {
	before, ok := s.reportBefore(w.n)
	if !ok {
		return report{}, false
	}
	upto := never
	for _, v := range s.writes {
		if v.n < w.n && s.ranOn(v, before.n) {
			return report{}, false // the question may be v's
		}
		if v.n > before.n && !which(v) {
			upto = min(upto, v.n)
		}
	}
	for _, r := range s.reports {
		if r.n < w.end || r.n > upto {
			continue
		}
		if r.Fetches > before.Fetches || bits != ocf.SSU && r.asked() > before.asked() {
			return r, true
		}
	}
	return report{}, false
}

// ranOn reports whether what w requested was not seen to be over by n.
func (s *story) ranOn(w write, n int) bool {
	if w.refused() {
		return false
	}
	for _, bit := range []ocf.DPM{ocf.SVV, ocf.SSU} {
		if w.asks().Has(bit) && s.end(bit, w) > n {
			return true
		}
	}
	return false
}

// event is what w was, on an idle Device.
func (w write) event() string {
	if w.turned {
		return "Client " + w.client + " was refused a session by an idle Device"
	}
	return w.says() + " was written to an idle Device"
}

// says is what w wrote to tm, or to what else.
func (w write) says() string {
	if !w.ok {
		return "a payload that is no map"
	}
	text := ""
	for _, f := range w.body.fields {
		if text != "" {
			text += ", "
		}
		shown := f.value.String()
		if dos, ok := w.dos(); ok && f.name == "dos" {
			shown = dos.String()
		}
		text += f.name + "=" + shown
	}
	if text == "" {
		return "an empty map"
	}
	return text
}
