// Package fleet is the shell around many Devices of package sim: one UDP socket, the
// CoAP endpoint, observers, retransmission, timers and persistence. The destination
// address of a packet says which Device it is for, and the answer leaves from that
// address.
//
// With Config.Secure a second socket accepts DTLS sessions, each between one Client
// and one Device. The Device's Door decides at that moment who may open one. A
// request over a session is like any other request, with its Via set.
package fleet

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"log/slog"
	"math/rand/v2"
	"net/netip"
	"strings"
	"time"

	"github.com/plgd-dev/go-coap/v3/message"

	"github.com/ocfsim/ocfsim/ocf"
	"github.com/ocfsim/ocfsim/sim"
	"github.com/ocfsim/ocfsim/sim/source"
)

// Fleet is a set of Devices that can be reached over CoAP. Its methods may be called
// from any goroutine.
type Fleet struct {
	shard  *shard
	roll   roll
	world  World // nil if the source is not a World
	models func(i int) *sim.Model
}

// Open makes the Devices and their sockets. The caller must then call Serve or
// Close.
func Open(c Config) (*Fleet, error) {
	c.Listen = netip.AddrPortFrom(c.Listen.Addr().Unmap(), c.Listen.Port())
	if err := c.validate(); err != nil {
		return nil, fmt.Errorf("fleet: %w", &ConfigError{err})
	}
	if c.Log == nil {
		c.Log = slog.New(slog.DiscardHandler)
	}
	if c.Leisure == 0 {
		c.Leisure = min(time.Duration(c.Devices)*time.Millisecond, 5*time.Second)
	}
	if c.Virtual {
		c.Conn = newNowhere()
	}
	var err error
	f := &Fleet{models: c.Model}
	f.roll.fleet = f
	f.world, _ = c.Source.(World)
	if c.Source == nil {
		c.Source = nobody{}
	}
	if f.shard, err = openShard(&c); err != nil {
		return nil, fmt.Errorf("fleet: %w", err)
	}
	if err := f.build(&c); err != nil {
		_ = f.Close()
		return nil, fmt.Errorf("fleet: %w", err)
	}
	return f, nil
}

// openShard opens the sockets.
func openShard(c *Config) (*shard, error) {
	conn, book, err := connect(c, groupsOf(c.Listen.Addr()))
	if err != nil {
		return nil, err
	}
	if c.Beside {
		if err := readBeside(conn); err != nil {
			return nil, errors.Join(err, conn.Close())
		}
	}
	conn = tap(c.between(conn), c.Capture)
	sh := newShard(c, conn, book)
	sh.first, sh.stages, sh.drift = c.First, c.Stage, c.Drift
	sh.journal, sh.rerun = c.Journal, c.Rerun
	if c.Secure == nil {
		return sh, nil
	}
	secured, book, err := connectSecure(c)
	if err == nil {
		err = readBeside(secured) // handshakes compute meanwhile
	}
	if err == nil {
		sh.demux, err = newDemux(c.keys(), tap(c.between(secured), c.Capture), book, sh)
	}
	if err != nil {
		return nil, errors.Join(err, conn.Close())
	}
	return sh, nil
}

// connect makes the Conn, joins groups, and says which Device has which address.
func connect(c *Config, groups []netip.Addr) (Conn, *addressBook, error) {
	if c.Moves {
		return connectMoving(c, groups)
	}
	if len(c.Ranges) > 0 {
		return connectRanges(c)
	}
	if c.Conn == nil && c.PortPerDevice {
		addrs := make([]netip.AddrPort, c.Devices)
		for i := range addrs {
			addrs[i] = c.Listen
			if c.Listen.Port() != 0 {
				addrs[i] = netip.AddrPortFrom(c.Listen.Addr(), c.Listen.Port()+uint16(i))
			}
		}
		return listenEach(addrs, c.Log)
	}
	if c.PortPerDevice {
		list := make([]netip.AddrPort, c.Devices)
		for i := range list {
			list[i] = netip.AddrPortFrom(c.Listen.Addr(), c.Listen.Port()+uint16(i))
		}
		return c.Conn, listBook(list), nil
	}
	b, err := newBook(c.Listen, c.Devices)
	if err != nil || c.Conn != nil {
		return c.Conn, b, err
	}
	return listen(b, groups, c.Log)
}

func newShard(c *Config, conn Conn, book *addressBook) *shard {
	sh := &shard{
		setup: setup{
			count: c.Devices, models: c.Model, conn: conn, book: book, source: c.Source, store: c.Store, replay: c.Replay, log: c.Log, witness: c.Witness, watched: watchedBy(c.Watch), leisure: c.Leisure,
			seed: c.Seed,
		},
		mu:         mutex{began: time.Now(), virtual: c.Virtual},
		slots:      newSlots(c.Devices),
		rng:        rand.New(rand.NewPCG(c.Seed, 0x666c656574)),
		dedup:      newExchanges(cmp.Or(c.Dedup, defaultDedup)),
		audience:   newAudience(c.observers()),
		assemblies: assemblies{open: make(map[assemblyKey]*assembly), of: make(tally)},
		scratch:    scratch{frame: frame{options: make(message.Options, 0, maxOptions)}},
	}
	sh.prompt, _ = c.Source.(Prompt)
	sh.other = c.SourceOf
	if c.Witness != nil {
		sh.witnessed = make(map[int32]sim.State)
	}
	if !c.Listen.Addr().IsLoopback() {
		sh.strangers = newStrangers()
	}
	return sh
}

// build makes, restores and starts the Devices.
func (f *Fleet) build(c *Config) error {
	sh := f.shard
	var fail error
	sh.do(func() {
		sh.mu.at, sh.born = 0, 0 // however long it took to come here: two runs start them alike
		for i := range sh.count {
			if fail = sh.prepare(i); fail != nil {
				return
			}
		}
		if f.world != nil {
			f.offer(f.all(), true, func(int) sim.UpdateOutcome { return 0 })
		}
		for page := range sh.slots.pages {
			sh.startPage(page)
			sh.settle()
		}
	})
	return fail
}

// prepare looks at the model of Device i, and makes the Device if it has to be made now.
func (sh *shard) prepare(i int) error {
	m := sh.models(i)
	if m == nil {
		return fmt.Errorf("model: none for device %d", i)
	}
	if sh.stirred == nil && m.Messages().Sleep != (sim.Sleep{}) {
		sh.stirred = make([]time.Duration, sh.count)
	}
	if !sh.lazy() {
		if err := sh.restore(sh.early(i), m); err != nil {
			return err
		}
	}
	return sh.skip(i, m.Skips())
}

// skip tells a source that verifies packages which checks Device i leaves out. For any
// other source the Device's quirks say what it overlooks.
func (sh *shard) skip(i int, checks []string) error {
	asker, _ := sh.sourceOf(i)
	v, ok := asker.(Verifier)
	if !ok || len(checks) == 0 {
		return nil
	}
	return v.Skip(sh.identity(i).String(), checks)
}

// Serve answers requests until ctx is done or the socket fails. Then it closes the
// fleet.
func (f *Fleet) Serve(ctx context.Context) error {
	stop := context.AfterFunc(ctx, func() { _ = f.Close() })
	defer stop()
	sh := f.shard
	failed := make(chan error, 1)
	go func() {
		if sh.demux == nil {
			failed <- nil
			return
		}
		err := sh.read(sh.demux.conn, sh.demux.receiveAll)
		failed <- errors.Join(err, f.Close())
	}()
	err := sh.read(sh.conn, sh.receiveAll)
	return errors.Join(err, f.Close(), <-failed)
}

// Close ends Serve, every session and every timer. It may be called more than once.
func (f *Fleet) Close() error {
	f.shard.close()
	var err error
	if f.shard.demux != nil {
		err = f.shard.demux.close()
	}
	return errors.Join(err, f.shard.conn.Close())
}

// Len returns the number of Devices.
func (f *Fleet) Len() int { return f.shard.count }

// Addr returns the address of Device i.
func (f *Fleet) Addr(i int) netip.AddrPort { return f.shard.book.addr(i) }

// ID returns the uuid that Device i was made with. It identifies the Device to the
// trusted source, to Find and in the Store, and it depends only on the seed and
// i. DI is the uuid that the Device itself reports.
func (f *Fleet) ID(i int) ocf.UUID { return f.shard.identity(i) }

// State returns the state of Device i.
func (f *Fleet) State(i int) sim.State {
	f.shard.mu.Lock()
	defer f.shard.mu.Unlock()
	return f.shard.peek(i).device.State()
}

// Version returns the version of the software that Device i has installed.
func (f *Fleet) Version(i int) string {
	f.shard.mu.Lock()
	defer f.shard.mu.Unlock()
	return f.shard.peek(i).device.Version()
}

// Find returns the Devices with a uuid (original or present) or an address, where a
// Device that moves may have been before. The address may have a port and a prefix coap:// or coaps://. "" returns all Devices.
func (f *Fleet) Find(device string) ([]int, error) {
	if device == "" {
		all := make([]int, f.Len())
		for i := range all {
			all[i] = i
		}
		return all, nil
	}
	if id, err := ocf.ParseUUID(device); err == nil {
		if i, ok := f.findID(id); ok {
			return []int{i}, nil
		}
		return nil, fmt.Errorf("%w: %s", ErrNoDevice, device)
	}
	text := strings.TrimSuffix(strings.TrimPrefix(strings.TrimPrefix(device, "coap://"), "coaps://"), "/")
	if at, err := netip.ParseAddrPort(text); err == nil {
		if i, ok := f.shard.book.ever(at); ok {
			return []int{i}, nil
		}
		if d := f.shard.demux; d != nil {
			if i, ok := d.book.ever(at); ok {
				return []int{i}, nil
			}
		}
		return nil, fmt.Errorf("%w: %s", ErrNoDevice, device)
	}
	at, err := netip.ParseAddr(strings.Trim(text, "[]"))
	if err != nil {
		return nil, fmt.Errorf("%w: %q is neither a di nor an address", ErrNoDevice, device)
	}
	var found []int
	for i := range f.Len() {
		if f.Addr(i).Addr() == at {
			found = append(found, i)
		}
	}
	if len(found) != 1 {
		return nil, fmt.Errorf("%w: %d devices have the address %s", ErrNoDevice, len(found), device)
	}
	return found, nil
}

// SwitchOff takes power from Device i. It falls silent and loses what it does not
// save.
func (f *Fleet) SwitchOff(i int) {
	f.shard.do(func() {
		s := f.shard.slot(i)
		if s.is(unsavedMark) {
			f.shard.commit()
		}
		f.shard.switchOff(s)
	})
}

func (sh *shard) switchOff(s *slot) {
	s.mark(offMark, true)
	sh.power(WentDown, s)
	sh.alarm.stop(&s.wake)
	sh.forget(s)
	sh.forgetUnsaved(s)
	sh.enter(s, Entry{Kind: LostPower})
}

// SwitchOn gives power back to Device i, which boots at once. Where there is a Store,
// the Device is as the Store has it: what was not saved is gone. A record that can't
// be read has the Device start anew, and is logged.
func (f *Fleet) SwitchOn(i int) {
	sh := f.shard
	sh.do(func() {
		s, m := sh.slot(i), f.models(i)
		if !s.is(offMark) {
			return
		}
		s.mark(offMark|offlineMark, false)
		sh.power(CameUp, s)
		if sh.store == nil {
			s.device = m.Restore(s.device.Save())
		} else {
			s.device = m.Device(sh.identity(i), sh.seedOf(i))
			if err := sh.restore(s, m); err != nil {
				sh.log.Error("a Device starts anew", "device", sh.identity(i), "error", err)
			}
		}
		sh.start(s, sh.clock(s))
	})
}

// startFirst boots a Device when the fleet begins. The Journal need not be told where there is
// no Store: all Devices of the fleet begin like this.
func (sh *shard) startFirst(s *slot) {
	if sh.store != nil {
		sh.start(s, sh.clock(s))
		return
	}
	sh.scratch.effects = s.device.Start(sh.clock(s), sh.scratch.effects[:0])
	sh.carryOut(s, nil, sh.scratch.effects)
}

// start boots a Device at a time of its own clock.
func (sh *shard) start(s *slot, at time.Duration) {
	e := Entry{Kind: Started, At: at}
	if sh.journal != nil && sh.store != nil {
		kept := s.device.Save()
		e.Saved = &kept
	}
	sh.scratch.effects = s.device.Start(at, sh.scratch.effects[:0])
	sh.enter(s, e)
	sh.carryOut(s, nil, sh.scratch.effects)
}

// nobody is the trusted source of a fleet without one.
type nobody struct{}

// AskNow fails every question.
func (nobody) AskNow(source.Question) (source.Answer, bool) { return source.Answer{Failed: true}, true }

// Ask fails every question.
func (nobody) Ask(_ source.Question, reply func(source.Answer)) func() {
	t := time.AfterFunc(0, func() { reply(source.Answer{Failed: true}) })
	return func() { t.Stop() }
}
