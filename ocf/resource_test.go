package ocf

import (
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

var piid = UUID{0xaa, 15: 0xbb}

func TestDoxmSurvivesTheWire(t *testing.T) {
	for _, want := range []Doxm{
		{OXMs: []uint16{0, 1, 2}, OXMSel: 4, SCT: 329, Device: owner},
		{OXMs: []uint16{0}, Owned: true, Device: piid, DevOwner: owner, Rowner: owner},
	} {
		for _, iface := range []Interface{InterfaceDefault, InterfaceBaseline} {
			got, problems, err := DecodeDoxm(want.AppendCBOR(nil, iface))
			if diff := cmp.Diff(want, got); diff != "" || problems != nil || err != nil {
				t.Error(diff, problems, err)
			}
		}
	}
}

func TestDoxmIsWhatMarshalWrites(t *testing.T) {
	x := Doxm{OXMs: []uint16{0, 256}, OXMSel: 4, SCT: 329, Owned: true, Device: piid, DevOwner: owner, Rowner: owner}
	type wire struct {
		OXMs   []uint16 `cbor:"oxms"`
		Sel    uint16   `cbor:"oxmsel"`
		SCT    uint16   `cbor:"sct"`
		Owned  bool     `cbor:"owned"`
		Device string   `cbor:"deviceuuid"`
		Owner  string   `cbor:"devowneruuid"`
		Rowner string   `cbor:"rowneruuid"`
	}
	w := wire{x.OXMs, 4, 329, true, piid.String(), owner.String(), owner.String()}
	equalMarshal(t, x.AppendCBOR(nil, InterfaceRW), w)
	equalMarshal(t, x.AppendCBOR(nil, InterfaceBaseline), struct {
		RT []string `cbor:"rt"`
		IF []string `cbor:"if"`
		wire
	}{[]string{"oic.r.doxm"}, []string{IfRW, IfBaseline}, w})
}

func TestDeviceAndPlatformSurviveTheWire(t *testing.T) {
	d := D{Name: "lamp", DI: owner, ICV: "ocf.1.0.0", DMV: "ocf.res.1.0.0", PIID: piid, SV: "1.0.1"}
	got, problems, err := DecodeD(d.AppendCBOR(nil, InterfaceDefault))
	if diff := cmp.Diff(d, got); diff != "" || problems != nil || err != nil {
		t.Error(diff, problems, err)
	}
	d.RT, d.SV = []string{"oic.wk.d", "oic.d.light"}, ""
	got, problems, err = DecodeD(d.AppendCBOR(nil, InterfaceBaseline))
	if diff := cmp.Diff(d, got); diff != "" || problems != nil || err != nil {
		t.Error(diff, problems, err)
	}
	for _, p := range []P{{PI: owner, MNMN: "Acme"}, {PI: owner, MNMN: "Acme", MNFV: "1.0.0"}} {
		got, problems, err := DecodeP(p.AppendCBOR(nil, InterfaceBaseline))
		if diff := cmp.Diff(p, got); diff != "" || problems != nil || err != nil {
			t.Error(diff, problems, err)
		}
	}
}

func TestResSurvivesTheWire(t *testing.T) {
	eps := []string{"coap://127.1.0.1:5683", "coap://[::1]:5683"}
	res := Res{DI: owner, Endpoints: eps, Links: []Link{
		{Href: PathPstat, RT: []string{RTPstat}, IF: []string{IfRW, IfBaseline}, BM: Discoverable | Observable},
		{Href: PathDoxm, RT: []string{"oic.r.doxm"}, IF: []string{IfRW}, BM: Discoverable, DI: piid, Endpoints: eps[:1]},
	}}
	want := []Link{res.Links[0], res.Links[1]}
	want[0].DI, want[0].Endpoints = owner, eps
	for _, iface := range []Interface{InterfaceDefault, InterfaceBaseline} {
		got, problems, err := DecodeRes(res.AppendCBOR(nil, iface))
		if diff := cmp.Diff(want, got); diff != "" || problems != nil || err != nil {
			t.Error(diff, problems, err)
		}
	}
	res.RT = "oic.r.doxm"
	got, _, _ := DecodeRes(res.AppendCBOR(nil, InterfaceDefault))
	if diff := cmp.Diff(want[1:], got); diff != "" || res.Empty() {
		t.Error(diff, res.Empty())
	}
	res.RT = "oic.r.nope"
	if !res.Empty() {
		t.Error("a link passes the filter oic.r.nope")
	}
	equalMarshal(t, res.AppendCBOR(nil, InterfaceDefault), []string{})
}

func TestClientsSeeWhatIsWrong(t *testing.T) {
	for payload, want := range map[string]string{
		// [{"href": 1, "p": {"bm": true}}]
		"81a26468726566016170a162626df5": "[0].href: want text string, got unsigned integer 1; " +
			"[0].p: want map with bm, got map; [0].rt: want array of text strings, got missing; [0].if: want array of text strings, got missing",
		// [1, {"links": [null]}]
		"8201a1656c696e6b7381f6": "[0]: want link, got unsigned integer 1; [1].links[0]: want link, got null",
		"8000":                   "payload: want one CBOR item, got 1 bytes more",
	} {
		_, problems, err := DecodeRes(unhex(t, payload))
		var list []string
		for _, p := range problems {
			list = append(list, p.String())
		}
		if got := strings.Join(list, "; "); err != nil || got != want {
			t.Errorf("%s:\n got %q %v\nwant %q", payload, got, err, want)
		}
	}
	if _, _, err := DecodeRes([]byte{0xa0}); err == nil {
		t.Error("a map was taken for a list of links")
	}
	if _, _, err := DecodeD([]byte{0x80}); err == nil {
		t.Error("an array was taken for /oic/d")
	}
}

func TestTextNotation(t *testing.T) {
	for _, p := range samples() {
		got, err := ParsePstatText(p.String())
		if err != nil || got.String() != p.String() || got.Present != PropTM|PropCM|PropDOS {
			t.Errorf("%v: got %v, %v", p, got, err)
		}
	}
	got, err := ParsePstatText(" cm=0xc0 ")
	if want := (Pstat{CM: SVV | SSU, Present: PropCM}); err != nil || got != want {
		t.Errorf("got %+v, %v", got, err)
	}
	for _, bad := range []string{"", " ", "tm", "tm=", "tm=W", "tm=65536", "tm=-1", "dos=rfnop", "x=1", "tm=V tm=V", "tm=V,cm=-"} {
		if got, err := ParsePstatText(bad); err == nil {
			t.Errorf("%q was read as %v", bad, got)
		}
	}
}
