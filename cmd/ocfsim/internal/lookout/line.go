package lookout

import (
	"fmt"
	"net/netip"
	"time"

	"github.com/plgd-dev/go-coap/v3/message/codes"

	"github.com/ocfsim/ocfsim/ocf"
	"github.com/ocfsim/ocfsim/sim"
)

// Line is one line that Events writes. Which fields it has follows from Event.
type Line struct {
	Schema  string            `json:"schema"`
	Event   string            `json:"event"`
	At      time.Time         `json:"at"`
	Device  *int              `json:"device,omitempty"` // its index, from 0
	ID      string            `json:"id,omitempty"`     // the uuid that it was made with
	Address string            `json:"address,omitempty"`
	Group   string            `json:"group,omitempty"`
	Peer    string            `json:"peer,omitempty"`
	Session uint32            `json:"session,omitempty"`
	Subject string            `json:"subject,omitempty"`
	Method  string            `json:"method,omitempty"`
	Path    string            `json:"path,omitempty"`
	Code    string            `json:"code,omitempty"` // of the answer; absent if there was none
	Asks    string            `json:"asks,omitempty"`
	Process string            `json:"process,omitempty"`
	Result  string            `json:"result,omitempty"`
	TookS   *float64          `json:"took_s,omitempty"`
	TM      string            `json:"tm,omitempty"`
	CM      string            `json:"cm,omitempty"`
	DOS     string            `json:"dos,omitempty"`
	Version string            `json:"version,omitempty"`
	Reason  string            `json:"reason,omitempty"`
	Count   uint64            `json:"count,omitempty"`
	LeftOut map[string]uint64 `json:"left_out,omitempty"`
	Summary *Summary          `json:"summary,omitempty"`
}

// queued is an event that waits to be written: a Happening with what it points at.
type queued struct {
	kind         Kind
	process      Process
	result       Result
	method, code uint8
	session      uint32
	device       int
	at, took     time.Duration
	why          string
	is           sim.Standing
	local, peer  netip.AddrPort
	subject      ocf.UUID
	path, asks   string
}

func queuedOf(h *Happening) queued {
	q := queued{
		kind: h.Kind, process: h.Process, result: h.Result, device: h.Device, at: h.At, took: h.Took, why: h.Why, is: h.Is,
	}
	if a := h.Asked; a != nil {
		q.local, q.peer, q.session, q.subject = a.Local, a.Peer, a.Session, a.Subject
		q.method, q.code, q.path, q.asks = a.Method, a.Code, a.Path, a.Asks
	}
	if s := h.Sight; s != nil {
		q.local, q.peer, q.session, q.subject = s.Local, s.Peer, s.Session, s.Subject
	}
	return q
}

// line puts the event into words.
func (q *queued) line(r *Roster) Line {
	l := Line{
		Event: q.kind.String(), At: r.Began().Add(q.at).UTC(), Device: &q.device, ID: r.ID(q.device).String(), Group: r.group(q.device),
		Session: q.session, Path: q.path, Asks: q.asks, Reason: q.why,
	}
	if q.local.IsValid() {
		l.Address, l.Peer = q.local.String(), q.peer.String()
	} else {
		l.Address = r.Addr(q.device).String()
	}
	if !q.subject.IsNil() {
		l.Subject = q.subject.String()
	}
	switch q.kind {
	case Requested, WriteAccepted, WriteRefused:
		l.Method, l.Code = methodText(q.method), codeText(q.code)
	case ProcessEnded:
		l.Version = sim.VersionText(q.is.Version)
	}
	l.Process, l.Result, l.TookS, l.TM, l.CM, l.DOS = q.words(r)
	return l
}

// words says which process began or ended, and how pstat is, where the event is about that.
func (q *queued) words(r *Roster) (process, result string, tookS *float64, tm, cm, dos string) {
	switch q.kind {
	case ProcessBegan:
		process = q.process.String()
	case ProcessEnded:
		took := q.took.Seconds()
		process, result, tookS = q.process.String(), q.result.String(), &took
	case StateChanged:
		tm, cm, dos = r.mask(q.device, q.is.TM), r.mask(q.device, q.is.CM), q.is.DOS.String()
	}
	return process, result, tookS, tm, cm, dos
}

// methodText is the name of a method, or its code if it has none.
func methodText(code uint8) string {
	if name := codes.Code(code).String(); code >= 1 && code <= 7 {
		return name
	}
	return codeText(code)
}

// codeText is a code in the form of RFC 7252, such as 2.05; "" for no code.
func codeText(code uint8) string {
	if code == 0 {
		return ""
	}
	return fmt.Sprintf("%d.%02d", code>>5, code&0x1f)
}
