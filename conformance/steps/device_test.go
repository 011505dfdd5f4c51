package steps

import (
	"bytes"
	"cmp"
	"context"
	"errors"
	"fmt"
	"slices"
	"sync"
	"time"

	"github.com/ocfsim/ocfsim/conformance"
	"github.com/ocfsim/ocfsim/ocf"
)

// lamp is the smallest Device that does what the seed says, with its trusted
// source and without a wire: enough to run every sentence against. The virtual
// Devices proper are in package sim, which this package must not know.
type lamp struct {
	profile conformance.Profile

	mu      sync.Mutex
	pstat   ocf.Pstat
	version int
	offers  bool // the source has newer software
	breaks  bool // installing it fails
	held    bool
	off     bool
	silence time.Duration // how long a request is repeated to a lamp that is off; 0: 500 ms
	report  conformance.SourceReport
	queue   []ocf.DPM // processes that wait for the one that runs
	running ocf.DPM
	answer  func() // of the question that the source withholds
	clients []*lampClient
	deaf    bool   // conditions are not supported
	mute    bool   // observers are not told
	stuck   bool   // a process that ends does not clear tm
	wide    bool   // a tm of more than 16 bits is taken, and shown
	shown   []byte // the tm that wide has taken, in CBOR; nil for none

	diesHeld bool          // its Clients break down when the gate is closed
	fatal    byte          // it goes off at a payload that begins with this; 0: at none
	late     time.Duration // after which an accepted process begins
	begins   func()        // called at the first write that asks for no process; nil: nothing is
	loses    int           // so many requests get lost, whatever is done to repeat them

	locks // of one that is secured
}

func newLamp() *lamp {
	return &lamp{
		profile: conformance.Profile{
			Name: "lamp", Endpoint: "coap://lamp", Supports: conformance.Supports{Validation: true, Update: true, Autonomous: true},
			Timing: conformance.Timing{Validation: 2 * time.Second, Update: 4 * time.Second, Settle: 200 * time.Millisecond, Reboot: 3 * time.Second},
			Update: conformance.Update{Version: "/oic/d#sv"},
		},
		pstat: ocf.Pstat{DOS: ocf.RFNOP, ISOP: true, OM: 4, SM: 4},
	}
}

func (l *lamp) Profile() conformance.Profile { return l.profile }

func (l *lamp) Client(_ context.Context, name string, rec *conformance.Recorder) (Client, error) {
	c := &lampClient{name: name, rec: rec, lamp: l, registration: -1}
	l.mu.Lock()
	defer l.mu.Unlock()
	if err := l.admit(c); err != nil {
		return nil, err
	}
	l.clients = append(l.clients, c)
	return c, nil
}

func (l *lamp) Condition(_ context.Context, name string) (*conformance.SourceReport, error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	if l.deaf {
		return nil, ErrUnsupported
	}
	switch name {
	case conformance.UpdateAvailable:
		l.offers, l.breaks = true, false
	case conformance.NoUpdate:
		l.offers, l.breaks = false, false
	case conformance.UpdateFails:
		l.offers, l.breaks = true, true
	case conformance.Hold:
		l.held = true
	case conformance.Release:
		l.held = false
		if answer := l.answer; answer != nil {
			l.answer, l.report.Holding = nil, 0
			time.AfterFunc(time.Millisecond, answer)
		}
	case conformance.AutonomousValidation:
		l.after(30*time.Millisecond, func() { l.start(ocf.SVV) })
	case conformance.AutonomousUpdate:
		l.after(30*time.Millisecond, func() { l.start(ocf.SSU) })
	case conformance.Reboot:
		l.off = true
		l.boots++
		for _, c := range l.clients {
			c.registration = -1
		}
		l.after(time.Second, func() { l.off = false })
	case conformance.ReportSource:
		report := l.report
		report.Version = l.sv()
		return &report, nil
	default:
		return nil, ErrUnsupported
	}
	return nil, nil
}

func (l *lamp) sv() string { return fmt.Sprintf("1.0.%d", l.version) }

// after calls f with the lock held.
func (l *lamp) after(d time.Duration, f func()) {
	time.AfterFunc(d, func() {
		l.mu.Lock()
		defer l.mu.Unlock()
		f()
	})
}

// start begins a process, or queues it behind the one that runs.
func (l *lamp) start(bit ocf.DPM) {
	if l.pstat.TM.Has(bit) {
		return
	}
	l.pstat.TM |= bit
	l.pstat.CM = l.pstat.CM.Without(bit | ocf.SVV)
	l.queue = append(l.queue, bit)
	l.notify()
	l.next()
}

func (l *lamp) next() {
	if l.running != 0 || len(l.queue) == 0 {
		return
	}
	l.running, l.queue = l.queue[0], l.queue[1:]
	if l.running == ocf.SVV {
		l.report.Checks++
	} else {
		l.report.Fetches++
	}
	answer := func() {
		l.mu.Lock()
		defer l.mu.Unlock()
		l.answered()
	}
	if l.held {
		l.answer, l.report.Holding = answer, 1
		return
	}
	time.AfterFunc(5*time.Millisecond, answer)
}

// answered ends the process that runs: the result first, then the completion.
func (l *lamp) answered() {
	bit := l.running
	if l.offers && !(bit == ocf.SSU && l.breaks) {
		l.pstat.CM |= bit
		if bit == ocf.SSU {
			l.version++
			l.report.Served++
		}
		l.notify()
	}
	l.after(5*time.Millisecond, func() {
		if !l.stuck {
			l.pstat.TM = l.pstat.TM.Without(bit)
			l.notify()
		}
		l.running = 0
		l.next()
	})
}

func (l *lamp) notify() {
	for _, c := range l.clients {
		if c.registration >= 0 && !l.mute && !l.off {
			c.number++
			n, registration := c.number, c.registration
			c.rec.Append(conformance.Observation{
				Kind: conformance.Notification, Client: c.name, For: &registration,
				Frame: &conformance.Frame{Type: "NON", Code: "2.05", Path: ocf.PathPstat, Observe: &n, Payload: l.representation()},
			})
		}
	}
}

func (l *lamp) representation() []byte {
	all := l.pstat.AppendCBOR(nil, ocf.InterfaceBaseline)
	if l.shown == nil {
		return all
	}
	return bytes.Replace(all, []byte("\x62tm\x00"), append([]byte("\x62tm"), l.shown...), 1)
}

// handle answers a request of the named Client to pstat.
func (l *lamp) handle(name string, c conformance.Call) (code string, payload []byte) {
	switch {
	case !l.permits(name, c):
		return "4.01", nil
	case c.Critical != 0:
		return "4.02", nil
	case c.Query == "if=oic.if.s" || c.Accept != nil && *c.Accept == ocf.FormatLinks:
		return "4.00", nil
	case c.Path != ocf.PathPstat:
		return "2.05", []byte{0xa0}
	case c.Method == "GET":
		return "2.05", l.representation()
	case c.Format == nil || *c.Format != ocf.FormatOCFCBOR:
		return "4.15", nil
	}
	u, err := ocf.DecodePstatUpdate(c.Payload)
	if _, tm, found := bytes.Cut(c.Payload, []byte("\x62tm")); found && l.wide {
		if l.shown = nil; tm[0] == 0x1a { // 32 bits follow
			l.shown = tm
			return "2.04", nil
		}
	}
	readOnly := ocf.PropCM | ocf.PropISOP | ocf.PropSM | ocf.PropP
	if err != nil || u.Set&readOnly != 0 || u.TM > 255 {
		return "4.00", nil
	}
	if u.Set.Has(ocf.PropDOS) && !legal(l.pstat.DOS, u.DOS) {
		return "4.00", nil
	}
	if u.Set.Has(ocf.PropDOS) && u.DOS == ocf.RESET {
		l.reset()
		return "2.04", nil
	}
	if u.Set.Has(ocf.PropDOS) && u.DOS != l.pstat.DOS {
		l.pstat.DOS, l.pstat.ISOP = u.DOS, u.DOS == ocf.RFNOP
		l.notify()
	}
	for _, bit := range []ocf.DPM{ocf.SVV, ocf.SSU} {
		if u.Set.Has(ocf.PropTM) && u.TM.Has(bit) {
			if l.late > 0 {
				l.after(l.late, func() { l.start(bit) })
				continue
			}
			l.start(bit)
		}
	}
	if begins := l.begins; begins != nil && u.TM&(ocf.SVV|ocf.SSU) == 0 {
		l.begins = nil
		begins()
	}
	return "2.04", nil
}

// lampClient is a Client of a lamp.
type lampClient struct {
	name         string
	rec          *conformance.Recorder
	lamp         *lamp
	registration int // -1 without one
	number       uint32
	boot         int  // of the Device, when the session was opened
	closed       bool // by the Device
}

func (c *lampClient) Do(ctx context.Context, call conformance.Call) (int, error) {
	if c.lamp.diesHeld && c.lamp.held {
		return -1, errors.New("socket closed")
	}
	return c.exchange(ctx, call, nil)
}

func (c *lampClient) exchange(ctx context.Context, call conformance.Call, observe *uint32) (int, error) {
	if ctx.Err() != nil {
		return 0, ctx.Err()
	}
	c.lamp.mu.Lock()
	n := c.rec.Append(conformance.Observation{
		Kind: conformance.Request, Client: c.name,
		Frame: &conformance.Frame{Type: "CON", Code: call.Method, Path: call.Path, Query: call.Query, Format: call.Format, Payload: call.Payload, Observe: observe},
	})
	if len(call.Payload) > 0 && call.Payload[0] == c.lamp.fatal {
		c.lamp.off = true
	}
	lost := c.lamp.loses > 0
	if lost {
		c.lamp.loses--
	}
	if c.lamp.off || lost {
		c.lamp.mu.Unlock()
		select {
		case <-time.After(cmp.Or(c.lamp.silence, 500*time.Millisecond)):
		case <-ctx.Done():
			return c.rec.Append(conformance.Observation{Kind: conformance.Note, Client: c.name, For: &n, Text: "given up"}), ctx.Err()
		}
		return c.rec.Append(conformance.Observation{Kind: conformance.Lost, Client: c.name, For: &n}), nil
	}
	defer c.lamp.mu.Unlock()
	if text, forgot := c.lamp.forgot(c); forgot {
		return c.rec.Append(conformance.Observation{Kind: conformance.Lost, Client: c.name, For: &n, Text: text}), nil
	}
	frame := &conformance.Frame{Type: "ACK", Path: call.Path, Observe: observe}
	frame.Code, frame.Payload = c.lamp.handle(c.name, call)
	if observe != nil && *observe == 0 && frame.Code == "2.05" {
		c.registration, c.number = n, 2
		number := c.number
		frame.Observe = &number
	}
	return c.rec.Append(conformance.Observation{Kind: conformance.Response, Client: c.name, For: &n, Frame: frame}), nil
}

func (c *lampClient) Observe(ctx context.Context, path, query string) (int, error) {
	return c.exchange(ctx, conformance.Call{Method: "GET", Path: path, Query: query}, new(uint32))
}

func (c *lampClient) Cancel(ctx context.Context) (int, error) {
	c.Forget(ctx)
	one := uint32(1)
	return c.exchange(ctx, conformance.Call{Method: "GET", Path: ocf.PathPstat}, &one)
}

func (c *lampClient) Forget(context.Context) error {
	c.lamp.mu.Lock()
	defer c.lamp.mu.Unlock()
	c.registration = -1
	return nil
}

func (c *lampClient) Close() error {
	c.lamp.mu.Lock()
	defer c.lamp.mu.Unlock()
	c.lamp.clients = slices.DeleteFunc(c.lamp.clients, func(o *lampClient) bool { return o == c })
	return nil
}
