package client

import (
	"slices"
	"time"

	"github.com/ocfsim/ocfsim/ocf"
)

// process is a check or an update of the Device, from the state that shows its bit in tm
// to the first that does not.
type process struct {
	bit      ocf.DPM
	from, to int // entries; to is never where the record ends before the process does
	asked    *request
	planned  *request // the Client's write of oic.r.softwareupdate that scheduled it, likewise
}

// wanted reports whether the Client asked for p.
func (p *process) wanted() bool { return p.asked != nil || p.planned != nil }

// processesOf are the processes of a bit, in their order. asked is the Client's write that
// began it, nil where the Device or somebody else did.
func (s *story) processesOf(bit ocf.DPM) []process {
	var all []process
	pending, first := false, 0
	for _, st := range s.states {
		switch is := st.pstat.TM.Has(bit); {
		case is && !pending:
			p := process{bit: bit, from: st.n, to: never, asked: s.beginner(bit, first, st.n)}
			if p.asked == nil {
				p.planned = s.planner(bit, first, st.n)
			}
			all = append(all, p)
			first = st.n
		case !is && pending:
			all[len(all)-1].to = st.n
		}
		pending = st.pstat.TM.Has(bit)
	}
	return all
}

// requested are the processes that the Client asked for: its checks, then its updates.
func (s *story) requested() []process {
	var all []process
	for _, p := range slices.Concat(s.checks, s.updates) {
		if p.asked != nil {
			all = append(all, p)
		}
	}
	return all
}

// promptly is how soon after the Client's write a Device begins what it was asked for.
const promptly = 5 * time.Second

// beginner is the write that the state at n follows: the last one that asks for the bit, if
// it came just before and was not refused by then. One before first, where the process
// before this one began, has begun that.
func (s *story) beginner(bit ocf.DPM, first, n int) *request {
	var last *request
	for _, r := range s.requests {
		if r.n >= first && r.n < n && r.asks().Has(bit) {
			last = r
		}
	}
	if last == nil || s.all[n].At-last.at > promptly || last.answer < n && last.refused() {
		return nil
	}
	return last
}

// actions are the values of swupdateaction by the bit of tm that each sets when its time
// comes.
var actions = map[ocf.DPM]string{ocf.SVV: ocf.ActionVerify, ocf.SSU: ocf.ActionUpgrade}

// ahead is by how much the Device's clock may be ahead of that of the record.
const ahead = 2 * time.Second

// planner is the write that scheduled what the state at n begins: the last one that was
// not refused, if it names the action and its time had come. One before first has begun the process
// before this one.
func (s *story) planner(bit ocf.DPM, first, n int) *request {
	var last *request
	for _, r := range s.requests {
		if r.n >= first && r.n < n && r.plan != nil && !r.refused() {
			last = r
		}
	}
	if last == nil || last.plan.Action != actions[bit] {
		return nil
	}
	due, err := time.Parse(time.RFC3339, last.plan.Time)
	if now := s.tl.Header.Started.Add(s.all[n].At); err != nil || now.Add(ahead).Before(due) {
		return nil
	}
	return last
}

// ended is when p ended, or when the record did.
func (s *story) ended(p process) time.Duration {
	if p.to == never {
		return s.end
	}
	return s.all[p.to].At
}

// lookedWithin reports whether the Client saw or asked for pstat between two entries,
// or was observing it at some time between them. to is never for the end of the record.
func (s *story) lookedWithin(from, to int) bool {
	for _, r := range s.requests {
		if r.reads() && r.n > from && r.n < to { // that it is not told is not its fault
			return true
		}
	}
	for _, w := range s.watches {
		if w.from < to && w.over > from {
			return true
		}
	}
	return false
}

// after is the first entry later than d after the entry n, never where the record ends
// before that.
func (s *story) after(n int, d time.Duration) int {
	for i := n; i < len(s.all); i++ {
		if s.all[i].At > s.all[n].At+d {
			return i
		}
	}
	return never
}
