// Package script writes Timelines by hand, for the tests of those who judge them
// and for the examples of their documentation. A line is an event, each a
// millisecond after the one before:
//
//	target autonomous reboots strict secured any-dos dos=RFPRO,RFNOP clears=literal version
//	update-available, no-update, update-fails, hold, release, reboot, ...   asked and done
//	lacks hold                      asked, and it can't be had
//	learned no-update               nobody arranges an offer, and processes earlier in the run ended as if it were so
//	source checks=1 holding=0       what is not named stays as it was
//	source fetches=1 bad=lamp.bin   a package was handed over whose signature is bad; good=lamp.bin: a good one
//	get tm=V cm=- dos=RFNOP         a GET and its answer; also p=true isop=false sm=7 om=1 lacks=cm owner=UUID
//	get 4.04 | get lost
//	get broken-off                  one block of the answer came, and no other
//	late                            a block of the answer to the latest request, after the wait for it
//	post tm=V 2.04 | post tm=V lost | post hex:a16274... 4.00
//	put tm=V 4.05                   the same by PUT
//	send tm=V ... answer 2.04       the same with something between
//	observe tm=- cm=- dos=RFNOP     a registration and its answer, Observe 10; "observe 7 tm=- ..." has Observe 7
//	notify 11 tm=V cm=- dos=RFNOP   mid=N else counts up; format=0, else none
//	begin STATE                     both Clients observe, the source reports, the gate is closed
//	both N STATE                    a notification to both Clients
//	end STATE                       the wait ends, settle, GET, report
//	refused, opened, closed         of the Client's session
//	rules 3                         the owner reads an access control list of so many entries
//	post tm=V gone                  the session was gone before an answer came; get and observe too
//	unconfirmed                     requests are NON from here on
//	identity UUID                   /oic/d is read, and has this di
//	plan action=isac at=10s url= 2.04   a POST to oic.r.softwareupdate; at counts from the script's beginning, "-" leaves a Property out
//	plans ... agreed result=0       a POST to it, and, after whatever is between, its answer with the representation
//	planned state=idle result=0     a GET of it, and its answer; also action= at= nv= last= signed=, "-" leaves a Property out, hex:a0
//	watched state=idle              a registration of it, and its answer: what is told later belongs to it
//	told state=idle, res /upd       a notification of it; /oic/res lists it at /upd, where plan, planned and told go from here on
//	see /oic/sec/sp {"x": 1}        a GET of any resource, and its answer: JSON, hex:a0, 4.04 or lost
//	writes /oic/sec/acl2 2.04       a POST of an empty map to any resource, and its answer
//	on oic.if.rw tm=- cm=-          a GET of pstat on an interface; common=true adds rt and if to any state
//	lists oic.r.sp=/oic/sec/sp      /oic/res is read, and lists these resources beside pstat
//	step When a Client writes       a sentence of the scenario begins
//	cancel, wait timeout, sleep 3s, version 1.0.1, device UUID, retransmit
//
// A line may begin with another Client than the privileged one: "second: get ...".
package script

import (
	"cmp"
	"errors"
	"fmt"
	"strconv"
	"strings"
	"time"

	"github.com/ocfsim/ocfsim/conformance"
	"github.com/ocfsim/ocfsim/ocf"
)

// script is one Timeline that is being written.
type script struct {
	err     error // the first mistake
	tl      conformance.Timeline
	at      time.Duration
	client  string
	mid     uint16
	source  conformance.SourceReport
	watches *int           // the registration of oic.r.softwareupdate; nil for none
	reg     map[string]int // by Client
	sent    int
	kind    string // of the requests from here on, "" for CON
	swu     string // path of oic.r.softwareupdate from here on, "" for the usual one
}

// Target is what the Device of a script declares where the script says nothing else.
func Target() conformance.Profile {
	return conformance.Profile{
		Name:     "bench",
		Supports: conformance.Supports{Validation: true, Update: true},
		Timing:   conformance.Timing{Validation: 2 * time.Second, Update: 5 * time.Second, Settle: 100 * time.Millisecond, Reboot: 3 * time.Second},
		Update:   conformance.Update{Version: "/oic/d#sv"},
	}
}

// Play writes the Timeline that text says. An error names the line that can't be read.
func Play(text string) (conformance.Timeline, error) {
	s := &script{reg: map[string]int{}, mid: 100}
	s.tl.Header = conformance.Header{Schema: conformance.TimelineSchema, Scenario: "script", Target: Target()}
	for line := range strings.Lines(text) {
		line, _, _ = strings.Cut(strings.TrimSpace(line), "#")
		if line = strings.TrimSpace(line); line != "" {
			s.line(line)
		}
		if s.err != nil {
			return s.tl, fmt.Errorf("%s: %w", line, s.err)
		}
	}
	return s.tl, nil
}

// line writes what one line says.
func (s *script) line(line string) {
	s.client = "privileged"
	if name, rest, ok := strings.Cut(line, ": "); ok && !strings.Contains(name, "{") {
		s.client, line = name, rest
	}
	word, rest, _ := strings.Cut(line, " ")
	if !s.whole(word, rest) && !s.planning(word, rest) && !s.exchange(word, rest) && !s.resource(word, rest) && !s.reading(word, rest) && !s.entry(word, rest) {
		s.check(fmt.Errorf("%q is no word of a script", word))
	}
}

// whole writes what stands for several lines, or for all that follow.
func (s *script) whole(word, rest string) bool {
	switch word {
	case "target":
		s.target(strings.Fields(rest))
	case "edition":
		s.tl.Header.Edition = rest
	case "unconfirmed":
		s.kind = "NON"
	case "begin":
		s.lines("get "+rest, "observe "+rest, "second: observe "+rest, "source", "version 1.0.0", "hold", "source holding=0")
	case "both":
		s.lines("notify "+rest, "second: notify "+rest)
	case "end":
		s.lines("wait seen", "sleep 150ms", "get "+rest, "source holding=0")
	default:
		return false
	}
	return true
}

// exchange writes what goes between a Client and pstat.
func (s *script) exchange(word, rest string) bool {
	switch word {
	case "get":
		n := s.request("GET", ocf.PathPstat, nil, nil)
		s.answer(n, ocf.PathPstat, rest, nil)
	case "observe":
		zero, number := uint32(0), uint32(10)
		if first, state, ok := strings.Cut(rest, " "); ok {
			if v, err := strconv.ParseUint(first, 10, 24); err == nil {
				number, rest = uint32(v), state
			}
		}
		n := s.request("GET", ocf.PathPstat, nil, &zero)
		s.reg[s.client] = n
		s.answer(n, ocf.PathPstat, rest, &number)
	case "cancel":
		one := uint32(1)
		s.answer(s.request("GET", ocf.PathPstat, nil, &one), ocf.PathPstat, "tm=- cm=- dos=RFNOP", nil)
	case "post", "put":
		at := strings.LastIndex(rest, " ")
		if at < 0 {
			s.check(errors.New("expected what is written, and the answer"))
			return true
		}
		n := s.request(strings.ToUpper(word), ocf.PathPstat, s.payload(rest[:at]), nil)
		s.answer(n, ocf.PathPstat, rest[at+1:], nil)
	case "send":
		s.sent = s.request("POST", ocf.PathPstat, s.payload(rest), nil)
	case "answer":
		s.answer(s.sent, ocf.PathPstat, rest, nil)
	case "late":
		for i := len(s.tl.Observations) - 1; i >= 0; i-- {
			if s.tl.Observations[i].Kind == conformance.Request {
				s.block(i, ocf.PathPstat)
				break
			}
		}
	case "notify":
		s.notify(rest)
	default:
		return false
	}
	return true
}

// reading writes a GET of another resource, and its answer.
func (s *script) reading(word, rest string) bool {
	switch word {
	case "version":
		s.version(rest)
	case "identity":
		id, err := ocf.ParseUUID(rest)
		s.check(err)
		d := ocf.D{SV: "1.0.0", DI: id}
		s.read(ocf.PathD, d.AppendCBOR(nil, ocf.InterfaceDefault))
	case "rules":
		n, err := strconv.ParseUint(rest, 10, 8)
		s.check(err)
		x := ocf.ACL{List: make([]ocf.ACE, n)}
		for i := range x.List {
			x.List[i] = ocf.ACE{ID: uint32(7 + i), Subject: ocf.Subject{UUID: ocf.UUID{byte(i)}}, Permission: ocf.MayRead}
		}
		s.read(ocf.PathACL, x.AppendCBOR(nil, ocf.InterfaceDefault))
	case "device":
		id, err := ocf.ParseUUID(rest)
		s.check(err)
		x := ocf.Doxm{Device: id, Owned: true}
		s.read(ocf.PathDoxm, x.AppendCBOR(nil, ocf.InterfaceDefault))
	default:
		return false
	}
	return true
}

// entry writes what is neither a request nor an answer.
func (s *script) entry(word, rest string) bool {
	switch word {
	case "source":
		s.sourceReport(strings.Fields(rest))
	case "wait":
		s.add(conformance.Observation{Kind: conformance.Waiting, Outcome: rest})
	case "sleep":
		d, err := time.ParseDuration(rest)
		s.check(err)
		s.at += d
	case "retransmit":
		for i := len(s.tl.Observations) - 1; i >= 0; i-- {
			if o := s.tl.Observations[i]; o.Kind == conformance.Request {
				s.add(conformance.Observation{Kind: conformance.Message, Client: o.Client, Frame: o.Frame})
				break
			}
		}
	case "step":
		s.add(conformance.Observation{Kind: conformance.Step, Text: rest})
	case conformance.Refused, conformance.Opened, conformance.Closed:
		s.add(conformance.Observation{Kind: conformance.Session, Client: s.client, Outcome: word, Text: "of a script"})
	case conformance.Asked:
		s.add(conformance.Observation{Kind: conformance.Condition, Name: rest, Outcome: conformance.Asked})
	case conformance.Learned:
		s.add(conformance.Observation{Kind: conformance.Condition, Name: rest, Outcome: conformance.Learned})
	case "lacks":
		s.add(conformance.Observation{Kind: conformance.Condition, Name: rest, Outcome: conformance.Asked})
		s.add(conformance.Observation{Kind: conformance.Condition, Name: rest, Outcome: conformance.Unsupported})
	case conformance.UpdateAvailable, conformance.NoUpdate, conformance.UpdateFails, conformance.Hold, conformance.Release,
		conformance.AutonomousValidation, conformance.AutonomousUpdate, conformance.Reboot, conformance.FactoryReset:
		s.add(conformance.Observation{Kind: conformance.Condition, Name: word, Outcome: conformance.Asked})
		s.add(conformance.Observation{Kind: conformance.Condition, Name: word, Outcome: conformance.Done})
	default:
		return false
	}
	return true
}

func (s *script) lines(all ...string) {
	for _, l := range all {
		s.line(l)
	}
}

func (s *script) add(o conformance.Observation) int {
	s.at += time.Millisecond
	o.N, o.At, o.Wall = len(s.tl.Observations), s.at, midnight.Add(s.at)
	o.Decode()
	s.tl.Observations = append(s.tl.Observations, o)
	return o.N
}

// check keeps the first mistake.
func (s *script) check(err error) {
	if s.err == nil {
		s.err = err
	}
}

func (s *script) request(code, path string, payload []byte, observe *uint32) int {
	s.mid++
	format := uint16(ocf.FormatOCFCBOR)
	f := &conformance.Frame{Type: cmp.Or(s.kind, "CON"), Code: code, MID: s.mid, Token: conformance.Hex(s.client), Path: path, Observe: observe, Payload: payload}
	if payload != nil {
		f.Format = &format
	}
	return s.add(conformance.Observation{Kind: conformance.Request, Client: s.client, Frame: f})
}

// answer appends what came for request n: a code, a state, or nothing.
func (s *script) answer(n int, path, what string, observe *uint32) {
	switch what {
	case "broken-off":
		s.block(n, path)
		s.answer(n, path, "lost", observe)
		return
	case "lost":
		s.add(conformance.Observation{Kind: conformance.Lost, Client: s.client, For: &n})
		return
	case "gone":
		s.add(conformance.Observation{Kind: conformance.Lost, Client: s.client, For: &n, Text: conformance.SessionGone + ": the Device takes a new one"})
		return
	}
	f := &conformance.Frame{Type: "ACK", Code: what, MID: s.mid, Token: conformance.Hex(s.client), Path: path}
	if what == "plain" {
		what, observe = "tm=- cm=- dos=RFNOP", nil
	}
	if strings.HasPrefix(what, "hex:") {
		f.Code, f.Payload = conformance.CodeContent, s.payload(what)
	} else if strings.Contains(what, "=") {
		f.Code, f.Payload, f.Observe = conformance.CodeContent, s.pstat(what), observe
	}
	s.add(conformance.Observation{Kind: conformance.Response, Client: s.client, For: &n, Frame: f})
}

// block appends one block of the answer to request n.
func (s *script) block(n int, path string) {
	s.add(conformance.Observation{Kind: conformance.Message, Client: s.client, For: &n, Frame: &conformance.Frame{
		Type: "ACK", Code: conformance.CodeContent, MID: s.mid, Token: conformance.Hex(s.client), Path: path,
	}, Text: "one block of the answer"})
}

func (s *script) read(path string, payload []byte) {
	n := s.request("GET", path, nil, nil)
	s.add(conformance.Observation{Kind: conformance.Response, Client: s.client, For: &n, Frame: &conformance.Frame{Type: "ACK", Code: conformance.CodeContent, MID: s.mid, Path: path, Payload: payload}})
}

func (s *script) notify(rest string) {
	number, what, _ := strings.Cut(rest, " ")
	n, err := strconv.ParseUint(number, 10, 24)
	s.check(err)
	observe, reg := uint32(n), s.reg[s.client]
	mid := uint16(1000 + len(s.tl.Observations))
	if before, after, ok := strings.Cut(what, " mid="); ok {
		m, err := strconv.Atoi(after)
		s.check(err)
		what, mid = before, uint16(m)
	}
	f := &conformance.Frame{Type: "NON", MID: mid, Token: conformance.Hex(s.client), Path: ocf.PathPstat}
	if before, after, ok := strings.Cut(what, " format="); ok {
		m, err := strconv.ParseUint(after, 10, 16)
		s.check(err)
		format := uint16(m)
		what, f.Format = before, &format
	}
	if strings.Contains(what, "=") {
		f.Code, f.Payload, f.Observe = conformance.CodeContent, s.pstat(what), &observe
	} else {
		f.Code = what
	}
	s.add(conformance.Observation{Kind: conformance.Notification, Client: s.client, For: &reg, Frame: f})
}
