package fleet

import (
	"errors"
	"log/slog"
	"math/rand/v2"
	"net"
	"net/netip"
	"sync"
	"time"

	"github.com/ocfsim/ocfsim/sim"
)

// maxOptions is how many options a message may carry.
const maxOptions = 64

// maxFailures is how many reads may fail in a row before a socket counts as broken.
const maxFailures = 100

// shard is a set of Devices with everything that belongs to them: one lock, one
// Conn, one wheel of timers. It hands all Effects of an Event to the Conn before it
// releases the lock, so packets leave in the order of states.
type shard struct {
	setup
	stats counters

	mu         mutex
	closed     bool
	slots      slots         // of the Devices; see pages.go
	born       time.Duration // when they were started
	alarm      alarm
	rng        *rand.Rand
	dedup      exchanges
	sweep      sweep
	assemblies assemblies
	audience   audience
	tellings   tellings
	gatherings []*gathering // multicast requests that are being answered, the oldest first
	strangers  *strangers
	scratch    scratch
	hearing    hearing
	unsaved    unsaved
	demux      *demux              // nil: plain CoAP only
	pins       map[int32]string    // the last PIN of each Device that has shown one
	witnessed  map[int32]sim.State // what the Witness was told last; nil without one
	sayings    []*saying           // what a Replay has Devices say later
	former     map[int32]former    // what a Replay may open sessions with; nil without one
	happened   uint64              // Events, requests not included
}

// setup holds what does not change after Open.
type setup struct {
	conn    Conn
	book    *addressBook
	source  Asker
	prompt  Prompt            // the source, if it may answer at once; nil: it never does
	other   func(i int) Asker // the source of Device i where it is another one; nil: none has
	count   int               // of Devices
	models  func(i int) *sim.Model
	first   int                                 // number of the first Device
	stages  func(i int, stage sim.Stage) Strike // nil: nobody
	drift   func(i int) float64                 // how much faster the clock of Device i goes, in ppm; nil: none drifts
	store   Store                               // nil: the state is not kept
	replay  Replay                              // nil: the Devices answer themselves
	log     *slog.Logger
	witness Witness // nil: nobody
	watched watching
	leisure time.Duration
	seed    uint64
	journal Journal         // nil: nobody
	rerun   bool            // the Devices do again what a Journal was told
	stirred []time.Duration // when each Device last heard or sent something; nil: none of them sleeps
}

// mutex is a lock that looks at the clock when it is taken, if there is a clock. Whatever
// happens until it is released happens at one time.
type mutex struct {
	sync.Mutex
	began   time.Time
	at      time.Duration // since began
	virtual bool          // Pass alone moves at
}

// Lock takes the lock.
func (m *mutex) Lock() {
	m.Mutex.Lock()
	if !m.virtual {
		m.at = time.Since(m.began)
	}
}

// alarm holds all timers, and the one runtime timer that rings for the earliest of
// them.
type alarm struct {
	timers
	timer *time.Timer
	rings time.Duration // when the runtime timer rings; 0: it is not running
}

// scratch is memory that one packet after another uses.
type scratch struct {
	out     outbox
	frame   frame
	request request
	event   sim.Event
	peer    netip.AddrPort // who had sent event, where it is repeated
	effects []sim.Effect
	payload []byte
	news    news
	names   names
	tried   slot // by waits
	glanced int  // what foresee has seen; a look without a use would be left out by the compiler
}

// slot is a Device and its place in the fleet.
type slot struct {
	device  sim.Device
	ram     *ram // nil while there is nothing in it
	wake    timer
	index   int32
	mid     uint16 // last message id that the Device used
	boot    uint16 // counts how often the Device has lost its RAM
	observe uint32 // last Observe number of any observation, in the lower 24 bits; marks above
}

// mark is a fact about a slot, in the bits above those of observe.
type mark uint32

// The marks of a slot.
const (
	offlineMark  mark = 1 << (24 + iota) // the Device itself went offline
	offMark                              // it was switched off
	unsavedMark                          // its state is to be saved
	observedMark                         // somebody observes it
	endedMark                            // the last Observe number was sent in an observation that has ended
)

func (s *slot) is(m mark) bool { return mark(s.observe)&m != 0 }

func (s *slot) mark(m mark, on bool) {
	s.observe &^= uint32(m)
	if on {
		s.observe |= uint32(m)
	}
}

// observed is the last Observe number of any observation.
func (s *slot) observed() uint32 { return s.observe & observeMask }

// setObserved makes n, of 24 bits, the last Observe number.
func (s *slot) setObserved(n uint32) { s.observe = s.observe&^observeMask | n }

// ram is what a Device loses when its power goes off.
type ram struct {
	asks     []*ask
	sessions []*session
	later    []*later
	noted    *noted // for hooks; nil until a hook needs it
}

// memory returns s's RAM, and makes it if it does not exist.
func (s *slot) memory() *ram {
	if s.ram == nil {
		s.ram = new(ram)
	}
	return s.ram
}

// rest gives the RAM of a Device back if nothing is in it.
func (sh *shard) rest(s *slot) {
	if m := s.ram; m != nil && len(m.asks)+len(m.sessions)+len(m.later) == 0 && m.noted == nil {
		s.ram = nil
	}
}

func (s *slot) reachable() bool { return !s.is(offlineMark | offMark) }

func (s *slot) nextMID() uint16 {
	s.mid++
	return s.mid
}

// expire gives the Device its Due event.
func (s *slot) expire(sh *shard) {
	sh.event(sim.Due)
	sh.applyScratch(s)
}

// now is the time since the fleet began, at which the lock was taken.
func (sh *shard) now() time.Duration { return sh.mu.at }

// do runs f with the lock held, and then sends the packets that f has produced.
func (sh *shard) do(f func()) {
	sh.mu.Lock()
	defer sh.mu.Unlock()
	if sh.closed {
		return
	}
	f()
	sh.settle()
}

// settle sends the packets in the outbox, gives the Devices what the trusted source has
// answered at once, and sets the alarm for the next timer.
func (sh *shard) settle() {
	sh.finish()
	if sh.mu.virtual {
		return
	}
	at, ok := sh.alarm.next()
	if !ok || sh.closed || sh.alarm.rings > 0 && sh.alarm.rings <= at {
		return
	}
	sh.alarm.rings = max(at, 1)
	wait := max(at-time.Since(sh.mu.began), 0)
	if sh.alarm.timer == nil {
		sh.alarm.timer = time.AfterFunc(wait, sh.ring)
		return
	}
	sh.alarm.timer.Reset(wait)
}

// finish sends the packets in the outbox, and gives the Devices what the trusted source has
// answered at once.
func (sh *shard) finish() {
	sh.flush()
	sh.hear()
	sh.saveInTime()
}

// crowd is to how many Devices something happens before their packets are sent, their
// questions are answered, and others get the lock: however many Devices do something at
// once, only so many are half done.
const crowd = 1024

// ring expires timers that are due. If there are more of them than a crowd, the alarm rings
// for the others at once.
func (sh *shard) ring() {
	sh.do(func() {
		sh.alarm.rings = 0
		now := sh.now()
		for range crowd {
			owner := sh.alarm.due(now)
			if owner == nil {
				return
			}
			owner.expire(sh)
		}
	})
}

// read serves a Conn until it is closed. It passes packets that arrived together to
// receive.
func (sh *shard) read(conn Conn, receive func([]Packet)) error {
	const apart = maxDatagram + 64 // buffers a power of two apart would share few lines of the cache
	packets := make([]Packet, batchSize)
	buffers := make([]byte, batchSize*apart)
	used := batchSize // only these packets are not as they are to be
	for failures := 0; ; {
		for i := range packets[:used] {
			packets[i] = Packet{Data: buffers[i*apart : i*apart : i*apart+maxDatagram]}
		}
		n, err := conn.ReadBatch(packets)
		used = n
		if errors.Is(err, net.ErrClosed) {
			return nil
		}
		if err != nil {
			if failures++; failures > maxFailures {
				return err
			}
			sh.log.Warn("read", "error", err)
			continue
		}
		failures = 0
		receive(packets[:n])
	}
}

// receiveAll handles packets that arrived together.
func (sh *shard) receiveAll(packets []Packet) {
	sh.mu.Lock()
	defer sh.mu.Unlock()
	if sh.closed {
		return
	}
	sh.foresee(packets)
	for i := range packets {
		sh.receive(&packets[i])
	}
	sh.settle()
}

// close stops everything that could still call the shard.
func (sh *shard) close() {
	sh.mu.Lock()
	defer sh.mu.Unlock()
	if !sh.closed {
		sh.commit()
	}
	sh.closed = true
	if sh.alarm.timer != nil {
		sh.alarm.timer.Stop()
	}
	for s := range sh.made() {
		sh.endSessions(s, politely)
		sh.forget(s)
	}
}

// forget clears a Device's RAM.
func (sh *shard) forget(s *slot) {
	s.boot++
	sh.endSessions(s, silently)
	for _, a := range sh.assemblies.open {
		if a.key.device == int(s.index) {
			sh.dropAssembly(a)
		}
	}
	sh.dropObservers(s, 0)
	if s.ram == nil {
		return
	}
	sh.leaveSource(s)
	for _, l := range s.ram.later {
		sh.alarm.stop(&l.timer)
	}
	s.ram = nil
}

// leaveSource withdraws the Device's questions from the trusted source.
func (sh *shard) leaveSource(s *slot) {
	sh.hearing.withdraw(s)
	if s.ram == nil {
		return
	}
	for _, a := range s.ram.asks {
		a.cancel()
	}
	s.ram.asks = nil
}
