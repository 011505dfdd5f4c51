package judge

import (
	"slices"

	"github.com/ocfsim/ocfsim/conformance"
	"github.com/ocfsim/ocfsim/ocf"
)

// nothingHappens judges the writes of a kind to an idle Device, which must neither
// start the processes of bits nor change what cm says of them.
func (s *story) nothingHappens(bits ocf.DPM, which func(write) bool) []conformance.Finding {
	var all []conformance.Finding
	for _, w := range s.writes {
		if which(w) && s.idle(w.n) {
			all = append(all, s.unmoved(bits, w, which).About(w.n))
		}
	}
	return all
}

func (s *story) unmoved(bits ocf.DPM, w write, which func(write) bool) conformance.Finding {
	pre, _ := s.lastBefore(w.n)
	upto := s.disturbed(w.n, anyWrite)
	masks := bits & s.processes()
	want := pre.String() + ", as before"
	if x, ok := s.moved(w, upto, pre, masks); ok {
		if s.unseenMove(pre, w) {
			return open(x.N, want, "pstat changed, but dos was moved or the Device restarted before, and nobody had looked since")
		}
		if was, is := pre.Pstat.Rowner, x.Pstat.Rowner; was != is && !was.IsNil() && !is.IsNil() {
			return open(x.N, want, "pstat changed, but so did its owner: the Device was reset and owned anew")
		}
		if s.spontaneous() {
			return open(x.N, want, "pstat changed, but the Device may have begun a process by itself")
		}
		f := broken(x.N, want, x.String(), "%s, and pstat changed", w.event())
		return s.unlessBegun(f, w, pre)
	}
	if r, ok := s.newQuestion(w, bits, which); ok && !s.spontaneous() {
		before, _ := s.reportBefore(w.n)
		return s.unlessAlone(broken(r.n, want, "the source was asked", "%s, and the trusted source was asked", w.event()), before.n)
	}
	for _, x := range s.looks(w.end, upto) {
		if s.privileged(x.Client) && s.at(x.Since) >= s.at(w.end)+s.target.Timing.Settle {
			f := passed(x.N, want, x.String(), "%s was answered %s and changed nothing", w.says(), w.code)
			return s.unlessDoubted(f, w, upto, pre, func(x conformance.Sample) bool { return x.Pstat.TM&masks != 0 || (x.Pstat.CM^pre.Pstat.CM)&masks != 0 })
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
		case !s.afterWrite(x, pre, w) && !(x.Notified && s.quiet(x.Stream, w.n) && x.Pstat.TM&masks != 0):
		case x.Pstat.TM&masks != 0, (x.Pstat.CM^pre.Pstat.CM)&masks != 0:
			return x, true
		}
	}
	return conformance.Sample{}, false
}

// quiet reports whether no process was requested between the registration of
// stream and n: then no notification after n can be a late one of a process before.
func (s *story) quiet(stream, n int) bool {
	for _, w := range s.writes {
		if between(w.n, stream, n) && !w.refused() && w.asks() != 0 {
			return false
		}
	}
	return true
}

// outdated reports whether the Device may have been otherwise than pre shows when w came: since
// that look began, it was restarted or reset, or a write that changes accepts was not refused.
func (s *story) outdated(pre conformance.Sample, w write, changes func(write) bool) bool {
	since := lookBegan(pre)
	return s.restartedSince(pre, w.n) || slices.ContainsFunc(s.writes, func(v write) bool {
		return changes(v) && v.n < w.n && v.end > since && !v.refused()
	})
}

// unseenMove reports whether dos, and cm with it, may have changed between pre and w: a write
// moves dos, or the Device was restarted or reset.
func (s *story) unseenMove(pre conformance.Sample, w write) bool {
	return s.outdated(pre, w, write.moves)
}

// moves reports whether w asks for a dos.
func (w write) moves() bool {
	_, ok := w.dos()
	return ok
}

// unanswered are the writes to an idle Device that it did not answer at all.
func (s *story) unanswered(which func(write) bool) []conformance.Finding {
	var all []conformance.Finding
	for _, w := range s.writes {
		if which(w) && s.ignored(w) && s.idle(w.n) {
			all = append(all, unseen(broken(w.end, "an answer", "no answer", "the Device did not answer %s", w.says())).About(w.n))
		}
	}
	return all
}

// event is what w was, on an idle Device.
func (w write) event() string {
	if w.turned {
		return "Client " + w.client + " was refused a session by an idle Device"
	}
	return w.says() + " was written to an idle Device"
}
