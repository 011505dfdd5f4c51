package judge

import (
	"time"

	"github.com/ocfsim/ocfsim/conformance"
	"github.com/ocfsim/ocfsim/ocf"
)

// This file is the random Device's side of a world.

func (w *world) pstat() []byte {
	p := ocf.Pstat{DOS: w.dos, ISOP: w.isop, CM: w.cm, TM: w.tm, OM: 4, SM: w.sm}
	if w.bug == "hides tm" {
		p.TM = 0
	}
	return p.AppendCBOR(nil, ocf.InterfaceDefault)
}

// told sends the state to every observer, or the state it is a moment later.
func (w *world) told() {
	w.order++
	w.settled = w.order
	mine := w.order
	if !w.coalesces {
		w.tell()
		return
	}
	w.after(5*time.Millisecond, func() {
		if mine == w.settled {
			w.tell()
		}
	})
}

func (w *world) tell() {
	starting, ended := w.tm != 0, w.tm == 0
	for i, o := range w.watchers {
		switch {
		case w.bug == "mute at the start" && starting, w.bug == "mute at the end" && ended, w.bug == "tells the first" && i > 0:
			continue
		case w.bug == "counts back" && o.number > 20:
			o.number -= 5
		}
		o.number++
		number, payload := o.number, w.pstat()
		w.mid++
		f := &conformance.Frame{Type: "NON", Code: conformance.CodeContent, MID: w.mid, Token: conformance.Hex(o.token), Observe: &number, Path: ocf.PathPstat, Payload: payload}
		d := w.some(w.delay)
		if w.chance(w.loses) {
			continue
		}
		if w.chance(w.late) {
			d += w.some(3 * time.Second)
		}
		w.after(d, func() {
			w.add(conformance.Observation{Kind: conformance.Notification, Client: o.client, For: &o.reg, Frame: f})
		})
	}
}

// takes handles a write and says what the Device answers.
func (w *world) takes(u ocf.PstatUpdate) string {
	if u.Set&^(ocf.PropTM|ocf.PropDOS) != 0 {
		code := "4.00"
		if w.bug == "cm is writable" && u.Set.Has(ocf.PropCM) {
			w.cm, code = u.CM, "2.04"
		}
		if w.bug == "isop is writable" && u.Set.Has(ocf.PropISOP) {
			w.isop, code = u.ISOP, "2.04"
		}
		if w.bug == "refuses and acts" && u.Set.Has(ocf.PropTM) {
			w.asks(u.TM)
		}
		w.told()
		return code
	}
	if u.Set.Has(ocf.PropDOS) && u.DOS != w.dos {
		w.dos, w.isop = u.DOS, u.DOS == ocf.RFNOP
		w.told()
	}
	if !u.Set.Has(ocf.PropTM) {
		return "2.04"
	}
	m := u.TM
	switch {
	case w.bug == "high byte" && m > 255:
		m = m>>8 | m&255
	case m > 255 && !w.ignores:
		return "4.00"
	}
	if w.refuses && len(w.procs) > 0 && m&bothBits != 0 {
		return "4.00"
	}
	if w.bug == "192 sticks" && m == bothBits {
		w.tm = bothBits
		w.told()
		return "2.04"
	}
	if w.bug == "refuses V" && m&bothBits == ocf.SVV {
		return "4.00"
	}
	w.zeroed(m)
	w.asks(m)
	return "2.04"
}

// zeroed is what bugs make of the bits that a write has not.
func (w *world) zeroed(m ocf.DPM) {
	for _, b := range []ocf.DPM{ocf.SVV, ocf.SSU} {
		if m.Has(b) {
			continue
		}
		p := w.procs[b]
		switch {
		case p == nil && w.bug == "zero clears cm" && w.cm.Has(b):
			w.cm = w.cm.Without(b)
		case p == nil && w.bug == "zero starts" && m == 0:
			w.asks(b)
			continue
		case p != nil && w.bug == "zero aborts":
			p.dead, w.tm = true, w.tm.Without(b)
			delete(w.procs, b)
		case p != nil && w.bug == "zero alters":
			p.again = true
			continue
		case p != nil && w.bug == "zero hides":
			w.tm = w.tm.Without(b)
		default:
			continue
		}
		w.told()
	}
}

// asks begins what m requests.
func (w *world) asks(m ocf.DPM) {
	for _, b := range []ocf.DPM{ocf.SVV, ocf.SSU} {
		if !m.Has(b) {
			continue
		}
		if p := w.procs[b]; p != nil {
			switch w.bug {
			case "rewrite loses":
				p.again = true
			case "rewrite doubles":
				w.after(w.some(time.Second), func() { w.twice(b) })
			}
			continue
		}
		p := &proc{bit: b, queued: !w.together && len(w.procs) > 0}
		w.procs[b] = p
		if p.queued {
			w.tm = w.tm.With(b)
			w.told()
			continue
		}
		w.after(w.begins, func() { w.begin(p) })
	}
}

// twice shows a process a second time that was asked for once.
func (w *world) twice(b ocf.DPM) {
	if p := w.procs[b]; p != nil {
		w.after(200*time.Millisecond, func() { w.twice(b) })
		return
	}
	w.tm = w.tm.With(b)
	w.told()
	w.after(100*time.Millisecond, func() { w.tm = w.tm.Without(b); w.told() })
}

func (w *world) begin(p *proc) {
	if p.dead {
		return
	}
	p.queued = false
	w.tm = w.tm.With(p.bit)
	w.cm = w.cm.Without(w.cleared(p.bit))
	switch w.bug {
	case "sets cm at the start":
		w.cm = w.cm.With(p.bit)
	case "tm in the POST":
		w.tm = w.tm.Without(p.bit)
	case "no process":
		w.told()
		return
	}
	w.told()
	if w.bug == "fabricates" {
		w.after(w.works, func() { w.ends(p, true) })
		return
	}
	w.after(w.some(5*time.Millisecond), func() { w.consult(p) })
}

func (w *world) cleared(b ocf.DPM) ocf.DPM {
	switch {
	case w.bug == "keeps cm" || w.bug == "sets cm at the start":
		return 0
	case b == ocf.SSU:
		return w.clears
	}
	return b
}

// consult asks the source, which answers at once or when it is released.
func (w *world) consult(p *proc) {
	if p.bit == ocf.SSU {
		w.source.Fetches++
	} else {
		w.source.Checks++
	}
	answer := func() {
		available := w.offer != conformance.NoUpdate && !w.installed
		if p.bit == ocf.SSU {
			available = available && w.offer == conformance.UpdateAvailable
			if available {
				w.source.Served++
			}
		}
		w.after(w.works, func() { w.ends(p, available) })
	}
	if w.holding {
		w.source.Holding++
		w.withheld = append(w.withheld, answer)
		return
	}
	answer()
}

// ends shows the result and the completion of p.
func (w *world) ends(p *proc, good bool) {
	if p.dead {
		return
	}
	if p.bit == ocf.SSU && good {
		w.installed, w.version = true, "1.0.1"
	}
	switch {
	case w.bug == "inverts":
		good = !good
	case w.bug == "always 0" || p.again:
		good = false
	case w.bug == "always 1":
		good = true
	}
	result := func() {
		w.cm = w.cm.Without(p.bit)
		if good {
			w.cm = w.cm.With(p.bit)
		}
	}
	done := func() {
		w.tm = w.tm.Without(p.bit)
		delete(w.procs, p.bit)
		w.next()
	}
	if w.bug == "tm before cm" {
		done()
		w.told()
		w.after(60*time.Millisecond, func() { result(); w.told() })
		return
	}
	result()
	if w.bug == "never completes" {
		w.told()
		return
	}
	if w.gap == 0 {
		done()
		w.told()
	} else {
		w.told()
		w.after(w.gap, func() { done(); w.told() })
	}
	if w.bug == "cm flips later" {
		w.after(w.gap+300*time.Millisecond, func() { w.cm ^= p.bit; w.told() })
	}
}

// next begins what was queued.
func (w *world) next() {
	for _, b := range []ocf.DPM{ocf.SVV, ocf.SSU} {
		if p := w.procs[b]; p != nil && p.queued {
			w.after(w.some(5*time.Millisecond), func() { w.begin(p) })
			return
		}
	}
}
