package updater

import (
	"container/list"
	"context"

	"github.com/ocfsim/ocfsim/sim/source"
)

// errand is a question on its way to its answer.
type errand struct {
	device   *device
	question source.Question
	reply    func(source.Answer)
	ctx      context.Context
	stop     context.CancelFunc
	place    *list.Element // among those that wait; nil: it is under way
	over     bool          // nobody waits for its answer any more
}

// Ask puts a question as source.Source.Ask does. If cancel is called before there is an
// answer, there is none. Questions beyond Config.Asking wait for their turn, and so do
// those of a Device that has another one under way.
func (u *Updater) Ask(q source.Question, reply func(source.Answer)) (cancel func()) {
	u.mu.Lock()
	defer u.mu.Unlock()
	if u.closed {
		return func() {}
	}
	e := &errand{device: u.device(q.Device), question: q, reply: reply}
	e.ctx, e.stop = context.WithTimeout(u.ctx, u.config.Patience)
	e.place = u.waiting.PushBack(e)
	u.begin()
	return func() { u.cancel(e) }
}

// begin lets those go that need not wait. Whoever calls it has u.mu.
func (u *Updater) begin() {
	for p := u.waiting.Front(); p != nil && u.busy < u.config.Asking; {
		e := p.Value.(*errand)
		p = p.Next()
		if e.device.busy {
			continue
		}
		u.waiting.Remove(e.place)
		e.place, e.device.busy = nil, true
		u.busy++
		u.asking.Go(func() { u.run(e) })
	}
}

// run finds the answer, and gives it to whoever still waits for it. Then the source is told
// what became of it, if it wants to know.
func (u *Updater) run(e *errand) {
	a, report := e.device.answer(e.ctx, e.question)
	e.stop()
	u.mu.Lock()
	told := !e.over && !u.closed
	e.over = true
	u.mu.Unlock()
	if told {
		u.tell(report)
		e.reply(a)
	}
	e.device.feedBack(u.ctx, report)
	u.mu.Lock()
	defer u.mu.Unlock()
	e.device.busy = false
	u.busy--
	if !u.closed {
		u.begin()
	}
}

// cancel ends an errand without an answer.
func (u *Updater) cancel(e *errand) {
	u.mu.Lock()
	defer u.mu.Unlock()
	e.over = true
	e.stop()
	if e.place != nil && !u.closed {
		u.waiting.Remove(e.place)
		e.place = nil
	}
}
