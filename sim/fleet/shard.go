package fleet

import (
	"errors"
	"log/slog"
	"math/rand/v2"
	"net"
	"sync"
	"time"

	"github.com/plgd-dev/go-coap/v3/message"

	"github.com/ocfsim/ocfsim/sim"
)

// maxOptions is how many options a message may carry.
const maxOptions = 64

// maxFailures is how many reads may fail in a row before a socket counts as broken.
const maxFailures = 100

// shard is a set of Devices with everything that belongs to them: one lock, one
// Conn, one heap of timers. It hands all Effects of an Event to the Conn before it
// releases the lock, so packets leave in the order of states.
type shard struct {
	setup
	stats counters

	mu         sync.Mutex
	closed     bool
	slots      []slot
	alarm      alarm
	rng        *rand.Rand
	dedup      exchanges
	assemblies assemblies
	observers  int          // observations of all Devices
	gatherings []*gathering // multicast requests that are being answered, the oldest first
	strangers  *strangers
	scratch    scratch
	unsaved    unsaved
	demux      *demux              // nil: plain CoAP only
	pins       map[int32]string    // the last PIN of each Device that has shown one
	witnessed  map[int32]sim.State // what the Witness was told last; nil without one
	sayings    []*saying           // what a Replay has Devices say later
}

// setup holds what does not change after Open.
type setup struct {
	conn    Conn
	book    *addressBook
	source  Asker
	store   Store  // nil: the state is not kept
	replay  Replay // nil: the Devices answer themselves
	log     *slog.Logger
	witness Witness // nil: nobody
	leisure time.Duration
	seed    uint64
	began   time.Time
	sleeps  bool // some of the Devices sleep
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
	effects []sim.Effect
	payload []byte
	options message.Options
	values  []byte
}

// slot is a Device and its place in the fleet.
type slot struct {
	device  sim.Device
	wake    timer
	index   int32
	mid     uint16        // last message id that the Device used
	boot    uint16        // counts how often the Device has lost its RAM
	offline bool          // the Device itself went offline
	off     bool          // it was switched off
	unsaved bool          // its state is to be saved
	observe uint32        // last Observe number of any observation, 24 bits
	stirred time.Duration // when it last heard or sent something, if any Device of the fleet sleeps
	ram     *ram
}

// ram is what a Device loses when its power goes off.
type ram struct {
	observers []*observer
	asks      []*ask
	sessions  []*session
	later     []*later
	noted     *noted // for hooks; nil until a hook needs it
}

// memory returns s's RAM, and makes it if it does not exist.
func (s *slot) memory() *ram {
	if s.ram == nil {
		s.ram = new(ram)
	}
	return s.ram
}

func (s *slot) reachable() bool { return !s.offline && !s.off }

func (s *slot) nextMID() uint16 {
	s.mid++
	return s.mid
}

// expire gives the Device its Due event.
func (s *slot) expire(sh *shard) {
	sh.apply(s, &sim.Event{Kind: sim.Due})
}

func (sh *shard) now() time.Duration { return time.Since(sh.began) }

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

// settle sends the packets in the outbox and sets the alarm for the next timer.
func (sh *shard) settle() {
	sh.flush()
	at, ok := sh.alarm.next()
	if !ok || sh.closed || sh.alarm.rings > 0 && sh.alarm.rings <= at {
		return
	}
	sh.alarm.rings = max(at, 1)
	wait := max(at-sh.now(), 0)
	if sh.alarm.timer == nil {
		sh.alarm.timer = time.AfterFunc(wait, sh.ring)
		return
	}
	sh.alarm.timer.Reset(wait)
}

// ring expires the timers that are due.
func (sh *shard) ring() {
	sh.do(func() {
		sh.alarm.rings = 0
		now := sh.now()
		for owner := sh.alarm.due(now); owner != nil; owner = sh.alarm.due(now) {
			owner.expire(sh)
		}
	})
}

// read serves a Conn until it is closed. It passes packets that arrived together to
// receive.
func (sh *shard) read(conn Conn, receive func([]Packet)) error {
	packets := make([]Packet, batchSize)
	buffers := make([]byte, batchSize*maxDatagram)
	for failures := 0; ; {
		for i := range packets {
			packets[i] = Packet{Data: buffers[i*maxDatagram : i*maxDatagram : (i+1)*maxDatagram]}
		}
		n, err := conn.ReadBatch(packets)
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
	for i := range packets {
		sh.receive(&packets[i])
	}
	sh.settle()
}

// close stops everything that could still call the shard.
func (sh *shard) close() {
	sh.mu.Lock()
	defer sh.mu.Unlock()
	sh.closed = true
	if sh.alarm.timer != nil {
		sh.alarm.timer.Stop()
	}
	for i := range sh.slots {
		sh.endSessions(&sh.slots[i], politely)
		sh.forget(&sh.slots[i])
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
	if s.ram == nil {
		return
	}
	for len(s.ram.observers) > 0 {
		sh.dropObserver(s, s.ram.observers[0])
	}
	s.leaveSource()
	for _, l := range s.ram.later {
		sh.alarm.stop(&l.timer)
	}
	s.ram = nil
}

// leaveSource withdraws the Device's questions from the trusted source.
func (s *slot) leaveSource() {
	if s.ram == nil {
		return
	}
	for _, a := range s.ram.asks {
		a.cancel()
	}
	s.ram.asks = nil
}
