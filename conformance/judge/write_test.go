package judge

import (
	"testing"

	"github.com/ocfsim/ocfsim/ocf"
)

// A write is understood where it is a map, in a format of CBOR, that names a
// property once. What is not understood so far asks for nothing.
func TestWhatIsUnderstoodOfAWrite(t *testing.T) {
	number := func(n uint64) value { return value{major: ocf.MajorUint, arg: n} }
	one := func(name string, v value) []field { return []field{{name, v}} }
	state := func(v value) value { return value{major: ocf.MajorMap, fields: one("s", v)} }
	text := value{major: ocf.MajorText, arg: 1, text: "V"}
	type understood struct{ dos, mask, odd, rest, result bool }
	for name, c := range map[string]struct {
		fields []field
		want   understood
	}{
		"tm":                 {one("tm", number(64)), understood{mask: true}},
		"tm that fits not":   {one("tm", number(1)), understood{}},
		"tm of 16 bits":      {one("tm", number(0xffff)), understood{}},
		"tm of 17 bits":      {one("tm", number(0x10000)), understood{odd: true}},
		"tm in words":        {one("tm", text), understood{odd: true}},
		"tm and om":          {[]field{{"tm", number(64)}, {"om", number(4)}}, understood{}},
		"tm in words and om": {[]field{{"tm", text}, {"om", number(4)}}, understood{}},
		"tm twice":           {[]field{{"tm", text}, {"tm", text}}, understood{}},
		"om":                 {one("om", number(4)), understood{rest: true}},
		"om twice":           {[]field{{"om", number(4)}, {"om", number(4)}}, understood{}},
		"dos":                {one("dos", state(number(3))), understood{dos: true}},
		"dos of 8 bits":      {one("dos", state(number(0xff))), understood{dos: true}},
		"dos of 9 bits":      {one("dos", state(number(0x100))), understood{}},
		"dos in words":       {one("dos", state(text)), understood{}},
		"dos without s":      {one("dos", value{major: ocf.MajorMap}), understood{}},
		"dos with two s":     {one("dos", value{major: ocf.MajorMap, fields: []field{{"s", number(3)}, {"s", number(3)}}}), understood{}},
		"cm":                 {one("cm", number(64)), understood{result: true}},
		"cm twice":           {[]field{{"cm", number(64)}, {"cm", number(64)}}, understood{}},
		"cm in words":        {one("cm", text), understood{}},
		"cm of other bits":   {one("cm", number(1)), understood{}},
		"cm and tm":          {[]field{{"cm", number(64)}, {"tm", number(64)}}, understood{}},
		"cm and tm of none":  {[]field{{"cm", number(64)}, {"tm", number(0)}}, understood{result: true}},
		"nothing":            {nil, understood{}},
	} {
		of := func(w write) understood {
			_, dos := w.dos()
			return understood{dos, w.writesMask(func(m ocf.DPM) bool { return m == ocf.SVV }), w.oddValue(), w.leavesTM(), w.result() != 0}
		}
		w := write{body: value{major: ocf.MajorMap, fields: c.fields}, ok: true, framed: true}
		if got := of(w); got != c.want {
			t.Errorf("%s: %+v, want %+v", name, got, c.want)
		}
		w.framed = false
		if got := of(w); got != (understood{}) {
			t.Errorf("%s, in no format of CBOR: %+v", name, got)
		}
		w.framed, w.ok = true, false
		if got := of(w); got != (understood{}) {
			t.Errorf("%s, and no map: %+v", name, got)
		}
	}
}

// Between two entries is after the one and before the other.
func TestWritesBetween(t *testing.T) {
	s := storyOf(t, "get tm=- cm=- dos=RFNOP\npost tm=V 2.04\npost tm=V 4.00\npost dos=RFPRO 2.04\npost dos=RFNOP 4.00\npost tm=U 2.04\n") // 2-3, 4-5, 6-7, 8-9, 10-11
	for _, c := range []struct{ from, upto, want int }{{1, 3, 1}, {2, 12, 0}, {1, 2, 0}, {1, 12, 1}} {
		if got := s.requests(ocf.SVV, c.from, c.upto); got != c.want {
			t.Errorf("%d requests for a check between %d and %d, want %d", got, c.from, c.upto, c.want)
		}
	}
	for _, c := range []struct {
		from, upto int
		want       bool
	}{{0, 2, false}, {0, 3, true}, {1, 3, true}, {2, 3, false}, {3, 4, false}, {10, 11, false}, {11, 12, false}} {
		if got := s.wroteIn(c.from, c.upto); got != c.want {
			t.Errorf("written between %d and %d: %v", c.from, c.upto, got)
		}
	}
	s.writes[0].end = 9 // an answer that took long
	for from, want := range map[int]bool{7: true, 8: true, 9: false} {
		if got := s.wroteIn(from, from+1); got != want {
			t.Errorf("an answer was awaited at %d: %v", from, got)
		}
	}
	wantEach(t, "whether dos may move", s.mayMove, map[int]bool{6: false, 7: true})
	wantEach(t, "what was written to tm", s.written, map[int]ocf.DPM{2: 0, 3: ocf.SVV, 10: ocf.SVV, 11: ocf.SVV | ocf.SSU})
	s.writes = s.writes[3:] // one that was refused, and an update
	wantEach(t, "whether dos may move for an update", s.mayMove, map[int]bool{10: false, 11: true})
}
