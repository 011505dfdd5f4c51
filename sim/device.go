package sim

import (
	"math"
	"time"

	"github.com/ocfsim/ocfsim/ocf"
)

// Device is one virtual OCF Device: a small value whose methods take an Event and
// return Effects. It is not safe for concurrent use, and it must not be copied while
// in use.
type Device struct {
	*trust          // the model, and whom the Device trusts
	id     ocf.UUID // the identity it was born with
	agenda
	random  uint32
	tm, cm  ocf.DPM
	version uint16 // installed: 1.0.<version>
	offered uint16 // version in the package that was fetched
	ask     uint16 // number of the last question to the source
	flags   flags
	dos     ocf.DOS
	progress
	starts uint8 // autonomous processes started so far
}

// agenda holds the times when a Device next has something to do of its own accord; never
// if there is nothing.
type agenda struct {
	work time.Duration // when the running process or the restart goes on
	own  time.Duration // when the next autonomous process starts
}

// next is the earlier of the two times.
func (a *agenda) next() time.Duration { return min(a.work, a.own) }

// progress is how far a Device has come with its processes.
type progress struct {
	run   mode  // the process that runs, 0 for none
	queue mode  // the processes that wait until run ends
	stage stage // how far run has come
	step  uint8 // the next step of the update's script
	tries uint8 // how often run's questions have failed
	// ending is what run ends with unless it succeeds; a power cut clears it.
	ending ocf.UpdateResult
}

// mode is a set of processes. V and U are the bits that they have in a dpmtype; N, which
// only a later edition has, lies in the high byte there.
type mode uint8

// The processes of a Device.
const (
	availability mode = 1 // is there something newer? Only in a later edition
	validation        = mode(ocf.SVV)
	update            = mode(ocf.SSU)

	everything = availability | validation | update
)

// bits are the processes of m in a dpmtype.
func (m mode) bits() ocf.DPM {
	bits := ocf.DPM(m &^ availability)
	if m&availability != 0 {
		bits |= ocf.NSA
	}
	return bits
}

// modeOf are the processes that tm names, by whichever edition.
func modeOf(tm ocf.DPM) mode {
	m := mode(tm & (ocf.SVV | ocf.SSU))
	if tm.Has(ocf.NSA) {
		m |= availability
	}
	return m
}

// next is the process of m that runs first.
func (m mode) next() mode {
	switch {
	case m&availability != 0:
		return availability
	case m&validation != 0:
		return validation
	}
	return update
}

// flags are the small facts about a Device. The two bits of arranged hold an
// Outcome; they are 0 if nobody arranged one.
type flags uint16

const (
	arranged flags = 3
	found    flags = 1 << (iota + 1) // the source has something newer
	fetched                          // the complete package is here
	chained                          // the update waits for the result of the check
	away                             // the update has left RFNOP and will come back
	off                              // the Device is without power

	durable = arranged | found | chained | away

	// borrowed masks the bits of Saved.Flags that the reference leaves to quirks.
	borrowed uint16 = 0x3f00
)

func (f flags) has(b flags) bool { return f&b == b }

// set turns the flags in b on or off.
func (f *flags) set(b flags, on bool) {
	*f &^= b
	if on {
		*f |= b
	}
}

// never is the time of an event that is not going to happen.
const never = time.Duration(math.MaxInt64)

// Device makes the Device with this identity. Everything random about it derives
// from seed. It is off until Start.
func (m *Model) Device(id ocf.UUID, seed uint64) Device {
	d := Device{
		trust: m.shipped, id: id, agenda: agenda{work: never, own: never},
		random: uint32(seed ^ seed>>32), dos: ocf.RFNOP,
	}
	if d.secured() && !d.trust.owned {
		d.dos, d.cm = ocf.RFOTM, ocf.TakeOwner
	}
	return d
}

// ID is the Device's current identity, di. The owner of a secured Device may change
// it, and RESET does.
func (d *Device) ID() ocf.UUID {
	if !d.trust.uuid.IsNil() {
		return d.trust.uuid
	}
	return d.id
}

// Born is the identity that the Device was made with, which it keeps whatever its owner does.
func (d *Device) Born() ocf.UUID { return d.id }

// Version is the version of the installed software, such as "1.0.0".
func (d *Device) Version() string { return versionText(d.version) }

// State is what a Client could see now. The Device says only in RFNOP that it is
// operational (isop), and only in RESET that dos is about to change (dos.p).
func (d *Device) State() State {
	return d.model.bent.state.see(d, State{
		TM: d.tm, CM: d.cm, DOS: d.dos, Version: d.version,
		Pending: d.dos == ocf.RESET, ISOP: d.dos == ocf.RFNOP,
		OM: operationMode, SM: operationMode,
		Owned: d.isOwned(), schedule: d.schedule(),
	})
}

// isOwned is doxm.owned. The owner of a Device without security is one in name only.
func (d *Device) isOwned() bool {
	if d.secured() {
		return d.trust.owned
	}
	return d.dos != ocf.RESET && d.dos != ocf.RFOTM
}

// operationMode is client-directed provisioning, the only mode of om and sm that
// these Devices support.
const operationMode = 4

// Start switches the Device on at the time at. No later Event may be earlier than
// that. A process that was pending when the Device was saved starts again.
func (d *Device) Start(at time.Duration, out []Effect) []Effect {
	t := d.turn(at, out)
	t.seen = d.State()
	t.was = t.seen
	before := d.lasting()
	d.flags.set(off, false)
	t.bent.boots.happens(t)
	t.resume()
	t.proceed()
	t.persist(before)
	return t.finish(never)
}

// Apply makes ev happen and appends its effects to out. Events must come in the
// order of their time. A GET changes nothing and allocates nothing.
func (d *Device) Apply(ev *Event, out []Effect) []Effect {
	t := d.turn(ev.At, out)
	if ev.Kind == Get {
		t.handle(ev)
		return t.close()
	}
	t.seen = d.State()
	t.was = t.seen
	wake, before := d.next(), d.lasting()
	t.handle(ev)
	t.persist(before)
	if ev.Kind == Due {
		wake = never
	}
	return t.finish(wake)
}

// lasting is the state that survives a power cut.
type lasting struct {
	tm, cm     ocf.DPM
	version    uint16
	flags      uint16
	dos        ocf.DOS
	run, queue mode
	announcing bool
	changes    uint32 // trust.changes
}

func (d *Device) lasting() lasting {
	return lasting{d.tm, d.cm, d.version, d.facts(), d.dos, d.run, d.queue, d.stage == announcing, d.trust.changes}
}

// persist asks the shell to save the Device, where what survives a power cut is no
// longer what it was.
func (t *turn) persist(before lasting) {
	if before != t.lasting() {
		t.emit(Effect{Kind: Persist})
	}
}

// facts are the flags that survive a power cut, in the form in which they are saved.
func (d *Device) facts() uint16 {
	return d.model.bent.facts.see(d, uint16(d.flags&durable))
}

// turn is the handling of one Event.
type turn struct {
	*Device
	bent *bends
	now  time.Duration
	out  []Effect
	seen State // what the observers know
	was  State // what the Device was when the turn began
	drop uint8 // code that ends the observations, 0 for none

	parted bool  // trust belongs to this Device alone and was copied in this turn
	claim  claim // the request's, if the Device is secured
	sent   sent  // for quirks: details of the request that the reference ignores
}

// sent says how a request was sent.
type sent struct {
	payload []byte
	iface   string // value of the if query
	way     Way
	observe bool
}

// turn begins a turn. Hooks receive the turn through function values, so it cannot
// live on the stack; the model reuses turns that have ended, so that a turn
// allocates nothing.
func (d *Device) turn(at time.Duration, out []Effect) *turn {
	t, ok := d.model.turns.Get().(*turn)
	if !ok {
		t = new(turn)
	}
	t.Device, t.bent, t.now, t.out = d, d.model.bent, at, out
	return t
}

// close ends the turn. Nobody may use it afterwards.
func (t *turn) close() []Effect {
	m, out := t.model, t.out
	*t = turn{}
	m.turns.Put(t)
	return out
}

func (t *turn) emit(e Effect) { t.out = append(t.out, e) }

// finish asks for a Wake if the agenda differs from what the shell knows, and ends
// the turn.
func (t *turn) finish(known time.Duration) []Effect {
	t.tellSchedule()
	t.dropObservers()
	switch next := t.next(); {
	case next == known:
	case next == never:
		t.emit(Effect{Kind: Wake, After: -1})
	default:
		t.emit(Effect{Kind: Wake, After: max(0, next-t.now)})
	}
	return t.close()
}

// handle does what the event asks for. A Device without power ignores the network.
func (t *turn) handle(ev *Event) {
	on := !t.flags.has(off)
	r := &ev.Request
	switch {
	case ev.Kind == Due:
		t.proceed()
	case ev.Kind == Arrange:
		t.flags = t.flags&^arranged | flags(ev.Outcome)&arranged
		t.own = never
	case ev.Kind == FactoryReset:
		t.ship()
	case ev.Kind == Get && on:
		t.get(r)
	case ev.Kind == Post && on:
		t.post(r)
	case ev.Kind == Delete && on:
		t.delete(r)
	case ev.Kind == SessionOpened && on:
		t.opened(&r.Via)
	case ev.Kind == SessionClosed && on:
		t.closed(&r.Via)
	case ev.Kind == Autonomous && on:
		t.startOwn(mode(ev.Bits & (ocf.SVV | ocf.SSU)))
	case ev.Kind == PowerCycle && (on || t.work == never): // off for good, until somebody switches it on
		t.cutPower()
	case ev.Kind == SourceAnswer && on:
		t.answer(&ev.Answer)
	case ev.Kind == Get, ev.Kind == Post, ev.Kind == Delete:
		t.emit(Effect{Kind: Ignore})
	}
}

// proceed does everything that is due by now.
func (t *turn) proceed() {
	for {
		switch {
		case t.work <= t.now:
			t.work = never
			t.advance()
		case t.planned() <= t.now:
			t.runPlanned()
		case t.own <= t.now:
			s := t.model.script.own
			bits := s.starts[int(t.starts)%len(s.starts)]
			t.starts++
			t.own = t.now + t.jitter(s.every)
			t.startOwn(mode(bits))
		default:
			return
		}
	}
}

// outcome is how the next update is to end.
func (d *Device) outcome() UpdateOutcome {
	if o := UpdateOutcome(d.flags & arranged); o != 0 {
		return o
	}
	return d.model.script.ends
}

// fails reports whether the Device itself is to make the update fail.
func (d *Device) fails() bool { return d.outcome() == Fails && d.model.Fault() == "" }

// jitter returns length, made longer or shorter by up to the percentage that the
// model allows. It draws the next number of the Device's own sequence.
func (d *Device) jitter(length time.Duration) time.Duration {
	percent := d.model.script.jitter
	if percent == 0 || length == 0 {
		return length
	}
	share := int64(d.draw())*2*percent/math.MaxUint32 - percent // -percent to percent
	return length + length/100*time.Duration(share)
}

// draw returns the next number of the Device's own sequence.
func (d *Device) draw() uint32 {
	d.random += 0x9e3779b9
	x := d.random
	x = (x ^ x>>16) * 0x85ebca6b
	x = (x ^ x>>13) * 0xc2b2ae35
	return x ^ x>>16
}
