package judge

import (
	"github.com/ocfsim/ocfsim/conformance"
	"github.com/ocfsim/ocfsim/ocf"
)

// write is a POST to pstat, or a PUT.
type write struct {
	n      int
	since  int // no write, but a process of the Device's own that was seen at n, and may have begun since then; 0 for a write
	end    int // its answer, or what ended the wait for one; never where the record stops before
	client string
	code   string // "" without an answer
	body   value
	ok     bool    // body is a map
	way    string  // its query, or its method where that is not POST
	framed bool    // Content-Format is one of CBOR
	con    bool    // confirmable: sent again until answered
	plain  bool    // Content-Format is the one of OCF, and nothing is asked that OCF has not
	gone   bool    // its session was gone before an answer could come
	turned bool    // no write: the Client was refused a session
	later  ocf.DPM // the processes that its edition has beside V and U
	twice  bool    // the answer may be to a copy of it, after a restart that made the Device forget the first
}

// earliest is after which Observation the process of w can have begun.
func (w write) earliest() int {
	if w.since > 0 {
		return w.since
	}
	return w.n
}

// tm is what w writes to tm; ok is false where that is no dpmtype.
func (w write) tm() (m ocf.DPM, ok bool) {
	v, count := w.body.field("tm")
	if !w.ok || count != 1 {
		return 0, false
	}
	return v.mode()
}

// asks are the processes that w requests.
func (w write) asks() ocf.DPM {
	m, ok := w.tm()
	if !ok {
		return 0
	}
	return m & (bothBits | w.later)
}

// requests reports whether w requests the process of bit, unless it was refused.
func (w write) requests(bit ocf.DPM) bool { return w.asks().Has(bit) && !w.refused() }

// writesOnly reports whether w is {tm: m} and nothing else.
func (w write) writesOnly(m ocf.DPM) bool {
	got, ok := w.tm()
	return ok && got == m && len(w.body.fields) == 1 && w.way == "" && w.framed
}

func (w write) accepted() bool { return conformance.Success(w.code) }

// refused reports whether w had no effect by the Device's own word.
func (w write) refused() bool {
	return (conformance.Refusal(w.code) || conformance.Fault(w.code)) && !w.twice
}

// lost reports whether w went unanswered though it was sent again and again.
func (w write) lost() bool { return w.code == "" && w.end != never && w.con && !w.gone && !w.turned }

// dos is the device state that w asks for.
func (w write) dos() (d ocf.DOS, ok bool) {
	v, _ := w.body.field("dos")
	state, count := v.field("s")
	return ocf.DOS(state.arg & 0xff), w.ok && w.framed && count == 1 && state.major == ocf.MajorUint && state.arg <= 0xff
}

// writesMask reports whether w is {tm: m} alone with an m that fits.
func (w write) writesMask(fits func(ocf.DPM) bool) bool {
	m, ok := w.tm()
	return ok && fits(m) && w.writesOnly(m)
}

// says is what w wrote to tm, or to what else.
func (w write) says() string {
	if !w.ok {
		return "a payload that is no map"
	}
	text := ""
	for _, f := range w.body.fields {
		if text != "" {
			text += ", "
		}
		shown := f.value.String()
		if dos, ok := w.dos(); ok && f.name == "dos" {
			shown = dos.String()
		}
		text += f.name + "=" + shown
	}
	if text == "" {
		return "an empty map"
	}
	return text
}
