package client

import (
	"time"

	"github.com/ocfsim/ocfsim/conformance"
)

func dos2() Rule { return ofSeed("DOS-2", monitors) }

// brief is how long an update may take that nobody is expected to have looked at in
// between: who polls may have asked just before and just after it.
const brief = 10 * time.Second

// monitors judges each update that the Client asked for: whether it watched pstat
// meanwhile, and whether it watched again after the Device ended its observation.
func monitors(s *story) []conformance.Finding {
	var all []conformance.Finding
	for _, p := range s.updates {
		if !p.wanted() {
			continue
		}
		f := s.monitored(p)
		if f.Verdict == conformance.Pass {
			if g := s.returned(p); g.Verdict != conformance.None {
				f = g
			}
		}
		all = append(all, f)
	}
	return all
}

// monitored judges whether the Client watched p at all.
func (s *story) monitored(p process) conformance.Finding {
	const want = "pstat observed or read during the update"
	lasted := s.ended(p) - s.all[p.from].At
	switch late := s.after(p.to, patience); {
	case s.lookedWithin(p.from, p.to):
		return kept(p.from)
	case lasted >= brief:
		return broken(p.from, want, "the Client neither observed nor read pstat during its update, which took %v", lasted.Round(time.Second))
	case s.lookedWithin(p.from, late):
		return conformance.Finding{} // too short to be seen; looked at afterwards
	case late == never:
		return open(p.from, "the record ends less than %v after the update: the Client could still have looked", patience)
	default:
		return broken(p.from, want, "the Client neither observed nor read pstat during its update, nor in the %v after it", patience)
	}
}

// returned judges whether the Client watched again after its observation was ended
// during p, or by its end, as by a reset.
func (s *story) returned(p process) conformance.Finding {
	for _, w := range s.watches {
		if !w.dropped || w.over < p.from || s.all[w.over].At > s.ended(p)+promptly {
			continue
		}
		until := s.after(max(w.over, p.to), patience)
		switch {
		case s.lookedWithin(w.over, until):
			continue
		case until == never:
			return open(w.over, "the record ends before the Client could be expected to observe again")
		}
		return broken(w.over, "pstat observed or read again after the Device ended the observation",
			"the Device ended the observation during the update, and the Client never looked again")
	}
	return conformance.Finding{}
}
