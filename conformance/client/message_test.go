package client

import (
	"encoding/hex"
	"fmt"
	"strings"
	"testing"
)

// What a datagram says, written by hand from RFC 7252 section 3 and RFC 7959 section 2.2.
func TestReadMessage(t *testing.T) {
	for name, c := range map[string]struct{ datagram, want string }{
		"empty":                  {"40 00 1234", "CON 0.00 4660"},
		"an ACK":                 {"60 00 0007", "ACK 0.00 7"},
		"a RST":                  {"70 00 ffff", "RST 0.00 65535"},
		"a NON GET":              {"52 01 0001 aabb b3'oic'", "NON GET 1 token=aabb path=/oic"},
		"a POST":                 {"40 02 0001 b3'oic' 03'sec' 05'pstat' 122710 ff a0", "CON POST 1 path=/oic/sec/pstat format=10000 payload=a0"},
		"a PUT and a DELETE":     {"40 03 0001", "CON PUT 1 path=/"},
		"a DELETE":               {"40 04 0001", "CON DELETE 1 path=/"},
		"FETCH":                  {"40 05 0001", "CON 0.05 1 path=/"},
		"an answer":              {"60 45 0001 60", "ACK 2.05 1 observe=0"},
		"an Observe number":      {"50 45 0001 63 ffffff", "NON 2.05 1 observe=16777215"},
		"5.03 with Max-Age":      {"60 a3 0001 d1 01 0a", "ACK 5.03 1 max-age=10"},
		"a query":                {"40 01 0001 b1'a' 41'b' 01'c'", "CON GET 1 path=/a query=b&c"},
		"Accept and OCF's":       {"40 01 0001 d2 04 2710 e2 06e3 0800", "CON GET 1 path=/ accept=10000 accept-version=2048"},
		"a format and its":       {"40 02 0001 c2 2710 e2 06ec 0800 ff 00", "CON POST 1 path=/ format=10000 version=2048 payload=00"},
		"block 3 of 64, more":    {"40 02 0001 d1 0e 3a", "CON POST 1 path=/ block=3/64+"},
		"block 300 of 1024":      {"40 02 0001 d2 0e 12c6", "CON POST 1 path=/ block=300/1024"},
		"block 300 of 512":       {"40 02 0001 d2 0e 12c5", "CON POST 1 path=/ block=300/512"},
		"a long delta, no value": {"40 01 0001 d0 00", "CON GET 1 path=/"},
		"a longer one":           {"40 01 0001 e0 0000", "CON GET 1 path=/"},
		"Observe of 4 bytes":     {"40 01 0001 64 05060708", "CON GET 1 path=/ observe=395016"},
		"a value of 13 bytes":    {"40 01 0001 bd 00 '0123456789abc'", "CON GET 1 path=/0123456789abc"},
		"an unknown option":      {"40 01 0001 d1 33 01", "CON GET 1 path=/"},
		"a number of 5 bytes":    {"40 01 0001 65 0102030405", "CON GET 1 path=/"},
		"a token of 8 bytes":     {"48 01 0001 0102030405060708", "CON GET 1 token=0102030405060708 path=/"},
		"too short":              {"40 01 00", "shorter than a header"},
		"another version":        {"80 01 0001", "version 2"},
		"a token of 9 bytes":     {"49 01 0001 010203040506070809", "a token of 9 bytes"},
		"a token that is cut":    {"42 01 0001 aa", "a token of 2 bytes"},
		"nothing after ff":       {"40 01 0001 ff", "a payload marker without a payload"},
		"a value that is cut":    {"40 01 0001 b3 'oi'", "an option is cut off"},
		"a delta that is cut":    {"40 01 0001 d1", "an option is cut off"},
		"a long delta, cut":      {"40 01 0001 e1 01", "an option is cut off"},
		"a length that is cut":   {"40 01 0001 1d", "an option is cut off"},
		"a long length, cut":     {"40 01 0001 1e 00", "an option is cut off"},
		"a reserved delta":       {"40 01 0001 f1 00", "an option with a reserved length"},
		"a reserved length":      {"40 01 0001 1f 00", "an option with a reserved length"},
		"a length beyond a byte": {"40 01 0001 be 0000" + strings.Repeat("61", 269), "CON GET 1 path=/" + strings.Repeat("a", 269)},
	} {
		m, err := read(bytesOf(t, c.datagram))
		got := m.String()
		if err != nil {
			got = err.Error()
		}
		if got != c.want {
			t.Errorf("%s: %s, want %s", name, got, c.want)
		}
	}
}

// String is all that was read.
func (m message) String() string {
	f := m.frame
	out := fmt.Sprintf("%s %s %d", f.Type, f.Code, f.MID)
	add := func(there bool, format string, args ...any) {
		if there {
			out += fmt.Sprintf(format, args...)
		}
	}
	add(len(f.Token) > 0, " token=%x", []byte(f.Token))
	add(f.Path != "", " path=%s", f.Path)
	add(f.Query != "", " query=%s", f.Query)
	if f.Observe != nil {
		add(true, " observe=%d", *f.Observe)
	}
	if m.maxAge != nil {
		add(true, " max-age=%d", *m.maxAge)
	}
	for _, n := range []struct {
		name  string
		value *uint16
	}{{"format", f.Format}, {"accept", m.accept}, {"version", m.version}, {"accept-version", m.acceptVersion}} {
		if n.value != nil {
			add(true, " %s=%d", n.name, *n.value)
		}
	}
	if b := m.block1; b != nil {
		add(true, " block=%d/%d", b.num, b.size)
		add(b.more, "+")
	}
	add(len(f.Payload) > 0, " payload=%x", []byte(f.Payload))
	return out
}

// bytesOf reads hexadecimal with text in quotes.
func bytesOf(t *testing.T, text string) []byte {
	var out []byte
	for i, part := range strings.Split(text, "'") {
		if i%2 == 1 {
			out = append(out, part...)
			continue
		}
		b, err := hex.DecodeString(strings.ReplaceAll(part, " ", ""))
		if err != nil {
			t.Fatalf("%s: %v", text, err)
		}
		out = append(out, b...)
	}
	return out
}
