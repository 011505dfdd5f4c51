package ocf

import (
	"encoding/hex"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

// wire is a file of fixtures/wire: bytes written by hand from the published
// schemas, and what they say. "#" begins a comment, "#:" a line that a test reads.
type wire struct {
	name    string
	kind    string
	encodes string   // the interface whose encoding gives exactly these bytes
	says    []string // the other lines
	bytes   []byte
}

// wires reads all files of fixtures/wire.
func wires(t testing.TB) []wire {
	t.Helper()
	names, err := filepath.Glob("../fixtures/wire/*.hex")
	if err != nil || len(names) < 50 {
		t.Fatalf("%d wire files, %v", len(names), err)
	}
	var all []wire
	for _, name := range names {
		text, err := os.ReadFile(name)
		if err != nil {
			t.Fatal(err)
		}
		w := wire{name: strings.TrimSuffix(filepath.Base(name), ".hex")}
		for line := range strings.Lines(string(text)) {
			if err := w.read(strings.TrimSpace(line)); err != nil {
				t.Fatalf("%s: %v", name, err)
			}
		}
		all = append(all, w)
	}
	return all
}

// read takes one line of the file.
func (w *wire) read(line string) error {
	if says, ok := strings.CutPrefix(line, "#: "); ok {
		key, value, _ := strings.Cut(says, " ")
		switch key {
		case "kind":
			w.kind = value
		case "encodes":
			w.encodes = value
		default:
			w.says = append(w.says, says)
		}
		return nil
	}
	code, _, _ := strings.Cut(line, "#")
	b, err := hex.DecodeString(strings.Join(strings.Fields(code), ""))
	w.bytes = append(w.bytes, b...)
	return err
}

// interfaces are the words behind "encodes".
var interfaces = map[string]Interface{
	"rw": InterfaceRW, "r": InterfaceDefault, "ll": InterfaceDefault, "baseline": InterfaceBaseline,
}

func TestWire(t *testing.T) {
	for _, w := range wires(t) {
		t.Run(w.name, func(t *testing.T) {
			var got []string
			var encode func(dst []byte, iface Interface) []byte
			switch w.kind {
			case "pstat":
				got, encode = sayPstat(t, w.bytes)
			case "update":
				got, encode = sayUpdate(w.bytes)
			case "doxm":
				got, encode = sayDoxm(t, w.bytes)
			case "res":
				got, encode = sayRes(t, w.bytes)
			case "d":
				got, encode = sayD(t, w.bytes)
			case "p":
				got, encode = sayP(t, w.bytes)
			default:
				say, ok := securityKinds[w.kind]
				if !ok {
					t.Fatalf("unknown kind %q", w.kind)
				}
				got, encode = say(t, w.bytes)
			}
			if diff := cmp.Diff(w.says, got); diff != "" {
				t.Error(diff)
			}
			if w.encodes == "" {
				return
			}
			if b := encode(nil, interfaces[w.encodes]); !slices.Equal(b, w.bytes) {
				t.Errorf("encodes as\n%x, want\n%x", b, w.bytes)
			}
		})
	}
}

func sayPstat(t *testing.T, b []byte) ([]string, func([]byte, Interface) []byte) {
	p, problems, err := DecodePstat(b)
	if err != nil {
		t.Fatal(err)
	}
	says := []string{"text " + p.String(), "p absent"}
	if p.Present.Has(PropP) {
		says[1] = fmt.Sprintf("p %v", p.Pending)
	}
	for _, q := range []struct {
		bit  Properties
		name string
		v    any
	}{{PropISOP, "isop", p.ISOP}, {PropOM, "om", p.OM}, {PropSM, "sm", p.SM}, {PropRowner, "rowneruuid", p.Rowner}} {
		if p.Present.Has(q.bit) {
			says = append(says, fmt.Sprintf("%s %v", q.name, q.v))
		}
	}
	return sayProblems(says, problems), p.AppendCBOR
}

func sayUpdate(b []byte) ([]string, func([]byte, Interface) []byte) {
	u, err := DecodePstatUpdate(b)
	encode := func(dst []byte, _ Interface) []byte { return u.AppendCBOR(dst) }
	if err != nil {
		says, _, _ := strings.Cut(err.Error(), " is no CBOR: ")
		if says == "payload" {
			says = "payload is no CBOR"
		}
		return []string{"error " + says}, encode
	}
	says := "set"
	for _, q := range []struct {
		bit  Properties
		name string
		v    any
	}{
		{PropDOS, "dos.s", uint8(u.DOS)},
		{PropP, "dos.p", u.P},
		{PropISOP, "isop", u.ISOP},
		{PropCM, "cm", uint16(u.CM)},
		{PropTM, "tm", uint16(u.TM)},
		{PropOM, "om", u.OM},
		{PropSM, "sm", u.SM},
		{PropRowner, "rowneruuid", u.Rowner},
	} {
		if u.Set.Has(q.bit) {
			says += fmt.Sprintf(" %s=%v", q.name, q.v)
		}
	}
	return []string{says}, encode
}

func sayDoxm(t *testing.T, b []byte) ([]string, func([]byte, Interface) []byte) {
	x, problems, err := DecodeDoxm(b)
	if err != nil {
		t.Fatal(err)
	}
	oxms := "oxms"
	for _, oxm := range x.OXMs {
		oxms += fmt.Sprint(" ", oxm)
	}
	return sayProblems([]string{
		oxms,
		fmt.Sprint("oxmsel ", x.OXMSel),
		fmt.Sprint("sct ", x.SCT),
		fmt.Sprint("owned ", x.Owned),
		fmt.Sprint("deviceuuid ", x.Device),
		fmt.Sprint("devowneruuid ", x.DevOwner),
		fmt.Sprint("rowneruuid ", x.Rowner),
	}, problems), x.AppendCBOR
}

func sayRes(t *testing.T, b []byte) ([]string, func([]byte, Interface) []byte) {
	links, problems, err := DecodeRes(b)
	if err != nil {
		t.Fatal(err)
	}
	var says []string
	for _, l := range links {
		eps := "-"
		if len(l.Endpoints) > 0 {
			eps = strings.Join(l.Endpoints, ",")
		}
		says = append(says, fmt.Sprintf("link %v %s %s %s bm=%d %s",
			l.DI, l.Href, strings.Join(l.RT, ","), strings.Join(l.IF, ","), l.BM, eps))
	}
	return sayProblems(says, problems), (&Res{Links: links}).AppendCBOR
}

func sayD(t *testing.T, b []byte) ([]string, func([]byte, Interface) []byte) {
	d, problems, err := DecodeD(b)
	if err != nil {
		t.Fatal(err)
	}
	return sayProblems([]string{
		"n " + d.Name, fmt.Sprint("di ", d.DI), "icv " + d.ICV, "dmv " + d.DMV, fmt.Sprint("piid ", d.PIID),
		strings.TrimSpace("sv " + d.SV),
	}, problems), d.AppendCBOR
}

func sayP(t *testing.T, b []byte) ([]string, func([]byte, Interface) []byte) {
	p, problems, err := DecodeP(b)
	if err != nil {
		t.Fatal(err)
	}
	return sayProblems([]string{
		fmt.Sprint("pi ", p.PI), "mnmn " + p.MNMN, strings.TrimSpace("mnfv " + p.MNFV),
	}, problems), p.AppendCBOR
}

func sayProblems(says []string, problems []Problem) []string {
	for _, p := range problems {
		says = append(says, "problem "+p.String())
	}
	return says
}
