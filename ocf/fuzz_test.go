package ocf

import (
	"testing"

	"github.com/fxamacker/cbor/v2"
	"github.com/google/go-cmp/cmp"
)

// seed adds the wire files of the given kinds.
func seed(f *testing.F, kinds ...string) {
	for _, w := range wires(f) {
		for _, kind := range kinds {
			if w.kind == kind {
				f.Add(w.bytes)
			}
		}
	}
}

// general is how another decoder reads a map; nil where it refuses.
func general(payload []byte) map[string]any {
	mode := mustDecMode(cbor.DecOptions{DupMapKey: cbor.DupMapKeyEnforcedAPF, UTF8: cbor.UTF8DecodeInvalid})
	var m map[string]any
	if err := mode.Unmarshal(payload, &m); err != nil {
		return nil
	}
	return m
}

func FuzzDecodePstat(f *testing.F) {
	seed(f, "pstat", "update")
	f.Fuzz(func(t *testing.T, payload []byte) {
		p, problems, err := DecodePstat(payload)
		if err != nil {
			if p != (Pstat{}) || problems != nil {
				t.Fatalf("an error and %+v, %v", p, problems)
			}
			return
		}
		if p.Present == 0 {
			return
		}
		again, problems, err := DecodePstat(p.AppendCBOR(nil, InterfaceRW))
		if err != nil || again != p {
			t.Fatalf("%+v became %+v, %v", p, again, err)
		}
		if p.Present.Has(PropRequired&^PropP) && len(problems) > 0 {
			t.Fatalf("what was encoded has problems: %v", problems)
		}
	})
}

func FuzzDecodePstatUpdate(f *testing.F) {
	seed(f, "pstat", "update")
	f.Fuzz(func(t *testing.T, payload []byte) {
		u, err := DecodePstatUpdate(payload)
		if err != nil {
			if u != (PstatUpdate{}) {
				t.Fatalf("an error and %+v", u)
			}
			return
		}
		again, err := DecodePstatUpdate(u.AppendCBOR(nil))
		if err != nil || again != u {
			t.Fatalf("%+v became %+v, %v", u, again, err)
		}
		m := general(payload)
		if m == nil {
			t.Fatalf("another decoder refuses what gave %+v", u)
		}
		for name, mode := range map[string]struct {
			bit Properties
			is  DPM
		}{"tm": {PropTM, u.TM}, "cm": {PropCM, u.CM}} {
			n, ok := m[name].(uint64)
			if ok != u.Set.Has(mode.bit) || n != uint64(mode.is) {
				t.Fatalf("%s is %v to another decoder, here %+v", name, m[name], u)
			}
		}
	})
}

func FuzzDecodeResources(f *testing.F) {
	seed(f, "doxm", "res", "d", "p")
	f.Fuzz(func(t *testing.T, payload []byte) {
		if links, problems, err := DecodeRes(payload); err == nil && len(problems) == 0 {
			again, problems, err := DecodeRes((&Res{Links: links}).AppendCBOR(nil, InterfaceDefault))
			if diff := cmp.Diff(links, again); diff != "" || len(problems) > 0 || err != nil {
				t.Fatal(diff, problems, err)
			}
		}
		if x, problems, err := DecodeDoxm(payload); err == nil && len(problems) == 0 {
			again, problems, err := DecodeDoxm(x.AppendCBOR(nil, InterfaceBaseline))
			if diff := cmp.Diff(x, again); diff != "" || len(problems) > 0 || err != nil {
				t.Fatal(diff, problems, err)
			}
		}
		if d, problems, err := DecodeD(payload); err == nil && len(problems) == 0 {
			again, problems, err := DecodeD(d.AppendCBOR(nil, InterfaceBaseline))
			if diff := cmp.Diff(d, again); diff != "" || len(problems) > 0 || err != nil {
				t.Fatal(diff, problems, err)
			}
		}
		if p, problems, err := DecodeP(payload); err == nil && len(problems) == 0 {
			again, problems, err := DecodeP(p.AppendCBOR(nil, InterfaceDefault))
			if diff := cmp.Diff(p, again); diff != "" || len(problems) > 0 || err != nil {
				t.Fatal(diff, problems, err)
			}
		}
	})
}

func FuzzText(f *testing.F) {
	for _, text := range []string{"-", "V", "U", "V+U", "0x2", "V+0x4000", "65535", "tm=V cm=- dos=RFNOP", "cm=U"} {
		f.Add(text)
	}
	f.Fuzz(func(t *testing.T, text string) {
		if m, err := ParseDPM(text); err == nil {
			if again, err := ParseDPM(m.String()); err != nil || again != m {
				t.Fatalf("%q is %v, and that is %v, %v", text, m, again, err)
			}
		}
		if p, err := ParsePstatText(text); err == nil {
			again, err := ParsePstatText(p.String())
			if err != nil || again.TM != p.TM || again.CM != p.CM || again.DOS != p.DOS {
				t.Fatalf("%q is %v, and that is %v, %v", text, p, again, err)
			}
		}
	})
}

func TestEveryMaskHasOneText(t *testing.T) {
	seen := make(map[string]bool, 1<<16)
	for n := range 1 << 16 {
		m := DPM(n)
		if seen[m.String()] {
			t.Fatalf("%v is the text of two masks", m)
		}
		seen[m.String()] = true
		if got, err := ParseDPM(m.String()); err != nil || got != m {
			t.Fatalf("%v: got %v, %v", m, got, err)
		}
	}
}
