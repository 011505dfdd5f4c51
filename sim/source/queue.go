package source

import (
	"container/heap"
	"time"
)

// pending is a question without an answer.
type pending struct {
	n        uint64 // of its Entry
	question Question
	reply    func(Answer, Fault)
	due      time.Time // when it is answered
	said     *said     // the answer, if it was decided before it is due
	place    int       // in the queue, or unqueued
	held     bool
}

// unqueued is the place of a question that waits for no time: it is held, or the source
// stalls.
const unqueued = -1

// queue is the questions that wait for their time. It is a binary heap, the one that is due
// first at its head; of several that are due at one time, the one that was asked first.
type queue []*pending

func (q queue) Len() int { return len(q) }

func (q queue) Less(i, j int) bool {
	if c := q[i].due.Compare(q[j].due); c != 0 {
		return c < 0
	}
	return q[i].n < q[j].n
}

func (q queue) Swap(i, j int) {
	q[i], q[j] = q[j], q[i]
	q[i].place, q[j].place = i, j
}

// Push adds x at the end, as package heap asks for.
func (q *queue) Push(x any) {
	p := x.(*pending)
	p.place = len(*q)
	*q = append(*q, p)
}

// Pop takes the last one, as package heap asks for.
func (q *queue) Pop() any {
	last := len(*q) - 1
	p := (*q)[last]
	(*q)[last] = nil
	*q = (*q)[:last]
	p.place = unqueued
	return p
}

// arm has the bell ring when the first of the queue is due. Whoever answers the queue looks
// at it again by itself.
func (s *Source) arm() {
	if s.attends || s.closed || len(s.queue) == 0 {
		return
	}
	wait := max(time.Until(s.queue[0].due), 0)
	if s.bell == nil {
		s.bell = time.AfterFunc(wait, s.attend)
		return
	}
	s.bell.Reset(wait)
}

// attend answers what is due, one question after another. However many are asked at once,
// one goroutine answers them.
func (s *Source) attend() {
	s.mu.Lock()
	if s.attends {
		s.mu.Unlock()
		return
	}
	s.attends = true
	s.mu.Unlock()
	for p := s.next(); p != nil; p = s.next() {
		if s.debugs() {
			s.log.Debug("answered", "device", p.question.Device, "kind", p.question.Kind, "answer", p.said.Answer)
		}
		p.reply(p.said.Answer, p.said.Fault)
	}
}

// next takes out of the queue what is to be answered now. Nil: nothing is, and the bell
// rings when something will be.
func (s *Source) next() *pending {
	s.mu.Lock()
	defer s.mu.Unlock()
	for len(s.queue) > 0 && time.Until(s.queue[0].due) <= 0 {
		p := heap.Pop(&s.queue).(*pending)
		if p.said == nil {
			if s.isHeld(p.question.Device) {
				s.hold(p)
				continue
			}
			said := s.decide(p.question)
			if said.Fault == Stalled {
				continue
			}
			p.said = &said
		}
		delete(s.pending, p.n)
		s.entries.end(p.n, Answered, p.said.Answer)
		s.countAnswer(s.sheets.of(p.question.Device), p.said.Answer)
		return p
	}
	s.attends = false
	s.arm()
	return nil
}
