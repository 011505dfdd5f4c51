package client

import (
	"slices"

	"github.com/ocfsim/ocfsim/conformance"
	"github.com/ocfsim/ocfsim/conformance/judge"
	"github.com/ocfsim/ocfsim/ocf"
)

func watch2() Rule {
	return Rule{
		ID: "WATCH-2", Says: "a Client acts by the newest notification, not by the last to arrive",
		Clause: "Of two notifications that which has the higher Observe number, counted over 24 bits, is the newer one; a Client that gets an older one later has to know it for old.",
		Source: "RFC 7641 section 3.4", Level: judge.Should, Severity: conformance.Warn,
		Pass:   "after a notification that was older than one before it the Client did not act as the older one says",
		Fail:   "the Client set U right after a notification that was older than one before it, and that showed no check pending, where the newer one did",
		Silent: "the Device sent no notification that was older than one before it", judge: newest,
	}
}

// newest judges the next write after each stale notification of the Device.
func newest(s *story) []conformance.Finding {
	var all []conformance.Finding
	latest := map[string]*told{}
	for i, t := range s.told {
		if t.pstat == nil || t.frame.Observe == nil {
			continue
		}
		key := t.to + " " + string(t.frame.Token)
		was := latest[key]
		if was == nil || conformance.Newer(*was.frame.Observe, *t.frame.Observe) || s.all[t.n].At-s.all[was.n].At > conformance.TrustedFor {
			latest[key] = t
			continue
		}
		until := never
		if later := s.told[i+1:]; len(later) > 0 {
			until = later[0].n
		}
		all = append(all, s.actsOn(t, was, until))
	}
	return all
}

// actsOn judges whether the Client's next write follows the stale notification and not the
// newest. A Client that has read pstat since the newest one may act by what it read.
func (s *story) actsOn(stale, newest *told, until int) conformance.Finding {
	for _, r := range s.requests {
		if r.n < stale.n || r.n > until || !r.asks().Has(ocf.SSU) || s.readSince(newest.n, r.n) {
			continue
		}
		if newest.pstat.TM.Has(ocf.SVV) && !stale.pstat.TM.Has(ocf.SVV) {
			return broken(r.n, "U set by what the newest notification says", "U was set after a stale notification (%v), while the newest one had said %v", *stale.pstat, *newest.pstat)
		}
	}
	return kept(stale.n)
}

// readSince reports whether the answer to a GET showed the Client, between two entries,
// that no check was pending.
func (s *story) readSince(from, to int) bool {
	return slices.ContainsFunc(s.looks, func(look int) bool {
		pstat, _, _ := s.all[look].Pstat()
		return look > from && look < to && s.all[look].Kind == conformance.Response && !pstat.TM.Has(ocf.SVV)
	})
}
