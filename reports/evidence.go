package reports

import (
	"encoding/hex"
	"fmt"
	"slices"
	"strings"

	"github.com/ocfsim/ocfsim/conformance"
	"github.com/ocfsim/ocfsim/conformance/assess"
	"github.com/ocfsim/ocfsim/conformance/edition"
	"github.com/ocfsim/ocfsim/ocf"
)

// framesShown limits how many messages are shown around a deciding observation.
const framesShown = 12

// frameView is one message or event that is relevant to a finding.
type frameView struct {
	N       int
	At      string
	Client  string
	Arrow   string // → to the Device, ← from it, · neither
	Says    string
	Decides bool
}

// asked says what the Device had been asked to do when it showed what f is about: in
// which step, by which Client, when, and with which answer.
func asked(tl conformance.Timeline, f conformance.Finding) string {
	a := assess.AskedBy(tl, f)
	if a.N < 0 {
		return clean(a.Step)
	}
	o := tl.Observations[a.N]
	text := headline(o)
	switch o.Kind {
	case conformance.Request:
		text = strings.TrimSpace(fmt.Sprintf("%s %s %s", o.Frame.Code, target(o.Frame), content(o))) + " by " + who(o.Client)
	case conformance.Condition:
		text = "condition " + o.Name
	case conformance.Session:
		text = text + " to " + who(o.Client)
	}
	text += " at " + clock(o.At)
	if a.Answer >= 0 {
		text += ", " + answered(tl.Observations[a.Answer])
	}
	if a.Step != "" {
		text = a.Step + ": " + text
	}
	return clean(text)
}

// who names a Client with its privilege.
func who(client string) string {
	kind, privileged := strings.CutPrefix(client, conformance.Privileged+" ")
	why, unprivileged := strings.CutPrefix(client, conformance.Unprivileged+" ")
	switch {
	case unprivileged:
		return "an unprivileged Client (" + why + ")"
	case privileged:
		return "a privileged Client (" + kind + ")"
	case client == conformance.Second:
		return "the second privileged Client"
	case client == conformance.Unprivileged:
		return "an unprivileged Client"
	case client == "":
		return "a Client"
	}
	return "the " + client + " Client"
}

// lastWrite returns the last write at or before the observation upto that writes
// anything to pstat or, if there is none, the last write to another resource.
// Without a deciding observation it searches the whole timeline. It returns -1 if
// nothing was written.
func lastWrite(tl conformance.Timeline, upto int) int {
	if upto < 0 {
		upto = len(tl.Observations) - 1
	}
	other := -1
	for n := min(upto, len(tl.Observations)-1); n >= 0; n-- {
		o := &tl.Observations[n]
		if o.Kind != conformance.Request || o.Frame == nil || o.Frame.Code == "GET" {
			continue
		}
		if o.Frame.Path == ocf.PathPstat {
			return n
		}
		other = max(other, n)
	}
	return other
}

// answered says what became of a request that o, an answer or a loss, ended.
func answered(o conformance.Observation) string {
	if o.Kind == conformance.Lost || o.Frame == nil {
		return "not answered"
	}
	return "answered " + o.Frame.Code
}

// frames returns the messages that a finding is based on: the request that it is
// about and the write before it, with the answers, the request that the deciding
// observation answers, what was told of pstat just before and after, and what the
// gate and the source reported.
func frames(tl conformance.Timeline, f conformance.Finding) []frameView {
	witness := f.Witness
	if witness < 0 || witness >= len(tl.Observations) {
		return nil
	}
	keep := map[int]bool{witness: true}
	about := assess.AskedBy(tl, f)
	for _, n := range []int{about.N, about.Answer} {
		if n >= 0 {
			keep[n] = true
		}
	}
	for i, upto := 0, witness; i < 2; i++ { // the write, and the one before it, which may still have been under way
		n := lastWrite(tl, upto)
		if n < 0 || upto < 0 {
			break
		}
		keep[n] = true
		if a := assess.AnswerTo(tl, n); a >= 0 && i == 0 {
			keep[a] = true
		}
		around(tl, n, -1, 1, keep)
		upto = n - 1
		if upto < 0 {
			break
		}
	}
	if o := tl.Observations[witness]; o.For != nil && *o.For >= 0 && *o.For < len(tl.Observations) {
		keep[*o.For] = true
	} else if o.Kind == conformance.Request {
		if a := assess.AnswerTo(tl, witness); a >= 0 {
			keep[a] = true
		}
	}
	around(tl, witness, -1, 3, keep)
	around(tl, witness, 1, 2, keep)
	var ns []int
	for n := range keep {
		ns = append(ns, n)
	}
	slices.Sort(ns)
	if len(ns) > framesShown {
		at := slices.Index(ns, witness)
		from := min(max(at-framesShown+3, 0), len(ns)-framesShown)
		ns = ns[from : from+framesShown]
		if about.N >= 0 && about.N < ns[0] { // far away, and what it is all about
			ns[0] = about.N
		}
	}
	var out []frameView
	for _, n := range ns {
		out = append(out, frameOf(editionOf(tl), tl.Observations[n], n == witness))
	}
	return out
}

// around adds to keep the next count observations, starting after n and going by
// step, that show a changed pstat, open or close the gate, or show that the source
// was asked just before.
func around(tl conformance.Timeline, n, step, count int, keep map[int]bool) {
	begins := map[int]bool{}
	for _, s := range stays(tl, "", 0, 0) {
		begins[s.first.N] = true
	}
	for i := n + step; i >= 0 && i < len(tl.Observations) && count > 0; i += step {
		o := &tl.Observations[i]
		gate := o.Kind == conformance.Condition && o.Outcome == conformance.Done
		if begins[i] || gate || o.Kind == conformance.Source && step < 0 && n-i < 6 {
			keep[i] = true
			count--
		}
	}
}

// frameOf shows o in the words of the edition e.
func frameOf(e *edition.Edition, o conformance.Observation, decides bool) frameView {
	v := frameView{N: o.N, At: clock(o.At), Client: clean(o.Client), Arrow: "·", Decides: decides}
	says := headline(plainer(o))
	switch o.Kind {
	case conformance.Request:
		v.Arrow = "→"
	case conformance.Response, conformance.Notification:
		v.Arrow = "←"
	case conformance.Lost:
		v.Arrow = "✕"
	case conformance.Condition:
		says = "condition " + says
	case conformance.Source:
		says = "source: " + says
	}
	if o.Kind == conformance.Notification {
		says = "notification " + says
	}
	if text := brief(o, decides); text != "" && text != says {
		says += "  " + clip(text, 480)
	}
	v.Says = clean(e.Letters(strings.Join(strings.Fields(says+packet(o)), " ")))
	return v
}

// packet says which packet of the capture o is, if that is known.
func packet(o conformance.Observation) string {
	if o.Packet == 0 {
		return ""
	}
	return fmt.Sprintf(" (packet %d)", o.Packet)
}

// plainer returns o without the content format if it is the usual one.
func plainer(o conformance.Observation) conformance.Observation {
	if o.Frame != nil && o.Frame.Format != nil && *o.Frame.Format == ocf.FormatOCFCBOR {
		f := *o.Frame
		f.Format = nil
		o.Frame = &f
	}
	return o
}

// brief says what o carries. For a valid pstat that is tm, cm and dos, and the rest
// only if o decides; for any other payload it is everything.
func brief(o conformance.Observation, decides bool) string {
	p, problems, shows := o.Pstat()
	switch {
	case o.Frame != nil && decides && len(problems) > 0: // the mistake may be visible only in the bytes
		return content(o) + " h'" + hex.EncodeToString(o.Frame.Payload) + "'"
	case !shows || len(problems) > 0 || o.Frame == nil:
		return content(o)
	}
	text := fmt.Sprintf("tm=%s cm=%s dos=%s", p.TM, p.CM, dosText(p))
	if decides {
		text += fmt.Sprintf(" isop=%v om=%v sm=%v", p.ISOP, p.OM, p.SM)
	}
	return text
}

// evidence returns the fault that a concern is about. ok is false if its Timeline is
// not available or shows nothing.
func (b reportBook) evidence(c concern, timelines Timelines) (x fault, ok bool) {
	if timelines == nil || c.scenario == "" {
		return fault{}, false
	}
	for _, whole := range b.rep.Scenarios {
		for _, s := range whole.Each() {
			if clean(s.ID) != c.scenario || s.Attempt != c.attempt {
				continue
			}
			tl, _ := load(s.Timeline, timelines)
			if len(tl.Observations) == 0 {
				return fault{}, false
			}
			all := b.faults(s, attempt(b.findingsOf()[s.ID], s.Attempt), tl)
			i := slices.IndexFunc(all, func(x fault) bool {
				return c.expected && x.Expected || !x.Expected && c.First != nil && x.Name == c.ID && x.Finding.Witness == c.First.Witness
			})
			if i < 0 {
				return fault{}, false
			}
			return all[i], true
		}
	}
	return fault{}, false
}
