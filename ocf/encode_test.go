package ocf

import (
	"bytes"
	"math/rand/v2"
	"testing"

	"github.com/fxamacker/cbor/v2"
)

// wireDOS and wirePstat are pstat as a general encoder writes it.
type wireDOS struct {
	S uint8 `cbor:"s"`
	P bool  `cbor:"p"`
}

type wirePstat struct {
	DOS    wireDOS `cbor:"dos"`
	ISOP   bool    `cbor:"isop"`
	CM     uint16  `cbor:"cm"`
	TM     uint16  `cbor:"tm"`
	OM     uint8   `cbor:"om"`
	SM     uint8   `cbor:"sm"`
	Rowner string  `cbor:"rowneruuid"`
}

type wireBaseline struct {
	RT []string `cbor:"rt"`
	IF []string `cbor:"if"`
	wirePstat
}

var owner = UUID{0x12, 0x34, 0x56, 0x78, 0x9a, 0xbc, 0xde, 0xf0, 0x12, 0x34, 0x56, 0x78, 0x9a, 0xbc, 0xde, 0xf0}

func samples() []Pstat {
	var all []Pstat
	for _, tm := range []DPM{0, 1, SVV, SSU, SVV | SSU, 0x100, 0x4000, 0xffff} {
		for _, dos := range []DOS{RESET, RFOTM, RFPRO, RFNOP, SRESET} {
			all = append(all,
				Pstat{TM: tm, CM: SSU, DOS: dos, ISOP: dos == RFNOP, OM: 4, SM: 4, Rowner: owner},
				Pstat{CM: tm, DOS: dos, Pending: true, OM: 255, SM: 24})
		}
	}
	return all
}

// drawn are random states, most of which the template fits.
func drawn() []Pstat {
	rng := rand.New(rand.NewPCG(1, 2))
	var all []Pstat
	for range 2000 {
		p := Pstat{
			DOS: DOS(rng.IntN(5)), Pending: rng.IntN(2) == 0, ISOP: rng.IntN(2) == 0,
			CM: DPM(rng.IntN(1 << rng.IntN(17))), TM: DPM(rng.IntN(1 << rng.IntN(17))), OM: 4, SM: 4,
		}
		if rng.IntN(4) == 0 {
			p.DOS, p.OM, p.SM = DOS(rng.IntN(256)), uint8(rng.IntN(256)), uint8(rng.IntN(256))
		}
		for i := range p.Rowner {
			p.Rowner[i] = byte(rng.Uint32())
		}
		all = append(all, p)
	}
	return all
}

func TestAppendCBORIsWhatMarshalWrites(t *testing.T) {
	for _, p := range append(samples(), drawn()...) {
		wire := wirePstat{
			wireDOS{uint8(p.DOS), p.Pending},
			p.ISOP, uint16(p.CM), uint16(p.TM), p.OM, p.SM, p.Rowner.String(),
		}
		equalMarshal(t, p.AppendCBOR(nil, InterfaceRW), wire)
		equalMarshal(t, p.AppendCBOR(nil, InterfaceDefault), wire)
		equalMarshal(t, p.AppendCBOR(nil, InterfaceBaseline),
			wireBaseline{[]string{RTPstat}, []string{IfRW, IfBaseline}, wire})
	}
}

func equalMarshal(t *testing.T, got []byte, value any) {
	t.Helper()
	want, err := cbor.Marshal(value)
	if err != nil {
		t.Fatal(err)
	}
	if !bytes.Equal(got, want) {
		t.Errorf("%+v\n got %x\nwant %x", value, got, want)
	}
}

func TestPstatSurvivesTheWire(t *testing.T) {
	for _, p := range samples() {
		for _, iface := range []Interface{InterfaceDefault, InterfaceRW, InterfaceBaseline} {
			got, problems, err := DecodePstat(p.AppendCBOR(nil, iface))
			if err != nil || len(problems) > 0 {
				t.Fatalf("%v: %v %v", p, problems, err)
			}
			want := p
			want.Present = PropRequired
			if iface == InterfaceBaseline {
				want.Present |= PropRT | PropIF
			}
			if got != want {
				t.Errorf("got %+v, want %+v", got, want)
			}
		}
	}
}

func TestAppendCBORWritesWhatIsPresent(t *testing.T) {
	p := Pstat{TM: SVV, DOS: RFNOP, Present: PropTM | PropP}
	equalMarshal(t, p.AppendCBOR(nil, InterfaceRW), struct {
		DOS struct {
			P bool `cbor:"p"`
		} `cbor:"dos"`
		TM uint16 `cbor:"tm"`
	}{TM: 64})
}

func TestUpdateWritesExplicitZeros(t *testing.T) {
	u := PstatUpdate{Set: PropTM | PropDOS | PropOM}
	equalMarshal(t, u.AppendCBOR(nil), struct {
		DOS struct {
			S uint8 `cbor:"s"`
		} `cbor:"dos"`
		TM uint16 `cbor:"tm"`
		OM uint8  `cbor:"om"`
	}{})
	equalMarshal(t, PstatUpdate{}.AppendCBOR(nil), struct{}{})
}

func TestAppendCBORAllocatesNothing(t *testing.T) {
	p := Pstat{TM: SVV, DOS: RFNOP, ISOP: true, Rowner: owner}
	buf := make([]byte, 0, 224)
	allocs := testing.AllocsPerRun(100, func() { buf = p.AppendCBOR(buf[:0], InterfaceBaseline) })
	if allocs != 0 {
		t.Errorf("%v allocations", allocs)
	}
}

func BenchmarkAppendCBOR(b *testing.B) {
	p := Pstat{TM: SVV, DOS: RFNOP, ISOP: true, OM: 4, SM: 4, Rowner: owner}
	buf := make([]byte, 0, 224)
	b.ReportAllocs()
	for b.Loop() {
		buf = p.AppendCBOR(buf[:0], InterfaceRW)
	}
}

func BenchmarkDecodePstatUpdate(b *testing.B) {
	payload := PstatUpdate{Set: PropTM, TM: SVV}.AppendCBOR(nil)
	b.ReportAllocs()
	for b.Loop() {
		if _, err := DecodePstatUpdate(payload); err != nil {
			b.Fatal(err)
		}
	}
}
