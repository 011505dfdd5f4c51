package judge

import (
	"github.com/ocfsim/ocfsim/conformance"
	"github.com/ocfsim/ocfsim/ocf"
)

// observing is one observation of pstat, from its accepted registration to its end.
type observing struct {
	stream int // the registration's N
	client string
	from   int // the answer
	upto   int // what ended it: deregistration, an error, a restart of the Device; never for none
}

// observings are the observations of pstat that the Device accepted.
func (s *story) observings() []observing {
	var all []observing
	for i := range s.tl.Observations {
		o := &s.tl.Observations[i]
		if o.Kind == conformance.Response && o.For != nil && o.CarriesPstat() && o.Frame.Observe != nil {
			all = append(all, observing{*o.For, o.Client, i, s.observedUntil(i, o)})
		}
	}
	return all
}

// observedUntil is the end of the observation that the answer o, at i, began.
// A Device that restarts forgets its observers, which is no breach; it may do
// so in any update where it declares to.
func (s *story) observedUntil(i int, o *conformance.Observation) int {
	end := s.mayRestart(i)
	for n := i; n < min(end, len(s.tl.Observations)); n++ {
		e := &s.tl.Observations[n]
		switch e.Kind {
		case conformance.Lost:
			if s.tl.Unanswered(n) {
				return n
			}
		case conformance.Condition:
			if s.arrangesRestart(n) {
				return n
			}
		case conformance.Session:
			if e.Client == o.Client {
				return n
			}
		case conformance.Request:
			if s.resets(n) || e.Client == o.Client && e.Frame != nil && e.Frame.Path == ocf.PathPstat && e.Frame.Observe != nil {
				return n
			}
		case conformance.Message:
			if e.Client == o.Client && e.Frame != nil && e.Frame.Type == "RST" {
				return n
			}
		case conformance.Notification:
			if e.Frame != nil && s.tl.Registration(n) == *o.For && (e.Frame.Observe == nil || !conformance.Success(e.Frame.Code)) {
				return n
			}
		}
	}
	return end
}

// resets reports whether the request n takes the Device to RESET, where it has
// no observers.
func (s *story) resets(n int) bool {
	for _, w := range s.writes {
		if w.n == n {
			dos, ok := w.dos()
			return ok && dos == ocf.RESET && !w.refused()
		}
	}
	return false
}

// inReset reports whether at n the Device had been asked to reset itself, and
// was not seen in another state since.
func (s *story) inReset(n int) bool {
	for _, w := range s.writes {
		if w.end > n || !s.resets(w.n) {
			continue
		}
		last, ok := s.lastBefore(n)
		if !ok || last.Since < w.end || last.Pstat.DOS == ocf.RESET {
			return true
		}
	}
	return false
}

// nobodys reports whether the Device had no owner at n, as far as is known: it was last seen
// in RESET or RFOTM, or has been reset since.
func (s *story) nobodys(n int) bool {
	last, ok := s.lastBefore(n)
	if s.inReset(n) || ok && last.HasDOS() && (last.Pstat.DOS == ocf.RESET || last.Pstat.DOS == ocf.RFOTM) {
		return true
	}
	for i := max(last.N, 0); i < min(n, len(s.tl.Observations)); i++ {
		if s.arranges(i, conformance.FactoryReset) {
			return true
		}
	}
	return false
}

// mayRestart is when an update may have restarted the Device after n: once the
// source no longer holds its answer.
func (s *story) mayRestart(n int) int {
	if !s.target.Update.Reboots {
		return never
	}
	updating := never
	for _, w := range s.writes {
		if w.n > n && w.requests(ocf.SSU) {
			updating = min(updating, w.n)
		}
	}
	for _, x := range s.samples {
		if x.N > n && x.Pstat.TM.Has(ocf.SSU) {
			updating = min(updating, x.N)
		}
	}
	for _, g := range s.gates {
		if g.from < updating && updating < g.upto {
			return g.upto
		}
	}
	if updating == never {
		return never
	}
	return updating + 1
}

// active are the observations that stand at n, of Clients that may observe.
func (s *story) active(n int) []observing {
	var all []observing
	for _, o := range s.observings() {
		if o.from < n && n < o.upto && s.observer(o.client) {
			all = append(all, o)
		}
	}
	return all
}

// told is the first notification to o between from and upto that shows bit in tm.
func (s *story) told(o observing, bit ocf.DPM, from, upto int) (conformance.Sample, bool) {
	for _, x := range s.samples {
		if x.Notified && x.Stream == o.stream && between(x.N, from, upto) && x.Pstat.TM.Has(bit) {
			return x, true
		}
	}
	return conformance.Sample{}, false
}

// toldLate reports whether a notification to o between from and upto shows bit
// in tm, but with a number that makes it stale.
func (s *story) toldLate(o observing, bit ocf.DPM, from, upto int) bool {
	for i := max(from+1, 0); i < min(upto, len(s.tl.Observations)); i++ {
		e := &s.tl.Observations[i]
		if p, _, ok := e.Pstat(); ok && e.Kind == conformance.Notification && p.TM.Has(bit) && s.tl.Registration(i) == o.stream {
			return true
		}
	}
	return false
}

// lastTold is the newest state that o was shown, the registration's answer included.
func (s *story) lastTold(o observing) (conformance.Sample, bool) {
	var last conformance.Sample
	found := false
	for _, x := range s.samples {
		if x.Stream == o.stream && x.N < o.upto {
			last, found = x, true
		}
	}
	return last, found
}

// stateAtEnd is the state in which a Timeline ends before upto, as the last GET
// shows it. It is settled when a settle time has passed since a GET that was
// sent after told had arrived, and that showed this state: then an observer
// whose last news is told is due to have more.
func (s *story) stateAtEnd(told, upto int) (end conformance.Sample, settled, ok bool) {
	since := never
	for _, x := range s.samples {
		if x.N >= upto || x.Notified {
			continue
		}
		if ok && x.String() != end.String() {
			since = never
		}
		if x.Since > told {
			since = min(since, x.N)
		}
		end, ok = x, true
	}
	last := min(upto, len(s.tl.Observations)) - 1
	return end, since != never && s.at(last) >= s.at(since)+s.target.Timing.Settle, ok
}
