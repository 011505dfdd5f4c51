package reports

import (
	"encoding/hex"
	"math"
	"strings"
	"testing"
	"unicode"

	"github.com/ocfsim/ocfsim/ocf"
)

func TestPayloadText(t *testing.T) {
	pstat := ocf.Pstat{DOS: ocf.RFPRO, TM: ocf.SVV | 0x4000, CM: ocf.SSU, OM: 4, SM: 4}
	for _, c := range []struct{ hex, want string }{
		{"", ""},
		{"a162746d1840", "tm=V"},
		{"a162746d00", "tm=-"},
		{"a162746d194040", "tm=V+0x4000"},
		{"a162746d1a00010000", "tm=65536"},
		{"a162746d20", "tm=-1"},
		{"a162746d3bffffffffffffffff", "tm=-18446744073709551616"},
		{"a162746d623634", `tm="64"`},
		{"a162746df95400", "tm=64.0"},
		{"a162746d811840", "tm=[64]"},
		{"a162746df6", "tm=null"},
		{"a262746d184062746d1880", "tm=V tm=U"},
		{"a0", "{}"},
		{"a163646f73a161730361", "h'a163646f73a161730361'"}, // cut off
		{"a163646f73a26173036170f4", "dos=RFNOP"},
		{"a163646f73a26173036170f5", "dos=RFNOP dos.p=true"},
		{"a163646f73a1617307", "dos=7"},
		{"a163646f73a161736152", `dos.s="R"`},
		{"bf62746d1840ff", "tm=V"},
		{"a142746d01", "h'746d'=1"},
		{"a101f97e00", "1=NaN"},
		{"a101f97c00", "1=+Inf"},
		{"a101f90001", "1=5.960464477539063e-08"},
		{"a101fb3ff0000000000000", "1=1.0"},
		{"a101f7", "1=undefined"},
		{"a101f0", "1=simple(16)"},
		{"82a1616101c24101", `[{"a": 1}, 2(h'01')]`},
		{"a1616165e280ae3c62", `a="\u202e<b"`},
		{"3c2f7265733e3b69663d3022", `</res>;if=0"`},
		{"ff00", "h'ff00'"},
	} {
		data, err := hex.DecodeString(c.hex)
		if err != nil {
			t.Fatal(err)
		}
		if got := payloadText(data); got != c.want {
			t.Errorf("%s: %s, expected %s", c.hex, got, c.want)
		}
	}
	want := `dos=RFPRO isop=false cm=U tm=V+0x4000 om=4 sm=4 rowneruuid="00000000-0000-0000-0000-000000000000"`
	if got := payloadText(pstat.AppendCBOR(nil, ocf.InterfaceDefault)); got != want {
		t.Errorf("%s, expected %s", got, want)
	}
}

func TestHalf(t *testing.T) {
	for b, want := range map[uint16]float64{0: 0, 0x3c00: 1, 0xc000: -2, 0x7bff: 65504, 0x0400: math.Pow(2, -14)} {
		if got := half(b); got != want {
			t.Errorf("%#x: %v, expected %v", b, got, want)
		}
	}
}

func FuzzPayloadText(f *testing.F) {
	f.Add([]byte{0xa1, 0x62, 't', 'm', 0x18, 0x40})
	f.Add([]byte(strings.Repeat("\x9f", 1<<10)))
	f.Add([]byte{0xbf, 0x7f, 0x61, 'a', 0xff, 0x5f, 0x41, 1, 0xff, 0xff})
	f.Add([]byte{0x9b, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff})
	f.Fuzz(func(t *testing.T, data []byte) {
		for _, r := range payloadText(data) {
			if unicode.IsControl(r) || r == '\u202e' {
				t.Fatalf("%q in the text of %x", r, data)
			}
		}
	})
}

func TestClean(t *testing.T) {
	for in, want := range map[string]string{
		"": "", "Lampe für Müller": "Lampe für Müller", "a\nb": `a\nb`, "\x1b[2J": `\x1b[2J`, "\xff": `\xff`, "\u200b": `\u200b`, "\u2028": `\u2028`,
		"'": "'", "日本": "日本",
	} {
		if got := clean(in); got != want {
			t.Errorf("%q: %s, expected %s", in, got, want)
		}
	}
}

func TestAnchorsStayApart(t *testing.T) {
	seen := map[string]string{}
	for _, s := range []string{"a b", "a_b", "a_20b", "a.b", "a", "A", "é", "", `"><script>`} {
		a := anchor("x-", s)
		if was, ok := seen[a]; ok {
			t.Errorf("%q and %q have the same anchor", was, s)
		}
		seen[a] = s
		if strings.Trim(a, "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789.-_") != "" {
			t.Errorf("anchor %q", a)
		}
	}
}
