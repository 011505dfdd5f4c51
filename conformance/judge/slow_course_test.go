package judge

import (
	"time"

	"github.com/ocfsim/ocfsim/conformance"
	"github.com/ocfsim/ocfsim/ocf"
)

// laws are sentences of the course of a process of bit, each of which a model
// may hold a Device to or not.
type laws struct {
	bit   ocf.DPM
	truth uint8 // where this alone is the truth, cm.b is so at completion: bit 0 for "no", bit 1 for "yes"
	stays bool  // cm.b does not change after completion until something new
	due   bool  // tm.b is 0 within the declared time
	once  bool  // a request that meets a pending process begins no second one
	zero  bool  // a write of 0 may do anything, not nothing
	again bool  // a request that meets a pending process may do anything
	alone bool  // what any write does to a result is for others to judge
	calm  bool  // cm.b does not rise while the source holds its answer
	clear bool  // cm.b is 0 once the source holds its answer to the process
}

// life0 is what there is to know of a Device in a course.
type life0 struct {
	t, c        bool
	asks        uint8 // requests that may be on their way, or waiting
	may         uint8 // what the running process may conclude
	bound       bool  // cm.b has a result, which stays
	loose       bool  // a write that may do anything is on its way
	zeroed, hid bool  // 0 is being written, and tm.b may read 0 from then on though the process runs (ADR 0008)
	gated       bool  // the process has begun since the source withholds its answer
	start       bool  // an update may be about to start, which may clear cm.V
	u           bool  // of a check: tm.U, which falls when the update is over
}

func other(bit ocf.DPM) ocf.DPM { return (ocf.SVV | ocf.SSU).Without(bit) }

// course is the model of the laws over r. What no law forbids is free, but
// for one thing: tm.b rises only on a request, once for each.
func (r *annals) course(u laws) model[life0] {
	writes, truths := map[int]wrote{}, r.truths(u.bit)
	answered := map[int]wrote{}
	for _, w := range r.writes() {
		writes[w.n], answered[w.end] = w, w
	}
	dues, held, quiet, over := r.dues(), r.heldFor(u.bit), r.quiet(), r.over()
	closed := r.closed()
	zeroes := func(w wrote) bool {
		return w.effects && w.alone && (w.tm == 0 || u.bit == ocf.SSU && w.tm == ocf.SVV)
	}
	updates := u.bit == ocf.SVV && u.stays
	m := model[life0]{shows: func(h life0, p ocf.Pstat) bool {
		return p.TM.Has(u.bit) == (h.t && !h.hid) && p.CM.Has(u.bit) == h.c && (!updates || p.TM.Has(ocf.SSU) == h.u)
	}}
	for _, t := range []bool{false, true} {
		for _, c := range []bool{false, true} {
			m.start = append(m.start, life0{t: t, c: c, may: 3, bound: !t})
			if updates {
				m.start = append(m.start, life0{t: t, c: c, may: 3, bound: !t, u: true})
			}
		}
	}
	m.moves = func(h life0, i int) []life0 {
		var all []life0
		add := func(f func(n *life0)) {
			n := h
			f(&n)
			all = append(all, n)
		}
		flip := func(n *life0) { n.c = !n.c }
		if updates {
			add(func(n *life0) { n.u, n.start = !n.u, n.start && !n.u })
		}
		if !h.t && h.asks > 0 {
			for _, keep := range []bool{false, true} {
				add(func(n *life0) {
					n.t, n.asks, n.bound, n.may, n.c, n.gated = true, n.asks-1, false, truths[i], n.c && keep, closed[i]
				})
			}
		}
		if h.t && h.asks > 0 {
			add(func(n *life0) { n.asks-- })
			if u.again {
				add(func(n *life0) { n.loose = true })
			}
		}
		if h.t && (h.zeroed || h.hid) {
			add(func(n *life0) { n.hid = !n.hid })
		}
		if h.t && (!u.clear && !u.once || !held[i] || !held[max(i-1, 0)]) {
			for _, c := range []bool{false, true} {
				may := h.may
				if may&u.truth == 0 {
					may = 3 // no law of ours
				}
				if c && may&2 != 0 && (!u.calm || !h.gated) || !c && may&1 != 0 {
					add(func(n *life0) {
						n.t, n.c, n.bound, n.may, n.hid, n.zeroed, n.gated = false, c, true, 3, false, false, false
					})
				}
			}
		}
		if h.t && (!u.calm || h.c || !h.gated) {
			add(flip)
		}
		rises := u.calm && !h.c && h.asks > 0                           // of itself, before the start
		if !h.t && (!u.stays || !h.bound || h.start && h.c) && !rises { // the start of an update takes a result, and brings none
			add(flip)
		}
		if h.loose {
			add(func(n *life0) { n.t = !n.t })
			add(flip)
			add(func(n *life0) { n.loose, n.may = false, 3 })
		}
		return all
	}
	m.entry = func(h life0, i int) []life0 {
		o := r.tl.Observations[i]
		if x, is := r.next[i]; is && quiet[x.n] {
			h.bound = h.bound || !h.t // what rests is looked at from now on
		}
		if quiet[i] {
			h.start, h.bound = false, h.bound || !h.t
			if over[i] && h.t {
				return nil // hidden until now, and due before
			}
			if over[i] {
				h.asks, h.loose = 0, false
			}
		}
		if (u.clear || u.once) && held[i] && !h.t {
			return nil // the source holds its answer to nobody
		}
		if u.due && o.At > dues[i] {
			h.asks = 0
		}
		if h.t {
			h.may |= truths[i]
			h.gated = h.gated && closed[i]
			if u.clear && held[i] && h.gated && h.c {
				return nil
			}
			if (u.due || h.hid) && o.At > dues[i] {
				return nil
			}
		}
		if w, is := writes[i]; is && w.effects {
			if !w.alone {
				h.gated = false // cm may be written: DPM-12
			}
			if w.tm.Has(u.bit) {
				if !h.t {
					h.loose = false // what an idle Device made of a write, it has made
				}
				h.asks = min(h.asks+1, 2)
			}
			h.zeroed = h.zeroed || h.t && !w.tm.Has(u.bit)
			h.start = h.start || w.tm.Has(ocf.SSU) && u.bit == ocf.SVV
			if u.alone || w.tm > 255 || !w.alone {
				h.bound = false
			}
			if u.zero && zeroes(w) {
				h.loose = true
			}
		}
		if w, is := answered[i]; is && w.code != "" {
			h.zeroed = false
		}
		if w, is := answered[i]; is && u.once && w.code != "" && w.effects && w.tm.Has(u.bit) && h.t && held[i] {
			h.asks = 0 // it has met the pending process
		}
		if o.Kind == conformance.Condition && (o.Name == conformance.Reboot || o.Name == conformance.FactoryReset) {
			h.bound, h.may, h.asks = false, 3, min(h.asks+1, 2)
		}
		return []life0{h}
	}
	return m
}

// closed says for each entry whether the source withholds its answers, as a
// report of the time shows.
func (r *annals) closed() []bool {
	all := make([]bool, len(r.tl.Observations))
	for i, o := range r.tl.Observations {
		if o.Kind != conformance.Condition || o.Name != conformance.Hold || o.Outcome != conformance.Done {
			continue
		}
		upto := r.until(i, func(_ int, o conformance.Observation) bool {
			return o.Kind == conformance.Condition && (o.Name == conformance.Release || o.Name == conformance.Reboot)
		})
		if r.until(i, func(_ int, o conformance.Observation) bool {
			return o.Kind == conformance.Source && o.Source.Holding > 0
		}) < upto {
			for ; i < upto; i++ {
				all[i] = true
			}
		}
	}
	return all
}

// quiet says for each entry whether it shows that no process runs or waits.
func (r *annals) quiet() []bool {
	all := make([]bool, len(r.tl.Observations))
	for _, x := range r.looks {
		rests := x.stream < 0 && x.p.TM&(ocf.SVV|ocf.SSU) == 0
		for _, w := range r.writes() {
			if w.effects && w.n < x.n && w.tm&(ocf.SVV|ocf.SSU) != 0 {
				rests = rests && w.code != "" && w.end < x.since && r.at(x.since)-r.at(w.end) > r.tl.Header.Target.Timing.Settle
			}
		}
		all[x.n] = rests
	}
	return all
}

// over says for each entry whether nothing that was requested before can still
// begin: it was seen to be pending, and neither a 0 that was written since nor a
// restart may hide that it still is; or the time for it is over.
func (r *annals) over() []bool {
	all := make([]bool, len(r.tl.Observations))
	hidden, asked, shown, dues, quiet := false, ocf.DPM(0), ocf.DPM(0), r.dues(), r.quiet()
	writes := r.writes()
	for i, o := range r.tl.Observations {
		for _, w := range writes {
			if w.n == i && w.effects {
				hidden = hidden || asked.Without(w.tm) != 0
				asked, shown = asked|w.tm&bothBits, shown.Without(w.tm)
			}
		}
		hidden = hidden || o.Kind == conformance.Condition && (o.Name == conformance.Reboot || o.Name == conformance.FactoryReset)
		if o.At > dues[i] {
			hidden, shown = false, bothBits
		}
		if x, is := r.by[i]; is {
			shown |= x.p.TM & bothBits
		}
		if all[i] = quiet[i] && !hidden && asked.Without(shown) == 0; all[i] {
			asked, shown = 0, 0
		}
	}
	return all
}

func (r *annals) at(n int) time.Duration {
	return r.tl.Observations[min(n, len(r.tl.Observations)-1)].At
}

// dues is for each entry until when a process may be pending: the declared
// times of both after all that may have begun one or kept one.
func (r *annals) dues() []time.Duration {
	t := r.tl.Header.Target.Timing
	all := make([]time.Duration, len(r.tl.Observations))
	last, holding, asked, restart := time.Duration(0), false, ocf.DPM(0), time.Duration(0)
	writes := r.writes()
	for i, o := range r.tl.Observations {
		for _, w := range writes {
			if (w.n == i || w.end == i) && w.effects && w.tm&(ocf.SVV|ocf.SSU) != 0 {
				last, asked = o.At, asked|w.tm
			}
		}
		if o.Kind == conformance.Condition {
			switch {
			case o.Name == conformance.Hold:
				holding = true
			case o.Name == conformance.Release && o.Outcome == conformance.Done:
				holding, last = false, o.At
			case o.Name == conformance.Reboot:
				restart, last = t.Reboot, o.At
			}
		}
		all[i] = last + restart + t.Settle
		if asked.Has(ocf.SVV) {
			all[i] += t.Validation
		}
		if asked.Has(ocf.SSU) {
			all[i] += t.Update
		}
		if holding {
			all[i] = 1 << 62
		}
	}
	return all
}

// heldFor says for each entry whether the source is known to hold its answer to
// a process of bit, and to none other.
func (r *annals) heldFor(bit ocf.DPM) []bool {
	all := make([]bool, len(r.tl.Observations))
	before, last, held := conformance.SourceReport{}, conformance.SourceReport{}, false
	count := func(s conformance.SourceReport, b ocf.DPM) int {
		if b == ocf.SSU {
			return s.Fetches
		}
		return s.Checks
	}
	closed, since := false, time.Duration(0)
	for i, o := range r.tl.Observations {
		switch {
		case o.Kind == conformance.Condition && o.Name == conformance.Hold && o.Outcome == conformance.Done:
			closed, before = true, last
			before.Holding = 0 // what was withheld before went out
		case o.Kind == conformance.Condition && o.Name != conformance.Hold:
			closed = closed && o.Name != conformance.Release && o.Name != conformance.Reboot
			held = held && closed
		case o.Kind == conformance.Source && closed:
			if !held && o.Source.Holding > 0 && before.Holding == 0 && count(*o.Source, bit) > count(before, bit) && count(*o.Source, other(bit)) == count(before, other(bit)) {
				held, since = true, o.At
			}
		}
		if o.Kind == conformance.Source {
			last = *o.Source
		}
		t := r.tl.Header.Target.Timing
		all[i] = held && o.At-since < min(t.Validation, t.Update)/2
	}
	return all
}

// slowCourse judges a requirement by two models: what no way of the strict one
// explains is a breach of it if the lenient one explains it, and none of the
// others, which are lenient in other laws.
func (r *annals) slowCourse(strict, lenient laws, others ...laws) conformance.Verdict {
	if _, ok := explained(r, r.course(strict)); ok {
		return conformance.None
	}
	for _, u := range others {
		if _, ok := explained(r, r.course(u)); ok {
			return conformance.Inconclusive
		}
	}
	if _, ok := explained(r, r.course(lenient)); !ok {
		return conformance.Inconclusive
	}
	return conformance.Fail
}

// slowJudges are the requirements that are judged twice.
func slowJudges() map[string]func(r *annals) conformance.Verdict {
	all := map[string]func(r *annals) conformance.Verdict{}
	for name, bit := range map[string]ocf.DPM{"SVV": ocf.SVV, "SSU": ocf.SSU} {
		all[name+"-6"] = func(r *annals) conformance.Verdict {
			return r.slowCourse(laws{bit: bit, truth: 2, stays: true, alone: true, calm: bit == ocf.SSU}, laws{bit: bit, stays: true, alone: true})
		}
		all[name+"-7"] = func(r *annals) conformance.Verdict {
			return r.slowCourse(laws{bit: bit, truth: 1, stays: true, alone: true}, laws{bit: bit, stays: true, alone: true})
		}
		all[name+"-8"] = func(r *annals) conformance.Verdict {
			free := laws{bit: bit, again: true, zero: true}
			return r.slowCourse(laws{bit: bit, due: true, zero: true}, free)
		}
		all[name+"-9"] = func(r *annals) conformance.Verdict {
			strict := laws{bit: bit, truth: 3, stays: true, due: true}
			lenient := strict
			lenient.zero = true
			return r.slowCourse(strict, lenient, laws{bit: bit, stays: true, due: true}, laws{bit: bit, truth: 3, due: true}, laws{bit: bit, truth: 3, stays: true})
		}
		all[name+"-11"] = func(r *annals) conformance.Verdict {
			return r.slowCourse(laws{bit: bit, stays: true, alone: true}, laws{bit: bit})
		}
	}
	all["SVV-4"] = func(r *annals) conformance.Verdict {
		return r.slowCourse(laws{bit: ocf.SVV, clear: true, calm: true}, laws{bit: ocf.SVV})
	}
	all["SSU-4"], all["OBS-2"], all["OBS-3"], all["DPM-12"] = slowClears, slowPending, slowTold, slowReadOnly
	all["USE-3"] = func(r *annals) conformance.Verdict {
		worst := conformance.None
		for _, bit := range []ocf.DPM{ocf.SVV, ocf.SSU} {
			strict := laws{bit: bit, truth: 3, stays: true, due: true, once: true}
			lenient := laws{bit: bit, truth: 3, stays: true, due: true, again: true}
			untrue, moved, late := strict, strict, strict
			untrue.truth, moved.stays, late.due = 0, false, false
			worst = conformance.Worst(worst, r.slowCourse(strict, lenient, untrue, moved, late))
		}
		return worst
	}
	return all
}
