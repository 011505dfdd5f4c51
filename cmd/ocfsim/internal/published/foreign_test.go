//go:build foreign

package published

import (
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/ocfsim/ocfsim/cmd/ocfsim/internal/lab"
	"github.com/ocfsim/ocfsim/fixtures"
	"github.com/ocfsim/ocfsim/ocf"
	"github.com/ocfsim/ocfsim/sim"
)

// foreign is the folder with data that others wrote, which stands beside the clone;
// OCFSIM_FOREIGN names another.
func foreign(t *testing.T, name string) string {
	t.Helper()
	dir := os.Getenv("OCFSIM_FOREIGN")
	if dir == "" {
		dir = filepath.Join("..", "..", "..", "..", "..", "shared", "foreign")
	}
	dir = filepath.Join(dir, name)
	if _, err := os.Stat(dir); err != nil {
		t.Fatalf("the tag foreign needs data that is not in the repository: %v", err)
	}
	return dir
}

// TestEverySchemaIsUsed has the reader take all that OCF published, with its mistakes.
func TestEverySchemaIsUsed(t *testing.T) {
	s, err := Read(foreign(t, "ocf"))
	if err != nil {
		t.Fatal(err)
	}
	for _, f := range s.Flawed() {
		t.Error(f)
	}
	for _, path := range []string{ocf.PathPstat, ocf.PathDoxm, ocf.PathACL, ocf.PathCred, ocf.PathCSR, ocf.PathSP, ocf.PathSDI, ocf.PathRoles, ocf.PathRes, ocf.PathD, ocf.PathP} {
		if len(s.forms(path, nil)) == 0 {
			t.Errorf("no schema of %s", path)
		}
	}
	if len(s.forms(ocf.PathAEL, []string{ocf.RTAEL})) == 0 || len(s.forms("/oc/swu", []string{"oic.r.softwareupdate"})) == 0 {
		t.Error("no schema of oic.r.ael or of oic.r.softwareupdate")
	}
}

// TestTheSchemasNotice has each schema refuse a Device that departs from it.
func TestTheSchemasNotice(t *testing.T) {
	s, err := Read(foreign(t, "ocf"))
	if err != nil {
		t.Fatal(err)
	}
	pstat := func(tm uint64) Representation {
		p := ocf.Pstat{DOS: ocf.RFNOP, ISOP: true, CM: 0, TM: ocf.DPM(tm), OM: 4, SM: 4}
		return Representation{Path: ocf.PathPstat, Payload: p.AppendCBOR(nil, ocf.InterfaceDefault)}
	}
	if seen := s.Hold([]Representation{pstat(192)}); len(seen.Departures) > 0 || seen.Held != 1 {
		t.Errorf("%+v", seen)
	}
	seen := s.Hold([]Representation{pstat(256)})
	if len(seen.Departures) != 1 || seen.Departures[0].At != "tm" {
		t.Errorf("tm=256, which the schema bounds to 255: %v", seen.Departures)
	}
	res := ocf.Res{Links: []ocf.Link{{Href: "/oic/d", IF: []string{ocf.IfBaseline}}}}
	seen = s.Hold([]Representation{{Path: ocf.PathRes, Payload: res.AppendCBOR(nil, ocf.InterfaceDefault)}})
	if len(seen.Departures) == 0 || !strings.HasPrefix(seen.Departures[0].At, "[0]") {
		t.Errorf("a link without a type: %v", seen.Departures)
	}
	for _, path := range []string{ocf.PathDoxm, ocf.PathACL, ocf.PathCred, ocf.PathD, ocf.PathSP, ocf.PathSDI} {
		if seen := s.Hold([]Representation{{Path: path, Payload: ocf.AppendMap(nil, 0)}}); len(seen.Departures) == 0 {
			t.Errorf("%s: an empty map fits", path)
		}
	}
}

// TestOurDevicesAreAsPublished holds every resource of every compliant Device, in both
// editions, in each interface and in every state that it passes through, to the schemas.
func TestOurDevicesAreAsPublished(t *testing.T) {
	s, err := Read(foreign(t, "ocf"))
	if err != nil {
		t.Fatal(err)
	}
	maker, err := lab.NewMaker()
	if err != nil {
		t.Fatal(err)
	}
	shown, states := map[string]int{}, map[string]bool{}
	for name, c := range compliant(t, maker) {
		model, err := sim.NewModel(c)
		if err != nil {
			t.Fatalf("%s: %v", name, err)
		}
		w := &walk{device: model.Device(ocf.UUID{1, 6: 0x40, 8: 0x80}, 1), owner: c.Security}
		w.through()
		seen := s.Hold(w.shown)
		for _, r := range w.shown {
			shown[r.Path]++
			if p, _, err := ocf.DecodePstat(r.Payload); r.Path == ocf.PathPstat && err == nil {
				states[p.DOS.String()], states["tm="+p.TM.String()], states["cm="+p.CM.String()] = true, true, true
			}
		}
		for _, d := range seen.Departures {
			t.Errorf("%s: %v", name, d)
		}
		if len(seen.Unknown) > 0 {
			t.Errorf("%s: no schema of %v", name, seen.Unknown)
		}
	}
	for _, want := range []string{"RESET", "RFOTM", "RFPRO", "RFNOP", "SRESET", "tm=V", "tm=U", "cm=V", "cm=U", "tm=-"} {
		if !states[want] {
			t.Errorf("no Device was seen in %s, only in %v", want, states)
		}
	}
	if len(shown) < 12 {
		t.Errorf("only %d resources were seen: %v", len(shown), shown)
	}
}

// compliant are all Devices of the fixtures that obey, of either edition: without
// security, without an owner, and owned from the start.
func compliant(t *testing.T, maker *lab.Maker) map[string]sim.Config {
	t.Helper()
	configs := map[string]sim.Config{}
	add := func(name string, c sim.Config) {
		if _, err := sim.NewModel(c); err == nil { // some work only with security
			configs[name+" unsecured"] = c
		}
		for _, edition := range []string{"ocf-1.0", "ocf-2.2"} {
			unowned := *maker.Security()
			unowned.Edition = edition
			c.Security = &unowned
			configs[name+" unowned "+edition] = c
			owned := unowned
			owned.Owner, owned.OwnerKey = ocf.UUID{9, 6: 0x40, 8: 0x80}, [16]byte{1}
			owned.ACEs = entries()
			c.Security = &owned
			configs[name+" owned "+edition] = c
		}
	}
	for _, b := range fixtures.Behaviours() {
		add(b.Name, sim.Config{Behaviour: b})
	}
	b, err := fixtures.Behaviour("success")
	if err != nil {
		t.Fatal(err)
	}
	for _, v := range fixtures.Variants() {
		add(v.Name, sim.Config{Behaviour: b, Variant: v})
	}
	return configs
}

// entries are access rules of every kind.
func entries() []ocf.ACE {
	pstat := []ocf.ResourceRef{{Href: ocf.PathPstat}}
	return []ocf.ACE{
		{ID: 11, Subject: ocf.Subject{UUID: ocf.UUID{7, 6: 0x40, 8: 0x80}}, Resources: pstat, Permission: 6},
		{ID: 12, Subject: ocf.Subject{Conn: ocf.AnonClear}, Resources: pstat, Permission: 2},
		{ID: 13, Subject: ocf.Subject{Conn: ocf.AuthCrypt}, Resources: []ocf.ResourceRef{{Wildcard: "*"}}, Permission: 2},
		{
			ID: 14, Subject: ocf.Subject{Role: ocf.Role{Name: "guest"}}, Resources: pstat, Permission: 2,
			Validity: []ocf.Validity{{Period: "20260101T000000Z/20270101T000000Z"}},
		},
	}
}

// walk takes a Device through its states and keeps what it shows in each.
type walk struct {
	device  sim.Device
	owner   *sim.Security
	now     time.Duration
	due     time.Duration // of the last Wake; -1 for none
	effects []sim.Effect
	seen    sim.State
	shown   []Representation
}

// through is the walk: as it begins, a check, an update, each device state, and a reset.
func (w *walk) through() {
	w.due = -1
	w.effects = w.device.Start(0, nil)
	w.look()
	for _, tm := range []ocf.DPM{ocf.SVV, ocf.SSU} {
		w.post(ocf.PathPstat, ocf.PstatUpdate{Set: ocf.PropTM, TM: tm}.AppendCBOR(nil))
		w.settle()
	}
	for _, s := range []ocf.DOS{ocf.RFPRO, ocf.SRESET, ocf.RFPRO, ocf.RFNOP} {
		w.post(ocf.PathPstat, ocf.PstatUpdate{Set: ocf.PropDOS, DOS: s}.AppendCBOR(nil))
		w.settle()
	}
	w.apply(&sim.Event{Kind: sim.FactoryReset})
	w.settle()
}

func (w *walk) post(path string, payload []byte) {
	r := sim.Request{Path: path, Payload: payload, Format: ocf.FormatOCFCBOR}
	if w.owner != nil {
		r.Via = sim.Via{Session: 1, Subject: w.owner.Owner}
	}
	w.apply(&sim.Event{Kind: sim.Post, Request: r})
}

// apply has e happen, and looks at what the Device shows after it.
func (w *walk) apply(e *sim.Event) {
	e.At = w.now
	w.effects = w.device.Apply(e, nil)
	for _, e := range w.effects { // what was told on the way, such as RESET
		if e.Kind == sim.Notify {
			w.shown = append(w.shown, Representation{Path: e.Rep.Path, Payload: w.device.Encode(nil, e.Rep, nil)})
		}
	}
	w.look()
}

// settle answers the Device's questions and lets time pass until it rests.
func (w *walk) settle() {
	for range 50 {
		var next *sim.Event
		for _, e := range w.effects {
			switch e.Kind {
			case sim.AskSource:
				next = &sim.Event{Kind: sim.SourceAnswer, Answer: sim.Answer{
					Ask: e.Ask.Number, Available: true,
				}}
			case sim.Wake:
				w.due = w.now + e.After
				if e.After < 0 {
					w.due = -1
				}
			}
		}
		w.effects = nil
		switch {
		case next != nil:
		case w.due >= 0:
			w.now, w.due = w.due, -1
			next = &sim.Event{Kind: sim.Due}
		default:
			return
		}
		w.apply(next)
	}
}

// look keeps what every resource shows now, in each interface, unless nothing has changed
// since the last look.
func (w *walk) look() {
	if w.device.State() == w.seen && len(w.shown) > 0 {
		return
	}
	w.seen = w.device.State()
	eps := []string{"coap://127.1.0.1:5683", "coaps://127.1.0.1:5684"}
	payload := w.device.Encode(nil, sim.Rep{Path: ocf.PathRes, State: w.device.State()}, eps)
	links, problems, err := ocf.DecodeRes(payload)
	if err != nil || len(problems) > 0 {
		panic(fmt.Sprint(problems, err)) // the Device's links can't be read
	}
	for _, l := range links {
		for _, iface := range append([]string{""}, l.IF...) {
			r := sim.Rep{Path: l.Href, Interface: iface, State: w.device.State()}
			rep := Representation{Path: l.Href, Payload: w.device.Encode(nil, r, eps)}
			if iface != "" {
				rep.Query = "if=" + iface
			}
			w.shown = append(w.shown, rep)
		}
	}
}
