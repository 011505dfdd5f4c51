package reports

import (
	"time"

	"github.com/ocfsim/ocfsim/conformance"
	"github.com/ocfsim/ocfsim/ocf"
)

// scene makes a Timeline by hand. Each method appends one observation; wait lets
// time pass.
type scene struct {
	tl      conformance.Timeline
	now     time.Duration
	mid     uint16
	number  uint32
	state   ocf.Pstat
	request int
}

// begun is the time when every sample run began.
func begun() time.Time { return time.Date(2026, 3, 14, 9, 26, 53, 0, time.UTC) }

func newScene(id, name, feature string) *scene {
	return &scene{
		tl: conformance.Timeline{Header: conformance.Header{
			Schema: "ocfsim.timeline/1", Tool: "ocfsim test", Edition: "ocf-1.0", Scenario: id, Name: name,
			Feature: feature, Started: begun(),
		}},
		mid: 4711, state: ocf.Pstat{DOS: ocf.RFNOP, ISOP: true, OM: 4, SM: 4}, number: 1,
	}
}

func (s *scene) add(o conformance.Observation) int {
	s.now += 40 * time.Microsecond
	o.N, o.At, o.Wall = len(s.tl.Observations), s.now, begun().Add(s.now)
	s.tl.Observations = append(s.tl.Observations, o)
	return o.N
}

func (s *scene) wait(d time.Duration) *scene { s.now += d; return s }

func (s *scene) step(text string) *scene {
	s.add(conformance.Observation{Kind: conformance.Step, Text: text})
	return s
}

func (s *scene) condition(name string) *scene {
	s.add(conformance.Observation{Kind: conformance.Condition, Name: name, Outcome: conformance.Asked})
	s.add(conformance.Observation{Kind: conformance.Condition, Name: name, Outcome: conformance.Done})
	return s
}

func (s *scene) source(checks, fetches, holding int) *scene {
	s.add(conformance.Observation{Kind: conformance.Source, Source: &conformance.SourceReport{
		Checks: checks, Fetches: fetches, Served: fetches, Holding: holding, Version: "1.0.0",
	}})
	return s
}

func (s *scene) frame(kind conformance.Kind, client, typ, code string, payload []byte) int {
	format := uint16(ocf.FormatOCFCBOR)
	f := &conformance.Frame{Type: typ, Code: code, MID: s.mid, Token: []byte{0xc0, 0xff, 0xee, 1}, Path: ocf.PathPstat}
	if payload != nil {
		f.Format, f.Payload = &format, payload
		f.Raw = append([]byte{0x44, 2, byte(s.mid >> 8), byte(s.mid), 0xc0, 0xff, 0xee, 1, 0xff}, payload...)
	}
	o := conformance.Observation{Kind: kind, Client: client, Frame: f}
	if kind == conformance.Response {
		n := s.request
		o.For = &n
	}
	return s.add(o)
}

// observe registers client, and the Device answers with its state.
func (s *scene) observe(client string) *scene {
	zero := uint32(0)
	s.request = s.frame(conformance.Request, client, "CON", "GET", nil)
	s.tl.Observations[s.request].Frame.Observe = &zero
	s.wait(900 * time.Microsecond)
	n := s.frame(conformance.Response, client, "ACK", "2.05", s.state.AppendCBOR(nil, ocf.InterfaceDefault))
	s.number++
	number := s.number
	s.tl.Observations[n].Frame.Observe = &number
	s.mid++
	return s
}

// post writes payload, and the Device answers with code.
func (s *scene) post(client string, payload []byte, code string) *scene {
	s.request = s.frame(conformance.Request, client, "CON", "POST", payload)
	s.wait(1100 * time.Microsecond)
	s.frame(conformance.Response, client, "ACK", code, nil)
	s.mid++
	return s
}

func tm(m ocf.DPM) []byte { return ocf.PstatUpdate{Set: ocf.PropTM, TM: m}.AppendCBOR(nil) }

// get reads pstat.
func (s *scene) get(client string) *scene {
	s.request = s.frame(conformance.Request, client, "CON", "GET", nil)
	s.wait(800 * time.Microsecond)
	s.frame(conformance.Response, client, "ACK", "2.05", s.state.AppendCBOR(nil, ocf.InterfaceDefault))
	s.mid++
	return s
}

// moves changes the Device's state and tells clients.
func (s *scene) moves(tm, cm ocf.DPM, dos ocf.DOS, clients ...string) *scene {
	s.state.TM, s.state.CM, s.state.DOS, s.state.ISOP = tm, cm, dos, dos == ocf.RFNOP
	s.number++
	for _, c := range clients {
		number := s.number
		n := s.frame(conformance.Notification, c, "NON", "2.05", s.state.AppendCBOR(nil, ocf.InterfaceDefault))
		s.tl.Observations[n].Frame.Observe = &number
		s.mid++
	}
	return s
}

func (s *scene) waited(outcome, what string) *scene {
	s.add(conformance.Observation{Kind: conformance.Waiting, Outcome: outcome, Text: what})
	return s
}

// lost sends a GET that is not answered.
func (s *scene) lost(client string) *scene {
	s.request = s.frame(conformance.Request, client, "CON", "GET", nil)
	for _, after := range []time.Duration{2, 4, 8, 16} {
		s.wait(after * time.Second)
		s.frame(conformance.Message, client, "CON", "GET", nil)
	}
	s.wait(31 * time.Second)
	n := s.request
	s.add(conformance.Observation{Kind: conformance.Lost, Client: client, For: &n})
	s.mid++
	return s
}

func (s *scene) expect(form conformance.Form, text string, from int, rows ...conformance.Row) *scene {
	s.tl.Expectations = append(s.tl.Expectations, conformance.Expectation{
		Text: text, Form: form, Client: "privileged", From: from, Upto: len(s.tl.Observations), Rows: rows,
	})
	return s
}

// last is the index of the latest observation; the index of the next one is len.
func (s *scene) last() int { return len(s.tl.Observations) - 1 }
