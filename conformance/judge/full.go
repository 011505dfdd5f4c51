package judge

import (
	"github.com/ocfsim/ocfsim/conformance"
)

// A Device may send more than a record has room for. What was recorded until then is
// whole, and is judged: what it breaks is broken, whatever came afterwards
// (docs/adr/0043). What it keeps may have been broken afterwards, so no requirement
// passes on it (docs/adr/0079).

// lacksRoom is the reason of a finding that the end of the record would decide.
const lacksRoom = "the Device sent more than the record has room for, and what it did afterwards is not known"

// untilFull is f as it stands if s has a part that was not kept. Two breaches do not
// stand either: one that rests on silence, for in a flood the network loses datagrams
// too, and one of a Device that declares processes of its own, for that it begins one
// may have shown only afterwards.
func (s *story) untilFull(f conformance.Finding) conformance.Finding {
	fragile := f.Verdict == conformance.Fail && (f.Silent || s.target.Supports.Autonomous)
	if !s.full || f.Verdict != conformance.Pass && !fragile {
		return f
	}
	f.Verdict, f.Silent = conformance.Inconclusive, false
	if f.Reason == "" {
		f.Reason = lacksRoom
	} else {
		f.Reason += "; " + lacksRoom
	}
	return f
}

// beyond is the finding of e, which looks at what was not kept too.
func beyond(e conformance.Expectation) conformance.Finding {
	return open(-1, string(e.Form)+": "+path(e.Rows), lacksRoom)
}
