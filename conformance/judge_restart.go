package conformance

import (
	"fmt"
	"strings"
	"time"

	"github.com/ocfsim/ocfsim/ocf"
)

// survivesRestart judges that an update which restarts the Device, by its own
// declaration or by a power cycle, ends with cm.U and tm.U telling the truth
// (seed.txt 49-54).
func survivesRestart(s *story) []Finding {
	var all []Finding
	for _, w := range s.writes {
		if !w.writesOnly(ocf.SSU) || w.refused() || !s.idle(w.n) {
			continue
		}
		upto := s.nextWrite(w.n)
		rebooted := s.rebooted(w.n, upto)
		if rebooted >= 0 || s.target.Update.Reboots {
			all = append(all, s.survivesReboot(w, rebooted, upto))
		}
	}
	return all
}

func (s *story) nextWrite(n int) int {
	for _, w := range s.writes {
		if w.n > n {
			return w.n
		}
	}
	return never
}

// rebooted is the last reboot that was granted between n and upto, -1 for none.
func (s *story) rebooted(n, upto int) int {
	last := -1
	for _, g := range s.granted {
		if g.name == Reboot && g.n > n && g.n < upto {
			last = g.n
		}
	}
	return last
}

func (s *story) survivesReboot(w write, rebooted, upto int) Finding {
	want := "reachable again, tm without U, and cm as the update ended"
	ep := s.episode(ocf.SSU, w, upto)
	due := ep.due
	if rebooted >= 0 {
		due = max(due, s.back(rebooted)+s.target.Timing.Update+s.target.Timing.Settle)
	}
	if n := s.goneAfter(due, w.n, upto); n >= 0 && ep.known {
		return broken(n, want, "no answer", "the Device did not answer again within the declared time")
	}
	var end *Sample
	for i, x := range ep.samples {
		if x.Notified || x.Since < rebooted {
			continue
		}
		late := ep.known && s.at(x.Since) > due
		if late && x.Pstat.TM.Has(ocf.SSU) {
			return broken(x.N, want, x.String(), "tm still had U after the restart and the declared time")
		}
		if !x.Pstat.TM.Has(ocf.SSU) && (late || ep.follows(i)) {
			end = &ep.samples[i]
		}
	}
	if end == nil {
		return open(w.n, want, "the end of the update was not seen")
	}
	return s.truthAfterRestart(w, *end, rebooted, upto, want)
}

// back is when the Device, restarted at n, was reachable again: at the first
// answer to a request that was sent after n, or when it had to be.
func (s *story) back(n int) time.Duration {
	for i := n; i < len(s.tl.Observations); i++ {
		if o := &s.tl.Observations[i]; o.Kind == Response && o.For != nil && *o.For > n {
			return o.At
		}
	}
	return s.at(n) + s.target.Timing.Reboot
}

// goneAfter is the Lost of a request sent after due, when nothing was answered later.
func (s *story) goneAfter(due time.Duration, from, upto int) int {
	gone := -1
	for i := from; i < min(upto, len(s.tl.Observations)); i++ {
		o := &s.tl.Observations[i]
		switch {
		case o.Kind == Response || o.Kind == Notification:
			gone = -1
		case s.tl.silence(i) && o.For != nil && s.at(*o.For) > due && gone < 0:
			gone = i
		}
	}
	return gone
}

func (s *story) truthAfterRestart(w write, end Sample, rebooted, upto int, want string) Finding {
	claims := end.Pstat.CM.Has(ocf.SSU)
	before, after := s.versionBefore(w.n), s.versionIn(end.N, upto)
	if before != "" && after != "" {
		got := fmt.Sprintf("%v, version %s, then %s", end, before, after)
		if claims != (before != after) {
			return broken(end.N, want, got, "cm.U contradicts the software version after the restart")
		}
		return passed(end.N, want, got, "the update ended, and cm.U agrees with the software version")
	}
	truth, known := s.truth(ocf.SSU, w, upto)
	if rebooted < 0 && known && truth == claims {
		return passed(end.N, want, end.String(), "%s, and the update ended with cm=%v after the restart", offered(truth), end.Pstat.CM)
	}
	return open(end.N, want, "tm lost U, but the software version was not read before and after")
}

// keepsIdentity judges that an update keeps what the Device is and whose
// (seed.txt 49-54, a warning). Without a session only di, the owner and pstat's
// rowneruuid can be read; credentials and access rules then stay unjudged.
func keepsIdentity(s *story) []Finding {
	var all []Finding
	for _, ep := range s.episodes(ocf.SSU) {
		end, ok := last(ep.final)
		if !ok || end.Pstat.DOS == ocf.RESET || end.Pstat.DOS == ocf.RFOTM {
			continue
		}
		all = append(all, s.keeps(ep, end))
	}
	return all
}

func (s *story) keeps(ep episode, end Sample) Finding {
	const want = "device id and owner as before the update"
	before, after := s.identity(-1, ep.w.n), s.identity(end.N, ep.upto)
	var compared []string
	for _, name := range []string{"di", "deviceuuid", "devowneruuid", "doxm.rowneruuid", "owned"} {
		b, a := before[name], after[name]
		if b == "" || a == "" {
			continue
		}
		if a != b {
			return warned(broken(end.N, want, name+"="+a, "%s was %s before the update and is %s after it", name, b, a))
		}
		compared = append(compared, name)
	}
	if ep.hasPre && ep.pre.Pstat.Rowner != end.Pstat.Rowner {
		return warned(broken(end.N, want, "rowneruuid="+end.Pstat.Rowner.String(), "pstat.rowneruuid changed with the update"))
	}
	if len(compared) == 0 {
		return open(end.N, want, "neither /oic/d nor doxm was read before and after the update")
	}
	reason := "as before: " + strings.Join(compared, ", ")
	if !s.target.Secured {
		reason += "; credentials and access rules can't be read without a session"
	}
	return passed(end.N, want, strings.Join(compared, ", "), "%s", reason)
}

// identity is what was last read of the Device's identity between from and upto.
func (s *story) identity(from, upto int) map[string]string {
	found := map[string]string{}
	for i := max(from+1, 0); i < min(upto, len(s.tl.Observations)); i++ {
		o := &s.tl.Observations[i]
		if o.Kind != Response || o.Frame == nil || o.Frame.Code != codeContent {
			continue
		}
		switch o.Frame.Path {
		case ocf.PathD:
			if d, _, err := ocf.DecodeD(o.Frame.Payload); err == nil {
				found["di"] = d.DI.String()
			}
		case ocf.PathDoxm:
			if x, _, err := ocf.DecodeDoxm(o.Frame.Payload); err == nil {
				found["deviceuuid"], found["devowneruuid"] = x.Device.String(), x.DevOwner.String()
				found["doxm.rowneruuid"], found["owned"] = x.Rowner.String(), fmt.Sprint(x.Owned)
			}
		}
	}
	return found
}
