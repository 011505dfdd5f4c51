package judge

import (
	"strings"

	"github.com/ocfsim/ocfsim/conformance"
	"github.com/ocfsim/ocfsim/ocf"
)

var dpm12 = Requirement{
	ID: "DPM-12", Lines: "28-55",
	Clause: "the Device sets the /oic/sec/pstat.cm Initiate Software Version Validation bit to 0",
	Says:   "cm, isop, sm and dos.p are the Device's: a Client cannot write them, and a refused write changes nothing at all",
	Level:  Derived, Severity: conformance.Fail, Actor: Device, Edition: OCF10,
	Verdicts: Verdicts{
		Pass: "4.xx, pstat unchanged",
		Fail: "any of it takes effect",
	},
	rule: readOnlyKept,
}

// readOnlyKept judges that cm, isop, sm and dos.p are the Device's (seed.txt
// 28-55), as are the moves of dos that no Client can ask for, and that a refused
// write changes nothing at all. Of those that are accepted only writes of a value
// that differs from the present one tell. A Client without the privilege can write none of pstat.
func readOnlyKept(s *story) []conformance.Finding {
	var all []conformance.Finding
	for _, w := range s.writes {
		pre, ok := s.lastBefore(w.n)
		if !ok || !w.framed || pre.Pstat.TM&s.processes() != 0 || s.outstanding(w.n) != 0 {
			continue
		}
		if !s.privileged(w.client) {
			if w.asks() == 0 && s.rests(w.n, ocf.RFPRO, ocf.RFNOP, ocf.SRESET) {
				all = append(all, s.strangerKept(w, pre).About(w.n))
			}
			continue
		}
		if name, differs := w.readOnly(pre.Pstat); differs {
			all = append(all, s.readOnlyKept(w, pre, name).About(w.n))
		} else if dos, ok := w.dos(); ok && dos != pre.Pstat.DOS && (conformance.Refusal(w.code) || closed(pre.Pstat.DOS, dos)) {
			all = append(all, s.readOnlyKept(w, pre, "dos").About(w.n))
		}
	}
	for _, bit := range s.kinds() {
		for _, d := range s.disturbances(bit, anyWrite) {
			all = append(all, s.resultWritten(d)...)
		}
	}
	return append(all, s.keptPending()...)
}

// closed reports whether no Client can have a Device go from one dos to the
// other: RFOTM is entered from RESET alone, and by the Device itself; it is left
// for RFPRO, and so is SRESET (NOTES 3.1). That some take RFOTM to RFNOP at once is known.
func closed(from, to ocf.DOS) bool {
	switch to {
	case ocf.RFOTM:
		return from == ocf.RFPRO || from == ocf.RFNOP || from == ocf.SRESET
	case ocf.RFNOP:
		return from == ocf.SRESET
	case ocf.SRESET:
		return from == ocf.RFOTM
	}
	return false
}

// result are the bits V and U that w sets in cm, without asking for either in tm.
func (w write) result() ocf.DPM {
	v, count := w.body.field("cm")
	m, ok := v.mode()
	if !w.ok || !w.framed || count != 1 || !ok || w.asks() != 0 {
		return 0
	}
	return m & (bothBits | w.later)
}

// resultWritten finds a cm that a Client set while a process was pending: as
// long as the source holds its answer it can't be the result.
func (s *story) resultWritten(d disturbance) []conformance.Finding {
	pre, _ := s.lastBefore(d.w.n)
	for _, x := range s.looks(d.w.end, min(d.heldUpto, d.next)) {
		if set := d.w.result().Without(pre.Pstat.CM) & x.Pstat.CM; set != 0 {
			return []conformance.Finding{s.unlessOwn(broken(x.N, "4.xx, and cm as before", d.w.code+", then "+x.String(),
				"%s was written during the %s and answered %s, and cm shows it", d.w.says(), process(d.bit), d.w.code)).About(d.w.n)}
		}
	}
	return nil
}

// readOnly names the first read-only property that w writes with another value
// than it has in p, or with another type. Of a refused write any value tells.
func (w write) readOnly(p ocf.Pstat) (string, bool) {
	dos, _ := w.body.field("dos")
	for _, c := range []struct {
		name string
		in   value
		now  value
	}{
		{"cm", w.body, value{major: ocf.MajorUint, arg: uint64(p.CM)}},
		{"isop", w.body, boolean(p.ISOP)},
		{"sm", w.body, value{major: ocf.MajorUint, arg: uint64(p.SM)}},
		{"p", dos, boolean(p.Pending)},
	} {
		v, count := c.in.field(c.name)
		if count > 0 && (w.refused() || v.major != c.now.major || v.arg != c.now.arg) {
			return c.name, true
		}
	}
	return "", false
}

func boolean(b bool) value {
	if b {
		return value{major: ocf.MajorSimple, arg: cborTrue}
	}
	return value{major: ocf.MajorSimple, arg: cborFalse}
}

func (s *story) readOnlyKept(w write, pre conformance.Sample, name string) conformance.Finding {
	const want = "4.xx, and pstat as before"
	upto := s.disturbed(w.n, anyWrite)
	if s.ignored(w) {
		return unseen(broken(w.end, want, "no answer", "the Device did not answer %s", w.says()))
	}
	if s.unseenMove(pre, w) || w.refused() && s.outdated(pre, w, anyWrite) {
		return open(w.end, want, "pstat was written or the Device restarted before, and nobody has looked since")
	}
	changes := func(x conformance.Sample) []string { return w.changes(name, pre.Pstat, x.Pstat) }
	for _, x := range s.samples {
		if x.N <= w.n || x.N >= upto || s.spontaneous() || !s.afterWrite(x, pre, w) {
			continue
		}
		if diff := strings.Join(changes(x), ", "); diff != "" {
			f := broken(x.N, want, w.code+", then "+diff, "%s was written and answered %s, and changed %s", w.says(), w.code, diff)
			return s.unlessBegun(f, w, pre)
		}
	}
	for _, x := range s.looks(w.end, upto) {
		if s.at(x.Since) < s.at(w.end)+s.target.Timing.Settle {
			continue
		}
		if w.accepted() {
			return warned(broken(x.N, want, w.code, "%s was answered %s instead of being refused, but %s did not change", w.says(), w.code, name))
		}
		if !w.refused() {
			return open(w.end, want, "%s got no answer", w.says())
		}
		if r, ok := s.newQuestion(w, s.processes(), func(v write) bool { return v.n == w.n }); ok && !s.spontaneous() {
			before, _ := s.reportBefore(w.n)
			return s.unlessAlone(broken(r.n, want, w.code+", then the source was asked", "%s was refused, and yet a process began", w.says()), before.n)
		}
		f := passed(x.N, want, w.code+", then "+x.String(), "%s was refused with %s and changed nothing", w.says(), w.code)
		return s.unlessDoubted(f, w, upto, pre, func(x conformance.Sample) bool { return len(changes(x)) > 0 })
	}
	return open(w.n, want, "no GET a settle time after the write")
}

// changes are the Properties that w, if it was refused, must not have changed from
// was to is; else name alone, which is not the Client's to write.
func (w write) changes(name string, was, is ocf.Pstat) []string {
	diff := differences(was, is)
	switch {
	case w.refused():
		return diff
	case name == "cm" && (was.CM^is.CM).Without(w.asks()) == 0:
		return nil // the result of what was requested with it
	}
	return only(diff, name)
}

// strangerKept judges a write by a Client without the privilege, of anything but
// a request in tm, to an idle Device: whatever it is answered, pstat is as before.
func (s *story) strangerKept(w write, pre conformance.Sample) conformance.Finding {
	const want = "refused, and pstat as before"
	upto := s.disturbed(w.n, anyWrite)
	if s.outdated(pre, w, anyWrite) {
		return open(w.n, want, "pstat was written or the Device restarted before, and nobody has looked since")
	}
	for _, x := range s.samples {
		if x.N <= w.n || x.N >= upto || s.spontaneous() || !s.afterWrite(x, pre, w) {
			continue
		}
		if diff := strings.Join(differences(pre.Pstat, x.Pstat), ", "); diff != "" {
			f := broken(x.N, want, w.code+", then "+diff, "Client %s is not privileged, and %s changed %s", w.client, w.says(), diff)
			return s.unlessBegun(f, w, pre)
		}
	}
	for _, x := range s.looks(w.end, upto) {
		if s.privileged(x.Client) && s.at(x.Since) >= s.at(w.end)+s.target.Timing.Settle {
			f := s.turnedAway(w, passed(x.N, want, w.code+", then "+x.String(), "%s of Client %s was refused with %s and changed nothing", w.says(), w.client, w.code))
			return s.unlessDoubted(f, w, upto, pre, func(x conformance.Sample) bool { return len(differences(pre.Pstat, x.Pstat)) > 0 })
		}
	}
	return open(w.n, want, "no GET a settle time after the write")
}

// differences are the properties that differ between a and b.
func differences(a, b ocf.Pstat) []string {
	var names []string
	for _, c := range []struct {
		name   string
		prop   ocf.Properties
		differ bool
	}{
		{"cm", ocf.PropCM, a.CM != b.CM},
		{"tm", ocf.PropTM, a.TM != b.TM},
		{"isop", ocf.PropISOP, a.ISOP != b.ISOP},
		{"sm", ocf.PropSM, a.SM != b.SM},
		{"om", ocf.PropOM, a.OM != b.OM},
		{"p", ocf.PropP, a.Pending != b.Pending},
		{"dos", ocf.PropDOS, a.DOS != b.DOS},
	} {
		if c.differ && a.Present.Has(c.prop) && b.Present.Has(c.prop) {
			names = append(names, c.name)
		}
	}
	return names
}

func only(names []string, name string) []string {
	for _, n := range names {
		if n == name {
			return []string{n}
		}
	}
	return nil
}
