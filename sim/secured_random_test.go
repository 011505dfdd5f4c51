package sim_test

import (
	"bytes"
	"encoding/json"
	"math/rand/v2"
	"slices"
	"testing"
	"time"

	"github.com/ocfsim/ocfsim/fixtures"
	"github.com/ocfsim/ocfsim/ocf"
	"github.com/ocfsim/ocfsim/sim"
)

// securedModels returns models of secured Devices, owned and unowned: one with each
// variant and, if deviants is true, one with each deviation.
func securedModels(t testing.TB, deviants bool) []*sim.Model {
	t.Helper()
	configs := []sim.Config{{}, {Variant: sim.Variant{Edition: "ocf-2.2"}}}
	for _, v := range fixtures.Variants() {
		if v.Secured && !deviants {
			configs = append(configs, sim.Config{Variant: v})
		}
	}
	for _, d := range fixtures.Deviations() {
		if d.Secured && deviants {
			configs = append(configs, sim.Config{Deviations: []sim.Deviation{d}})
		}
	}
	b, err := fixtures.Behaviour("dos-excursion")
	if err != nil {
		t.Fatal(err)
	}
	var models []*sim.Model
	for _, c := range configs {
		for _, owner := range []ocf.UUID{{}, idOf("owner")} {
			c.Behaviour = b
			c.Security = &sim.Security{Owner: owner, OwnerKey: [16]byte(keyOf("owner"))}
			guests(&c)
			m, err := sim.NewModel(c)
			if err != nil {
				t.Fatal(err)
			}
			models = append(models, m)
		}
	}
	return models
}

// TestRandomSecured plays random requests over random sessions to every
// compliant secured Device.
func TestRandomSecured(t *testing.T) { crowd(t, securedModels(t, false), false) }

// TestRandomSecuredDeviants plays the same to every deviant Device, which must not
// get stuck or crash.
func TestRandomSecuredDeviants(t *testing.T) { crowd(t, securedModels(t, true), true) }

func crowd(t *testing.T, models []*sim.Model, deviant bool) {
	source := rand.New(rand.NewPCG(5, 6))
	moved := map[ocf.DOS]bool{}
	for _, m := range models {
		for range 4 {
			w := newWild(t, m, source, deviant)
			for range 150 {
				w.step()
				moved[w.device.State().DOS] = true
			}
		}
	}
	if len(moved) != 5 {
		t.Errorf("the Devices were seen in %v only", moved)
	}
}

// wild is a secured Device with Clients that ask for anything.
type wild struct {
	t        *testing.T
	source   *rand.Rand
	device   sim.Device
	model    *sim.Model
	now      time.Duration
	due      time.Duration
	asked    uint32
	sessions uint32
	open     []sim.Via
	last     ocf.DOS
	deviant  bool
	payloads [][]byte
	written  []byte // the last saved state
}

var wildPaths = []string{
	ocf.PathPstat, ocf.PathPstat, ocf.PathPstat, ocf.PathDoxm, ocf.PathDoxm, ocf.PathCred, ocf.PathACL, ocf.PathSDI, ocf.PathSP,
	ocf.PathRoles, ocf.PathAEL, ocf.PathCSR, ocf.PathRes, ocf.PathD, ocf.PathP, ocf.PathCore, "/nope",
}

var wildTexts = []string{
	`{"oxmsel": 0}`, `{"oxmsel": 1}`, `{"oxmsel": 0}`, `{"devowneruuid": "$owner"}`, `{"devowneruuid": "$owner", "rowneruuid": "$owner", "owned": true}`,
	`{"rowneruuid": "$owner"}`, `{"rowneruuid": "$owner"}`, `{"rowneruuid": "$owner"}`, `{"rowneruuid": "$second"}`, `{"owned": true}`,
	`{"rowneruuid": "$owner", "creds": [{"credtype": 1, "subjectuuid": "$owner", "privatedata": {"encoding": "oic.sec.encoding.raw", "data": "key:owner"}}]}`,
	`{"creds": [{"credtype": 1, "subjectuuid": "$owner", "privatedata": {"encoding": "oic.sec.encoding.raw", "data": "hex:"}}]}`,
	`{"creds": [{"credid": 1, "credtype": 1, "subjectuuid": "$other", "privatedata": {"encoding": "oic.sec.encoding.raw", "data": "key:other"}}]}`,
	`{"aclist2": [{"subject": {"uuid": "$other"}, "resources": [{"wc": "*"}], "permission": 31}]}`,
	`{"aclist2": [{"aceid": 1, "subject": {"conntype": "anon-clear"}, "resources": [{"href": "/oic/sec/pstat"}], "permission": 2}]}`,
	`{"aclist2": null}`, `{"name": "home", "priv": true}`, `{"currentprofile": "1.3.6.1.4.1.51414.0.0.1.0"}`, `{"roles": []}`,
	`{"tm": 64}`, `{"tm": 128}`, `{"tm": 192}`, `{"tm": 0}`, `{"tm": "64"}`, `{"cm": 64}`, `{"om": 4}`, `{"isop": true}`, `{}`, `7`,
	`{"dos": {"s": 0}}`, `{"dos": {"s": 1}}`, `{"dos": {"s": 2}}`, `{"dos": {"s": 2}}`, `{"dos": {"s": 3}}`, `{"dos": {"s": 3}}`, `{"dos": {"s": 4}}`,
	`{"dos": {"s": 2}, "tm": 64}`, `{"dos": {"s": 2}, "rowneruuid": "$owner"}`,
}

func newWild(t *testing.T, m *sim.Model, source *rand.Rand, deviant bool) *wild {
	w := &wild{t: t, source: source, model: m, device: m.Device(ocf.UUID{1}, source.Uint64()), due: -1, deviant: deviant}
	for _, text := range wildTexts {
		payload, err := body(text)
		if err != nil {
			t.Fatal(err)
		}
		w.payloads = append(w.payloads, payload)
	}
	w.last = w.device.State().DOS
	w.watch(w.device.Start(0, nil))
	w.written = saved(t, &w.device)
	return w
}

func (w *wild) step() {
	switch n := w.source.IntN(20); {
	case n < 1 && w.device.State().DOS == ocf.RFOTM:
		w.hurry()
	case n < 3:
		w.knock()
	case n < 4 && len(w.open) > 0:
		i := w.source.IntN(len(w.open))
		via := w.open[i]
		w.open = slices.Delete(w.open, i, i+1)
		w.apply(sim.Event{Kind: sim.SessionClosed, Request: sim.Request{Via: via}})
	case n < 5:
		kinds := []sim.EventKind{sim.PowerCycle, sim.Autonomous, sim.SourceAnswer, sim.SourceAnswer, sim.Arrange}
		w.apply(sim.Event{
			Kind: kinds[w.source.IntN(len(kinds))], Bits: ocf.SVV, Outcome: sim.Succeeds,
			Answer: sim.Answer{Ask: w.asked, Available: true, Declared: 1, Received: 1},
		})
	case n < 8:
		if w.due >= 0 {
			w.now, w.due = w.due, -1
			w.apply(sim.Event{Kind: sim.Due})
		}
	case n < 9 && w.source.IntN(10) == 0:
		w.apply(sim.Event{Kind: sim.FactoryReset})
	default:
		w.ask()
	}
}

// hurry takes the shortest way to an owner, mostly all of it.
func (w *wild) hurry() {
	post := func(path, text string, via sim.Via) {
		payload, err := body(text)
		if err != nil {
			w.t.Fatal(err)
		}
		w.apply(sim.Event{Kind: sim.Post, Request: sim.Request{Path: path, Payload: payload, Format: ocf.FormatOCFCBOR, Via: via}})
	}
	post(ocf.PathDoxm, `{"oxmsel": 0}`, sim.Via{})
	w.knock()
	if len(w.open) == 0 {
		return
	}
	via := w.open[len(w.open)-1]
	for _, p := range []struct{ path, text string }{
		{ocf.PathDoxm, `{"devowneruuid": "$owner", "rowneruuid": "$owner", "owned": true}`},
		{ocf.PathCred, `{"rowneruuid": "$owner", "creds": [{"credtype": 1, "subjectuuid": "$owner", "privatedata": {"encoding": "oic.sec.encoding.raw", "data": "key:owner"}}]}`},
		{ocf.PathACL, `{"rowneruuid": "$owner"}`},
		{ocf.PathPstat, `{"dos": {"s": 2}, "rowneruuid": "$owner"}`},
		{ocf.PathPstat, `{"dos": {"s": 3}}`},
	} {
		if w.source.IntN(20) == 0 {
			return
		}
		post(p.path, p.text, via)
	}
}

// knock opens a session if Door allows one.
func (w *wild) knock() {
	door := w.device.Door()
	if door.Closed || !door.OTM && len(door.Creds) == 0 {
		return
	}
	w.sessions++
	via := sim.Via{Session: w.sessions, OTM: door.OTM, OwnerKey: ownerKey}
	if !door.OTM {
		subject := door.Creds[w.source.IntN(min(2, len(door.Creds)))].Subject
		via.Subject, _ = ocf.ParseUUID(subject) // "*" leaves the nil UUID
	}
	w.open = append(w.open, via)
	w.apply(sim.Event{Kind: sim.SessionOpened, Request: sim.Request{Via: via}})
}

// ask sends one request, usually over a session.
func (w *wild) ask() {
	ev := sim.Event{Kind: []sim.EventKind{sim.Get, sim.Post, sim.Post, sim.Post, sim.Delete}[w.source.IntN(5)]}
	ev.Request = sim.Request{
		Path: wildPaths[w.source.IntN(len(wildPaths))], Format: ocf.FormatOCFCBOR, Payload: w.payloads[w.source.IntN(len(w.payloads))],
		Observe: w.source.IntN(2) == 0, ID: uint32(w.source.IntN(4)), Multicast: w.source.IntN(20) == 0,
	}
	if len(w.open) > 0 && w.source.IntN(5) > 0 {
		ev.Request.Via = w.open[w.source.IntN(len(w.open))]
	}
	w.apply(ev)
}

func (w *wild) fatalf(format string, args ...any) {
	w.t.Helper()
	if !w.deviant {
		w.t.Fatalf(format, args...)
	}
}

// apply checks what holds for every compliant Device: a refused request and a read
// change nothing, and without a session only the transfer method can be written.
func (w *wild) apply(ev sim.Event) {
	w.t.Helper()
	ev.At = w.now
	before, owned := w.written, w.device.State().Owned
	effects := w.device.Apply(&ev, nil)
	after := saved(w.t, &w.device)
	w.written = after
	request := ev.Kind == sim.Get || ev.Kind == sim.Post || ev.Kind == sim.Delete
	for _, e := range effects {
		if e.Kind != sim.Respond || bytes.Equal(before, after) {
			continue
		}
		switch {
		case e.Code >= 0x80, ev.Kind == sim.Get:
			w.fatalf("%+v is answered with %s and changes %s into %s", ev.Request, code(e.Code), before, after)
		case ev.Request.Via.Session == 0 && (owned || ev.Request.Path != ocf.PathDoxm):
			w.fatalf("%+v without a session changes %s into %s", ev.Request, before, after)
		}
	}
	if request && len(effects) == 0 {
		w.t.Fatalf("%+v is not answered", ev.Request)
	}
	if ev.Kind == sim.FactoryReset {
		w.last, w.open = w.device.State().DOS, nil
	}
	w.watch(effects)
	if !bytes.Equal(before, after) {
		w.restorable(after)
	}
}

// watch checks each state that is told and the last state, and does the shell's
// part.
func (w *wild) watch(effects []sim.Effect) {
	w.t.Helper()
	for _, e := range effects {
		switch e.Kind {
		case sim.Notify:
			w.state(e.Rep.State)
		case sim.AskSource:
			w.asked = e.Ask.Number
		case sim.CloseSessions, sim.Offline:
			w.open = nil
		case sim.Wake:
			if w.due = -1; e.After >= 0 {
				w.due = w.now + e.After
			}
		case sim.Respond:
			if e.Rep.Path == "" {
				break
			}
			payload := w.device.Encode(nil, e.Rep, []string{"coap://127.1.0.1:5683", "coaps://127.1.0.1:5684"})
			if len(payload) == 0 || bytes.Contains(payload, keyOf("owner")) || bytes.Contains(payload, ownerKey[:]) {
				w.t.Fatalf("%s: %x", e.Rep.Path, payload)
			}
		}
	}
	w.state(w.device.State())
}

func (w *wild) state(s sim.State) {
	w.t.Helper()
	from := w.last
	w.last = s.DOS
	switch {
	case from != s.DOS && !slices.Contains(legal[from], s.DOS):
		w.fatalf("dos moved from %v to %v", from, s.DOS)
	case s.ISOP != (s.DOS == ocf.RFNOP), s.Pending != (s.DOS == ocf.RESET):
		w.fatalf("isop=%v p=%v in %v", s.ISOP, s.Pending, s.DOS)
	case s.DOS == ocf.RESET && s.Owned, s.DOS > ocf.RFOTM && !s.Owned:
		w.fatalf("owned=%v in %v", s.Owned, s.DOS)
	}
}

// restorable checks that the Device can be saved and read again.
func (w *wild) restorable(data []byte) {
	w.t.Helper()
	var read sim.Saved
	if err := json.Unmarshal(data, &read); err != nil {
		w.t.Fatalf("%s: %v", data, err)
	}
	if again := w.model.Restore(read); !bytes.Equal(saved(w.t, &again), data) {
		w.t.Fatalf("saved %s, restored %s", data, saved(w.t, &again))
	}
}

// FuzzSecuredPost looks for a payload that breaks a secured Device, whoever sends it
// to whichever resource.
func FuzzSecuredPost(f *testing.F) {
	models := securedModels(f, false)
	for _, text := range wildTexts {
		payload, err := body(text)
		if err != nil {
			f.Fatal(err)
		}
		f.Add(uint8(0), uint8(3), uint8(1), payload)
	}
	f.Fuzz(func(t *testing.T, which, path, state uint8, payload []byte) {
		m := models[int(which)%len(models)]
		d := m.Device(ocf.UUID{1}, 1)
		via := sim.Via{Session: 1, Subject: idOf("owner"), OwnerKey: ownerKey}
		if door := d.Door(); door.Closed { // an unowned Device
			via = sim.Via{Session: 1, OTM: true, OwnerKey: ownerKey}
			choice := ocf.DoxmUpdate{Set: ocf.DoxmOXMSel}
			d.Apply(&sim.Event{Kind: sim.Post, Request: sim.Request{Path: ocf.PathDoxm, Payload: choice.AppendCBOR(nil), Format: ocf.FormatOCFCBOR}}, nil)
			d.Apply(&sim.Event{Kind: sim.SessionOpened, Request: sim.Request{Via: via}}, nil)
		} else {
			move := ocf.PstatUpdate{Set: ocf.PropDOS, DOS: ocf.DOS(state) % 5}
			d.Apply(&sim.Event{Kind: sim.Post, Request: sim.Request{Path: ocf.PathPstat, Payload: move.AppendCBOR(nil), Format: ocf.FormatOCFCBOR, Via: via}}, nil)
		}
		before := saved(t, &d)
		ev := sim.Event{Kind: sim.Post, Request: sim.Request{
			Path: wildPaths[int(path)%len(wildPaths)], Payload: payload, Format: ocf.FormatOCFCBOR, Via: via,
		}}
		for _, e := range d.Apply(&ev, nil) {
			if e.Kind == sim.Respond && e.Code >= 0x80 && !bytes.Equal(before, saved(t, &d)) {
				t.Fatalf("%x to %s: %s, and %s became %s", payload, ev.Request.Path, code(e.Code), before, saved(t, &d))
			}
		}
		for _, p := range wildPaths {
			d.Encode(nil, sim.Rep{Path: p, State: d.State()}, nil)
		}
		var read sim.Saved
		if err := json.Unmarshal(saved(t, &d), &read); err != nil {
			t.Fatalf("%s: %v", saved(t, &d), err)
		}
		if again := m.Restore(read); !bytes.Equal(saved(t, &again), saved(t, &d)) {
			t.Fatalf("saved %s, restored %s", saved(t, &d), saved(t, &again))
		}
	})
}
