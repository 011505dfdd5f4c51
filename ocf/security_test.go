package ocf

import (
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

var other = UUID{0xcc, 15: 0xdd}

// survives checks that what encode writes is read as want.
func survives[T any](t *testing.T, want T, encode encoder, decode func([]byte) (T, []Problem, error)) {
	t.Helper()
	for _, iface := range []Interface{InterfaceDefault, InterfaceRW, InterfaceBaseline} {
		got, problems, err := decode(encode(nil, iface))
		if diff := cmp.Diff(want, got); diff != "" || problems != nil || err != nil {
			t.Error(diff, problems, err)
		}
	}
}

// arrives checks that what a Client writes is read as want by a Device.
func arrives[T any](t *testing.T, want T, payload []byte, decode func([]byte) (T, error)) {
	t.Helper()
	got, err := decode(payload)
	if diff := cmp.Diff(want, got); diff != "" || err != nil {
		t.Error(diff, err)
	}
}

func someCreds() []Cred {
	return []Cred{
		{ID: 1, Type: SymmetricPair, Subject: owner.String(), Private: Key{EncodingRaw, []byte("0123456789abcdef")}},
		{ID: 2, Type: SymmetricPair, Subject: "*", Private: Key{Encoding: EncodingRaw}, Role: Role{Name: "r", Authority: "a"}},
		{
			ID: 65535, Type: Certificate, Subject: piid.String(), Usage: UsageCert, Period: "P1D",
			Private: Key{EncodingDER, []byte{0x30, 0xff}}, Public: Key{EncodingPEM, []byte("-----BEGIN")},
			Optional: Key{EncodingPEM, []byte{0xff}},
		},
	}
}

func TestCredsArrive(t *testing.T) {
	for _, u := range []CredsUpdate{
		{},
		{HasRowner: true, Rowner: owner},
		{List: someCreds()},
		{List: someCreds()[1:2], HasRowner: true},
	} {
		arrives(t, u, u.AppendCBOR(nil), DecodeCredsUpdate)
		arrives(t, Roles{List: u.List}, (&CredsUpdate{List: u.List}).asRoles(), DecodeRolesUpdate)
	}
	u := CredsUpdate{List: []Cred{{Type: SymmetricPair, Subject: "*", Private: Key{Data: []byte("k")}}}}
	got, err := DecodeCredsUpdate(u.AppendCBOR(nil))
	if err != nil || got.List[0].Private.Encoding != EncodingRaw {
		t.Errorf("a key without an encoding is %q, %v", got.List[0].Private.Encoding, err)
	}
}

// asRoles is the payload of u as one for /oic/sec/roles.
func (u *CredsUpdate) asRoles() []byte {
	return appendCreds(AppendText(AppendMap(nil, 1), "roles"), u.List)
}

func TestCredsSurviveTheWireWithoutKeys(t *testing.T) {
	x := Creds{List: someCreds(), Rowner: owner}
	want := Creds{List: someCreds(), Rowner: owner}
	for i := range want.List {
		want.List[i].Private.Data = nil
	}
	survives(t, want, x.AppendCBOR, DecodeCreds)
	roles := Roles{List: someCreds()[2:]}
	public := Roles{List: someCreds()[2:]}
	public.List[0].Private = Key{}
	survives(t, public, roles.AppendCBOR, DecodeRoles)
	arrives(t, public, roles.AppendUpdate(nil), DecodeRolesUpdate)
	if diff := cmp.Diff(someCreds(), x.List); diff != "" {
		t.Error("encoding changed what it encodes", diff)
	}
}

func someACEs() []ACE {
	return []ACE{
		{ID: 1, Subject: Subject{Conn: AnonClear}, Resources: []ResourceRef{{Href: PathRes}, {Href: PathD}}, Permission: MayRead},
		{ID: 2, Subject: Subject{Role: Role{Name: "r"}}, Resources: []ResourceRef{{Wildcard: "*", IF: []string{"*"}}}, Permission: MayAll},
		{
			ID: 65535, Subject: Subject{UUID: other}, Resources: []ResourceRef{{RT: []string{RTPstat}}},
			Validity: []Validity{{Period: "P1D"}, {Period: "P2D", Recurrence: []string{"FREQ=DAILY", "FREQ=YEARLY"}}},
		},
		{ID: 9, Subject: Subject{Conn: AuthCrypt}, Permission: MayNotified},
	}
}

func TestACLSurvivesTheWire(t *testing.T) {
	x := ACL{List: someACEs(), Rowner: owner}
	survives(t, x, x.AppendCBOR, DecodeACL)
	list := someACEs()
	list[0].ID = 0
	for _, u := range []ACLUpdate{{}, {HasRowner: true, Rowner: owner}, {List: list}, {List: list, HasRowner: true}} {
		arrives(t, u, u.AppendCBOR(nil), DecodeACLUpdate)
	}
}

func TestTheOtherSecurityResourcesSurviveTheWire(t *testing.T) {
	sp := SP{Supported: []string{ProfileBaseline, ProfileBlack, ProfileBlue, ProfilePurple}, Current: ProfileBlue}
	survives(t, sp, sp.AppendCBOR, DecodeSP)
	for _, x := range []SP{{}, {Current: ProfileBlack}, sp} {
		arrives(t, x, x.AppendUpdate(nil), DecodeSPUpdate)
	}
	sdi := SDI{UUID: owner, Name: "home", Private: true}
	survives(t, sdi, sdi.AppendCBOR, DecodeSDI)
	arrives(t, SDIUpdate{Set: SDIAll, SDI: sdi}, sdi.AppendUpdate(nil), DecodeSDIUpdate)
	part := SDIUpdate{Set: SDIName | SDIPrivate}
	arrives(t, part, part.AppendCBOR(nil), DecodeSDIUpdate)
	for _, x := range []CSR{{[]byte("-----BEGIN"), EncodingPEM}, {[]byte{0x30, 0xff}, EncodingDER}} {
		survives(t, x, x.AppendCBOR, DecodeCSR)
	}
	ael := AEL{
		Events:    []AuditEvent{{Category: 8, Priority: 1, Time: "2026-01-01T00:00:00Z", Message: "m"}, {}},
		UsedSpace: 1, MaxSpace: 1<<32 - 1, CategoryFilter: 65535, PriorityFilter: 255,
	}
	survives(t, ael, ael.AppendCBOR, DecodeAEL)
	for _, u := range []AELUpdate{{}, {Set: AELPriorityFilter}, {aelAll, 65535, 255}} {
		arrives(t, u, u.AppendCBOR(nil), DecodeAELUpdate)
	}
	doxm := DoxmUpdate{Set: doxmAll, OXMSel: OXMRandomPIN, Owned: true, Device: owner, DevOwner: other, Rowner: piid}
	for set := DoxmProperties(0); set <= doxmAll; set++ {
		u, want := doxm, DoxmUpdate{Set: set}
		u.Set = set
		for bit, keep := range map[DoxmProperties]func(){
			DoxmOXMSel:   func() { want.OXMSel = u.OXMSel },
			DoxmOwned:    func() { want.Owned = u.Owned },
			DoxmDevice:   func() { want.Device = u.Device },
			DoxmDevOwner: func() { want.DevOwner = u.DevOwner },
			DoxmRowner:   func() { want.Rowner = u.Rowner },
		} {
			if set.Has(bit) {
				keep()
			}
		}
		arrives(t, want, u.AppendCBOR(nil), DecodeDoxmUpdate)
	}
}

// A refused update leaves no values behind, and says why.
func TestSecurityUpdatesAreBounded(t *testing.T) {
	deep := "a1656372656473" + strings.Repeat("81", MaxNesting) + "00" // {"creds": [[[...
	for name, c := range map[string]struct{ hex, want string }{
		"nothing":    {"", "empty payload"},
		"no CBOR":    {"a1", "payload is no CBOR"},
		"an array":   {"80", "payload: want map, got array"},
		"behind":     {"a000", "1 bytes follow the update"},
		"a key of 0": {"a10000", "key: want text string, got unsigned integer"},
		"too deep":   {deep, "payload is no CBOR"},
		"too long":   {"a16178" + "594e20" + strings.Repeat("00", 20000), "at most"},
	} {
		b := unhex(t, c.hex)
		creds, credsErr := DecodeCredsUpdate(b)
		acl, aclErr := DecodeACLUpdate(b)
		doxm, doxmErr := DecodeDoxmUpdate(b)
		roles, rolesErr := DecodeRolesUpdate(b)
		_, spErr := DecodeSPUpdate(b)
		_, sdiErr := DecodeSDIUpdate(b)
		_, aelErr := DecodeAELUpdate(b)
		for _, err := range []error{credsErr, aclErr, doxmErr, rolesErr, spErr, sdiErr, aelErr} {
			if err == nil || !strings.Contains(err.Error(), c.want) {
				t.Errorf("%s: got %v, want %q", name, err, c.want)
			}
		}
		if creds.List != nil || acl.List != nil || doxm != (DoxmUpdate{}) || roles.List != nil {
			t.Errorf("%s: values are left behind", name)
		}
	}
}

// A value is copied out of a payload rather than pointing into it, because the
// buffer is reused.
func TestKeysAreCopied(t *testing.T) {
	payload := (&CredsUpdate{List: someCreds()}).AppendCBOR(nil)
	u, err := DecodeCredsUpdate(payload)
	clear(payload)
	if diff := cmp.Diff(someCreds(), u.List); diff != "" || err != nil {
		t.Error(diff, err)
	}
}

func TestSecurityResourcesAllocateNothing(t *testing.T) {
	creds := Creds{List: someCreds(), Rowner: owner}
	acl := ACL{List: someACEs(), Rowner: owner}
	sp := SP{Supported: []string{ProfileBaseline}, Current: ProfileBaseline}
	sdi := SDI{Name: "home"}
	res := Res{DI: owner, Endpoints: []string{"coap://127.0.0.1:5683"}, Links: []Link{{Href: PathCred, Scheme: "coaps"}}}
	buf := make([]byte, 0, 4096)
	for name, encode := range map[string]encoder{
		"cred": creds.AppendCBOR, "acl2": acl.AppendCBOR, "sp": sp.AppendCBOR, "sdi": sdi.AppendCBOR, "res": res.AppendCBOR,
	} {
		if n := testing.AllocsPerRun(100, func() { buf = encode(buf[:0], InterfaceBaseline) }); n != 0 {
			t.Errorf("%s: %v allocations", name, n)
		}
	}
}

func TestPermission(t *testing.T) {
	for text, want := range map[string]Permission{
		"-": 0, "C": 1, "R": 2, "U": 4, "D": 8, "N": 16, "RU": 6, "CRUDN": MayAll, "NR": MayRead | MayNotified,
	} {
		if got, err := ParsePermission(text); err != nil || got != want {
			t.Errorf("%q: got %v, %v", text, got, err)
		}
	}
	for _, bad := range []string{"", "r", "RR", "W", "R-", "--", "R U", "31"} {
		if got, err := ParsePermission(bad); err == nil {
			t.Errorf("%q was read as %v", bad, got)
		}
	}
	for p := range MayAll + 1 {
		if got, err := ParsePermission(p.String()); err != nil || got != p {
			t.Errorf("%v: got %v, %v", p, got, err)
		}
	}
	if got := (MayRead | 0x20).String() + " " + Permission(0x80).String(); got != "R+0x20 0x80" {
		t.Error(got)
	}
}

func TestLinksOfOneScheme(t *testing.T) {
	eps := []string{"coap://127.1.0.1:5683", "coaps://127.1.0.1:5684", "coaps://[::1]:5684", "coap"}
	res := Res{DI: owner, Endpoints: eps, Links: []Link{
		{Href: PathRes, RT: []string{"oic.wk.res"}, IF: []string{IfLL}},
		{Href: PathCred, RT: []string{RTCred}, IF: []string{IfRW}, Scheme: "coaps"},
		{Href: PathDoxm, RT: []string{RTDoxm}, IF: []string{IfRW}, Scheme: "coap"},
		{Href: PathPstat, RT: []string{RTPstat}, IF: []string{IfRW}, Scheme: "coaps", Endpoints: eps[:1]},
	}}
	links, problems, err := DecodeRes(res.AppendCBOR(nil, InterfaceDefault))
	if problems != nil || err != nil {
		t.Fatal(problems, err)
	}
	var got [][]string
	for _, l := range links {
		got = append(got, l.Endpoints)
	}
	if diff := cmp.Diff([][]string{eps, eps[1:3], eps[:1], eps[:1]}, got); diff != "" {
		t.Error(diff)
	}
}
