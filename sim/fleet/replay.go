package fleet

import (
	"slices"
	"time"

	"github.com/plgd-dev/go-coap/v3/message/codes"

	"github.com/ocfsim/ocfsim/ocf"
)

// Replay answers in the place of Devices what it knows, such as what a real Device was
// recorded to answer (docs/adr/0094). The fleet asks it before the Device. Its methods are
// called with the fleet's lock held, so they must not call the fleet.
type Replay interface {
	// Hears is told of a request to a Device, once for each request however often its
	// datagram came, and also while the Device is offline.
	Hears(h Heard) Played
	// Arranges is told of a condition that somebody asks for.
	Arranges(a Arranged) Played
	// Meets is told of a Client that begins a session with a pre-shared key, other than to
	// become the owner.
	Meets(m Met) Admission
}

// Line is what messages between one Client and one Device travel on: two addresses, and
// the session between them. Lines can be compared.
type Line struct{ line }

// Over reports whether the session that l travels on has ended. Without a session nobody
// can tell, and it is false. It is for the Replay, while it is called.
func (l Line) Over() bool { return l.session != nil && l.session.over }

// Subject is the Client that the session authenticated; nil without a session, and in an owner
// transfer.
func (l Line) Subject() (id ocf.UUID) {
	if l.session != nil {
		id = l.session.via.Subject
	}
	return id
}

// Secured reports whether l is a session.
func (l Line) Secured() bool { return l.session != nil }

// Scene is the Device that a Replay stands in for, at one moment.
type Scene struct {
	Device    int
	At        time.Duration // since the fleet began
	DI, Owner ocf.UUID      // of the Device as it is; the owner is pstat's rowneruuid
	// NextMID draws a message id that the Device has not used for long.
	NextMID func() uint16
}

// Heard is a request that has reached a Device.
type Heard struct {
	Scene
	Line Line
	Data []byte // the datagram, already decrypted; valid only during the call
}

// Arranged is a condition that somebody asks for.
type Arranged struct {
	Scene
	Condition string
	Report    SourceReport // what the trusted source has seen of the Device, had nobody answered in its place
}

// Played is what a Replay makes of what has happened.
type Played struct {
	// Known says that the Replay answers: the Device itself says nothing.
	Known bool
	// Withheld says that the Device is not told either, because it would do what the
	// recorded one refused to do.
	Withheld bool
	Pending  Pending // what becomes of what an earlier call still wants to be said
	Says     []Saying
	// Report is the answer to a condition, nil for the fleet's own.
	Report *SourceReport
	// Unsupported says that the condition can't be had.
	Unsupported bool
}

// Pending says what becomes of what is still to be said.
type Pending uint8

// What becomes of it. The zero value leaves it as it is.
const (
	Keeps   Pending = iota
	Hurries         // it is said now, before what is new
	Forgets         // it is never said
)

// Saying is a datagram that a Device sends.
type Saying struct {
	After   time.Duration // from the call on; 0: at once
	Line    Line
	Data    []byte
	Answers bool // it answers the request that was heard, and is repeated if that comes again
}

// soon is the time within which a Device that goes off, or closes its sessions, still
// says what it was about to say.
const soon = 10 * time.Millisecond

// saying is a Saying whose time has not come yet.
type saying struct {
	Saying
	device int32
	answer exchangeKey // the request that it answers, zero for none
	timer  timer
}

// expire sends the datagram.
func (c *saying) expire(sh *shard) {
	if i := slices.Index(sh.sayings, c); i >= 0 {
		sh.sayings = slices.Delete(sh.sayings, i, i+1)
	}
	sh.say(c)
}

// say puts the datagram into the outbox.
func (sh *shard) say(c *saying) {
	p := sh.add(c.Line.line)
	p.Data = append(p.Data, c.Data...)
	if !c.Answers {
		return
	}
	if seen, ok := sh.recall(c.answer); ok {
		sh.keep(seen, c.Data)
	}
}

// play carries out what a Replay has said of Device s.
func (sh *shard) play(s *slot, p Played, answers exchangeKey) {
	switch p.Pending {
	case Hurries:
		sh.hurrySayings(s, 1<<62)
	case Forgets:
		for _, c := range sh.sayingsOf(s) {
			sh.alarm.stop(&c.timer)
		}
		sh.sayings = slices.DeleteFunc(sh.sayings, func(c *saying) bool { return c.device == s.index })
	}
	for _, one := range p.Says {
		c := &saying{Saying: one, device: s.index, answer: answers}
		if one.After <= 0 {
			sh.say(c)
			continue
		}
		sh.sayings = append(sh.sayings, c)
		sh.alarm.set(&c.timer, sh.now()+one.After, c)
	}
}

// sayingsOf are those of Device s, in the order of their times.
func (sh *shard) sayingsOf(s *slot) []*saying {
	var all []*saying
	for _, c := range sh.sayings {
		if c.device == s.index {
			all = append(all, c)
		}
	}
	slices.SortStableFunc(all, func(a, b *saying) int { return int(min(max(sh.alarm.at(a.timer)-sh.alarm.at(b.timer), -1), 1)) })
	return all
}

// hurrySayings has Device s say now what it was to say within that time.
func (sh *shard) hurrySayings(s *slot, within time.Duration) {
	if len(sh.sayings) == 0 {
		return
	}
	for _, c := range sh.sayingsOf(s) {
		if sh.alarm.at(c.timer)-sh.now() <= within {
			sh.alarm.stop(&c.timer)
			c.expire(sh)
		}
	}
}

// scene describes Device s to a Replay.
func (sh *shard) scene(s *slot) Scene {
	return Scene{Device: int(s.index), At: sh.now(), DI: s.device.ID(), Owner: s.device.Rowner(), NextMID: s.nextMID}
}

// sourceReport is what the trusted source has seen of Device s.
func (sh *shard) sourceReport(s *slot) SourceReport {
	out := SourceReport{Version: s.device.Version()}
	if w, ok := sh.source.(World); ok {
		r := w.Report(sh.identity(int(s.index)).String())
		out.Checks, out.Fetches, out.Served, out.Holding, out.Unanswered = r.Checks, r.Fetches, r.Served, r.Holding, r.Unanswered
	}
	return out
}

// replayed asks the Replay about a request, and carries out what it says.
func (sh *shard) replayed(s *slot, on line, data []byte, answers exchangeKey) Played {
	if sh.replay == nil {
		return Played{}
	}
	p := sh.replay.Hears(Heard{Scene: sh.scene(s), Line: Line{on}, Data: data})
	sh.play(s, p, answers)
	return p
}

// replayedCondition asks the Replay about a condition for some Devices. The report is nil
// where the Replay has none; the error says that the condition can't be had.
func (f *Fleet) replayedCondition(devices []int, condition string) (report *SourceReport, err error) {
	if f.shard.replay == nil {
		return nil, nil
	}
	f.shard.do(func() {
		for _, i := range devices {
			s := f.shard.slot(i)
			p := f.shard.replay.Arranges(Arranged{f.shard.scene(s), condition, f.shard.sourceReport(s)})
			f.shard.play(s, p, exchangeKey{})
			if p.Unsupported {
				err = unsupported(condition)
			}
			if p.Report != nil {
				report = p.Report
			}
		}
	})
	return report, err
}

// hearOffline lets the Replay answer a request to a Device that is offline.
func (sh *shard) hearOffline(s *slot, p *Packet) bool {
	if sh.replay == nil || s.is(offMark) {
		return false
	}
	f := &sh.scratch.frame
	if decode(p.Data, f) != nil || !f.isRequest() {
		return false
	}
	on := line{local: p.Local, peer: p.Peer}
	key := keyOf(on, int(s.index), s.boot, f.mid)
	if _, seen := sh.recall(key); seen {
		return false
	}
	played := sh.replayed(s, on, p.Data, key)
	if played.Known {
		sh.meet(key)
	}
	return played.Known
}

// performUnheard gives a request that a Replay has answered to the Device, which keeps
// silent about it.
func (sh *shard) performUnheard(s *slot, r *request, f *frame) {
	r.answered = true
	f.code = sh.method(s, r, f.code)
	if no := r.read(f); no.code != 0 {
		return
	}
	if r.code != codes.POST {
		if r.code == codes.GET {
			return // it changes nothing
		}
	} else if no := sh.gather(r); no.code != 0 {
		return
	}
	sh.perform(s, r)
}
