package conformance

import (
	"github.com/ocfsim/ocfsim/ocf"
)

// unsecured is the reason why the requirements of identity are not judged.
const unsecured = "the target is unsecured: without a session every Client is privileged"

// unprivilegedRefused judges that only a sufficiently privileged Client can
// start the process of bit (seed.txt 33-34, 46-48): by pstat and the source,
// not by the response code.
func unprivilegedRefused(bit ocf.DPM) rule {
	return func(s *story) []Finding {
		if !s.target.Secured {
			return []Finding{{Verdict: NotApplicable, Witness: -1, Reason: unsecured}}
		}
		var all []Finding
		for _, w := range s.writes {
			if s.privileged(w.client) || !w.asks().Has(bit) || !s.idle(w.n) {
				continue
			}
			f := s.unmoved(bothBits, w, func(v write) bool { return !s.privileged(v.client) })
			if f.Verdict == Pass && w.accepted() {
				f = open(w.end, "refused", "answered %s, though nothing happened", w.code)
			}
			if before, after := s.versionBefore(w.n), s.versionIn(w.n, s.nextWrite(w.n)); before != after && before != "" && after != "" {
				f = broken(w.n, "version "+before, "version "+after, "the software changed though the Client was not privileged")
			}
			all = append(all, f)
		}
		return all
	}
}

// unprivilegedBlind judges that a Client without permission gets no
// observation (seed.txt 33-34, 69-71).
func unprivilegedBlind(s *story) []Finding {
	if !s.target.Secured {
		return []Finding{{Verdict: NotApplicable, Witness: -1, Reason: unsecured}}
	}
	const want = "refused"
	var all []Finding
	for i := range s.tl.Observations {
		o := &s.tl.Observations[i]
		if s.privileged(o.Client) {
			continue
		}
		switch {
		case o.Kind == Notification:
			all = append(all, broken(i, want, "a notification", "Client %s has no permission and was notified", o.Client))
		case o.Kind != Response || o.For == nil || o.Frame == nil || !registers(&s.tl.Observations[*o.For]):
		case success(o.Frame.Code):
			all = append(all, broken(i, want, o.Frame.Code, "Client %s has no permission and may observe", o.Client))
		default:
			all = append(all, passed(i, want, o.Frame.Code, "Client %s was refused", o.Client))
		}
	}
	return all
}
