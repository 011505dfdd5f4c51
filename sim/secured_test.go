package sim_test

import (
	"bytes"
	"encoding/json"
	"strings"
	"testing"
	"time"

	"github.com/ocfsim/ocfsim/fixtures"
	"github.com/ocfsim/ocfsim/ocf"
	"github.com/ocfsim/ocfsim/sim"
)

// town makes a model of owned Devices that know every Client of names.
func town(t testing.TB, edition string) *sim.Model {
	t.Helper()
	b, err := fixtures.Behaviour("success")
	if err != nil {
		t.Fatal(err)
	}
	config := sim.Config{Behaviour: b, Security: &sim.Security{
		Edition: edition, Owner: idOf("owner"), OwnerKey: [16]byte(keyOf("owner")),
	}}
	guests(&config)
	m, err := sim.NewModel(config)
	if err != nil {
		t.Fatal(err)
	}
	return m
}

// session makes a session for a Client of town.
func session(name string) sim.Via { return sim.Via{Session: 1, Subject: idOf(name)} }

// A million Devices share their credentials until they differ, and a write to one
// Device does not change another.
func TestDevicesShareWhatTheyTrust(t *testing.T) {
	m := town(t, "ocf-2.2")
	a, b := m.Device(ocf.UUID{1}, 1), m.Device(ocf.UUID{2}, 2)
	if &a.Door().Creds[0] != &b.Door().Creds[0] {
		t.Error("two new Devices have credentials of their own")
	}
	before := len(b.Door().Creds)
	write(t, &a, ocf.PathPstat, "owner", `{"dos": {"s": 2}}`, 0x44)
	write(t, &a, ocf.PathCred, "owner", `{"creds": [{"credtype": 1, "subjectuuid": "$other", "privatedata": {"encoding": "oic.sec.encoding.raw", "data": "key:other"}}]}`, 0x44)
	if n := len(a.Door().Creds); n != before+1 {
		t.Errorf("the Device has %d credentials, expected %d", n, before+1)
	}
	if n := len(b.Door().Creds); n != before {
		t.Errorf("the other Device has %d credentials, expected %d", n, before)
	}
}

// write posts JSON over a session of a Client and expects a code.
func write(t *testing.T, d *sim.Device, path, client, text string, want uint8) []sim.Effect {
	t.Helper()
	payload, err := body(text)
	if err != nil {
		t.Fatal(err)
	}
	effects := d.Apply(&sim.Event{Kind: sim.Post, Request: sim.Request{
		Path: path, Payload: payload, Format: ocf.FormatOCFCBOR, Via: session(client),
	}}, nil)
	for _, e := range effects {
		if e.Kind == sim.Respond && e.Code == want {
			return effects
		}
	}
	t.Fatalf("%s to %s: got %+v, expected code %s", text, path, effects, code(want))
	return nil
}

// No two Devices draw the same uuid or PIN, and each Device draws a new one every
// time.
func TestRandomness(t *testing.T) {
	b, err := fixtures.Behaviour("success")
	if err != nil {
		t.Fatal(err)
	}
	m, err := sim.NewModel(sim.Config{Behaviour: b, Security: &sim.Security{}})
	if err != nil {
		t.Fatal(err)
	}
	seen, pins := map[ocf.UUID]bool{}, map[string]bool{}
	choose, err := body(`{"oxmsel": 1}`)
	if err != nil {
		t.Fatal(err)
	}
	for i := range 2000 {
		d := m.Device(ocf.UUID{byte(i), byte(i >> 8), 3: 1, 6: 0x40, 8: 0x80}, uint64(i/2)) // two Devices for each seed
		for range 3 {
			d.Apply(&sim.Event{Kind: sim.FactoryReset}, nil)
			id := d.ID()
			if seen[id] || id[6]>>4 != 4 || id[8]>>6 != 2 {
				t.Fatalf("device %d draws %v", i, id)
			}
			seen[id] = true
		}
		for _, e := range d.Apply(&sim.Event{Kind: sim.Post, Request: sim.Request{Path: ocf.PathDoxm, Payload: choose, Format: ocf.FormatOCFCBOR}}, nil) {
			if e.Kind == sim.ShowPIN {
				pins[e.Text] = true
			}
		}
		if door := d.Door(); !door.OTM || door.Method != ocf.OXMRandomPIN || len(door.PIN) != 8 || !pins[door.PIN] {
			t.Fatalf("device %d has the door %+v, and showed %v", i, door, pins)
		}
	}
	if len(pins) < 990 {
		t.Errorf("2000 Devices of 1000 seeds show %d PINs", len(pins))
	}
}

// The Device decides on access for every request without allocating.
func TestAccessAllocatesNothing(t *testing.T) {
	for _, edition := range []string{"ocf-1.0", "ocf-2.2"} {
		d := town(t, edition).Device(ocf.UUID{1}, 1)
		effects := d.Start(0, make([]sim.Effect, 0, 8))
		payload := make([]byte, 0, 8192)
		for _, client := range []string{"owner", "second", "admin", "stranger", "wild", "expired", ""} {
			via := sim.Via{}
			if client != "" {
				via = session(client)
			}
			for _, path := range []string{ocf.PathPstat, ocf.PathRes, ocf.PathD, ocf.PathDoxm} {
				ev := &sim.Event{Kind: sim.Get, Request: sim.Request{Path: strings.Clone(path), Via: via}}
				if n := testing.AllocsPerRun(100, func() { effects = d.Apply(ev, effects[:0]) }); n != 0 {
					t.Errorf("%s: GET %s by %q allocates %v times", edition, path, client, n)
				}
			}
		}
		eps := []string{"coap://127.1.0.1:5683", "coaps://127.1.0.1:5684"}
		for _, path := range []string{ocf.PathPstat, ocf.PathDoxm} {
			rep := sim.Rep{Path: path, State: d.State()}
			if n := testing.AllocsPerRun(100, func() { payload = d.Encode(payload[:0], rep, eps) }); n > 2 {
				t.Errorf("%s: encoding %s allocates %v times", edition, path, n)
			}
		}
	}
}

// No credential ever reveals its key, neither in an answer nor in an error.
func TestKeysAreNotTold(t *testing.T) {
	d := town(t, "ocf-1.0").Device(ocf.UUID{1}, 1)
	for _, path := range []string{ocf.PathCred, ocf.PathDoxm, ocf.PathACL, ocf.PathPstat, ocf.PathRoles, ocf.PathRes} {
		payload := d.Encode(nil, sim.Rep{Path: path, State: d.State()}, nil)
		for _, name := range names {
			if bytes.Contains(payload, keyOf(name)) {
				t.Errorf("%s tells the key of %s", path, name)
			}
		}
	}
}

func TestSecurityNamesTheField(t *testing.T) {
	b, err := fixtures.Behaviour("success")
	if err != nil {
		t.Fatal(err)
	}
	for want, s := range map[string]sim.Security{
		"edition":                   {Edition: "ocf-9"},
		"methods: 3":                {Methods: []uint16{3}},
		"methods: 2":                {Methods: []uint16{ocf.OXMCertificate}},
		"creds and aces":            {Creds: []ocf.Cred{{}}},
		"ace 0: it is for nobody":   {Owner: idOf("owner"), ACEs: []ocf.ACE{{}}},
		"ace 0: validity: \"soon\"": {Owner: idOf("owner"), ACEs: []ocf.ACE{{Validity: []ocf.Validity{{Period: "soon"}}}}},
	} {
		if _, err := sim.NewModel(sim.Config{Behaviour: b, Security: &s}); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("got error %v, expected one that names %s", err, want)
		}
	}
}

// A refused request changes nothing, whoever sends it and however it comes.
func TestRefusedSecurityWritesChangeNothing(t *testing.T) {
	for _, edition := range []string{"ocf-1.0", "ocf-2.2"} {
		d := town(t, edition).Device(ocf.UUID{1}, 1)
		for _, path := range []string{ocf.PathDoxm, ocf.PathCred, ocf.PathACL, ocf.PathSDI, ocf.PathSP, ocf.PathRoles, ocf.PathAEL, ocf.PathPstat} {
			for _, text := range []string{
				`{"owned": false}`, `{"creds": [{}]}`, `{"aclist2": [{"permission": 2}]}`, `[]`, `7`,
				`{"rowneruuid": "$nobody"}`, `{"roles": [{"credtype": 8, "publicdata": {"encoding": "oic.sec.encoding.pem", "data": "PEM"}}]}`,
				`{"uuid": 7}`, `{"currentprofile": "none"}`, `{"supportedprofiles": []}`, `{"categoryfilter": 1}`, `{"dos": {"s": 1}}`,
			} {
				payload, err := body(text)
				if err != nil {
					t.Fatal(err)
				}
				for _, client := range names {
					before := saved(t, &d)
					for _, e := range d.Apply(&sim.Event{Kind: sim.Post, Request: sim.Request{Path: path, Payload: payload, Via: session(client)}}, nil) {
						if e.Kind == sim.Respond && e.Code < 0x80 {
							continue
						}
						if after := saved(t, &d); !bytes.Equal(after, before) {
							t.Fatalf("%s: %s to %s by %s changed the state from %s to %s", edition, text, path, client, before, after)
						}
					}
				}
			}
		}
	}
}

func saved(t testing.TB, d *sim.Device) []byte {
	t.Helper()
	data, err := json.Marshal(d.Save())
	if err != nil {
		t.Fatal(err)
	}
	return data
}

// The saved form of a secured Device is read strictly, and the previous version of
// the form can still be read.
func TestRestoreSecurityIsStrict(t *testing.T) {
	m := town(t, "ocf-2.2")
	d := m.Device(ocf.UUID{1}, 7)
	if text := string(saved(t, &d)); !strings.Contains(text, `"security":{"shipped":true}`) {
		t.Errorf("a Device that is as shipped is saved as %s", text)
	}
	write(t, &d, ocf.PathPstat, "owner", `{"dos": {"s": 2}}`, 0x44)
	write(t, &d, ocf.PathACL, "owner", `{"aclist2": [{"subject": {"uuid": "$other"}, "resources": [{"href": "/oic/d"}], "permission": 2, "validity": [{"period": "20260101T000000Z/PT1H"}]}]}`, 0x44)
	good := saved(t, &d)
	var read sim.Saved
	if err := json.Unmarshal(good, &read); err != nil {
		t.Fatalf("%s: %v", good, err)
	}
	if again := m.Restore(read); !bytes.Equal(saved(t, &again), good) || again.ID() != d.ID() {
		t.Errorf("saved %s, restored and saved %s", good, saved(t, &again))
	}
	for _, c := range []struct{ old, new, want string }{
		{`device/2`, `device/1`, "schema"},
		{`"owned":`, `"ownedx":`, "unknown field"},
		{`"devowneruuid":"6f776e65`, `"devowneruuid":"x`, "no uuid"},
		{`"devowneruuid":"6f776e65-7200-0000-0000-000000000000"`, `"devowneruuid":"00000000-0000-0000-0000-000000000000"`, "devowneruuid"},
		{`"rowneruuids":[`, `"rowneruuids":["00000000-0000-0000-0000-000000000000",`, "rowneruuids"},
		{`"currentprofile"`, `"oxmsel":9,"currentprofile"`, "oxmsel"},
		{`"creds":"`, `"creds":"AAAA`, "creds"},
		{`"aclist2":"`, `"aclist2":"AAAA`, "aclist2"},
		{`"sdi":"`, `"sdi":"AAAA`, "sdi"},
	} {
		text := strings.Replace(string(good), c.old, c.new, 1)
		if text == string(good) {
			t.Fatalf("%s has no %s", good, c.old)
		}
		if err := json.Unmarshal([]byte(text), &read); err == nil || !strings.Contains(err.Error(), c.want) {
			t.Errorf("%s: got error %v, expected one that names %s", text, err, c.want)
		}
	}
}

// A file from before there was security still starts its Device, even a secured one.
func TestRestoreOfTheFirstForm(t *testing.T) {
	old := `{"schema":"ocfsim.device/1","di":"01000000-0000-0000-0000-000000000000","random":7,"tm":0,"cm":64,"dos":3,` +
		`"version":"1.0.5","running":0,"waiting":0,"announced":false,"flags":0}`
	var read sim.Saved
	if err := json.Unmarshal([]byte(old), &read); err != nil {
		t.Fatal(err)
	}
	if d := newModel(t, "success", 1).Restore(read); d.State().CM != ocf.SVV || d.Version() != "1.0.5" {
		t.Errorf("got %+v", d.State())
	}
	if d := town(t, "ocf-1.0").Restore(read); d.State().DOS != ocf.RFNOP || !d.State().Owned || d.Version() != "1.0.5" {
		t.Errorf("a secured Device: got %+v", d.State())
	}
}

// A shell asks whether an observer still may observe.
func TestMay(t *testing.T) {
	d := town(t, "ocf-1.0").Device(ocf.UUID{1}, 1)
	for client, want := range map[string]bool{"owner": true, "second": true, "reader": true, "notified": true, "updater": false, "stranger": false, "expired": false} {
		if got := d.May(sim.Get, ocf.PathPstat, session(client), 0); got != want {
			t.Errorf("%s may observe: %v", client, got)
		}
	}
	if d.May(sim.Get, ocf.PathPstat, sim.Via{}, 0) || !d.May(sim.Get, ocf.PathD, sim.Via{}, 0) || d.May(sim.Get, "/nope", session("owner"), 0) {
		t.Error("wrong without a session or without a resource")
	}
	if year := 365 * 24 * time.Hour; d.May(sim.Get, ocf.PathPstat, session("current"), year) || !d.May(sim.Get, ocf.PathPstat, session("current"), year/2) {
		t.Error("the validity of an ACE is not that of its time")
	}
}
