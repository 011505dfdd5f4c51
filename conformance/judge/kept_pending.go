package judge

import (
	"slices"
	"strings"

	"github.com/ocfsim/ocfsim/conformance"
	"github.com/ocfsim/ocfsim/ocf"
)

// keptPending judges what DPM-12 says of writes while a process is pending: cm, isop, sm and
// dos.p are the Device's own, and a refused write changes nothing at all, the process
// least of all.
func (s *story) keptPending() []conformance.Finding {
	var all []conformance.Finding
	for _, bit := range s.kinds() {
		for _, d := range s.disturbances(bit, s.unheeded) {
			all = append(all, s.pendingKept(d).About(d.w.n))
		}
	}
	return all
}

// unheeded reports whether w has to leave everything as it is: a Client writes what is the
// Device's own, or was refused, or has no privilege. Requests, and what other requirements
// judge while a process is pending, are none of these.
func (s *story) unheeded(w write) bool {
	masks := w.writesMask(func(ocf.DPM) bool { return true })
	if w.asks() != 0 || !w.framed || w.odd() || w.leavesTM() || s.writesZero(w) || masks {
		return false
	}
	return w.refused() || !s.privileged(w.client) || w.writesOwn()
}

// writesOwn reports whether w writes a Property that is the Device's own, and does not move dos.
func (w write) writesOwn() bool {
	dos, _ := w.body.field("dos")
	_, state := dos.field("s")
	_, p := dos.field("p")
	return state == 0 && p > 0 || state == 0 && slices.ContainsFunc([]string{"cm", "isop", "sm"}, func(name string) bool {
		_, count := w.body.field(name)
		return count > 0
	})
}

func (s *story) pendingKept(d disturbance) conformance.Finding {
	const want = "4.xx, and all goes on as before"
	pre, _ := s.lastBefore(d.w.n)
	for _, x := range s.looks(d.w.end, min(d.heldUpto, d.next)) {
		diff := slices.DeleteFunc(differences(pre.Pstat, x.Pstat), func(name string) bool {
			own := d.bit == ocf.SSU && slices.Contains([]string{"dos", "isop", "p"}, name) // an update may move dos
			return own || name == "tm" || name == "cm"
		})
		if len(diff) > 0 {
			return s.unlessOwn(broken(x.N, want, d.w.code+", then "+x.String(), "%s was written during the %s and answered %s, and changed %s",
				d.says(), process(d.bit), d.w.code, strings.Join(diff, ", ")))
		}
	}
	f := s.survives(d)
	if f.Verdict == conformance.Pass && !d.w.refused() {
		return open(d.w.end, want, "answered %s, though nothing happened", d.w.code)
	}
	return f
}
