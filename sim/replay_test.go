package sim_test

import (
	"bytes"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"os"
	"slices"
	"strings"
	"testing"

	"github.com/ocfsim/ocfsim/fixtures"
	"github.com/ocfsim/ocfsim/ocf"
	"github.com/ocfsim/ocfsim/sim"
)

// recordings is the directory of the recordings; its README.md says what was
// recorded.
const recordings = "../fixtures/onboarding/"

// line is one line of a recording: a message, or a session that was opened or
// closed.
type line struct {
	Who       string `json:"who"`  // tool or device
	Over      string `json:"over"` // coap, coaps-otm or coaps
	Session   int    `json:"session"`
	Device    string `json:"device"` // deviceuuid, if there is more than one Device
	Multicast bool   `json:"multicast"`
	Exchange  int    `json:"exchange"` // the number that a request shares with its answer and notifications
	Code      string `json:"code"`
	Path      string `json:"path"`
	Query     string `json:"query"`
	Format    *int   `json:"format"`
	Observe   *int   `json:"observe"`
	Payload   string `json:"payload"`

	Is       string `json:"is"` // opened or closed
	Suite    string `json:"suite"`
	Identity string `json:"identity"` // identity of the Client
	Hint     string `json:"hint"`     // identity hint of the Device
}

// recording reads a file of fixtures/onboarding.
func recording(t *testing.T, name string) []line {
	t.Helper()
	data, err := os.ReadFile(recordings + name + ".jsonl")
	if err != nil {
		t.Fatal(err)
	}
	var lines []line
	dec := json.NewDecoder(bytes.NewReader(data))
	for dec.More() {
		var l line
		if err := dec.Decode(&l); err != nil {
			t.Fatalf("%s: line %d: %v", name, len(lines)+1, err)
		}
		lines = append(lines, l)
	}
	return lines
}

// bytes is the payload of the line.
func (l *line) bytes() ([]byte, error) { return hex.DecodeString(l.Payload) }

// notifies reports whether the line is a notification after the first answer.
func (l *line) notifies() bool { return l.Who == "device" && l.Observe != nil && *l.Observe > 0 }

// request turns the line into the event that a shell gives to a Device.
func (l *line) request() (ev sim.Event, err error) {
	kinds := map[string]sim.EventKind{"GET": sim.Get, "POST": sim.Post, "DELETE": sim.Delete}
	ev = sim.Event{Kind: kinds[l.Code], Request: sim.Request{
		Path: l.Path, Multicast: l.Multicast, Format: 0xffff, Observe: l.Observe != nil && *l.Observe == 0,
	}}
	if ev.Kind == 0 {
		return ev, fmt.Errorf("method %s", l.Code)
	}
	if l.Format != nil {
		ev.Request.Format = uint16(*l.Format)
	}
	if l.Query != "" {
		for _, q := range strings.Split(l.Query, "&") {
			name, value, _ := strings.Cut(q, "=")
			switch name {
			case "if":
				ev.Request.Interface = value
			case "rt":
				ev.Request.RT = value
			case "owned":
				ev.Request.Owned = value
			default:
				return ev, fmt.Errorf("query %s", q)
			}
		}
	}
	ev.Request.Payload, err = l.bytes()
	return ev, err
}

// stage is a Device that a tool meets in one recording after another. The stage
// plays the shell and the network for it.
type stage struct {
	world
	over     map[int]sim.Via   // sessions by their number in the recording
	response *sim.Effect       // to the last request, nil if none
	told     []sim.Rep         // notifications of this recording
	shown    string            // the PIN that was shown
	renamed  bool              // RESET has given the Device a uuid that is not in the recordings
	uuids    map[string]string // from a recorded uuid to the one that the Device has here
}

// enter makes an unowned Device whose identity of birth is the recorded uuid.
func enter(t *testing.T, edition string, v *visit) *stage {
	t.Helper()
	b, err := fixtures.Behaviour("success")
	if err != nil {
		t.Fatal(err)
	}
	b.Jitter = 0
	config := sim.Config{Behaviour: b, Security: &sim.Security{
		Edition: edition,
		CSR:     requested,
	}}
	if v.certified {
		config.Security.Shipped = manufactured(t)
	}
	m, err := sim.NewModel(config)
	if err != nil {
		t.Fatal(err)
	}
	id, err := ocf.ParseUUID(v.birth)
	if err != nil {
		t.Fatal(err)
	}
	s := &stage{uuids: map[string]string{}}
	s.world = world{model: m, device: m.Device(id, 1), due: -1, party: party{vias: map[string]sim.Via{}, secured: true}}
	s.show(s.device.Start(0, nil))
	return s
}

// manufactured returns the credentials that the recorded Device was shipped with.
func manufactured(t *testing.T) []ocf.Cred {
	t.Helper()
	lines := recording(t, "obt-get-cred")
	data, err := lines[len(lines)-1].bytes()
	if err != nil {
		t.Fatal(err)
	}
	list, _, err := ocf.DecodeCreds(data)
	if err != nil {
		t.Fatal(err)
	}
	return slices.DeleteFunc(list.List, func(c ocf.Cred) bool { return c.Type != ocf.Certificate })
}

// happen applies ev and keeps what a shell would send.
func (s *stage) happen(ev sim.Event) {
	ev.At = s.now
	s.response = nil
	effects := s.device.Apply(&ev, nil)
	for i := range effects {
		switch e := &effects[i]; e.Kind {
		case sim.Respond:
			s.response = e
		case sim.ShowPIN:
			s.shown = e.Text
		case sim.CloseSessions:
			clear(s.over)
			s.renamed = true
		}
	}
	s.show(effects)
	for _, e := range effects {
		if e.Kind == sim.Notify {
			s.told = append(s.told, e.Rep)
		}
	}
}

// rest lets the Device do everything that is due.
func (s *stage) rest() {
	for range 1000 {
		if answer, ok := s.world.answer(); ok {
			s.happen(sim.Event{Kind: sim.SourceAnswer, Answer: answer})
			continue
		}
		if s.due < 0 {
			return
		}
		s.now, s.due = s.due, -1
		s.happen(sim.Event{Kind: sim.Due})
	}
}

// methods maps cipher suites to owner transfer methods.
var methods = map[string]uint16{
	"TLS_ECDH_ANON_WITH_AES_128_CBC_SHA256": ocf.OXMJustWorks,
	"TLS_ECDHE_PSK_WITH_AES_128_CBC_SHA256": ocf.OXMRandomPIN,
	"TLS_ECDHE_ECDSA_WITH_AES_128_CCM_8":    ocf.OXMCertificate,
}

// open opens a recorded session, if Door allows it.
func (s *stage) open(l *line) error {
	door := s.device.Door()
	via := sim.Via{Session: s.sessions + 1}
	switch {
	case door.Closed, door.OTM != (l.Over == "coaps-otm"):
		return fmt.Errorf("a session over %s: closed is %v and the next is a transfer %v", l.Over, door.Closed, door.OTM)
	case door.OTM:
		if reason := s.refusesTransfer(l, &door); reason != "" {
			return fmt.Errorf("a transfer with %s: %s", l.Suite, reason)
		}
		via.OTM, via.OwnerKey = true, ownerKey
	default:
		if reason := refusesClient(l, &door); reason != "" {
			return fmt.Errorf("a session of %s with %s: %s", l.Identity, l.Suite, reason)
		}
		subject, err := ocf.ParseUUID(l.Identity)
		if err != nil {
			return err
		}
		via.Subject = subject
	}
	s.sessions++
	s.over[l.Session] = via
	s.happen(sim.Event{Kind: sim.SessionOpened, Request: sim.Request{Via: via}})
	return nil
}

// refusesTransfer says why a handshake of the tool's owner transfer would fail.
func (s *stage) refusesTransfer(l *line, door *sim.Door) string {
	method := methods[l.Suite]
	switch {
	case door.Method != method:
		return fmt.Sprintf("the Device has method %d", door.Method)
	case method == ocf.OXMRandomPIN && l.Hint != "oic.sec.doxm.rdp:"+door.ID.String():
		return "the hint is " + door.ID.String()
	case method == ocf.OXMRandomPIN && (len(door.PIN) != 8 || door.PIN != s.shown):
		return "no PIN was shown"
	case method == ocf.OXMCertificate && !slices.ContainsFunc(door.Creds, func(c ocf.Cred) bool { return c.Usage == ocf.UsageMfgCert }):
		return "the Device has no manufacturer certificate"
	}
	return ""
}

// refusesClient says why a handshake of an owner would fail.
func refusesClient(l *line, door *sim.Door) string {
	has := func(fits func(c ocf.Cred) bool) bool { return slices.ContainsFunc(door.Creds, fits) }
	id := door.ID.String()
	if methods[l.Suite] != ocf.OXMCertificate {
		switch {
		case l.Hint != id:
			return "the hint is " + id
		case !has(func(c ocf.Cred) bool {
			return c.Type == ocf.SymmetricPair && c.Subject == l.Identity && len(c.Private.Data) == 16
		}):
			return "the Device has no key of the Client"
		}
		return ""
	}
	switch {
	case !has(func(c ocf.Cred) bool { return c.Usage == ocf.UsageTrustCA && len(c.Public.Data) > 0 }):
		return "the Device has no trust anchor"
	case !has(func(c ocf.Cred) bool { return c.Usage == ocf.UsageCert && c.Subject == id && len(c.Public.Data) > 0 }):
		return "the Device has no identity certificate"
	}
	return ""
}

// play does what the tool did in lines, and compares what the Device says with what
// the recorded one said.
func (s *stage) play(lines []line, differs func(difference string)) error {
	s.over, s.told = map[int]sim.Via{}, nil
	asked := map[int]*line{} // by number of the exchange
	for i := range lines {
		l := &lines[i]
		var err error
		switch {
		case l.Is == "opened":
			err = s.open(l)
		case l.Is == "closed" && l.Who == "tool":
			s.close(l)
		case l.notifies():
			s.compareNotifications(l, asked[l.Exchange], differs)
		case l.Who == "tool":
			asked[l.Exchange] = l
			err = s.exchange(l, lines[i:], differs)
		}
		if err != nil {
			return fmt.Errorf("line %d: %w", i+1, err)
		}
	}
	s.rest()
	return nil
}

func (s *stage) close(l *line) {
	via, ok := s.over[l.Session]
	if !ok {
		return // the Device closed it first
	}
	delete(s.over, l.Session)
	s.happen(sim.Event{Kind: sim.SessionClosed, Request: sim.Request{Via: via}})
}

// exchange sends the tool's request and finds the recorded answer in the lines that
// follow. If there is none, the tool waited for a while.
func (s *stage) exchange(l *line, follows []line, differs func(string)) error {
	if err := s.ask(l); err != nil {
		return err
	}
	i := slices.IndexFunc(follows, func(x line) bool { return x.Who == "device" && x.Exchange == l.Exchange && !x.notifies() })
	if i >= 0 {
		s.compareAnswer(l, &follows[i], differs)
		return nil
	}
	s.compareSilence(l, differs)
	s.rest()
	return nil
}

// ask gives the request of the line to the Device.
func (s *stage) ask(l *line) error {
	ev, err := l.request()
	if err != nil {
		return err
	}
	if l.Session != 0 {
		via, ok := s.over[l.Session]
		if !ok {
			return fmt.Errorf("%s %s: the Device has closed session %d", l.Code, l.Path, l.Session)
		}
		ev.Request.Via = via
	}
	s.happen(ev)
	return nil
}
