package judge

import (
	"math/rand/v2"
	"slices"
	"strings"
	"time"

	"github.com/ocfsim/ocfsim/conformance"
	"github.com/ocfsim/ocfsim/ocf"
)

// life is what one random Device is like: its variants, all of them compliant,
// and its bug, "" for none.
type life struct {
	clears     ocf.DPM       // what an update's start clears in cm
	begins     time.Duration // from the write to tm showing it
	works      time.Duration // from the source's answer to the result
	gap        time.Duration // from the result to the completion; 0 for both at once
	refuses    bool          // a request while a process is pending, with 4.00
	together   bool          // both processes at once, or one behind the other
	coalesces  bool          // states that follow at once are told as the last one
	ignores    bool          // undefined bits are ignored, or refused
	autonomous bool          // it declares processes of its own, and has some
	bug        string
}

// net is what one random network does.
type net struct {
	loses float64       // notifications
	late  float64       // notifications that come much later
	holes float64       // exchanges that end without an answer
	delay time.Duration // at most, one way
}

// world plays one random Device, its trusted source, the network between and a
// harness that does what scenarios do, into a Timeline.
type world struct {
	*rand.Rand
	life
	net
	tl     conformance.Timeline
	now    time.Duration
	events []event
	order  int

	tm, cm    ocf.DPM
	dos       ocf.DOS
	isop      bool
	sm        uint8
	installed bool // what is on offer
	offer     string
	down      bool
	procs     map[ocf.DPM]*proc
	watchers  []*watcher
	source    conformance.SourceReport
	holding   bool
	withheld  []func()
	settled   int // of coalesced notifications: the last one's order
	mid       uint16
	version   string
}

type event struct {
	at    time.Duration
	order int
	do    func()
}

// proc is a process of the Device.
type proc struct {
	bit          ocf.DPM
	queued, dead bool
	again        bool // its result is lost
}

// watcher is one observation of one Client.
type watcher struct {
	client string
	reg    int
	number uint32
	token  string
}

// after does f d later.
func (w *world) after(d time.Duration, f func()) {
	w.order++
	w.events = append(w.events, event{w.now + d, w.order, f})
}

// run does everything that is due, in order.
func (w *world) run() {
	for len(w.events) > 0 {
		k := 0
		for i, e := range w.events {
			if b := w.events[k]; e.at < b.at || e.at == b.at && e.order < b.order {
				k = i
			}
		}
		e := w.events[k]
		w.events = slices.Delete(w.events, k, k+1)
		w.now = e.at
		e.do()
	}
}

func (w *world) chance(p float64) bool { return w.Float64() < p }

// some is a random time up to d.
func (w *world) some(d time.Duration) time.Duration { return time.Duration(w.Int64N(int64(d) + 1)) }

func (w *world) add(o conformance.Observation) int {
	o.N, o.At = len(w.tl.Observations), w.now
	o.Decode()
	w.tl.Observations = append(w.tl.Observations, o)
	return o.N
}

// exchange sends a request; f is the Device's side and gives the answer.
func (w *world) exchange(client, code string, payload []byte, observe *uint32, f func(n int) *conformance.Frame, then func()) {
	w.mid++
	mid, token := w.mid, client+string(rune('a'+w.IntN(26)))
	if observe != nil {
		token = client
	}
	request := &conformance.Frame{Type: "CON", Code: code, MID: mid, Token: conformance.Hex(token), Path: ocf.PathPstat, Observe: observe, Payload: payload}
	if format := uint16(ocf.FormatOCFCBOR); payload != nil {
		request.Format = &format
	}
	n := w.add(conformance.Observation{Kind: conformance.Request, Client: client, Frame: request})
	arrives, lost := !w.chance(w.holes), w.chance(w.holes)
	w.after(w.some(w.delay), func() {
		if !arrives || w.down {
			w.after(4*time.Second, func() { w.add(conformance.Observation{Kind: conformance.Lost, Client: client, For: &n}); then() })
			return
		}
		answer := f(n)
		if lost {
			w.after(4*time.Second, func() { w.add(conformance.Observation{Kind: conformance.Lost, Client: client, For: &n}); then() })
			return
		}
		w.after(w.some(w.delay), func() {
			answer.Type, answer.MID, answer.Token, answer.Path = "ACK", mid, conformance.Hex(token), ocf.PathPstat
			w.add(conformance.Observation{Kind: conformance.Response, Client: client, For: &n, Frame: answer})
			then()
		})
	})
}

func (w *world) get(client string, then func()) {
	w.exchange(client, "GET", nil, nil, func(int) *conformance.Frame {
		return &conformance.Frame{Code: conformance.CodeContent, Payload: w.pstat()}
	}, then)
}

func (w *world) observe(client string, then func()) {
	zero := uint32(0)
	w.exchange(client, "GET", nil, &zero, func(n int) *conformance.Frame {
		w.watchers = slices.DeleteFunc(w.watchers, func(o *watcher) bool { return o.client == client })
		o := &watcher{client: client, reg: n, number: uint32(w.IntN(1 << 24)), token: client}
		w.watchers = append(w.watchers, o)
		number := o.number
		return &conformance.Frame{Code: conformance.CodeContent, Payload: w.pstat(), Observe: &number}
	}, then)
}

func (w *world) post(client string, u ocf.PstatUpdate, then func()) {
	w.exchange(client, "POST", u.AppendCBOR(nil), nil, func(int) *conformance.Frame {
		return &conformance.Frame{Code: w.takes(u)}
	}, then)
}

func (w *world) condition(name string, then func()) {
	w.add(conformance.Observation{Kind: conformance.Condition, Name: name, Outcome: conformance.Asked})
	w.after(w.some(10*time.Millisecond), func() {
		switch {
		case name == conformance.UpdateAvailable || name == conformance.NoUpdate || name == conformance.UpdateFails:
			w.offer, w.installed = name, false
		case name == conformance.Hold:
			w.holding = true
		case name == conformance.Release:
			w.holding, w.source.Holding = false, 0
			for _, f := range w.withheld {
				f()
			}
			w.withheld = nil
		case name == conformance.Reboot:
			w.down, w.watchers = true, nil
			w.after(500*time.Millisecond, func() { w.down = false })
		case strings.HasPrefix(name, "autonomous-"):
			b := ocf.SVV
			if name == conformance.AutonomousUpdate {
				b = ocf.SSU
			}
			w.after(w.some(300*time.Millisecond), func() { w.asks(b) })
		}
		w.add(conformance.Observation{Kind: conformance.Condition, Name: name, Outcome: conformance.Done})
		then()
	})
}

func (w *world) report(then func()) {
	r := w.source
	w.add(conformance.Observation{Kind: conformance.Source, Source: &r})
	then()
}
