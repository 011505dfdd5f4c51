package fleet

import (
	"errors"
	"slices"
	"time"

	"github.com/plgd-dev/go-coap/v3/message/codes"

	"github.com/ocfsim/ocfsim/ocf"
	"github.com/ocfsim/ocfsim/sim"
)

// Store keeps what Devices must not lose with their power. Package store has one in a
// file. The fleet calls it from one goroutine at a time.
type Store interface {
	// Save keeps all of list or nothing of it. When it returns nil, list outlasts the
	// end of the program and a loss of power.
	Save(list []Kept) error
	// Load is what was saved last of the Device with this ID; ok is false if nothing
	// was. A record that can't be read is an error that is ErrDamaged.
	Load(id ocf.UUID) (saved sim.Saved, ok bool, err error)
}

// Kept is what a Device must not lose, under the ID of Fleet.ID.
type Kept struct {
	ID    ocf.UUID
	Saved sim.Saved
}

// ErrDamaged is the error of a Store for a record that can't be read. It costs one
// Device, which starts anew.
var ErrDamaged = errors.New("the record is damaged")

// unsaved holds the Devices whose state has changed since it was last saved.
type unsaved struct {
	list    []int32 // in the order of their changes, each once
	batch   []Kept  // memory that one commit after another uses
	failing bool    // the last commit failed
	told    time.Duration
	timer   timer // of the commit of what no packet tells of
}

const (
	// linger is how long a change that no packet tells of may wait for others, to be saved
	// with them. To save a hundred Devices together takes hardly longer than to save one.
	linger = 50 * time.Millisecond
	// mostUnsaved is how many Devices may wait to be saved.
	mostUnsaved = 4096
	// fewDevices is in how small a fleet nothing waits: a commit for each event costs little
	// there, and whoever cuts the power between two of them finds each state on disk.
	fewDevices = 256
)

// saveInTime sees to it that what no packet has told of is saved too, with whatever else
// changes meanwhile. In a small fleet nothing waits, nor where Devices may lose their power
// within an event: what they lose must not depend on when others were saved.
func (sh *shard) saveInTime() {
	u := &sh.unsaved
	switch {
	case len(u.list) == 0 || sh.closed:
	case len(u.list) >= mostUnsaved || sh.count <= fewDevices || sh.stages != nil:
		sh.commit()
	case !u.timer.isSet():
		sh.alarm.set(&u.timer, sh.now()+linger, u)
	}
}

// expire saves what has waited.
func (u *unsaved) expire(sh *shard) { sh.commit() }

// change notes that the state of a Device has to be saved before the next packet leaves, and
// soon if none does.
func (sh *shard) change(s *slot) {
	if sh.store == nil || s.is(unsavedMark) {
		return
	}
	s.mark(unsavedMark, true)
	sh.unsaved.list = append(sh.unsaved.list, s.index)
}

// forgetUnsaved drops the changes of a Device that has lost its power before they
// were saved.
func (sh *shard) forgetUnsaved(s *slot) {
	s.mark(unsavedMark, false)
	sh.unsaved.list = slices.DeleteFunc(sh.unsaved.list, func(i int32) bool { return i == s.index })
}

// commit saves the Devices that have changed, all at once. What waits in the outbox
// tells of these changes, so it may only leave after that. If it fails, the answers
// to the requests that made the changes become 5.00. The changes are saved with the
// next ones.
func (sh *shard) commit() {
	u := &sh.unsaved
	if len(u.list) == 0 {
		return
	}
	u.batch = u.batch[:0]
	for _, i := range u.list {
		u.batch = append(u.batch, Kept{ID: sh.identity(int(i)), Saved: sh.slot(int(i)).device.Save()})
	}
	err := sh.store.Save(u.batch)
	if err != nil {
		sh.stats.drops.persistFailures.Add(uint64(len(u.list)))
		sh.tellUnsaved(err)
		sh.takeBack()
		return
	}
	if u.failing {
		sh.log.Warn("the state of Devices is saved again", "devices", len(u.list))
		u.failing = false
	}
	for _, i := range u.list {
		sh.slot(int(i)).mark(unsavedMark, false)
	}
	u.list = u.list[:0]
}

// tellUnsaved logs that a commit failed, once a second at most.
func (sh *shard) tellUnsaved(err error) {
	u := &sh.unsaved
	if now := sh.now(); !u.failing || now-u.told >= time.Second {
		u.failing, u.told = true, now
		sh.log.Error("the state of Devices can't be saved: what changes it is answered 5.00", "devices", len(u.list), "error", err)
	}
}

// takeBack makes the answers to requests that have changed a Device 5.00, without
// options and payload, in the outbox and where they are kept for duplicates.
func (sh *shard) takeBack() {
	out := &sh.scratch.out
	for i := range out.n {
		a := &out.answers[i]
		if !a.changes {
			continue
		}
		p := &out.packets[i]
		p.Data = p.Data[:4+int(p.Data[0]&0x0f)]
		p.Data[1] = byte(codes.InternalServerError)
		if seen, ok := sh.recall(a.exchange); ok && a.kept {
			sh.keep(seen, p.Data)
		}
	}
}

// restore replaces a new Device by the one that was saved. A damaged record costs this
// Device its state and no other.
func (sh *shard) restore(s *slot, m *sim.Model) error {
	if sh.store == nil {
		return nil
	}
	saved, ok, err := sh.store.Load(sh.identity(int(s.index)))
	if errors.Is(err, ErrDamaged) {
		sh.log.Error("a Device starts anew", "device", sh.identity(int(s.index)), "error", err)
		return nil
	}
	if err != nil || !ok {
		return err
	}
	s.device = m.Restore(saved)
	return nil
}

// saves reports whether one of the effects asks for the Device's state to be saved.
func saves(effects []sim.Effect) bool {
	return slices.ContainsFunc(effects, func(e sim.Effect) bool { return e.Kind == sim.Persist })
}
