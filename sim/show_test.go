package sim_test

import (
	"fmt"

	"github.com/fxamacker/cbor/v2"

	"github.com/ocfsim/ocfsim/ocf"
	"github.com/ocfsim/ocfsim/sim"
)

// show writes down what the Device did, and does the shell's part.
func (w *world) show(effects []sim.Effect) {
	for _, e := range effects {
		if text := w.effect(&e); text != "" {
			w.lines = append(w.lines, fmt.Sprintf("%v %s", w.now, text))
		}
	}
}

func (w *world) effect(e *sim.Effect) string {
	switch e.Kind {
	case sim.Respond:
		text := code(e.Code)
		if e.Rep.Path != "" {
			text += " " + w.payload(e.Rep)
		}
		if e.Observable {
			text += " observable"
		}
		return text
	case sim.Notify:
		text := "notify " + w.payload(e.Rep)
		if e.Confirm {
			text += " con"
		}
		if e.Sole {
			text += " sole"
		}
		if e.Skew != 0 {
			text += fmt.Sprintf(" skew=%d", e.Skew)
		}
		return text
	case sim.Wake:
		w.due = -1
		if e.After >= 0 {
			w.due = w.now + e.After
		}
		return ""
	case sim.AskSource:
		w.asks = append(w.asks, e.Ask)
		w.asked = e.Ask.Number
		return fmt.Sprintf("%s %s", map[sim.AskKind]string{sim.Check: "check", sim.Fetch: "fetch"}[e.Ask.Kind], e.Ask.Version)
	case sim.LeaveSource:
		w.asks = nil
		return "leaves the source"
	case sim.Offline:
		w.asks = nil
		clear(w.vias)
		return "offline"
	case sim.Online:
		return "online"
	case sim.DropObservers:
		return "drop observers " + code(e.Code)
	case sim.Ignore:
		return "ignored"
	case sim.SendReset:
		return "RST"
	case sim.Acknowledge:
		return "ACK and nothing else"
	case sim.Persist:
		return ""
	case sim.CloseSessions:
		clear(w.vias)
		return "close sessions"
	case sim.ShowPIN:
		return "show PIN " + e.Text
	}
	return fmt.Sprintf("effect %d", e.Kind)
}

func code(c uint8) string { return fmt.Sprintf("%d.%02d", c>>5, c&0x1f) }

// payload shows a representation: pstat as a sample together with what contradicts
// it, other resources by the fields that change.
func (w *world) payload(r sim.Rep) string {
	data := w.device.Encode(nil, r, w.endpoints())
	switch {
	case r.Path == ocf.PathCore:
		return string(data)
	case r.Path == ocf.PathACL && !w.diag:
		return acl(data)
	case r.Path == ocf.PathCred && !w.diag:
		return creds(data)
	case w.diag, r.Path != ocf.PathPstat:
		text, err := cbor.Diagnose(data)
		if err != nil {
			return err.Error()
		}
		if w.secured {
			text = named(text)
		}
		return text
	}
	p, problems, err := ocf.DecodePstat(data)
	if err != nil {
		return err.Error()
	}
	text := p.String()
	if f := w.device.ContentFormat(r); f != ocf.FormatOCFCBOR {
		text += fmt.Sprintf(" format=%d", f)
	}
	if p.Pending {
		text += " p"
	}
	if p.ISOP != (p.DOS == ocf.RFNOP) {
		text += fmt.Sprintf(" isop=%v", p.ISOP)
	}
	for _, problem := range problems {
		text += " (" + problem.String() + ")"
	}
	return text
}
