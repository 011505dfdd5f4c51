package source

import "time"

// DefaultEntries is how many entries of its log a source keeps.
const DefaultEntries = 4096

// QuestionOutcome is what became of a question.
type QuestionOutcome string

// The outcomes of an Entry.
const (
	Waiting   QuestionOutcome = "waiting"   // for its time, or for ever where the source stalls
	Held      QuestionOutcome = "held"      // the gate is closed
	Answered  QuestionOutcome = "answered"  // with Answer
	Cancelled QuestionOutcome = "cancelled" // whoever asked no longer waits
)

// Entry is one question in the log and what became of it.
type Entry struct {
	Number   uint64          `json:"number"` // from 1, in the order of asking
	Asked    time.Time       `json:"asked"`
	Question Question        `json:"question"`
	Outcome  QuestionOutcome `json:"outcome"`
	WasHeld  bool            `json:"was_held"` // the gate was closed at some time
	Ended    time.Time       `json:"ended"`    // zero while it waits or is held
	Answer   Answer          `json:"answer"`
}

// journal is a ring of the newest entries.
type journal struct {
	most  int
	count uint64 // of all entries there ever were
	ring  []Entry
}

// begin enters a question and returns its number.
func (j *journal) begin(q Question) uint64 {
	j.count++
	e := Entry{Number: j.count, Asked: time.Now(), Question: q, Outcome: Waiting}
	if len(j.ring) < j.most {
		j.ring = append(j.ring, e)
	} else {
		*j.slot(e.Number) = e
	}
	return e.Number
}

// answered enters a question that was answered at once.
func (j *journal) answered(q Question, a Answer) {
	j.count++
	if len(j.ring) < j.most {
		j.ring = append(j.ring, Entry{})
	}
	e := j.slot(j.count) // filled field by field, for a million questions: nothing is put together elsewhere
	e.Number, e.Asked, e.Question, e.Outcome, e.WasHeld, e.Answer = j.count, time.Now(), q, Answered, false, a
	e.Ended = e.Asked
}

// slot is where the entry n is or was.
func (j *journal) slot(n uint64) *Entry { return &j.ring[(n-1)%uint64(j.most)] }

// hold marks a question as held.
func (j *journal) hold(n uint64) {
	if e := j.slot(n); e.Number == n {
		e.Outcome, e.WasHeld = Held, true
	}
}

// end enters what became of a question, if its entry is still there.
func (j *journal) end(n uint64, outcome QuestionOutcome, a Answer) {
	if e := j.slot(n); e.Number == n {
		e.Outcome, e.Answer, e.Ended = outcome, a, time.Now()
	}
}

// all is a copy of the entries, oldest first, and how many were let go.
func (j *journal) all() (entries []Entry, dropped uint64) {
	dropped = j.count - uint64(len(j.ring))
	entries = make([]Entry, 0, len(j.ring))
	for n := dropped + 1; n <= j.count; n++ {
		entries = append(entries, *j.slot(n))
	}
	return entries, dropped
}
