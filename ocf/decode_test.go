package ocf

import (
	"encoding/hex"
	"strings"
	"testing"
)

func TestDecodePstatUpdateTakes(t *testing.T) {
	for name, c := range map[string]struct {
		hex  string
		want PstatUpdate
	}{
		"{}":               {"a0", PstatUpdate{}},
		"indefinite {}":    {"bfff", PstatUpdate{}},
		"tm 64":            {"a162746d1840", PstatUpdate{Set: PropTM, TM: SVV}},
		"tm 0":             {"a162746d00", PstatUpdate{Set: PropTM}},
		"tm 65535":         {"a162746d19ffff", PstatUpdate{Set: PropTM, TM: 0xffff}},
		"tm 64 in 8 bytes": {"a162746d1b0000000000000040", PstatUpdate{Set: PropTM, TM: SVV}},
		"key in chunks":    {"a17f6174616dff1840", PstatUpdate{Set: PropTM, TM: SVV}},
		"dos in chunks":    {"bf63646f73bf617303ffff", PstatUpdate{Set: PropDOS, DOS: RFNOP}},
		"dos.p alone":      {"a163646f73a16170f5", PstatUpdate{Set: PropP, P: true}},
		"cm, isop, om, sm": {"a462636d01646973 6f70f5626f6d0462736d04", PstatUpdate{Set: PropCM | PropISOP | PropOM | PropSM, CM: 1, ISOP: true, OM: 4, SM: 4}},
		"uuid with NUL": {
			"a16a726f776e6572757569647825" + hex.EncodeToString([]byte(owner.String())) + "00",
			PstatUpdate{Set: PropRowner, Rowner: owner},
		},
	} {
		got, err := DecodePstatUpdate(unhex(t, c.hex))
		if err != nil || got != c.want {
			t.Errorf("%s: got %+v, %v; want %+v", name, got, err, c.want)
		}
	}
}

func TestDecodePstatUpdateRefuses(t *testing.T) {
	deep := strings.Repeat("81", MaxNesting) + "00"
	for name, c := range map[string]struct{ hex, want string }{
		"nothing":             {"", "empty payload"},
		"no CBOR":             {"a1", "payload is no CBOR"},
		"an array":            {"8100", "payload: want map, got array"},
		"a number":            {"1840", "payload: want map, got unsigned integer 64"},
		"bytes behind":        {"a162746d184000", "1 bytes follow the update"},
		"tm 64.0":             {"a162746dfb4050000000000000", "tm: want unsigned integer 0 to 65535, got float 64"},
		"tm 64.0 in 16 bits":  {"a162746df95400", "tm: want unsigned integer 0 to 65535, got float 64"},
		"tm -1":               {"a162746d20", "tm: want unsigned integer 0 to 65535, got negative integer -1"},
		"tm -2^64":            {"a162746d3bffffffffffffffff", "got negative integer of 64 bits"},
		"tm 65536":            {"a162746d1a00010000", "got unsigned integer 65536"},
		"tm 2^63":             {"a162746d1b8000000000000000", "got unsigned integer 9223372036854775808"},
		"tm bignum 64":        {"a162746dc24140", "got tag 2"},
		"tm \"64\"":           {"a162746d623634", `tm: want unsigned integer 0 to 65535, got text string "64"`},
		"tm h'40'":            {"a162746d4140", "got byte string h'40'"},
		"tm true":             {"a162746df5", "got true"},
		"tm null":             {"a162746df6", "got null"},
		"tm undefined":        {"a162746df7", "got undefined"},
		"tm [64]":             {"a162746d811840", "got array"},
		"tm {}":               {"a162746da0", "got map"},
		"tm twice":            {"a262746d184062746d00", "tm: want each property once, got duplicate key"},
		"dos twice":           {"a263646f73a1617303 63646f73a1617302", "dos: want each property once"},
		"dos.s twice":         {"a163646f73a2617303617303", "dos.s: want each property once"},
		"dos 3":               {"a163646f7303", "dos: want map, got unsigned integer 3"},
		"dos {}":              {"a163646f73a0", "dos.s: want unsigned integer 0 to 4, got missing"},
		"dos.s 9":             {"a163646f73a1617309", "dos.s: want unsigned integer 0 to 4, got unsigned integer 9"},
		"dos.x":               {"a163646f73a2617303617800", `dos: "x": unknown property`},
		"dos.1":               {"a163646f73a10103", `dos: "unsigned integer 1": unknown property`},
		"tmx":                 {"a163746d781840", `"tmx": unknown property`},
		"TM":                  {"a162544d1840", `"TM": unknown property`},
		"t":                   {"a161741840", `"t": unknown property`},
		"a number as key":     {"a1001840", "key: want text string, got unsigned integer 0"},
		"tm as bytes":         {"a142746d1840", "key: want text string, got byte string h'746d'"},
		"rt":                  {"a1627274816b6f69632e722e7073746174", "rt: read-only property"},
		"n":                   {"a1616e6161", "n: read-only property"},
		"om 256":              {"a1626f6d190100", "om: want unsigned integer 0 to 255"},
		"isop 1":              {"a16469736f7001", "isop: want true or false, got unsigned integer 1"},
		"rowneruuid \"\"":     {"a16a726f776e65727575696460", "rowneruuid: want text string that is a uuid"},
		"unknown behind good": {"a262746d1840617800", `"x": unknown property`},
		"nested too deep":     {"a16178" + deep, "payload is no CBOR"},
		"too long":            {"a16178" + "590800" + strings.Repeat("00", 2048), "at most 1024 are taken"},
		"length beyond end":   {"a162746d5bffffffffffffffff", "payload is no CBOR"},
		"map beyond end":      {"bbffffffffffffffff", "payload is no CBOR"},
	} {
		got, err := DecodePstatUpdate(unhex(t, c.hex))
		if err == nil || !strings.Contains(err.Error(), c.want) {
			t.Errorf("%s: got %v, want %q", name, err, c.want)
		}
		if got != (PstatUpdate{}) {
			t.Errorf("%s: values are left behind: %+v", name, got)
		}
	}
}

func TestDecodePstatTolerates(t *testing.T) {
	p := Pstat{DOS: RFNOP, ISOP: true, CM: SSU, OM: 4, SM: 4, Rowner: owner}
	good := p.AppendCBOR(nil, InterfaceRW)
	for name, c := range map[string]struct {
		payload  []byte
		tm       DPM
		problems string
	}{
		"bytes behind":     {append(good, 0, 0), 0, "payload: want one CBOR item, got 2 bytes more"},
		"unknown property": {replace(good, 0xa7, 0xa8, "\x63x.y\x01"), 0, ""},
		"tm as text":       {unhexReplace(t, good, "62746d00", "62746d623634"), 0, `tm: want unsigned integer 0 to 65535, got text string "64"`},
		"tm missing":       {unhexReplace(t, good, "62746d00", "62787800"), 0, "tm: want unsigned integer 0 to 65535, got missing"},
		"tm twice":         {replace(good, 0xa7, 0xa8, "\x62tm\x18\x40"), 0, "tm: want each property once, got duplicate key"},
		"tm 65535":         {unhexReplace(t, good, "62746d00", "62746d19ffff"), 0xffff, ""},
		"nothing": {[]byte{0xa0}, 0, "dos.s: want unsigned integer 0 to 4, got missing; isop: want true or false, got missing; " +
			"cm: want unsigned integer 0 to 65535, got missing; tm: want unsigned integer 0 to 65535, got missing; " +
			"om: want unsigned integer 0 to 255, got missing; sm: want unsigned integer 0 to 255, got missing; " +
			"rowneruuid: want text string that is a uuid, got missing"},
	} {
		got, problems, err := DecodePstat(c.payload)
		var list []string
		for _, p := range problems {
			list = append(list, p.String())
		}
		if err != nil || got.TM != c.tm || strings.Join(list, "; ") != c.problems {
			t.Errorf("%s: got tm=%v %q %v, want tm=%v %q", name, got.TM, list, err, c.tm, c.problems)
		}
		if wrong := c.problems != "" && strings.Contains(c.problems, "tm:"); wrong == got.Present.Has(PropTM) {
			t.Errorf("%s: tm is in Present: %v", name, !wrong)
		}
	}
}

func TestDecodePstatRefusesWhatIsNoMap(t *testing.T) {
	for _, payload := range []string{"", "80", "6161", "ff", "a1", "bf", "f6"} {
		if _, _, err := DecodePstat(unhex(t, payload)); err == nil {
			t.Errorf("%q was taken", payload)
		}
	}
}

func unhex(t *testing.T, s string) []byte {
	t.Helper()
	b, err := hex.DecodeString(strings.ReplaceAll(s, " ", ""))
	if err != nil {
		t.Fatal(err)
	}
	return b
}

// replace is b with another first byte and more behind.
func replace(b []byte, from, to byte, more string) []byte {
	if b[0] != from {
		panic("not the expected head")
	}
	return append(append([]byte{to}, b[1:]...), more...)
}

func unhexReplace(t *testing.T, b []byte, from, to string) []byte {
	t.Helper()
	return unhex(t, strings.Replace(hex.EncodeToString(b), from, to, 1))
}
