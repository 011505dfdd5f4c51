package judge

import (
	"slices"
	"strings"

	"github.com/ocfsim/ocfsim/conformance"
	"github.com/ocfsim/ocfsim/ocf"
)

// These four are no courses: they go through a Timeline look by look.

// gets are the answers to GETs that were sent after from and arrived before upto.
func (r *annals) gets(from, upto int) []seen {
	var all []seen
	for _, x := range r.looks {
		if x.stream < 0 && x.since > from && x.n < upto {
			all = append(all, x)
		}
	}
	return all
}

// until is the first entry from n on that f is true of, or the end.
func (r *annals) until(n int, f func(i int, o conformance.Observation) bool) int {
	for i := max(n, 0); i < len(r.tl.Observations); i++ {
		if f(i, r.tl.Observations[i]) {
			return i
		}
	}
	return len(r.tl.Observations)
}

// restless are what may change a Device: any write, and restarts.
func restless(_ int, o conformance.Observation) bool {
	return o.Kind == conformance.Request && o.Frame.Code == "POST" || o.Kind == conformance.Condition && (o.Name == conformance.Reboot || o.Name == conformance.FactoryReset)
}

// slowClears is SSU-4: what an update's start clears, of cm=V+U.
func slowClears(r *annals) conformance.Verdict {
	held := r.heldFor(ocf.SSU)
	for _, w := range r.writes() {
		if w.tm != ocf.SSU || !w.alone || !w.effects {
			continue
		}
		before := r.gets(-1, w.n)
		if len(before) == 0 || before[len(before)-1].p.CM&bothBits != bothBits {
			continue
		}
		for _, x := range r.gets(w.end, r.until(w.n+1, restless)) {
			if held[x.since] && held[x.n] && x.p.CM&bothBits == bothBits {
				return conformance.Fail
			}
		}
	}
	return conformance.None
}

// slowPending is OBS-2: somebody is told of the pending process while it is held.
func slowPending(r *annals) conformance.Verdict {
	for _, bit := range []ocf.DPM{ocf.SVV, ocf.SSU} {
		held := r.heldFor(bit)
		for _, w := range r.writes() {
			upto := r.until(w.n+1, restless)
			from := r.until(w.end, func(i int, _ conformance.Observation) bool { return held[i] })
			opened := r.until(from, func(_ int, o conformance.Observation) bool {
				return o.Kind == conformance.Condition && o.Name != conformance.Hold
			})
			upto = min(upto, opened)
			if w.tm != bit || !w.alone || !w.effects || from >= upto || r.at(upto)-r.at(from) < r.tl.Header.Target.Timing.Settle {
				continue
			}
			watched, told := false, false
			for _, x := range r.looks {
				told = told || x.n < w.n && x.p.TM.Has(bit) && !slices.ContainsFunc(r.looks, func(y seen) bool { return x.n < y.n && y.n < w.n && !y.p.TM.Has(bit) })
			}
			for reg, all := range r.of {
				watched = watched || all[0].n < w.n && r.stands(reg, w.n)
			}
			for i, o := range r.tl.Observations[:upto] {
				p, _, ok := o.Pstat()
				told = told || i > w.n && o.Kind == conformance.Notification && ok && p.TM.Has(bit)
			}
			if watched && !told {
				return conformance.Fail
			}
		}
	}
	return conformance.None
}

// stands reports whether the observation of reg was still there at n, and
// nothing was lost since.
func (r *annals) stands(reg, n int) bool {
	return r.until(reg+1, func(_ int, o conformance.Observation) bool {
		again := o.Kind == conformance.Request && o.Frame.Observe != nil && o.Client == r.tl.Observations[reg].Client
		return again || o.Kind == conformance.Lost || o.Kind == conformance.Condition && o.Name == conformance.Reboot
	}) >= n
}

// slowNumbered is OBS-3 too: no notification has the number of the answer to the
// registration that was sent once, or a lower one and shows in tm what was requested
// first of all, after that answer.
func slowNumbered(r *annals) conformance.Verdict {
	for n, answer := range r.tl.Observations {
		if answer.Kind != conformance.Response || answer.For == nil || !answer.CarriesPstat() || answer.Frame.Observe == nil {
			continue
		}
		asked, first := r.tl.Observations[*answer.For], *answer.Frame.Observe
		for i, o := range r.tl.Observations {
			sentAgain := o.Kind == conformance.Message && o.Frame != nil && o.Frame.MID == asked.Frame.MID && o.Client == asked.Client
			if sentAgain && i < n {
				break
			}
			p, _, ok := o.Pstat()
			if !ok || i < n || o.Kind != conformance.Notification || o.For == nil || *o.For != *answer.For || o.At-answer.At > conformance.TrustedFor {
				continue
			}
			behind := (first - *o.Frame.Observe) & (1<<24 - 1)
			requests := slices.DeleteFunc(r.writes(), func(w wrote) bool {
				return w.n > i || w.n < *answer.For || w.tm&bothBits == 0 || !w.effects
			})
			caused := len(requests) > 0 && requests[0].n > n && p.TM&requests[0].tm&bothBits != 0
			if behind == 0 || behind < 1<<23 && caused {
				return conformance.Fail
			}
		}
	}
	return conformance.None
}

// slowTold is OBS-3: numbers rise from the registration's answer on, and at rest, before something else begins, somebody was told
// the state that GETs have shown for a settle time.
func slowTold(r *annals) conformance.Verdict {
	if slowNumbered(r) == conformance.Fail {
		return conformance.Fail
	}
	for n := range r.tl.Observations {
		end := n+1 == len(r.tl.Observations)
		if !end && r.tl.Observations[n+1].Kind != conformance.Lost && !restless(n+1, r.tl.Observations[n+1]) {
			continue
		}
		looks := r.gets(-1, n+1)
		if len(looks) == 0 || looks[len(looks)-1].p.TM&bothBits != 0 || r.until(looks[len(looks)-1].since, restless) <= n {
			continue
		}
		missed, told := false, false
		for reg, all := range r.of {
			if all[0].n > n || !r.stands(reg, n) {
				continue
			}
			m, t := r.missed(all, looks, n)
			missed, told = missed || m, told || t
		}
		if missed && !told {
			return conformance.Fail
		}
	}
	return conformance.None
}

// missed reports whether an observer who was told all was due to be told the
// last of looks by n, and was not; told that it was, then or ever.
func (r *annals) missed(all, looks []seen, n int) (missed, told bool) {
	end, last := looks[len(looks)-1].p.String(), all[0]
	for _, x := range all {
		if x.n <= n {
			last = x
		}
		told = told || x.p.String() == end && x.n > n
	}
	if last.p.String() == end || told {
		return false, told || last.n != all[0].n
	}
	first := len(looks)
	for i := len(looks) - 1; i >= 0 && looks[i].since > last.n && looks[i].p.String() == end; i-- {
		first = i
	}
	return first < len(looks) && r.at(n)-r.at(looks[first].n) >= r.tl.Header.Target.Timing.Settle, false
}

// slowReadOnly is DPM-12: cm and isop are not the Client's to write, and what is pending goes on
// to its end.
func slowReadOnly(r *annals) conformance.Verdict {
	held := [2][]bool{r.heldFor(ocf.SVV), r.heldFor(ocf.SSU)}
	for _, w := range r.writes() {
		v, _ := readPayload(r.tl.Observations[w.n].Frame.Payload)
		if len(v.fields) > 0 && v.fields[0].name != "tm" && w.end < len(r.tl.Observations) && w.code == "" {
			return conformance.Inconclusive // it did not answer: the judge goes by what else it answered
		}
		if f := v.fields; len(f) > 0 && f[0].name == "cm" && w.tm&bothBits == 0 {
			for k := range held {
				if r.written(w, ocf.DPM(f[0].value.arg)&bothBits, held[k]) {
					return conformance.Fail
				}
			}
		}
		before, after := r.gets(-1, w.n), r.gets(w.end, r.until(w.n+1, restless))
		if len(before) == 0 || len(after) == 0 || r.until(before[len(before)-1].since, restless) != w.n || !r.quiet()[before[len(before)-1].n] {
			continue
		}
		a, b := before[len(before)-1].p, after[0].p
		writes := false
		for _, f := range v.fields {
			moved := f.name == "cm" && w.tm&bothBits == 0 && ocf.DPM(f.value.arg) == b.CM && a.CM != b.CM
			if (moved || f.name == "isop" && a.ISOP != b.ISOP) && w.code != "" {
				return conformance.Fail
			}
			writes = writes || f.name == "cm" && ocf.DPM(f.value.arg) != a.CM || f.name == "isop"
		}
		if writes && strings.HasPrefix(w.code, "4") && a.String() != b.String() {
			return conformance.Fail
		}
	}
	for _, bit := range []ocf.DPM{ocf.SVV, ocf.SSU} {
		if _, ok := explained(r, r.course(laws{bit: bit, truth: 3, stays: true, due: true})); !ok {
			return conformance.Inconclusive // it may be a write of cm or isop that the process came to harm by
		}
	}
	return conformance.None
}

// written reports whether cm has gained set from w on, while the source holds
// its answer, which would tell of it.
func (r *annals) written(w wrote, set ocf.DPM, held []bool) bool {
	before := slices.DeleteFunc(slices.Clone(r.looks), func(x seen) bool { return x.n > w.n })
	if len(before) == 0 || w.code == "" {
		return false
	}
	for _, x := range r.gets(w.end, r.until(w.n+1, restless)) {
		if held[w.n] && held[x.n] && set.Without(before[len(before)-1].p.CM)&x.p.CM != 0 {
			return true
		}
	}
	return false
}
